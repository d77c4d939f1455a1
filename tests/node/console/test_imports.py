"""Imports: brought and tried, said by two persons on their own sessions, published once.

Covers node/console/pages/imports.py, node/console/import_columns.py, node/console/fault_list.py,
node/console/blank_tables.py, node/console/texts/imports.py.
"""

from __future__ import annotations

import re
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from adapters.files.annotations import read_annotations
from adapters.files.mapping import COMMENDED, FIELDS, PENALTY_FIELDS
from adapters.files.proposed_columns import TARGETS
from adapters.files.reliefs import ReliefContext, read_reliefs
from federation.ids import Date
from federation.screening.roles import Role
from node.console.blank_tables import HEADERS
from node.console.texts.imports import TEXTS
from tests.support.console import Asked, Browser, FakeNode, console, problem, signed_in

NUMBER = "4d1f0c7be12a3d4e6f8091a2b3c4d5e6"
AT = f"/v1/imports/{NUMBER}"
PAGE = f"/imports/{NUMBER}"
CSV = "案号,名称\r\n1,甲\r\n".encode()
EVIL = "=HYPERLINK(<script>)"
MAPPINGS = [
    {
        "mapping": "court-own",
        "list_type": "judgment-defaulter",
        "title": "法院自有表",
        "saved": True,
    },
    {"mapping": "court", "list_type": "judgment-defaulter", "title": "法院名单", "saved": False},
]
SOURCES = [
    {
        "source": "court",
        "name": "泸州示例法院（演示）",
        "list_types": ["judgment-defaulter"],
    },
    {"source": "desk", "name": EVIL, "list_types": []},
]
TEXT = "huxin/person/v1\n510500.huxin.example/1\nrows\n1790000000\n{}\n"


def word(*persons: str, **changed: Any) -> dict[str, Any]:
    return {
        "sort": "rows",
        "text": TEXT,
        "note": "",
        "says": ["one-subject"],
        "reason": "已核对",
        "persons": list(persons),
        "needed": 2 - len(persons),
        "signed": True,
    } | changed


AWAITED = {
    "word": "one-subject",
    "code": "mapping.one-subject",
    "rows": 20,
    "first": [3, 4],
    "stops": True,
}


def one(**changed: Any) -> dict[str, Any]:
    return {
        "import": NUMBER,
        "state": "tried",
        "at": 1_790_000_000,
        "until": 1_790_604_800,
        "by": "信用办（演示）",
        "file": "http-1.csv",
        "sha256": "ab" * 32,
        "called": "欠薪名单11月.csv",
        "person": "王五",
        "kind": "list",
        "list_type": "judgment-defaulter",
        "source": "court",
        "mapping": "",
        "own_mapping": False,
        "full_snapshot": False,
        "rows": 2,
        "returned": {},
        "result": {
            "rows": 2,
            "refused_rows": 1,
            "published": 0,
            "dry_run": True,
            "faults": {"identity.code-invalid": 1},
            "decisions": {"listed": 7},
        },
        "errors": [
            {
                "row": "3",
                "column": "代码",
                "code": "identity.code-invalid",
                "value": EVIL,
                "expected": "18 位统一社会信用代码 / a unified social credit code",
                "message": "m",
            }
        ],
        "fault": {},
        "awaited": [],
        "words": [],
        "mapping_text": "",
        "mapping_columns": [],
    } | changed


def node(answer: Any = None, **more: Any) -> FakeNode:
    lists = [{"list_type": "judgment-defaulter", "name": "失信被执行人"}]
    found = answer if answer is not None else one()
    return FakeNode(
        replies={
            ("POST", "/v1/imports"): found,
            ("GET", "/v1/imports"): {"imports": [found] if isinstance(found, dict) else []},
            ("GET", AT): found,
            ("GET", "/v1/catalog"): {"lists": lists, "trust_lists": [], "sources": SOURCES},
            ("GET", "/v1/mappings"): {"mappings": MAPPINGS},
        },
        **more,
    )


