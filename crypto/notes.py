"""Signed notes (C2SP signed-note v1.0.0): a text, an empty line, lines of signatures.

Parsing keeps all that stands in the note, so that writing gives the same bytes again; what
is signed is the text alone, with its final newline and without the empty line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crypto import _ed25519
from crypto.errors import FormatError, SignatureError
from crypto.keys import KEY_ID_SIZE, KeyType, VerifierKey, valid_name
from crypto.strict import b64, b64_strict, require_length

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crypto.keys import Signer

MAX_NOTE_SIZE = 128 * 1024
"""Bytes of a note. Room for 16 lines of the largest assigned type (signed-note: MUST accept 16
signatures), ML-DSA-44 with 3.3 KB and a name of 512, beside 84 Ed25519 lines with such names."""

MAX_SIGNATURES = 100
"""Signature lines of a note, the limit of Go's ``note`` package."""

_PREFIX = "\N{EM DASH} "
_CONTROLS = bytes(set(range(0x20)) - {0x0A})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """One signature, not verified.

    Attributes:
        name: name of the key that is said to have signed.
        key_id: its 4 bytes.
        signature: what the key's type makes of it: 64 bytes for Ed25519, 72 for an Ed25519
            cosignature; anything, but not nothing, for types unknown here.
    """

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        """Check that the line can be written.

        Raises:
            FormatError: a bad name, an id that has not 4 bytes, or an empty signature.
        """
        require_length("key id", self.key_id, KEY_ID_SIZE)
        if not valid_name(self.name) or not self.signature:
            msg = f"not a signature line: {self.name[:64]!r}, {len(self.signature)} bytes"
            raise FormatError(msg)

    @classmethod
    def parse(cls, line: str) -> SignatureLine:
        """Read one line without its newline (signed-note, Signatures).

        Raises:
            FormatError: not ``— <name> base64(key id || signature)``.
        """
        name, space, encoded = line.removeprefix(_PREFIX).partition(" ")
        if not line.startswith(_PREFIX) or not space:
            msg = f"not a signature line: {line[:64]!r}"
            raise FormatError(msg)
        data = b64_strict(encoded)
        return cls(name=name, key_id=data[:KEY_ID_SIZE], signature=data[KEY_ID_SIZE:])

    def __str__(self) -> str:
        """Write the line with its newline."""
        return f"{_PREFIX}{self.name} {b64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and the signature lines under it, none of them verified.

    Attributes:
        text: what is signed; ends in a newline and may hold empty lines.
        signatures: 1 to ``MAX_SIGNATURES`` lines, in the order of the note.
    """

    text: str
    signatures: tuple[SignatureLine, ...]

    def __post_init__(self) -> None:
        """Check that the note can be written and read back.

        Raises:
            FormatError: a text that does not end in a newline or holds control characters,
                no signature or too many, or more than ``MAX_NOTE_SIZE`` bytes.
        """
        _check_text(self.text)
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            msg = f"expected 1 to {MAX_SIGNATURES} signatures, got {len(self.signatures)}"
            raise FormatError(msg)
        _check_size(len(self.to_bytes()))

    def to_bytes(self) -> bytes:
        """Write the note; for a note that was parsed, exactly the bytes that were read."""
        return (self.text + "\n" + "".join(map(str, self.signatures))).encode()


def parse_note(data: bytes) -> Note:
    """Read a note, without verifying anything.

    Args:
        data: the note and nothing after it.

    Raises:
        FormatError: too long, not UTF-8, control characters, no empty line, no signature
            line, more than ``MAX_SIGNATURES``, or a malformed one.
    """
    _check_size(len(data))
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        msg = "note is not UTF-8"
        raise FormatError(msg) from error
    # The last empty line: texts may hold empty lines, signature lines cannot.
    text, empty, lines = whole.rpartition("\n\n")
    if not empty or not lines.endswith("\n"):
        msg = "expected a note: text, empty line, signature lines, final newline"
        raise FormatError(msg)
    # str.splitlines would also split at U+0085 and U+2028.
    parts = lines[:-1].split("\n", MAX_SIGNATURES)
    return Note(text=text + "\n", signatures=tuple(map(SignatureLine.parse, parts)))


def sign_note(text: str, signers: Sequence[Signer]) -> Note:
    """Sign a text with keys of type 0x01, one line for each, in their order.

    Raises:
        FormatError: the text cannot stand in a note, or there is no signer.
        SignatureError: a key of another type, whose signatures cover something else.
    """
    _check_text(text)
    lines: list[SignatureLine] = []
    for signer in signers:
        if signer.type is not KeyType.NOTE:
            msg = f"key {signer.name} of type {signer.type:#04x} cannot sign a note as such"
            raise SignatureError(msg)
        signature = signer.sign_raw(text.encode())
        lines.append(
            SignatureLine(name=signer.name, key_id=signer.verifier.key_id, signature=signature)
        )
    return Note(text=text, signatures=tuple(lines))


def verify_note(note: Note, keys: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Check the signatures of known keys of type 0x01 (signed-note, Signatures).

    Lines of unknown keys are ignored, even if they share the name or the id of a known one.
    Keys of other types in ``keys`` are left alone; see `crypto.cosignature` for those.

    Returns:
        The keys that signed, each once, in the order of the note; at least one.

    Raises:
        SignatureError: a known key's signature is bad, or no known key signed, or two
            different keys share a name and id, which leaves unclear whom a line is by.
    """
    known = keys_by_id(key for key in keys if key.type is KeyType.NOTE)
    message = note.text.encode()
    signed: dict[VerifierKey, None] = {}
    for line in note.signatures:
        if key := known.get((line.name, line.key_id)):
            _ed25519.verify_text(key.public, line.signature, message)
            signed[key] = None
    if not signed:
        msg = f"no signature by any of {sorted(key.name for key in known.values())}"
        raise SignatureError(msg)
    return tuple(signed)


def keys_by_id(keys: Iterable[VerifierKey]) -> dict[tuple[str, bytes], VerifierKey]:
    """Index keys by what a signature line says of its key.

    Raises:
        SignatureError: two different keys share name and id (signed-note: collisions).
    """
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            msg = f"two different keys are named {key.name} with id {key.key_id.hex()}"
            raise SignatureError(msg)
    return known


def _check_text(text: str) -> None:
    """Apply signed-note, Format: final newline, UTF-8, no control characters but newline."""
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        msg = "note text cannot be written in UTF-8"
        raise FormatError(msg) from error
    if not data.endswith(b"\n"):
        msg = "expected a note text that ends in a newline"
        raise FormatError(msg)
    if len(data.translate(None, _CONTROLS)) != len(data):
        msg = "note text holds control characters"
        raise FormatError(msg)


def _check_size(size: int) -> None:
    if size > MAX_NOTE_SIZE:
        msg = f"expected a note of at most {MAX_NOTE_SIZE} bytes, got {size}"
        raise FormatError(msg)
