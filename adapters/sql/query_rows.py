"""Rows of the query store: what was asked, and whom it was about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, insert, select

from adapters.sql.query_schema import query_rows, query_subjects
from adapters.sql.query_store import QueryReads, QueryWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRow:
    """A row of `query_rows`.

    Attributes:
        query_id: 16 bytes.
        log: epoch of the query log.
        kind: a number of `federation.screening.query_log.EntryKind`.
        at: seconds UTC.
        department: tag of the asker's department.
        leaf: 76 bytes.
        key: number of the key that opens `sealed`.
        sealed: salt and payload; None once erased.
        place: its number in the store, 0 before it is written.
        index: its place in the query log; None until it has one.
    """

    query_id: bytes
    log: int
    kind: int
    at: int
    department: bytes
    leaf: bytes
    key: int
    sealed: bytes | None
    place: int = 0
    index: int | None = None


def add_row(writes: QueryWrites, row: QueryRow, subjects: Collection[bytes]) -> int:
    """Add a row, and the tags of the subjects that it is about.

    Returns:
        Its place.
    """
    result = writes.connection.execute(
        _ADD,
        {
            "query_id": row.query_id,
            "log": row.log,
            "kind": row.kind,
            "at": row.at,
            "department": row.department,
            "leaf": row.leaf,
            "key": row.key,
            "sealed": row.sealed,
        },
    )
    (place,) = result.inserted_primary_key or (0,)
    if subjects:
        writes.connection.execute(
            _ADD_SUBJECT, [{"tag": tag, "place": place} for tag in sorted(set(subjects))]
        )
    return int(place)


def row_by_id(reads: QueryReads, query_id: bytes) -> QueryRow | None:
    """The row of an id."""
    found = reads.connection.execute(_ROWS.where(query_rows.c.query_id == query_id)).first()
    return None if found is None else _row(found)


def has_rows(reads: QueryReads) -> bool:
    """Whether anything was ever recorded here."""
    return reads.connection.execute(select(query_rows.c.place).limit(1)).first() is not None


def _row(found: Row[Any]) -> QueryRow:
    return QueryRow(
        query_id=found.query_id,
        log=found.log,
        kind=found.kind,
        at=found.at,
        department=found.department,
        leaf=found.leaf,
        key=found.key,
        sealed=found.sealed,
        place=found.place,
        index=found.idx,
    )


_ADD: Final = insert(query_rows)
_ADD_SUBJECT: Final = insert(query_subjects)
_ROWS: Final = select(query_rows)
