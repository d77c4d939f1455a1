"""Entitlement 惠民便企场景的适用: may this subject have this benefit here, on this day?

One pure, total function, `entitled`: yes, no, or it cannot be decided, each test of the conditions
with its answer and what answered it. It adds nothing up, compares nobody, and nothing that it says
is kept to be said again.

    BN1  nobody is entitled where the scenario is not honoured here on this day: not in force, not
         this region's own and not accepted by it, declined, suspended, ended, or its own but not
         offered at the place. Then nothing of the subject is looked at. Where the region accepted
         an earlier text and is asked again, that is undecided
    BN2  only organisations of the kinds for which the scenario is
    BN3  who is meant is certain: where code, name or a successor leave a doubt, nothing is decided
    BN4  the scenario's condition and what the recognition asks further have to hold, by K3-K7. What
         stands in words alone is decided by people
    BN5  a statement counts for the purposes of its audience, and until its last day
    BN6  what is in doubt decides nothing, and what is not held is a no only where every log was
         heard: it may stand in the one that was not
    BN7  a grade counts by the very edition of its method, or by one equivalence of the region that
         decides, never by two in a row; of several the best one that is certain (K8)
    BN8  a listing stands against the subject only where the measure follows from its list by this
         region's own catalog; nothing is presumed of a log that was not heard
    BN9  a commitment is kept where one of its type was performed and none is overdue
    BN10 a yes stands until the earliest last day of what it rests on, of alternatives the latest
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from federation.conditions import (
    OPPOSITE,
    AllOf,
    AnyOf,
    AtLeast,
    CommitmentKept,
    Condition,
    Decision,
    KindOfSubject,
    Negated,
    NoListing,
    OnList,
    RegisteredIn,
    Test,
    UnknownTest,
    compare_grade,
    joined,
)
from federation.ids import Date
from federation.open_payloads import Scenario
from federation.payload_parts import SubjectKind
from federation.recognition.facts import Against, Evidence, Facts, Held, Promised, Weight
from federation.recognition.recognitions import Standing, Stands
from federation.reconcile.equivalences import read_as

MET: Final = "benefit.met"
NOT_MET: Final = "benefit.not-met"
NOT_HERE: Final = "benefit.not-here"
ENDED: Final = "benefit.ended"
BY_PEOPLE: Final = "benefit.by-people"
IN_DOUBT: Final = "benefit.in-doubt"
UNHEARD: Final = "benefit.unheard"
NEWER: Final = "benefit.newer"
NO_SCALE: Final = "benefit.scale-unknown"
NO_REGION: Final = "benefit.region-unknown"
NO_KIND: Final = "benefit.kind-unknown"
FOR_EVER: Final = Date(99991231)
YES, NO, UNDECIDED = Decision.YES, Decision.NO, Decision.UNDECIDED


class Result(StrEnum):
    """What is answered."""

    ENTITLED = "entitled"
    """可以享受"""
    NOT = "not"
    """不符合"""
    UNDECIDED = "undecided"
    """无法判定: no no; people decide (K7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A scenario as it stands in the region that decides, on the day of the question."""

    scenario: Scenario
    refused: str = ""
    """The code for which it is not honoured here (BN1); empty where it is."""
    unsettled: bool = False
    """`refused` is no decision: the region is asked again, since what it accepted was changed."""
    own: bool = False
    """It is this region's own, and needs no recognition."""
    until: Date = Date(0)
    """Last day on which it is honoured by what is known; 0: none is known."""
    further: Condition | None = None
    """What the recognition asks besides."""
    further_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One test with its answer."""

    path: str
    """Where it stands: `kinds`; or `condition` or `further` with its places, from 1: `/2/1`."""
    test: Test
    answer: Decision
    code: str
    """Why: `benefit.…`."""
    rules: tuple[str, ...] = ()
    """Codes of what was looked at: by which it counts, or why it is in doubt."""
    evidence: tuple[Evidence, ...] = ()
    """What answered it."""
    until: Date = FOR_EVER
    """Last day on which what is held today answers so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """Whether a subject may have a benefit."""

    result: Result
    reasons: tuple[str, ...] = ()
    """Codes of what decided it beside the conditions."""
    asked: tuple[Asked, ...] = ()
    until: Date = Date(0)
    """Last day of a yes by what is known; 0: none is known."""


def offered_as(text: Scenario, standing: Standing) -> Offered:
    """What is offered here by how a scenario stands on the day.

    Args:
        text: the newest, which counts.
        standing: of it in the region that decides.
    """
    said = None if standing.word is None else standing.word.recognition
    offered = Offered(
        scenario=text,
        refused="" if standing.holds else standing.code,
        unsettled=standing.action is Stands.ASK_AGAIN,
        own=standing.action is Stands.OWN,
        until=standing.until,
    )
    if said is None or not standing.holds:
        return offered
    return replace(
        offered,
        further=said.further,
        further_text=said.conditions_text,
    )


def not_had(offered: Offered, place: str, day: Date) -> str:
    """The code for which nobody has the benefit here, whoever asks (BN1); empty: it is had.

    Args:
        offered: the scenario as it stands here.
        place: where it is wanted: six digits, in the region that decides.
        day: the day of the question, in China.
    """
    if offered.refused:
        return offered.refused
    if 0 < offered.until < day:
        return ENDED
    places = offered.scenario.places
    if offered.own and places and not any(place.startswith(one) for one in places):
        return NOT_HERE
    return ""


def entitled(offered: Offered, facts: Facts, *, place: str, purpose: str, day: Date) -> Entitlement:
    """Decide whether a subject may have a benefit (BN1 to BN10).

    Args:
        offered: the scenario as it stands here on this day.
        facts: what is held of the subject.
        place: where it is wanted: six digits, in the region that decides.
        purpose: of the question.
        day: its day, in China.
    """
    if code := not_had(offered, place, day):
        result = Result.UNDECIDED if offered.unsettled else Result.NOT
        return Entitlement(result=result, reasons=(code,))
    if facts.uncertain:
        return Entitlement(result=Result.UNDECIDED, reasons=facts.uncertain)
    scenario = offered.scenario
    reading = _Reading(facts=facts, offered=offered, purpose=purpose, day=day)
    parts = [reading.settle(KindOfSubject(kinds=scenario.subject_kinds), "kinds")]
    reasons: tuple[str, ...] = ()
    for path, condition, words in (
        ("condition", scenario.condition, scenario.conditions_text),
        ("further", offered.further, offered.further_text),
    ):
        if condition is not None:
            parts.append(reading.settle(condition, path))
        elif words:
            reasons = (BY_PEOPLE,)
            parts.append(_Settled(UNDECIDED))
    whole = _all(parts)
    ends = (whole.until, *(day for day in (offered.until, scenario.valid_until) if day))
    until = min(ends) if whole.decision is YES else FOR_EVER
    return Entitlement(
        result=_RESULTS[whole.decision],
        reasons=reasons if whole.decision is UNDECIDED else (),
        asked=tuple(reading.asked),
        until=Date(0) if until == FOR_EVER else until,
    )


_RESULTS: Final = {YES: Result.ENTITLED, NO: Result.NOT, UNDECIDED: Result.UNDECIDED}


@dataclass(frozen=True, slots=True)
class _Settled:
    """A decision, and the last day on which what is held today decides so."""

    decision: Decision
    until: Date = FOR_EVER


def _all(parts: Sequence[_Settled]) -> _Settled:
    decision = joined([one.decision for one in parts], decisive=NO)
    return _Settled(decision, _until(parts, decision, decisive=NO))


def _any(parts: Sequence[_Settled]) -> _Settled:
    decision = joined([one.decision for one in parts], decisive=YES)
    return _Settled(decision, _until(parts, decision, decisive=YES))


def _until(parts: Sequence[_Settled], decision: Decision, *, decisive: Decision) -> Date:
    """Last day (BN10): the latest of those of which one suffices, the earliest of all others."""
    if decision is decisive:
        return max(one.until for one in parts if one.decision is decisive)
    return min((one.until for one in parts), default=FOR_EVER)


Looked = Held | Against | Promised


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer, why, and what was looked at for it."""

    decision: Decision
    code: str = ""
    of: Sequence[Looked] = ()
    until: Date = FOR_EVER


@dataclass(slots=True, kw_only=True)
class _Reading:
    """Answers the tests of one question, and keeps the answers."""

    facts: Facts
    offered: Offered
    purpose: str
    day: Date
    asked: list[Asked] = field(default_factory=list)

    def settle(self, condition: Condition, path: str) -> _Settled:
        """Decide a condition (K3-K6)."""
        match condition:
            case AllOf(of=of):
                return _all([self.settle(one, f"{path}/{at}") for at, one in enumerate(of, 1)])
            case AnyOf(of=of):
                return _any([self.settle(one, f"{path}/{at}") for at, one in enumerate(of, 1)])
            case Negated(condition=inner):
                within = self.settle(inner, f"{path}/1")
                return _Settled(OPPOSITE[within.decision], within.until)
            case _:
                answer = self._answer(condition)
                self.asked.append(_placed(path, condition, answer))
                return _Settled(answer.decision, answer.until)

    def _answer(self, test: Test) -> _Answer:
        match test:
            case OnList():
                return self._on_list(test)
            case AtLeast():
                return self._grade(test)
            case NoListing():
                return self._no_listing(test)
            case RegisteredIn(region=region):
                at = self.facts.registered_in
                if not at:
                    return _Answer(UNDECIDED, NO_REGION)
                return _Answer(YES if at.startswith(region) else NO)
            case KindOfSubject(kinds=kinds):
                return self._kind(kinds)
            case CommitmentKept(commitment_type=wanted):
                return self._commitment(wanted)
            case UnknownTest():
                return _Answer(UNDECIDED, NEWER)

    def _kind(self, kinds: Sequence[SubjectKind]) -> _Answer:
        """BN2; a kind that this reader does not know is read as unspecified."""
        may_be = [kind in kinds for kind in self.facts.kinds if kind]
        if may_be and all(may_be):
            return _Answer(YES)
        if not may_be or any(may_be) or SubjectKind.UNSPECIFIED in kinds:
            return _Answer(UNDECIDED, NO_KIND)
        return _Answer(NO)

    def _on_list(self, test: OnList) -> _Answer:
        named = [
            one
            for one in self._trust()
            if one.list_type == test.list_type and test.edition in ("", one.edition)
        ]
        return self._standing(named, [one for one in named if one.weight is Weight.COUNTS])

    def _grade(self, test: AtLeast) -> _Answer:
        """K8, by the edition asked for or by one equivalence (BN7)."""
        grades = self._scale(test.method, test.edition)
        if grades is None or test.at_least not in grades:
            return _Answer(UNDECIDED, NO_SCALE)
        enough: list[Held] = []
        unsure: list[Held] = []
        for one in self._trust():
            held = (one.method, one.edition, one.grade)
            read = read_as(held, test.method, test.edition, self.facts.equivalences)
            found = [compare_grade(test, grade, grades) for grade in read if grade]
            if YES in found:
                enough.append(one)
            elif UNDECIDED in found:
                unsure.append(one)
        sure = [one for one in enough if one.weight is Weight.COUNTS]
        return self._standing([*enough, *unsure], sure)

    def _no_listing(self, test: NoListing) -> _Answer:
        """BN8."""
        found = [
            one
            for one in self.facts.against
            if one.list_type in test.list_types
            and test.measure in one.measures
            and self._lasts(one.until)
        ]
        sure = [one for one in found if one.weight is Weight.COUNTS]
        if sure:
            return _Answer(NO, of=sure, until=max(map(_last, sure)))
        if found:
            return _Answer(UNDECIDED, IN_DOUBT, of=found)
        return _Answer(YES)

    def _commitment(self, wanted: str) -> _Answer:
        """BN9."""
        made = [
            one
            for one in self.facts.promised
            if one.commitment_type == wanted and self.purpose in one.purposes
        ]
        overdue = [one for one in made if not one.performed and 0 < one.due_on < self.day]
        if broken := [one for one in overdue if one.weight is Weight.COUNTS]:
            return _Answer(NO, of=broken)
        if overdue:
            return _Answer(UNDECIDED, IN_DOUBT, of=overdue)
        done = [one for one in made if one.performed]
        answer = self._standing(done, [one for one in done if one.weight is Weight.COUNTS])
        due = (one.due_on for one in made if not one.performed and one.due_on)
        return _Answer(answer.decision, answer.code, answer.of, min(due, default=FOR_EVER))

    def _standing(
        self, found: Sequence[Held | Promised], sure: Sequence[Held | Promised]
    ) -> _Answer:
        """Yes by what is certain; what is in doubt, or was not heard of, is no no (BN6)."""
        if sure:
            return _Answer(YES, of=sure, until=max(map(_last, sure)))
        if found:
            return _Answer(UNDECIDED, IN_DOUBT, of=found)
        return _Answer(NO) if self.facts.complete else _Answer(UNDECIDED, UNHEARD)

    def _trust(self) -> list[Held]:
        """What is held for this purpose, on this day (BN5)."""
        return [
            one
            for one in self.facts.trust
            if self.purpose in one.purposes and self._lasts(one.until)
        ]

    def _lasts(self, until: Date) -> bool:
        return not until or self.day <= until

    def _scale(self, method: str, edition: str) -> tuple[str, ...] | None:
        """The grades of a method, best first: as the scenario has them, else this region."""
        scales = (*self.offered.scenario.scales, *self.facts.scales)
        found = (one.grades for one in scales if (one.method, one.edition) == (method, edition))
        return next(found, None)


def _last(one: Looked) -> Date:
    """The last day on which it counts; a commitment that was performed stays so."""
    return FOR_EVER if isinstance(one, Promised) else one.until or FOR_EVER


def _placed(path: str, test: Test, answer: _Answer) -> Asked:
    plain = {YES: MET, NO: NOT_MET}
    return Asked(
        path=path,
        test=test,
        answer=answer.decision,
        code=answer.code or plain.get(answer.decision, IN_DOUBT),
        rules=tuple(dict.fromkeys(one.rule for one in answer.of if one.rule)),
        evidence=tuple(one.evidence for one in answer.of),
        until=answer.until,
    )
