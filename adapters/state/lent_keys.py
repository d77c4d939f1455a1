"""What of the key ring reads and seals new openings, so that it can be lent to a process.

Two secrets of three: the newest opening key and the lookup key. Who has them can seal, and can
make the tags of subjects and records; the keys of suppression tags and the older opening keys stay
in the ring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from crypto.errors import SealError
from crypto.keyed import KeyedHash
from crypto.vault import opening_aad
from federation.ids import Origin
from federation.ports.store import StoredOpening
from federation.statements import SALT_SIZE

NONCE_SIZE: Final = 12
INDEX_SIZE: Final = 8
TAG_SIZE: Final = 16
"""Bytes of a lookup tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LentKeys:
    """The newest opening key, by its number, and the lookup key; never printed."""

    number: int
    opening: bytes = field(repr=False)
    lookup: bytes = field(repr=False)


class Sealing:
    """Seals new openings and makes lookup tags; a `federation.ports.store.Lookup`. Any thread."""

    def __init__(self, keys: LentKeys, *, token: Callable[[int], bytes]) -> None:
        """Take keys; `token` gives that many random bytes."""
        self.number = keys.number
        """Number of the opening key."""
        self._encrypt = ChaCha20Poly1305(keys.opening).encrypt
        self._lookup = KeyedHash(keys.lookup)
        self._token = token

    def lookup(self, value: bytes) -> bytes:
        """See `federation.ports.store.Lookup`."""
        return self._lookup.digest(value)[:TAG_SIZE]

    def lookups(self, values: Iterable[bytes], head: bytes = b"") -> list[bytes]:
        """As `lookup`, of each of many values, all of which begin with `head`."""
        return self._lookup.digests(values, TAG_SIZE, head)

    def seal(
        self, origin: Origin, openings: Sequence[tuple[int, bytes, bytes]], beside: bytes = b""
    ) -> list[StoredOpening]:
        """See `adapters.state.keyring.KeyRing.seal_openings`."""
        place = beside + aad_prefix(origin)
        number, encrypt = self.number, self._encrypt
        nonces = self._token(NONCE_SIZE * len(openings))
        stored: list[StoredOpening] = []
        begin = 0
        for index, salt, payload in openings:
            if len(salt) != SALT_SIZE:
                message = f"{origin}: expected a salt of {SALT_SIZE} bytes, got {len(salt)}"
                raise SealError(message)
            nonce = nonces[begin : begin + NONCE_SIZE]
            begin += NONCE_SIZE
            aad = place + index.to_bytes(INDEX_SIZE, "big")
            sealed = nonce + encrypt(nonce, salt + payload, aad)
            stored.append(StoredOpening(index=index, key=number, sealed=sealed))
        return stored


def aad_prefix(origin: Origin) -> bytes:
    """Associated data without the index, so that a batch checks its origin once."""
    return opening_aad(origin, 0)[:-INDEX_SIZE]
