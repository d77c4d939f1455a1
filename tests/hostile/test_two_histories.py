"""A log that signs two histories: proved by its own signatures, told to all, relief goes on.

Covers node/peers/forks.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.cosignature import verify_cosignatures
from crypto.errors import CryptoError
from crypto.fork import ForkProof, parse_fork, verify_fork
from crypto.merkle import consistency_proof
from crypto.notes import parse_note
from federation.payloads import Listing
from federation.peers import witness
from federation.peers.frames import ForkFrame, HeadFrame
from federation.peers.replica import ForkError
from federation.rows import State
from federation.statements import Kind
from tests.support import charters as build
from tests.support.liar import (
    HostileLog,
    Stream,
    invented,
    records_of,
    row,
    served_note,
    stored_leaves,
)
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
HUB = "510000"


@dataclass
class Scene:
    """The victim holds three leaves of one history; the other parts from it at leaf 1."""

    federation: Federation
    victim: SimNode
    stream: Stream
    one: HostileLog
    other: HostileLog
    content: Listing
    listed: bytes

    def witnessed(self, note: bytes) -> bool:
        keys = [build.cosigner("510500", "witness").verifier]
        return bool(verify_cosignatures(parse_note(note), keys))

    def fork_file(self) -> bytes:
        with self.victim.store.read() as session:
            ((origin, file),) = session.forks()
        assert origin == self.one.origin
        return file


@pytest.fixture
def scene(federate: Federate) -> Scene:
    federation = federate("510500", "511500", HUB)
    federation.connect("510500", HUB)
    federation.connect("511500", HUB)
    victim = federation["510500"]
    content = invented(victim, 1)
    one = HostileLog()
    listed = one.list_(content)
    other = one.branch(1)
    for number in (2, 3):
        one.list_(invented(victim, number))
        other.list_(invented(victim, number + 10))
    stream = Stream(victim)
    assert stream.send(one.batch(note=one.note(at=victim.clock.now()))) == ""
    federation.settle()
    return Scene(federation, victim, stream, one, other, content, listed)


def by_head_of_equal_size(scene: Scene) -> None:
    assert scene.stream.send(scene.other.head()) == ""


def by_head_of_smaller_size(scene: Scene) -> None:
    assert scene.stream.send(scene.other.head(2)) == ""


def by_head_of_larger_size(scene: Scene) -> None:
    """It proves nothing until our own leaves reach it."""
    scene.other.list_(invented(scene.victim, 14))
    assert scene.stream.send(scene.other.head()) == ""
    assert scene.victim.exchange.forked() == frozenset()
    for number in (4, 5):
        scene.one.list_(invented(scene.victim, number))
    assert scene.stream.send(scene.one.batch(3)) == ""


def by_head_across_a_restart(scene: Scene) -> None:
    scene.other.list_(invented(scene.victim, 14))
    assert scene.stream.send(scene.other.head()) == ""
    scene.victim.restart()
    scene.federation.reconnect("510500")
    scene.stream = Stream(scene.victim)
    scene.one.list_(invented(scene.victim, 4))
    assert scene.stream.send(scene.one.batch(3)) == ""


def by_stream_of_equal_size(scene: Scene) -> None:
    """The other history from its beginning: nothing of it is new, its checkpoint is."""
    assert scene.stream.send(scene.other.batch()) == ""


def by_stream_that_goes_on(scene: Scene) -> None:
    """The other history's next leaf does not fit ours: unproved, and its signature is kept."""
    scene.other.list_(invented(scene.victim, 14))
    assert scene.stream.send(scene.other.batch(3)) == "batch.unproved"
    assert scene.victim.exchange.forked() == frozenset()
    scene.one.list_(invented(scene.victim, 4))
    assert scene.stream.send(scene.one.batch(3)) == ""


def by_stream_behind(scene: Scene) -> None:
    """The next leaves of our history under a smaller checkpoint of the other one."""
    scene.one.list_(invented(scene.victim, 4))
    assert scene.stream.send(scene.one.batch(3, note=scene.other.note())) == "batch.behind"


def by_list_heads(scene: Scene) -> None:
    assert scene.stream.heads([scene.other.note()]) == ""


def by_another_member_in_list_heads(scene: Scene) -> None:
    assert Stream(scene.victim, HUB).heads([scene.other.note(2)]) == ""


