"""Sealing: openings at rest and on the wire, and keyed tags.

XChaCha20-Poly1305 has nonces long enough to be drawn at random. Associated data ties a
ciphertext to its place, so that a store cannot answer with another record's opening.

One exception to this package's rule that randomness is passed in: ``seal_to`` uses
libsodium's sealed boxes, which draw an ephemeral key themselves and offer no way to pass
one. Its output differs on each call and cannot be predicted by a test.
"""

from __future__ import annotations

import hmac

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_ABYTES,
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_box_seal,
    crypto_box_seal_open,
    crypto_box_SEALBYTES,
    crypto_scalarmult_base,
)
from nacl.exceptions import CryptoError as SodiumError

from crypto.errors import FormatError, SealError
from crypto.keys import valid_name
from crypto.strict import MAX_SIZE, length_prefixed, require_range

KEY_SIZE = 32
"""Bytes of a symmetric key, and of either half of a sealing key pair."""

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


def sealing_public(secret: bytes) -> bytes:
    """Derive the X25519 public key, to which others seal, from its 32 secret bytes.

    Raises:
        SealError: the secret has not 32 bytes.
    """
    _require("sealing secret", secret, KEY_SIZE)
    return crypto_scalarmult_base(secret)


def seal_to(public: bytes, data: bytes) -> bytes:
    """Seal to one reader (libsodium sealed box); see the module's note on randomness.

    Nothing tells the reader who sealed it.

    Raises:
        SealError: not a usable X25519 public key.
    """
    _require("sealing key", public, KEY_SIZE)
    try:
        return crypto_box_seal(data, public)
    except SodiumError as error:
        msg = f"cannot seal to the key {public.hex()}"
        raise SealError(msg) from error


def unseal_with(secret: bytes, data: bytes) -> bytes:
    """Open what ``seal_to`` gave for the public half of this secret.

    Raises:
        SealError: sealed to another key, changed, or too short.
    """
    public = sealing_public(secret)
    if len(data) < crypto_box_SEALBYTES:
        msg = f"sealed box: expected at least {crypto_box_SEALBYTES} bytes, got {len(data)}"
        raise SealError(msg)
    try:
        return crypto_box_seal_open(data, public, secret)
    except SodiumError as error:
        msg = "sealed box does not open"
        raise SealError(msg) from error


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
