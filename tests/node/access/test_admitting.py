"""`node.access.admitting`: what is denied, budgets, stops, and what is kept of them (AC9-AC12)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.sql.checks import StoredCheck, StoredMatch, add_checks, add_matches
from adapters.sql.credentials import OVERDUE_SILENT
from federation.errors import RefusedError
from federation.screening.query_log import EntryKind
from federation.screening.roles import Action, Asker, Role
from tests.support.admitted import WANTED, Admitting, admitting
from tests.support.invented import code_of


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Admitting]:
    made = admitting(tmp_path)
    yield made
    made.close()


def scattered(count: int) -> list[str]:
    return [code_of(n) for n in random.Random(5).sample(range(10**6), count)]


def refused(here: Admitting, asker: Asker, code: str, **changed: str) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        here.ask(asker, code, **changed)
    assert code not in str(error.value)
    return error.value


def used_today(here: Admitting, asker: Asker) -> tuple[int, int]:
    shown = here.access.shown(here.access.local(), asker.credential)
    return shown["asked_today"], shown["answered_today"]


def walk(here: Admitting, asker: Asker) -> int:
    """Ask for one code after the other until stopped; how many answers that took."""
    answers = 0
    for number in range(10_000):
        try:
            here.ask(asker, code_of(number), str(number))
            answers += 1
        except RefusedError as error:
            here.clock.seconds += 40
            if error.code == "access.stopped":
                return answers
    raise AssertionError


def test_what_is_denied_and_in_which_order(here: Admitting) -> None:
    asker = here.new()[0].asker
    here.ask(asker, code_of(1))
    cases = (
        ({"matter": "tax"}, "access.matter"),
        ({"purpose": "audit"}, "access.purpose"),
    )
    for changed, code in cases:
        assert refused(here, asker, code_of(1), **changed).code == code
    assert refused(here, asker, "510502199001011234").code == "access.person"
    assert refused(here, here.access.local(), "510502199001011234").code == "access.person"
    reviewer = here.new(roles=frozenset({Role.REVIEWER}))[0].asker
    assert refused(here, reviewer, code_of(1)).code == "access.denied"
    here.ask(here.access.local(), code_of(1), matter="anything", purpose="at all")


def test_a_forged_asker_has_no_credential(here: Admitting) -> None:
    forged = Asker(
        credential="00000000",
        department="x",
        roles=frozenset({Role.DEPARTMENT}),
        matters=None,
        purposes=None,
    )
    assert refused(here, forged, code_of(1)).code == "access.unknown"


def test_a_batch_counts_as_many_questions_as_it_has_rows(here: Admitting) -> None:
    party = here.new(roles=frozenset({Role.THIRD_PARTY}), budget=10)[0].asker
    here.access.admit_rows(party, Action.DISPLAYS, 6)
    with pytest.raises(RefusedError) as refusal:
        here.access.admit_rows(party, Action.DISPLAYS, 5)
    assert refusal.value.code == "access.budget"
    here.access.admit_rows(party, Action.DISPLAYS, 4)
    here.access.admit_rows(here.access.local(), Action.DISPLAYS, 1000)
    department = here.new()[0].asker
    with pytest.raises(RefusedError) as refusal:
        here.access.admit_rows(department, Action.DISPLAYS, 1)
    assert refusal.value.code == "access.denied"
    here.access.revoked(here.access.local(), party.credential, "张某")
    with pytest.raises(RefusedError) as refusal:
        here.access.admit_rows(party, Action.DISPLAYS, 0)
    assert refusal.value.code == "access.revoked"


def test_ba4_rows_of_a_batch_are_questions_of_the_budget_and_subjects_of_one_case(
    here: Admitting,
) -> None:
    credential = here.new(budget=10, case_subjects=6)[0]
    asker = credential.asker
    asked = {"matter": next(iter(asker.matters or ())), "purpose": next(iter(asker.purposes or ()))}

    def code(rows: int, total: int, **changed: str) -> str:
        with pytest.raises(RefusedError) as refusal:
            here.access.admit_rows(asker, Action.CHECK, rows, **asked | changed, total=total)
        return refusal.value.code

    here.access.admit_rows(asker, Action.CHECK, 6, **asked, total=6)
    assert code(1, 7) == "batch.case"
    assert code(5, 5) == "access.budget"
    here.access.admit_rows(asker, Action.CHECK, 4, **asked, total=4)
    assert code(1, 1) == "access.budget"
    assert code(0, 0, matter="another") == "access.matter"
    assert code(0, 0, purpose="another") == "access.purpose"
    here.access.admit_rows(here.access.local(), Action.CHECK, 10**6, **asked, total=10**6)
    here.access.revoked(here.access.local(), asker.credential, "张某")
    assert code(0, 0) == "access.revoked"


def test_wa11_who_watches_is_admitted_as_who_asks_about_many(here: Admitting) -> None:
    asker = here.new(budget=10, case_subjects=8)[0].asker
    asked = {"matter": "procurement", "purpose": "joint-punishment"}

    def code(rows: int, total: int, **changed: str) -> str:
        with pytest.raises(RefusedError) as refusal:
            here.access.admit_rows(asker, Action.WATCH, rows, **asked | changed, total=total)
        return refusal.value.code

    here.access.admit_rows(asker, Action.WATCH, 6, **asked, total=6)
    assert code(3, 9) == "batch.case"
    here.access.admit_rows(asker, Action.WATCH, 2, **asked, total=8)
    assert code(3, 3) == "access.budget"
    here.access.admit_rows(asker, Action.WATCH, 0, **asked, total=0)
    assert code(0, 0, matter="another") == "access.matter"
    assert code(0, 0, purpose="another") == "access.purpose"
    asker = here.new()[0].asker
    walk(here, asker)
    assert code(0, 0) == "access.stopped"
    here.access.revoked(here.access.local(), asker.credential, "张某")
    assert code(0, 0) == "access.revoked"
    asker = here.new(roles=frozenset({Role.REVIEWER}))[0].asker
    assert code(0, 0) == "access.denied"


def test_the_budget_of_a_day(here: Admitting) -> None:
    asker = here.new(budget=3)[0].asker
    for code in scattered(3):
        here.ask(asker, code)
    error = refused(here, asker, code_of(7))
    assert error.code == "access.budget"
    here.again()
    assert refused(here, asker, code_of(7)).code == "access.budget"
    assert used_today(here, asker) == (3, 3)
    here.access.admit(asker, Action.MATTERS)
    here.clock.at += 86_400
    here.ask(asker, code_of(7))
    assert used_today(here, asker) == (1, 1)


def test_a_question_about_a_benefit_counts_and_is_bound_by_its_purpose(here: Admitting) -> None:
    asker = here.new(budget=2)[0].asker
    question = {"purpose": "joint-punishment", "case": "1", "subject_code": code_of(1)}
    here.access.admit(asker, Action.BENEFIT, **question)
    for changed, code in (
        ({"purpose": "audit"}, "access.purpose"),
        ({"subject_code": "510502199001011234"}, "access.person"),
    ):
        with pytest.raises(RefusedError) as error:
            here.access.admit(asker, Action.BENEFIT, **question | changed)
        assert error.value.code == code
    assert used_today(here, asker)[0] == 1
    here.access.admit(asker, Action.BENEFIT, **question)
    with pytest.raises(RefusedError) as error:
        here.access.admit(asker, Action.BENEFIT, **question)
    assert error.value.code == "access.budget"
    here.access.admit(asker, Action.REPORT_USE)


def test_a_walk_is_stopped_within_fifty_answers_told_and_lifted_by_a_person(
    here: Admitting,
) -> None:
    credential, token = here.new(budget=20_000)
    asker = credential.asker
    assert walk(here, asker) <= 50
    for access in (here.access, here.again()):
        assert refused(here, asker, code_of(99_999)).code == "access.stopped"
        (told,) = access.report()["stopped"]
        assert told["credential"] == credential.id
        assert told["code"] == "enumeration.sequence"
    here.access.admit(here.access.asker_of_token(token), Action.REPORT_OUTCOME)
    here.access.admit(asker, Action.MATTERS)
    here.access.lifted(here.access.local(), credential.id, "李某", "误用测试数据")
    here.ask(asker, code_of(99_999))
    assert here.again().report()["stopped"] == []
    here.ask(asker, code_of(88_888))
    with pytest.raises(RefusedError) as again:
        here.access.lifted(here.access.local(), credential.id, "李某", "")
    assert again.value.code == "access.not-stopped"
    assert walk(here, asker) <= 50


def test_who_is_slowed_is_told_for_how_long(here: Admitting) -> None:
    asker = here.new(budget=20_000)[0].asker
    for number in range(12):
        here.ask(asker, code_of(number))
    error = refused(here, asker, code_of(12))
    assert error.code == "access.slow"
    assert "1 s" in str(error)
    here.clock.seconds += 1
    here.ask(asker, code_of(12))


def test_overdue_outcomes_of_who_never_reported_count(here: Admitting) -> None:
    asker = here.new(budget=20_000)[0].asker
    check = StoredCheck(
        number="1",
        asker=asker.credential,
        request_key=b"r",
        question_tag=b"q",
        department=asker.department,
        matter="procurement",
        case_tag=b"c",
        at=1,
        result="match",
        complete=True,
        query_id=b"i",
        key=1,
        sealed=b"s",
    )
    matches = [
        StoredMatch(
            number="1",
            origin="a.example/1",
            idx=number,
            record_tag=b"t",
            list_type="judgment-defaulter",
            matter="procurement",
            measures="[]",
            due_on=20260101,
            state="pending",
        )
        for number in range(OVERDUE_SILENT)
    ]
    with here.store.write() as writes:
        add_checks(writes, [check])
        add_matches(writes, matches)
    assert walk(here, asker) < 16
    other = here.new(budget=20_000)[0].asker
    assert walk(here, other) >= 16


def test_whether_a_subject_is_listed_changes_no_refusal(here: Admitting) -> None:
    """Nothing that admits is given anything but the question: not one answer depends on more."""
    asker = here.new(budget=1)[0].asker
    here.ask(asker, code_of(1))
    said = {str(refused(here, asker, code)) for code in scattered(50)}
    assert len(said) == 1


def test_the_operator_loses_the_roles_that_somebody_else_holds(here: Admitting) -> None:
    assert here.access.local().roles == frozenset(Role)
    security = here.new(roles=frozenset({Role.SECURITY}))[0]
    assert here.access.local().roles == frozenset(Role) - {Role.SECURITY}
    with pytest.raises(RefusedError) as denied:
        here.new()
    assert denied.value.code == "access.denied"
    audit, _ = here.new_by(security.asker, replace(WANTED, roles=frozenset({Role.AUDIT})))
    local = here.access.local()
    assert local.roles == frozenset(Role) - {Role.SECURITY, Role.AUDIT}
    with pytest.raises(RefusedError):
        here.access.admit(local, Action.QUERIES_READ)
    here.access.admit(audit.asker, Action.QUERIES_READ)
    with pytest.raises(RefusedError):
        here.access.admit(security.asker, Action.QUERIES_READ)
    here.access.revoked(local, security.id, "王某")  # the key was lost: it only takes away
    assert Role.SECURITY in here.access.local().roles


def test_what_persons_and_the_node_do_stands_in_the_query_log(here: Admitting) -> None:
    credential, token = here.new(budget=20_000)
    walk(here, credential.asker)
    here.access.lifted(here.access.local(), credential.id, "李某", "核实")
    here.access.revoked(here.access.local(), credential.id, "王某")
    with here.store.read() as reads:
        rows = reads.connection.execute(text("SELECT kind FROM query_rows")).scalars().all()
    assert rows == [EntryKind.ADMIN] * 4
    assert token


def test_a_token_that_was_exposed_is_told_until_it_is_revoked(here: Admitting) -> None:
    credential, token = here.new()
    here.access.exposed("hx1_" + "A" * 43, "url")
    assert here.access.report()["exposed"] == []
    here.access.exposed(token, "url")
    assert here.access.report()["exposed"] == [{"credential": credential.id, "place": "url"}]
    here.access.revoked(here.access.local(), credential.id, "王某")
    assert here.access.report() == {"credentials": 0, "stopped": [], "exposed": []}
