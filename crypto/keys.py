"""Named Ed25519 keys of notes (C2SP signed-note, Signatures; texts as Go's ``note`` package).

A key is known by its name and a short key id, which binds name, type and public key. The id
only selects the key to try; it is no proof of anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256

from crypto import _ed25519
from crypto.errors import FormatError
from crypto.strict import b64, b64_strict

KEY_ID_SIZE = 4
"""Bytes of a key id."""

MAX_NAME = 512
"""Bytes of a name in UTF-8 (SPEC §3.1): what a note has room for in a hundred lines."""

_PRIVATE_PREFIX = "PRIVATE+KEY+"
_FIRST_PRINTABLE = " "


class KeyType(IntEnum):
    """Signature type byte (signed-note, Signature types): what the key's signature covers."""

    NOTE = 0x01
    """Ed25519 over the note text."""
    COSIGNATURE = 0x04
    """Ed25519 over a time and the note text (tlog-cosignature)."""


def valid_name(name: str) -> bool:
    """Tell whether this can name a key, and so an origin.

    signed-note, Format: not empty, no Unicode space, no ``+``; and since it stands in notes:
    no control character and nothing that UTF-8 cannot write. At most ``MAX_NAME`` bytes.
    """
    if "+" in name or name.split() != [name] or min(name) < _FIRST_PRINTABLE:
        return False
    try:
        return len(name.encode()) <= MAX_NAME
    except UnicodeEncodeError:
        return False


def check_public(public: bytes) -> None:
    """Refuse what is not a safe public key, under whatever name.

    Raises:
        FormatError: not 32 bytes, not a point of the curve in its one encoding, outside the
            main subgroup, or of small order.
    """
    _ed25519.check_public(public)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key with its name and type.

    Attributes:
        name: a name for which ``valid_name`` holds.
        type: what signatures of this key cover.
        public: 32 bytes, a point that is safe to verify under.
        key_id: ``SHA-256(name || 0x0A || type || public)[:4]``, computed.
    """

    name: str
    type: KeyType
    public: bytes
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Check all parts and compute the key id.

        Raises:
            FormatError: a bad name, an unknown type, or a public key of wrong length, off
                the curve or of small order.
        """
        if not valid_name(self.name):
            msg = f"not a valid key name: {self.name!r}"
            raise FormatError(msg)
        _ed25519.check_public(self.public)
        object.__setattr__(self, "type", _key_type(self.type))
        material = self.name.encode() + b"\n" + bytes((self.type,)) + self.public
        object.__setattr__(self, "key_id", sha256(material).digest()[:KEY_ID_SIZE])

    @classmethod
    def parse(cls, vkey: str) -> VerifierKey:
        """Read ``name+hex(key id)+base64(type || public key)`` (signed-note, verifier keys).

        Raises:
            FormatError: any part is malformed, the id does not belong to the key, or the
                type is not one that is used here.
        """
        name, key_id, material = _split_key(vkey)
        key = cls(name=name, type=_key_type(material[0]), public=material[1:])
        _require_id(key, key_id)
        return key

    def __str__(self) -> str:
        """Write the verifier key; ``parse`` reads it back."""
        return f"{self.name}+{self.key_id.hex()}+{b64(bytes((self.type,)) + self.public)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A private key with its name and type. Its ``repr`` shows no secret.

    Attributes:
        name: name of the key.
        type: what its signatures cover.
        seed: the 32 secret bytes (RFC 8032 §5.1.5), drawn by the caller.
        verifier: the public half, computed.
    """

    name: str
    type: KeyType
    seed: bytes = field(repr=False)
    verifier: VerifierKey = field(init=False)
    _secret: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Derive the public half once; it costs as much as a signature.

        Raises:
            FormatError: a bad name, an unknown type, or a seed that has not 32 bytes.
        """
        public, secret = _ed25519.keypair(self.seed)
        object.__setattr__(self, "type", _key_type(self.type))
        verifier = VerifierKey(name=self.name, type=self.type, public=public)
        object.__setattr__(self, "verifier", verifier)
        object.__setattr__(self, "_secret", secret)

    def sign_raw(self, message: bytes) -> bytes:
        """Sign exactly these bytes; gives the 64 bytes of an Ed25519 signature.

        What the bytes mean is fixed by the type: see `crypto.notes` and
        `crypto.cosignature`, which build them.
        """
        return _ed25519.sign(message, self._secret)

    @classmethod
    def parse(cls, text: str) -> Signer:
        """Read the text of a seed file; one newline at its end is let pass.

        Raises:
            FormatError: not ``PRIVATE+KEY+<name>+<key id>+<base64>``, or the id does not
                belong to the seed. The text, being secret, is not shown.
        """
        text = text.removesuffix("\n")
        if not text.startswith(_PRIVATE_PREFIX):
            msg = f"expected a seed text that begins with {_PRIVATE_PREFIX}"
            raise FormatError(msg)
        try:
            name, key_id, material = _split_key(text.removeprefix(_PRIVATE_PREFIX))
        except FormatError:
            msg = "seed text: expected <name>+<8 hex digits>+<base64>"
            raise FormatError(msg) from None
        signer = cls(name=name, type=_key_type(material[0]), seed=material[1:])
        _require_id(signer.verifier, key_id)
        return signer

    def to_seed_text(self) -> str:
        """Write the seed file's text, without a final newline. It is the secret itself."""
        material = b64(bytes((self.type,)) + self.seed)
        return f"{_PRIVATE_PREFIX}{self.name}+{self.verifier.key_id.hex()}+{material}"


def _key_type(value: int) -> KeyType:
    try:
        return KeyType(value)
    except ValueError as error:
        msg = f"expected key type 1 or 4, got {value}"
        raise FormatError(msg) from error


def _split_key(text: str) -> tuple[str, str, bytes]:
    """Split ``name+id+base64``; the base64 part may itself hold plus signs."""
    parts = text.split("+", 2)
    name, key_id, encoded = parts if len(parts) == len(("name", "id", "key")) else ("", "", "")
    material = b64_strict(encoded)
    if not material:
        msg = f"expected <name>+<8 hex digits>+<base64>, got {text[:64]!r}"
        raise FormatError(msg)
    return name, key_id, material


def _require_id(key: VerifierKey, key_id: str) -> None:
    if key_id != key.key_id.hex():
        msg = f"key {key.name}: expected id {key.key_id.hex()}, got {key_id[:16]!r}"
        raise FormatError(msg)
