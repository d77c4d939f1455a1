"""What persons of the node decided: cases, reliefs revoked, going on, and their signed words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from federation.ids import Timestamp
from federation.ports.journal.entries import JournalEntry, read, written


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person said about a case 人工核实: of the listing at `log` and `index`."""

    KIND: ClassVar[str] = "decision"

    at: Timestamp
    log: int
    index: int
    finding: int
    """Number of the rule that was decided about; of another one it decides nothing."""
    verdict: str
    """`use`, `reject` or `reopen`."""
    person: str
    reason: str
    """In words, without anything of the subject."""
    note: str = ""
    """The person's signed word (`federation.persons`); empty where the node names no persons."""

    def entry(self) -> JournalEntry:
        """Make the entry."""
        said = {
            "finding": self.finding,
            "verdict": self.verdict,
            "person": self.person,
            "reason": self.reason,
        } | ({"note": self.note} if self.note else {})
        body = written(said)
        return JournalEntry(at=self.at, kind=self.KIND, log=self.log, index=self.index, body=body)

    @classmethod
    def of(cls, entry: JournalEntry) -> Decision | None:
        """Read the entry; None of a relisting, which had this kind once (`Relisted`)."""
        said = read(entry)
        if _RELISTING in said:
            return None
        return cls(at=entry.at, log=entry.log or 0, index=entry.index or 0, **said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relisted:
    """Who decided the RELISTING at `log` and `index` of our own log (V9)."""

    KIND: ClassVar[str] = "relisting"
    EARLIER: ClassVar[str] = Decision.KIND
    """The kind that such an entry had once."""

    at: Timestamp
    log: int
    index: int
    by: Sequence[str]

    def entry(self) -> JournalEntry:
        """Make the entry; the persons in order."""
        body = json.dumps({_RELISTING: sorted(self.by)})
        return JournalEntry(at=self.at, kind=self.KIND, log=self.log, index=self.index, body=body)

    @classmethod
    def of(cls, entry: JournalEntry) -> Relisted | None:
        """Read the entry; None of a decision on a case, whose kind it had once."""
        said = read(entry)
        if _RELISTING not in said:
            return None
        by = tuple(said[_RELISTING])
        return cls(at=entry.at, log=entry.log or 0, index=entry.index or 0, by=by)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn:
    """Persons took it on themselves that no member holds more of our log than we do."""

    KIND: ClassVar[str] = "go-on"

    at: Timestamp
    size: int
    """Leaves that this machine held."""
    by: Sequence[str]
    reason: str
    mark: bool
    """Whether the high-water mark was there."""

    def entry(self) -> JournalEntry:
        """Make the entry; the persons in order."""
        said = {
            "size": self.size,
            "by": sorted(self.by),
            "reason": self.reason,
            "mark": self.mark,
        }
        return JournalEntry(at=self.at, kind=self.KIND, body=written(said))

    @classmethod
    def of(cls, entry: JournalEntry) -> GoOn:
        """Read the entry."""
        said = read(entry)
        return cls(
            at=entry.at,
            size=said["size"],
            by=tuple(said["by"]),
            reason=said["reason"],
            mark=said["mark"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedWord:
    """What persons signed (`federation.persons`), of every sort but decisions on cases."""

    KIND: ClassVar[str] = "word"

    at: Timestamp
    note: str

    def entry(self) -> JournalEntry:
        """Make the entry."""
        return JournalEntry(at=self.at, kind=self.KIND, body=self.note)

    @classmethod
    def of(cls, entry: JournalEntry) -> SignedWord:
        """Read the entry."""
        return cls(at=entry.at, note=entry.body)


_RELISTING: Final = "approved_by"
