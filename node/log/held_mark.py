"""The high-water mark as this process last read or moved it.

It is never read again just before it is moved: then the comparison would agree with whatever
another process has put there.
"""

from __future__ import annotations

from adapters.errors import HighWaterError
from crypto.merkle import EMPTY_ROOT
from federation.ports.highwater import HighWater


class HeldMark:
    """What the publisher knows of the mark; on the writer's thread."""

    def __init__(self, high_water: HighWater) -> None:
        """Begin with the mark of a fresh key; call `read` before anything is signed."""
        self._high_water = high_water
        self._durable = False
        """Whether this process made it so: one found at a start may be in the cache alone."""
        self.found: tuple[int, bytes] | None = (0, EMPTY_ROOT)
        """None where it is missing or damaged."""
        self.remains: tuple[int, bytes] | None = None
        """What a damaged mark still shows."""
        self.shown: tuple[str, int, bytes] | None = None
        """What a peer showed of our log, by our own signature, while the mark could not be read."""
        self.trouble: HighWaterError | None = None
        """Why it could not be read, moved or compared the last time; nothing was signed then."""

    @property
    def known(self) -> tuple[int, bytes]:
        """Size and root of what was signed, as far as this process knows."""
        return self.found or self.remains or (0, EMPTY_ROOT)

    def read(self) -> None:
        """Read it, at a start.

        Raises:
            HighWaterError: it cannot be read.
        """
        try:
            self.found = self._high_water.load()
            self.remains = None if self.found is not None else self._high_water.remains()
        except HighWaterError as error:
            self.trouble = error
            raise
        self._durable, self.trouble = False, None

    def advance(self, new: tuple[int, bytes]) -> None:
        """Move it, unless this process has made it durable there already.

        Raises:
            RefusedError: `high-water.moved`.
            HighWaterError: it could not be moved.
        """
        if new == self.found and self._durable:
            return
        try:
            self._high_water.advance(self.found, new)
        except HighWaterError as error:
            # Perhaps only its last step failed. Nothing is signed now, and the next call must
            # begin from what is there, and write it again: a disk that could not be synced does
            # not say what it keeps.
            self._durable, self.trouble = False, error
            if self._high_water.load() == new:
                self.found = new
            raise
        self.found, self._durable, self.trouble = new, True, None

    def hold(self) -> None:
        """See that it is as this process wrote it; before its first signature it is written.

        Raises:
            RefusedError: `high-water.moved`.
            HighWaterError: it could not be compared.
        """
        if self.found is None or not self._durable:
            self.advance(self.known)
            return
        try:
            self._high_water.hold(self.found)
        except HighWaterError as error:
            self.trouble = error
            raise
        self.trouble = None
