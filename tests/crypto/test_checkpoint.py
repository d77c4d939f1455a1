"""Checkpoints and the cosignatures on them."""

from __future__ import annotations

import itertools
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import (
    EMPTY_ROOT,
    MAX_SIGNATURES,
    MAX_SIZE,
    Checkpoint,
    Cosignature,
    FormatError,
    KeyType,
    Note,
    SignatureError,
    SignatureLine,
    Signer,
    VerifierKey,
    cosign,
    merge_signatures,
    only_known,
    open_checkpoint,
    parse_checkpoint_text,
    peek_checkpoint,
    sign_checkpoint,
    sign_note,
    verify_cosignatures,
)
from crypto.strict import b64

ORIGIN = "510500.huxin.example/1"
NODE = "510500.huxin.example"
ROOT = sha256(b"root").digest()
CHECKPOINT = Checkpoint(origin=ORIGIN, size=70000, root=ROOT)
LOG = Signer(name=ORIGIN, type=KeyType.NOTE, seed=b"\x01" * 32)
HEAD = Signer(name=f"{NODE}/head", type=KeyType.COSIGNATURE, seed=b"\x02" * 32)
WITNESS = Signer(name=f"{NODE}/witness", type=KeyType.COSIGNATURE, seed=b"\x03" * 32)
SIGNED = sign_checkpoint(CHECKPOINT, LOG)


def with_lines(*lines: SignatureLine) -> Note:
    return Note(text=SIGNED.text, signatures=(*SIGNED.signatures, *lines))


def test_text() -> None:
    assert CHECKPOINT.text() == f"{ORIGIN}\n70000\n{b64(ROOT)}\n"
    empty = Checkpoint(origin=ORIGIN, size=0, root=EMPTY_ROOT)
    assert empty.text() == f"{ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


@given(st.integers(0, MAX_SIZE), st.binary(min_size=32, max_size=32))
def test_text_round_trip(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=root)
    assert parse_checkpoint_text(checkpoint.text()) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        CHECKPOINT.text()[:-1],
        CHECKPOINT.text() + "extension\n",
        CHECKPOINT.text() + "\n",
        "\n" + CHECKPOINT.text(),
        CHECKPOINT.text().replace("70000", "070000"),
        CHECKPOINT.text().replace("70000", "70_000"),
        CHECKPOINT.text().replace("70000", "٧"),
        CHECKPOINT.text().replace("70000", str(MAX_SIZE + 1)),
        CHECKPOINT.text().replace("\n7", "\u20287"),
        CHECKPOINT.text().replace(ORIGIN, "a b"),
        CHECKPOINT.text().replace(ORIGIN, ""),
        f"{ORIGIN}\n1\n{b64(ROOT[:31])}\n",
        f"{ORIGIN}\n1\n{b64(ROOT)[:-2]}V=\n",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        parse_checkpoint_text(text)


def test_opening() -> None:
    data = SIGNED.to_bytes()
    opened = open_checkpoint(data, LOG.verifier)
    assert opened.checkpoint == CHECKPOINT == peek_checkpoint(data)
    assert opened.note.to_bytes() == data


def test_only_the_key_named_like_the_origin_speaks_for_it() -> None:
    other = Signer(name="510300.huxin.example/1", type=KeyType.NOTE, seed=LOG.seed)
    with pytest.raises(SignatureError):
        sign_checkpoint(CHECKPOINT, other)
    with pytest.raises(SignatureError):
        sign_checkpoint(CHECKPOINT, Signer(name=ORIGIN, type=KeyType.COSIGNATURE, seed=LOG.seed))
    foreign = sign_note(CHECKPOINT.text(), [other]).to_bytes()
    for key in (other.verifier, LOG.verifier):
        with pytest.raises(SignatureError):
            open_checkpoint(foreign, key)


def test_a_signed_text_that_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(FormatError):
        open_checkpoint(sign_note(CHECKPOINT.text() + "more\n", [LOG]).to_bytes(), LOG.verifier)


@settings(deadline=None)
@given(st.integers(0, MAX_SIZE))
def test_cosigning(timestamp: int) -> None:
    note = with_lines(cosign(SIGNED.text, HEAD, timestamp))
    keys = [WITNESS.verifier, HEAD.verifier, LOG.verifier]
    assert verify_cosignatures(note, keys) == (Cosignature(key=HEAD.verifier, timestamp=timestamp),)
    assert open_checkpoint(note.to_bytes(), LOG.verifier).checkpoint == CHECKPOINT


def test_cosigned_bytes() -> None:
    line = cosign(SIGNED.text, HEAD, 1679315147)
    assert line.signature[:8] == (1679315147).to_bytes(8, "big")
    message = b"cosignature/v1\ntime 1679315147\n" + SIGNED.text.encode()
    assert line.signature[8:] == HEAD.sign_raw(message)


