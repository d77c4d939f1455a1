"""Batches of what third parties display, and the rows that must go: numbers, tags and days only.

What counts of them is `federation.relief.displays`. What was handed in stands nowhere here: only
tags, by which an item is known again when it comes in a later batch.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import Row, delete, distinct, func, select, update

from adapters.sql.query_schema import display_rows, displays
from adapters.sql.query_store import QueryReads, QueryWrites, inserting


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDisplay:
    """A row of `displays`.

    Attributes:
        number: of the answer.
        party: name of the third party.
        request_key: tag of third party and request id.
        content_tag: tag of all rows.
        at: seconds UTC of the last answer.
        submitted: how many rows were handed in.
        refused: how many of them could not be read.
    """

    number: str
    party: str
    request_key: bytes
    content_tag: bytes
    at: int
    submitted: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRow:
    """A row of `display_rows`.

    Attributes:
        number: of the answer.
        row: number of the row in its batch, from 1.
        party: name of the third party.
        item_tag: the same for one item in every batch.
        ground: a word of `federation.relief.displays.Ground`.
        since: since when it must go, YYYYMMDD; 0 where that is not held.
        told_at: seconds UTC, when the third party was told of the item first.
        due_on: last day, YYYYMMDD; 0 where none is known.
        again: whether it had acknowledged the item before.
        acknowledged_at: seconds UTC; 0 while it did not.
    """

    number: str
    row: int
    party: str
    item_tag: bytes
    ground: str
    since: int
    told_at: int
    due_on: int
    again: int
    acknowledged_at: int = 0


def display_of(reads: QueryReads, request_key: bytes) -> StoredDisplay | None:
    """The batch that was handed in under a request id."""
    return _display(reads, displays.c.request_key == request_key)


def display_by_number(reads: QueryReads, number: str) -> StoredDisplay | None:
    """The batch of a number."""
    return _display(reads, displays.c.number == number)


def newest_displays(reads: QueryReads, party: str, limit: int) -> Sequence[StoredDisplay]:
    """The newest batches, of one third party where it is named."""
    query = select(displays).order_by(displays.c.at.desc(), displays.c.number).limit(limit)
    if party:
        query = query.where(displays.c.party == party)
    return [StoredDisplay(**row) for row in reads.connection.execute(query).mappings()]


def put_display(writes: QueryWrites, display: StoredDisplay) -> None:
    """Keep a batch, in the place of what was answered under its number before."""
    writes.connection.execute(delete(displays).where(displays.c.number == display.number))
    writes.put(_ADD, [_DISPLAYED(display)])


def rows_of_number(reads: QueryReads, number: str) -> Sequence[StoredRow]:
    """The rows of a batch that must go, by number."""
    query = select(display_rows).where(display_rows.c.number == number)
    return _rows(reads.connection.execute(query.order_by(display_rows.c.row)).all())


def rows_of_items(
    reads: QueryReads, party: str, item_tags: Collection[bytes]
) -> Sequence[StoredRow]:
    """What a third party was told of items, in whichever batch."""
    found = reads.select(_FIELDS, display_rows, "item_tag", sorted(item_tags))
    return [one for one in _rows(found) if one.party == party]


def all_rows(reads: QueryReads) -> Sequence[StoredRow]:
    """Whatever third parties were told."""
    return _rows(reads.connection.execute(select(display_rows)).all())


def overdue_items(reads: QueryReads, today: int) -> dict[str, int]:
    """How many items third parties have not acknowledged after their last day, by name."""
    c = display_rows.c
    query = (
        select(c.party, func.count(distinct(c.item_tag)).label("items"))
        .where(c.acknowledged_at == 0, c.due_on > 0, c.due_on < today)
        .group_by(c.party)
        .order_by(c.party)
    )
    return {row.party: row.items for row in reads.connection.execute(query)}


def put_rows(writes: QueryWrites, number: str, rows: Sequence[StoredRow]) -> None:
    """Keep the rows of a batch, in the place of what was kept of it before."""
    writes.connection.execute(delete(display_rows).where(display_rows.c.number == number))
    writes.put(_ADD_ROW, list(map(_ROW, rows)))


def remove_open(writes: QueryWrites, party: str, item_tags: Collection[bytes]) -> None:
    """Forget that a third party owes anything about items."""
    for tag in sorted(item_tags):
        writes.connection.execute(
            delete(display_rows).where(
                display_rows.c.item_tag == tag,
                display_rows.c.party == party,
                display_rows.c.acknowledged_at == 0,
            )
        )


def acknowledge(writes: QueryWrites, party: str, item_tags: Collection[bytes], at: int) -> None:
    """Keep that a third party took items down; what it had acknowledged stays as it was."""
    for tag in sorted(item_tags):
        writes.connection.execute(
            update(display_rows)
            .where(
                display_rows.c.item_tag == tag,
                display_rows.c.party == party,
                display_rows.c.acknowledged_at == 0,
            )
            .values(acknowledged_at=at)
        )


def erase_before(writes: QueryWrites, cutoff: int) -> int:
    """Remove batches that were answered last before a time, with their rows; how many."""
    ended = select(displays.c.number).where(displays.c.at < cutoff)
    writes.connection.execute(delete(display_rows).where(display_rows.c.number.in_(ended)))
    return writes.connection.execute(delete(displays).where(displays.c.at < cutoff)).rowcount


def _display(reads: QueryReads, where: Any) -> StoredDisplay | None:  # noqa: ANN401 - a condition
    row = reads.connection.execute(select(displays).where(where)).mappings().first()
    return None if row is None else StoredDisplay(**row)


def _rows(found: Sequence[Row[Any] | tuple[Any, ...]]) -> Sequence[StoredRow]:
    return [StoredRow(**dict(zip(_FIELDS, row, strict=True))) for row in found]


_FIELDS: Final = tuple(field.name for field in fields(StoredRow))
_ADD: Final = inserting(displays)
_ADD_ROW: Final = inserting(display_rows)
_DISPLAYED: Final = attrgetter(*(field.name for field in fields(StoredDisplay)))
_ROW: Final = attrgetter(*_FIELDS)
