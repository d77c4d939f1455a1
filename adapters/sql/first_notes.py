"""Checkpoint notes that are kept for good: the questions of a session, and its changes."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from adapters.sql import schema
from adapters.sql.receipts import ReceiptChanges, ReceiptQuestions
from federation.ids import Timestamp
from federation.peers.first_notes import TIMED_KINDS, FirstNote

_notes = schema.first_notes.c
_FIRST = (
    select(schema.first_notes)
    .where(_notes.log == bindparam("log"), _notes.size > bindparam("idx"))
    .order_by(_notes.size)
    .limit(1)
)
_BELOW = select(func.max(_notes.size)).where(
    _notes.log == bindparam("log"), _notes.size < bindparam("below")
)
_rows = schema.statements.c
_TIMED = (
    select(_rows.idx)
    .where(
        _rows.log == bindparam("log"),
        _rows.idx >= bindparam("start"),
        _rows.idx < bindparam("end"),
        schema.UNLISTED_ONLY,
        _rows.kind.in_(list(map(int, TIMED_KINDS))),
    )
    .limit(1)
)
"""Made once: they are asked at each checkpoint."""


class FirstNoteQuestions(ReceiptQuestions):
    """`federation.peers.first_notes.NoteReads` inside a transaction that the store began."""

    def first_note(self, log: int, index: int) -> FirstNote | None:
        """See `NoteReads.first_note`."""
        row = self._connection.execute(_FIRST, {"log": log, "idx": index}).one_or_none()
        if row is None:
            return None
        return FirstNote(size=row.size, cosigned_at=Timestamp(row.cosigned_at), note=row.note)

    def first_note_below(self, log: int, size: int) -> int:
        """See `NoteReads.first_note_below`."""
        return self._connection.execute(_BELOW, {"log": log, "below": size}).scalar_one() or 0

    def has_timed_leaf(self, log: int, start: int, end: int) -> bool:
        """See `NoteReads.has_timed_leaf`."""
        asked = {"log": log, "start": start, "end": end}
        return self._connection.execute(_TIMED, asked).first() is not None


class FirstNoteChanges(FirstNoteQuestions, ReceiptChanges):
    """`federation.peers.first_notes.NoteWrites` inside the transaction of the only writer."""

    def put_first_note(self, log: int, note: FirstNote) -> None:
        """See `NoteWrites.put_first_note`."""
        row = (log, note.size, note.cosigned_at, note.note)
        self._bulk.upsert(schema.first_notes, [row])
