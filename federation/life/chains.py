"""Which logs belong together: what a settlement asks of who wires it."""

from __future__ import annotations

from typing import Protocol

from federation.ids import Origin

Place = tuple[int, int]
"""Log, by its number in this store, and index."""


class Chains(Protocol):
    """Which logs belong together, by number in this store."""

    def chain(self, log: int) -> frozenset[int]:
        """The logs of the node's chain of epochs, this one among them."""
        ...

    def speaks_for(self, log: int, index: int) -> frozenset[int]:
        """The chain, and the logs of those for whom this leaf acts as delegate or successor."""
        ...

    def erases_for(self, log: int, index: int) -> frozenset[int]:
        """The chain, and the logs of members that have ended for whom this leaf acts (E2, L15)."""
        ...

    def spoke_for(self, log: int, index: int) -> frozenset[int]:
        """The logs of those for whom it no more acts, their delegation having ended before it."""
        ...

    def epoch(self, log: int) -> int:
        """Place of the log in its chain of epochs, oldest first."""
        ...

    def origin(self, log: int) -> Origin:
        """The log's name."""
        ...
