"""What is kept of erased statements, as the journal has it: keyed tags, dates, codes, in JSON."""

from __future__ import annotations

import json
from typing import Any, Final

from federation.ids import Timestamp
from federation.ports.store import JournalEntry
from federation.record_key import RECORD_PART_SIZE
from federation.relief.erased import Kept, kept_of
from federation.rows import StatementRow

ERASURE: Final = "erasure"
_BYTES: Final = ("tag", "names")
_RECORD, _SUBJECT = "record_tag", "subject_tag"
"""Fields of entries up to schema 0012, whose tags of records did not begin with the subject's."""


def erasure_entry(at: Timestamp, row: StatementRow) -> JournalEntry:
    """The entry of the journal that a row's opening was erased here."""
    said = {
        field: value.hex() if isinstance(value, bytes) else value
        for field, value in kept_of(row)._asdict().items()
    }
    return JournalEntry(at=at, kind=ERASURE, log=row.log, index=row.idx, body=json.dumps(said))


def kept_in(entry: JournalEntry) -> Kept | None:
    """What an entry keeps; None of one of an earlier version, which has state and rule alone."""
    said: dict[str, Any] = json.loads(entry.body)
    if _RECORD in said:
        said["tag"] = _joined(said.pop(_RECORD), said.pop(_SUBJECT))
    if "tag" not in said:
        return None
    read = {f: bytes.fromhex(said[f]) for f in _BYTES if said[f] is not None}
    return Kept(**(said | read))


def _joined(record: str | None, subject: str | None) -> str | None:
    """The tag of now, in hexadecimal as they are; a record without its subject finds it again."""
    if record is None or subject is None:
        return subject
    return subject + record[: 2 * RECORD_PART_SIZE]


def outcome_in(entry: JournalEntry) -> tuple[int, str]:
    """State and rule at the erasure; every version's entries have them."""
    said = json.loads(entry.body)
    return said["state"], said["rule"]
