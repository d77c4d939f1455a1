"""What a start signs anew, before members were asked: the mark's size, and what relieves beyond.

The note is not durable when it is shown, the mark is: a loss of power takes the note alone.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from unittest.mock import ANY, patch

import pytest

from adapters.errors import HighWaterError
from adapters.state.highwater import FileHighWater
from crypto.checkpoint import peek_checkpoint
from federation.errors import RefusedError
from federation.ids import MemberId
from federation.ports.store import LogHead
from federation.statements import Kind
from tests.support.marks import tear_newest
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
CITY, NEIGHBOUR, HUB = "510500", "510300", "510000"


@pytest.fixture
def city(federate: Federate) -> SimNode:
    """A node that has said three things and asks after each start from now on."""
    city = federate()[CITY]
    for number in (1, 2, 3):
        say(city, number)
    city.asks = True
    return city


def say(node: SimNode, number: int) -> bytes:
    return node.list_(listing(number, audience=node.audience()))


def head_of(node: SimNode) -> LogHead:
    with node.store.read() as session:
        head = session.head(node.origin)
    assert head is not None
    return head


def mark_of(node: SimNode) -> FileHighWater:
    return FileHighWater(node.directory / "state" / "high-water", node.origin)


def lose_note(node: SimNode, before: LogHead) -> None:
    """The power goes: the note is the one of before, the leaves and the mark are there."""
    head = head_of(node)
    with node.store.write() as session:
        session.set_head(replace(head, note=before.note, note_size=before.note_size))
    node.restart()


def commits_alone(node: SimNode, says: Callable[[], object]) -> None:
    """Commit statements, and let the process end before the mark moves."""

    def fails(_: object, __: object) -> None:
        raise HighWaterError("the process ends here")

    with (
        patch.object(node.publisher._mark._high_water, "advance", fails),
        pytest.raises(HighWaterError),
    ):
        says()
    node.restart()


def shown(node: SimNode) -> int:
    return peek_checkpoint(node.exchange.served()[node.origin].note).size


def refused(says: Callable[[], object]) -> str:
    try:
        says()
    except RefusedError as error:
        return error.code
    return ""


def test_a_note_that_was_lost_is_signed_anew_at_the_mark(city: SimNode) -> None:
    """The same size and root as were shown; it is no second statement."""
    before = head_of(city)
    say(city, 4)
    signed = city.exchange.served()[city.origin].note
    lose_note(city, before)
    assert shown(city) == 4
    assert peek_checkpoint(head_of(city).note) == peek_checkpoint(signed)
    assert mark_of(city).load() == (4, peek_checkpoint(signed).root)
    city.clock.advance(60)
    assert city.publisher.renew_head() is not None
    assert refused(lambda: say(city, 5)) == "own-log.unanswered"


def test_what_was_committed_beyond_the_mark_waits_for_an_answer(city: SimNode) -> None:
    """Also a request that is repeated: its answer would say that it is signed."""
    before = head_of(city)
    content = listing(4, audience=city.audience())

    def says() -> object:
        submission = city.registry.publish("4" * 32, [(int(Kind.LISTING), 0, b"", content)], "")
        return city.run(submission.unit)

    commits_alone(city, says)
    lose_note(city, replace(before, note_size=2))  # and the note at the mark is lost as well
    assert (shown(city), head_of(city).size) == (3, 4)
    assert refused(says) == "own-log.unanswered"
    city.clock.advance(60)
    assert city.publisher.renew_head() is not None
    city.exchange.published()
    assert (shown(city), mark_of(city).load()) == (3, (3, ANY))
    session = city.exchange.open_session(MemberId(HUB))
    city.exchange.take_heads(session, [], [])  # it holds nothing of our log
    assert shown(city) == 4
    assert refused(says) == ""


def test_what_relieves_beyond_the_mark_waits_for_nobody(city: SimNode) -> None:
    with city.store.read() as session:
        first = session.rows_between(head_of(city).log, 0, 1)[0].statement_id
    commits_alone(city, lambda: city.relieve(Kind.REPAIR, first))
    assert shown(city) == 4
    assert refused(lambda: say(city, 5)) == "own-log.unanswered"


def test_relief_takes_along_what_waits_before_it(city: SimNode) -> None:
    with city.store.read() as session:
        first = session.rows_between(head_of(city).log, 0, 1)[0].statement_id
    commits_alone(city, lambda: say(city, 4))
    assert shown(city) == 3
    city.relieve(Kind.REPAIR, first)
    assert shown(city) == 5


def test_no_head_line_over_less_than_the_mark(
    city: SimNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever keeps the note from being signed: an older one is not said to be the newest."""
    before = head_of(city)
    say(city, 4)
    head = head_of(city)
    with city.store.write() as session:
        session.set_head(replace(head, note=before.note, note_size=before.note_size))
    with monkeypatch.context() as alone:
        alone.setattr(city.publisher, "_must_wait", lambda: True)
        assert city.publisher.renew_head() is None
    note = city.publisher.renew_head()
    assert note is not None
    assert peek_checkpoint(note).size == 4


def test_a_mark_that_a_start_finds_is_written_before_it_is_relied_on(
    city: SimNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process before may have ended between write and sync, or been told that it failed."""
    before = head_of(city)
    say(city, 4)
    synced: list[int] = []

    def counted(descriptor: int) -> None:
        synced.append(head_of(city).note_size)
        os.fdatasync(descriptor)

    monkeypatch.setattr(SimNode, "sync_mark", lambda _, descriptor: counted(descriptor))
    lose_note(city, before)
    assert synced == [before.note_size]  # durable, then signed
    city.restart()
    assert len(synced) == 1  # where nothing is signed nothing is written


def test_a_sync_that_failed_is_done_again_before_anything_is_signed(
    city: SimNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's cache has the new mark then, and nobody knows what the disk has."""
    failing, synced = [True], [0]

    def sync(descriptor: int) -> None:
        if failing[0]:
            raise OSError(errno.EIO, "Input/output error")
        synced[0] += 1
        os.fdatasync(descriptor)

    monkeypatch.setattr(city.publisher._mark._high_water, "_sync", sync)
    with pytest.raises(HighWaterError):
        say(city, 4)
    assert mark_of(city).load() == (4, ANY)
    with pytest.raises(HighWaterError):
        city.publisher.renew_head()
    assert shown(city) == 3
    failing[0] = False
    city.publisher.renew_head()
    city.exchange.published()
    assert (shown(city), synced[0]) == (4, 1)


@pytest.mark.parametrize("by", ["members", "persons"])
def test_a_torn_mark_signs_nothing_before_two_have_answered(city: SimNode, by: str) -> None:
    city.store.close()
    tear_newest(mark_of(city)._path, city.origin)
    city.start()
    for says in (lambda: say(city, 4), lambda: city.relieve(Kind.REPAIR, bytes(16))):
        assert refused(says) == "high-water.missing"
    assert city.publisher.renew_head() is None
    if by == "persons":
        assert refused(lambda: city.publisher.go_on(["王演示"], "盘坏")) != ""
        city.publisher.go_on(["王演示", "李演示"], "盘坏（演示）")
    else:
        city.publisher.heard(MemberId(HUB), 3)
        assert city.publisher.refusal is not None
        city.publisher.heard(MemberId(NEIGHBOUR), 2)
    assert city.publisher.refusal is None
    assert mark_of(city).load() == (3, ANY)
    assert refused(lambda: say(city, 4)) == ""
