"""Working days, one test for each of their numbers, and the tables as files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.catalog.working_days import FOLDER, read_table, working_days
from federation.errors import RefusedError
from federation.ids import Date
from federation.working_days import WorkingDays, WorkingYear

TABLE = WorkingYear(
    year=2026,
    off=frozenset(map(Date, range(20261001, 20261008))),
    working=frozenset({Date(20261010)}),
    source="test",
    confirmed_by="",
)
DAYS = WorkingDays({2026: TABLE})
TEXT = """\
year: 2027
source: 某通知
confirmed_by: 示例人甲
days_off: [2027-01-01, 2027-02-06..2027-02-12]
days_worked: [2027-02-20]
"""


def works(days: WorkingDays, day: int) -> int | None:
    """What a day adds to a period that began the day before."""
    return days.elapsed(Date(day - 1), Date(day))


def test_w1_a_year_without_a_table_is_not_known() -> None:
    assert DAYS.elapsed(Date(20251231), Date(20260105)) is None
    assert DAYS.elapsed(Date(20261231), Date(20270104)) is None
    assert DAYS.elapsed(Date(20241230), Date(20270104)) is None


def test_w2_monday_to_friday_but_for_days_off() -> None:
    assert [works(DAYS, day) for day in (20261106, 20261107, 20261108, 20261109)] == [1, 0, 0, 1]
    assert DAYS.elapsed(Date(20260930), Date(20261001)) == 0


def test_w3_a_weekend_that_is_worked() -> None:
    assert works(DAYS, 20261010) == 1
    assert works(DAYS, 20261011) == 0


def test_w4_the_first_day_does_not_count_and_the_last_does() -> None:
    assert DAYS.elapsed(Date(20261109), Date(20261109)) == 0
    assert DAYS.elapsed(Date(20261109), Date(20261110)) == 1
    assert DAYS.elapsed(Date(20260930), Date(20261010)) == 3
    assert DAYS.elapsed(Date(20261109), Date(20261101)) == 0
    both = WorkingDays({2026: TABLE, 2027: replace(TABLE, year=2027, off=frozenset())})
    assert both.elapsed(Date(20261230), Date(20270104)) == 3


def test_the_starter_table_says_where_it_is_from_and_that_nobody_confirmed_it(
    tmp_path: Path,
) -> None:
    days = working_days(tmp_path)
    assert set(days.years) == {2026}
    assert days.years[2026].source
    assert not days.years[2026].confirmed_by
    assert days.elapsed(Date(20260930), Date(20261012)) == 4


def test_an_operator_s_table_takes_its_place(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "2027.yaml").write_text(TEXT, "utf-8")
    (tmp_path / FOLDER / "own.yaml").write_text("year: 2026\nsource: 本市\ndays_off: []\n", "utf-8")
    days = working_days(tmp_path)
    assert days.years[2027].confirmed_by == "示例人甲"
    assert works(days, 20261002) == 1
    assert [works(days, day) for day in (20270208, 20270220)] == [0, 1]


@pytest.mark.parametrize(
    "change",
    [
        ("year: 2027", "year: 2028"),
        ("2027-02-20", "2027-02-22"),
        ("2027-02-20", "2027-02-06"),
        ("2027-01-01,", "2027-01-32,"),
        ("source", "sauce"),
        ("year: 2027", "year: [2027"),
        (TEXT, "- 1"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    with pytest.raises(RefusedError) as caught:
        read_table(TEXT.replace(*change))
    assert caught.value.code == "working-days.invalid"
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "bad.yaml").write_text(TEXT.replace(*change), "utf-8")
    with pytest.raises(RefusedError, match=r"bad\.yaml"):
        working_days(tmp_path)
