"""What became of rows that departments and platforms gave, for the quality: rows and codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from federation.ids import Timestamp
from federation.ports.journal.entries import JournalEntry, read, written


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTaken:
    """A department's file was taken."""

    KIND: ClassVar[str] = "intake"

    at: Timestamp
    source: str
    list_type: str
    file: str
    """Keyed tag of the file's name, hexadecimal."""
    rows: Sequence[tuple[int, str]]
    """(row, code) of faults; of a very faulty file the first ones."""
    refused: int
    """Rows refused."""
    exists: int
    """Rows whose record stood already by another row."""
    relief: bool
    """Whether the rows end listings."""

    def entry(self) -> JournalEntry:
        """Make the entry."""
        said = {
            "source": self.source,
            "list_type": self.list_type,
            "file": self.file,
            "rows": list(self.rows),
            "refused": self.refused,
            "exists": self.exists,
            "relief": self.relief,
        }
        return JournalEntry(at=self.at, kind=self.KIND, body=written(said))

    @classmethod
    def of(cls, entry: JournalEntry) -> FileTaken:
        """Read the entry; the first ones were of listings alone, and did not say so."""
        said = {"relief": False} | read(entry)
        said["rows"] = tuple((row, code) for row, code in said["rows"])
        return cls(at=entry.at, **said)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxTaken:
    """Rows of a platform's inbox were answered; ids of the inbox."""

    KIND: ClassVar[str] = "inbox"

    at: Timestamp
    platform: str
    source: str
    list_type: str
    relief: bool
    """Whether the rows end listings."""
    rows: Sequence[tuple[int, Sequence[str]]]
    """(row, codes) of those that were refused."""
    exists: Sequence[int]
    """Rows whose record stood already by another row."""
    mended: Sequence[int]
    """Rows that were refused before and are not now."""

    def entry(self) -> JournalEntry:
        """Make the entry."""
        said = {
            "platform": self.platform,
            "source": self.source,
            "list_type": self.list_type,
            "relief": self.relief,
            "rows": list(self.rows),
            "exists": list(self.exists),
            "mended": list(self.mended),
        }
        return JournalEntry(at=self.at, kind=self.KIND, body=written(said))

    @classmethod
    def of(cls, entry: JournalEntry) -> InboxTaken:
        """Read the entry."""
        said = read(entry)
        said["rows"] = tuple((row, tuple(codes)) for row, codes in said["rows"])
        said["exists"], said["mended"] = tuple(said["exists"]), tuple(said["mended"])
        return cls(at=entry.at, **said)
