"""DSSE envelopes (secure-systems-lab/dsse v1.0.2): a payload under several signatures.

Base64 in the standard or the URL-safe alphabet, as the specification demands, and written in the
standard one. Stricter than it where that lets two readers differ: canonical spelling only, JSON as
`crypto.strict_json` reads it, bounded. Whose signatures count is decided by the keys of the caller;
key ids of the file never decide.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from crypto import _ed25519
from crypto.errors import FormatError, SignatureError
from crypto.strict import b64, b64_either
from crypto.strict_json import load_json

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ENVELOPE_SIZE = 2 * 1024 * 1024
"""Bytes of an envelope: 1 MiB of payload in base64, and 256 signatures. It travels in a message."""

MAX_ENVELOPE_SIGNATURES = 256
"""Signatures of an envelope; each may have to be tried under each key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A payload and what is said to be signatures over it. Nothing is verified.

    Attributes:
        payload_type: media type of the payload, signed with it.
        payload: the bytes that are signed, never serialised again.
        signatures: (key id, signature) in the order of the file. The id is a hint of
            whoever wrote the file, and may be empty.
    """

    payload_type: str
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]

    def __post_init__(self) -> None:
        """Check that this can be signed and written.

        Raises:
            FormatError: text that UTF-8 cannot write, or too many signatures.
        """
        for text in (self.payload_type, *(keyid for keyid, _ in self.signatures)):
            _encode(text)
        if len(self.signatures) > MAX_ENVELOPE_SIGNATURES:
            msg = (
                f"expected at most {MAX_ENVELOPE_SIGNATURES} signatures, got {len(self.signatures)}"
            )
            raise FormatError(msg)

    def to_bytes(self) -> bytes:
        """Write the envelope as JSON (DSSE, envelope.md), in ASCII."""
        signatures = [{"keyid": keyid, "sig": b64(sig)} for keyid, sig in self.signatures]
        members = {
            "payload": b64(self.payload),
            "payloadType": self.payload_type,
            "signatures": signatures,
        }
        return json.dumps(members, indent=1).encode("ascii") + b"\n"


def pae(payload_type: str, payload: bytes) -> bytes:
    """Encode what is signed (DSSE, protocol.md: PAE), in which type and payload cannot mix.

    Raises:
        FormatError: a type that UTF-8 cannot write.
    """
    kind = _encode(payload_type)
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def key_id(public: bytes) -> str:
    """Give the id that is written beside a signature: hex SHA-256 of the raw public key."""
    return sha256(public).hexdigest()


def parse_envelope(data: bytes) -> Envelope:
    """Read an envelope. Members of objects that are not known are ignored, as DSSE says.

    Raises:
        FormatError: too long, not strict JSON, a member missing or of another type, or base64
            in another than the canonical spelling.
    """
    if len(data) > MAX_ENVELOPE_SIZE:
        msg = f"expected an envelope of at most {MAX_ENVELOPE_SIZE} bytes, got {len(data)}"
        raise FormatError(msg)
    members = load_json(data)
    signatures = _member(members, "signatures", list)
    return Envelope(
        payload_type=_member(members, "payloadType", str),
        payload=b64_either(_member(members, "payload", str)),
        signatures=tuple(_signature(one) for one in signatures),
    )


def sign_envelope(envelope: Envelope, seed: bytes) -> Envelope:
    """Add a signature, in place of one that this key made before.

    Members sign one after the other, each on a machine of its own: begin with an envelope
    without signatures.

    Args:
        envelope: what is signed.
        seed: the signer's 32 secret bytes.

    Raises:
        FormatError: the seed has not 32 bytes, or there are too many signatures.
    """
    public, secret = _ed25519.keypair(seed)
    mine = key_id(public)
    signature = _ed25519.sign(pae(envelope.payload_type, envelope.payload), secret)
    others = tuple(one for one in envelope.signatures if one[0] != mine)
    return replace(envelope, signatures=(*others, (mine, signature)))


def good_signatures(envelope: Envelope, keys: Sequence[bytes]) -> frozenset[bytes]:
    """Tell which of these keys have signed.

    Bad signatures and strangers' are passed over: whoever hands the file on can add such
    lines, and must not be able to void it. What number of whose signatures is enough is the
    caller's to count, in distinct members.

    Args:
        envelope: as parsed.
        keys: raw public keys of 32 bytes.

    Returns:
        Those of ``keys`` under which at least one signature is good.

    Raises:
        FormatError: one of ``keys`` is not a safe public key.
    """
    for public in keys:
        _ed25519.check_public(public)
    message = pae(envelope.payload_type, envelope.payload)
    good: set[bytes] = set()
    for hint, signature in envelope.signatures:
        # The hint only orders the trials: an honest file needs one for each signature.
        trials = sorted(set(keys) - good, key=lambda public: key_id(public) != hint)
        for public in trials:
            try:
                _ed25519.verify(public, signature, message)
            except SignatureError:
                continue
            good.add(public)
            break
    return frozenset(good)


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        msg = "envelope: text that cannot be written in UTF-8"
        raise FormatError(msg) from error


_Member = TypeVar("_Member", str, list[object])


def _member(members: object, name: str, kind: type[_Member]) -> _Member:
    value = members.get(name) if isinstance(members, dict) else None
    if not isinstance(value, kind):
        msg = f"envelope: expected {name} to be a {kind.__name__}"
        raise FormatError(msg)
    return value


def _signature(entry: object) -> tuple[str, bytes]:
    """Read one signature; ``keyid`` may be missing (DSSE: optional, and only a hint)."""
    keyid = ""
    if isinstance(entry, dict) and "keyid" in entry:
        keyid = _member(entry, "keyid", str)
    return keyid, b64_either(_member(entry, "sig", str))
