"""Ed25519 (RFC 8032) through libsodium, and nothing else of it.

libsodium refuses public keys of small order, under which one signature is good for many messages,
an R of small order, and an S that is not below the group order; it compares the recomputed R byte
for byte (SPEC §3.1). Bindings are used instead of PyNaCl's classes, which copy and wrap twice.
"""

from __future__ import annotations

from functools import lru_cache

from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_sign,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError

from crypto.errors import FormatError, SignatureError
from crypto.strict import require_length

PUBLIC_SIZE = 32
SEED_SIZE = 32
SIGNATURE_SIZE = 64

_SHORT = 2048
"""Bytes of a message that is remembered; a checkpoint has some hundred."""
_REMEMBERED = 1024
"""Signatures; two megabytes at most."""


def check_public(public: bytes) -> None:
    """Refuse what is not a safe public key.

    Raises:
        FormatError: not 32 bytes, not a point of the curve in its one encoding, outside the
            main subgroup, or of small order.
    """
    require_length("Ed25519 public key", public, PUBLIC_SIZE)
    if not crypto_core_ed25519_is_valid_point(public):
        msg = f"not a valid Ed25519 public key: {public.hex()}"
        raise FormatError(msg)


def keypair(seed: bytes) -> tuple[bytes, bytes]:
    """Derive (public key of 32 bytes, libsodium secret key of 64 bytes) from a seed.

    Raises:
        FormatError: the seed has not 32 bytes.
    """
    require_length("Ed25519 seed", seed, SEED_SIZE)
    return crypto_sign_seed_keypair(seed)


def sign(message: bytes, secret: bytes) -> bytes:
    """Sign with a secret key of ``keypair``; gives 64 bytes, the same ones every time."""
    return crypto_sign(message, secret)[:SIGNATURE_SIZE]


def verify(public: bytes, signature: bytes, message: bytes) -> None:
    """Check a signature under a public key that ``check_public`` has let pass.

    Raises:
        SignatureError: it is not a signature of this key over this message.
    """
    if len(signature) != SIGNATURE_SIZE:
        msg = f"expected a signature of {SIGNATURE_SIZE} bytes, got {len(signature)}"
        raise SignatureError(msg)
    try:
        crypto_sign_open(signature + message, public)
    except BadSignatureError as error:
        msg = f"bad signature by {public.hex()}"
        raise SignatureError(msg) from error


def verify_text(public: bytes, signature: bytes, message: bytes) -> None:
    """Check a signature over the text of a note, as ``verify``; a good one is remembered.

    Lines of a note come again with every later one, byte for byte. What was bad is not remembered,
    nor what is long.

    Raises:
        SignatureError: it is not a signature of this key over this message.
    """
    if len(message) > _SHORT:
        verify(public, signature, message)
    else:
        _verify_once(public, signature, message)


_verify_once = lru_cache(maxsize=_REMEMBERED)(verify)
