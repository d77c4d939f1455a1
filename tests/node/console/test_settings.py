"""Settings in the console: the catalog and its deadlines; credentials, their token shown once.

Covers node/console/pages/settings.py, node/console/texts/settings.py, node/texts/catalogs.py,
node/texts/credentials.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from federation.reconcile.catalog import Layer
from federation.reconcile.obligations import Obligation, Unit
from federation.screening.roles import Role
from node.console.pages.settings import by_sort
from node.console.texts.settings import TEXTS
from node.texts.catalogs import OBLIGATIONS, UNITS
from node.texts.credentials import ROLES
from tests.support.console import Browser, FakeNode, problem, signed_in

EVIL = "<script>alert(1)</script>"
ID = "0a1b2c3d"


def credential(**changed: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "department": "泸州市交易中心（演示）",
        "state": "valid",
        "roles": ["department"],
        "matters": ["procurement"],
        "matter_names": {"procurement": "政府采购"},
        "purposes": ["joint-punishment"],
        "budget": 1000,
        "case_subjects": 120,
        "expires_on": 20271231,
        "by": "token",
        "certificate_sha256": "",
        "asked_today": 3,
        "answered_today": 3,
        "stopped": None,
        "created_at": 1_795_972_996,
        "created_by": "张某",
        "revoked_at": 0,
        "revoked_by": "",
    } | changed


def officer(role: Role = Role.SECURITY, **changed: Any) -> FakeNode:
    one = credential(**changed)
    return FakeNode(
        roles=(role,),
        replies={
            ("GET", "/v1/credentials"): {"credentials": [one]},
            ("GET", f"/v1/credentials/{ID}"): one,
            ("POST", "/v1/credentials"): one | {"token": "hx1_shown-once"},
            ("POST", f"/v1/credentials/{ID}:revoke"): one | {"state": "revoked"},
        },
    )


def business(said: str = "拖欠农民工工资名单") -> FakeNode:
    edition = {
        "edition": "national-2026",
        "series": "national",
        "layer": "national",
        "name": said,
        "valid_from": 20260101,
        "valid_to": None,
    }
    named: dict[str, list[Any]] = {
        part: [] for part in ("trust_lists", "measures", "authorities", "regions", "matters")
    }
    deadline = {
        "obligation": "accept",
        "days": 3,
        "unit": "working-days",
        "last": 20261203,
        "confirmed": False,
        "certainty": "C",
        "edition": "national-2026",
        "layer": "national",
        "basis": said,
        "valid_from": 20260101,
        "valid_until": None,
        "source": "",
    }
    waits = {"item": f"national-2026/{said}", "name": said, "certainty": "C", "source": said}
    differences = [
        {"sort": "measure", "code": "7.1", "change": "added"},
        {"sort": "list", "code": "wages", "change": "changed"},
        {"sort": "list", "code": said, "change": "removed"},
    ]
    return FakeNode(
        replies={
            ("GET", "/v1/catalog"): {
                "editions": [edition],
                "lists": [{"list_type": "wages", "name": said}],
                **named,
            },
            ("GET", "/v1/catalog:check"): {
                "unconfirmed": [waits],
                "without_ground": [{"code": said, "editions": ["national-2026"]}],
                "ending": [edition | {"valid_to": 20261231}],
                "findings": {},
                "library": {"sha256": "", "subjects": 4000},
            },
            ("GET", "/v1/catalog/deadlines"): {"deadlines": [deadline], "due": {}},
            ("POST", "/v1/catalog:diff"): {"differences": differences},
        }
    )


def body(browser: Browser, target: str) -> str:
    answer = browser.get(target)
    assert answer.status == 200
    return answer.body.decode()


def test_every_word_of_a_catalog_and_of_a_credential_has_a_name() -> None:
    assert set(OBLIGATIONS) == {one.value for one in Obligation}
    assert set(UNITS) == {one.value for one in Unit}
    assert set(ROLES) == set(Role)
    assert {f"layer.{one}" for one in Layer} == {one for one in TEXTS if one.startswith("layer.")}


def test_business_sees_editions_what_waits_and_deadlines_and_no_credential() -> None:
    fake = business()
    said = body(signed_in(fake), "/settings")
    for text in ("长期", "4,000 户", "未核实", "3 个工作日", "2026-12-03", "到期", "没有依据"):
        assert text in said
    assert "凭据" not in said
    assert not any("credentials" in one.path for one in fake.asked)


def test_where_every_entry_is_confirmed_it_is_said_that_it_may_be_acted_on() -> None:
    fake = business()
    assert "可以依此办理" not in body(signed_in(fake), "/settings")
    check = fake.replies["GET", "/v1/catalog:check"]
    fake.replies["GET", "/v1/catalog:check"] = check | {"unconfirmed": []}
    assert "各条都已有人对照正式文本核实，可以依此办理" in body(signed_in(fake), "/settings")


def test_what_differs_stands_by_sort_with_names() -> None:
    (lists, _), (measures, _) = by_sort(
        [
            {"sort": "measure", "code": "7.1", "change": "added"},
            {"sort": "list", "code": "wages", "change": "changed"},
        ],
        {},
    )
    assert (lists, measures) == ("list", "measure")
    new = {"sort": "list", "code": "new", "change": "added", "name": "新名单（演示）"}
    ((_, (only,)),) = by_sort([new], {"new": "旧名"})
    assert only["name"] == "新名单（演示）"
    fake = business()
    said = body(signed_in(fake), "/settings/diff?old=national-2025&new=national-2026")
    assert {"old": "national-2025", "new": "national-2026"} in [
        one.said for one in fake.asked if one.path == "/v1/catalog:diff"
    ]
    for text in ("新增", "修改", "删去", "拖欠农民工工资名单", 'value="national-2025"'):
        assert text in said


def test_an_edition_that_nobody_knows_is_said_beside_the_form() -> None:
    fake = business()
    fake.replies["POST", "/v1/catalog:diff"] = problem(
        422, "catalog.edition-unknown", "没有此版本", "no such edition"
    )
    answer = signed_in(fake).get("/settings/diff?old=a&new=b")
    assert answer.status == 422
    assert "没有此版本" in answer.body.decode()
    assert "<form" in answer.body.decode()


def test_a_new_credential_shows_its_token_in_that_answer_alone() -> None:
    fake = officer()
    browser = signed_in(fake)
    said = {
        "_token": browser.form_token("/settings/new"),
        "department": "泸州市交易中心（演示）",
        "roles": "department",
        "purposes": "joint-punishment",
        "matters": "procurement， licence",
        "budget": "200",
        "expires_on": "2027-12-31",
    }
    made = browser.post("/settings/new", said)
    assert made.status == 200
    assert "hx1_shown-once" in made.body.decode()
    assert dict(made.headers)["cache-control"] == "no-store"
    assert fake.asked[-1].said == {
        "department": "泸州市交易中心（演示）",
        "roles": ["department"],
        "matters": ["procurement", "licence"],
        "purposes": ["joint-punishment"],
        "budget": 200,
        "expires_on": 20271231,
        "by": "王五",
    }
    assert "hx1_shown-once" not in body(browser, "/settings")
    assert "hx1_shown-once" not in body(browser, f"/settings/credentials/{ID}")


def test_a_refused_credential_keeps_what_was_typed() -> None:
    fake = officer()
    fake.replies["POST", "/v1/credentials"] = problem(
        422, "access.value", "凭据的内容有误", "a value"
    )
    browser = signed_in(fake)
    said = {"_token": browser.form_token("/settings/new"), "department": EVIL, "budget": "many"}
    refused = browser.post("/settings/new", said)
    assert refused.status == 422
    assert fake.asked[-1].said["budget"] == "many"
    for text in ("凭据的内容有误", "&lt;script&gt;", 'value="many"'):
        assert text in refused.body.decode()


def test_a_credential_is_ended_by_its_id_and_by_nothing_else() -> None:
    fake = officer(Role.SYSTEM)
    browser = signed_in(fake)
    assert "huxin access account" not in body(browser, "/settings")
    token = browser.form_token("/settings")
    before = len(fake.asked)
    odd = browser.post("/settings/revoke", {"_token": token, "credential": f"../{ID}"})
    assert odd.headers["location"] == "/settings?done=no-id"
    assert len(fake.asked) == before
    done = browser.post("/settings/revoke", {"_token": token, "credential": ID})
    assert done.headers["location"] == "/settings?done=revoked"
    assert fake.asked[-1].said == {"by": "王五"}
    assert "已吊销" in body(browser, "/settings?done=revoked")


@pytest.mark.parametrize("state", ["valid", "stopped", "revoked"])
def test_one_credential_says_its_state_and_a_revoked_one_is_not_revoked_again(state: str) -> None:
    stop = {"code": "access.stopped", "at": 1_795_972_996} if state == "stopped" else None
    ended = 1_795_972_997 if state == "revoked" else 0
    browser = signed_in(officer(state=state, stopped=stop, revoked_at=ended, revoked_by="李某"))
    said = body(browser, f"/settings/credentials/{ID}")
    assert "政府采购 <code>procurement</code>" in said
    assert ('action="/settings/revoke"' in said) is (state != "revoked")


def test_names_from_elsewhere_are_text() -> None:
    security = signed_in(
        officer(department=EVIL, created_by=EVIL, matters=[EVIL], matter_names={EVIL: EVIL})
    )
    operator = signed_in(business(EVIL))
    for browser, target in (
        (security, "/settings"),
        (security, f"/settings/credentials/{ID}"),
        (operator, "/settings"),
        (operator, "/settings/diff?old=a&new=b"),
    ):
        assert EVIL not in body(browser, target)
