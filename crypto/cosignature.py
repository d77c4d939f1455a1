"""Cosignatures (C2SP tlog-cosignature v1, type 0x04): others' timed word on a checkpoint.

What a cosignature says (newest head, seen and consistent, stored) is said by which key it is
by; each has its own name and its own key, because the signed message does not hold the name
(tlog-cosignature, Ed25519 signed message).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crypto import _ed25519
from crypto.errors import FormatError, SignatureError
from crypto.keys import KeyType, VerifierKey
from crypto.notes import MAX_SIGNATURES, Note, SignatureLine, keys_by_id
from crypto.strict import MAX_SIZE, require_range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crypto.keys import Signer

TIMESTAMP_SIZE = 8
"""Bytes of the big-endian time in front of the signature."""

COSIGNATURE_SIZE = TIMESTAMP_SIZE + _ed25519.SIGNATURE_SIZE
"""Bytes of a line's signature: time, then Ed25519."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """A cosignature that was verified.

    Attributes:
        key: whose it is, and by that what it says.
        timestamp: when, in seconds since 1970 UTC, as the cosigner claims.
    """

    key: VerifierKey
    timestamp: int


def cosign(text: str, signer: Signer, timestamp: int) -> SignatureLine:
    """Cosign a checkpoint's text at a time.

    Args:
        text: the whole note text with its final newline, as the log signed it.
        signer: a key of type 0x04.
        timestamp: seconds since 1970 UTC, from the caller's clock.

    Raises:
        SignatureError: a key of another type.
        FormatError: a time beyond ``MAX_SIZE``, or below 0.
    """
    require_range("timestamp", timestamp, 0, MAX_SIZE)
    if signer.type is not KeyType.COSIGNATURE:
        msg = f"key {signer.name} of type {signer.type:#04x} cannot cosign"
        raise SignatureError(msg)
    signature = signer.sign_raw(_message(text, timestamp))
    return SignatureLine(
        name=signer.name,
        key_id=signer.verifier.key_id,
        signature=timestamp.to_bytes(TIMESTAMP_SIZE, "big") + signature,
    )


def verify_cosignatures(note: Note, keys: Sequence[VerifierKey]) -> tuple[Cosignature, ...]:
    """Check the cosignatures of known keys; lines of unknown keys are ignored.

    Says nothing of the log's own signature; keys of other types in ``keys`` are left alone.

    Returns:
        One for each key that cosigned, its newest, in the order of the note; possibly none,
        since how many and whose are needed is a matter of policy.

    Raises:
        SignatureError: a known key's cosignature is malformed or bad: such a note was
            tampered with, and is rejected whole (signed-note, Signatures).
    """
    known = keys_by_id(key for key in keys if key.type is KeyType.COSIGNATURE)
    newest: dict[VerifierKey, int] = {}
    for line in note.signatures:
        if key := known.get((line.name, line.key_id)):
            timestamp = _verify_line(note.text, line, key)
            newest[key] = max(timestamp, newest.get(key, 0))
    return tuple(Cosignature(key=key, timestamp=timestamp) for key, timestamp in newest.items())


def claimed_time(line: SignatureLine) -> int:
    """The time that a cosignature line states; verify the line first."""
    return int.from_bytes(line.signature[:TIMESTAMP_SIZE], "big")


def only_known(note: Note, keys: Sequence[VerifierKey]) -> Note:
    """Drop the lines of unknown keys, so that strangers cannot fill a note up.

    Raises:
        FormatError: no line is left.
        SignatureError: two different keys share name and id.
    """
    known = keys_by_id(keys)
    kept = tuple(line for line in note.signatures if (line.name, line.key_id) in known)
    return Note(text=note.text, signatures=kept)


def merge_signatures(a: Note, b: Note) -> Note:
    """Put the signatures of two notes over one text together.

    Verify both first (and drop unknown keys with `only_known`): of two lines of one key the
    one that *claims* the later time is kept, so an unverified line could displace a good one.

    Returns:
        The log's own signatures first, then the others by name and key id. The order of the
        arguments, and merging again, change nothing. Of more lines than a note can hold the
        last are left out, but those of the log's own node before all others kept.

    Raises:
        FormatError: different texts, or a note that is too long.
    """
    if a.text != b.text:
        msg = "expected two notes over one text"
        raise FormatError(msg)
    origin = a.text.partition("\n")[0]
    node = origin.rpartition("/")[0] + "/"
    kept: dict[tuple[bool, str, bytes, int], SignatureLine] = {}
    for line in (*a.signatures, *b.signatures):
        # The type is not written in the line; Ed25519 types differ in length. The time
        # stands first, big-endian: comparing bytes compares times.
        key = (line.name != origin, line.name, line.key_id, len(line.signature))
        if key not in kept or line.signature > kept[key].signature:
            kept[key] = line
    first = sorted(kept, key=lambda key: (key[0], not key[1].startswith(node), *key[1:]))
    chosen = sorted(first[:MAX_SIGNATURES])
    return Note(text=a.text, signatures=tuple(kept[key] for key in chosen))


def _verify_line(text: str, line: SignatureLine, key: VerifierKey) -> int:
    if len(line.signature) != COSIGNATURE_SIZE:
        msg = (
            f"cosignature of {line.name}: expected {COSIGNATURE_SIZE} bytes, "
            f"got {len(line.signature)}"
        )
        raise SignatureError(msg)
    timestamp = claimed_time(line)
    if timestamp > MAX_SIZE:  # tlog-cosignature, Format: MUST NOT exceed 2^63 - 1
        msg = f"cosignature of {line.name}: time {timestamp} is out of range"
        raise SignatureError(msg)
    message = _message(text, timestamp)
    _ed25519.verify_text(key.public, line.signature[TIMESTAMP_SIZE:], message)
    return timestamp


def _message(text: str, timestamp: int) -> bytes:
    """Build what is signed (tlog-cosignature, Ed25519 signed message)."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
