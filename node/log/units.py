"""What is published together or not at all, and where it then stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from federation.ids import StatementId
from federation.own_log import Draft
from federation.ports.store import WriteSession
from federation.rows import RELIEF_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A statement of our own as it stands in the log."""

    statement_id: StatementId
    index: int
    lifts: StatementId | None
    """The listing that it is about, where it is a relief."""

    @classmethod
    def of(cls, draft: Draft, index: int) -> Placed:
        """A draft at its place."""
        lifts = draft.about if draft.kind in RELIEF_KINDS else None
        return cls(statement_id=draft.statement_id, index=index, lifts=lifts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Drafts that are published together or not at all, and what is written with them.

    `drafts` runs first in the transaction and may refuse by raising; `record` runs with the
    places given to the drafts.
    """

    drafts: Callable[[WriteSession], Sequence[Draft]]
    record: Callable[[WriteSession, Sequence[Placed]], None]
