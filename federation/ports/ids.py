"""Questions about the ids of statements, by which people name them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class IdReads(Protocol):
    """The part of `federation.ports.store.ReadSession` that finds ids."""

    def ids_from_to(self, least: bytes, greatest: bytes, limit: int) -> Sequence[bytes]:
        """Statement ids from one to another, each once, in order; at most so many."""
        ...

    def ids_beginning(self, beginnings: Sequence[bytes]) -> Sequence[bytes]:
        """Statement ids that begin with one of these, which are of one length; each once.

        May read the ids of all rows: asked for what people look at, never for each row.
        """
        ...
