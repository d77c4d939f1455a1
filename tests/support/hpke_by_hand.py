"""HPKE as RFC 9180 writes it, with a given ephemeral key: for known answers, never for secrets.

Suite 1 of SPEC §9.5, base mode, one message. Made of X25519, HMAC and ChaCha20-Poly1305 alone, so
that it also checks the library by which the node seals.
"""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

_KEM = b"KEM\x00\x20"
_SUITE = b"HPKE\x00\x20\x00\x01\x00\x03"


def seal_by_hand(
    ephemeral: bytes, public: bytes, info: bytes, plaintext: bytes, aad: bytes = b""
) -> bytes:
    """`enc ‖ ct` under this ephemeral secret (RFC 9180 §4.1, §5.1, §6.1)."""
    own = X25519PrivateKey.from_private_bytes(ephemeral)
    enc = own.public_key().public_bytes_raw()
    shared = own.exchange(X25519PublicKey.from_public_bytes(public))
    return enc + _cipher_text(shared, enc + public, info, plaintext, aad)


def seal_of_nothing_shared(enc: bytes, public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """What anybody can make where `enc` is of small order, so that the shared secret is zero."""
    return enc + _cipher_text(bytes(32), enc + public, info, plaintext, b"")


def _cipher_text(shared: bytes, context: bytes, info: bytes, plaintext: bytes, aad: bytes) -> bytes:
    eae = _extract(_KEM, b"", b"eae_prk", shared)
    secret = _expand(_KEM, eae, b"shared_secret", context, 32)
    hashes = _extract(_SUITE, b"", b"psk_id_hash", b"") + _extract(_SUITE, b"", b"info_hash", info)
    schedule = b"\x00" + hashes
    prk = _extract(_SUITE, secret, b"secret", b"")
    key = _expand(_SUITE, prk, b"key", schedule, 32)
    nonce = _expand(_SUITE, prk, b"base_nonce", schedule, 12)
    return ChaCha20Poly1305(key).encrypt(nonce, plaintext, aad)


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + suite + label + material, "sha256")


def _expand(suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    message = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01"
    return hmac.digest(prk, message, "sha256")[:length]
