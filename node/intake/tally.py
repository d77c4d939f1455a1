"""What was refused of a department's file, in the journal: rows and codes, nothing of a subject.

The errors file beside the input says more and is removed after a while; quality is told by this.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from federation.ids import Timestamp
from federation.ports.journal import FileTaken
from federation.ports.store import ReadSession, WriteSession
from federation.quality.figures import Group, Taken

ROWS_MAX: Final = 1000
"""Faults of one file that are kept by row; their number is always whole."""


def note(
    session: WriteSession,
    at: Timestamp,
    group: Group,
    file: bytes,
    faults: Iterable[tuple[int, str]],
    *,
    refused: int,
    exists: int,
    relief: bool = False,
) -> None:
    """Note a file that was taken.

    Args:
        session: the transaction.
        at: when.
        group: source department and list type.
        file: keyed tag of the file's name.
        faults: (row, code).
        refused: rows that were refused.
        exists: rows whose record stood already by another row.
        relief: the rows end listings.
    """
    file_taken = FileTaken(
        at=at,
        source=group[0],
        list_type=group[1],
        file=file.hex(),
        rows=sorted(faults)[:ROWS_MAX],
        refused=refused,
        exists=exists,
        relief=relief,
    )
    session.append_journal([file_taken.entry()])


def taken(session: ReadSession) -> list[tuple[Timestamp, Taken]]:
    """All files taken, the oldest first."""
    found: list[tuple[Timestamp, Taken]] = []
    for number, entry in session.entries(FileTaken.KIND):
        said = FileTaken.of(entry)
        taken_then = Taken(
            group=(said.source, said.list_type),
            file=said.file,
            number=number,
            rows=said.rows,
            refused=said.refused,
            exists=said.exists,
            relief=said.relief,
            platform="",
        )
        found.append((said.at, taken_then))
    return found
