"""The first independently cosigned checkpoint of what begins a term or tells (SPEC §3.5).

When a statement was said nobody knows but by the cosignatures of others over a checkpoint that
covers it, and the newest checkpoint says nothing of last month. So of each log one checkpoint note
is kept verbatim for each relief, annotation, request and RECEIPT, the first that an independent key
cosigned:

    T1  independent is a witness or mirror key of a node other than the origin's
    T2  a note is kept only where a leaf of `TIMED_KINDS` stands in it that no smaller kept note
        covers, and, where a larger kept note covers that leaf, only where it is earlier than that
    T3  of two notes of one size the earlier is kept; else what is kept is kept for good
    T4  the note of a leaf is the smallest one kept that covers it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from crypto.cosignature import claimed_time
from crypto.keys import VerifierKey
from crypto.notes import Note
from federation.ids import Timestamp
from federation.statements import Kind

TIMED_KINDS: Final = (
    Kind.REPAIR,
    Kind.WITHDRAWAL,
    Kind.ANNOTATION,
    Kind.REQUEST,
    Kind.RECEIPT,
)
"""Kinds of which it may be asked when they were said: from them terms are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstNote:
    """A checkpoint note that is kept."""

    size: int
    cosigned_at: Timestamp
    """Earliest time of an independent cosignature in it."""
    note: bytes
    """Verbatim, without the lines of keys that no charter names."""


class NoteReads(Protocol):
    """What is asked of the notes that are kept."""

    def first_note(self, log: int, index: int) -> FirstNote | None:
        """The smallest kept note of a log that covers this leaf (T4)."""
        ...

    def first_note_below(self, log: int, size: int) -> int:
        """Size of the largest kept note smaller than this; 0 where there is none."""
        ...

    def has_timed_leaf(self, log: int, start: int, end: int) -> bool:
        """Whether a leaf of `TIMED_KINDS` stands among the leaves [start, end) of a log."""
        ...


class NoteWrites(NoteReads, Protocol):
    """What changes them."""

    def put_first_note(self, log: int, note: FirstNote) -> None:
        """Keep a note, in place of one of the same size."""
        ...


def cosigned_at(note: Note, independent: Sequence[VerifierKey]) -> Timestamp | None:
    """The earliest time that an independent key claims in a note (T1); verify its lines first."""
    names = {line.name for line in note.signatures}
    known = {(key.name, key.key_id) for key in independent if key.name in names}
    times = [claimed_time(line) for line in note.signatures if (line.name, line.key_id) in known]
    return Timestamp(min(times)) if times else None


def is_first(session: NoteReads, log: int, size: int, at: Timestamp) -> bool:
    """Whether a note of this size and time is to be kept (T2, T3).

    Args:
        session: the notes kept, and the rows of all leaves below `size`.
        log: number of the log.
        size: of the checkpoint, which is proved to be of the history that is held.
        at: its earliest independent time.
    """
    above = session.first_note(log, size - 1)
    if above is not None and at >= above.cosigned_at:
        return False
    if above is not None and above.size == size:
        return True
    return session.has_timed_leaf(log, session.first_note_below(log, size), size)
