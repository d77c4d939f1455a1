"""What is kept of erased statements, as the journal has it: keyed tags, dates, codes, in JSON."""

from __future__ import annotations

import json
from typing import Any, Final

from federation.ids import Timestamp
from federation.ports.store import JournalEntry
from federation.relief.erased import Kept, kept_of
from federation.rows import StatementRow

ERASURE: Final = "erasure"
_BYTES: Final = ("record_tag", "subject_tag", "names")
_RECORD: Final = "record_tag"


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
    if _RECORD not in said:
        return None
    read = {f: bytes.fromhex(said[f]) for f in _BYTES if said[f] is not None}
    return Kept(**(said | read))


def outcome_in(entry: JournalEntry) -> tuple[int, str]:
    """State and rule at the erasure; every version's entries have them."""
    said = json.loads(entry.body)
    return said["state"], said["rule"]
