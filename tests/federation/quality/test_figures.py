"""The formulas of quality, one test for each number of `federation.quality.figures`."""

from __future__ import annotations

from typing import Any

import pytest

from federation.ids import Date, Origin
from federation.ports.receipts import Told
from federation.quality.figures import (
    Act,
    Figures,
    Group,
    Matched,
    Missed,
    Reported,
    Taken,
    figures,
)
from federation.quality.formulas import Formulas
from federation.quality.wording import wording
from federation.reconcile.receipts import ReceiptOutcome
from federation.working_days import WorkingDays
from tests.federation.test_working_days import DAYS

COURT = ("court", "judgment-defaulter")
CITY, OTHER = Origin("city.example/1"), Origin("other.example/1")
_O = ReceiptOutcome


def listed(name: str, *told: tuple[Origin, int, str], **changes: Any) -> Reported:
    base = Reported(
        group=COURT,
        statement_id=name,
        decided_on=20261109,
        published_on=Date(20261110),
        verdicts={by: Told(outcome, reason) for by, outcome, reason in told},
    )
    return base._replace(**changes)


def file(number: int, *rows: tuple[int, str], name: str = "f", exists: int = 0) -> Taken:
    refused = len({row for row, _ in rows})
    return Taken(
        group=COURT,
        file=name,
        number=number,
        rows=rows,
        refused=refused,
        exists=exists,
        relief=False,
        platform="",
    )


def counted(
    *listings: Reported,
    taken: tuple[Taken, ...] = (),
    acts: tuple[Act, ...] = (),
    days: WorkingDays = DAYS,
    missed: tuple[Missed, ...] = (),
    bound: tuple[Group, ...] = (),
    **chosen: Any,
) -> Figures:
    made = Formulas(**chosen)
    (found,) = figures(listings, taken, acts, days, made, missed=missed, bound=bound)
    return found


GOOD = listed("good", (CITY, _O.APPLIED, "record.recognised"))
HELD = listed("held", (CITY, _O.APPLIED, ""), (OTHER, _O.HELD, "identity.name-mismatch"))
REJECTED = listed(
    "rejected",
    (CITY, _O.NOT_RECOGNISED, "catalog.list-unknown"),
    (OTHER, _O.REJECTED, "payload.date"),
)
SILENT = listed("silent")


def test_g1_reported_is_what_was_published_and_what_was_refused() -> None:
    found = counted(GOOD, SILENT, taken=(file(1, (3, "date.format"), (3, "code"), (5, "x")),))
    assert (found.reported, found.refused) == (4, 2)
    assert figures([], [], [], DAYS, Formulas()) == []


def test_g1_each_source_and_list_by_itself() -> None:
    other = GOOD._replace(group=("tax", "major-tax-violation"))
    found = figures([GOOD, other, GOOD], [], [], DAYS, Formulas())
    assert [(one.group, one.reported) for one in found] == [(COURT, 2), (other.group, 1)]


def test_g2_compliant_is_what_nobody_refused() -> None:
    taken = (file(1, (3, "date.format")),)
    found = counted(GOOD, HELD, REJECTED, SILENT, taken=taken, ignored_reasons=())
    assert (found.compliant, found.compliance) == (2, 2 / 5)
    assert found.records["not_compliant"] == ["held", "rejected"]
    assert [(f.statement_id, f.row, f.by, f.outcome, f.reason) for f in found.faults] == [
        ("", 3, "", "refused", "date.format"),
        ("held", 0, OTHER, "held", "identity.name-mismatch"),
        ("rejected", 0, CITY, "not-recognised", "catalog.list-unknown"),
        ("rejected", 0, OTHER, "rejected", "payload.date"),
    ]
    assert found.reasons == {
        "catalog.list-unknown": 1,
        "date.format": 1,
        "identity.name-mismatch": 1,
        "payload.date": 1,
    }


def test_g2_a_receiver_without_a_catalog_lowers_nobodys_rate() -> None:
    new = listed("new", (CITY, _O.NOT_RECOGNISED, "catalog.list-unknown"))
    found = counted(GOOD, new)
    assert (found.compliant, found.compliance, found.faults) == (2, 1.0, [])


def test_g2_what_the_operator_may_choose() -> None:
    all_of_them = (GOOD, HELD, REJECTED, SILENT)
    assert counted(*all_of_them, ignore_held=True).compliant == 3
    assert (
        counted(*all_of_them, ignored_reasons=("catalog.", "identity.", "payload.")).compliant == 4
    )
    assert counted(*all_of_them, compliance_of="judged").compliance == 1 / 3


