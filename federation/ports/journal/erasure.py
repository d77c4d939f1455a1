"""What is kept of a statement whose opening was erased: keyed tags, dates, codes (SPEC §6.5).

EK8  list type, authority, days and state stay, for counting, also through a rebuild (ADR 0039)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar, Final, NamedTuple

from federation.ids import Timestamp
from federation.ports.journal.entries import JournalEntry, read
from federation.record_key import RECORD_PART_SIZE


class Kept(NamedTuple):
    """The fields of `StatementRow` that are kept."""

    state: int
    rule: str
    tag: bytes | None
    list_type: str
    authority: str
    decided_on: int
    until: int
    names: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """The opening of the leaf at `log` and `index` was erased here."""

    KIND: ClassVar[str] = "erasure"

    at: Timestamp
    log: int
    index: int
    state: int
    """At the erasure, likewise the rule."""
    rule: str
    kept: Kept | None
    """None as an earlier version wrote it, which kept state and rule alone."""

    def entry(self) -> JournalEntry:
        """Make the entry."""
        said: dict[str, Any] = {"state": self.state, "rule": self.rule}
        if self.kept is not None:
            said |= {
                field: value.hex() if isinstance(value, bytes) else value
                for field, value in self.kept._asdict().items()
            }
        body = json.dumps(said)
        return JournalEntry(at=self.at, kind=self.KIND, log=self.log, index=self.index, body=body)

    @classmethod
    def of(cls, entry: JournalEntry) -> Erased:
        """Read the entry."""
        said = read(entry)
        if _RECORD in said:
            said["tag"] = _joined(said.pop(_RECORD), said.pop(_SUBJECT))
        kept = None
        if "tag" in said:
            tags = {f: bytes.fromhex(said[f]) for f in _BYTES if said[f] is not None}
            kept = Kept(**(said | tags))
        return cls(
            at=entry.at,
            log=entry.log or 0,
            index=entry.index or 0,
            state=said["state"],
            rule=said["rule"],
            kept=kept,
        )


def _joined(record: str | None, subject: str | None) -> str | None:
    """The tag of now, in hexadecimal as they are; a record without its subject finds it again."""
    if record is None or subject is None:
        return subject
    return subject + record[: 2 * RECORD_PART_SIZE]


_BYTES: Final = ("tag", "names")
_RECORD, _SUBJECT = "record_tag", "subject_tag"
"""Fields of entries up to schema 0012, whose tags of records did not begin with the subject's."""
