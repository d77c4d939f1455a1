"""Quality 数据质量: how well each source department reported, and the records behind it.

    G1  reported 上报 are the listings and penalties published in the period and the rows refused at
        intake in it
    G2  compliant 合规 are those of them that were not refused at intake and that no receiver holds
        or rejects; a receiver's last judgement counts, a later lifting or erasure judges nothing
    G3  timely 及时 are listings published within so many working days of their decision; where the
        decision's date is not known, or a year is not covered, it is not known whether they are
    G4  duplicates 重复 are rows refused as repeated in their file, and rows whose record stood
        already by another row
    G5  wrong codes 错码 are rows refused for their code, and listings that a receiver holds or
        rejects for it
    G6  corrections 更正 and withdrawals 撤销 are those published in the period
    G7  a rate of nothing is not known
    G8  of a file that was taken again only the last taking counts; of a row of a platform likewise
    G9  missed 漏报 are listings that stand in other logs, decided in the period by an authority of
        ours, whose record no listing of ours has; coverage 覆盖率 is the share of published in
        published and missed
    G10 completeness 完整性 is the share of reported of which neither intake nor a receiver says
        that something is missing
    G11 standardness 规范性 is the share of reported of which neither says that it is badly written
    G12 linkage 关联率 is the share of judged of which no receiver says that its base library has
        no such subject, or has it under another name
    G13 continuity 连续性: a gap is a number of days between one publication and the next that is
        larger than the operator allows
    G14 a source and list of the configuration that reported nothing stands there with zeros
    G15 rows that end listings 修复、撤销 and were refused are counted by themselves, and in none of
        the other figures: nothing was reported by them
    G16 outcomes 惩戒反馈 are the cases that departments, here or elsewhere, told in the period of
        listings of ours, each as it stands by its newest word; wrong matches 命中错误 are those of
        them of which a department found that its match was of another subject

No official formula was found; these are configurable, and every report prints them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from federation.dates import days_between
from federation.ids import Date, Origin
from federation.payloads import PENALTY_LIST_TYPE
from federation.ports.receipts import Told
from federation.quality.formulas import WRONG_CODE, Formulas
from federation.reconcile.receipts import REFUSALS, ReceiptOutcome
from federation.working_days import WorkingDays

MISSED: Final = "report.missed"
"""Reason under which what was missed stands among the faults."""
DUPLICATE_ROW: Final = "row.duplicate"
PER: Final = 10_000
"""Wrong codes are stated per ten thousand 万分之."""

Group = tuple[str, str]
"""Source department, list type."""


PenaltyDue = Callable[[Date], Date | None]
"""The last day on which a penalty of a day is published in time; None: not known (DL2, DL3)."""


class Reported(NamedTuple):
    """A listing or penalty of our own log."""

    group: Group
    statement_id: str
    decided_on: int
    published_on: Date
    verdicts: Mapping[Origin, Told]
    """The last judgement of each receiver."""


class Taken(NamedTuple):
    """What was refused of a file that was taken, or of one row of a platform."""

    group: Group
    file: str
    """A keyed tag of the file's name; or platform and id of the row."""
    number: int
    """Order of the takings."""
    rows: Sequence[tuple[int, str]]
    """(row, code) of faults; of a very faulty file the first ones."""
    refused: int
    """Rows refused."""
    exists: int
    """Rows whose record stood already by another row."""
    relief: bool
    """Whether the rows end listings."""
    platform: str
    """Whose row it is; empty for a file."""


class Missed(NamedTuple):
    """A listing of another log about which our own says nothing (G9)."""

    group: Group
    statement_id: str
    by: Origin
    """The log in which it stands."""


class Act(NamedTuple):
    """A correction or withdrawal of our own log."""

    group: Group
    statement_id: str
    withdraws: bool


class Matched(NamedTuple):
    """A case about a listing of our own log, as a department told it (G16)."""

    group: Group
    statement_id: str
    """Of the listing."""
    wrong: bool


