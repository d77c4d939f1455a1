"""Batches of checks in the query store: numbers, counts, tags; who was asked about stands sealed.

A batch has parts, each kept before its rows are answered. A part that is asked again is another
turn of it: nothing that was kept of a question is replaced. Of rows that are matches stands which
check each of them became.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final, NamedTuple

from sqlalchemy import delete, func, select, update

from adapters.sql.query_schema import batch_parts, batch_rows, batches
from adapters.sql.query_store import QueryReads, QueryWrites, inserting

_PAGE: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBatch:
    """A row of `batches`.

    Attributes:
        number: of the batch.
        asker: id of the credential; empty for the operator.
        request_key: tag of credential and request id.
        question_tag: tag of matter, case, purpose and input.
        at: seconds UTC, when it was opened.
        closed_at: when it was closed last; 0 while it was not.
        key: number of the key that opens `sealed`.
        sealed: what was asked, and how the logs stood.
    """

    number: str
    asker: str
    request_key: bytes
    question_tag: bytes
    at: int
    key: int
    sealed: bytes
    closed_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPart:
    """A row of `batch_parts`.

    Attributes:
        number: of the batch.
        part: from 1.
        turn: how often the part was asked before.
        query_id: its row in the query log.
        at: seconds UTC.
        asked: how many rows it had.
        matches: how many of them were matches; `insufficient` and `refused` likewise.
        key: number of the key that opens `sealed`.
        sealed: about whom was asked (`node.access.asked_sets`).
    """

    number: str
    part: int
    turn: int
    query_id: bytes
    at: int
    asked: int
    matches: int
    insufficient: int
    refused: int
    key: int
    sealed: bytes


class Counts(NamedTuple):
    """Rows of a batch, and how many of them are not clear."""

    rows: int
    matches: int
    insufficient: int
    refused: int


def batch_of(reads: QueryReads, request_key: bytes) -> StoredBatch | None:
    """The batch that was opened under a request id."""
    query = select(batches).where(batches.c.request_key == request_key)
    row = reads.connection.execute(query).mappings().first()
    return None if row is None else StoredBatch(**row)


def add_batch(writes: QueryWrites, batch: StoredBatch) -> None:
    """Keep a batch whose number is new."""
    writes.put(_ADD, [_BATCH(batch)])


def close_batch(writes: QueryWrites, number: str, at: int) -> None:
    """Keep that a batch was closed."""
    writes.connection.execute(
        update(batches).where(batches.c.number == number).values(closed_at=at)
    )


def turns_of(reads: QueryReads, number: str, part: int) -> int:
    """How often a part was asked."""
    query = select(func.count()).where(batch_parts.c.number == number, batch_parts.c.part == part)
    return int(reads.connection.execute(query).scalar_one())


def add_part(writes: QueryWrites, part: StoredPart) -> None:
    """Keep a part."""
    writes.put(_ADD_PART, [_PART(part)])


def counts_of(reads: QueryReads, number: str, but: int = 0) -> Counts:
    """What is counted of a batch, but for one part; of each part its last turn counts."""
    c = batch_parts.c
    rows = reads.connection.execute(
        select(c.part, c.asked, c.matches, c.insufficient, c.refused)
        .where(c.number == number, c.part != but)
        .order_by(c.part, c.turn)
    )
    last = {part: tuple(counts) for part, *counts in rows}
    return Counts(*map(sum, zip(*last.values(), strict=True))) if last else Counts(0, 0, 0, 0)


def part_of(reads: QueryReads, number: str, part: int, query_id: bytes) -> StoredPart | None:
    """The turn of a part that a row of the query log is about."""
    c = batch_parts.c
    query = select(batch_parts).where(c.number == number, c.part == part, c.query_id == query_id)
    row = reads.connection.execute(query).mappings().first()
    return None if row is None else StoredPart(**row)


def sealed_parts(reads: QueryReads) -> Iterator[StoredPart]:
    """All parts, the newest first; one at a time."""
    c = batch_parts.c
    keys = reads.connection.execute(
        select(c.number, c.part, c.turn).order_by(c.at.desc(), c.number, c.part, c.turn)
    ).all()
    for number, part, turn in keys:
        query = select(batch_parts).where(c.number == number, c.part == part, c.turn == turn)
        for row in reads.connection.execute(query).mappings():
            yield StoredPart(**row)


def put_match_rows(
    writes: QueryWrites,
    number: str,
    found: Sequence[tuple[int, str]],
    asked: Sequence[int] = (),
) -> None:
    """Keep which check each row of a batch became that is a match.

    Args:
        writes: the unit's session.
        number: of the batch.
        found: rows that are matches, and their checks.
        asked: rows of which any may have been one when they were asked before.
    """
    c = batch_rows.c
    rows = sorted({*asked, *(row for row, _ in found)})
    for begin in range(0, len(rows), _PAGE):
        some = rows[begin : begin + _PAGE]
        writes.connection.execute(delete(batch_rows).where(c.number == number, c.row.in_(some)))
    writes.put(_ADD_ROW, [(number, row, found_as) for row, found_as in found])


def match_rows(reads: QueryReads, number: str, after: int) -> Sequence[tuple[int, str]]:
    """Rows of a batch that are matches, and the check that each became, by row; a page of them."""
    c = batch_rows.c
    query = select(c.row, c.found).where(c.number == number, c.row > after)
    found = reads.connection.execute(query.order_by(c.row).limit(_PAGE))
    return [(row, check) for row, check in found]


def erase_before(writes: QueryWrites, cutoff: int) -> int:
    """Erase parts of before a time, as their rows of the query log, and batches that have no more.

    Returns:
        How many parts.
    """
    parts = writes.connection.execute(delete(batch_parts).where(batch_parts.c.at < cutoff)).rowcount
    left = select(batch_parts.c.number)
    ended = select(batches.c.number).where(batches.c.at < cutoff, batches.c.number.not_in(left))
    writes.connection.execute(delete(batch_rows).where(batch_rows.c.number.in_(ended)))
    writes.connection.execute(
        delete(batches).where(batches.c.at < cutoff, batches.c.number.not_in(left))
    )
    return parts


_ADD: Final = inserting(batches)
_BATCH: Final = attrgetter(*(column.name for column in batches.c))
_ADD_PART: Final = inserting(batch_parts)
_PART: Final = attrgetter(*(field.name for field in fields(StoredPart)))
_ADD_ROW: Final = inserting(batch_rows)
