"""Checkpoints that would make a relief older than it is: which are kept (SPEC §3.5, T1-T4)."""

from __future__ import annotations

import pytest

from crypto.checkpoint import peek_checkpoint
from crypto.cosignature import cosign
from crypto.notes import Note, parse_note
from federation.ids import Origin
from federation.peers.first_notes import FirstNote
from federation.peers.frames import HeadFrame
from federation.statements import Kind
from tests.support import charters as build
from tests.support.liar import HostileLog, Stream, invented
from tests.support.simulation import SimNode, listing

CITY, PEER, OTHER, HUB = "510300", "510500", "511500", "510000"


def kept(node: SimNode, origin: Origin) -> list[FirstNote]:
    """All notes that a node keeps of a log."""
    found: list[FirstNote] = []
    with node.store.read() as session:
        head = session.head(origin)
        assert head is not None
        while note := session.first_note(head.log, found[-1].size if found else -1):
            found.append(note)
    return found


def cosigned(log: HostileLog, size: int, at: int, *keys: tuple[str, str]) -> bytes:
    """A checkpoint with lines of these keys (member, role) at a time."""
    note = parse_note(log.note(size))
    lines = [cosign(note.text, build.cosigner(*key), at) for key in keys]
    return Note(text=note.text, signatures=(*note.signatures, *lines)).to_bytes()


@pytest.fixture
def relieved(victim: SimNode) -> HostileLog:
    """A listing, its repair, a listing, a repair, a listing; each leaf a size of its own."""
    log = HostileLog()
    for number in (1, 2):
        listed = log.list_(invented(victim, number))
        log.relieve(invented(victim, number), listed)
    log.list_(invented(victim, 3))
    return log


def show(victim: SimNode, log: HostileLog, *notes: bytes) -> None:
    stream = Stream(victim)
    for note in notes:
        assert stream.send(HeadFrame(origin=log.origin, checkpoint=note)) == ""


def times(victim: SimNode, log: HostileLog) -> list[tuple[int, int]]:
    now = victim.clock.now()
    return [(note.size, note.cosigned_at - now) for note in kept(victim, log.origin)]


WITNESS, MIRROR = (OTHER, "witness"), (HUB, "mirror")


def test_t1_the_log_s_own_keys_and_those_of_strangers_prove_no_time(
    victim: SimNode, relieved: HostileLog
) -> None:
    assert Stream(victim).send(relieved.batch()) == ""
    assert times(victim, relieved) == [(5, 0)], "our own mirror line, when all was held"
    now = victim.clock.now()
    own = [(CITY, role) for role in ("head", "witness", "mirror")]
    show(
        victim,
        relieved,
        cosigned(relieved, 2, now - 500, *own),
        cosigned(relieved, 2, now - 500, (OTHER, "head")),
        cosigned(relieved, 2, now - 500, ("519999", "witness")),
    )
    assert times(victim, relieved) == [(5, 0)]


def test_t1_bad_lines_lines_from_the_future_and_other_histories_are_not_kept(
    victim: SimNode, relieved: HostileLog
) -> None:
    other = relieved.branch(1)
    other.list_(invented(victim, 8))
    assert Stream(victim).send(relieved.batch()) == ""
    now = victim.clock.now()
    forged = cosigned(relieved, 2, now - 500, WITNESS)
    text, _, line = forged.rpartition(b" ")
    stream = Stream(victim)
    broken = text + b" " + line[:12] + (b"A" if line[12:13] != b"A" else b"B") + line[13:]
    assert stream.send(HeadFrame(origin=relieved.origin, checkpoint=broken)) == "batch.checkpoint"
    show(victim, relieved, cosigned(relieved, 2, now + 301, WITNESS))
    assert times(victim, relieved) == [(5, 0)]
    show(victim, relieved, cosigned(other, 2, now - 500, WITNESS))
    assert victim.exchange.forked() == {relieved.origin}
    assert times(victim, relieved) == [(5, 0)]


