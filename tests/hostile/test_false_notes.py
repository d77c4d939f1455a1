"""Checkpoints that are not signed, not written as they must be, or cosigned falsely."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256

import pytest

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.cosignature import cosign, verify_cosignatures
from crypto.errors import CryptoError
from crypto.keys import KeyType, Signer, VerifierKey
from crypto.merkle import consistency_proof, frontier_at, node_hash
from crypto.notes import Note, SignatureLine, parse_note
from federation.peers import witness
from federation.peers.frames import HeadFrame
from federation.peers.replication import DeliveredBatch
from tests.support import charters as build
from tests.support.liar import (
    HostileLog,
    Stream,
    checkpoint_text,
    invented,
    raw_note,
    served_note,
    stored_leaves,
)
from tests.support.simulation import SimNode

Spell = Callable[[HostileLog], bytes]
LINE_SEPARATOR, NEXT_LINE = "\N{LINE SEPARATOR}", "\x85"


def _text(log: HostileLog) -> str:
    return checkpoint_text(log.origin, log.size, log.root())


def _sized(size: str) -> Spell:
    return lambda log: raw_note(checkpoint_text(log.origin, size, log.root()), log.signer)


def _rooted(change: Callable[[str], str]) -> Spell:
    def spell(log: HostileLog) -> bytes:
        root = change(base64.b64encode(log.root()).decode())
        return raw_note(checkpoint_text(log.origin, log.size, root), log.signer)

    return spell


def _texted(change: Callable[[str], str]) -> Spell:
    return lambda log: raw_note(change(_text(log)), log.signer)


def _changed(change: Callable[[bytes], bytes]) -> Spell:
    return lambda log: change(log.note())


def _signed_by(signer: Signer) -> Spell:
    return lambda log: raw_note(_text(log), signer)


def _unused_bits(encoded: str) -> str:
    """The same bytes by another spelling: bits that are not used are set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet[alphabet.index(encoded[-2]) | 1]
    assert last != encoded[-2]
    return f"{encoded[:-2]}{last}="


def _other_signature(log: HostileLog) -> bytes:
    """The signature of another checkpoint of the same log."""
    lines = parse_note(log.note(1)).signatures
    return Note(text=_text(log), signatures=lines).to_bytes()


def _signature_unused_bits(log: HostileLog) -> bytes:
    head, _, line = log.note().decode().rstrip("\n").rpartition(" ")
    return f"{head} {_unused_bits(line)}\n".encode()


def _small_order(log: HostileLog) -> bytes:
    """A key of order 1, under which R = identity and S = 0 fit every text."""
    identity = bytes([1]) + bytes(31)
    return _by_public_key(log, identity, identity + bytes(32))


def _by_public_key(log: HostileLog, public: bytes, signature: bytes) -> bytes:
    key_id = sha256(log.origin.encode() + b"\n\x01" + public).digest()[:4]
    line = SignatureLine(name=log.origin, key_id=key_id, signature=signature)
    return Note(text=_text(log), signatures=(line,)).to_bytes()


def _malleable(log: HostileLog) -> bytes:
    """The same signature with the group order added to S."""
    (line,) = parse_note(log.note()).signatures
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(line.signature[32:], "little") + order
    signature = line.signature[:32] + s.to_bytes(32, "little")
    return Note(text=_text(log), signatures=(replace(line, signature=signature),)).to_bytes()


def _many_lines(log: HostileLog) -> bytes:
    note = parse_note(log.note())
    extra = "".join(f"— stranger{n} {base64.b64encode(bytes(68)).decode()}\n" for n in range(100))
    return note.to_bytes() + extra.encode()