def upload(browser: Browser, content: bytes = CSV, name: str = "list.csv", **fields: str) -> Any:
    token = browser.form_token("/imports")
    parts = [("_token", token), ("kind", "list"), *fields.items()]
    body = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in parts
    )
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    body += f"{head}Content-Type: text/csv\r\n\r\n".encode() + content + b"\r\n--x--\r\n"
    return browser.post_body("/imports/try", body, "multipart/form-data; boundary=x")


def shown(answer: Any = None, **more: Any) -> str:
    return signed_in(node(answer, **more)).get(PAGE).body.decode()


def posted(asked: FakeNode, verb: str, answer: Any, fields: dict[str, str]) -> tuple[Any, Asked]:
    """Send a form of the page; what came, and what was asked of the node."""
    asked.replies["POST", f"{AT}:{verb}"] = answer
    browser = signed_in(asked)
    route = {"word": "word", "say": "say", "map": "map"}.get(verb, verb)
    came = browser.post(f"{PAGE}/{route}", fields | {"_token": browser.form_token("/imports")})
    sent = [one for one in asked.asked if one.path == f"{AT}:{verb}"]
    return came, sent[-1]


def test_the_list_says_which_file_who_brought_it_when_how_many_rows_and_how_far_it_is() -> None:
    other = one(called="", person="", by=f"交易中心（演示）{EVIL}", state="published", rows=12345)
    fake = node(one(at=1_795_972_996, called=f"欠薪{EVIL}.csv"))
    fake.replies["GET", "/v1/imports"]["imports"].append(other)
    page = signed_in(fake).get("/imports").body.decode()
    assert EVIL not in page
    rows = page.partition("<h2>")[2].partition("<tbody>")[2].split("</tr>")
    for told, row in (
        (("没有文件名", "交易中心（演示）", "12,345", "已发布"), rows[0]),
        (("欠薪", ".csv", "王五", "2026-11-30 01:23", "失信被执行人"), rows[1]),
    ):
        for text in told:
            assert text in row, text


def test_what_a_file_is_called_is_told_in_a_body_and_looked_for_there() -> None:
    fake = node()
    fake.replies["POST", f"{AT}:name"] = one()
    browser = signed_in(fake)
    assert upload(browser, name="欠薪名单11月.csv").status == 303
    (named,) = (asked for asked in fake.asked if asked.path == f"{AT}:name")
    assert named.said == {"called": "欠薪名单11月.csv"}
    others = [one(called=called) for called in ("欠薪名单11月.csv", "Court-List.CSV")]
    fake.replies["GET", "/v1/imports"] = {"imports": others}
    token = browser.form_token("/imports")
    found = browser.post("/imports/find", {"_token": token, "sought": "list.csv"}).body.decode()
    assert ("Court-List.CSV" in found, "欠薪名单11月.csv" in found) == (True, False)
    none = browser.post("/imports/find", {"_token": token, "sought": "无"}).body.decode()
    assert "没有这个名字的文件" in none
    assert "看全部" in none


def test_mappings_are_chosen_by_name_those_saved_here_first() -> None:
    browser = signed_in(node())
    page = browser.get("/imports").body.decode()
    told = (
        "按数源部门的配置",
        "本节点保存的",
        "法院自有表 · court-own",
        "程序自带的",
        "法院名单 · court",
    )
    assert sorted(told, key=page.index) == list(told)
    fake = node(problem(422, "mapping.unknown", "没有映射", "no mapping"))
    again = upload(signed_in(fake), mapping="court-own").body.decode()
    assert '<option value="court-own" selected>' in again


def test_a_file_is_brought_and_its_page_says_what_would_happen() -> None:
    asked = node()
    came = upload(signed_in(asked), list_type="judgment-defaulter", mapping="court-own")
    assert (came.status, came.headers["location"]) == (303, PAGE)
    sent = next(x for x in asked.asked if (x.method, x.path) == ("POST", "/v1/imports"))
    expected = {"kind": "list", "list_type": "judgment-defaulter", "mapping": "court-own"}
    assert (sent.query, sent.body) == (expected, CSV)
    page = shown()
    for text in ("还没有发布", "拒收行", "18 位统一社会信用代码", "名单（列入） · 失信被执行人"):
        assert text in page
    assert '<th scope="row">发布后：列入</th><td class="number">7</td>' in page
    assert EVIL not in page
    assert "<button>发布正确的行</button>" in page


