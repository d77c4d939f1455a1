"""What of a third party's display must go, over all that may stand here (TP1-TP6)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from federation.errors import StatementError
from federation.ids import Date
from federation.relief.displays import (
    ROWS_MAX,
    Copy,
    Displayed,
    Ground,
    Told,
    Unread,
    Verdict,
    is_overdue,
    read,
    told,
)
from federation.relief.nation_export import RELIEVED
from federation.rows import State
from tests.support.invented import code_of

TODAY = Date(20261120)
ROW = Displayed(row=7, scheme="uscc", code=code_of(1), document="川失信〔2026〕1号")
LATER, OVER = Date(20291120), Date(20261119)
STANDS = (State.ACTIVE, State.MASKED, State.PAUSED)


def copy(state: State, *, record: bytes = b"1", until: Date = LATER, relieved: int = 0) -> Copy:
    return Copy(record=record, state=state, until=until, relieved_on=Date(relieved))


def row(**changed: Any) -> dict[str, Any]:
    return {"code": code_of(1), "document": "川失信〔2026〕1号"} | changed


def read_one(**changed: Any) -> Displayed | str:
    good, bad = read([row(**changed)])
    return good[0] if good else bad[0].code


@pytest.mark.parametrize("rows", [None, {}, "x", [], [row()] * (ROWS_MAX + 1), {"1": row()}])
def test_tp1_a_batch_is_a_list_of_bounded_length(rows: object) -> None:
    with pytest.raises(StatementError, match="expected a list of 1 to 1000 rows"):
        read(rows)


def test_tp1_a_row_that_cannot_be_read_takes_no_other_with_it() -> None:
    good, bad = read([row(), 1, row(code="X"), row()])
    assert [one.row for one in good] == [1, 4]
    assert bad == [Unread(row=2, code="display.form"), Unread(row=3, code="display.code")]
    assert len(read([row()] * ROWS_MAX)[0]) == ROWS_MAX


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": "甲"}, "display.form"),
        ({"code": 91}, "display.form"),
        ({"code": ["x"]}, "display.form"),
        ({"document": None}, "display.form"),
        ({"code": "9" * 600}, "display.form"),
        ({"code": ""}, "display.code"),
        ({"code": code_of(1)[:-1] + "0"}, "display.code"),
        ({"document": "〔〕"}, "display.document"),
        ({"document": "1" * 129}, "display.document"),
        ({"list_type": "失信"}, "display.list"),
        ({"code": "510502199001011234"}, "display.natural-person"),
        ({"code": "51050219900101123x"}, "display.natural-person"),
        ({"code": "510502900101123"}, "display.natural-person"),
        ({"document": "51050219900101123X号"}, "display.natural-person"),
        ({"list_type": "510502199001011234"}, "display.natural-person"),
    ],
)
def test_tp1_tp2_what_cannot_be_read_is_refused(changed: dict[str, Any], code: str) -> None:
    assert read_one(**changed) == code


def test_a_row_is_normalised_and_the_same_however_it_is_spelt() -> None:
    plain = read_one()
    assert isinstance(plain, Displayed)
    wide = "".join(chr(ord(char) + 0xFEE0) for char in code_of(1))
    for spelt in (
        {"code": f" {wide[:9].lower()} {wide[9:]}\u200b"},
        {"document": "川失信[2026]1号"},
        {"code": code_of(1)[8:17]},
    ):
        other = read_one(**spelt)
        assert isinstance(other, Displayed)
        assert other.item == plain.item
    for changed in ({"list_type": "a"}, {"document": "2"}, {"code": code_of(2)}):
        other = read_one(**changed)
        assert isinstance(other, Displayed)
        assert other.item != plain.item


@pytest.mark.parametrize("state", State)
def test_tp3_what_has_not_ended_looks_like_nothing(state: State) -> None:
    found = told(ROW, [copy(state)], TODAY)
    assert (found is not None) is (state in (*RELIEVED, State.EXPIRED))
    assert told(ROW, [], TODAY) is None


@pytest.mark.parametrize(("one", "other"), [*product(State, State)])
def test_tp4_a_relief_ends_every_copy_and_an_end_of_time_only_where_none_stands(
    one: State, other: State
) -> None:
    found = told(ROW, [copy(one), copy(other)], TODAY)
    relieved = {one, other} & {*RELIEVED}
    expired = State.EXPIRED in (one, other) and not {one, other} & {*STANDS}
    assert (found is not None) is bool(relieved or expired)
    if found is not None:
        assert found.verdict is Verdict.REMOVE


@pytest.mark.parametrize(("ended", "other"), [*product((*RELIEVED, State.EXPIRED), State)])
def test_tp4_where_another_record_stands_the_row_is_ambiguous(ended: State, other: State) -> None:
    found = told(ROW, [copy(ended), copy(other, record=b"2")], TODAY)
    assert found is not None
    assert found.row == ROW.row
    assert found.verdict is (Verdict.AMBIGUOUS if other in STANDS else Verdict.REMOVE)
    if found.verdict is Verdict.AMBIGUOUS:
        assert (found.ground, found.since) == (None, 0)


def test_tp5_since_is_the_day_of_the_first_relief_or_after_the_last_day() -> None:
    repaired = [copy(State.REPAIRED, relieved=20261103), copy(State.REPAIRED, relieved=20261102)]
    assert told(ROW, repaired, TODAY) == Told(
        row=7, verdict=Verdict.REMOVE, ground=Ground.REPAIRED, since=Date(20261102)
    )
    both = [copy(State.REPAIRED, relieved=20261102), copy(State.WITHDRAWN)]
    found = told(ROW, both, TODAY)
    assert found is not None
    assert (found.ground, found.since) == (Ground.WITHDRAWN, 20261102)
    for stored in (State.ACTIVE, State.PAUSED):
        found = told(ROW, [copy(stored, until=OVER)], TODAY)
        assert found is not None
        assert (found.ground, found.since) == (Ground.EXPIRED, 20261120)
    assert told(ROW, [copy(State.ACTIVE, until=TODAY)], TODAY) is None
    found = told(ROW, [copy(State.EXPIRED, until=Date(0))], TODAY)
    assert found is not None
    assert found.since == 0


@pytest.mark.parametrize(
    ("due", "done", "late"),
    [
        (0, 0, False),
        (0, 20300101, False),
        (20261120, 0, False),
        (20261119, 0, True),
        (20261119, 20261119, False),
        (20261119, 20261120, True),
    ],
)
def test_tp6_late_is_who_is_beyond_its_last_day(due: int, done: int, *, late: bool) -> None:
    assert is_overdue(Date(due), Date(done), TODAY) is late
