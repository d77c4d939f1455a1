"""What persons said of rows that a rule refused or held (F12-F14, F33; V9)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from federation.ids import Timestamp
from federation.persons import inbox_body, rows_body
from federation.ports.journal.entries import JournalEntry, read, written


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWord:
    """Persons said that rows of a file are right, as they stand."""

    KIND: ClassVar[str] = "rows-said"

    at: Timestamp
    file: str
    """See `federation.persons.rows_body`, likewise what follows."""
    list_type: str
    mapping: str
    source: str
    says: Sequence[str]
    reason: str
    by: Sequence[str]
    rows: str = ""

    @classmethod
    def signed(cls, at: Timestamp, body: str, by: Sequence[str]) -> FileWord:
        """The word of persons who agreed to a body."""
        said: dict[str, Any] = json.loads(body)
        return cls(at=at, by=by, **(said | {"says": tuple(said["says"])}))

    @property
    def body(self) -> str:
        """What the persons sign."""
        return rows_body(
            file=self.file,
            list_type=self.list_type,
            mapping=self.mapping,
            source=self.source,
            says=self.says,
            reason=self.reason,
            rows=self.rows,
        )

    def entry(self) -> JournalEntry:
        """Make the entry."""
        said: dict[str, Any] = {
            "file": self.file,
            "list_type": self.list_type,
            "mapping": self.mapping,
            "reason": self.reason,
            "says": sorted(self.says),
            "source": self.source,
            "by": list(self.by),
        }
        said |= {"rows": self.rows} if self.rows else {}
        return JournalEntry(at=self.at, kind=self.KIND, body=written(said))

    @classmethod
    def of(cls, entry: JournalEntry) -> FileWord:
        """Read the entry."""
        said = read(entry)
        lists = {"says": tuple(said["says"]), "by": tuple(said["by"])}
        return cls(at=entry.at, **(said | lists))


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxWord:
    """Persons said that rows of a platform's inbox are right; `rows` are ids of the inbox."""

    KIND: ClassVar[str] = "one-subject"

    at: Timestamp
    platform: str
    source: str
    persons: Sequence[str]
    rows: Sequence[int]
    code: str
    """With which they waited."""
    reason: str
    digest: str
    """Of the rows as they stood, hexadecimal; empty where one person was enough."""

    @property
    def body(self) -> str:
        """What two persons sign."""
        return inbox_body(
            platform=self.platform,
            source=self.source,
            code=self.code,
            rows=self.digest,
            reason=self.reason,
        )

    def entry(self) -> JournalEntry:
        """Make the entry."""
        said = {
            "platform": self.platform,
            "source": self.source,
            "persons": list(self.persons),
            "rows": list(self.rows),
            "code": self.code,
            "reason": self.reason,
            "digest": self.digest,
        }
        return JournalEntry(at=self.at, kind=self.KIND, body=written(said))

    @classmethod
    def of(cls, entry: JournalEntry) -> InboxWord:
        """Read the entry; one of when a single person was enough, and of one code, too."""
        said: dict[str, Any] = _FIRST | read(entry)
        if one := said.pop("person", ""):
            said["persons"] = [one]
        lists = {"persons": tuple(said["persons"]), "rows": tuple(said["rows"])}
        return cls(at=entry.at, **(said | lists))


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSubjects:
    """Persons let so many rows of a feed name other subjects (F14)."""

    KIND: ClassVar[str] = "other-subjects"

    at: Timestamp
    by: Sequence[str]
    feed: str
    rows: int

    def entry(self) -> JournalEntry:
        """Make the entry."""
        said = {"by": list(self.by), "feed": self.feed, "rows": self.rows}
        return JournalEntry(at=self.at, kind=self.KIND, body=written(said))

    @classmethod
    def of(cls, entry: JournalEntry) -> OtherSubjects:
        """Read the entry."""
        said = read(entry)
        return cls(at=entry.at, by=tuple(said["by"]), feed=said["feed"], rows=said["rows"])


_FIRST: Final = {"code": "mapping.one-subject", "reason": "", "digest": ""}
"""What the first words meant, which were kept without code, reason and digest."""
