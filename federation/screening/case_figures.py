"""Joint-punishment cases 联合惩戒案例, counted out of the OUTCOMEs that are held.

    OC9  of all that one speaker said of one case and measure the newest counts, and it counts once,
         whatever routes the case came by; where that is UNDONE, the measure that it undid counts as
         taken, in the period of that, and as undone
    OC10 a case is qualified 合格 by the rule that the editions in force have: which
         results count, and within how many working days of the decision it was told. Without a rule
         it is not known whether any is
    OC11 an OUTCOME counts for the origin of the listing only where it names a leaf of its own by
         index and hash; what replaces another counts only where that is of the same speaker,
         listing and case

A case of one city is one case, also where it was told to several origins that list the record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from federation.case_payloads import OutcomeResult
from federation.ids import Date
from federation.reconcile.case_rule import CaseRule
from federation.screening.outcomes import OTHER_SUBJECT
from federation.working_days import WorkingDays

ACTS: Final = frozenset({OutcomeResult.APPLIED, OutcomeResult.PROMPTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One OUTCOME about a listing."""

    speaker: str
    """Of the same node the same, whatever epoch of its log."""
    region: str
    """Where the department acted."""
    origin: str
    """Log of the listing."""
    index: int
    list_type: str
    case_id: bytes
    result: OutcomeResult
    reason: str
    department: str
    matter: str
    measure: str
    decided_on: Date
    said_on: Date
    """Day of the statement, in China."""
    leaf: bytes
    """Its leaf hash."""
    replaces: bytes = b""
    """That of the OUTCOME which it corrects or undoes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One measure in one case, as it stands."""

    now: Told
    act: Told | None
    """Where it was taken: `now`, or what that undid."""

    @property
    def undone(self) -> bool:
        """Whether what was taken was undone."""
        return self.now.result is OutcomeResult.UNDONE

    @property
    def wrong(self) -> bool:
        """Whether the department found that the match was of another subject."""
        return self.now.reason == OTHER_SUBJECT


class Group(NamedTuple):
    """By what is counted."""

    list_type: str
    matter: str
    measure: str
    department: str
    region: str


@dataclass(slots=True, kw_only=True)
class Counted:
    """Cases of one group in one period."""

    cases: int = 0
    applied: int = 0
    prompted: int = 0
    not_applied: int = 0
    proceeded: int = 0
    undone: int = 0
    wrong: int = 0
    qualified: int | None = None
    """None: not known (OC10)."""


def cases(told: Iterable[Told]) -> Sequence[Case]:
    """The cases of what was told, in the order in which each was told first (OC9, OC11).

    Args:
        told: of each speaker in the order of its log.
    """
    said: dict[tuple[str, bytes, str], list[Told]] = defaultdict(list)
    for one in told:
        said[one.speaker, one.case_id, one.measure].append(one)
    return [_case(counted) for words in said.values() if (counted := _counted(words))]


def _counted(words: Sequence[Told]) -> Sequence[Told]:
    """Those that replace nothing, or what their speaker said and counts (OC11)."""
    counted: list[Told] = []
    for one in words:
        if not one.replaces or any(_replaces(one, before) for before in counted):
            counted.append(one)
    return counted


def _case(counted: Sequence[Told]) -> Case:
    now = counted[-1]
    act = now if now.result in ACTS else None
    if now.result is OutcomeResult.UNDONE:
        act = next((one for one in reversed(counted) if one.result in ACTS), None)
    return Case(now=now, act=act)


def _replaces(one: Told, before: Told) -> bool:
    """Whether it corrects or undoes what its speaker said of the same listing and case (OC11)."""
    return one.replaces == before.leaf and (one.origin, one.index) == (before.origin, before.index)


def count(
    found: Iterable[Case],
    first: Date,
    last: Date,
    qualifies: Callable[[Case], bool | None],
) -> dict[Group, Counted]:
    """Count the cases of a period by group.

    Args:
        found: the cases.
        first: first day.
        last: last day.
        qualifies: whether a case is qualified; None where it is not known.
    """
    groups: dict[Group, Counted] = defaultdict(Counted)
    for case in found:
        told = case.act or case.now
        group = Group(told.list_type, told.matter, told.measure, told.department, told.region)
        if first <= told.decided_on <= last:
            _add(groups[group], case, told, qualifies(case))
        if case.undone and first <= case.now.decided_on <= last:
            groups[group].undone += 1
    return dict(sorted(groups.items()))


def _add(counted: Counted, case: Case, told: Told, qualified: bool | None) -> None:  # noqa: FBT001
    counted.cases += 1
    counted.applied += told.result is OutcomeResult.APPLIED
    counted.prompted += told.result is OutcomeResult.PROMPTED
    counted.not_applied += told.result is OutcomeResult.NOT_APPLIED
    counted.proceeded += told.result is OutcomeResult.PROCEEDED
    counted.wrong += case.wrong
    if qualified is not None:
        counted.qualified = (counted.qualified or 0) + qualified


def qualifier(rule: CaseRule | None, days: WorkingDays) -> Callable[[Case], bool | None]:
    """What says whether a case is qualified (OC10)."""

    def qualifies(case: Case) -> bool | None:
        if rule is None:
            return None
        act = case.act
        if act is None or case.undone or case.wrong or act.result.name.lower() not in rule.results:
            return False
        if not rule.within_days:
            return True
        passed = days.elapsed(act.decided_on, act.said_on)
        return None if passed is None else passed <= rule.within_days

    return qualifies
