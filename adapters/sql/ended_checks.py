"""Checks whose content was erased: found, and removed with matches, uses and reports (EK7)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select

from adapters.sql.query_schema import (
    benefit_checks,
    benefit_uses,
    check_matches,
    checks,
    outcomes,
)
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
    used = select(benefit_uses.c.number).where(
        benefit_uses.c.number == c.number,
        (benefit_uses.c.published == 0) | benefit_uses.c.sealed.is_not(None),
    )
    query = (
        select(c.number)
        .where(c.at < cutoff, c.sealed.is_(None), c.number > after)
        .where(~waits.exists(), ~used.exists())
        .order_by(c.number)
        .limit(limit)
    )
    return reads.connection.execute(query).scalars().all()


def remove_checks(writes: QueryWrites, numbers: Collection[str]) -> None:
    """Remove checks with their matches, uses and reports; no keyed tag of them is left."""
    for table in (outcomes, check_matches, benefit_uses, benefit_checks, checks):
        writes.connection.execute(delete(table).where(table.c.number.in_(sorted(numbers))))