class Fault(NamedTuple):
    """A record behind a figure."""

    statement_id: str
    """Of the listing; empty for a row that was never published."""
    row: int
    """Of a file, or the id in a platform's inbox, where there is no statement; else 0."""
    platform: str
    """Where the row is of a platform's inbox; else empty."""
    by: str
    """The receiver, or whose log has what was missed; empty: this node's own intake."""
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures of one source and list, and the records behind them."""

    group: Group
    reported: int
    refused: int
    compliant: int
    compliance: float | None
    timely: int
    late: int
    unknown: int
    timeliness: float | None
    duplicates: int
    wrong_codes: int
    wrong_code_rate: float | None
    corrections: int
    withdrawals: int
    missed: int
    coverage: float | None
    incomplete: int
    completeness: float | None
    irregular: int
    standardness: float | None
    unlinked: int
    linkage: float | None
    gaps: int
    longest_gap: int
    """Days."""
    reliefs_refused: int
    outcomes: int
    wrong_matches: int
    reasons: Mapping[str, int]
    """Faults by reason code."""
    faults: Sequence[Fault]
    records: Mapping[str, Sequence[str]]
    """Statement ids by figure."""


def figures(
    reported: Iterable[Reported],
    taken: Iterable[Taken],
    acts: Iterable[Act],
    days: WorkingDays,
    formulas: Formulas,
    *,
    missed: Iterable[Missed] = (),
    matched: Iterable[Matched] = (),
    bound: Iterable[Group] = (),
    penalty_due: PenaltyDue = lambda _: None,
) -> list[Figures]:
    """Count, for each source and list that has anything to count or is bound, in their order.

    Args:
        reported: listings published in the period.
        taken: takings of files in the period.
        acts: corrections and withdrawals published in the period.
        days: tables of working days.
        formulas: what the operator chose.
        missed: listings of other logs about which ours says nothing, decided in the period.
        matched: cases about listings of ours that were told in the period.
        bound: sources and lists of the configuration (G14).
        penalty_due: until when a penalty is to be published; without one it is not known.
    """
    by_group: dict[Group, tuple[list[Reported], list[Taken], list[Act], list[Missed]]]
    by_group = defaultdict(lambda: ([], [], [], []))
    for group in bound:
        by_group[group] = ([], [], [], [])
    for listing in reported:
        by_group[listing.group][0].append(listing)
    for taking in _last(taken):
        by_group[taking.group][1].append(taking)
    for act in acts:
        by_group[act.group][2].append(act)
    for one in missed:
        by_group[one.group][3].append(one)
    told: dict[Group, list[Matched]] = defaultdict(list)
    for case in matched:
        told[case.group].append(case)
        by_group[case.group]  # stands in the report, also where nothing else is counted
    return [
        _of(
            group,
            *by_group[group],
            days,
            formulas,
            matched=told.get(group, ()),
            penalty_due=penalty_due,
        )
        for group in sorted(by_group)
    ]


def faults_of(listing: Reported, formulas: Formulas) -> list[Fault]:
    """What receivers find wrong with a listing (G2)."""
    counted = set(REFUSALS)
    if not formulas.ignore_held:
        counted.add(ReceiptOutcome.HELD)
    return [
        Fault(
            statement_id=listing.statement_id,
            row=0,
            platform="",
            by=by,
            outcome=ReceiptOutcome(told.outcome).name.lower().replace("_", "-"),
            reason=told.reason,
        )
        for by, told in sorted(listing.verdicts.items())
        if told.outcome in counted and not told.reason.startswith(formulas.ignored_reasons)
    ]


def is_timely(
    listing: Reported, days: WorkingDays, formulas: Formulas, penalty_due: PenaltyDue
) -> bool | None:
    """Whether a listing or penalty was published in time; None where it is not known (G3)."""
    if not listing.decided_on:
        return None
    if listing.group[1] == PENALTY_LIST_TYPE:
        last = penalty_due(Date(min(listing.decided_on, listing.published_on)))
        return None if last is None else listing.published_on <= last
    elapsed = days.elapsed(Date(listing.decided_on), listing.published_on)
    return None if elapsed is None else elapsed <= formulas.working_days


def _last(taken: Iterable[Taken]) -> Iterable[Taken]:
    """The last taking of each file (G8)."""
    last: dict[tuple[Group, str], Taken] = {}
    for taking in sorted(taken, key=lambda one: one.number):
        last[taking.group, taking.file] = taking
    return last.values()


def _of(
    group: Group,
    listings: Sequence[Reported],
    taken: Sequence[Taken],
    acts: Sequence[Act],
    missed: Sequence[Missed],
    days: WorkingDays,
    formulas: Formulas,
    *,
    matched: Sequence[Matched],
    penalty_due: PenaltyDue,
) -> Figures:
    reliefs = [taking for taking in taken if taking.relief]
    taken = [taking for taking in taken if not taking.relief]
    refused = sum(taking.refused for taking in taken)
    reported = len(listings) + refused
    found = {one.statement_id: faults_of(one, formulas) for one in listings}
    faulty = [name for name, faults in found.items() if faults]
    compliant = len(listings) - len(faulty)
    judged = [one for one in listings if one.verdicts]
    # Whoever is faulty has been judged.
    of_judged = (len(judged) - len(faulty), len(judged) + refused)
    in_time = {one.statement_id: is_timely(one, days, formulas, penalty_due) for one in listings}
    timely, late, unknown = (
        [name for name, known in in_time.items() if known is value] for value in (True, False, None)
    )
    at_intake = _refusals(taken, "refused")
    wrong = [
        name
        for name, faults in found.items()
        if any(fault.reason.startswith(WRONG_CODE) for fault in faults)
    ]
    wrong_rows = sum(fault.reason.startswith(WRONG_CODE) for fault in at_intake)
    repeated = sum(fault.reason == DUPLICATE_ROW for fault in at_intake)
    unreported = [
        Fault(
            statement_id=one.statement_id,
            row=0,
            platform="",
            by=one.by,
            outcome="missed",
            reason=MISSED,
        )
        for one in missed
    ]
    faults = [
        *at_intake,
        *_refusals(reliefs, "relief-refused"),
        *(fault for one in found.values() for fault in one),
        *unreported,
    ]
    incomplete, incomplete_rows = _said(listings, taken, formulas.incomplete_reasons)
    irregular, irregular_rows = _said(listings, taken, formulas.irregular_reasons)
    unlinked, _ = _said(listings, (), formulas.unlinked_reasons)
    between = _intervals(listings)
    after_gaps = [name for name, elapsed in between if elapsed > formulas.gap_days]
    reasons: dict[str, int] = defaultdict(int)
    for fault in faults:
        reasons[fault.reason] += 1
    corrections = [act.statement_id for act in acts if not act.withdraws]
    withdrawals = [act.statement_id for act in acts if act.withdraws]
    wrong_codes = len(wrong) + wrong_rows
    share = _rate(wrong_codes, reported)
    return Figures(
        group=group,
        reported=reported,
        refused=refused,
        compliant=compliant,
        compliance=(
            _rate(*of_judged) if formulas.compliance_of == "judged" else _rate(compliant, reported)
        ),
        timely=len(timely),
        late=len(late),
        unknown=len(unknown),
        timeliness=_rate(
            len(timely),
            len(listings) if formulas.timeliness_of == "published" else len(timely) + len(late),
        ),
        duplicates=repeated + sum(taking.exists for taking in taken),
        wrong_codes=wrong_codes,
        wrong_code_rate=None if share is None else share * PER,
        corrections=len(corrections),
        withdrawals=len(withdrawals),
        missed=len(missed),
        coverage=_rate(len(listings), len(listings) + len(missed)),
        incomplete=len(incomplete) + incomplete_rows,
        completeness=_rate(reported - len(incomplete) - incomplete_rows, reported),
        irregular=len(irregular) + irregular_rows,
        standardness=_rate(reported - len(irregular) - irregular_rows, reported),
        unlinked=len(unlinked),
        linkage=_rate(len(judged) - len(unlinked), len(judged)),
        gaps=len(after_gaps),
        longest_gap=max((elapsed for _, elapsed in between), default=0),
        reliefs_refused=sum(taking.refused for taking in reliefs),
        outcomes=len(matched),
        wrong_matches=sum(one.wrong for one in matched),
        reasons=dict(sorted(reasons.items())),
        faults=faults,
        records={
            "reported": list(found),
            "not_compliant": faulty,
            "late": late,
            "unknown": unknown,
            "wrong_codes": wrong,
            "corrections": corrections,
            "withdrawals": withdrawals,
            "missed": [one.statement_id for one in missed],
            "incomplete": incomplete,
            "irregular": irregular,
            "unlinked": unlinked,
            "after_gaps": after_gaps,
            "wrong_matches": [one.statement_id for one in matched if one.wrong],
        },
    )


def _said(
    listings: Sequence[Reported], taken: Sequence[Taken], reasons: tuple[str, ...]
) -> tuple[list[str], int]:
    """The listings, and the number of rows, of which a fault with such a reason is told."""
    told = [
        one.statement_id
        for one in listings
        if any(
            verdict.outcome in (ReceiptOutcome.HELD, *REFUSALS)
            and verdict.reason.startswith(reasons)
            for verdict in one.verdicts.values()
        )
    ]
    rows = [{row for row, code in taking.rows if code.startswith(reasons)} for taking in taken]
    return told, sum(map(len, rows))


def _intervals(listings: Sequence[Reported]) -> list[tuple[str, int]]:
    """The first listing of each day of publication, and the days since the one before (G13)."""
    first: dict[Date, str] = {}
    for one in listings:
        first.setdefault(one.published_on, one.statement_id)
    return [(first[day], days_between(before, day)) for before, day in pairwise(sorted(first))]


def _refusals(taken: Iterable[Taken], outcome: str) -> list[Fault]:
    return [
        Fault(
            statement_id="",
            row=row,
            platform=taking.platform,
            by="",
            outcome=outcome,
            reason=code,
        )
        for taking in taken
        for row, code in taking.rows
    ]


def _rate(part: int, whole: int) -> float | None:
    """A share, or None of nothing (G7)."""
    return part / whole if whole else None
