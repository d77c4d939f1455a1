"""Cases counted out of what is held (OC9-OC11)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation.case_payloads import OutcomeResult
from federation.ids import Date
from federation.reconcile.case_rule import CaseRule
from federation.reconcile.sources import Certainty
from federation.screening.case_figures import Counted, Told, cases, count, qualifier
from federation.screening.outcomes import OTHER_SUBJECT
from federation.working_days import WorkingDays, WorkingYear

DAYS = WorkingDays(
    {
        2026: WorkingYear(
            year=2026, off=frozenset(), working=frozenset(), source="", confirmed_by="x"
        )
    }
)
TOLD = Told(
    speaker="b",
    region="宜宾（演示）",
    origin="a.example/1",
    index=3,
    list_type="unpaid-migrant-wages",
    case_id=b"1" * 16,
    result=OutcomeResult.APPLIED,
    reason="",
    department="交易中心（演示）",
    matter="procurement",
    measure="deny",
    decided_on=Date(20261012),
    said_on=Date(20261013),
    leaf=b"1",
)
UNDO = replace(
    TOLD,
    result=OutcomeResult.UNDONE,
    reason="outcome.relieved",
    decided_on=Date(20261102),
    leaf=b"2",
    replaces=b"1",
)
RULE = CaseRule(
    results=frozenset({"applied"}),
    within_days=1,
    columns={},
    basis="演示",
    certainty=Certainty.CONFIRMED,
)
OCTOBER, NOVEMBER = (Date(20261001), Date(20261031)), (Date(20261101), Date(20261130))


def counted(
    *told: Told, period: tuple[Date, Date] = OCTOBER, rule: CaseRule | None = None
) -> Counted:
    groups = count(cases(told), *period, qualifier(rule, DAYS))
    (only,) = groups.values() if groups else (Counted(),)
    return only


def test_oc9_one_case_by_several_routes_counts_once() -> None:
    by_another = replace(TOLD, origin="h.example/1", index=9, leaf=b"9")
    assert counted(TOLD, by_another, replace(TOLD, leaf=b"3")) == Counted(cases=1, applied=1)
    two = counted(TOLD, replace(TOLD, case_id=b"2" * 16))
    assert two == Counted(cases=2, applied=2)
    assert len(cases([TOLD, replace(TOLD, speaker="c")])) == 2


def test_oc9_a_correction_counts_instead_and_an_undoing_beside() -> None:
    corrected = replace(TOLD, result=OutcomeResult.PROMPTED, leaf=b"2", replaces=b"1")
    assert counted(TOLD, corrected) == Counted(cases=1, prompted=1)
    assert counted(TOLD, UNDO) == Counted(cases=1, applied=1)
    assert counted(TOLD, UNDO, period=NOVEMBER) == Counted(undone=1)


def test_oc10_qualified_by_the_rule_or_not_known() -> None:
    assert counted(TOLD).qualified is None
    assert counted(TOLD, rule=RULE).qualified == 1
    assert counted(replace(TOLD, said_on=Date(20261014)), rule=RULE).qualified == 0
    late = replace(RULE, within_days=0)
    assert counted(replace(TOLD, said_on=Date(20261030)), rule=late).qualified == 1
    assert counted(replace(TOLD, said_on=Date(20270104)), rule=RULE).qualified is None
    assert counted(TOLD, UNDO, rule=RULE).qualified == 0
    assert counted(replace(TOLD, result=OutcomeResult.PROMPTED), rule=RULE).qualified == 0
    wrong = replace(TOLD, result=OutcomeResult.NOT_APPLIED, reason=OTHER_SUBJECT)
    assert counted(wrong, rule=RULE) == Counted(cases=1, not_applied=1, wrong=1, qualified=0)


@pytest.mark.parametrize("other", [{"index": 4}, {"origin": "c.example/1"}])
def test_oc11_what_replaces_something_else_says_nothing(other: dict[str, object]) -> None:
    assert counted(TOLD, replace(UNDO, **other)) == Counted(cases=1, applied=1)  # type: ignore[arg-type]
    assert counted(TOLD, replace(UNDO, **other), period=NOVEMBER) == Counted()  # type: ignore[arg-type]
    assert counted(TOLD, replace(UNDO, replaces=b"7"), period=NOVEMBER) == Counted()
