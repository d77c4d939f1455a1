"""Signed notes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import (
    MAX_NOTE_SIZE,
    MAX_SIGNATURES,
    FormatError,
    KeyType,
    Note,
    SignatureError,
    SignatureLine,
    Signer,
    VerifierKey,
    parse_note,
    sign_note,
    verify_note,
)

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SIGNATURE = (
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
)
LINE = f"— example.com/foo {SIGNATURE}\n"
NOTE = f"This is an example message.\n\n{LINE}".encode()

ALICE = Signer(name="alice", type=KeyType.NOTE, seed=b"\x01" * 32)
BOB = Signer(name="bob", type=KeyType.NOTE, seed=b"\x02" * 32)
WITNESS = Signer(name="witness", type=KeyType.COSIGNATURE, seed=b"\x03" * 32)


def test_published_note() -> None:
    key = VerifierKey.parse(VKEY)
    note = parse_note(NOTE)
    assert note.text == "This is an example message.\n"
    assert verify_note(note, [key]) == (key,)
    assert note.to_bytes() == NOTE


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n"), max_size=60
)


@settings(deadline=None)
@given(TEXTS)
def test_notes_round_trip(body: str) -> None:
    """Texts may hold empty lines, U+2028, U+0085 and lines that look like signatures."""
    for text in (body + "\n", body + "\n\n" + LINE, body + "\u2028\n", body + "\x85\n"):
        note = sign_note(text, [ALICE, BOB])
        assert parse_note(note.to_bytes()) == note
        assert verify_note(note, [BOB.verifier, ALICE.verifier]) == (ALICE.verifier, BOB.verifier)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, len(NOTE) - 1), st.integers(0, 255))
def test_a_changed_byte_never_verifies(at: int, byte: int) -> None:
    changed = NOTE[:at] + bytes([byte]) + NOTE[at + 1 :]
    if changed == NOTE:
        return
    with pytest.raises((FormatError, SignatureError)):
        verify_note(parse_note(changed), [VerifierKey.parse(VKEY)])


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_what_is_parsed_is_written_again(tail: bytes) -> None:
    data = NOTE + tail
    try:
        note = parse_note(data)
    except FormatError:
        return
    assert note.to_bytes() == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        b"text\n\n",
        b"text\n",
        NOTE[:-1],
        NOTE + b"\n",
        NOTE + b"x",
        NOTE.replace(b"\n\n", b"\n"),
        NOTE.replace(b"\n", b"\r\n"),
        NOTE.replace(b"This", b"Th\x00is"),
        NOTE.replace(b"This", b"Th\tis"),
        NOTE.replace(b"This", b"\xff"),
        NOTE.replace(b"This", b"\xed\xa0\x80"),
        NOTE.replace("—".encode(), b"-"),
        NOTE.replace("— ".encode(), "—".encode()),
        NOTE.replace(b"com/foo", b"com/f+o"),
        NOTE.replace(b"com/foo", "com/f\u00a0o".encode()),
        NOTE.replace(b"com/foo", b"com/f\x01o"),
        NOTE.replace(b"aQM=", b"aQN="),
        NOTE.replace(b"aQM=", b"aQM= "),
        NOTE.replace(SIGNATURE.encode(), b"Uw2QOg=="),
        NOTE.replace(SIGNATURE.encode(), b""),
        NOTE + LINE.encode() * MAX_SIGNATURES,
        b"x" * MAX_NOTE_SIZE + NOTE,
    ],
)
def test_malformed_notes(data: bytes) -> None:
    with pytest.raises(FormatError):
        parse_note(data)


def test_the_last_empty_line_splits() -> None:
    data = b"a\n\n" + LINE.encode() + b"\n" + LINE.encode()
    assert parse_note(data).text == "a\n\n" + LINE


def test_the_most_signatures_are_accepted() -> None:
    note = parse_note(b"a\n\n" + LINE.encode() * MAX_SIGNATURES)
    assert len(note.signatures) == MAX_SIGNATURES


def test_unknown_keys_are_ignored() -> None:
    note = sign_note("a\n", [ALICE, BOB])
    assert verify_note(note, [BOB.verifier]) == (BOB.verifier,)
    other_name = Signer(name="alicia", type=KeyType.NOTE, seed=ALICE.seed).verifier
    other_key = Signer(name="alice", type=KeyType.NOTE, seed=BOB.seed).verifier
    for stranger in (other_name, other_key, WITNESS.verifier):
        with pytest.raises(SignatureError):
            verify_note(note, [stranger])
    with pytest.raises(SignatureError):
        verify_note(note, [])


def test_a_bad_signature_of_a_known_key_spoils_the_note() -> None:
    good = sign_note("a\n", [ALICE, BOB])
    alice, bob = good.signatures
    for signature in (bob.signature, alice.signature[:-1], alice.signature + b"\x00", bytes(64)):
        line = SignatureLine(name="alice", key_id=alice.key_id, signature=signature)
        for lines in ((line, bob), (bob, line), (alice, line, bob)):
            note = Note(text="a\n", signatures=lines)
            with pytest.raises(SignatureError):
                verify_note(note, [ALICE.verifier, BOB.verifier])
            assert verify_note(note, [BOB.verifier])


def test_a_repeated_signature_counts_once() -> None:
    line = sign_note("a\n", [ALICE]).signatures[0]
    note = Note(text="a\n", signatures=(line, line))
    assert verify_note(note, [ALICE.verifier, ALICE.verifier]) == (ALICE.verifier,)


def test_cosigning_keys_do_not_sign_notes() -> None:
    with pytest.raises(SignatureError):
        sign_note("a\n", [WITNESS])
    signature = WITNESS.sign_raw(b"a\n")
    line = SignatureLine(name="witness", key_id=WITNESS.verifier.key_id, signature=signature)
    with pytest.raises(SignatureError):
        verify_note(Note(text="a\n", signatures=(line,)), [WITNESS.verifier])


@pytest.mark.parametrize(
    "text", ["", "a", "a\x00\n", "a\r\n", "\ud800\n", "x" * MAX_NOTE_SIZE + "\n"]
)
def test_texts_that_cannot_be_signed(text: str) -> None:
    with pytest.raises(FormatError):
        sign_note(text, [ALICE])


def test_a_note_needs_a_signature() -> None:
    with pytest.raises(FormatError):
        sign_note("a\n", [])
