"""A note with a bad line is refused, and is neither kept nor sent on: no honest relay is blamed.

The log's own signature in it is its word all the same, and is kept alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.cosignature import cosign
from crypto.fork import parse_fork
from crypto.notes import Note, SignatureLine, parse_note
from federation.ids import MemberId
from federation.peers import witness
from federation.peers.frames import ForkFrame, HeadFrame
from tests.support import charters as build
from tests.support.liar import HostileLog, Stream, invented, served_note, stored_leaves
from tests.support.simulation import Federation, SimNode

Federate = Callable[..., Federation]
HUB = "510000"


def bad_line(note: bytes) -> SignatureLine:
    """A line by a witness key that all know, over nothing that it signed."""
    line = cosign(parse_note(note).text, build.cosigner("511500", "witness"), 1)
    return replace(line, signature=line.signature[:-1] + bytes([line.signature[-1] ^ 1]))


def spoiled(note: bytes) -> bytes:
    """A true note with one bad line more."""
    read = parse_note(note)
    return Note(text=read.text, signatures=(*read.signatures, bad_line(note))).to_bytes()


def kept_notes(node: SimNode) -> list[bytes]:
    """Every note that a node has stored, whatever for."""
    notes: list[bytes] = []
    with node.store.read() as session:
        for head in session.heads():
            notes += [part for part in (head.note, *head.seen.split(b"\0")) if part]
        for _, file in session.forks():
            proof = parse_fork(file)
            notes += [proof.smaller, proof.larger]
    return notes


def assert_all_good(node: SimNode, spoilt: bytes) -> None:
    line = str(bad_line(spoilt)).encode()
    notes = [*kept_notes(node), *node.exchange.heads_for(MemberId("511500"))[0]]
    notes += [served.note for served in node.exchange.served().values()]
    notes += [s.note.to_bytes() for r in node.exchange.replicas().values() for s in r.beyond]
    assert notes
    assert not any(line in note for note in notes)


def by_head(stream: Stream, log: HostileLog) -> None:
    head = HeadFrame(origin=log.origin, checkpoint=spoiled(log.note()))
    assert stream.send(head) == "batch.checkpoint"


def by_heads(stream: Stream, log: HostileLog) -> None:
    assert stream.heads([spoiled(log.note())]) == "batch.checkpoint"


def by_whole_batch(stream: Stream, log: HostileLog) -> None:
    assert stream.send(log.batch(note=spoiled(log.note()))) == "batch.checkpoint"


def by_part_of_it(stream: Stream, log: HostileLog) -> None:
    part = log.batch(0, 2)
    assert stream.send(replace(part, checkpoint=spoiled(part.checkpoint))) == "batch.checkpoint"


def by_batch_that_does_not_fit(stream: Stream, log: HostileLog) -> None:
    unproved = replace(log.batch(0, 2), path=(), checkpoint=spoiled(log.note()))
    assert stream.send(unproved) == "batch.unproved"


def by_witness(stream: Stream, log: HostileLog) -> None:
    """A witness judges the log's own line alone, and keeps nothing of the note but that."""
    assert stream.node.exchange.add_checkpoint(b"old 0\n\n" + spoiled(log.note()))


WAYS = [by_head, by_heads, by_whole_batch, by_part_of_it, by_batch_that_does_not_fit, by_witness]


@pytest.mark.parametrize("way", WAYS)
def test_a_bad_line_is_neither_kept_nor_sent_on(
    victim: SimNode,
    stream: Stream,
    log: HostileLog,
    way: Callable[[Stream, HostileLog], None],
) -> None:
    way(stream, log)
    assert (stored_leaves(victim), served_note(victim)) == ([], b"")
    (remembered,) = victim.exchange.replicas()[log.origin].beyond
    assert remembered.checkpoint.size == log.size
    assert remembered.note.signatures == parse_note(log.note()).signatures
    assert_all_good(victim, log.note())
    victim.restart()
    assert victim.exchange.replicas()[log.origin].beyond == (remembered,)
    assert Stream(victim).send(log.batch()) == ""
    assert stored_leaves(victim) == log.leaves
    assert_all_good(victim, log.note())


