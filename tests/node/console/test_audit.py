"""Audit in the console: the query log verified and searched by two persons' word, forks, witnesses.

Covers node/console/pages/audit.py, node/console/texts/audit.py, node/texts/query_letters.py.
"""

from __future__ import annotations

import html
import io
import json
from html import unescape
from typing import Any

from docx import Document

from federation.persons import queries_body
from federation.screening.query_log import EntryKind
from federation.screening.roles import Role
from node.console.pages.audit import KINDS, forks
from node.texts.query_letters import TITLE
from tests.support.console import Browser, FakeNode, problem, signed_in

ALLIANCE = "08" * 32
EVIL = "<svg onload=alert(1)>"
CODE, NAME = "91510500YY0600007N", "泸州示例鑫源运输有限公司（演示）"


def log(city: str, state: str = "ok", **changed: Any) -> dict[str, Any]:
    return {
        "origin": "510500.huxin.example/1",
        "city": city,
        "state": state,
        "size": 1200,
        "verified_to": 1200,
        "cosignatures": ["511500.huxin.example/head"],
    } | changed


def status(*logs: dict[str, Any], **changed: Any) -> dict[str, Any]:
    queries = {
        "origin": "queries.510500.huxin.example/1",
        "size": 12,
        "problem": None,
        "cosigned_at": 1_795_972_996,
        "cosigned_size": 11,
    }
    return {
        "node": {"name": "泸州", "region": "510500", "origin": "510500.huxin.example/1"},
        "queries": queries | changed,
        "logs": list(logs),
        "charters": [{"id": ALLIANCE, "name": "川南信用联盟（演示）", "state": "in-force"}],
    }


def auditor(document: dict[str, Any] | None = None) -> FakeNode:
    return FakeNode(
        roles=(Role.AUDIT,),
        replies={("GET", "/v1/status"): document or status(log("泸州"), log("宜宾", "stale"))},
    )


def report(**changed: Any) -> dict[str, Any]:
    return {
        "origin": "queries.510500.huxin.example/1",
        "size": 12,
        "signed": 12,
        "rows": 12,
        "erased": 0,
        "waiting": 0,
        "cosigned": [1, 2],
        "promises": 0,
        "findings": [],
        "more": 0,
        "ok": True,
        "former": [],
    } | changed


def question(**changed: Any) -> dict[str, Any]:
    return {
        "query_id": "49" * 16,
        "at": 1_795_972_997,
        "kind": "question",
        "index": 3,
        "department": "泸州市交易中心（演示）",
        "asker": "bccccca7",
        "action": "check",
        "matter": "procurement",
        "matter_name": "政府采购",
        "purpose": "joint-punishment",
        "case_no": "泸采〔2026〕8号",
        "result": "clear",
    } | changed


def body(browser: Browser, target: str) -> str:
    answer = browser.get(target)
    assert answer.status == 200
    return answer.body.decode()


def asked(**changed: str) -> dict[str, str]:
    return {"code": CODE, "name": NAME, "authorisation": "授〔2026〕1号", "other": "李某"} | changed


def test_every_kind_of_entry_has_a_word() -> None:
    assert set(KINDS) == {one.name.lower() for one in EntryKind}


def test_who_vouches_is_named_with_what_it_says_by_it() -> None:
    other = log("宜宾", origin="511500.huxin.example/1")
    keys = ["511500.huxin.example/mirror", "511500.huxin.example/witness", "notary.example+x"]
    said = body(signed_in(auditor(status(log("泸州", cosignatures=keys), other))), "/audit")
    assert '宜宾 <span class="muted">镜像、见证</span>' in said
    assert f'title="{keys[0]} {keys[1]}"' in said
    assert "notary.example+x" in said, "a key of nobody's charter keeps its name"


def test_the_query_log_its_witnesses_and_the_commands_stand_there() -> None:
    said = body(signed_in(auditor()), "/audit")
    for text in (
        "queries.510500.huxin.example/1",
        "11 条",
        "511500.huxin.example/head",
        "huxin access export",
        f"huxin audit verify audit-export --pin {ALLIANCE}",
        "陈旧",
    ):
        assert text in said
    assert "分叉：" not in said


def test_a_fork_is_said_first_and_a_problem_of_the_query_log_too() -> None:
    behind = {"code": "queries.behind", "message": "2 < 3"}
    document = status(log("宜宾", "forked"), problem=behind, cosigned_at=None)
    assert forks(document) == ["宜宾"]
    said = body(signed_in(auditor(document)), "/audit")
    assert "分叉：宜宾" in said
    assert "queries.behind" in said
    assert "尚无他方见证" in said


def test_verifying_says_that_it_holds_or_what_is_wrong() -> None:
    fake = auditor()
    fake.replies["POST", "/v1/queries:verify"] = report()
    browser = signed_in(fake)
    token = browser.form_token("/audit")
    assert "相符" in browser.post("/audit/verify", {"_token": token}).body.decode()
    sent = next(one for one in fake.asked if one.path == "/v1/queries:verify")
    assert sent.said == {"promises": []}
    finding = {"code": "queries.row", "index": 3, "query_id": "49" * 16, "message": EVIL}
    fake.replies["POST", "/v1/queries:verify"] = report(ok=False, findings=[finding], more=4)
    wrong = browser.post("/audit/verify", {"_token": token, "note": "promise"}).body.decode()
    assert "不相符" in wrong
    assert "另有 4 项" in wrong
    assert EVIL not in wrong
    sent = [one for one in fake.asked if one.path == "/v1/queries:verify"][-1]
    assert sent.said == {"promises": ["promise\n"]}


