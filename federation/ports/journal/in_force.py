"""What is in force in this database since an entry; the last one of its kind counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from federation.ids import Timestamp
from federation.ports.journal.entries import JournalEntry, read, written


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningKeys:
    """Between which numbers of opening keys the openings of this database stand (ADR 0012)."""

    KIND: ClassVar[str] = "opening-keys"

    at: Timestamp
    oldest: int
    newest: int

    def entry(self) -> JournalEntry:
        """Make the entry."""
        body = written({"oldest": self.oldest, "newest": self.newest})
        return JournalEntry(at=self.at, kind=self.KIND, body=body)

    @classmethod
    def of(cls, entry: JournalEntry) -> OpeningKeys:
        """Read the entry."""
        said = read(entry)
        return cls(at=entry.at, oldest=said["oldest"], newest=said["newest"])


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryInForce:
    """By which base library 主体库 all listings were judged anew."""

    KIND: ClassVar[str] = "library"

    at: Timestamp
    library: str
    """SHA-256 of the file that it was made of, hexadecimal."""

    def entry(self) -> JournalEntry:
        """Make the entry."""
        return JournalEntry(at=self.at, kind=self.KIND, body=self.library)

    @classmethod
    def of(cls, entry: JournalEntry) -> LibraryInForce:
        """Read the entry."""
        return cls(at=entry.at, library=entry.body)
