"""What of the key ring opens openings at rest and finds rows by tag, so that it can be lent.

Who has it reads every opening held with the database, and can test guesses at subjects; the keys of
suppression tags stay in the ring (`adapters.state.keyring`), and nothing is sealed by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from adapters.errors import KeyRingError
from adapters.state.lent_keys import INDEX_SIZE, NONCE_SIZE, TAG_SIZE, aad_prefix
from crypto.errors import SealError
from crypto.keyed import KeyedHash
from federation.ids import Origin
from federation.ports.store import StoredOpening
from federation.statements import SALT_SIZE, Opening


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingKeys:
    """The opening keys by number, and the lookup key; never printed."""

    opening: Mapping[int, bytes] = field(repr=False)
    lookup: bytes = field(repr=False)


class ReadingRing:
    """Opens openings and makes lookup tags; a `federation.ports.store.Lookup`. Any thread."""

    def __init__(self, keys: ReadingKeys) -> None:
        """Hold lent keys."""
        self._hold(keys)

    def _hold(self, keys: ReadingKeys) -> None:
        ciphers = {number: ChaCha20Poly1305(key) for number, key in keys.opening.items()}
        self._reading, self._ciphers = keys, ciphers
        self._tags = KeyedHash(keys.lookup)

    @property
    def reading(self) -> ReadingKeys:
        """The keys that read; another object once they have changed."""
        return self._reading

    @property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of the opening keys held, the oldest first."""
        return tuple(sorted(self._ciphers))

    def lookup(self, value: bytes) -> bytes:
        """See `federation.ports.store.Lookup`."""
        return self._tags.digest(value)[:TAG_SIZE]

    def lookups(self, values: Iterable[bytes], head: bytes = b"") -> list[bytes]:
        """As `lookup`, of each of many values, all of which begin with `head`."""
        return self._tags.digests(values, TAG_SIZE, head)

    def open_opening(self, origin: Origin, stored: StoredOpening) -> Opening:
        """Open one stored opening; see `open_openings`."""
        (opening,) = self.open_openings(origin, [stored])
        return opening

    def open_openings(
        self, origin: Origin, stored: Sequence[StoredOpening], *, beside: bytes = b""
    ) -> list[Opening]:
        """Open stored openings of one log, in order.

        Raises:
            SealError: the ciphertext was changed, or moved from another place: treat the opening
                as missing.
            KeyRingError: the ring lacks the key under which it was sealed.
        """
        place = beside + aad_prefix(origin)
        openings: list[Opening] = []
        for one in stored:
            cipher = self._ciphers.get(one.key) or self._elsewhere(one.key)
            sealed = one.sealed
            try:
                plain = cipher.decrypt(
                    sealed[:NONCE_SIZE],
                    sealed[NONCE_SIZE:],
                    place + one.index.to_bytes(INDEX_SIZE, "big"),
                )
            except (InvalidTag, ValueError) as error:
                message = f"{origin}: the stored opening of leaf {one.index} does not open"
                raise SealError(message) from error
            openings.append(Opening(salt=plain[:SALT_SIZE], payload=plain[SALT_SIZE:]))
        return openings

    def held_openings(
        self, origin: Origin, stored: Sequence[StoredOpening], *, beside: bytes = b""
    ) -> list[tuple[StoredOpening, Opening]]:
        """Open those stored openings of one log that do open, in order.

        One that was changed on the disk, or whose key is gone, counts as not held: it never stops
        what is beside it. The scrub finds it and has it asked for again.
        """
        try:
            return list(zip(stored, self.open_openings(origin, stored, beside=beside), strict=True))
        except (SealError, KeyRingError):
            if len(stored) <= 1:
                return []
            half = len(stored) // 2
            return [
                *self.held_openings(origin, stored[:half], beside=beside),
                *self.held_openings(origin, stored[half:], beside=beside),
            ]

    def _elsewhere(self, number: int) -> ChaCha20Poly1305:
        """A key that is not among these."""
        message = (
            f"opening key {number} is not in the key ring (it has {list(self.numbers)})"
            "; if it was not destroyed on purpose, restore the ring from escrow"
        )
        raise KeyRingError(message)