def test_lines_of_unknown_keys_are_not_kept_either(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    """Others may know the key, and that the line is bad."""
    read = parse_note(log.note())
    strange = replace(bad_line(log.note()), name="510599.huxin.example/witness")
    note = Note(text=read.text, signatures=(*read.signatures, strange)).to_bytes()
    assert stream.send(HeadFrame(origin=log.origin, checkpoint=note)) == ""
    (remembered,) = victim.exchange.replicas()[log.origin].beyond
    assert remembered.note.signatures == read.signatures
    assert stream.send(log.batch(note=note)) == ""
    assert all(b"510599" not in one for one in kept_notes(victim))
    assert victim.exchange.blamed() == {}


def test_a_fork_is_kept_with_the_log_s_own_lines_alone(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    other = log.branch(1)
    other.list_(invented(victim, 9))
    smaller, larger = log.note(2), other.note(2)
    data = b"huxin/fork@v1\n\n" + spoiled(smaller) + b"\n\n" + spoiled(larger)
    assert stream.send(ForkFrame(file=data)) == ""
    assert victim.exchange.forked() == {log.origin}
    with victim.store.read() as session:
        ((_, file),) = session.forks()
    assert file == b"huxin/fork@v1\n\n" + smaller + b"\n\n" + larger
    assert ForkFrame(file=file) in Stream(victim, HUB).sent()


def test_a_fork_proved_here_holds_no_line_that_was_not_verified(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    other = log.branch(1)
    other.list_(invented(victim, 9))
    assert stream.send(log.batch(note=log.note(at=victim.clock.now()))) == ""
    head = HeadFrame(origin=log.origin, checkpoint=spoiled(other.note()))
    assert stream.send(head) == "batch.checkpoint"
    assert victim.exchange.forked() == {log.origin}
    with victim.store.read() as session:
        ((_, file),) = session.forks()
    proof = parse_fork(file)
    assert (proof.smaller, proof.larger) == (other.note(), log.note())


def test_the_honest_relay_is_not_blamed(federate: Federate) -> None:
    """A hub spoils a city's newest checkpoint; who heard it of the hub tells the city, truly."""
    federation = federate("510500", "511500")
    victim, city = federation["510500"], federation["511500"]
    for number in (1, 2):
        city.list_(invented(city, number))
    note = city.exchange.served()[city.origin].note
    hub = Stream(victim, HUB)
    assert hub.send(HeadFrame(origin=city.origin, checkpoint=spoiled(note))) == "batch.checkpoint"
    federation.connect("510500", "511500")
    federation.settle()
    assert victim.exchange.replicas()[city.origin].size == 2
    assert city.exchange.blamed() == {}
    assert victim.exchange.blamed() == {(HUB, "batch.checkpoint"): 1}


def test_our_own_larger_checkpoint_stops_us_also_beside_a_bad_line(victim: SimNode) -> None:
    """SPEC §2.5: our own signature on more than we hold, whoever spoilt the note."""
    own = HostileLog(victim.member)
    own.put(b"\x01" * 76)
    victim.list_(invented(victim))
    for _ in range(3):
        own.put(b"\x02" * 76)
    head = HeadFrame(origin=victim.origin, checkpoint=spoiled(own.note()))
    assert Stream(victim).send(head) == "batch.checkpoint"
    assert victim.publisher.refusal is not None
    assert victim.publisher.refusal.code == "own-log.behind"


def test_a_witness_s_request_is_refused_only_for_the_log_s_own_line(
    victim: SimNode, log: HostileLog
) -> None:
    (line,) = parse_note(log.note()).signatures
    bent = replace(line, signature=bytes(64))
    text = parse_note(log.note()).text
    for lines in ((bent,), (line, bent), (bad_line(log.note()),)):
        note = Note(text=text, signatures=lines).to_bytes()
        with pytest.raises(witness.WitnessError) as refused:
            victim.exchange.add_checkpoint(b"old 0\n\n" + note)
        assert refused.value.status == witness.FORBIDDEN
    assert kept_notes(victim) == [victim.exchange.served()[victim.origin].note]
