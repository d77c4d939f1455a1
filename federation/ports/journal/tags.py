"""Keyed tags of relieved records as they were set and lifted (SPEC §6.5), and records told apart.

A tag is set by the relief at `log` and `index`, and counts until `until`, a date YYYYMMDD; 0 is for
ever. What stands of them now the store keeps beside the journal (`federation.ports.tags`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from federation.ids import Timestamp
from federation.ports.journal.entries import JournalEntry, read, written
from federation.record_key import SUBJECT_TAG_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSet:
    """A relief's record is ended here: its suppression tag."""

    KIND: ClassVar[str] = "suppression"

    at: Timestamp
    log: int
    index: int
    tag: bytes
    until: int
    relief: int
    """Kind of the relief."""
    year: int | None
    """Of the key under which the tag was made; None as it was written while there was one key."""

    def entry(self) -> JournalEntry:
        """Make the entry."""
        said = {"kind": self.relief} | ({} if self.year is None else {"year": self.year})
        return JournalEntry(
            at=self.at,
            kind=self.KIND,
            log=self.log,
            index=self.index,
            tag=self.tag,
            until=self.until,
            body=written(said),
        )

    @classmethod
    def of(cls, entry: JournalEntry) -> TagSet:
        """Read the entry."""
        said = read(entry)
        return cls(
            at=entry.at,
            log=entry.log or 0,
            index=entry.index or 0,
            tag=entry.tag or b"",
            until=entry.until,
            relief=said["kind"],
            year=said.get("year"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TagLifted:
    """A suppression tag stands no more, whatever reliefs set it.

    Lifted by the RELISTING at `log` and `index`, or, without these, because it was made anew.
    """

    KIND: ClassVar[str] = "suppression-lifted"

    at: Timestamp
    log: int | None = None
    index: int | None = None
    tag: bytes

    def entry(self) -> JournalEntry:
        """Make the entry."""
        return JournalEntry(
            at=self.at, kind=self.KIND, log=self.log, index=self.index, tag=self.tag
        )

    @classmethod
    def of(cls, entry: JournalEntry) -> TagLifted:
        """Read the entry."""
        return cls(at=entry.at, log=entry.log, index=entry.index, tag=entry.tag or b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinSet:
    """The twin of a suppression tag, set with it."""

    KIND: ClassVar[str] = "twin"

    at: Timestamp
    log: int
    index: int
    tag: bytes
    until: int
    relief: int
    """Kind of the relief."""
    year: int
    """Of the key under which the twin was made."""
    record: bytes
    """Lookup tag of the record."""
    subject: bytes
    """Lookup tag of its subject."""

    def entry(self) -> JournalEntry:
        """Make the entry."""
        said = {
            "kind": self.relief,
            "year": self.year,
            "record": self.record.hex(),
            "subject": self.subject.hex(),
        }
        return JournalEntry(
            at=self.at,
            kind=self.KIND,
            log=self.log,
            index=self.index,
            tag=self.tag,
            until=self.until,
            body=written(said),
        )

    @classmethod
    def of(cls, entry: JournalEntry) -> TwinSet:
        """Read the entry."""
        said = read(entry)
        return cls(
            at=entry.at,
            log=entry.log or 0,
            index=entry.index or 0,
            tag=entry.tag or b"",
            until=entry.until,
            relief=said["kind"],
            year=said["year"],
            record=bytes.fromhex(said["record"]),
            subject=bytes.fromhex(said["subject"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinLifted:
    """No twin of a record stands any more; lifted by the RELISTING at `log` and `index`."""

    KIND: ClassVar[str] = "twin-lifted"

    at: Timestamp
    log: int
    index: int
    record: bytes
    """Lookup tag of the record."""

    def entry(self) -> JournalEntry:
        """Make the entry."""
        body = written({"record": self.record.hex()})
        return JournalEntry(at=self.at, kind=self.KIND, log=self.log, index=self.index, body=body)

    @classmethod
    def of(cls, entry: JournalEntry) -> TwinLifted:
        """Read the entry."""
        record = bytes.fromhex(read(entry)["record"])
        return cls(at=entry.at, log=entry.log or 0, index=entry.index or 0, record=record)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldApart:
    """Persons said that a relieved record and a listed one are two (L14)."""

    KIND: ClassVar[str] = "told-apart"

    at: Timestamp
    pair: bytes
    """See `pair`."""
    by: Sequence[str]

    def entry(self) -> JournalEntry:
        """Make the entry; the persons in order."""
        body = written({"by": sorted(self.by)})
        return JournalEntry(at=self.at, kind=self.KIND, tag=self.pair, body=body)

    @classmethod
    def of(cls, entry: JournalEntry) -> ToldApart:
        """Read the entry."""
        return cls(at=entry.at, pair=entry.tag or b"", by=tuple(read(entry)["by"]))


def pair(relieved: bytes, listed: bytes) -> bytes:
    """The name under which it is kept that two records, by their lookup tags, are two.

    By their own parts, which are made of the whole keys.
    """
    return relieved[SUBJECT_TAG_SIZE:] + listed[SUBJECT_TAG_SIZE:]
