"""Repairs that were drawn to be rechecked, and what the rechecks came to (`relief.recheck`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from federation.ids import Timestamp
from federation.ports.journal.entries import JournalEntry, read, written


@dataclass(frozen=True, slots=True, kw_only=True)
class RechecksDrawn:
    """A sample of a quarter's repairs was drawn."""

    KIND: ClassVar[str] = "rechecks-drawn"

    at: Timestamp
    quarter: str
    """As `2026-Q3`."""
    seed: str
    """Hexadecimal."""
    among: int
    """How many repairs it was drawn from."""
    indices: Sequence[int]
    """Of our own log."""
    person: str

    def entry(self) -> JournalEntry:
        """Make the entry."""
        said = {
            "quarter": self.quarter,
            "seed": self.seed,
            "among": self.among,
            "indices": list(self.indices),
            "person": self.person,
        }
        return JournalEntry(at=self.at, kind=self.KIND, body=written(said))

    @classmethod
    def of(cls, entry: JournalEntry) -> RechecksDrawn:
        """Read the entry."""
        said = read(entry)
        said["indices"] = tuple(said["indices"])
        return cls(at=entry.at, **said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """The repair at `index` of our own log `log` was rechecked."""

    KIND: ClassVar[str] = "recheck"

    at: Timestamp
    log: int
    index: int
    person: str
    decider: str
    """Who decided the repair, by the file."""
    finding: str
    note: str
    """In words, without anything of the subject."""

    def entry(self) -> JournalEntry:
        """Make the entry."""
        said = {
            "person": self.person,
            "decider": self.decider,
            "finding": self.finding,
            "note": self.note,
        }
        body = written(said)
        return JournalEntry(at=self.at, kind=self.KIND, log=self.log, index=self.index, body=body)

    @classmethod
    def of(cls, entry: JournalEntry) -> Rechecked:
        """Read the entry."""
        return cls(at=entry.at, log=entry.log or 0, index=entry.index or 0, **read(entry))
