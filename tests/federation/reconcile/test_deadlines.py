"""Deadlines, one test for each of their numbers, and all of them against a model of a few lines."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from adapters.catalog.editions import read_adopted, read_edition, starter_editions
from federation.errors import RefusedError
from federation.ids import Date
from federation.reconcile.catalog import Catalog
from federation.reconcile.deadlines import Due, due
from federation.reconcile.entries import items_changed
from federation.reconcile.obligations import KEEPING, Obligation, Unit
from federation.working_days import WorkingDays, WorkingYear
from tests.federation.test_working_days import DAYS
from tests.support.catalogs import catalog_of, edition_text

BEGINS = Date(20260930)
"""A Wednesday before seven days off; Saturday the tenth is worked."""


def row(unit: str = "working-days", days: int | None = 7, **changes: Any) -> dict[str, Any]:
    stated = {
        "unit": unit,
        "days": days,
        "basis": "某规定",
        "certainty": "C",
        "valid_from": "2026-01-01",
        "source": "测试",
        **changes,
    }
    return {name: value for name, value in stated.items() if value is not None}


def text(
    edition: str = "one", layer: str = "national", valid_from: str = "2015-01-01", **rows: Any
) -> str:
    """An edition that has these rows; `withdraw=row()`."""
    document = yaml.safe_load(
        edition_text(edition, layer=layer, lists=[], valid_from=valid_from, series="s" + edition)
    )
    return yaml.safe_dump(document | {"deadlines": rows}, allow_unicode=True)


def last(*texts: str, begins: Date = BEGINS, confirmed: tuple[str, ...] = ()) -> int | None:
    found = found_of(*texts, begins=begins, confirmed=confirmed)
    return None if found is None else found.last


def found_of(
    *texts: str, begins: Date = BEGINS, confirmed: tuple[str, ...] = (), days: WorkingDays = DAYS
) -> Due | None:
    return due(Obligation.WITHDRAW, begins, catalog_of(*texts, confirmed=confirmed), days)


def test_dl1_the_earliest_of_the_rows_in_force_when_it_begins() -> None:
    three, nine = row(days=3), row("days", 9)
    assert last(text(withdraw=three)) == 20261010
    assert last(text(withdraw=nine)) == 20261009
    for one, other in ((three, nine), (nine, three)):
        found = found_of(text(withdraw=one), text("two", "joint", withdraw=other))
        assert found is not None
        assert (found.last, found.by.unit) == (20261009, Unit.DAYS)
    ended = text("two", withdraw=row("days", 9, valid_until="2026-09-29"))
    later = text("two", withdraw=row("days", 9, valid_from="2026-10-01"))
    ends = text("two", withdraw=row("days", 9, valid_until="2026-09-30"))
    assert [last(text(withdraw=three), other) for other in (ended, later, ends)] == [
        20261010,
        20261010,
        20261009,
    ]
    assert last(text(accept=row())) is None


def test_dl2_without_a_confirmed_row_it_is_not_known() -> None:
    assert last() is None
    for certainty in ("P", "M"):
        unread = text(withdraw=row("same-day", None, certainty=certainty))
        assert last(unread) is None
        assert last(unread, text("two", withdraw=row(days=3))) == 20261010
        assert last(unread, confirmed=("one/withdraw",)) is None
        assert last(unread, confirmed=("one/deadlines/withdraw",)) == BEGINS


def test_dl3_beyond_the_tables_it_is_not_known() -> None:
    begins = Date(20261230)
    assert last(text(withdraw=row(days=1)), begins=begins) == 20261231
    long = text(withdraw=row(days=2))
    assert last(long, begins=begins) is None
    assert last(long, text("two", withdraw=row("days", 2)), begins=begins) == 20270101
    assert last(long, text("two", withdraw=row("days", 3)), begins=begins) is None
    assert last(long, text("two", withdraw=row("same-day", None)), begins=begins) == begins
    before = Date(20251229)
    assert last(text(withdraw=row(days=2, valid_from="2025-01-01")), begins=before) is None


def test_dl4_a_day_ends_at_24_in_shanghai() -> None:
    found = found_of(text(withdraw=row("same-day", None)))
    assert found is not None
    assert found.last == BEGINS
    assert found.ends_at == int(dt.datetime.fromisoformat("2026-09-30T16:00:00Z").timestamp())


def unlike(sure: dict[dt.date, bool], day: dt.date, count: int, guess: int) -> dt.date:
    """The day on which `count` days have passed, where `guess` says of days of no table."""
    while count:
        day += dt.timedelta(days=1)
        count -= sure.get(day, guess)
    return day


@given(
    begins=st.dates(dt.date(2025, 12, 1), dt.date(2027, 2, 1)),
    stated=st.lists(
        st.tuples(st.sampled_from(Unit), st.integers(1, 12), st.sampled_from("CCP")), max_size=4
    ),
    off=st.frozensets(st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)), max_size=30),
)
def test_deadlines_agree_with_a_model(
    begins: dt.date, stated: list[tuple[Unit, int, str]], off: frozenset[dt.date]
) -> None:
    number = Date(int(f"{begins:%Y%m%d}"))
    texts = [
        text(
            f"e{place}",
            withdraw=row(
                unit.value,
                None if unit in (Unit.SAME_DAY, Unit.YEARS) else days,
                years=days if unit is Unit.YEARS else None,
                certainty=certainty,
                valid_from="2025-01-01",
            ),
        )
        for place, (unit, days, certainty) in enumerate(stated)
    ]
    table = WorkingYear(
        year=2026,
        off=frozenset(Date(int(f"{day:%Y%m%d}")) for day in off),
        working=frozenset(),
        source="",
        confirmed_by="",
    )
    catalog = Catalog(map(read_edition, texts))
    found = due(Obligation.WITHDRAW, number, catalog, WorkingDays({2026: table}))

    every = [dt.date(2026, 1, 1) + dt.timedelta(days=place) for place in range(365)]
    sure = {day: day.weekday() < 5 and day not in off for day in every}
    ends: set[str | None] = set()
    for guess in (True, False):  # of days of no table all are worked, or none but far away
        known = sure | {
            dt.date(year, 1, 1) + dt.timedelta(days=place): guess
            for year in (2025, 2027)
            for place in range(365)
        }
        possible = [
            begins
            if unit is Unit.SAME_DAY
            else begins + dt.timedelta(days=days)
            if unit is Unit.DAYS
            else begins.replace(year=begins.year + days)
            if unit is Unit.YEARS
            else unlike(known, begins, days, 1)
            for unit, days, certainty in stated
            if certainty == "C"
        ]
        ends.add(f"{min(possible):%Y%m%d}" if possible else None)
    (wanted,) = ends if len(ends) == 1 else (None,)
    assert (None if found is None else str(found.last)) == wanted


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ({"publish": row()}, "deadlines.publish"),
        ({"withdraw": row("weeks")}, "unit"),
        ({"withdraw": row(days=None)}, "days"),
        ({"withdraw": row("same-day", 1)}, "days"),
        ({"withdraw": row(days=0)}, "days"),
        ({"withdraw": row(days=367)}, "days"),
        ({"withdraw": row(certainty=None)}, "certainty"),
        ({"withdraw": row(source=None)}, "source"),
        ({"withdraw": row(basis=None)}, "basis"),
        ({"withdraw": row(valid_from=None)}, "valid_from"),
        ({"withdraw": row(unheard=1)}, "unheard"),
    ],
)
def test_a_faulty_row_is_refused_with_its_place(rows: dict[str, Any], place: str) -> None:
    with pytest.raises(RefusedError, match=place) as caught:
        read_edition(text(**rows))
    assert caught.value.code == "catalog.file"


def test_a_row_that_changed_is_to_be_confirmed_anew() -> None:
    before = read_edition(text(withdraw=row(days=3), accept=row()))
    after = read_edition(text(withdraw=row(days=2), accept=row()))
    assert items_changed(before, after) == {"one/deadlines/withdraw"}


def test_the_starter_rows_are_as_the_texts_have_them() -> None:
    catalog = catalog_of(*starter_editions().values())
    stated = {
        name.value: (one.days, one.unit.value, one.certainty.value)
        for edition in catalog.in_force(Date(20261120))
        for name, one in edition.deadlines.items()
    }
    assert stated == {
        "publish-penalty": (7, "working-days", "C"),
        "withdraw": (3, "working-days", "P"),
        "push-cross-province": (3, "working-days", "P"),
        "accept": (3, "working-days", "P"),
        "result": (10, "working-days", "P"),
        "relief-everywhere": (0, "same-day", "P"),
        "masking": (0, "same-day", "P"),
        "third-party-displays": (3, "working-days", "P"),
    }
    kept = {name.value for name in KEEPING}  # no text that we have read ends them
    assert set(stated) | kept == {name.value for name in Obligation}
    found = due(Obligation.PUBLISH_PENALTY, Date(20261109), catalog, DAYS)
    assert found is not None
    assert (found.last, found.edition) == (20261118, "national-deadlines-2026")
    assert due(Obligation.ACCEPT, Date(20261109), catalog, DAYS) is None


def test_what_was_adopted_before_there_were_deadlines_has_none() -> None:
    assert read_adopted(edition_text()).deadlines == {}
