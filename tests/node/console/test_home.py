"""The first page: sentence, lights and map out of a status document.

Covers node/console/pages/home.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from federation.screening.roles import Role
from node.console.pages.home import cities, commands, in_words, lights, night, work
from node.console.words import Language
from node.texts.fields import LOG_STATES
from tests.support.console import FakeNode, signed_in

OWN = "510500.huxin.example/1"


def log(origin: str, city: str, **changed: Any) -> dict[str, Any]:
    return {
        "origin": origin,
        "city": city,
        "state": "ok",
        "head_age_s": 40,
        "findings": {},
        "verified_to": 9,
        "reconciled_to": 9,
    } | changed


def job(name: str, **changed: Any) -> dict[str, Any]:
    return {"name": name, "failures": 0, "late": False} | changed


def document(**changed: Any) -> dict[str, Any]:
    return {
        "node": {"name": "泸州", "origin": OWN, "region": "510500", "version": "0.1.0"},
        "charters": [{"name": "川南", "version": 1, "state": "in-force", "expires_in_s": 864_000}],
        "logs": [log(OWN, "泸州"), log("a/1", "自贡"), log("b/1", "")],
        "problems": [],
        "reliefs": {"open": 0, "overdue": 0},
        "requests": {"open": {"answer": 0, "sent": 0}, "overdue": {"answer": 0, "sent": 0}},
        "outcomes": {"pending": 0, "reopened": 0, "overdue": 0, "reopened_overdue": 0},
        "platforms": [],
        "jobs": [job("shares"), job("notices")],
        "disk": {"free_bytes": 2, "reserve_bytes": 1},
    } | changed


def problem(code: str, message: str = "m / m", fix: str = "看 / look") -> dict[str, str]:
    return {"code": code, "message": message, "fix": fix}


def shown(
    said: dict[str, Any], language: str = "zh", *, roles: Sequence[Role] = (Role.OPERATOR,)
) -> str:
    browser = signed_in(FakeNode(replies={("GET", "/v1/status"): said}, roles=roles))
    browser.get(f"/language/{language}?next=/")
    answer = browser.get("/")
    assert answer.status == 200
    return answer.body.decode()


def test_one_sentence_says_how_things_stand() -> None:
    for changed, zh, en in (
        ({}, "今日无须处理", "nothing needs a hand"),
        ({"reliefs": {"open": 3, "overdue": 0}}, "3 件解除正在各市执行", "being executed: 3,"),
        ({"problems": [problem("catalog.none")]}, "有 1 项须处理", "need a hand: 1."),
        (
            {"reliefs": {"open": 3, "overdue": 2}},
            "有 2 件解除逾期未执行",
            "not executed in time: 2.",
        ),
        ({"logs": [log(OWN, "泸州"), log("a/1", "自贡", state="stale")]}, "有 1 个正常", "1 of 2"),
    ):
        assert zh in shown(document(**changed))
        assert en in shown(document(**changed), "en")


def test_how_the_night_went_stands_under_the_sentence() -> None:
    assert "2 项任务都按时完成" in shown(document())
    jobs = [job("a", failures=1), job("b", late=True), job("c")]
    assert night(document(jobs=jobs)) == (3, 2)
    assert "3 项任务中有 2 项没有按时完成" in shown(document(jobs=jobs))
    assert "2 of 3 jobs" in shown(document(jobs=jobs), "en")


def test_what_waits_is_counted_the_late_first_for_who_sees_its_page() -> None:
    held = {"identity.name-mismatch": 3, "record.recognised": 900}
    said = document(
        logs=[
            log(OWN, "泸州"),
            log("a/1", "自贡", findings=held | {"identity.subject-unknown": 1}),
        ],
        reliefs={"open": 4, "overdue": 2},
        outcomes={"pending": 5, "reopened": 3, "overdue": 3, "reopened_overdue": 2},
    )
    counted = {one.name: (one.count, one.late) for one in work(said) if one.count}
    assert counted == {
        "cases": (4, None),
        "repairs": (4, 2),
        "outcomes": (5, 1),
        "reopened": (3, 2),
    }
    imports = [
        {"state": "waits", "words": [{"sort": "rows", "persons": persons}]}
        for persons in ([], ["王五"], ["李某", "赵六"], ["李某"])
    ] + [{"state": "ready", "words": []}] * 3
    replies = {("GET", "/v1/status"): said, ("GET", "/v1/imports"): {"imports": imports}}
    page = signed_in(FakeNode(replies=replies)).get("/").body.decode()
    told = ("尚未处处执行的解除", "待反馈的命中", "待核案件", "等您确认的导入")
    table = page.partition("<h2>待办</h2>")[2]
    assert sorted(told, key=table.index) == list(told)
    row = table.partition("待核案件")[2].partition("</tr>")[0]
    assert "不设期限" in row
    assert "转办</a></th>" not in page, "nothing of it waits"
    assert '两人已确认、可发布的导入</a></th><td class="number">3</td>' in page
    assert "被退回的导入" not in page, "none was"
    replies["GET", "/v1/catalog:check"] = {"unconfirmed": [{}, {}]}
    reviewer = signed_in(FakeNode(roles=(Role.REVIEWER,), replies=replies)).get("/").body.decode()
    assert "可发布的导入" not in reviewer, "who may not publish has nothing to do there"
    assert '<a href="/editions">待核对的目录条目</a></th><td class="number">2</td>' in reviewer
    officer = FakeNode(roles=(Role.SECURITY,), replies=replies)
    assert "待办" not in signed_in(officer).get("/").body.decode()
    assert not any(one.path == "/v1/imports" for one in officer.asked)


def test_decisions_that_wait_are_counted_for_who_sees_cases() -> None:
    waiting = {"second": 2, "letter": 5}
    replies = {("GET", "/v1/status"): document(), ("GET", "/v1/cases:waiting"): waiting}
    for role in (Role.OPERATOR, Role.REVIEWER):
        page = signed_in(FakeNode(roles=(role,), replies=replies)).get("/").body.decode()
        for path, told, count in (
            ("/cases?waits=second", "待第二人确认的决定", 2),
            ("/cases?waits=letter", "待签发的决定书", 5),
        ):
            assert f'<a href="{path}">{told}</a></th><td class="number">{count}</td>' in page
    replies["GET", "/v1/cases:waiting"] = {"second": 0, "letter": 0}
    assert "待签发的决定书" not in signed_in(FakeNode(replies=replies)).get("/").body.decode()
    officer = FakeNode(roles=(Role.SECURITY,), replies=replies)
    signed_in(officer).get("/")
    assert not any(one.path == "/v1/cases:waiting" for one in officer.asked)


def test_a_problem_lights_its_own_light_and_what_passes_by_itself_calls_nobody() -> None:
    said = [problem(one) for one in ("peer.tls", "request.overdue", "disk.full", "opening.pending")]
    found = {one.name: (one.state, one.count) for one in lights(document(problems=said))}
    assert found == {
        "exchange": ("wait", 1),
        "relief": ("wait", 1),
        "platform": ("good", 0),
        "node": ("wait", 1),
    }
    assert all(one.state == "good" for one in lights(document()))


def test_what_is_broken_is_red() -> None:
    broken = document(
        logs=[log("a/1", "自贡", state="forked")],
        reliefs={"open": 1, "overdue": 1},
        platforms=[{"fault": "platform.down"}],
        disk={"free_bytes": 0, "reserve_bytes": 1},
    )
    assert {one.state for one in lights(broken)} == {"bad"}
    away = document(logs=[log(OWN, "泸州"), log("a/1", "自贡", state="unreachable")])
    exchange = shown(away).partition("<h2>收发</h2>")[2].partition("</li>")[0]
    assert "会自行恢复" in exchange, "what is broken is not told as nothing to do"


def test_problems_are_told_in_the_language_of_who_looks_and_escaped() -> None:
    said = document(problems=[problem("library.none", "<b>库</b> / <b>library</b>")])
    assert "&lt;b&gt;库&lt;/b&gt;" in shown(said)
    page = shown(said, "en")
    assert "&lt;b&gt;library" in page
    assert "look" in page
    assert "看" not in page


def test_the_command_of_a_fix_stands_in_either_language() -> None:
    fix = "核对时间后由两人确认 / compare the clocks; two persons: huxin clock confirm"
    assert commands(fix, "核对时间后由两人确认") == ["huxin clock confirm"]
    assert commands(fix, "two persons: huxin clock confirm") == []
    assert commands("见 docs/platform.md；内容不会丢失 / nothing is lost", "") == []
    said = document(problems=[problem("clock.unconfirmed", fix=fix)])
    page = shown(said, roles=(Role.SYSTEM,))
    assert '<code class="under">huxin clock confirm</code>' in page


def test_cn14_commands_and_codes_are_for_who_runs_the_node() -> None:
    """All others are told in words what to do, and by whom where it is not theirs."""
    fixes = {
        "outcomes.reopened": "通知部门解除 / they undo it: huxin outcomes pending",
        "clock.unconfirmed": "核对时间 / compare the clocks; two persons: huxin clock confirm",
        "queries.unwitnessed": "huxin recover; docs/operations/running.md#when-nothing-is-signed",
    }
    said = document(problems=[problem(code, fix=fix) for code, fix in fixes.items()])
    page = shown(said)
    assert "通知部门解除" in page
    assert page.count("请告知系统管理员") == page.count("由本市有此权限的同事办理") == 1
    for language in ("zh", "en"):
        page = shown(said, language).partition("<main")[2]
        assert all(one not in page for one in ("huxin ", "docs/", *fixes))
    assert "they undo it" in page
    page = shown(said, roles=(Role.SYSTEM,))
    assert all(code in page for code in fixes)


def test_cn14_what_is_said_of_a_fix_ends_before_the_shell_begins() -> None:
    told = {
        "见 see docs/platform.md；内容不会丢失": "内容不会丢失",
        "连接任一成员": "连接任一成员",
        "huxin repairs list --late; docs/zh/relief.md": "",
        "先停止节点，再核对": "先停止节点，再核对",
    }
    assert {fix: in_words(fix, Language.ZH) for fix in told} == told
    fix = "ask why, then huxin access lift 0a1b, or revoke; tell us"
    assert in_words(fix, Language.EN) == "ask why; tell us"


def test_the_map_has_this_city_in_the_middle_and_the_others_around() -> None:
    logs = [log("a/1", "自贡"), log(OWN, "泸州"), log("b/1", "", head_age_s=7200)]
    logs.append(log("c/1", "宜宾", state="unreachable", head_age_s=None))
    logs.append(log("d/1", "内江", reconciled_to=5))
    here, *others = cities(document(logs=logs))
    assert (here.name, here.x, here.y) == ("泸州", 300, 160)
    assert [(one.name, one.state) for one in others] == [
        ("自贡", "good"),
        ("b/1", "wait"),
        ("宜宾", "bad"),
        ("内江", "wait"),
    ]
    assert len({(one.x, one.y) for one in (here, *others)}) == 5
    page = shown(document(logs=logs))
    assert "不可达" in page
    assert page.count("<circle") == 5


def test_who_may_not_see_the_status_sees_what_is_theirs() -> None:
    browser = signed_in(FakeNode(roles=(Role.DEPARTMENT,)))
    page = browser.get("/").body.decode()
    assert "您可以办理的" in page
    assert "<circle" not in page


@pytest.mark.parametrize("state", LOG_STATES)
def test_every_state_of_a_log_has_its_words(state: str) -> None:
    one = log("a/1", "自贡", state=state, head_age_s=None)
    words = "久未收到" if state == "ok" else LOG_STATES[state][0]
    assert words in shown(document(logs=[log(OWN, "泸州"), one]))
