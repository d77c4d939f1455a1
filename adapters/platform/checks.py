"""Questions that a platform lays into the database for us, and our answers beside them.

For systems that cannot call. A row waits while `answered_at` is NULL. An answer is written once: a
row that has one is never looked at again, and who wants to ask anew lays a new row. The node may
not delete; rows that were answered are the platform's to erase.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, func, select, update

from adapters.platform.database import DatabasePlatform
from adapters.platform.errors import UnreadableError
from adapters.platform.tables import checks

REFUSED: Final = "refused"
"""Result of a row that was no question, or that may not be asked."""
_MESSAGE_MAX: Final = 2000
_ASKED: Final = ("source", "matter", "case_no", "purpose", "code", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """A question as the platform wrote it; `written` are seconds since 1970, by its clock."""

    id: int
    written: int
    source: str
    matter: str
    case_no: str
    purpose: str
    code: str
    name: str
    unreadable: bool = False
    """Whether the database gives a text of the row that is none; such a text is empty here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAnswer:
    """What stands beside a row: `measures` is JSON, `reason` the code of what needs one."""

    result: str
    number: str = ""
    complete: bool = False
    reason: str = ""
    measures: str = "[]"
    message: str = ""


class DatabaseChecks:
    """The table of questions of one platform."""

    def __init__(self, database: DatabasePlatform, table: Table = checks) -> None:
        """Prepare; nothing is connected yet. `table` has the columns of `huxin_check`."""
        self._database = database
        self._table = table

    def waiting(self, source: str, most: int, *, after: int = 0) -> list[CheckRow]:
        """Return rows of a source that wait, the oldest ids first.

        Raises:
            PlatformError: they cannot be read.
        """
        c = self._table.c
        return self._rows([c.source == source, c.id > after], most)

    def of_others(self, sources: Sequence[str], most: int) -> list[CheckRow]:
        """Return rows that wait and name none of these sources.

        Raises:
            PlatformError: they cannot be read.
        """
        return self._rows([self._table.c.source.not_in(sources)], most)

    def _rows(self, wanted: Sequence[ColumnElement[bool]], most: int) -> list[CheckRow]:
        wanted = [self._table.c.answered_at.is_(None), *wanted]
        try:
            return self._read(wanted, most, _ASKED)
        except UnreadableError:
            return [self._row(row) for row in self._read(wanted, most, ())]

    def _read(
        self, wanted: Sequence[ColumnElement[bool]], most: int, names: Sequence[str]
    ) -> list[CheckRow]:
        c = self._table.c
        question = (
            select(c.id, c.written_at, *(c[name] for name in names))
            .where(*wanted)
            .order_by(c.id)
            .limit(most)
        )
        with self._database.transaction() as connection:
            found = connection.execute(question).mappings().all()
        empty = dict.fromkeys(_ASKED, "")
        return [
            CheckRow(
                id=row["id"],
                written=_seconds(row["written_at"]),
                **empty | {name: row[name] for name in names},
            )
            for row in found
        ]

    def _row(self, row: CheckRow) -> CheckRow:
        """Read a row text by text: one that is none is its row's fault, no other's (F32)."""
        texts: dict[str, Any] = {}
        for name in _ASKED:
            question = select(self._table.c[name]).where(self._table.c.id == row.id)
            with suppress(UnreadableError), self._database.transaction() as connection:
                texts[name] = connection.execute(question).scalar_one_or_none() or ""
        return replace(row, **texts, unreadable=len(texts) < len(_ASKED))

    def answer(self, row: CheckRow, answer: CheckAnswer) -> bool:
        """Write an answer beside a row that still waits and still asks what it asked.

        Where the database cannot keep Chinese, the answer has no message, and its JSON escapes.

        Returns:
            Whether the row has the answer; it has not where it was changed, answered or deleted.

        Raises:
            PlatformError: nothing was kept.
        """
        try:
            return self._write(row, answer)
        except UnreadableError:
            plain = json.dumps(json.loads(answer.measures))
            return self._write(row, replace(answer, message="", measures=plain))

    def _write(self, row: CheckRow, answer: CheckAnswer) -> bool:
        with self._database.transaction() as connection:
            return self._said(connection, row, answer)

    def _said(self, connection: Connection, row: CheckRow, answer: CheckAnswer) -> bool:
        """Write an answer in a transaction; whether the row has it."""
        c = self._table.c
        same = [c.id == row.id, c.answered_at.is_(None)]
        if not row.unreadable:
            same += [c[name] == getattr(row, name) for name in _ASKED]
        said = update(self._table).where(*same)
        done = connection.execute(
            said.values(
                answered_at=func.current_timestamp(),
                number=answer.number,
                result=answer.result,
                complete=int(answer.complete),
                reason=answer.reason,
                measures=answer.measures,
                message=answer.message[:_MESSAGE_MAX],
            )
        )
        return done.rowcount == 1


def _seconds(written: dt.datetime) -> int:
    """A moment as a number; one without a zone is taken as UTC, whatever this machine's zone is."""
    return int((written if written.tzinfo else written.replace(tzinfo=dt.UTC)).timestamp())
