"""What rows of scenarios and recognitions say beyond the fields that they had at first, as text.

A row's tag is made from all that it says (ADR 0008). What came to the form later adds to it only
where it is stated, so that rows that do not state it keep the tags that they have.
"""

from __future__ import annotations

from collections.abc import Iterable

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
    Test,
    UnknownTest,
)
from federation.payloads import Recognition, Scenario


def of_scenario(scenario: Scenario) -> str:
    """What a scenario says besides; empty for nothing."""
    return _stated(
        ("codes", [one.code for one in scenario.benefits if one.code]),
        ("places", scenario.places),
        ("windows", [_list((one.name, one.address, one.hours)) for one in scenario.windows]),
        ("condition", [] if scenario.condition is None else [_condition(scenario.condition)]),
        (
            "scales",
            [_list((one.method, one.edition, *one.grades)) for one in scenario.scales],
        ),
    )


def of_recognition(recognition: Recognition) -> str:
    """What a recognition says besides; empty for nothing."""
    effective = recognition.effective_on
    return _stated(
        ("further", [] if recognition.further is None else [_condition(recognition.further)]),
        (
            "equivalences",
            [
                _list(
                    (
                        one.method,
                        one.edition,
                        one.grade,
                        one.own_method,
                        one.own_edition,
                        one.own_grade,
                    )
                )
                for one in recognition.equivalences
            ],
        ),
        ("services", recognition.services),
        ("charters", [one.hex() for one in recognition.charters]),
        ("effective_on", [str(effective)] if effective else []),
    )


def _stated(*fields: tuple[str, Iterable[str]]) -> str:
    said = ((name, _list(values)) for name, values in fields)
    return _list(part for name, text in said if text for part in (name, text))


def _condition(condition: Condition) -> str:
    match condition:
        case AllOf(of=of):
            return _list(("all", *map(_condition, of)))
        case AnyOf(of=of):
            return _list(("any", *map(_condition, of)))
        case Negated(condition=inner):
            return _list(("not", _condition(inner)))
        case _:
            return _list(_test(condition))


def _test(test: Test) -> tuple[str, ...]:
    match test:
        case OnList():
            return "on_list", test.list_type, test.edition
        case AtLeast():
            return "grade", test.method, test.edition, test.at_least
        case NoListing():
            return "no_listing", test.measure, *test.list_types
        case RegisteredIn():
            return "registered_in", test.region
        case KindOfSubject():
            return "subject_kind", *(str(int(kind)) for kind in test.kinds)
        case CommitmentKept():
            return "commitment", test.commitment_type
        case UnknownTest():
            return ("unknown",)


def _list(parts: Iterable[str]) -> str:
    """Texts so that different ones never give the same: each after its length."""
    return "".join(f"{len(part)}:{part}" for part in parts)