def test_cn10_two_persons_sign_the_bytes_that_are_shown_and_hand_in_their_note() -> None:
    fake = auditor()
    browser = signed_in(fake)
    token = browser.form_token("/audit")
    step = browser.post("/audit/word", asked(_token=token))
    assert step.status == 200
    shown = html.unescape(step.body.decode().partition("<pre>")[2].partition("</pre>")[0])
    line = queries_body(code=CODE, name=NAME, authorisation="授〔2026〕1号")
    assert line in shown
    assert json.loads(line)["subject_code"] == CODE
    assert f"--subject {CODE}" in html.unescape(step.body.decode())
    kept = browser.post(
        "/audit/word.txt", {"_token": token, "word": shown.strip("\n").replace("\n", "\r\n")}
    )
    assert kept.body.decode() == shown
    fake.replies["POST", "/v1/queries:search"] = {"queries": [question()]}
    found = browser.post("/audit/search", asked(_token=token, word=shown, note="signed\r\nnote"))
    assert fake.asked[-1].said == {
        "code": CODE,
        "name": NAME,
        "authorisation": "授〔2026〕1号",
        "by": ["王五", "李某"],
        "note": "signed\nnote\n",
    }
    words = ("政府采购", "联合惩戒", "核查", "未发现", "<code")
    for text in ("泸州市交易中心（演示）", "泸采〔2026〕8号", "查询", *words):
        assert text in found.body.decode()


def test_a_subject_gets_a_letter_of_what_the_page_showed() -> None:
    fake = auditor()
    browser = signed_in(fake)
    token = browser.form_token("/audit")
    fake.replies["POST", "/v1/queries:search"] = {"queries": [question(purpose="audit")]}
    found = browser.post("/audit/search", asked(_token=token, word="w", note="n")).body.decode()
    handed = unescape(found.partition('name="queries" value="')[2].partition('"')[0])
    fields = {"about": NAME, "authorisation": "授〔2026〕1号", "queries": handed}
    kept = browser.post("/audit/queries.docx", fields | {"_token": token})
    assert 'filename="queries.docx"' in kept.headers["content-disposition"]
    document = Document(io.BytesIO(kept.body))
    said = "\n".join(one.text for one in document.paragraphs)
    assert all(text in said for text in (TITLE, NAME, "授〔2026〕1号", "共 1 次", "印章"))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert {"泸州市交易中心（演示）", "泸采〔2026〕8号", "审计"} <= set(cells)
    for broken in ("", "[1]", "{}"):
        kept = browser.post("/audit/queries.docx", fields | {"_token": token, "queries": broken})
        said = "\n".join(one.text for one in Document(io.BytesIO(kept.body)).paragraphs)
        assert "没有关于贵单位的查询" in said
    many = [question(case_no="办" * 100)] * 1000
    fake.replies["POST", "/v1/queries:search"] = {"queries": many}
    found = browser.post("/audit/search", asked(_token=token, word="w", note="n")).body.decode()
    assert "记录过多，请打印本页" in found
    fake.replies["POST", "/v1/queries:search"] = {"queries": []}
    whole = browser.post("/audit/department", {"_token": token, "department": "财政局"})
    assert "queries.docx" not in whole.body.decode()


def test_a_refused_word_stands_beside_its_form_and_nothing_is_lost() -> None:
    fake = auditor()
    browser = signed_in(fake)
    token = browser.form_token("/audit")
    fake.replies["POST", "/v1/queries:search"] = problem(
        403, "queries.two-persons", "须两人签署", "two persons"
    )
    refused = browser.post("/audit/search", asked(_token=token, word="a\r\nb"))
    assert refused.status == 403
    assert "须两人签署" in refused.body.decode()
    assert "<pre>a\nb\n</pre>" in refused.body.decode()


def test_what_lacks_is_said_before_anything_is_asked() -> None:
    fake = auditor()
    browser = signed_in(fake)
    token = browser.form_token("/audit")
    for lacking in ({"code": "", "name": ""}, {"authorisation": ""}, {"other": ""}):
        answer = browser.post("/audit/word", asked(_token=token) | lacking)
        assert answer.status == 422
        assert "请填写" in answer.body.decode()


def test_what_a_department_asked_is_for_one_person_who_is_named() -> None:
    fake = auditor()
    browser = signed_in(fake)
    token = browser.form_token("/audit")
    fake.replies["POST", "/v1/queries:search"] = {"queries": []}
    found = browser.post("/audit/department", {"_token": token, "department": "财政局"})
    assert fake.asked[-1].said == {"department": "财政局", "by": ["王五"]}
    assert "没有查询记录" in found.body.decode()
    fake.replies["POST", "/v1/queries:search"] = problem(
        409, "queries.behind", "查询日志不完整", "behind"
    )
    refused = browser.post("/audit/department", {"_token": token, "department": "财政局"})
    assert refused.status == 409
    assert "查询日志不完整" in refused.body.decode()


def test_names_from_elsewhere_are_text() -> None:
    fake = auditor(status(log(EVIL, EVIL, cosignatures=[EVIL]), log(EVIL, "forked")))
    fake.replies["POST", "/v1/queries:search"] = {
        "queries": [question(department=EVIL, matter=EVIL, case_no=EVIL, action=EVIL, kind=EVIL)]
    }
    browser = signed_in(fake)
    assert EVIL not in body(browser, "/audit")
    evil = asked(_token=browser.form_token("/audit"), name=EVIL, other=EVIL)
    for target in ("/audit/word", "/audit/search"):
        answer = browser.post(target, evil | {"word": EVIL})
        assert answer.status == 200
        assert EVIL not in answer.body.decode()
