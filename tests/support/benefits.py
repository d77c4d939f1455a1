"""Facts, scenarios and a naive model of who is entitled, for the tests of benefits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from federation.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    CommitmentKept,
    Condition,
    KindOfSubject,
    Negated,
    NoListing,
    OnList,
    RegisteredIn,
)
from federation.ids import Date, LeafHash, Origin, StatementId
from federation.open_payloads import Benefit, Equivalence, GradeScale, Scenario
from federation.payload_parts import SubjectKind
from federation.recognition.entitlement import Offered
from federation.recognition.facts import Against, Evidence, Facts, Held, Promised, Weight

DAY = Date(20261129)
PLACE = "511000"
PURPOSE = "joint-incentive"
TAX, TAX_EDITION = "taxation-credit", "2025"
OTHER, OTHER_EDITION = "500000-credit", "2026"
TAX_LIST = "a-grade-taxpayer"
SEVERE = "major-tax-violation"
DENIAL = "deny-incentives"
SCALE = GradeScale(method=TAX, edition=TAX_EDITION, grades=("A", "B", "M", "C", "D"))
A_GRADE = AtLeast(method=TAX, edition=TAX_EDITION, at_least="A")
ON_LIST = OnList(list_type=TAX_LIST)
CLEAN = NoListing(list_types=(SEVERE,), measure=DENIAL)


def evidence(index: int = 0) -> Evidence:
    """A leaf of 泸州's log."""
    return Evidence(
        origin=Origin("510500.huxin.example/1"),
        index=index,
        statement_id=StatementId(bytes(16)),
        leaf_hash=LeafHash(bytes(32)),
    )


def held(**changes: Any) -> Held:
    """A-grade, by the tax authority, that counts."""
    return replace(
        Held(
            list_type=TAX_LIST,
            edition=TAX_EDITION,
            grade="A",
            method=TAX,
            evidence=evidence(),
            authority="510500-tax",
            weight=Weight.COUNTS,
            rule="commendation.recognised",
            purposes=frozenset({PURPOSE}),
        ),
        **changes,
    )


def against(**changes: Any) -> Against:
    """A listing by which the benefit is denied here."""
    return replace(
        Against(
            list_type=SEVERE,
            measures=frozenset({DENIAL}),
            evidence=evidence(1),
            weight=Weight.COUNTS,
        ),
        **changes,
    )


def promised(**changes: Any) -> Promised:
    """A commitment that was performed."""
    return replace(
        Promised(
            commitment_type="on-time",
            performed=True,
            evidence=evidence(2),
            weight=Weight.COUNTS,
            purposes=frozenset({PURPOSE}),
        ),
        **changes,
    )


def facts(**changes: Any) -> Facts:
    """Of an enterprise of 泸州."""
    return replace(Facts(kinds=(SubjectKind.ENTERPRISE,), registered_in="510500"), **changes)


def offered(condition: Condition | None = None, **changes: Any) -> Offered:
    """A scenario of 泸州 that is honoured here; fields of `Scenario` go into it."""
    names = set(Offered.__slots__) - {"scenario"}
    scenario = Scenario(
        scenario_type="信易租",
        title="信用免押金",
        provider="510500-fgw",
        provider_name="泸州市发展和改革委员会",
        benefits=(Benefit(text="免押金"),),
        conditions_text="",
        subject_kinds=(SubjectKind.ENTERPRISE,),
        valid_from=Date(20260101),
        valid_until=Date(0),
        charters=(),
        condition=condition,
        scales=(SCALE,),
    )
    scenario = replace(scenario, **{k: v for k, v in changes.items() if k not in names})
    return Offered(scenario=scenario, **{k: v for k, v in changes.items() if k in names})


def equivalence(**changes: Any) -> Equivalence:
    """The other method's AAA is an A here."""
    return replace(
        Equivalence(
            method=OTHER,
            edition=OTHER_EDITION,
            grade="AAA",
            own_method=TAX,
            own_edition=TAX_EDITION,
            own_grade="A",
        ),
        **changes,
    )