STRANGER = Signer(name="stranger.example/1", type=KeyType.NOTE, seed=build.seed("stranger"))
NOTES: dict[str, Spell] = {
    "empty": lambda _: b"",
    "no signature line": _changed(lambda note: note.partition(b"\n\n")[0] + b"\n\n"),
    "wrong signature": _other_signature,
    "another member's key": _signed_by(build.log_signer("511500")),
    "unknown key": _signed_by(STRANGER),
    "another key of this name": _signed_by(
        Signer(name=build.origin_of("510300"), type=KeyType.NOTE, seed=build.seed("another"))
    ),
    "head key": _signed_by(build.cosigner("510300", "head")),
    "small-order key": _small_order,
    "signature plus group order": _malleable,
    "size 01": _sized("01"),
    "size +4": _sized("+4"),
    "size -4": _sized("-4"),
    "size blank": _sized(" 4"),
    "size 4 blank": _sized("4 "),
    "size 4_0": _sized("4_0"),
    "size 0x4": _sized("0x4"),
    "size 4.0": _sized("4.0"),
    "size empty": _sized(""),
    "size Arabic digits": _sized("\N{ARABIC-INDIC DIGIT FOUR}"),
    "size wide digits": _sized("\N{FULLWIDTH DIGIT FOUR}"),
    "size superscript": _sized("\N{SUPERSCRIPT FOUR}"),
    "size 2^63": _sized(str(2**63)),
    "size 2^64": _sized(str(2**64)),
    "size of 4,000 digits": _sized("9" * 4000),
    "root with unused bits": _rooted(_unused_bits),
    "root without padding": _rooted(lambda root: root.rstrip("=")),
    "root with a blank": _rooted(lambda root: f"{root[:8]} {root[8:]}"),
    "root in the URL alphabet": _rooted(lambda _: "-_" * 21 + "8="),
    "root of 31 bytes": _rooted(lambda _: base64.b64encode(bytes(31)).decode()),
    "root of 33 bytes": _rooted(lambda _: base64.b64encode(bytes(33)).decode()),
    "extension line": _texted(lambda text: f"{text}more\n"),
    "line separator": _texted(lambda text: text.replace("\n4\n", f"{LINE_SEPARATOR}4\n")),
    "line separator at the end": _texted(lambda text: f"{text[:-1]}{LINE_SEPARATOR}\n"),
    "next line": _texted(lambda text: text.replace("\n4\n", f"\n4{NEXT_LINE}\n")),
    "carriage returns": _texted(lambda text: text.replace("\n", "\r\n")),
    "byte order mark": _texted(lambda text: f"\N{ZERO WIDTH NO-BREAK SPACE}{text}"),
    "empty line in the text": _texted(lambda text: f"\n{text}"),
    "nul": _texted(lambda text: text.replace("4", "4\x00")),
    "another log's name": _texted(lambda text: text.replace("510300", "511500")),
    "another epoch": _texted(lambda text: text.replace("/1\n", "/2\n")),
    "upper case": _texted(lambda text: text.replace("huxin", "HUXIN")),
    "signature with unused bits": _signature_unused_bits,
    "hyphen for the dash": _changed(lambda note: note.replace("—".encode(), b"-")),
    "no final newline": _changed(lambda note: note[:-1]),
    "something after it": _changed(lambda note: note + b"x"),
    "not UTF-8": _changed(lambda note: note.replace("—".encode(), b"\xff\xfe")),
    "101 lines": _many_lines,
    "more than 128 KiB": _changed(
        lambda note: note + b"\xe2\x80\x94 stranger " + base64.b64encode(bytes(99_000)) + b"\n"
    ),
}


@pytest.mark.parametrize("lie", NOTES)
def test_a_false_note_is_refused_wherever_it_comes(
    victim: SimNode, stream: Stream, log: HostileLog, lie: str
) -> None:
    note = NOTES[lie](log)
    assert stream.send(log.batch(note=note)) == "batch.checkpoint"
    assert stream.send(HeadFrame(origin=log.origin, checkpoint=note)) == "batch.checkpoint"
    blamed = 2 + (stream.heads([note]) == "batch.checkpoint")
    with pytest.raises(witness.WitnessError) as refused:
        victim.exchange.add_checkpoint(b"old 0\n\n" + note)
    assert refused.value.status in {400, 403, 404}
    assert victim.exchange.blamed() == {("510300", "batch.checkpoint"): blamed}
    assert (stored_leaves(victim), served_note(victim)) == ([], b"")
    assert stream.send(log.batch()) == ""
    assert stored_leaves(victim) == log.leaves
    assert stream.send(log.batch(note=note), HeadFrame(origin=log.origin, checkpoint=note)) != ""
    assert parse_note(served_note(victim)).text == _text(log)


