"""What telling receipts needs of a store, beside `federation.ports.store`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol

from federation.ports.findings import Place


class Told(NamedTuple):
    """An outcome and the stable code of the rule behind it; the code may be empty."""

    outcome: int
    reason: str


class ReceiptReads(Protocol):
    """What was told of others' leaves, and of which there may be something new."""

    def told(self, log: int, indices: Sequence[int]) -> dict[int, Told]:
        """What was told last of these leaves; those never told of are left out."""
        ...

    def told_between(self, log: int, start: int, end: int) -> dict[int, Told]:
        """What was told last of leaves [start, end)."""
        ...

    def untold(self, log: int, limit: int) -> Sequence[int]:
        """Leaves that changed since they were told of, by index."""
        ...

    def to_tell_of(self) -> AbstractSet[int]:
        """Logs of which leaves changed since they were told of."""
        ...

    def is_urgent(self, log: int) -> bool:
        """Whether relief is among them."""
        ...


class ReceiptWrites(ReceiptReads, Protocol):
    """The changes."""

    def put_told(self, log: int, told: Mapping[int, Told]) -> None:
        """Insert or replace what was told."""
        ...

    def put_untold(self, places: Mapping[Place, bool]) -> None:
        """Ask for leaves to be told of again; the value says whether it is urgent."""
        ...

    def clear_untold(self, log: int, indices: Sequence[int]) -> None:
        """They have been."""
        ...