def by_add_checkpoint(scene: Scene) -> None:
    body = witness.format_request(
        witness.AddCheckpoint(old_size=3, proof=(), checkpoint=scene.other.note())
    )
    with pytest.raises(witness.WitnessError) as refused:
        scene.victim.exchange.add_checkpoint(body)
    assert refused.value.status == 422


def by_add_checkpoint_from_an_old_size(scene: Scene) -> None:
    body = witness.format_request(
        witness.AddCheckpoint(old_size=0, proof=(), checkpoint=scene.other.note(2))
    )
    with pytest.raises(witness.WitnessError) as refused:
        scene.victim.exchange.add_checkpoint(body)
    assert refused.value.status == 409


def by_fork_file(scene: Scene) -> None:
    assert scene.stream.send(ForkFrame(file=scene.one.fork_file(scene.other, 3, 3))) == ""


def by_fork_file_of_two_sizes(scene: Scene) -> None:
    assert scene.stream.send(ForkFrame(file=scene.one.fork_file(scene.other, 2, 3))) == ""


def by_fork_file_of_the_other_order(scene: Scene) -> None:
    assert scene.stream.send(ForkFrame(file=scene.other.fork_file(scene.one, 2, 3))) == ""


def by_fork_file_in_list_heads(scene: Scene) -> None:
    assert scene.stream.heads([], [scene.one.fork_file(scene.other, 2, 3)]) == ""


WAYS = [value for name, value in sorted(globals().items()) if name.startswith("by_")]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_two_histories_are_proved_by_whatever_way_they_come(
    scene: Scene, way: Callable[[Scene], None]
) -> None:
    victim, one = scene.victim, scene.one
    before = stored_leaves(victim)
    way(scene)
    assert victim.exchange.forked() == {one.origin}
    verify_fork(parse_fork(scene.fork_file()), one.signer.verifier)
    assert stored_leaves(victim)[:3] == before
    # Only batches that prove nothing are the deliverer's fault; the fork is the log's.
    assert set(victim.exchange.blamed()) <= {
        ("510300", "batch.unproved"),
        ("510300", "batch.behind"),
    }
    # All learn it, and can prove it alone.
    scene.federation.settle()
    for node in scene.federation.nodes.values():
        assert node.exchange.forked() == {one.origin}
        with node.store.read() as session:
            ((_, file),) = session.forks()
        verify_fork(parse_fork(file), one.signer.verifier)
    # Listings do not punish, whatever their state says.
    records, _ = records_of(victim).list("", one.origin, "", 100, "")
    assert {(view.state, view.rule) for view in records} == {("active", "log.forked")}
    # Relief acts all the same, and nothing is witnessed any more.
    relief = one.relieve(scene.content, scene.listed)
    assert scene.stream.send(one.batch(len(stored_leaves(victim)))) == ""
    assert stored_leaves(victim) == one.leaves
    assert row(victim, scene.listed).state == State.REPAIRED
    assert row(victim, relief).state == State.IN_FORCE
    assert parse_note(served_note(victim)).text == parse_note(one.note()).text
    assert not scene.witnessed(served_note(victim))
    with pytest.raises(ForkError) as refused:
        victim.exchange.add_checkpoint(b"old 0\n\n" + one.note())
    assert refused.value.code == "log.forked"
    assert refused.value.proof.to_bytes() == scene.fork_file()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_fork_of_one_log_leaves_the_others_alone(
    scene: Scene, way: Callable[[Scene], None]
) -> None:
    honest = scene.federation["511500"]
    way(scene)
    listed = honest.list_(listing(7, audience=honest.audience()))
    scene.federation.settle()
    for node in scene.federation.nodes.values():
        assert node.state(listed) == State.ACTIVE
        with node.store.read() as session:
            head = session.head(honest.origin)
            assert head is not None
            assert node.doubts.of_log(head) == ""
    assert not [error for wire in scene.federation.wires for error in wire.errors]


def test_a_proof_outlives_a_restart_and_greets_who_connects(scene: Scene) -> None:
    by_head_of_equal_size(scene)
    file = scene.fork_file()
    scene.victim.restart()
    assert scene.victim.exchange.forked() == {scene.one.origin}
    greeted = Stream(scene.victim, "511500")
    assert ForkFrame(file=file) in greeted.sent()
    assert scene.victim.exchange.heads_for(greeted.peer)[1] == [file]


@dataclass
class Split:
    """The liar shows one history to a city and another, with a relief, to the hub."""

    federation: Federation
    city: SimNode
    hub: SimNode
    streams: tuple[Stream, Stream]
    origin: str
    listed: bytes