def test_a_source_is_chosen_by_the_name_of_its_department() -> None:
    asked = node()
    browser = signed_in(asked)
    form = browser.get("/imports").body.decode()
    assert '<option value="court">泸州示例法院（演示） · 失信被执行人</option>' in form
    assert EVIL not in form
    upload(browser, source="court")
    sent = next(x for x in asked.asked if (x.method, x.path) == ("POST", "/v1/imports"))
    assert sent.query["source"] == "court"
    asked.replies["GET", "/v1/catalog"] = {"lists": [], "trust_lists": [], "sources": []}
    assert 'name="source"' not in browser.get("/imports").body.decode()


def test_where_no_row_is_at_fault_all_are_published() -> None:
    page = shown(one(errors=[], result={"rows": 1}))
    assert "<button>发布</button>" in page
    assert "错误的行不发布" not in page


def test_it_is_published_under_a_number_of_its_own() -> None:
    came, sent = posted(node(), "publish", one(state="published"), {})
    assert came.headers["location"] == f"{PAGE}?done=published"
    assert re.fullmatch("[0-9a-f]{32}", sent.said["request_id"])
    page = shown(one(state="published"))
    assert "<h1>已发布</h1>" in page
    assert "/publish" not in page


def test_which_list_is_meant_is_asked_in_the_words_of_the_page() -> None:
    asked = node(problem(409, "list.unnamed", "请用 --list 指明", "say --list"))
    page = upload(signed_in(asked), list_type="judgment-defaulter").body.decode()
    assert "请选择名单类型" in page
    assert "--list" not in page
    assert '<option value="judgment-defaulter" selected>' in page


def test_what_two_persons_must_say_is_ticked_with_a_reason() -> None:
    page = shown(one(awaited=[AWAITED]))
    for text in ("几乎各行确属同一主体", "20 行", "如第 3、4 行", "须两人确认后才能发布"):
        assert text in page
    assert f'action="{PAGE}/publish"' not in page
    fields = {"sort": "rows", "says": "one-subject", "reason": "已核对"}
    came, sent = posted(node(), "word", one(), fields)
    assert came.headers["location"] == f"{PAGE}?done=begun"
    assert sent.said == {"sort": "rows", "says": ["one-subject"], "reason": "已核对"}
    for missing in ("says", "reason"):
        asked = node(one(awaited=[AWAITED]))
        browser = signed_in(asked)
        token = {"_token": browser.form_token("/imports")}
        rest = {key: value for key, value in fields.items() if key != missing}
        assert browser.post(f"{PAGE}/word", rest | token).status == 422
        assert all(not x.path.endswith(":word") for x in asked.asked)


def test_rows_that_only_wait_do_not_stop_the_others() -> None:
    held = AWAITED | {"word": "two-records", "code": "feed.relieved-row", "stops": False}
    page = shown(one(awaited=[held]))
    assert "其余照发" in page
    assert f'action="{PAGE}/publish"' in page


def test_cn10_the_bytes_to_sign_are_shown_and_downloaded_as_they_are() -> None:
    waits = one(state="waits", words=[word()])
    page = shown(waits)
    assert TEXT in page
    named = "huxin sign text '名单各行待签原文.note' '名单各行待签原文.txt' --key own.key"
    assert named in unescape(page)
    assert f'action="{PAGE}/publish"' not in page
    browser = signed_in(node(waits))
    assert browser.get(f"{PAGE}/sign/rows.txt").body.decode() == TEXT
    first = one(state="waits", words=[word("张某", note="signed")])
    browser = signed_in(node(first))
    assert browser.get(f"{PAGE}/sign/rows.note").body == b"signed"
    assert browser.get(f"{PAGE}/sign/mapping.txt").status == 404


