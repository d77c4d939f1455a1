"""What notices 属地通报 need of a store, beside `federation.ports.store`.

Kept are places of listings, how each stood when it was told of last, and of what its subject was
reminded; nothing of what a listing says. An attacker who controls this can have a city tell its own
subjects too often or not at all, and reads of them where a listing stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from federation.ids import Timestamp
from federation.ports.findings import Place


class KeptNotice(NamedTuple):
    """A listing of which this city's subjects are told."""

    log: int
    idx: int
    position: int
    """Grows with each change of any of them."""
    state: int
    annotations: int
    current: int
    noticed_at: Timestamp
    """When it was told of first."""
    changed_at: Timestamp
    reminded: int
    """Of what its subject was reminded last."""
    reminded_at: Timestamp


class NoticeCursor(NamedTuple):
    """How far a log was gone through, and by what it was decided whose subjects are ours."""

    noticed_to: int
    basis: str


class NoticeReads(Protocol):
    """The questions."""

    def notices(self, places: Sequence[Place]) -> Mapping[Place, KeptNotice]:
        """Those of these places that are in the list."""
        ...

    def noticed_between(self, log: int, start: int, end: int) -> Sequence[int]:
        """Indices of the leaves [start, end) of a log that are in the list."""
        ...

    def notices_after(self, position: int, limit: int) -> Sequence[KeptNotice]:
        """What has changed after a position, by position."""
        ...

    def notice_position(self) -> int:
        """The newest position; 0 where the list is empty."""
        ...

    def notices_over(self, today: int, states: Sequence[int], limit: int) -> Sequence[Place]:
        """Those told of in one of these states whose last day, as it counts, has passed."""
        ...

    def notice_cursors(self) -> Mapping[int, NoticeCursor]:
        """How far each log was gone through; logs that are left out: 0."""
        ...

    def notices_due(self, limit: int) -> Sequence[Place]:
        """Leaves that changed since they were gone through."""
        ...


class NoticeWrites(NoticeReads, Protocol):
    """The changes."""

    def put_notices(self, notices: Sequence[KeptNotice]) -> None:
        """Insert or replace; positions are the caller's, each new and above all others."""
        ...

    def put_notice_cursor(self, log: int, cursor: NoticeCursor) -> None:
        """A log was gone through up to here."""
        ...

    def put_notices_due(self, places: Sequence[Place]) -> None:
        """Ask for leaves to be looked at again."""
        ...

    def clear_notices_due(self, places: Sequence[Place]) -> None:
        """They have been."""
        ...
