"""Two persons at one case at once: nobody's word counts for what that person did not see (V10).

Covers node/reconcile/case_desk.py, node/reconcile/decided_cases.py, federation/shown.py,
federation/reconcile/cases.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from federation.errors import RefusedError
from federation.ids import StatementId
from federation.payloads import Correction
from federation.statements import Kind
from node.reconcile.case_desk import CaseDesk
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
    (used,), token = office.desk.list("decision.use", 10, "")
    assert (used["statement_id"], used["decided_by"], token) == (first.hex(), [WU, YI], "")
    assert used["decided_at"] == office.desk.get(first)["history"][-1]["at"]
    (last,), token = office.desk.list("decision.reject", 1, "")
    assert last["statement_id"] == third.hex()
    (before,), _ = office.desk.list("decision.reject", 1, token)
    assert (before["statement_id"], before["decided_by"]) == (second.hex(), [YI])
    assert office.desk.list("", 10, "") == ([], "")


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
