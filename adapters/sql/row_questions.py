"""Questions about derived rows, all of them about sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    bindparam,
    func,
    select,
    tuple_,
)

from adapters.sql import schema
from adapters.sql.bulk import Bulk
from federation.record_key import RECORD_PART_SIZE
from federation.rows import (
    LISTED_KINDS,
    RELIEF_KINDS,
    OpeningStatus,
    StatementRow,
    by_log,
)

_STREAM_STEP: Final = 8192
"""Leaves for each question of a stream: bounds what is held in memory at once."""

_ROW: Final = StatementRow._fields


def tags_of(subject_tag: bytes) -> tuple[bytes, bytes]:
    """Least and greatest of the tags of a subject and of its records."""
    return subject_tag, subject_tag + b"\xff" * RECORD_PART_SIZE


class RowQuestions:
    """The part of `federation.ports.store.ReadSession` that reads the table `statements`."""

    def __init__(self, connection: Connection, bulk: Bulk) -> None:
        """Read over a connection and its bulk paths."""
        self._connection = connection
        self._bulk = bulk

    def rows_between(self, log: int, start: int, end: int) -> Sequence[StatementRow]:
        """See `ReadSession.rows_between`."""
        rows = self._bulk.select_between(_ROW, schema.statements, log, start, end)
        return list(map(StatementRow._make, rows))

    def rows_at(self, places: Sequence[tuple[int, int]]) -> Sequence[StatementRow]:
        """See `ReadSession.rows_at`."""
        rows: list[StatementRow] = []
        for log, indices in by_log(places).items():
            rows += self._rows({"log": log}, "idx", indices)
        return rows

    def rows_by_id(
        self, logs: Sequence[int] | None, statement_ids: Sequence[bytes]
    ) -> Sequence[StatementRow]:
        """See `ReadSession.rows_by_id`."""
        rows = self._rows({}, "statement_id", statement_ids)
        return rows if logs is None else [row for row in rows if row.log in logs]

    def ids_from_to(self, least: bytes, greatest: bytes, limit: int) -> Sequence[bytes]:
        """See `ReadSession.ids_from_to`."""
        found = schema.statements.c.statement_id
        query = select(found).distinct().where(found.between(least, greatest))
        return [bytes(one) for one in self._connection.scalars(query.order_by(found).limit(limit))]

    def ids_beginning(self, beginnings: Sequence[bytes]) -> Sequence[bytes]:
        """See `ReadSession.ids_beginning`."""
        if not beginnings:
            return []
        found = schema.statements.c.statement_id
        begins = func.substr(found, 1, len(beginnings[0]), type_=LargeBinary)
        query = select(found).distinct().where(begins.in_(beginnings))
        return [bytes(one) for one in self._connection.scalars(query)]

    def rows_about(self, statement_ids: Sequence[bytes]) -> Sequence[StatementRow]:
        """See `ReadSession.rows_about`."""
        return self._rows({}, "about", statement_ids)

    def rows_by_record(
        self, record_tags: Sequence[bytes], kinds: Sequence[int]
    ) -> Sequence[StatementRow]:
        """See `ReadSession.rows_by_record`."""
        return [row for row in self._rows({}, "tag", record_tags) if row.kind in kinds]

    def list_rows(
        self,
        *,
        log: int | None,
        kinds: Sequence[int] | None,
        states: Sequence[int] | None,
        subject_tag: bytes | None = None,
        authorities: Sequence[str] | None = None,
        after: tuple[int, int] | None,
        limit: int,
    ) -> Sequence[StatementRow]:
        """See `ReadSession.list_rows`."""
        c = schema.statements.c
        query = select(schema.statements).order_by(c.log, c.idx).limit(limit)
        unlisted = kinds is not None and set(LISTED_KINDS).isdisjoint(kinds)
        if log is not None and unlisted:
            # As a range: where a log is equal SQLite reads all of it in its order, of any kind.
            query = query.where(c.log <= log)
            after = max(after or (log, -1), (log, -1))
        elif log is not None:
            query = query.where(c.log == log)
        if states is not None:
            query = query.where(c.state.in_(states))
        if subject_tag is not None:
            query = query.where(c.tag.between(*tags_of(subject_tag)))
        if authorities is not None:
            query = query.where(c.authority.in_(authorities))
        if after is not None:
            query = query.where(tuple_(c.log, c.idx) > tuple_(*after))
        if kinds is not None and unlisted:
            # Each by itself: the index has the rows of a kind in this order, of several it has not.
            queries = [query.where(c.kind == kind, schema.UNLISTED_ONLY) for kind in set(kinds)]
        else:
            queries = [query if kinds is None else query.where(c.kind.in_(kinds))]
        found = [
            StatementRow._make(row) for one in queries for row in self._connection.execute(one)
        ]
        if len(queries) > 1:
            found.sort(key=lambda row: (row.log, row.idx))
        return found[:limit]

    def set_aside(self, log: int) -> Sequence[StatementRow]:
        """See `ReadSession.set_aside`."""
        c = schema.statements.c
        query = select(schema.statements).where(c.log == log, schema.SET_ASIDE_ONLY)
        return [StatementRow._make(row) for row in self._connection.execute(query.order_by(c.idx))]

    def relieved(self, limit: int) -> Sequence[StatementRow]:
        """See `ReadSession.relieved`."""
        c = schema.statements.c
        query = select(schema.statements).where(schema.RELIEVED_ONLY)
        rows = self._connection.execute(query.order_by(c.log, c.idx).limit(limit))
        return [StatementRow._make(row) for row in rows]

    def expired(self, today: int, after: tuple[int, int], limit: int) -> Sequence[StatementRow]:
        """See `ReadSession.expired`."""
        c = schema.statements.c
        query = select(schema.statements).where(
            c.opening == int(OpeningStatus.PRESENT),
            c.kind.in_([int(kind) for kind in (*LISTED_KINDS, *RELIEF_KINDS)]),
            tuple_(c.log, c.idx) > tuple_(*after),
            c.until > 0,
            c.until < today,
        )
        rows = self._connection.execute(query.order_by(c.log, c.idx).limit(limit))
        return [StatementRow._make(row) for row in rows]

    def undated(self, after: tuple[int, int], limit: int) -> Sequence[StatementRow]:
        """See `ReadSession.undated`."""
        c = schema.statements.c
        query = select(schema.statements).where(
            c.opening == int(OpeningStatus.PRESENT),
            c.kind.in_([int(kind) for kind in (*LISTED_KINDS, *RELIEF_KINDS)]),
            tuple_(c.log, c.idx) > tuple_(*after),
            c.until == 0,
        )
        rows = self._connection.execute(query.order_by(c.log, c.idx).limit(limit))
        return [StatementRow._make(row) for row in rows]

    def outcomes(self, log: int) -> Iterator[tuple[int, int, int, int, int]]:
        """See `ReadSession.outcomes`; asks as it goes, so read it within the session."""
        columns = ("idx", "kind", "state", "opening", "until")
        last = self._connection.execute(
            select(func.max(schema.statements.c.idx)).where(schema.statements.c.log == log)
        ).scalar_one()
        for start in range(0, 0 if last is None else last + 1, _STREAM_STEP):
            end = start + _STREAM_STEP
            rows = self._bulk.select_between(columns, schema.statements, log, start, end)
            yield from rows

    def pending(
        self, log: int | None, limit: int, after: int = -1, *, reliefs: bool = False
    ) -> Sequence[tuple[int, int]]:
        """See `ReadSession.pending`."""
        query = _pending(of_one_log=log is not None, reliefs=reliefs)
        asked = {"log": log, "after": after, "limit": limit}
        return [(row.log, row.idx) for row in self._connection.execute(query, asked)]

    def read_by(self) -> bytes:
        """See `ReadSession.read_by`."""
        found = self._connection.execute(select(schema.read_by.c.digest)).scalar_one_or_none()
        return b"" if found is None else bytes(found)

    def _logs_with(self, condition: ColumnElement[bool]) -> frozenset[int]:
        """Numbers of the logs for which a condition holds: one look-up for each of them."""
        query = select(schema.logs.c.log).where(condition)
        return frozenset(self._connection.execute(query).scalars())

    def _rows(
        self, fixed: Mapping[str, object], column: str, values: Sequence[object]
    ) -> list[StatementRow]:
        rows = self._bulk.select(_ROW, schema.statements, fixed, column, values)
        return list(map(StatementRow._make, rows))


@cache
def _pending(*, of_one_log: bool, reliefs: bool) -> Select[tuple[int, int]]:
    """Made once: it is asked for each log again and again."""
    c = schema.statements.c
    only = schema.PENDING_RELIEFS_ONLY if reliefs else schema.PENDING_ONLY
    query = select(c.log, c.idx).where(only, c.idx > bindparam("after"))
    if of_one_log:
        query = query.where(c.log == bindparam("log"))
    return query.order_by(c.log, c.idx).limit(bindparam("limit"))