def test_who_is_to_say_it_may_send_it_back_and_says_why() -> None:
    waits = one(state="waits", words=[word("李某")])
    assert f'action="{PAGE}/refuse"' in shown(waits)
    fields = {"sort": "rows", "refusal": " 与原件不符 "}
    asked = node(waits)
    asked.replies["POST", f"{AT}:say"] = one()
    browser = signed_in(asked)
    token = {"_token": browser.form_token("/imports")}
    came = browser.post(f"{PAGE}/refuse", fields | token)
    assert came.headers["location"] == f"{PAGE}?done=returned"
    (sent,) = [each for each in asked.asked if each.path == f"{AT}:say"]
    assert sent.said == {"sort": "rows", "person": "王五", "refusal": "与原件不符"}
    answer = browser.post(f"{PAGE}/refuse", {"sort": "rows", "refusal": " "} | token)
    assert answer.status == 422
    assert TEXTS["unsaid"][0] in answer.body.decode()
    back = {"sort": "rows", "person": "李某", "reason": EVIL}
    page = shown(one(state="returned", returned=back))
    assert "李某 已退回" in page
    assert EVIL not in page


def test_each_says_it_as_oneself_and_once() -> None:
    came, sent = posted(node(), "say", one(), {"sort": "rows", "note": "a\r\nb", "person": "李某"})
    assert came.headers["location"] == f"{PAGE}?done=said"
    assert sent.said == {"sort": "rows", "person": "王五", "note": "a\nb\n"}
    plain = shown(one(state="waits", words=[word() | {"signed": False}]))
    digest = sha256(TEXT.encode()).hexdigest()
    assert f'name="shown" value="{digest}"' in plain
    _, sent = posted(node(), "say", one(), {"sort": "rows", "shown": digest})
    assert sent.said == {"sort": "rows", "person": "王五", "shown": digest}
    page = shown(one(state="waits", words=[word("王五")]))
    assert "您已确认" in page
    assert f'action="{PAGE}/say"' not in page
    second = shown(one(state="waits", words=[word("张某")]))
    assert "已确认：张某" in second
    assert f'action="{PAGE}/say"' in second
    assert "收回" not in second


def test_where_no_person_has_a_key_it_is_said_with_the_account() -> None:
    page = shown(one(state="waits", words=[word(signed=False)]))
    assert "<button>我已核实，确认</button>" in page
    assert TEXT not in page


def test_the_second_person_finds_it_and_may_nothing_else() -> None:
    waits = one(state="waits", words=[word("张某")], awaited=[AWAITED])
    reviewer = signed_in(node(waits, roles=(Role.REVIEWER,)))
    page = reviewer.get("/imports").body.decode()
    assert "等您确认" in page
    assert 'type="file"' not in page
    page = reviewer.get(PAGE).body.decode()
    assert f'action="{PAGE}/say"' in page
    for verb in ("publish", "drop", "word"):
        assert f'action="{PAGE}/{verb}"' not in page
    said = signed_in(node(one(state="waits", words=[word("王五")]))).get("/imports").body.decode()
    assert "等您确认" not in said


def test_what_was_begun_is_taken_back_while_nobody_said_it() -> None:
    page = shown(one(state="waits", words=[word()]))
    assert "收回，重新勾选" in page
    came, sent = posted(node(), "word", one(), {"back": "1"})
    assert came.headers["location"] == f"{PAGE}?done=back"
    assert sent.said == {"sort": "rows"}


def test_what_the_node_refuses_stands_on_the_page() -> None:
    refused = problem(409, "import.said-before", "此人已确认过", "said before")
    came, _ = posted(node(), "say", refused, {"sort": "rows", "note": "x"})
    assert came.status == 409
    assert "此人已确认过" in came.body.decode()
    refused = problem(422, "mapping.unknown", "没有映射", "no mapping")
    answer = upload(signed_in(node(refused)))
    assert answer.status == 422
    assert "没有映射" in answer.body.decode()


def test_the_faults_are_a_list_for_whoever_sent_the_file() -> None:
    asked = node()
    asked.replies["GET", f"{AT}/errors"] = (
        "row,column,code,value,expected,message\r\n"
        "10,,row.duplicate,'=1,一个值 / a value,与第 4 行重复 / the same as row 4\r\n"
    ).encode("utf-8-sig")
    came = signed_in(asked).get(f"{PAGE}/errors.csv")
    assert came.body.decode("utf-8-sig").splitlines() == [
        "行,列,所写,哪里不对,应为,说明,代码",
        "10,,'=1,与前面的行重复,一个值,与第 4 行重复,row.duplicate",
    ]
    named = came.headers["content-disposition"]
    assert 'filename="errors.csv"' in named
    assert quote("错误清单.csv") in named