def test_a_note_of_strangers_in_the_heads_says_nothing(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    """ListHeads may name logs that we do not know; of those nothing is believed and nobody blamed.

    A known log's name with a stranger's signature is another matter.
    """
    checkpoint = Checkpoint(origin=STRANGER.name, size=4, root=log.root())
    strange = sign_checkpoint(checkpoint, STRANGER).to_bytes()
    assert stream.heads([strange, log.note()]) == ""
    assert victim.exchange.blamed() == {}
    assert stream.heads([raw_note(_text(log), STRANGER)]) == "batch.checkpoint"
    assert set(victim.exchange.served()) == {victim.origin}


def test_a_key_of_small_order_is_no_key() -> None:
    name = build.origin_of("510300")
    for public in (bytes([1]) + bytes(31), bytes(32), bytes([0xEC]) + b"\xff" * 30 + b"\x7f"):
        with pytest.raises(CryptoError):
            VerifierKey(name=name, type=KeyType.NOTE, public=public)


@pytest.mark.parametrize(
    "body",
    [
        b"old 01\n\n",
        b"old +0\n\n",
        b"old -1\n\n",
        b"old \xd9\xa0\n\n",
        b"old 9223372036854775808\n\n",
        b"old 0 \n\n",
        b"old\n\n",
        b"Old 0\n\n",
        b"old 0\r\n\r\n",
        b"old 0\nAB==\n\n",
        b"old 0\nxyz\n\n",
        b"old 0\n" + (base64.b64encode(bytes(32)) + b"\n") * 64 + b"\n",
    ],
)
def test_a_request_to_a_witness_has_one_spelling(
    victim: SimNode, log: HostileLog, body: bytes
) -> None:
    with pytest.raises(witness.WitnessError) as refused:
        victim.exchange.add_checkpoint(body + log.note())
    assert refused.value.status == 400
    assert victim.exchange.add_checkpoint(b"old 0\n\n" + log.note())


# ---------------------------------------------------------------------------- sizes that mislead


def test_a_checkpoint_of_the_largest_size_stops_nothing(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    huge = log.note(2**63 - 1, root=build.seed("any root"))
    assert stream.send(HeadFrame(origin=log.origin, checkpoint=huge)) == ""
    assert stream.send(log.batch(note=huge)) == "batch.unproved"
    assert stream.heads([huge]) == ""
    assert (stored_leaves(victim), served_note(victim)) == ([], b"")
    assert stream.send(log.batch()) == ""
    victim.restart()
    again = Stream(victim)
    log.list_(invented(victim, 5))
    assert again.send(log.batch(4), HeadFrame(origin=log.origin, checkpoint=huge)) == ""
    assert stored_leaves(victim) == log.leaves
    assert parse_note(served_note(victim)).text == _text(log)
    assert victim.exchange.forked() == frozenset()


def test_a_witness_that_cosigned_the_largest_size_goes_on_mirroring(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    """The log has harmed itself: it is held and served as before, and witnessed no more."""
    huge = log.note(2**63 - 1, root=build.seed("any root"))
    assert victim.exchange.add_checkpoint(b"old 0\n\n" + huge)
    assert stream.send(log.batch()) == ""
    victim.restart()
    log.list_(invented(victim, 5))
    assert Stream(victim).send(log.batch(4)) == ""
    assert stored_leaves(victim) == log.leaves
    names = [line.name for line in parse_note(served_note(victim)).signatures]
    assert names == [log.origin, "510500.huxin.example/mirror"]


def test_leaves_proved_against_an_invented_future_are_held_and_not_served(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    """The path to 2^63-1 leaves can be invented, since nobody has ever seen them."""
    size = 2**63 - 1
    future = _invented_future(log, size)
    assert stream.send(future) == ""
    assert stored_leaves(victim) == log.leaves
    assert served_note(victim) == b""
    assert stream.send(log.batch(), log.head()) == ""
    log.list_(invented(victim, 5))
    assert stream.send(log.batch(4)) == ""
    assert parse_note(served_note(victim)).text == _text(log)


def _invented_future(log: HostileLog, size: int) -> DeliveredBatch:
    """A batch of all four leaves with a checkpoint far beyond them, whose path verifies."""

    def subtree(level: int, index: int) -> bytes:
        if index:
            return build.seed("future", level, index)
        return log.root() if level == 2 else node_hash(subtree(level - 1, 0), subtree(level - 1, 1))

    def read(places: Sequence[tuple[int, int]]) -> list[bytes]:
        return [subtree(level, index) for level, index in places]

    note = log.note(size, root=frontier_at(size, read).root())
    path = tuple(consistency_proof(log.size, size, read))
    return replace(log.batch(note=note), path=path)


# ---------------------------------------------------------------------------- cosignatures


def head_time(node: SimNode, log: HostileLog) -> int | None:
    """The time by the origin's own head key on the note that a node shows."""
    keys = [build.cosigner(log.member, "head").verifier]
    found = verify_cosignatures(parse_note(served_note(node)), keys)
    return found[0].timestamp if found else None


def test_a_head_from_the_future_is_ignored(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    now = victim.clock.now()
    assert stream.send(log.batch(note=log.note(at=now + 301))) == ""
    assert head_time(victim, log) is None
    assert stream.send(log.head(at=now + 86_400), log.head(at=2**63 - 1)) == ""
    assert head_time(victim, log) is None
    assert stream.send(log.head(at=now + 300)) == ""
    assert head_time(victim, log) == now + 300
    assert victim.exchange.blamed() == {}


def test_a_head_from_the_future_takes_no_true_one_away(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    """A note with a line of today and one of tomorrow, both by the head's key."""
    now = victim.clock.now()
    note = parse_note(log.note(at=now))
    for times in ((now + 301,), (now + 9_999, 0)):
        more = [log.head_line(note.text, at) for at in times]
        both = Note(text=note.text, signatures=(*note.signatures, *more)).to_bytes()
        assert stream.send(log.batch(note=both), log.head()) == ""
        assert head_time(victim, log) == now
    assert victim.exchange.blamed() == {}


def test_a_head_that_goes_back_is_ignored(victim: SimNode, stream: Stream, log: HostileLog) -> None:
    now = victim.clock.now()
    assert stream.send(log.batch(note=log.note(at=now))) == ""
    assert stream.send(log.head(at=now - 1), log.head(at=0)) == ""
    assert head_time(victim, log) == now
    log.list_(invented(victim, 5))
    assert stream.send(log.batch(4, note=log.note(at=now - 5))) == ""
    assert stored_leaves(victim) == log.leaves
    assert head_time(victim, log) is None
    assert stream.send(log.head(at=now + 1)) == ""
    assert head_time(victim, log) == now + 1


def test_a_time_beyond_63_bits_spoils_the_note(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    text = _text(log)
    line = log.head_line(text, 1)
    beyond = replace(line, signature=b"\xff" * 8 + line.signature[8:])
    note = Note(text=text, signatures=(*parse_note(log.note()).signatures, beyond)).to_bytes()
    assert stream.send(log.batch(note=note)) == "batch.checkpoint"
    assert stored_leaves(victim) == []


def test_altered_cosignatures_are_blamed_on_the_deliverer(victim: SimNode, log: HostileLog) -> None:
    """A hub that changes the lines of a note is blamed, not the log; the log comes by another."""
    hub, origin = Stream(victim, "510000"), Stream(victim)
    now = victim.clock.now()
    good = parse_note(log.note(at=now))
    bent = bytearray(good.signatures[1].signature)
    bent[-1] ^= 1
    lines = (good.signatures[0], replace(good.signatures[1], signature=bytes(bent)))
    bad = Note(text=good.text, signatures=lines).to_bytes()
    hub.session.subscribed.add(log.origin)
    assert hub.send(log.batch(note=bad)) == "batch.checkpoint"
    assert (stored_leaves(victim), served_note(victim)) == ([], b"")
    assert origin.send(log.batch(note=good.to_bytes())) == ""
    assert head_time(victim, log) == now
    assert hub.send(HeadFrame(origin=log.origin, checkpoint=bad)) == "batch.checkpoint"
    assert hub.heads([bad]) == "batch.checkpoint"
    assert head_time(victim, log) == now
    assert victim.exchange.blamed() == {("510000", "batch.checkpoint"): 3}


def test_a_hub_that_strips_or_adds_lines_changes_nothing(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    now = victim.clock.now()
    assert stream.send(log.batch(note=log.note(at=now))) == ""
    shown = parse_note(served_note(victim))
    bare = Note(text=shown.text, signatures=parse_note(log.note()).signatures)
    strange = cosign(shown.text, replace(build.cosigner("510000", "witness"), name="x/y"), now)
    more = Note(text=shown.text, signatures=(*bare.signatures, *[strange] * 99))
    hub = Stream(victim, "510000")
    for note in (bare, more):
        assert hub.send(HeadFrame(origin=log.origin, checkpoint=note.to_bytes())) == ""
    assert parse_note(served_note(victim)) == shown
    assert victim.exchange.blamed() == {}


def test_a_hub_cannot_make_a_head_fresh(victim: SimNode, stream: Stream, log: HostileLog) -> None:
    now = victim.clock.now()
    assert stream.send(log.batch(note=log.note(at=now))) == ""
    victim.clock.advance(100_000)
    shown = parse_note(served_note(victim))
    lines = [
        cosign(shown.text, build.cosigner("510000", use), victim.clock.now())
        for use in ("head", "witness", "mirror")
    ]
    note = Note(text=shown.text, signatures=(*shown.signatures, *lines)).to_bytes()
    assert Stream(victim, "510000").send(HeadFrame(origin=log.origin, checkpoint=note)) == ""
    with victim.store.read() as session:
        head = session.head(log.origin)
        assert head is not None
        assert victim.doubts.of_log(head) == "log.stale"
    assert stream.send(log.head(at=victim.clock.now())) == ""
    with victim.store.read() as session:
        head = session.head(log.origin)
        assert head is not None
        assert victim.doubts.of_log(head) == ""
