"""Roles: one table, the three apart, matters and purposes by name (AC1-AC5, AC29)."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from federation.errors import RefusedError
from federation.screening.roles import (
    THREE,
    Action,
    Asker,
    Role,
    allowed,
    check_allowed,
    check_asked,
    check_together,
    for_every_department,
)
from tests.support.invented import code_of

EXPECTED = {
    Role.SYSTEM: "session status run-node access-revoke",
    Role.SECURITY: "session status access-manage access-revoke access-list",
    Role.AUDIT: "session status access-list queries-read queries-verify",
    Role.OPERATOR: "session check watch matters scenarios report-outcome list-outcomes benefit "
    "report-use displays status publish vouch read-records letters requests read-catalog",
    Role.REVIEWER: "session matters scenarios list-outcomes status vouch read-records letters "
    "decide read-catalog",
    Role.DEPARTMENT: "session check watch matters scenarios report-outcome list-outcomes benefit "
    "report-use",
    Role.THIRD_PARTY: "displays",
}
"""Written out, so that a change of the table is seen."""


def asker(*roles: Role, matters: str | None = "", purposes: str | None = "") -> Asker:
    return Asker(
        credential="1",
        department="市政务服务局（演示）",
        roles=frozenset(roles),
        matters=None if matters is None else frozenset(matters.split()),
        purposes=None if purposes is None else frozenset(purposes.split()),
    )


def ask(who: Asker, matter: str | None = "m", purpose: str = "p", code: str = code_of(1)) -> None:
    check_asked(who, matter=matter, purpose=purpose, subject_code=code)


@pytest.mark.parametrize("role", Role)
def test_the_table(role: Role) -> None:
    may = {action for action in Action if allowed(role, action)}
    assert may == set(map(Action, EXPECTED[role].split()))


def test_what_is_not_in_the_table_is_denied() -> None:
    assert not allowed("anybody", Action.CHECK)  # type: ignore[arg-type]
    assert not allowed(Role.DEPARTMENT, "anything")  # type: ignore[arg-type]
    with pytest.raises(RefusedError) as refused:
        check_allowed(asker(), Action.MATTERS)
    assert refused.value.code == "access.denied"


def test_no_role_opens_the_door_and_reads_who_went_through() -> None:
    for role in Role:
        assert not (allowed(role, Action.ACCESS_MANAGE) and allowed(role, Action.QUERIES_READ))
    own = {
        Role.SYSTEM: {Action.RUN_NODE},
        Role.SECURITY: {Action.ACCESS_MANAGE},
        Role.AUDIT: {Action.QUERIES_READ, Action.QUERIES_VERIFY},
    }
    for one, actions in own.items():
        others = set(Role) - {one}
        assert not [(other, act) for other in others for act in actions if allowed(other, act)]


ALONE = THREE | {Role.THIRD_PARTY}


@pytest.mark.parametrize("roles", [pair for pair in combinations(Role, 2) if ALONE & {*pair}])
def test_one_of_the_three_and_a_third_party_stand_alone(roles: tuple[Role, Role]) -> None:
    with pytest.raises(RefusedError) as refused:
        check_together(roles)
    assert refused.value.code == "access.roles"


def test_who_does_and_who_decides_are_two() -> None:
    for bad in ((), (Role.OPERATOR, Role.REVIEWER), (Role.DEPARTMENT, *EXPECTED)):
        with pytest.raises(RefusedError, match="员各自独立"):
            check_together(bad)
    for good in ((Role.OPERATOR, Role.DEPARTMENT), *((role,) for role in Role)):
        check_together(good)


def test_ac29_who_works_at_the_node_speaks_for_every_department() -> None:
    for role in Role:
        works = role in (Role.OPERATOR, Role.REVIEWER)
        assert for_every_department(asker(role)).local is works
    assert for_every_department(replace(asker(Role.DEPARTMENT), local=True)).local


def test_only_for_what_the_credential_names() -> None:
    who = asker(Role.DEPARTMENT, matters="m n", purposes="p")
    ask(who)
    for matter, purpose, code in (("o", "p", "matter"), ("m", "q", "purpose"), ("", "", "matter")):
        with pytest.raises(RefusedError) as refused:
            ask(who, matter, purpose)
        assert refused.value.code == f"access.{code}"
    for nothing in (asker(Role.DEPARTMENT, purposes="p"), asker(Role.DEPARTMENT, matters="m")):
        with pytest.raises(RefusedError):
            ask(nothing)
    ask(asker(Role.OPERATOR, matters=None, purposes=None), "any", "at all")
    ask(asker(Role.DEPARTMENT, purposes="p"), None)
    with pytest.raises(RefusedError) as refused:
        ask(asker(Role.DEPARTMENT, matters="m"), None)
    assert refused.value.code == "access.purpose"


@pytest.mark.parametrize("number", ["510502199001011234", "51050219900101123X", "510502900101123"])
def test_natural_persons_are_refused(number: str) -> None:
    who = asker(Role.DEPARTMENT, matters=None, purposes=None)
    with pytest.raises(RefusedError) as refused:
        ask(who, code=number)
    assert refused.value.code == "access.person"
    assert number not in str(refused.value)


def test_codes_of_organisations_are_not_taken_for_persons() -> None:
    who = asker(Role.DEPARTMENT, matters=None, purposes=None)
    for number in range(1000):
        ask(who, code=code_of(number))
