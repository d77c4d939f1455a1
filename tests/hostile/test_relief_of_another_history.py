"""Relief that stands only in the history of a forked log that a node does not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from federation.frames import Subscribe
from federation.payloads import Listing
from federation.rows import State
from federation.settling import SUPPRESSED
from federation.statements import Kind
from node.row_check import check_rows
from tests.support import charters as build
from tests.support.liar import HostileLog, Stream, invented, stored_leaves
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
VICTIM = "510500"


@dataclass
class Scene:
    """The victim has a copy of a record of the liar's log, and holds one of its two histories."""

    victim: SimNode
    stream: Stream
    one: HostileLog
    other: HostileLog
    content: Listing
    listed: bytes
    copy: bytes

    def fork(self) -> None:
        """Let the fork be known."""
        assert self.stream.send(self.other.head(2)) == ""
        assert self.victim.exchange.forked() == {self.one.origin}

    def asked(self) -> list[int]:
        """From where the victim asks for the liar's log now."""
        asked = self.victim.exchange.subscription(self.stream.session)
        cursors = asked.cursors if isinstance(asked, Subscribe) else ()
        return [cursor.size for cursor in cursors if cursor.origin == self.one.origin]

    def tags(self) -> int:
        with self.victim.store.read() as session:
            return len(session.entries("suppression"))


@pytest.fixture
def scene(federate: Federate) -> Scene:
    federation = federate(VICTIM, "510000")
    victim = federation[VICTIM]
    content = invented(victim, 1)
    copy = victim.list_(content)
    one = HostileLog()
    listed = one.list_(content)
    other = one.branch(1)
    one.list_(invented(victim, 2))
    one.list_(invented(victim, 3))
    stream = Stream(victim)
    assert stream.send(one.batch()) == ""
    return Scene(victim, stream, one, other, content, listed, copy)


def test_it_ends_the_copies_of_its_record(scene: Scene) -> None:
    scene.other.list_(invented(scene.victim, 12))
    scene.other.relieve(scene.content, scene.listed)
    scene.fork()
    assert scene.asked() == [0]
    assert scene.asked() == []
    held = stored_leaves(scene.victim)
    assert scene.stream.send(scene.other.batch(0)) == ""
    assert scene.victim.state(scene.copy) == State.REPAIRED
    with scene.victim.store.read() as session:
        rows = session.rows_by_id(None, [scene.copy, scene.listed])
    assert {(row.state, row.rule) for row in rows} == {(State.REPAIRED, SUPPRESSED)}
    assert stored_leaves(scene.victim) == held
    assert scene.victim.exchange.blamed() == {}
    assert (
        check_rows(
            scene.victim.store, scene.victim.ledger, whole=True, progress=lambda _o, _d, _s: None
        )
        == []
    )

    again = scene.victim.list_(invented(scene.victim, 1))  # without the checks of the registry
    assert scene.victim.state(again) == State.REPAIRED
    assert scene.tags() == 1
    scene.victim.restart()
    scene.stream = Stream(scene.victim)
    assert scene.stream.session.other == {scene.one.origin}
    assert scene.stream.send(scene.other.batch(0)) == ""
    assert scene.tags() == 1


def test_it_is_found_in_parts_and_our_own_history_goes_on(scene: Scene) -> None:
    for number in range(20, 30):
        scene.other.list_(invented(scene.victim, number))
    scene.other.relieve(scene.content, scene.listed)
    scene.fork()
    assert scene.asked() == [0]
    assert scene.stream.send(scene.other.batch(0, 4), scene.other.batch(4, 8)) == ""
    assert scene.victim.state(scene.copy) == State.ACTIVE
    assert scene.stream.send(scene.other.batch(8)) == ""
    assert scene.victim.state(scene.copy) == State.REPAIRED
    listed = scene.one.list_(invented(scene.victim, 4))
    assert scene.stream.send(scene.one.batch(3)) == ""
    assert scene.victim.state(listed) == State.ACTIVE


def test_while_no_fork_is_known_nothing_of_it_counts(scene: Scene) -> None:
    scene.other.relieve(scene.content, scene.listed)
    assert scene.asked() == []
    before = scene.victim.states()
    scene.stream.send(scene.other.batch(0, note=scene.one.note()))
    assert scene.victim.states() == before


def test_what_the_logs_key_did_not_sign_says_nothing(scene: Scene) -> None:
    scene.other.list_(invented(scene.victim, 12))
    scene.fork()
    scene.asked()
    scene.other.relieve(scene.content, scene.listed)
    unproved = scene.other.batch(0, 3, size=3, note=scene.other.note(2))
    scene.stream.send(unproved)
    other_root = scene.other.note(3, root=bytes(32))
    scene.stream.send(scene.other.batch(0, note=other_root))
    thief = HostileLog("511500")
    scene.stream.send(replace(scene.other.batch(0), checkpoint=thief.note()))
    assert scene.victim.state(scene.copy) == State.ACTIVE
    assert scene.tags() == 0


@pytest.mark.parametrize("authority", [build.COURT, "nobody"])
def test_only_whom_the_charter_makes_competent_ends_a_record(authority: str, scene: Scene) -> None:
    content = listing(7, audience=scene.victim.audience(), authority=authority)
    copy = scene.victim.list_(content)
    scene.other.relieve(content, scene.other.fresh_id())
    scene.other.list_(invented(scene.victim, 12))
    scene.fork()
    scene.asked()
    before = scene.victim.state(copy)
    assert scene.stream.send(scene.other.batch(0)) == ""
    expected = State.REPAIRED if authority == build.COURT else before
    assert scene.victim.state(copy) == expected
    assert scene.tags() == int(authority == build.COURT)


def test_a_relief_that_our_history_holds_too_is_judged_there(scene: Scene) -> None:
    relief = scene.one.relieve(scene.content, scene.listed)
    assert scene.stream.send(scene.one.batch(3)) == ""
    assert scene.victim.state(scene.copy) == State.REPAIRED
    tags = scene.tags()
    scene.other.list_(invented(scene.victim, 12))
    scene.other.statements = 0
    payload = scene.one.openings[-1].payload
    scene.other.say(Kind.REPAIR, payload, about=scene.listed, statement_id=relief)
    with scene.victim.store.write() as session:  # as if a RELISTING had lifted it
        entries = [
            replace(entry, kind="suppression-lifted") for _, entry in session.entries("suppression")
        ]
        session.append_journal(entries)
    scene.fork()
    scene.asked()
    assert scene.stream.send(scene.other.batch(0)) == ""
    assert scene.tags() == tags
