"""Terms of what neither relief nor last day ends (EK1-EK6, DL5), apart from any log."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.catalog.editions import read_edition
from federation.errors import RefusedError
from federation.ids import Date, Timestamp
from federation.reconcile.deadlines import due
from federation.reconcile.obligations import KEEPING, Obligation
from federation.relief.keeping import (
    ROWS,
    Sort,
    Tally,
    commitment_begins,
    is_over,
    last_day,
    said_at,
)
from tests.federation.reconcile.test_deadlines import row, text
from tests.federation.test_working_days import DAYS
from tests.support.catalogs import catalog_of

BEGINS = Date(20260930)


def keeps(rows: dict[str, Any], edition: str = "one") -> str:
    return text(edition, **rows)


def kept_until(sort: Sort, *texts: str, begins: Date | None = BEGINS) -> int | None:
    return last_day(sort, begins, catalog_of(*texts), DAYS)


def years(number: int, **changes: Any) -> dict[str, Any]:
    return row("years", None, years=number, **changes)


@pytest.mark.parametrize("sort", sorted(ROWS))
def test_ek1_each_sort_has_its_own_row_and_no_other_ends_it(sort: Sort) -> None:
    name = ROWS[sort].value
    others = {one.value: years(1) for one in KEEPING if one.value != name}
    assert kept_until(sort, keeps(others)) is None
    assert kept_until(sort, keeps({name: years(3)})) == 20290930
    assert kept_until(sort, keeps({name: years(3, certainty="P")})) is None
    assert kept_until(sort, keeps({name: years(3, valid_from="2026-10-01")})) is None
    assert kept_until(sort, keeps({name: years(3)}), begins=None) is None


def test_ek5_a_relief_has_none() -> None:
    assert set(ROWS) == set(Sort) - {Sort.RELIEF}
    assert set(ROWS.values()) == KEEPING
    assert kept_until(Sort.RELIEF, keeps({one.value: years(1) for one in KEEPING})) is None


@pytest.mark.parametrize(
    ("claimed", "after", "covered", "said"),
    [
        (500, 0, None, 500),
        (500, 400, 600, 500),
        (100, 400, 600, 400),  # a clock behind, or a lie: what would end too early
        (900, 400, 600, 600),  # and what would never end
        (1000, 0, None, 1000),
        (1001, 0, None, None),
        (2**63, 0, None, None),
        (2**63, 0, 600, 600),
    ],
)
def test_ek2_a_claimed_time_is_bounded_by_the_checkpoints_kept(
    claimed: int, after: int, covered: int | None, said: int | None
) -> None:
    found = said_at(
        Timestamp(claimed),
        after=Timestamp(after),
        covered=None if covered is None else Timestamp(covered),
        believed=Timestamp(1000),
    )
    assert found == said


def test_ek4_a_commitment_that_is_due_is_not_over() -> None:
    assert commitment_begins(Date(20260101), Date(0), Date(0)) == 20260101
    assert commitment_begins(Date(20260101), Date(20270101), Date(0)) == 20270101
    assert commitment_begins(Date(20260101), Date(20270101), Date(20270301)) == 20270301


def test_ek6_nothing_is_over_while_no_time_is_trusted() -> None:
    assert not is_over(Date(20260930), Date(20260930))
    assert is_over(Date(20260930), Date(20261001))
    assert not is_over(None, Date(99991231))
    assert not is_over(Date(20260930), Date(0))


def test_what_is_counted() -> None:
    counted = Tally().plus(Date(20260930)).plus(None)
    assert counted == Tally(held=2, without_term=1)


def test_dl5_of_what_is_kept_the_latest_row_counts_and_only_where_all_are_known() -> None:
    one, two = keeps({"keep-outcome": years(3)}), keeps({"keep-outcome": years(5)}, "two")
    assert kept_until(Sort.OUTCOME, one, two) == 20310930
    assert kept_until(Sort.OUTCOME, two, one) == 20310930
    beyond = keeps({"keep-outcome": row(days=366)}, "two")  # working days of no table
    assert kept_until(Sort.OUTCOME, one, beyond) is None
    assert kept_until(Sort.OUTCOME, keeps({"keep-outcome": row("days", 1)}), beyond) is None
    found = due(Obligation.WITHDRAW, BEGINS, catalog_of(text(withdraw=years(1))), DAYS)
    assert found is not None
    assert found.last == 20270930


@pytest.mark.parametrize(
    ("faulty", "place"),
    [
        (row("years", 3), "days"),
        (row("years", None), "years"),
        (row("days", 3, years=1), "years"),
        (years(0), "years"),
        (years(31), "years"),
    ],
)
def test_a_term_in_years_says_how_many(faulty: dict[str, Any], place: str) -> None:
    with pytest.raises(RefusedError, match=place):
        read_edition(keeps({"keep-other": faulty}))