def test_rows_that_other_cities_will_hold_are_told_before_they_are_published() -> None:
    waits = one()
    waits["result"] = waits["result"] | {"notices": {"notice.missing": 4, "code.normalised": 2}}
    page = shown(waits)
    assert "4 行 未写明事先告知日期" in page
    assert "各市收到后都待核" in page
    assert "code.normalised" not in page
    assert "各市收到后都待核" not in shown(one())


def test_what_nobody_can_read_is_said_whole() -> None:
    lacks = "表头缺少必需的列：“决定日期”。表头现有：甲、乙 / the header lacks a day"
    page = shown(
        one(state="columns", fault={"code": "header.missing", "message": lacks}, result={})
    )
    assert "“决定日期”。表头现有：甲、乙" in page


@pytest.mark.parametrize("name", ["list.exe", "list", ""])
def test_a_file_of_another_type_is_not_sent(name: str) -> None:
    asked = node()
    assert upload(signed_in(asked), name=name).status == 422
    assert all(x.method != "POST" or x.path != "/v1/imports" for x in asked.asked)


def test_what_was_tried_is_printed_for_who_approves_it() -> None:
    asked = node()
    asked.replies["GET", f"/v1/imports/{NUMBER}/approval"] = b"PK-form"
    browser = signed_in(asked)
    assert f"/imports/{NUMBER}/approval.docx" in browser.get(f"/imports/{NUMBER}").body.decode()
    assert browser.get(f"/imports/{NUMBER}/approval.docx").body == b"PK-form"
    del asked.replies["GET", f"/v1/imports/{NUMBER}/approval"]
    assert browser.get(f"/imports/{NUMBER}/approval.docx").status == 200


ROW = {
    "row": 2,
    "decision": "listed",
    "statement_id": "",
    "act_id": "",
    "name": EVIL,
    "code": "91510500YY9999999X",
    "scheme": "uscc",
    "list_type": "judgment-defaulter",
    "document": "",
    "listing_document": "",
    "decided_on": 20260105,
    "publish_until": 0,
}


def main(browser: Browser, path: str) -> str:
    page = browser.get(path).body.decode()
    return page.partition("<main")[2].partition("</main>")[0]


def test_who_is_in_its_rows_is_shown_by_the_page() -> None:
    decisions = {"listed": 60, "unchanged": 1}
    asked = node(one(result=one()["result"] | {"decisions": decisions}))
    browser = signed_in(asked)
    rows = {"import": NUMBER, "good": 61, "rows": [ROW], "next": 50}
    asked.replies["GET", f"{AT}/rows"] = rows
    assert f'href="{PAGE}/rows"' in browser.get(PAGE).body.decode()
    page = main(browser, f"{PAGE}/rows")
    assert "<script>" not in page
    for said in ("91510500YY9999999X", "2026-01-05", "无错误的 61 行"):
        assert said in page
    assert f'href="{PAGE}/rows?after=50"' in page
    assert '<option value="unchanged">' in page
    main(browser, f"{PAGE}/rows?after=50&decision=listed")
    sent = [x for x in asked.asked if x.path == f"{AT}/rows"][-1]
    assert sent.query == {"after": "50", "decision": "listed"}
    main(browser, f"{PAGE}/rows?after=x&decision=no")
    assert not [x for x in asked.asked if x.path == f"{AT}/rows"][-1].query
    other = ROW | {"decision": "held-other-name", "known": "泸州示例甲有限公司（演示）"}
    asked.replies["GET", f"{AT}/rows"] = rows | {"rows": [other]}
    held = main(browser, f"{PAGE}/rows")
    assert "名称与法人库不一致" in held
    assert "法人库中此代码为：泸州示例甲有限公司（演示）" in held
    asked.replies["GET", f"{AT}/rows"] = rows | {"rows": [], "next": 0}
    assert TEXTS["rows.none"][0] in main(browser, f"{PAGE}/rows")


