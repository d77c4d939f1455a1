"""Rows of the query store: what was asked, and whom it was about."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import Row, delete, or_, select, update

from adapters.sql.query_schema import checks, query_rows, query_subjects
from adapters.sql.query_store import QueryReads, QueryWrites, inserting


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


def add_rows(
    writes: QueryWrites, rows: Sequence[tuple[QueryRow, Collection[bytes]]]
) -> Sequence[int]:
    """Add rows in this order, each with the tags of the subjects that it is about.

    Returns:
        Their places.
    """
    writes.put(_ADD, [_ADDED(row) for row, _ in rows])
    ids = [row.query_id for row, _ in rows]
    places: dict[bytes, int] = dict(
        writes.select(("query_id", "place"), query_rows, "query_id", ids)
    )
    writes.put(
        _ADD_SUBJECT,
        [(tag, places[row.query_id]) for row, tags in rows for tag in sorted(set(tags))],
    )
    return [places[one] for one in ids]


def row_by_id(reads: QueryReads, query_id: bytes) -> QueryRow | None:
    """The row of an id."""
    found = reads.connection.execute(_ROWS.where(query_rows.c.query_id == query_id)).first()
    return None if found is None else _row(found)


def rows_between(reads: QueryReads, log: int, first: int, last: int) -> list[QueryRow]:
    """The rows that say that they stand at [first, last) of an epoch, in order."""
    query = (
        _ROWS.where(query_rows.c.log == log, query_rows.c.idx >= first, query_rows.c.idx < last)
        .order_by(query_rows.c.idx)
        .limit(last - first)
    )
    return [_row(found) for found in reads.connection.execute(query)]


def rows_outside(reads: QueryReads, log: int, size: int) -> Iterator[QueryRow]:
    """The rows that have no place below `size` of an epoch: they wait, or say a place beyond."""
    query = _ROWS.where(
        query_rows.c.log == log, or_(query_rows.c.idx.is_(None), query_rows.c.idx >= size)
    ).order_by(query_rows.c.place)
    for found in reads.connection.execute(query):
        yield _row(found)


def rows_of_subject(reads: QueryReads, tags: Collection[bytes], limit: int) -> list[QueryRow]:
    """The newest rows that are about a subject, by tags of its code and name."""
    places = select(query_subjects.c.place).where(query_subjects.c.tag.in_(tags))
    query = _ROWS.where(query_rows.c.place.in_(places)).order_by(query_rows.c.place.desc())
    return [_row(found) for found in reads.connection.execute(query.limit(limit))]


def rows_of_department(reads: QueryReads, department: bytes, limit: int) -> list[QueryRow]:
    """The newest rows of a department, by its tag."""
    query = _ROWS.where(query_rows.c.department == department).order_by(
        query_rows.c.at.desc(), query_rows.c.place.desc()
    )
    return [_row(found) for found in reads.connection.execute(query.limit(limit))]


def subject_tags(reads: QueryReads, places: Collection[int]) -> Mapping[int, frozenset[bytes]]:
    """The tags under which rows are found; those without are left out."""
    query = select(query_subjects).where(query_subjects.c.place.in_(places))
    found: dict[int, set[bytes]] = {}
    for row in reads.connection.execute(query):
        found.setdefault(row.place, set()).add(bytes(row.tag))
    return {place: frozenset(tags) for place, tags in found.items()}


def erase_rows_before(writes: QueryWrites, cutoff: int, limit: int) -> int:
    """Erase what rows before a moment hold, and by what they are found; their leaves stay.

    Only rows that have their place in the log: one that waits is still to be proved.

    Returns:
        How many; as many as `limit` where there may be more.
    """
    ended = (
        select(query_rows.c.place)
        .where(
            query_rows.c.at < cutoff,
            query_rows.c.sealed.is_not(None),
            query_rows.c.idx.is_not(None),
        )
        .order_by(query_rows.c.at)
        .limit(limit)
    )
    places = list(writes.connection.scalars(ended))
    if places:
        writes.connection.execute(delete(query_subjects).where(query_subjects.c.place.in_(places)))
        writes.connection.execute(
            update(query_rows)
            .where(query_rows.c.place.in_(places))
            .values(sealed=None, department=b"")
        )
    return len(places)


def has_rows(reads: QueryReads) -> bool:
    """Whether anything was ever recorded here."""
    return reads.connection.execute(select(query_rows.c.place).limit(1)).first() is not None


def first_answer_at(reads: QueryReads) -> int | None:
    """When the earliest of the answers kept was last given, seconds UTC; None where none is."""
    at: int | None = reads.connection.execute(
        select(checks.c.at).order_by(checks.c.at).limit(1)
    ).scalar_one_or_none()
    return at


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


_ADDED: Final = attrgetter(
    "query_id", "log", "index", "kind", "at", "department", "leaf", "key", "sealed"
)
"""Of a row, as its columns stand in the table."""
_ADD: Final = inserting(query_rows, "place")
_ADD_SUBJECT: Final = inserting(query_subjects)
_ROWS: Final = select(query_rows)
