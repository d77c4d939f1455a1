"""Rows that the platform lays into the database for us, and our answers beside them.

A row waits while `answered_at` is NULL: a state of its own, no cursor, so that a row which was
committed late with a smaller id is not passed over. The platform changes a row by writing its new
content and setting `answered_at` to NULL again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select, update

from adapters.files.headings import column_name
from adapters.files.tables import DEFAULT_LIMITS
from adapters.platform.database import DatabasePlatform
from adapters.platform.errors import UnreadableError
from adapters.platform.tables import inbox

CONTENT_MAX: Final = 65_535
"""Characters of a row's content; a longer one is refused. What TEXT holds in MySQL."""
REFUSED: Final = "refused"
"""Outcome of a row that was not taken."""
SUPERSEDED: Final = "superseded"
"""Outcome of a row for which a newer one of the same key counts."""
_MESSAGE_MAX: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """A row as the platform wrote it; of its `content` at most `CONTENT_MAX` + 1 characters."""

    id: int
    source: str
    kind: str
    list_type: str
    content: str
    unreadable: bool = False
    """Whether the database gives a text of the row that is none; such a text is empty here."""

    def cells(self) -> dict[str, str] | None:
        """Return the cells by `column_name`; None where the content is not what it should be.

        That is one JSON object of texts, whole numbers and nulls, within the bounds of a table.
        """
        if self.unreadable or len(self.content) > CONTENT_MAX:
            return None
        try:
            said = json.loads(self.content, object_pairs_hook=_object)
        except (ValueError, RecursionError):
            return None
        if not isinstance(said, dict) or len(said) > DEFAULT_LIMITS.columns:
            return None
        found: dict[str, str] = {}
        for name, value in said.items():
            column = column_name(name)
            if column in found or type(value) not in (str, int, type(None)):
                return None
            found[column] = "" if value is None else str(value)
            if not _is_text(column) or not _is_text(found[column]):
                return None
        longest = max(map(len, found.values()), default=0)
        return found if longest <= DEFAULT_LIMITS.cell else None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON.

    Raises:
        ValueError: a name comes twice; one of its values would count, and nobody knows which.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _is_text(value: str) -> bool:
    """Whether a database can keep it: JSON may name half a character, and NUL."""
    return _as_text(value) == value