def model(offer: Offered, known: Facts, day: Date) -> bool | None:
    """Whether a subject is entitled, as somebody would write it down who trusts nobody's code.

    Yes or no where every way of clearing up what is unknown would say so, as far as the form of the
    condition shows it; else None.
    """
    parts: list[Condition] = [KindOfSubject(kinds=offer.scenario.subject_kinds)]
    parts += [c for c in (offer.scenario.condition, offer.further) if c is not None]
    if offer.refused or known.uncertain:
        return False if offer.refused else None
    low, high = zip(*(_bounds(part, offer, known, day) for part in parts), strict=True)
    if all(low):
        return True
    return None if all(high) else False


def _bounds(asked: Condition, offer: Offered, known: Facts, day: Date) -> tuple[bool, bool]:
    """Whether it is certainly so, and whether it may be."""
    match asked:
        case AllOf(of=of):
            of_all = [_bounds(one, offer, known, day) for one in of]
            return all(low for low, _ in of_all), all(high for _, high in of_all)
        case AnyOf(of=of):
            of_any = [_bounds(one, offer, known, day) for one in of]
            return any(low for low, _ in of_any), any(high for _, high in of_any)
        case Negated(condition=inner):
            low, high = _bounds(inner, offer, known, day)
            return not high, not low
        case OnList() | AtLeast() | CommitmentKept():
            return _earned(asked, offer, known, day)
        case _:
            return _otherwise(asked, known, day)


def _earned(
    asked: OnList | AtLeast | CommitmentKept, offer: Offered, known: Facts, day: Date
) -> tuple[bool, bool]:
    match asked:
        case OnList(list_type=name, edition=edition):
            there = [
                one
                for one in _usable(known, day)
                if one.list_type == name and (not edition or one.edition == edition)
            ]
            return _found(there, known)
        case AtLeast():
            return _graded(asked, offer, known, day)
        case CommitmentKept(commitment_type=name):
            made = [
                one
                for one in known.promised
                if one.commitment_type == name and PURPOSE in one.purposes
            ]
            late = [one for one in made if not one.performed and one.due_on and one.due_on < day]
            low, high = _found([one for one in made if one.performed], known)
            surely_late = any(one.weight is Weight.COUNTS for one in late)
            if late and not surely_late:
                return False, True
            return low and not late, high and not surely_late


def _otherwise(asked: Condition, known: Facts, day: Date) -> tuple[bool, bool]:
    match asked:
        case NoListing(list_types=names, measure=measure):
            listed = [
                one
                for one in known.against
                if one.list_type in names
                and measure in one.measures
                and (one.until == 0 or one.until >= day)
            ]
            return not listed, all(one.weight is Weight.DOUBT for one in listed)
        case RegisteredIn(region=region):
            known_at = known.registered_in
            return known_at.startswith(region) and bool(known_at), not known_at or (
                known_at[: len(region)] == region
            )
        case KindOfSubject(kinds=kinds):
            open_ = {kind for kind in known.kinds if kind}
            certain = bool(open_) and open_ <= set(kinds)
            return certain, not open_ or bool(open_ & {*kinds}) or SubjectKind.UNSPECIFIED in kinds
        case _:
            return False, True


def _usable(known: Facts, day: Date) -> list[Held]:
    return [
        one
        for one in known.trust
        if PURPOSE in one.purposes and (one.until == 0 or one.until >= day)
    ]


def _found(there: list[Any], known: Facts) -> tuple[bool, bool]:
    certain = any(one.weight is Weight.COUNTS for one in there)
    return certain, bool(there) or not known.complete


def _graded(test: AtLeast, offer: Offered, known: Facts, day: Date) -> tuple[bool, bool]:
    scales = [
        scale.grades
        for scale in (*offer.scenario.scales, *known.scales)
        if scale.method == test.method and scale.edition == test.edition
    ]
    if not scales or test.at_least not in scales[0]:
        return False, True
    grades = scales[0]
    good = set(grades[: grades.index(test.at_least) + 1])
    certain, possible = False, not known.complete
    for one in _usable(known, day):
        if not one.grade:
            continue
        if one.method == test.method and one.edition == test.edition:
            read = {one.grade}
        else:
            read = {
                equal.own_grade
                for equal in known.equivalences
                if (equal.method, equal.edition, equal.grade)
                == (one.method, one.edition, one.grade)
                and (equal.own_method, equal.own_edition) == (test.method, test.edition)
            }
        certain |= bool(read & good) and one.weight is Weight.COUNTS
        possible |= bool(read & good) or bool(read - set(grades))
    return certain, certain or possible