@pytest.mark.parametrize("kind", ["list", "repair", "annotation"])
def test_what_was_published_leads_to_its_records(kind: str) -> None:
    listed, act = "0a" * 16, "0b" * 16
    asked = node(one(state="published", kind=kind, awaited=[]))
    row = ROW | {"statement_id": listed, "act_id": "" if kind == "list" else act}
    erased = ROW | {"statement_id": "0c" * 16, "name": "", "code": "", "row": 3}
    rows = {"import": NUMBER, "good": 2, "rows": [row, erased], "next": 0}
    asked.replies["GET", f"{AT}/rows"] = rows
    browser = signed_in(asked)
    assert TEXTS["rows.records"][0] in main(browser, PAGE)
    page = main(browser, f"{PAGE}/rows")
    assert f'href="/records/{listed}"' in page
    assert f'href="/records/{"0c" * 16}">{TEXTS["rows.record"][0]}' in page
    assert (f'href="/repairs/{act}"' in page) == (kind == "repair")


def test_a_comparison_has_no_rows_to_show() -> None:
    assert f'href="{PAGE}/rows"' not in shown(one(kind="comparison"))


def test_where_only_the_list_was_not_chosen_the_page_asks_for_nothing_else() -> None:
    fault = {"code": "list.unnamed", "message": "请用 --list 指明 / say --list"}
    page = main(signed_in(node(one(state="columns", fault=fault))), PAGE)
    assert TEXTS["unnamed.do"][0] in page
    for said in ("--list", "列未识别", f"{PAGE}/columns"):
        assert said not in page


def test_it_is_removed() -> None:
    asked = node()
    came, _ = posted(asked, "drop", {"import": NUMBER}, {})
    assert came.headers["location"] == "/imports?done=dropped"


def test_who_may_neither_publish_nor_vouch_has_no_such_page() -> None:
    assert signed_in(node(roles=(Role.AUDIT,))).get("/imports").status == 403


# ---------------------------------------------------------------------- columns

PROPOSED = {
    "import": NUMBER,
    "list_type": "judgment-defaulter",
    "title": "失信被执行人名单",
    "columns": [
        {
            "name": "单位<代码>",
            "target": "code",
            "why": "单元格为统一社会信用代码 / its cells are unified codes",
            "filled": 3,
            "samples": ["91510500MAYY000018"],
        },
        {"name": "负责人", "target": "persons", "why": "", "filled": 3, "samples": []},
    ],
    "targets": ["code", "name", "persons"],
    "text": "format: 1\nid: court-own\n",
    "lacking": ["name", "decided_on"],
}


def mapping(**changed: Any) -> FakeNode:
    unread = one(state="columns", fault={"code": "header.missing", "message": "m"}, result={})
    asked = node(unread | changed)
    asked.replies["POST", f"{AT}:propose"] = PROPOSED
    return asked


def test_a_file_whose_columns_nobody_knows_leads_to_them() -> None:
    browser = signed_in(mapping())
    page = browser.get(PAGE).body.decode()
    assert "看不懂文件的列" in page
    assert f'href="{PAGE}/columns"' in page
    page = browser.get(f"{PAGE}/columns").body.decode()
    assert "单位&lt;代码&gt;" in page
    assert '<option value="code" selected>统一社会信用代码</option>' in page
    assert "单元格为统一社会信用代码" in page
    assert "还没有一列是：主体名称、决定日期" in page
    assert "format: 1\nid: court-own" in page


def test_what_was_chosen_is_written_by_the_node() -> None:
    asked = mapping()
    browser = signed_in(asked)
    fields = {
        "_token": browser.form_token("/imports"),
        "list_type": "judgment-defaulter",
        "name": "court-own",
        "column.0": "单位<代码>",
        "target.0": "name",
        "column.1": "负责人",
        "target.1": "",
    }
    assert browser.post(f"{PAGE}/columns", fields).status == 200
    assert asked.asked[-2].said == {
        "list_type": "judgment-defaulter",
        "name": "court-own",
        "columns": {"单位<代码>": "name", "负责人": ""},
    }
    anew = {name: text for name, text in fields.items() if "." not in name}
    browser.post(f"{PAGE}/columns", anew)
    assert "columns" not in asked.asked[-2].said


