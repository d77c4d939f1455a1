"""Relief that stands only in the history of a forked log that a node does not hold.

Covers node/peers/fork_relief.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from federation.ids import MemberId
from federation.life.suppression import SUPPRESSED
from federation.payloads import Listing
from federation.peers.frames import Subscribe
from federation.peers.openings import PENDING, DeliveredOpening
from federation.rows import OpeningStatus, State
from federation.statements import Kind
from node.upkeep.row_check import check_rows
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
        # Of two cursors of one log the last counts.
        return [cursor.size for cursor in cursors if cursor.origin == self.one.origin][-1:]

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


# ---------------------------------------------------------------------------- streams that end


def reconnect(scene: Scene, *, restarted: bool) -> None:
    """The stream ends, and is begun again; perhaps because we were started again."""
    scene.stream.close()
    if restarted:
        scene.victim.restart()
    scene.stream.session = scene.victim.exchange.open_session(scene.stream.peer)


@pytest.mark.parametrize("restarted", [False, True])
def test_a_stream_that_ended_in_the_middle_is_gone_on_with(scene: Scene, restarted: bool) -> None:
    for number in range(20, 30):
        scene.other.list_(invented(scene.victim, number))
    scene.other.relieve(scene.content, scene.listed)
    scene.fork()
    assert scene.asked() == [0]
    assert scene.stream.send(scene.other.batch(0, 6)) == ""
    reconnect(scene, restarted=restarted)
    # From where it was looked through, or, where our own history ends before that, from there.
    (start,) = scene.asked()
    assert start == (0 if restarted else 3)
    assert scene.stream.send(scene.other.batch(start)) == ""
    assert scene.victim.state(scene.copy) == State.REPAIRED
    assert scene.victim.exchange.blamed() == {}


@pytest.mark.parametrize("restarted", [False, True])
def test_a_relief_without_its_opening_is_looked_at_again_on_the_next_stream(
    scene: Scene, restarted: bool
) -> None:
    """As long as its record is not known nothing of it may be lost with a stream."""
    content = listing(7, audience=scene.victim.audience())
    copy = scene.victim.list_(content)
    scene.other.list_(invented(scene.victim, 12))
    scene.other.relieve(content, scene.other.fresh_id())
    scene.other.list_(invented(scene.victim, 13))
    true = scene.other.openings[2]
    scene.other.openings[2] = PENDING
    scene.fork()
    assert scene.asked() == [0]
    assert scene.stream.send(scene.other.batch(0, 2), scene.other.batch(2)) == ""
    assert scene.victim.state(copy) == State.ACTIVE
    scene.other.openings[2] = true
    reconnect(scene, restarted=restarted)
    (start,) = scene.asked()
    assert start == (0 if restarted else 2)
    assert scene.stream.send(scene.other.batch(start)) == ""
    assert scene.victim.state(copy) == State.REPAIRED


def test_a_relief_without_its_opening_ends_the_record_of_the_listing_that_it_names(
    scene: Scene,
) -> None:
    """The record is that of the listing, which we hold opened (SPEC §6.1)."""
    scene.other.relieve(scene.content, scene.listed)
    scene.other.openings[1] = DeliveredOpening(OpeningStatus.NOT_FOR_US)
    scene.other.list_(invented(scene.victim, 12))
    scene.fork()
    scene.asked()
    assert scene.stream.send(scene.other.batch(0)) == ""
    assert scene.victim.state(scene.copy) == State.REPAIRED


def test_a_peer_that_now_has_another_history_is_looked_through_from_the_beginning(
    scene: Scene,
) -> None:
    scene.other.list_(invented(scene.victim, 12))
    scene.fork()
    assert scene.asked() == [0]
    assert scene.stream.send(scene.one.batch(0)) == ""  # so far it is ours
    third = scene.other.branch(1)
    third.list_(invented(scene.victim, 14))
    third.relieve(scene.content, scene.listed)
    third.list_(invented(scene.victim, 15))
    third.list_(invented(scene.victim, 16))
    reconnect(scene, restarted=False)
    assert scene.asked() == [3]
    assert scene.stream.send(third.batch(3)) == ""
    assert scene.victim.state(scene.copy) == State.ACTIVE
    reconnect(scene, restarted=False)
    assert scene.asked() == [0]
    assert scene.stream.send(third.batch(0)) == ""
    assert scene.victim.state(scene.copy) == State.REPAIRED


@pytest.mark.parametrize("peer", ["510000", "511500"])
def test_it_is_asked_of_everybody_and_not_only_of_whom_the_log_is_followed(
    scene: Scene, peer: str
) -> None:
    """The origin shows us one history; whoever holds the other one has the relief."""
    scene.other.relieve(scene.content, scene.listed)
    scene.fork()
    session = scene.victim.exchange.open_session(MemberId(peer))
    asked = scene.victim.exchange.subscription(session)
    assert asked is not None
    cursors = [cursor for cursor in asked.cursors if cursor.origin == scene.one.origin]
    assert [cursor.size for cursor in cursors][-1:] == [0]
    scene.victim.exchange.handle(session, scene.other.batch(0))
    assert scene.victim.state(scene.copy) == State.REPAIRED
    assert scene.victim.exchange.blamed() == {}


def test_after_a_change_of_charters_it_is_looked_through_again(scene: Scene) -> None:
    scene.other.list_(invented(scene.victim, 12))
    scene.fork()
    assert scene.asked() == [0]
    assert scene.stream.send(scene.other.batch(0)) == ""
    scene.victim.exchange.charters_changed()
    reconnect(scene, restarted=False)
    assert scene.asked() == [0]


def test_no_listing_of_a_forked_log_punishes_not_even_in_the_common_prefix(scene: Scene) -> None:
    """A proof does not say how far the histories agree, nor which relief nobody has shown us."""
    assert rule_of(scene) == ""
    scene.other.list_(invented(scene.victim, 12))
    scene.fork()
    assert rule_of(scene) == "log.forked"
    scene.victim.restart()
    assert rule_of(scene) == "log.forked"


def rule_of(scene: Scene) -> str:
    """Why the listing in the common prefix does not punish."""
    assert scene.stream.send(scene.one.head(3, at=scene.victim.clock.now())) == ""
    with scene.victim.store.read() as session:
        (row,) = session.rows_by_id(None, [scene.listed])
        (head,) = (head for head in session.heads() if head.log == row.log)
        return row.rule or scene.victim.doubts.of_listing(session, head, row)