@pytest.fixture
def split(federate: Federate) -> Split:
    federation = federate("510500", "511500", HUB)
    city, hub = federation["510500"], federation[HUB]
    one, content = HostileLog(), invented(city, 1)
    listed = one.list_(content)
    other = one.branch(1)
    one.list_(invented(city, 2))
    other.relieve(content, listed)
    other.list_(invented(city, 3))
    streams = (Stream(city), Stream(hub))
    assert streams[0].send(one.batch()) == ""
    assert streams[1].send(other.batch()) == ""
    return Split(federation, city, hub, streams, one.origin, listed)


def test_who_compares_heads_finds_the_split(split: Split) -> None:
    wire = split.federation.connect("510500", HUB)
    notes, forks = split.hub.exchange.heads_for(split.city.member)
    split.city.exchange.take_heads(wire.sessions[0], notes, forks)
    notes, forks = split.city.exchange.heads_for(split.hub.member)
    split.hub.exchange.take_heads(wire.sessions[1], notes, forks)
    split.federation.settle()
    assert not wire.errors
    for node in (split.city, split.hub):
        assert node.exchange.forked() == {split.origin}
        assert node.exchange.blamed() == {}
    # Each keeps the branch that it holds; on neither does the listing punish.
    assert row(split.hub, split.listed).state == State.REPAIRED
    ((view,), _) = records_of(split.city).list("active", split.origin, "", 1, "")
    assert view.rule == "log.forked"


def test_a_split_does_not_part_the_city_from_its_hub(split: Split) -> None:
    """The liar hangs up, so that the city asks the hub, whose leaves do not fit the city's."""
    for stream in split.streams:
        stream.close()
    federation, honest = split.federation, split.federation["511500"]
    federation.connect("511500", HUB)
    listed = honest.list_(listing(7, audience=honest.audience()))
    wire = federation.connect("510500", HUB)
    federation.settle()
    assert {error.code for error in wire.errors} <= {"batch.unproved"}
    federation.reconnect("510500")  # as the driver does when a stream ended
    (wire,) = [one for one in federation.wires if split.city in one.ends]
    federation.settle()
    again = honest.list_(listing(8, audience=honest.audience()))
    federation.settle()
    assert not wire.errors
    for node in (split.city, split.hub):
        assert node.exchange.forked() == {split.origin}
    assert (split.city.state(listed), split.city.state(again)) == (State.ACTIVE, State.ACTIVE)
    assert split.hub.exchange.blamed() == {}


def test_more_relief_comes_after_the_fork_batch_by_batch(scene: Scene) -> None:
    """Signed checkpoints of the other history that are still ahead do not stop ours."""
    for number in (14, 15, 16):
        scene.other.list_(invented(scene.victim, number))
        assert scene.stream.send(scene.other.head()) == ""
    for number in range(4, 10):
        scene.one.list_(invented(scene.victim, number))
        assert scene.stream.send(scene.one.batch(scene.one.size - 1)) == ""
    assert scene.victim.exchange.forked() == {scene.one.origin}
    assert stored_leaves(scene.victim) == scene.one.leaves
    assert scene.victim.exchange.blamed() == {}


# ---------------------------------------------------------------------------- false accusations


def _agreeing(scene: Scene) -> bytes:
    return scene.one.fork_file(scene.one, 2, 3)


def _agreeing_at_one_size(scene: Scene) -> bytes:
    return scene.one.fork_file(scene.one, 3, 3)


def _false_prefix(scene: Scene) -> bytes:
    return ForkProof(
        smaller=scene.one.note(2),
        larger=scene.one.note(3),
        prefix=build.seed("false"),
        path=tuple(consistency_proof(2, 3, scene.one.nodes)),
    ).to_bytes()


def _false_path(scene: Scene) -> bytes:
    return ForkProof(
        smaller=scene.one.note(2),
        larger=scene.one.note(3),
        prefix=scene.other.root(2),
        path=tuple(consistency_proof(2, 3, scene.other.nodes)),
    ).to_bytes()


def _no_prefix(scene: Scene) -> bytes:
    return ForkProof(
        smaller=scene.one.note(2), larger=scene.other.note(3), prefix=None, path=()
    ).to_bytes()


def _larger_first(scene: Scene) -> bytes:
    return ForkProof(
        smaller=scene.one.note(3), larger=scene.other.note(2), prefix=scene.other.root(2), path=()
    ).to_bytes()


