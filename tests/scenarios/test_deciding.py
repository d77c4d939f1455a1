"""Two persons at one case at once: nobody's word counts for what that person did not see (V10).

Covers node/reconcile/case_desk.py, node/reconcile/case_queue.py, node/reconcile/decided_cases.py,
federation/shown.py, federation/reconcile/cases.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.catalog.working_days import working_days
from federation.errors import RefusedError, StatementError
from federation.ids import StatementId, Timestamp
from federation.letters import LetterKind
from federation.payloads import Correction
from federation.ports.letters import KeptLetter
from federation.statements import Kind
from federation.working_days import WorkingDays
from node.reconcile import case_queue
from node.reconcile.case_desk import CaseDesk
from node.reconcile.case_queue import CaseQueue, Sought
from node.system.clock import date_of
from tests.support.catalogs import catalog_of
from tests.support.desks import desk_of, records_of
from tests.support.invented import code_of, name_of
from tests.support.simulation import Federation, SimNode, leaf_hash_of, listing

CITY, PEER = "510300", "510500"
WU, YI, SAN = "吴某（演示）", "易某（演示）", "三某（演示）"


@dataclass
class Office:
    """A city where a listing of another one waits for persons."""

    federation: Federation
    city: SimNode
    node: SimNode
    listed: StatementId

    @property
    def desk(self) -> CaseDesk:
        return desk_of(self.node)

    def odd(self, number: int) -> StatementId:
        """One more listing that waits."""
        content = listing(number, audience=self.city.audience(), name="别名（演示）")
        listed = self.city.list_(content)
        self.federation.settle()
        self.node.reconcile()
        return listed

    def sees(self) -> str:
        """Open the page."""
        return str(self.desk.get(self.listed)["shown"])

    def says(self, person: str, verdict: str, shown: str = "") -> str:
        """Hand a word in; gives the code of the refusal, or nothing."""
        try:
            self.desk.decide(self.listed, verdict, person, "已核对", shown=shown)
        except RefusedError as error:
            return error.code
        return ""

    @property
    def state(self) -> tuple[str, str]:
        view = records_of(self.node).get(self.listed)
        return view.state, view.rule

    @property
    def history(self) -> Sequence[tuple[str, str]]:
        return [(one["person"], one["verdict"]) for one in self.desk.get(self.listed)["history"]]


HELD, REJECTED = ("held", "identity.name-mismatch"), ("rejected", "decision.reject")


@pytest.fixture
def office(federate: Callable[..., Federation]) -> Office:
    made = federate(CITY, PEER)
    made.connect(CITY, PEER)
    city, node = made[CITY], made[PEER]
    office = Office(federation=made, city=city, node=node, listed=StatementId(bytes(16)))
    office.listed = office.odd(1)
    return office


def test_an_assent_on_a_page_of_before_the_rejection_is_refused(office: Office) -> None:
    page = office.sees()
    assert office.says(YI, "reject", office.sees()) == ""
    assert office.says(WU, "use", page) == "case.decided"
    assert office.history == [(YI, "reject")]
    case = office.desk.get(office.listed)
    assert (case["waits_for_second_person"], case["decided"]) == ([], "reject")
    assert office.state == REJECTED


def test_a_rejection_is_not_overturned_by_old_pages_of_two_persons(office: Office) -> None:
    of_wu, of_yi = office.sees(), office.sees()
    assert office.says(YI, "reject", office.sees()) == ""
    assert office.says(WU, "use", of_wu) == "case.decided"
    assert office.says(YI, "use", of_yi) == "case.decided"
    for person in (WU, YI, SAN):  # and who says not what was seen is told the same
        assert office.says(person, "use") == office.says(person, "reject") == "case.decided"
    assert office.history == [(YI, "reject")]
    assert office.state == REJECTED


def test_the_first_assent_counts_only_since_the_last_opening(office: Office) -> None:
    assert office.says(WU, "use", office.sees()) == ""
    page = office.sees()
    assert office.says(SAN, "reopen", page) == ""
    assert office.says(YI, "use", page) == "seen.changed"
    assert office.says(YI, "use", office.sees()) == ""
    assert office.state == HELD
    assert office.desk.get(office.listed)["waits_for_second_person"] == [YI]


def test_two_tabs_of_one_person_and_a_form_sent_twice_are_one_word(office: Office) -> None:
    page = office.sees()
    assert office.says(WU, "use", page) == ""
    assert office.says(WU, "use", page) == "case.same-person"
    assert office.says(WU, "reject", page) == "seen.changed"
    assert office.says(YI, "reject", office.sees()) == ""
    assert office.says(YI, "reject", page) == "case.decided"
    assert office.history == [(WU, "use"), (YI, "reject")]


def test_who_saw_nobody_say_yes_is_not_the_second_person_unknowingly(office: Office) -> None:
    """The page said that a second person would still look at it; it would have counted at once."""
    page = office.sees()
    assert office.says(WU, "use", page) == ""
    assert office.says(YI, "use", page) == "seen.changed"
    assert office.state == HELD
    assert office.says(YI, "use", office.sees()) == ""
    assert office.state == ("active", "")


def test_a_record_corrected_since_it_was_seen_is_looked_at_again(office: Office) -> None:
    page, city = office.sees(), office.city
    wrong = listing(1, audience=city.audience(), name="又一别名（演示）")
    replaces = leaf_hash_of(city, office.listed)
    payload = Correction(audience=city.audience(), replaces=replaces, payload=wrong)
    city.say(city.draft(Kind.CORRECTION, payload, about=office.listed))
    office.federation.settle()
    office.node.reconcile()
    assert office.state == HELD
    assert office.says(WU, "use", page) == "seen.changed"
    assert office.history == []
    assert office.says(WU, "use", office.sees()) == ""


def test_what_was_decided_is_found_by_what_was_decided(office: Office) -> None:
    first, second = office.listed, office.odd(2)
    assert office.says(WU, "use") == office.says(YI, "use") == ""
    for number in (1, 0):
        office.desk.decide(second, "reject", YI, "已核对")
        if number:
            office.desk.decide(second, "reopen", YI, "已核对")
    third = office.odd(3)
    office.desk.decide(third, "reject", SAN, "已核对")
    (used,), token = office.desk.queue.list(Sought(rule="decision.use"), 10, "")
    assert (used["statement_id"], used["decided_by"], token) == (first.hex(), [WU, YI], "")
    assert used["decided_at"] == office.desk.get(first)["history"][-1]["at"]
    (last,), token = office.desk.queue.list(Sought(rule="decision.reject"), 1, "")
    assert last["statement_id"] == third.hex()
    (before,), _ = office.desk.queue.list(Sought(rule="decision.reject"), 1, token)
    assert (before["statement_id"], before["decided_by"]) == (second.hex(), [YI])
    assert office.desk.queue.list(Sought(), 10, "") == ([], "")


def issued(office: Office, about: str) -> None:
    """Somebody in charge gives a decision its number."""
    letter = KeptLetter(
        kind=LetterKind.DECISION,
        about=about,
        number=f"泸信决〔2026〕{about[:6]}号",
        code="",
        year=0,
        serial=0,
        issued_at=office.federation.clock.now(),
        prepared="",
        prepared_unit="",
        prepared_post="",
        person="刘某（演示）",
        unit="",
        post="",
    )
    with office.node.store.write() as session:
        session.add_letter(letter)


def test_what_waits_for_a_second_person_and_for_its_letter_is_found_and_counted(
    office: Office,
) -> None:
    queue, first, second = office.desk.queue, office.listed, office.odd(2)

    def waits(whom: str) -> list[str]:
        return [one["statement_id"] for one in queue.list(Sought(waits=whom), 10, "")[0]]

    assert (queue.waiting(), waits("second"), waits("letter")) == (
        {"second": 0, "letter": 0},
        [],
        [],
    )
    office.desk.decide(second, "use", YI, "已核对")
    assert office.says(WU, "use") == ""
    assert waits("second") == [first.hex(), second.hex()], "whom somebody spoke of last, first"
    page, token = queue.list(Sought(waits="second"), 1, "")
    rest, _ = queue.list(Sought(waits="second"), 1, token)
    assert [one["statement_id"] for one in (*page, *rest)] == [first.hex(), second.hex()]
    assert queue.waiting() == {"second": 2, "letter": 0}
    assert office.says(YI, "use") == ""
    office.desk.decide(second, "reject", WU, "已核对")
    assert (waits("second"), queue.waiting()) == ([], {"second": 0, "letter": 2})
    (last, before), _ = queue.list(Sought(waits="letter"), 10, "")
    assert (last["letter"], last["decided_by"]) == (second.hex(), [WU])
    assert (before["letter"], before["decided_by"]) == (first.hex(), [WU, YI])
    issued(office, before["letter"])
    assert (waits("letter"), queue.waiting()["letter"]) == ([second.hex()], 1)
    office.says(SAN, "reopen")
    assert queue.waiting() == {"second": 0, "letter": 1}
    assert office.says(SAN, "reject") == ""
    again = queue.list(Sought(waits="letter"), 10, "")[0]
    assert again[0]["letter"] == f"{first.hex()}-2", "each decision has a letter of its own"
    for wrong in (Sought(waits="third"), Sought(waits="second", rule="ground.unknown")):
        with pytest.raises(StatementError) as caught:
            queue.list(wrong, 10, "")
        assert caught.value.code == "request.invalid"


def test_a_case_is_found_by_its_subject_its_document_its_list_and_its_id(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, other = office.desk.queue, office.odd(2)
    first, second = queue.list(Sought(), 10, "")[0]
    assert second["statement_id"] == other.hex()

    def found(**sought: str) -> list[str]:
        return [one["statement_id"] for one in queue.list(Sought(**sought), 10, "")[0]]

    both = [first["statement_id"], other.hex()]
    assert found(text="别 名") == found(text="（演示") == found(text="(演示)") == both
    assert found(text=code_of(2).lower()) == found(text=other.hex()[:12]) == [other.hex()]
    assert found(text=first["document"][-6:]) != []
    assert found(list_type=first["list_type"]) == both
    assert found(list_type="no-such-list") == found(text="无此名称") == []
    assert found(text="别名", rule="identity.name-mismatch") == both
    assert found(text="别名", rule="notice.missing") == []
    monkeypatch.setattr(case_queue, "AT_ONCE", 1)
    monkeypatch.setattr(case_queue, "OPENED", 1)
    none, token = queue.list(Sought(text=code_of(2)), 10, "")
    assert (none, bool(token)) == ([], True), "so many are looked at for one page"
    (late,), token = queue.list(Sought(text=code_of(2)), 10, token)
    assert late["statement_id"] == other.hex()
    assert queue.list(Sought(text=code_of(2)), 10, token) == ([], "")


def passed(since: int, days: int) -> int:
    """Working days as one counts them on the calendar."""
    table = working_days(Path("no-folder"))
    first = date_of(Timestamp(since))
    each = (date_of(Timestamp(since + day * 86_400)) for day in range(1, days + 1))
    return sum(bool(table.works(day)) for day in each if day > first)


def test_a_case_says_since_when_it_waits_in_working_days(office: Office, tmp_path: Path) -> None:
    def queue_with(days: WorkingDays) -> CaseQueue:
        return CaseQueue(
            store=office.node.store,
            records=records_of(office.node),
            working_days=lambda: days,
            today=lambda: date_of(office.federation.clock.now()),
        )

    queue = queue_with(working_days(tmp_path))
    said = records_of(office.node).get(office.listed).issued_at
    ((case,), _) = queue.list(Sought(), 10, "")
    assert (case["since"], case["working_days"]) == (said, 0)
    assert queue_with(WorkingDays({})).list(Sought(), 10, "")[0][0]["working_days"] is None
    office.federation.clock.advance(14 * 86_400)
    assert queue.list(Sought(), 10, "")[0][0]["working_days"] == passed(said, 14)
    office.says(YI, "reject")
    office.says(YI, "reopen")
    ((again,), _) = queue.list(Sought(), 10, "")
    assert again["since"] == office.desk.get(office.listed)["history"][-1]["at"] > said
    assert again["working_days"] == 0, "it waits since it was opened again"


def test_no_reason_names_the_subject_however_it_is_written(office: Office) -> None:
    code = code_of(1)
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code)
    for named in (
        "别 名(演示)与执照不符",
        f"执照上是{name_of(1)}",
        f"代码 {code.lower()} 有误",
        f"代码{wide}有误",
        f"机构代码 {code[8:17]}",
    ):
        with pytest.raises(RefusedError) as caught:
            office.desk.decide(office.listed, "reject", YI, named)
        assert (caught.value.code, named) == ("case.reason", named)
    assert office.history == []
    office.desk.decide(office.listed, "reject", YI, "与营业执照上的名称不符")


def test_what_changes_nothing_of_the_case_is_no_change(office: Office) -> None:
    page = office.sees()
    office.city.list_(listing(2, audience=office.city.audience()))
    office.node.reconcile()
    office.node.catalog = catalog_of()
    assert office.sees() == page
    assert office.says(WU, "use", page) == ""