def test_a_mapping_is_tried_and_what_is_wrong_with_it_stands_above_it() -> None:
    came, sent = posted(mapping(), "map", one(), {"text": "format: 1\r\nid: x\r\n"})
    assert came.headers["location"] == f"{PAGE}?done=mapped"
    assert sent.said == {"text": "format: 1\nid: x\n"}
    refused = problem(422, "mapping.invalid", "映射文件有误", "fields: expected")
    came, _ = posted(mapping(), "map", refused, {"text": "format: 2"})
    assert came.status == 422
    assert "映射文件有误" in came.body.decode()
    assert "format: 2" in came.body.decode()


def test_what_was_chosen_is_tried_without_a_look_at_its_text() -> None:
    chosen = {"column.0": "单位<代码>", "target.0": "code"}
    asked = mapping()
    came, sent = posted(asked, "map", one(), chosen)
    assert came.headers["location"] == f"{PAGE}?done=mapped"
    assert sent.said == {"text": PROPOSED["text"]}
    proposed = [x.said for x in asked.asked if x.path == f"{AT}:propose"]
    assert proposed == [{"columns": {"单位<代码>": "code"}}]


def test_two_persons_sign_the_mapping_before_it_publishes() -> None:
    page = shown(one(own_mapping=True, mapping="court-own", mapping_text="format: 1"))
    assert "请两人签署这份映射" in page
    assert f'action="{PAGE}/publish"' not in page
    came, sent = posted(node(), "word", one(), {"sort": "mapping"})
    assert (came.status, sent.said["sort"]) == (303, "mapping")


def test_everything_that_a_column_may_be_has_a_name() -> None:
    for target in {*FIELDS, *COMMENDED, *PENALTY_FIELDS, *TARGETS, ""}:
        zh, en = TEXTS[f"target.{target}"]
        assert zh
        assert en


def test_strangers_are_sent_to_the_sign_in_page() -> None:
    stranger = Browser(console(node()))
    assert stranger.get(PAGE).status == 303


def test_the_second_person_sees_how_each_column_is_read() -> None:
    columns = [{"name": "负责人<b>", "target": "persons"}, {"name": "案号", "target": "document"}]
    page = shown(
        one(own_mapping=True, mapping="court-own", mapping_text="id: x", mapping_columns=columns)
    )
    table = page.partition("文件各列这样读入")[2]
    assert "自然人（不读入）" in table
    assert "决定文书号" in table
    assert "<b>" not in table


@pytest.mark.parametrize("kind", sorted(HEADERS))
def test_a_blank_table_has_all_that_its_reader_asks_for(kind: str, tmp_path: Path) -> None:
    browser = signed_in(node())
    assert f'href="/imports/blank/{kind}"' in browser.get("/imports").body.decode()
    came = browser.get(f"/imports/blank/{kind}")
    path = tmp_path / "blank.csv"
    path.write_bytes(came.body)
    context = ReliefContext(authorities={"甲": "a"}, list_types={}, today=Date(20261120))
    read = read_annotations if kind == "annotation" else read_reliefs
    assert list(read(path, context)) == []
    assert tuple(came.body.decode("utf-8-sig").strip().split(",")) == HEADERS[kind]


@pytest.mark.parametrize(
    ("file", "asked", "query"),
    [
        ("blank.csv", "table", {}),
        ("example.csv", "table", {"filled": "true"}),
        ("blank.xlsx", "workbook", {}),
    ],
)
def test_each_list_of_the_program_has_a_blank_table(
    file: str, asked: str, query: dict[str, str]
) -> None:
    fake = node()
    fake.replies["GET", f"/v1/lists/judgment-defaulter/{asked}"] = b"made"
    browser = signed_in(fake)
    target = f"/imports/lists/judgment-defaulter/{file}"
    assert f'href="{target}"' in browser.get("/imports").body.decode()
    came = browser.get(target)
    assert (came.body, fake.asked[-1].query) == (b"made", query)
    assert f'filename="judgment-defaulter-{file}"' in came.headers["content-disposition"]
    for wrong in (f"/imports/lists/no-such-list/{file}", "/imports/lists/judgment-defaulter/x.csv"):
        assert browser.get(wrong).headers["location"] == "/imports"


def test_there_is_no_blank_table_of_a_list() -> None:
    assert signed_in(node()).get("/imports/blank/list").headers["location"] == "/imports"
