"""The desks behind the HTTP application: each call is somebody's, and admitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from federation.errors import RefusedError
from federation.screening.roles import Action, Asker, Role, check_allowed
from node.access.provider_sessions import CameBack
from node.access.signing_in import SignIn
from node.network.errors import UnavailableError
from node.web.desk_calls import DeskCalls
from tests.support.fake_calls import OUTCOME, QUESTION, TOKEN

NUMBER = "511500-20261129-0123456789ab"
DEPARTMENT = Asker(
    credential="c1", department="交易中心（演示）", roles=frozenset({Role.DEPARTMENT})
)
AUDITOR = Asker(credential="c2", department="审计（演示）", roles=frozenset({Role.AUDIT}))


class Desks:
    """Access and both desks; notes what came to them."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.asker = DEPARTMENT
        self.refusal: RefusedError | None = None
        self.calls = DeskCalls(
            admission=self,
            questions=self,
            batches=self,
            outcomes=self,
            scenarios=self,
            benefits=self,
            uses=self,
            displays=self,
            sessions=self,
            provider=self,
            refusal=lambda: self.refusal,
        )

    def asker_of_token(self, token: str) -> Asker:
        if token != TOKEN:
            raise RefusedError("access.unknown", "expected a token of this node")
        return self.asker

    def admit(self, asker: Asker, action: Action) -> None:
        check_allowed(asker, action)

    def begun(self) -> Mapping[str, Any]:
        return {"ticket": "t"}

    def opened(self, asked: SignIn | CameBack) -> Mapping[str, Any]:
        self.asked.append(asked)
        return {"token": TOKEN}

    def closed(self, token: str) -> None:
        self.asked.append(token)

    def exposed(self, token: str, place: str) -> None:
        self.asked.append((token, place))

    def check(self, asker: Asker, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((asker, raw))
        return {"result": "clear"}

    def matters(self, asker: Asker) -> Sequence[Mapping[str, Any]]:
        self.asked.append(asker)
        return [{"code": "m"}]

    def measures(self, asker: Asker) -> Sequence[Mapping[str, Any]]:
        self.asked.append(asker)
        return [{"code": "b"}]

    def scenarios(self, wanted: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
        self.asked.append(wanted)
        return [{"scenario": "ab"}]

    def scenario(self, scenario: str) -> Mapping[str, Any]:
        self.asked.append(scenario)
        return {"scenario": scenario}

    def list(self, asker: Asker, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((asker, raw))
        return {"benefits": []}

    def ask(self, asker: Asker, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((asker, raw))
        return {"rows": len(raw["rows"])}

    def submit(self, asker: Asker, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((asker, raw))
        return {"remove": []}

    def acknowledge(self, asker: Asker, number: str, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((asker, number, raw))
        return {"acknowledged": []}

    def report(self, asker: Asker, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((asker, raw))
        return {"state": "reported"}


@pytest.fixture
def desks() -> Desks:
    return Desks()


def test_each_call_is_the_tokens(desks: Desks) -> None:
    assert desks.calls.check(TOKEN, QUESTION) == {"result": "clear"}
    assert desks.calls.check_batch(TOKEN, {"rows": []}) == {"rows": 0}
    assert desks.calls.report_outcome(TOKEN, NUMBER, OUTCOME) == {"state": "reported"}
    assert desks.calls.matters(TOKEN) == [{"code": "m"}]
    assert desks.calls.measures(TOKEN) == [{"code": "b"}]
    assert desks.calls.scenarios(TOKEN) == [{"scenario": "ab"}]
    assert desks.calls.scenario(TOKEN, "ab") == {"scenario": "ab"}
    assert desks.calls.check_benefit(TOKEN, QUESTION) == {"result": "clear"}
    assert desks.calls.list_benefits(TOKEN, QUESTION) == {"benefits": []}
    assert desks.calls.report_use(TOKEN, NUMBER, {"person": "李某"}) == {"state": "reported"}
    assert desks.calls.submit_displays(TOKEN, {"rows": []}) == {"remove": []}
    assert desks.calls.acknowledge_displays(TOKEN, NUMBER, {"rows": [1]}) == {"acknowledged": []}
    desks.calls.exposed(TOKEN, "url")
    assert desks.asked == [
        (DEPARTMENT, QUESTION),
        (DEPARTMENT, {"rows": []}),
        (DEPARTMENT, OUTCOME | {"check": NUMBER}),
        DEPARTMENT,
        DEPARTMENT,
        {},
        "ab",
        (DEPARTMENT, QUESTION),
        (DEPARTMENT, QUESTION),
        (DEPARTMENT, {"person": "李某", "check": NUMBER}),
        (DEPARTMENT, {"rows": []}),
        (DEPARTMENT, NUMBER, {"rows": [1]}),
        (TOKEN, "url"),
    ]


def test_ac29_who_works_at_the_node_reports_for_every_department(desks: Desks) -> None:
    desks.asker = Asker(credential="c3", department="信用办", roles=frozenset({Role.OPERATOR}))
    desks.calls.report_outcome(TOKEN, NUMBER, OUTCOME)
    desks.calls.report_use(TOKEN, NUMBER, {})
    assert [asker.local for asker, _ in desks.asked] == [True, True]


def test_the_number_of_the_path_counts_and_no_other(desks: Desks) -> None:
    desks.calls.report_outcome(TOKEN, NUMBER, OUTCOME | {"check": "another"})
    ((_, said),) = desks.asked
    assert said["check"] == NUMBER


def test_nobody_s_token_and_another_role_s_come_to_no_desk(desks: Desks) -> None:
    def calls(token: str) -> list[Any]:
        return [
            lambda: desks.calls.report_outcome(token, NUMBER, OUTCOME),
            lambda: desks.calls.matters(token),
            lambda: desks.calls.measures(token),
            lambda: desks.calls.scenarios(token),
            lambda: desks.calls.scenario(token, "ab"),
        ]

    for call in (*calls("other"), lambda: desks.calls.check("other", QUESTION)):
        with pytest.raises(RefusedError) as unknown:
            call()
        assert unknown.value.code == "access.unknown"
    desks.asker = AUDITOR
    for call in calls(TOKEN):
        with pytest.raises(RefusedError) as denied:
            call()
        assert denied.value.code == "access.denied"
    assert desks.asked == []


def test_where_nothing_can_be_recorded_it_is_not_healthy(desks: Desks) -> None:
    desks.calls.health()
    desks.refusal = RefusedError("queries.behind", "a restored store")
    with pytest.raises(UnavailableError) as away:
        desks.calls.health()
    assert away.value.code == "queries.behind"


def test_who_signs_in_needs_no_token_and_who_signs_out_one_of_a_session() -> None:
    desks = Desks()
    said = {"name": "王五", "password": "p", "code": "123456"}
    assert desks.calls.open_session(said) == {"token": TOKEN}
    assert desks.asked == [SignIn(**said)]
    assert desks.calls.begin_session() == {"ticket": "t"}
    came = {"ticket": "t", "state": "s", "code": "c"}
    assert desks.calls.finish_session(came) == {"token": TOKEN}
    assert desks.asked[-1] == CameBack(**came)
    desks.calls.close_session(TOKEN)
    assert desks.asked[-1] == TOKEN
    with pytest.raises(RefusedError):
        desks.calls.close_session("other")
