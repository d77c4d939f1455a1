"""Sealing to one reader: HPKE (RFC 9180) in base mode, one message, no associated data.

Suite 1 is DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305 (0x0020, 0x0001,
0x0003); 2 and 3 are reserved (SPEC.md §9.5). A sealed value is ``enc ‖ ct``. Its place is
given as ``info`` and must be given again to open, so that it cannot be moved.

Nothing tells the reader who sealed it. The reader's key is bound by HPKE itself, whose key
schedule takes in ``enc`` and the public key.

The one exception to this package's rule that randomness is passed in: ``seal_to`` draws an
ephemeral key inside the library, which takes none; two messages under one ephemeral key and
reader would share key and nonce. Opening, key ids and the check of keys are pure; known answers
are opened, not made.
"""

from __future__ import annotations

from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from crypto.errors import SealError
from crypto.strict import require_range

X25519_SUITE = 1
"""The suite that this implementation seals with."""

SEALING_SUITES = frozenset({X25519_SUITE})
"""Suites known here."""

SEALING_KEY_SIZE = 32
"""Bytes of either half of a key pair of suite 1."""

SEALING_KEY_ID_SIZE = 16
"""Bytes of the id of a sealing key."""

HPKE_OVERHEAD = 32 + 16
"""Bytes by which suite 1 makes a plaintext longer: enc, and the tag of the cipher."""

MAX_SUITE = 255

_KEY_ID_LABEL = b"huxin/sealing-key/v1"
_PRIME = 2**255 - 19
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def sealing_public(secret: bytes) -> bytes:
    """Derive the public key of suite 1, to which others seal, from its 32 secret bytes.

    Raises:
        SealError: the secret has not 32 bytes.
    """
    return _private(secret).public_key().public_bytes_raw()


def sealing_key_id(suite: int, public: bytes) -> bytes:
    """Name a sealing key: ``SHA-256("huxin/sealing-key/v1" ‖ u8 suite ‖ public)[:16]``.

    Raises:
        FormatError: the suite is not 1 to 255.
    """
    require_range("sealing suite", suite, 1, MAX_SUITE)
    return sha256(_KEY_ID_LABEL + bytes([suite]) + public).digest()[:SEALING_KEY_ID_SIZE]


def check_sealing_key(suite: int, public: bytes) -> None:
    """Refuse a public key of a known suite to which nobody may seal.

    A key of suite 1 is the u-coordinate below 2^255 - 19, in 32 bytes, of a point that is not
    of small order: with the order 1, 2, 4 or 8 everybody would know the shared secret. X25519
    itself takes other spellings of a coordinate, so that one key could stand under two ids.

    Raises:
        SealError: an unknown suite, another length, another spelling, or small order.
    """
    _require_known(suite)
    if len(public) != SEALING_KEY_SIZE:
        msg = f"sealing key: expected {SEALING_KEY_SIZE} bytes, got {len(public)}"
        raise SealError(msg)
    if int.from_bytes(public, "little") >= _PRIME:
        msg = f"sealing key {public.hex()}: expected a coordinate below 2^255 - 19"
        raise SealError(msg)
    try:
        # Any scalar does: all are multiples of 8, and X25519 refuses the zero that comes out.
        _private(bytes(SEALING_KEY_SIZE)).exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as error:
        msg = f"sealing key {public.hex()}: its point is of small order"
        raise SealError(msg) from error


def seal_to(suite: int, public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """Seal to one reader; see the module's note on randomness.

    Args:
        suite: of the reader's key.
        public: the reader's key.
        info: the place for which it is sealed; must be given again to open.
        plaintext: what is hidden.

    Returns:
        ``enc ‖ ct``.

    Raises:
        SealError: not a key to which anybody may seal.
    """
    check_sealing_key(suite, public)
    return _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info)


def unseal_with(suite: int, secret: bytes, info: bytes, sealed: bytes) -> bytes:
    """Open what ``seal_to`` gave for the public half of this secret and for this place.

    Raises:
        SealError: sealed to another key or for another place, changed, too short, or its
            ``enc`` is a point of small order (RFC 9180 §7.1.4): the cipher does not tell which.
    """
    _require_known(suite)
    private = _private(secret)
    try:
        return _SUITE.decrypt(sealed, private, info)
    except (InvalidTag, ValueError) as error:
        msg = f"sealed value of {len(sealed)} bytes does not open"
        raise SealError(msg) from error


def _private(secret: bytes) -> X25519PrivateKey:
    if len(secret) != SEALING_KEY_SIZE:
        msg = f"sealing secret: expected {SEALING_KEY_SIZE} bytes, got {len(secret)}"
        raise SealError(msg)
    return X25519PrivateKey.from_private_bytes(secret)


def _require_known(suite: int) -> None:
    if suite not in SEALING_SUITES:
        msg = f"sealing suite: expected one of {sorted(SEALING_SUITES)}, got {suite}"
        raise SealError(msg)
