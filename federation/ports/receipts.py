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


class Heard(NamedTuple):
    """What a speaker said of a leaf, and where it said so first."""

    idx: int
    """Of the leaf."""
    speaker: int
    """The log of the receipt."""
    outcome: int
    place: int
    """Index of the receipt in its log."""


class ReceiptReads(Protocol):
    """What was told of others' leaves, and of which there may be something new."""

    def told(self, log: int, indices: Sequence[int]) -> dict[int, Told]:
        """What was told last of these leaves; those never told of are left out."""
        ...

    def told_between(self, log: int, start: int, end: int) -> dict[int, Told]:
        """What was told last of leaves [start, end)."""
        ...

    def told_lifted(self, log: int, indices: Sequence[int]) -> AbstractSet[int]:
        """Those of these leaves that were told `lifted`, and at most `erased` since."""
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

    def heard(self, log: int, indices: Sequence[int]) -> Sequence[Heard]:
        """What receipts of all logs say of reliefs, and of what they lifted, in any order."""
        ...

    def heard_to(self) -> Mapping[int, int]:
        """How far each log's receipts were gone through for it; logs that are left out: 0."""
        ...


class ReceiptWrites(ReceiptReads, Protocol):
    """The changes."""

    def put_told(self, log: int, told: Mapping[int, Told]) -> None:
        """Insert or replace what was told; `lifted` does not replace `erased`, it stands beside it.

        Else the leaf, asked for again, would be told to be erased once more.
        """
        ...

    def put_untold(self, places: Mapping[Place, bool]) -> None:
        """Ask for leaves to be told of again; the value says whether it is urgent."""
        ...

    def clear_untold(self, log: int, indices: Sequence[int]) -> None:
        """They have been."""
        ...

    def put_heard(self, log: int, said: Sequence[Heard]) -> None:
        """Remember what was said of leaves of a log; of one outcome the first place stays."""
        ...

    def put_heard_to(self, log: int, index: int) -> None:
        """A log's receipts were gone through up to here."""
        ...
