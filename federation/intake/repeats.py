"""What comes more than once among very many, told exactly, in a few bytes for each.

Eight bytes, a hash by a key of this process, are kept of each; whose hash comes once, that comes
once. The others are looked at again, and compared by sixteen bytes that nobody finds twice.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from hashlib import blake2b
from itertools import compress, groupby, islice
from operator import eq
from typing import Final

PART: Final = 1 << 18
"""Numbers that are sorted at a time: of each a sorted list has forty bytes."""
_DIGEST: Final = 16
_LOWEST: Final = -(1 << 63)


def runs(numbers: array[int]) -> Iterator[tuple[int, int]]:
    """Yield those of some hashes of eight bytes that are there more than once, and how often.

    In their order. What comes once, as nearly all do, is passed over without a step for each.
    """
    parts = 1 + len(numbers) // PART
    step = -(-(1 << 64) // parts)
    for low in range(_LOWEST, -_LOWEST, step):
        high = low + step
        some = numbers if parts == 1 else [one for one in numbers if low <= one < high]
        part = sorted(some)
        for number, run in groupby(compress(part, map(eq, part, islice(part, 1, None)))):
            yield number, 1 + sum(1 for _ in run)


def repeated(numbers: array[int]) -> array[int]:
    """Those that are there more than once, in their order."""
    return array("q", (number for number, _ in runs(numbers)))


class Firsts:
    """Which row had a text first, of texts whose hashes are known to come more than once."""

    def __init__(self, hashes: array[int]) -> None:
        """Begin with no row; `hashes` as `repeated` gives them."""
        self._hashes = hashes
        self._rows = array("Q", bytes(8 * len(hashes)))
        self._digests = bytearray(_DIGEST * len(hashes))
        self._others: dict[bytes, int] = {}
        """Of other texts with the same hash."""

    def first(self, text: bytes, number: int) -> int:
        """The number, above 0, of the first row that had a text: this one, where none before."""
        hashed = hash(text)
        at = bisect_left(self._hashes, hashed)
        if at == len(self._hashes) or self._hashes[at] != hashed:
            return number
        digest = blake2b(text, digest_size=_DIGEST).digest()
        place = slice(_DIGEST * at, _DIGEST * (at + 1))
        if not self._rows[at]:
            self._rows[at] = number
            self._digests[place] = digest
            return number
        if self._digests[place] == digest:
            return self._rows[at]
        return self._others.setdefault(digest, number)