def test_unknown_cosigners_are_ignored_and_bad_ones_spoil_the_note() -> None:
    line = cosign(SIGNED.text, HEAD, 5)
    assert verify_cosignatures(with_lines(line), [WITNESS.verifier]) == ()
    later = (6).to_bytes(8, "big") + line.signature[8:]
    message = f"cosignature/v1\ntime {1 << 63}\n{SIGNED.text}".encode()
    too_late = (1 << 63).to_bytes(8, "big") + HEAD.sign_raw(message)
    bare = HEAD.sign_raw(SIGNED.text.encode())
    for signature in (later, too_late, bare, line.signature + b"\x00", line.signature[:-1]):
        bad = SignatureLine(name=HEAD.name, key_id=line.key_id, signature=signature)
        with pytest.raises(SignatureError):
            verify_cosignatures(with_lines(line, bad), [HEAD.verifier])
        assert verify_cosignatures(with_lines(bad), [WITNESS.verifier]) == ()


def test_a_cosignature_holds_for_one_text_only() -> None:
    other = sign_checkpoint(Checkpoint(origin=ORIGIN, size=1, root=ROOT), LOG)
    note = Note(text=other.text, signatures=(cosign(SIGNED.text, HEAD, 5),))
    with pytest.raises(SignatureError):
        verify_cosignatures(note, [HEAD.verifier])


def test_the_newest_cosignature_of_a_key_counts() -> None:
    lines = [cosign(SIGNED.text, HEAD, time) for time in (5, 9, 7)]
    assert verify_cosignatures(with_lines(*lines), [HEAD.verifier]) == (
        Cosignature(key=HEAD.verifier, timestamp=9),
    )


def test_what_cannot_be_cosigned() -> None:
    with pytest.raises(SignatureError):
        cosign(SIGNED.text, LOG, 5)
    for timestamp in (-1, MAX_SIZE + 1):
        with pytest.raises(FormatError):
            cosign(SIGNED.text, HEAD, timestamp)


def test_two_keys_with_one_name_and_id_are_refused() -> None:
    twin = Signer(name=HEAD.name, type=KeyType.COSIGNATURE, seed=b"\x09" * 32).verifier
    object.__setattr__(twin, "key_id", HEAD.verifier.key_id)
    with pytest.raises(SignatureError):
        verify_cosignatures(SIGNED, [HEAD.verifier, twin])


LINES = [
    *SIGNED.signatures,
    *(cosign(SIGNED.text, signer, time) for signer in (HEAD, WITNESS) for time in (5, 6, 256)),
    SignatureLine(name="stranger", key_id=b"\x00" * 4, signature=b"\x01"),
    SignatureLine(name="stranger", key_id=b"\x00" * 4, signature=b"\x02"),
]
NOTES = st.lists(st.sampled_from(LINES), min_size=1, max_size=8).map(
    lambda lines: Note(text=SIGNED.text, signatures=tuple(lines))
)


@given(NOTES, NOTES, NOTES)
def test_merging_does_not_depend_on_order(a: Note, b: Note, c: Note) -> None:
    merged = merge_signatures(a, b)
    assert merged == merge_signatures(b, a) == merge_signatures(merged, a)
    assert merge_signatures(merged, c) == merge_signatures(a, merge_signatures(b, c))
    if any(line.name == ORIGIN for line in (*a.signatures, *b.signatures)):
        assert merged.signatures[0].name == ORIGIN


def test_merging_keeps_the_newest() -> None:
    old, new = (cosign(SIGNED.text, HEAD, time) for time in (255, 256))
    witness = cosign(SIGNED.text, WITNESS, 1)
    for a, b in itertools.permutations([with_lines(old, witness), with_lines(new)]):
        assert merge_signatures(a, b) == with_lines(new, witness)


def test_merging_refuses_other_texts_and_leaves_out_what_does_not_fit() -> None:
    other = sign_checkpoint(Checkpoint(origin=ORIGIN, size=1, root=ROOT), LOG)
    with pytest.raises(FormatError):
        merge_signatures(SIGNED, other)
    strangers = [
        SignatureLine(name=f"s{i}", key_id=b"\x00" * 4, signature=b"\x01") for i in range(120)
    ]
    a, b = with_lines(*strangers[:60]), with_lines(*strangers[60:])
    own = cosign(SIGNED.text, replace(HEAD, name=f"{ORIGIN.partition('/')[0]}/z"), 1)
    merged = merge_signatures(merge_signatures(a, b), with_lines(own))
    assert len(merged.signatures) == MAX_SIGNATURES
    assert merged.signatures[0].name == ORIGIN
    assert own in merged.signatures
    assert merged == merge_signatures(b, merge_signatures(with_lines(own), a))
    keys: list[VerifierKey] = [LOG.verifier, HEAD.verifier]
    assert merge_signatures(only_known(a, keys), only_known(b, keys)) == SIGNED
    with pytest.raises(FormatError):
        only_known(SIGNED, [HEAD.verifier])
