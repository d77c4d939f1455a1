"""Checks whose content was erased: found, and removed with their matches and reports (EK7)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select

from adapters.sql.query_schema import check_matches, checks, outcomes
from adapters.sql.query_store import QueryReads, QueryWrites


def erased_checks(reads: QueryReads, cutoff: int, after: str, limit: int) -> Sequence[str]:
    """Numbers of checks answered last before a time, whose question and reports were erased.

    Args:
        reads: the store.
        cutoff: seconds UTC.
        after: the last number of the page before; empty for the first.
        limit: at most so many.
    """
    c = checks.c
    waits = select(outcomes.c.number).where(
        outcomes.c.number == c.number,
        (outcomes.c.published == 0) | outcomes.c.sealed.is_not(None),
    )
    query = (
        select(c.number)
        .where(c.at < cutoff, c.sealed.is_(None), c.number > after, ~waits.exists())
        .order_by(c.number)
        .limit(limit)
    )
    return reads.connection.execute(query).scalars().all()


def remove_checks(writes: QueryWrites, numbers: Collection[str]) -> None:
    """Remove checks with their matches and reports; no keyed tag of them is left."""
    for table in (outcomes, check_matches, checks):
        writes.connection.execute(delete(table).where(table.c.number.in_(sorted(numbers))))
