"""Watches in the query store: whose and until when, and sealed, their subjects and answers.

What counts of them is `federation.screening.watches`. No name, no code and no answer stands here in
the clear; what is sealed goes when the watch has ended (`end_watches`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import bindparam, delete, null, or_, select, update

from adapters.sql.query_schema import watch_answers, watch_groups, watches
from adapters.sql.query_store import QueryReads, QueryWrites, inserting


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWatch:
    """A row of `watches`.

    Attributes:
        number: by which it is named.
        asker: id of the credential; empty for the operator.
        department: whose credential it is.
        request_key: tag of credential and request id.
        content_tag: tag of everything that was asked; empty until it is ready.
        matter: code.
        until: last day, YYYYMMDD.
        opened_at: seconds UTC.
        ended_at: seconds UTC when it was closed; 0 while it was not.
        rows: that were handed in.
        subjects: that are watched.
        changes: number of the last answer that differed.
        ready: whether all of it is kept.
        key: number of the key that opens `sealed`.
        sealed: case and purpose; None once it has ended.
    """

    number: str
    asker: str
    department: str
    request_key: bytes
    content_tag: bytes
    matter: str
    until: int
    opened_at: int
    ended_at: int = 0
    rows: int = 0
    subjects: int = 0
    changes: int = 0
    ready: bool = False
    key: int
    sealed: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredGroup:
    """Subjects of a watch, sealed together.

    Attributes:
        number: of the watch.
        first: row of the first of them.
        key: number of the key that opens `sealed`.
        sealed: rows, codes and names.
    """

    number: str
    first: int
    key: int
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """An answer that differed from the one before it, as it is compared.

    Attributes:
        number: of the watch.
        change: its own number.
        row: of the subject; 0 for what is said of the logs.
        key: number of the key that opens `sealed`.
        sealed: digests of it.
    """

    number: str
    change: int
    row: int
    key: int
    sealed: bytes


def watch_by_number(reads: QueryReads, number: str) -> StoredWatch | None:
    """The watch of a number."""
    return _one(reads.connection.execute(_BY_NUMBER, {"asked": number}).mappings().first())


def watch_of_request(reads: QueryReads, request_key: bytes) -> StoredWatch | None:
    """The watch that was opened under a request id."""
    query = select(watches).where(watches.c.request_key == request_key)
    return _one(reads.connection.execute(query).mappings().first())


def watches_of(reads: QueryReads, asker: str, limit: int) -> Sequence[StoredWatch]:
    """The newest watches of a credential that were opened whole."""
    query = (
        select(watches)
        .where(watches.c.asker == asker, watches.c.ready == 1)
        .order_by(watches.c.opened_at.desc(), watches.c.number)
        .limit(limit)
    )
    found = (_one(row) for row in reads.connection.execute(query).mappings())
    return [one for one in found if one is not None]


def add_watch(writes: QueryWrites, watch: StoredWatch) -> None:
    """Keep a watch that is new."""
    values = tuple(getattr(watch, name) for name in _FIELDS)
    writes.put(_ADD, [tuple(int(v) if isinstance(v, bool) else v for v in values)])


def make_ready(writes: QueryWrites, watch: StoredWatch) -> bool:
    """Keep that all of a watch is kept; False where it is not there any more."""
    result = writes.connection.execute(
        update(watches)
        .where(watches.c.number == watch.number)
        .values(content_tag=watch.content_tag, rows=watch.rows, subjects=watch.subjects, ready=1)
    )
    return result.rowcount == 1


def close_watch(writes: QueryWrites, number: str, at: int) -> None:
    """Keep that a watch was closed; what was kept first stays."""
    writes.connection.execute(
        update(watches)
        .where(watches.c.number == number, watches.c.ended_at == 0)
        .values(ended_at=at)
    )


def add_groups(writes: QueryWrites, groups: Sequence[StoredGroup]) -> None:
    """Keep subjects."""
    writes.put(_ADD_GROUP, list(map(_GROUP, groups)))


def group_rows(reads: QueryReads, number: str) -> Sequence[int]:
    """Rows of the first subjects of the groups of a watch, in order."""
    c = watch_groups.c
    query = select(c.first).where(c.number == number).order_by(c.first)
    return reads.connection.execute(query).scalars().all()


def groups_of(reads: QueryReads, number: str, firsts: Sequence[int]) -> Sequence[StoredGroup]:
    """Groups of a watch by the rows of their first subjects, in order."""
    c = watch_groups.c
    query = select(watch_groups).where(c.number == number, c.first.in_(firsts)).order_by(c.first)
    return [StoredGroup(**row) for row in reads.connection.execute(query).mappings()]


def answers_of(reads: QueryReads, number: str) -> Iterator[StoredAnswer]:
    """What is remembered of the answers of a watch, the oldest first."""
    c = watch_answers.c
    query = select(watch_answers).where(c.number == number).order_by(c.change)
    for row in reads.connection.execute(query).mappings():
        yield StoredAnswer(**row)


def add_answers(
    writes: QueryWrites, number: str, answers: Sequence[StoredAnswer], forgotten: Collection[int]
) -> None:
    """Keep answers that differ, and forget some that were kept before.

    Args:
        writes: the unit's session.
        number: of the watch.
        answers: with numbers that follow the last one.
        forgotten: numbers of changes.
    """
    if forgotten:
        c = watch_answers.c
        for begin in range(0, len(gone := sorted(forgotten)), _AT_ONCE):
            some = gone[begin : begin + _AT_ONCE]
            writes.connection.execute(
                delete(watch_answers).where(c.number == number, c.change.in_(some))
            )
    if answers:
        writes.put(_ADD_ANSWER, list(map(_ANSWER, answers)))
        writes.connection.execute(
            update(watches)
            .where(watches.c.number == number)
            .values(changes=max(one.change for one in answers))
        )


def remove_watch(writes: QueryWrites, number: str) -> None:
    """Remove a watch with all that is kept of it."""
    for table in (watch_groups, watch_answers, watches):
        writes.connection.execute(delete(table).where(table.c.number == number))


def ended_watches(reads: QueryReads, today: int, stale: int) -> Sequence[str]:
    """Numbers of watches that ended, and still hold anything; and of those never opened whole.

    Args:
        reads: a snapshot.
        today: whose last day is before.
        stale: seconds UTC; begun before, and never opened whole.
    """
    c = watches.c
    over = or_(c.until < today, c.ended_at > 0)
    never = (c.ready == 0) & (c.opened_at < stale)
    query = select(c.number).where(c.sealed.is_not(None), or_(over, never)).order_by(c.number)
    return reads.connection.execute(query).scalars().all()


def open_watches(reads: QueryReads) -> Sequence[tuple[str, str]]:
    """Numbers and askers of watches that were not ended."""
    c = watches.c
    query = select(c.number, c.asker).where(c.sealed.is_not(None), c.ended_at == 0, c.ready == 1)
    return [(row.number, row.asker) for row in reads.connection.execute(query)]


def end_watches(writes: QueryWrites, numbers: Collection[str]) -> int:
    """Erase what is sealed of watches; that there were some stays. How many rows went."""
    gone = 0
    for number in sorted(numbers):
        for table in (watch_groups, watch_answers):
            found = writes.connection.execute(delete(table).where(table.c.number == number))
            gone += found.rowcount
        writes.connection.execute(
            update(watches).where(watches.c.number == number).values(sealed=null())
        )
        gone += 1
    return gone


def erase_before(writes: QueryWrites, cutoff: int) -> int:
    """Remove what is left of watches that were opened before a time and have ended; how many."""
    c = watches.c
    over = delete(watches).where(c.opened_at < cutoff, c.sealed.is_(None))
    return writes.connection.execute(over).rowcount


_AT_ONCE: Final = 500
_FIELDS: Final = tuple(field.name for field in fields(StoredWatch))
_ADD: Final = inserting(watches)
_ADD_GROUP: Final = inserting(watch_groups)
_ADD_ANSWER: Final = inserting(watch_answers)
_GROUP: Final = attrgetter(*(field.name for field in fields(StoredGroup)))
_ANSWER: Final = attrgetter(*(field.name for field in fields(StoredAnswer)))
_BY_NUMBER: Final = select(watches).where(watches.c.number == bindparam("asked"))


def _one(row: Any) -> StoredWatch | None:  # noqa: ANN401 - a row of the driver
    return None if row is None else StoredWatch(**dict(row) | {"ready": bool(row["ready"])})