def test_g3_timely_within_seven_working_days() -> None:
    at = Date(20261118)
    on_time = listed("a", decided_on=20261109, published_on=at)
    late = listed("b", decided_on=20261106, published_on=at)
    found = counted(on_time, late)
    assert (found.timely, found.late, found.unknown, found.timeliness) == (1, 1, 0, 1 / 2)
    assert found.records["late"] == ["b"]
    assert counted(on_time, late, working_days=8).timely == 2


def test_g3_what_is_not_known_is_not_guessed() -> None:
    undated, early = listed("a", decided_on=0), listed("b", decided_on=20251231)
    found = counted(GOOD, undated, early)
    assert (found.timely, found.late, found.unknown, found.timeliness) == (1, 0, 2, 1.0)
    assert found.records["unknown"] == ["a", "b"]
    assert counted(GOOD, undated, early, timeliness_of="published").timeliness == 1 / 3


def test_g3_of_penalties_the_deadline_of_the_catalog_counts() -> None:
    penalty = ("market", "administrative-penalty")
    at = Date(20261118)
    told = [
        listed(f"{on}", group=penalty, published_on=at, decided_on=on)
        for on in (20261109, 20261106)
    ]

    def timely(due: dict[int, int]) -> list[int]:
        known = {Date(on): Date(last) for on, last in due.items()}
        (found,) = figures(told, [], [], DAYS, Formulas(), penalty_due=known.get)
        return [found.timely, found.late, found.unknown]

    assert timely({20261109: 20261118, 20261106: 20261117}) == [1, 1, 0]
    assert timely({20261106: 20261118}) == [1, 0, 1]
    assert timely({}) == [0, 0, 2]
    (found,) = figures(told, [], [], DAYS, Formulas(working_days=99))
    assert (found.unknown, found.timeliness) == (2, None)


def test_g4_duplicates() -> None:
    taken = file(1, (3, "row.duplicate"), (4, "date.format"), exists=2)
    assert counted(taken=(taken,)).duplicates == 3


def test_g5_wrong_codes_per_ten_thousand() -> None:
    bad = listed("bad", (CITY, _O.REJECTED, "identity.code-invalid"))
    taken = file(1, (3, "identity.code-check-digit"), (4, "date.format"))
    found = counted(GOOD, bad, HELD, taken=(taken,))
    assert (found.wrong_codes, found.wrong_code_rate) == (2, 10_000 * 2 / 5)
    assert found.records["wrong_codes"] == ["bad"]


def test_g6_corrections_and_withdrawals() -> None:
    acts = (Act(COURT, "c", withdraws=False), Act(COURT, "w", withdraws=True))
    found = counted(GOOD, acts=acts)
    assert (found.corrections, found.withdrawals) == (1, 1)
    assert found.records["corrections"] == ["c"]
    assert found.records["withdrawals"] == ["w"]


def test_g7_a_rate_of_nothing_is_not_known() -> None:
    found = counted(acts=(Act(COURT, "c", withdraws=False),))
    assert (found.compliance, found.timeliness, found.wrong_code_rate) == (None, None, None)


def test_g8_of_a_file_that_was_taken_again_the_last_taking_counts() -> None:
    taken = (file(2, (3, "x")), file(1, (3, "x"), (4, "x")), file(3, (9, "y"), name="g"))
    found = counted(taken=taken)
    assert found.refused == 2
    assert [fault.row for fault in found.faults] == [3, 9]


def test_g9_what_others_know_of_our_authorities_and_our_log_does_not() -> None:
    found = counted(GOOD, SILENT, HELD, missed=(Missed(COURT, "unsaid", OTHER),))
    assert (found.missed, found.coverage) == (1, 3 / 4)
    assert found.records["missed"] == ["unsaid"]
    fault = found.faults[-1]
    assert (fault.statement_id, fault.by, fault.outcome) == ("unsaid", OTHER, "missed")
    assert found.reasons["report.missed"] == 1
    assert (found.reported, found.compliant) == (3, 2)


