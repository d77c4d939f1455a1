"""Ledgers of campaigns and their exit rate (CA1 to CA6)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.ids import Date, StatementId
from federation.quality.campaigns import EXITS, Entry, Query, rate, standings
from federation.rows import State
from tests.contracts.examples import row

ADDED, DUE, TODAY = Date(20261101), Date(20261120), Date(20261129)


def entry(number: int, subject: int, state: State | None = State.ACTIVE, ended: int = 0) -> Entry:
    return Entry(
        statement_id=StatementId(number.to_bytes(16, "big")),
        subject=bytes([subject]),
        added_on=ADDED,
        unit="发改委",
        state=state,
        ended_on=Date(ended),
    )


@pytest.mark.parametrize("state", [None, *State])
def test_only_a_relief_a_removal_or_the_last_day_is_an_exit(state: State | None) -> None:
    ended = 20261115 if state in EXITS else 0
    (found,) = standings([entry(1, 1, state, ended)])
    exited = state in (State.REPAIRED, State.WITHDRAWN, State.EXPIRED)
    assert found.exited_by(TODAY) is exited
    assert (found.last is not None) is exited


def test_a_subject_has_exited_once_all_of_its_entries_have_on_the_day_of_the_last() -> None:
    first, second = entry(1, 1, State.REPAIRED, 20261110), entry(2, 1)
    (found,) = standings([first, second])
    assert found.last is None
    later = entry(2, 1, State.EXPIRED, 20261118)
    (found,) = standings([first, later])
    assert found.last == later
    assert not found.exited_by(Date(20261117))
    assert found.exited_by(Date(20261118))


def test_the_rate_of_a_day_and_who_is_late() -> None:
    ledger = standings(
        [entry(1, 1, State.REPAIRED, 20261110), entry(2, 2), entry(3, 3, State.EXPIRED, 20261125)]
    )
    assert [len(one.entries) for one in ledger] == [1, 1, 1]
    early, late = rate(ledger, DUE, DUE), rate(ledger, DUE, TODAY)
    assert (early.subjects, early.exited, early.overdue) == (3, 1, 0)
    assert (late.exited, late.overdue, late.rate) == (2, 1, 2 / 3)
    assert rate(ledger, Date(0), TODAY).overdue == 0
    before = rate(ledger, DUE, Date(20261031))
    assert (before.subjects, before.rate) == (0, None)
    assert rate([], DUE, TODAY).rate is None


@given(
    st.lists(
        st.tuples(
            st.integers(0, 4),
            st.sampled_from([None, State.ACTIVE, State.MASKED, *sorted(EXITS)]),
            st.integers(20261102, 20261128),
        ),
        max_size=12,
    )
)
def test_entries_come_and_stay_and_the_rate_lies_between_none_and_all(
    rows: list[tuple[int, State | None, int]],
) -> None:
    entries = [
        entry(n, subject, state, day if state in EXITS else 0)
        for n, (subject, state, day) in enumerate(rows)
    ]
    ledger = standings(entries)
    assert sorted(one.statement_id for found in ledger for one in found.entries) == sorted(
        one.statement_id for one in entries
    )
    found = rate(ledger, DUE, TODAY)
    assert 0 <= found.exited <= found.subjects == len({subject for subject, _, _ in rows})
    assert found.exited + found.overdue == found.subjects


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        ({"list_type": "judgment-defaulter"}, True),
        ({"list_type": "major-tax-violation"}, False),
        ({"list_type": "judgment-defaulter", "authority": "510302-court"}, True),
        ({"list_type": "judgment-defaulter", "authority": "510302-tax"}, False),
        ({"authority": "510302-court", "origin": "510300.huxin.example/1"}, True),
        ({"authority": "510302-court", "origin": "511500.huxin.example/1"}, False),
        ({"decided_until": Date(20260301)}, True),
        ({"decided_until": Date(20260228)}, False),
    ],
)
def test_ca6_a_query_means_what_fits_all_that_it_says(said: dict[str, Any], *, fits: bool) -> None:
    listed = row(
        1, 1, list_type="judgment-defaulter", authority="510302-court", decided_on=20260301
    )
    query = Query(**said)
    assert query
    assert query.fits(listed, "510300.huxin.example/1") is fits


def test_ca6_a_query_that_says_nothing_is_none_and_no_day_fits_none() -> None:
    assert not Query()
    assert not Query(decided_until=TODAY).fits(row(1, 1, decided_on=0), "")