def test_t2_an_earlier_word_on_a_smaller_size_is_kept_beside_a_later_one(
    victim: SimNode, relieved: HostileLog
) -> None:
    assert Stream(victim).send(relieved.batch()) == ""
    now = victim.clock.now()
    show(victim, relieved, cosigned(relieved, 3, now + 10, WITNESS))
    assert times(victim, relieved) == [(5, 0)], "no earlier than what is kept"
    show(victim, relieved, cosigned(relieved, 3, now - 500, WITNESS))
    assert times(victim, relieved) == [(3, -500), (5, 0)]
    show(victim, relieved, cosigned(relieved, 1, now - 900, WITNESS))
    assert times(victim, relieved) == [(3, -500), (5, 0)], "no relief is below size 1"
    show(victim, relieved, cosigned(relieved, 4, now - 400, MIRROR))
    assert times(victim, relieved) == [(3, -500), (4, -400), (5, 0)]
    with victim.store.read() as session:
        head = session.head(relieved.origin)
        assert head is not None
        found = [session.first_note(head.log, index) for index in range(6)]
    assert [note and note.size for note in found] == [3, 3, 3, 4, 5, None]


def test_t2_a_larger_size_without_a_new_relief_is_not_kept(
    victim: SimNode, relieved: HostileLog
) -> None:
    assert Stream(victim).send(relieved.batch(0, 4, 4)) == ""
    assert times(victim, relieved) == [(4, 0)]
    assert Stream(victim).send(relieved.batch(4)) == ""
    now = victim.clock.now()
    show(victim, relieved, cosigned(relieved, 5, now - 500, WITNESS, MIRROR))
    assert times(victim, relieved) == [(4, 0)]


def test_t3_of_one_size_the_earlier_word_is_kept(victim: SimNode, relieved: HostileLog) -> None:
    assert Stream(victim).send(relieved.batch(0, 2, 2)) == ""
    now = victim.clock.now()
    show(victim, relieved, cosigned(relieved, 2, now + 5, WITNESS))
    assert times(victim, relieved) == [(2, 0)]
    note = cosigned(relieved, 2, now - 60, WITNESS)
    show(victim, relieved, note)
    assert times(victim, relieved) == [(2, -60)]
    assert kept_note(victim, relieved) == note, "verbatim"
    show(victim, relieved, cosigned(relieved, 2, now - 30, MIRROR))
    assert times(victim, relieved) == [(2, -60)]


def kept_note(victim: SimNode, log: HostileLog) -> bytes:
    (note,) = kept(victim, log.origin)
    return note.note


def test_our_own_log_keeps_what_cosigners_send_back_also_of_an_older_size(
    victim: SimNode,
) -> None:
    listed = victim.list_(listing(1, audience=victim.audience()))
    victim.relieve(Kind.REPAIR, listed)
    at = victim.clock.now()
    own = victim.exchange.served()[victim.origin].note
    victim.list_(listing(2, audience=victim.audience()))
    note = parse_note(own)
    late = [cosign(note.text, build.cosigner(*WITNESS), at + 2)]
    sent = Note(text=note.text, signatures=(*note.signatures, *late)).to_bytes()
    assert Stream(victim, OTHER).send(HeadFrame(origin=victim.origin, checkpoint=sent)) == ""
    (first,) = kept(victim, victim.origin)
    assert (first.size, first.cosigned_at) == (2, at + 2)
    assert peek_checkpoint(first.note).size == 2
    wrong = [cosign(note.text, build.cosigner(PEER, "mirror"), at + 1)]
    ours = Note(text=note.text, signatures=(*note.signatures, *wrong)).to_bytes()
    Stream(victim, OTHER).send(HeadFrame(origin=victim.origin, checkpoint=ours))
    assert kept(victim, victim.origin) == [first], "our own word on our own log proves no time"