def _by_another_key(scene: Scene) -> bytes:
    """The second history signed by who accuses."""
    checkpoint = Checkpoint(origin=build.origin_of("511500"), size=3, root=scene.other.root())
    forged = sign_checkpoint(checkpoint, build.log_signer("511500")).to_bytes()
    return ForkProof(smaller=scene.one.note(3), larger=forged, prefix=None, path=()).to_bytes()


def _by_no_key(scene: Scene) -> bytes:
    """The second history under the signature of the first."""
    lines = parse_note(scene.one.note(3)).signatures
    forged = replace(parse_note(scene.other.note(3)), signatures=lines).to_bytes()
    return ForkProof(smaller=scene.one.note(3), larger=forged, prefix=None, path=()).to_bytes()


def _two_logs(scene: Scene) -> bytes:
    other = HostileLog("511500", scene.other.leaves, scene.other.openings)
    return scene.one.fork_file(other, 3, 3)


def _stranger(_: Scene) -> bytes:
    one, other = HostileLog("519999"), HostileLog("519999")
    one.put(b"one")
    other.put(b"other")
    return one.fork_file(other, 1, 1)


def _changed(scene: Scene) -> bytes:
    return scene.one.fork_file(scene.other, 2, 3).replace(b"prefix ", b"Prefix ")


def _too_long(scene: Scene) -> bytes:
    return scene.one.fork_file(scene.other, 2, 3) + bytes(140_000)


FALSE: dict[str, Callable[[Scene], bytes]] = {
    "agreeing histories": _agreeing,
    "one checkpoint twice": _agreeing_at_one_size,
    "false prefix": _false_prefix,
    "false path": _false_path,
    "no prefix": _no_prefix,
    "larger one first": _larger_first,
    "another's signature": _by_another_key,
    "no signature": _by_no_key,
    "two logs": _two_logs,
    "log of nobody": _stranger,
    "misspelt": _changed,
    "too long": _too_long,
    "empty": lambda _: b"",
    "no fork file": lambda _: b"huxin/fork@v1\n\n\n\n\n",
    "a note": lambda scene: scene.one.note(),
}


@pytest.mark.parametrize("lie", FALSE)
def test_a_false_fork_file_accuses_nobody(scene: Scene, lie: str) -> None:
    file = FALSE[lie](scene)
    assert scene.stream.send(ForkFrame(file=file)) == ""
    assert scene.stream.heads([], [file]) == ""
    scene.federation.settle()
    for node in scene.federation.nodes.values():
        assert node.exchange.forked() == frozenset()
        assert node.exchange.blamed() == {}
        with node.store.read() as session:
            assert list(session.forks()) == []
    scene.one.list_(invented(scene.victim, 4))
    assert scene.stream.send(scene.one.batch(3)) == ""
    assert scene.witnessed(served_note(scene.victim))
    with pytest.raises((CryptoError, KeyError)):
        verify_fork(parse_fork(file), build.log_signer("510300").verifier)


def test_a_head_of_another_log_under_this_name_is_no_second_history(scene: Scene) -> None:
    other = HostileLog("511500", scene.other.leaves, scene.other.openings)
    frame = HeadFrame(origin=scene.one.origin, checkpoint=other.note())
    assert scene.stream.send(frame) == "batch.checkpoint"
    assert scene.victim.exchange.forked() == frozenset()


def test_a_listing_of_a_forked_log_is_still_withdrawn_by_its_origin(scene: Scene) -> None:
    by_fork_file(scene)
    scene.one.relieve(scene.content, scene.listed, Kind.WITHDRAWAL)
    assert scene.stream.send(scene.one.batch(3)) == ""
    assert row(scene.victim, scene.listed).state == State.WITHDRAWN


def test_what_the_platform_was_told_of_a_forked_log_it_is_told_again(scene: Scene) -> None:
    """Its listings were active in the files that it has; now each says why it does not punish."""
    victim = scene.victim
    ended = invented(victim, 2)
    scene.one.relieve(ended, scene.one.statement_id(1))
    assert scene.stream.send(scene.one.batch(3)) == ""
    with victim.store.write() as session:
        head = session.head(scene.one.origin)
        assert head is not None
        session.set_head(replace(head, delivered_to=head.size))
        session.clear_redeliveries(head.log, range(head.size))
    by_head_of_smaller_size(scene)
    with victim.store.read() as session:
        again = session.redeliveries(head.log, 10)
        views = records_of(victim).views(session, session.rows_at([(head.log, i) for i in again]))
    assert list(again) == [0, 2]
    assert {view.rule for view in views} == {"log.forked"}