def test_g10_completeness() -> None:
    lacking = listed("lacking", (CITY, _O.HELD, "notice.missing"))
    taken = file(1, (3, "field.missing"), (3, "field.missing"), (4, "date.format"))
    found = counted(GOOD, HELD, lacking, taken=(taken,), ignore_held=True)
    assert (found.incomplete, found.completeness) == (2, 3 / 5)
    assert found.records["incomplete"] == ["lacking"]
    assert counted(GOOD, lacking, incomplete_reasons=("basis.",)).completeness == 1.0


def test_g11_standardness() -> None:
    bad = listed("bad", (CITY, _O.REJECTED, "date.order"))
    taken = file(1, (3, "identity.code-check-digit"), (4, "row.duplicate"))
    found = counted(GOOD, HELD, bad, taken=(taken,))
    assert (found.irregular, found.standardness) == (2, 3 / 5)
    assert found.records["irregular"] == ["bad"]
    assert counted(GOOD, bad, irregular_reasons=("field.",)).standardness == 1.0


def test_g12_linkage_is_of_those_that_were_judged() -> None:
    strange = listed("strange", (CITY, _O.HELD, "identity.subject-unknown"))
    applied = listed("applied", (CITY, _O.APPLIED, "identity.name-mismatch"))
    found = counted(GOOD, HELD, strange, applied, SILENT)
    assert (found.unlinked, found.linkage) == (2, 2 / 4)
    assert found.records["unlinked"] == ["held", "strange"]
    assert counted(SILENT).linkage is None
    assert counted(GOOD, strange, unlinked_reasons=("x.",)).linkage == 1.0


def test_g13_gaps_between_publications() -> None:
    on = [
        listed(name, published_on=Date(day))
        for name, day in (("a", 20260228), ("b", 20260401), ("c", 20260401), ("d", 20260501))
    ]
    found = counted(*reversed(on))
    assert (found.gaps, found.longest_gap) == (1, 32)
    assert found.records["after_gaps"] == ["c"]
    assert counted(*on, gap_days=32).gaps == 0
    assert counted(*on, gap_days=29).gaps == 2
    assert counted(GOOD).longest_gap == 0


def test_g14_a_list_of_which_nothing_was_reported_is_shown() -> None:
    found = counted(bound=(COURT,))
    assert (found.group, found.reported, found.coverage) == (COURT, 0, None)
    assert counted(GOOD, bound=(COURT,)).reported == 1


@pytest.mark.parametrize("chosen", [{"ignored_reasons": ()}, {"working_days": 20}])
def test_the_formulas_are_said_as_they_are_applied(chosen: dict[str, Any]) -> None:
    lines = wording(Formulas(**chosen))
    text = "".join(zh + en for zh, en in lines)
    assert f"{chosen.get('working_days', 7)} 个工作日" in text
    assert ("catalog." in text) == ("ignored_reasons" not in chosen)


def test_g15_refused_reliefs_are_counted_by_themselves() -> None:
    relief = file(1, (3, "relief.no-listing"), (3, "identity.code-alphabet"))._replace(relief=True)
    found = counted(GOOD, taken=(relief,))
    assert (found.reliefs_refused, found.reported, found.refused, found.compliance) == (1, 1, 0, 1)
    assert (found.wrong_codes, found.duplicates) == (0, 0)
    assert [(fault.row, fault.outcome) for fault in found.faults] == [(3, "relief-refused")] * 2
    assert found.reasons == {"identity.code-alphabet": 1, "relief.no-listing": 1}


def test_g8_a_row_of_a_platform_counts_as_it_was_taken_last() -> None:
    first, other = (
        file(1, (7, "date.format"), name="city/7")._replace(platform="city"),
        file(1, (8, "date.format"), name="city/8")._replace(platform="city"),
    )
    mended = file(2, name="city/7")._replace(platform="city")
    found = counted(taken=(first, other, mended))
    assert found.refused == 1
    assert [(fault.platform, fault.row) for fault in found.faults] == [("city", 8)]


def test_g16_cases_are_counted_and_those_of_another_subject_named() -> None:
    matched = [Matched(COURT, "good", wrong=False), Matched(COURT, "bad", wrong=True)]
    other = ("tax", "major-tax-violation")
    found = figures(
        [GOOD], [], [], DAYS, Formulas(), matched=[*matched, Matched(other, "x", False)]
    )
    assert [(one.group, one.outcomes, one.wrong_matches) for one in found] == [
        (COURT, 2, 1),
        (other, 1, 0),
    ]
    assert found[0].records["wrong_matches"] == ["bad"]
    assert counted(GOOD).outcomes == 0
