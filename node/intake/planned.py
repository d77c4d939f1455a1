"""What rows of a list file lead to: drafts as planned, and outcomes of a chunk of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from federation.intake.feed import Decision
from federation.own_log import Draft
from federation.ports.store import FeedRow
from node.intake.known_rows import FileRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A row that is not published: by our own charters, or because it cannot be right."""

    number: int
    code: str
    message: str


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of a chunk's rows, filled when its unit is prepared."""

    decisions: Counter[Decision] = field(default_factory=Counter)
    held: list[tuple[int, str, str, str]] = field(default_factory=list)
    """(row, code, statement id of the listing that stands, name that the library knows)."""
    refused: list[Refused] = field(default_factory=list)
    published: int = 0
    listed: dict[int, tuple[Decision, bytes]] = field(default_factory=dict)
    """By the row's number: what it led to, and the id of its listing where one is known."""
    superseded: dict[int, int] = field(default_factory=dict)
    """By the row's number that of the newer row of its key that counts for it (F31)."""


class Planned(NamedTuple):
    """What a row leads to, and why."""

    row: FileRow
    previous: FeedRow | None
    decision: Decision
    known: str = ""
    """Name under which the base library knows the subject of a row that waits for it (F53)."""
    named: bytes = b""
    """Tag of what persons said of its name before (O4); empty where they were not asked."""
    similar: Collection[bytes] = ()
    """Lookup tags of relieved records like the row's."""
    led: FeedRow | None = None
    """Where another key of the row leads, to another record."""
    rekeyed: bool = False
    """`previous` was of the former form of record keys, or known by another key of the row."""
    moved: FeedRow | None = None
    """The row as it was known by another key."""

    @property
    def relieved(self) -> set[bytes]:
        """Lookup tags of the records from which persons tell the row's apart (F13, F33)."""
        others = {one.record_tag for one in (self.previous, self.led) if one is not None}
        return {*self.similar, *others} - {self.row.record_tag}


def listing_id(planned: Planned, drafted: Sequence[Draft]) -> bytes:
    """Return the id of a row's listing: the one just made, or the one before; empty for none."""
    if planned.decision in (Decision.LIST, Decision.REPLACE):
        return drafted[-1].statement_id
    return b"" if planned.previous is None else planned.previous.statement_id
