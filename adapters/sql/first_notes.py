"""Checkpoint notes that are kept for good: the questions of a session, and its changes."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, func, select, text

from adapters.sql import schema
from adapters.sql.prepared import Prepared
from adapters.sql.receipts import ReceiptChanges, ReceiptQuestions
from federation.ids import Timestamp
from federation.peers.first_notes import TIMED_KINDS, FirstNote

_notes = schema.first_notes.c
_FIRST: Final = Prepared(
    select(_notes.size, _notes.cosigned_at, _notes.note)
    .where(_notes.log == bindparam("log"), _notes.size > bindparam("idx"))
    .order_by(_notes.size)
    .limit(1)
)
_BELOW: Final = Prepared(
    select(func.max(_notes.size)).where(
        _notes.log == bindparam("log"), _notes.size < bindparam("below")
    )
)
_rows = schema.statements.c
_TIMED_ONLY: Final = text(f"kind IN ({', '.join(str(int(kind)) for kind in TIMED_KINDS)})")
_TIMED: Final = Prepared(
    select(_rows.idx)
    .where(
        _rows.log == bindparam("log"),
        _rows.idx >= bindparam("start"),
        _rows.idx < bindparam("end"),
        schema.UNLISTED_ONLY,
        _TIMED_ONLY,
    )
    .limit(1)
)


class FirstNoteQuestions(ReceiptQuestions):
    """`federation.peers.first_notes.NoteReads` inside a transaction that the store began."""

    def first_note(self, log: int, index: int) -> FirstNote | None:
        """See `NoteReads.first_note`."""
        for size, cosigned_at, note in self._bulk.ask(_FIRST, {"log": log, "idx": index}):
            return FirstNote(size=size, cosigned_at=Timestamp(cosigned_at), note=note)
        return None

    def first_note_below(self, log: int, size: int) -> int:
        """See `NoteReads.first_note_below`."""
        ((found,),) = self._bulk.ask(_BELOW, {"log": log, "below": size})
        return found or 0

    def has_timed_leaf(self, log: int, start: int, end: int) -> bool:
        """See `NoteReads.has_timed_leaf`."""
        return bool(self._bulk.ask(_TIMED, {"log": log, "start": start, "end": end}))


class FirstNoteChanges(FirstNoteQuestions, ReceiptChanges):
    """`federation.peers.first_notes.NoteWrites` inside the transaction of the only writer."""

    def put_first_note(self, log: int, note: FirstNote) -> None:
        """See `NoteWrites.put_first_note`."""
        row = (log, note.size, note.cosigned_at, note.note)
        self._bulk.upsert(schema.first_notes, [row])
