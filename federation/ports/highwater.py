"""What the rules need of the high-water mark."""

from __future__ import annotations

from typing import Protocol


class HighWater(Protocol):
    """The mark of ADR 0015: size and root that this node has signed, kept apart from the database.

    Durable when `advance` returns, and only then: what `load` finds after a start, or after
    `advance` raised, may still be lost with the power, until it has been written again (`advance`
    from a mark to itself). `advance` is a compare-and-swap: two processes that share a mark can
    never both advance it from the same value.
    """

    def load(self) -> tuple[int, bytes] | None:
        """Size and root, or None where the mark is missing or any part of it is damaged."""
        ...

    def remains(self) -> tuple[int, bytes] | None:
        """What a damaged mark still shows: so much was signed, perhaps more; else None."""
        ...

    def advance(self, expected: tuple[int, bytes] | None, new: tuple[int, bytes]) -> None:
        """Replace `expected` (None: the mark is missing) by `new`.

        Raises:
            RefusedError: `high-water.moved`: another process signs for this log.
        """
        ...

    def hold(self, expected: tuple[int, bytes]) -> None:
        """See that the mark still is as this process wrote it, without moving it.

        Raises:
            RefusedError: `high-water.moved`: another process signs for this log.
        """
        ...
