"""Sealing: openings at rest and on the wire, and keyed tags.

XChaCha20-Poly1305 has nonces long enough to be drawn at random. Associated data ties a
ciphertext to its place, so that a store cannot answer with another record's opening.

Sealing to a reader's public key is `crypto.hpke`.
"""

from __future__ import annotations

import hmac

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_ABYTES,
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError as SodiumError

from crypto.errors import FormatError, SealError
from crypto.keys import valid_name
from crypto.strict import MAX_SIZE, length_prefixed, require_range

KEY_SIZE = 32
"""Bytes of a symmetric key."""

NONCE_SIZE = 24
"""Bytes of a nonce; random, never used twice with one key."""

TAG_SIZE = 32
"""Bytes of a keyed tag."""

SEAL_OVERHEAD = NONCE_SIZE + crypto_aead_xchacha20poly1305_ietf_ABYTES
"""Bytes by which ``seal`` makes a plaintext longer."""

_INDEX_SIZE = 8


def seal(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Encrypt and authenticate with XChaCha20-Poly1305.

    Args:
        key: 32 bytes.
        nonce: 24 random bytes.
        plaintext: what is hidden.
        aad: what is not hidden, but must be given again to open; see ``opening_aad``.

    Returns:
        The nonce, then the ciphertext with its tag.

    Raises:
        SealError: key or nonce of wrong length.
    """
    _require("key", key, KEY_SIZE)
    _require("nonce", nonce, NONCE_SIZE)
    return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, aad, nonce, key)


def unseal(key: bytes, data: bytes, aad: bytes) -> bytes:
    """Open what ``seal`` gave.

    Raises:
        SealError: wrong key, changed bytes, other associated data, or too short.
    """
    _require("key", key, KEY_SIZE)
    if len(data) < SEAL_OVERHEAD:
        msg = f"sealed value: expected at least {SEAL_OVERHEAD} bytes, got {len(data)}"
        raise SealError(msg)
    nonce, ciphertext = data[:NONCE_SIZE], data[NONCE_SIZE:]
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(ciphertext, aad, nonce, key)
    except SodiumError as error:
        msg = "sealed value does not open"
        raise SealError(msg) from error


def opening_aad(origin: str, index: int) -> bytes:
    """Give the associated data of an opening: ``u16 length || origin || u64 index``.

    Raises:
        FormatError: the origin cannot name a log or is too long, or the index is out of
            range.
    """
    if not valid_name(origin):
        msg = f"not a valid origin: {origin[:64]!r}"
        raise FormatError(msg)
    require_range("index", index, 0, MAX_SIZE)
    return length_prefixed(origin.encode()) + index.to_bytes(_INDEX_SIZE, "big")


def keyed_tag(key: bytes, *parts: bytes) -> bytes:
    """Give a name to a value that only holders of the key can compute or test.

    HMAC-SHA-256 over the parts, each with a u16 length in front, so that ``ab, c`` and
    ``a, bc`` differ.

    Raises:
        SealError: the key is shorter than 32 bytes.
        FormatError: a part is longer than 65,535 bytes.
    """
    if len(key) < KEY_SIZE:
        msg = f"tag key: expected at least {KEY_SIZE} bytes, got {len(key)}"
        raise SealError(msg)
    return hmac.digest(key, b"".join(map(length_prefixed, parts)), "sha256")


def _require(what: str, data: bytes, length: int) -> None:
    if len(data) != length:
        msg = f"{what}: expected {length} bytes, got {len(data)}"
        raise SealError(msg)
