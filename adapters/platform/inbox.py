"""Rows that the platform lays into the database for us, and our answers beside them.

A row waits while `answered_at` is NULL: a state of its own, no cursor, so that a row which was
committed late with a smaller id is not passed over. The platform changes a row by writing its new
content and setting `answered_at` to NULL again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update

from adapters.files.tables import DEFAULT_LIMITS, column_name
from adapters.platform.database import DatabasePlatform
from adapters.platform.tables import inbox

CONTENT_MAX: Final = 65_535
"""Characters of a row's content; a longer one is refused. What TEXT holds in MySQL."""
REFUSED: Final = "refused"
"""Outcome of a row that was not taken."""
_MESSAGE_MAX: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """A row as the platform wrote it; of its `content` at most `CONTENT_MAX` + 1 characters."""

    id: int
    source: str
    kind: str
    list_type: str
    content: str

    def cells(self) -> dict[str, str] | None:
        """Return the cells by `column_name`; None where the content is not what it should be.

        That is one JSON object of texts, whole numbers and nulls, within the bounds of a table.
        """
        if len(self.content) > CONTENT_MAX:
            return None
        try:
            said = json.loads(self.content)
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


def _is_text(value: str) -> bool:
    """Whether a database can keep it: JSON may name half a character, and NUL."""
    return _as_text(value) == value


def _as_text(value: str) -> str:
    return value.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a row; `statement_id` (hex) is of the listing that it made or was about.

    `faults` are the codes of all that is wrong with a refused row; the table has the first, `code`.
    """

    outcome: str
    code: str = ""
    message: str = ""
    statement_id: str = ""
    faults: tuple[str, ...] = ()


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
            select(
                inbox.c.id,
                inbox.c.source,
                inbox.c.kind,
                inbox.c.list_type,
                func.substr(inbox.c.content, 1, CONTENT_MAX + 1).label("content"),
            )
            .where(*wanted)
            .order_by(inbox.c.id)
            .limit(most)
        )
        with self._database.transaction() as connection:
            return [InboxRow(**row) for row in connection.execute(question).mappings()]

    def answer(self, answers: Sequence[tuple[InboxRow, Answer]], instead_of: str = "") -> int:
        """Write answers in one transaction; a row that was changed meanwhile goes on waiting.

        Args:
            answers: by row.
            instead_of: the rows were refused with this code; empty where they wait.

        Returns:
            The number of rows answered.

        Raises:
            PlatformError: nothing was kept.
        """
        before = (
            (inbox.c.answered_at.is_not(None), inbox.c.code == instead_of)
            if instead_of
            else (inbox.c.answered_at.is_(None),)
        )
        asked = (
            update(inbox)
            .where(
                inbox.c.id == bindparam("b_id"),
                *before,
                inbox.c.source == bindparam("b_source"),
                inbox.c.kind == bindparam("b_kind"),
                inbox.c.list_type == bindparam("b_list_type"),
                func.substr(inbox.c.content, 1, CONTENT_MAX + 1) == bindparam("b_content"),
            )
            .values(
                answered_at=func.current_timestamp(),
                outcome=bindparam("b_outcome"),
                code=bindparam("b_code"),
                message=bindparam("b_message"),
                statement_id=bindparam("b_statement_id"),
            )
        )
        count = 0
        with self._database.transaction() as connection:
            for row, answer in answers:
                values = {
                    "b_id": row.id,
                    "b_source": row.source,
                    "b_kind": row.kind,
                    "b_list_type": row.list_type,
                    "b_content": row.content,
                    "b_outcome": answer.outcome,
                    "b_code": answer.code,
                    "b_message": _as_text(answer.message)[:_MESSAGE_MAX],
                    "b_statement_id": answer.statement_id,
                }
                count += connection.execute(asked, values).rowcount
        return count