def _as_text(value: str) -> str:
    return value.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a row; `statement_id` (hex) is of the listing that it made or was about.

    `faults` are the codes of all that is wrong with a refused row; the table has the first, `code`.
    `newer` is the number of the row that counts for a superseded one, among those taken with it.
    """

    outcome: str
    code: str = ""
    message: str = ""
    statement_id: str = ""
    faults: tuple[str, ...] = ()
    newer: int = 0


_ASKED: Final = {
    "source": inbox.c.source,
    "kind": inbox.c.kind,
    "list_type": inbox.c.list_type,
    "content": func.substr(inbox.c.content, 1, CONTENT_MAX + 1).label("content"),
}
"""What is read of a row."""


class DatabaseInbox:
    """The inbox table of one platform."""

    def __init__(self, database: DatabasePlatform) -> None:
        """Prepare; nothing is connected yet."""
        self._database = database

    def waiting(
        self,
        kinds: Sequence[str],
        most: int,
        *,
        after: int = 0,
        among: Sequence[str] = (),
        but: Sequence[str] = (),
    ) -> list[InboxRow]:
        """Return rows that wait for an answer, the oldest ids first.

        Args:
            kinds: of which kinds only; empty for all.
            most: how many.
            after: only rows of a larger id.
            among: only rows of these sources; empty for all.
            but: no rows of these sources.

        Raises:
            PlatformError: they cannot be read.
        """
        wanted: list[ColumnElement[bool]] = [inbox.c.answered_at.is_(None)]
        if kinds:
            wanted.append(inbox.c.kind.in_(kinds))
        if after:
            wanted.append(inbox.c.id > after)
        if among:
            wanted.append(inbox.c.source.in_(among))
        if but:
            wanted.append(inbox.c.source.not_in(but))
        return self._rows(wanted, most)

    def to_publish(
        self, source: str, list_types: Sequence[str], again: str, most: int
    ) -> list[InboxRow]:
        """Return rows of a source's list that wait, or were refused with the code `again`.

        Args:
            source: whose rows.
            list_types: how rows may name the list.
            again: a code.
            most: how many, the oldest ids first.

        Raises:
            PlatformError: they cannot be read.
        """
        wanted = [
            inbox.c.kind == "list",
            inbox.c.source == source,
            inbox.c.list_type.in_(list_types),
            or_(inbox.c.answered_at.is_(None), inbox.c.code == again),
        ]
        return self._rows(wanted, most)

    def refused(self, code: str, sources: Sequence[str], after: int, most: int) -> list[InboxRow]:
        """Return rows that were refused or held with a code and were not changed since.

        Args:
            code: the code.
            sources: whose rows.
            after: only rows of a larger id.
            most: how many, the oldest ids first.

        Raises:
            PlatformError: they cannot be read.
        """
        wanted = [
            inbox.c.answered_at.is_not(None),
            inbox.c.code == code,
            inbox.c.source.in_(sources),
            inbox.c.id > after,
        ]
        return self._rows(wanted, most)

    def _rows(self, wanted: Sequence[ColumnElement[bool]], most: int) -> list[InboxRow]:
        question = (
            select(inbox.c.id, *_ASKED.values()).where(*wanted).order_by(inbox.c.id).limit(most)
        )
        try:
            with self._database.transaction() as connection:
                return [InboxRow(**row) for row in connection.execute(question).mappings()]
        except UnreadableError:
            return self._one_by_one(wanted, most)

    def _one_by_one(self, wanted: Sequence[ColumnElement[bool]], most: int) -> list[InboxRow]:
        """Read a page of which a text is none: that is its row's fault and keeps no other (F32)."""
        ids = select(inbox.c.id).where(*wanted).order_by(inbox.c.id).limit(most)
        with self._database.transaction() as connection:
            numbers = connection.execute(ids).scalars().all()
        return [self._row(number) for number in numbers]

    def _row(self, number: int) -> InboxRow:
        """Read a row text by text."""
        texts = dict.fromkeys(_ASKED, "")
        unreadable = False
        for name, column in _ASKED.items():
            with suppress(UnreadableError):
                with self._database.transaction() as connection:
                    question = select(column).where(inbox.c.id == number)
                    texts[name] = connection.execute(question).scalar_one_or_none() or ""
                continue
            unreadable = True
        return InboxRow(id=number, unreadable=unreadable, **texts)

    def answer(self, answers: Sequence[tuple[InboxRow, Answer]], instead_of: str = "") -> int:
        """Write answers in one transaction; a row that was changed meanwhile goes on waiting.

        Where the database cannot keep a text of an answer, each is written on its own, and that one
        without its text (F32). A row that cannot be read is not compared.

        Args:
            answers: by row.
            instead_of: the rows were refused with this code; empty where they wait.

        Returns:
            The number of rows answered.

        Raises:
            PlatformError: nothing was kept.
        """
        try:
            return self._write(answers, instead_of)
        except UnreadableError:
            return sum(self._write_one(row, answer, instead_of) for row, answer in answers)

    def _write_one(self, row: InboxRow, answer: Answer, instead_of: str) -> int:
        try:
            return self._write([(row, answer)], instead_of)
        except UnreadableError:
            return self._write([(row, replace(answer, message=""))], instead_of)

    def _write(self, answers: Sequence[tuple[InboxRow, Answer]], instead_of: str) -> int:
        count = 0
        with self._database.transaction() as connection:
            for row, answer in answers:
                same = [inbox.c.id == row.id, inbox.c.answered_at.is_(None)]
                if instead_of:
                    same[1:] = [inbox.c.answered_at.is_not(None), inbox.c.code == instead_of]
                if not row.unreadable:
                    same += [column == getattr(row, name) for name, column in _ASKED.items()]
                said = {
                    "outcome": answer.outcome,
                    "code": answer.code,
                    "message": _as_text(answer.message)[:_MESSAGE_MAX],
                    "statement_id": answer.statement_id,
                }
                asked = update(inbox).where(*same)
                done = connection.execute(
                    asked.values(answered_at=func.current_timestamp(), **said)
                )
                count += done.rowcount
        return count
