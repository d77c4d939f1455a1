"""What is known from one transaction to the next and need not be asked: heads, audiences.

Invariant: it is what a transaction that begins now would read. What the writer knows (`Known`) is
written with what is written; forgotten whenever a transaction does not end well; and whenever
somebody else has written, which each database says in its own way (`Bulk.writer_mark`). What a
reader's connection has seen (`Seen`) stands until anybody has written (`Bulk.snapshot_mark`), so
that jobs of a node at rest, which ask again and again, do not read the heads of hundreds of logs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from federation.ids import Origin
from federation.payloads import Audience
from federation.ports.store import LogHead

T = TypeVar("T")

AUDIENCES_MAX: Final = 4096
"""Audiences remembered; peers choose how many there are."""
SEEN_MAX: Final = 16


@dataclass(slots=True)
class Known:
    """Of one writer; used inside its turn alone."""

    heads: dict[Origin, LogHead] | None = None
    """All of them, in the order of `ReadSession.heads`; None where they must be asked for."""
    audiences: dict[Audience, int] = field(default_factory=dict)
    mark: object = None
    """`Bulk.writer_mark` at the last transaction."""

    def begin(self, mark: object) -> None:
        """A transaction begins."""
        if mark != self.mark:
            self.forget()
        self.mark = mark

    def forget(self) -> None:
        """What is known may not be so."""
        self.heads = None
        self.audiences.clear()

    def set_head(self, head: LogHead) -> None:
        """A head was replaced; what `WriteSession.set_head` does not change stays."""
        if self.heads is not None:
            was = self.heads[head.origin]
            self.heads[head.origin] = replace(head, log=was.log, ours=was.ours, forked=was.forked)

    def set_audience(self, audience: Audience, number: int) -> None:
        """An audience has a number."""
        if len(self.audiences) >= AUDIENCES_MAX:
            self.audiences.clear()
        self.audiences[audience] = number


@dataclass(slots=True)
class Seen:
    """Of one reader's connection; used by one session at a time."""

    mark: object = None
    """`Bulk.snapshot_mark` of what was seen."""
    made: dict[str, Any] = field(default_factory=dict)
    """What was seen, by its name; `SEEN_MAX` of them."""

    def see(self, mark: object, what: str, make: Callable[[], T]) -> T:
        """What is made of a snapshot with this mark, unless it was made of the same one before."""
        if mark != self.mark or len(self.made) >= SEEN_MAX:
            self.made.clear()
            self.mark = mark
        if what not in self.made:
            self.made[what] = make()
        found: T = self.made[what]
        return found
