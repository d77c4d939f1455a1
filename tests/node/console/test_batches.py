"""Batches of checks in the console: pasted or handed in, answered, and kept as a file.

Covers node/console/pages/batches.py, node/console/batch_work.py, node/console/texts/batches.py,
node/documents/workbooks.py.
"""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any, Final

import pytest
from openpyxl import load_workbook

from federation.screening.batches import ROWS_AT_ONCE, ROWS_READ
from federation.screening.checks import Result
from federation.screening.roles import Role
from node.console.forms import FIELD_MAX
from node.console.pages.batches import FILE_MAX, decoded, rows_of
from node.console.texts.batches import TEXTS
from tests.support.console import Browser, FakeNode, problem, signed_in

EVIL: Final = '=HYPERLINK("<script>")'
NUMBER: Final = "510500-20261130-adc171ca7891"
CODE: Final = "91510502YY90000083"
TYPED: Final = {
    "matter": "funds",
    "purpose": "joint-punishment",
    "case_no": "ZJ-1",
    "request_id": "r1",
}


def row(at: int, result: str, **changed: Any) -> dict[str, Any]:
    return {
        "row": at,
        "result": result,
        "number": "",
        "matches": [],
        "notes": [],
        "codes": [],
        "superseded": [],
        "normalised": [],
    } | changed


def node(*others: dict[str, Any], **changed: Any) -> FakeNode:
    moment = {"at": 1_795_971_723, "complete": True, "coverage": []}
    answer = {
        "number": NUMBER,
        "as_of": moment,
        "closed": moment | {"coverage": [{"name": "自贡", "state": "stale"}]},
        "rows": 3,
        "clear": 1,
        "matches": 1,
        "insufficient": 1,
        "refused": 0,
        "others": list(others),
    } | changed
    return FakeNode(
        replies={
            ("GET", "/v1/matters"): {"matters": [{"code": "funds", "name": "政府资金支持"}]},
            ("POST", "/v1/checks:batch"): answer,
        },
        account={"matters": ["funds"], "purposes": ["joint-punishment"]},
    )


def sent(
    browser: Browser,
    target: str,
    fields: list[tuple[str, str]],
    file: bytes | None = None,
    name: str = "t.csv",
) -> Any:
    said = [("_token", browser.form_token("/no-such-page")), *fields]
    body = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in said
    )
    if file is not None:
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        body += f"{head}Content-Type: text/csv\r\n\r\n".encode() + file + b"\r\n"
    return browser.post_body(target, body + b"--x--\r\n", "multipart/form-data; boundary=x")


def asked(fake: FakeNode) -> Any:
    return next(one for one in reversed(fake.asked) if one.path == "/v1/checks:batch").said


MATCH: Final = row(
    2,
    "match",
    number=NUMBER,
    matches=[{"list_name": "拖欠农民工工资名单", "measures": [{"name": "限制资金支持"}]}],
)
ODD: Final = row(3, "insufficient", codes=[{"code": "identity.code-check-digit", "said": []}])


@pytest.mark.parametrize(
    "text",
    [
        f"统一社会信用代码\t名称\r\n{CODE}\t甲 公司\r\n\r\nX\t乙\tZ",
        f'{CODE},"甲 公司"\nX,乙',
        f"code，name\n{CODE}，甲 公司\nX，乙",
        f"{CODE} 甲 公司\nX 乙",
        f"统一社会信用代码,名称\r{CODE},甲 公司\rX,乙\r",
    ],
)
def test_rows_are_read_as_people_paste_them(text: str) -> None:
    assert rows_of(text) == [{"code": CODE, "name": "甲 公司"}, {"code": "X", "name": "乙"}]


def test_a_row_without_a_name_stays_a_row() -> None:
    assert rows_of("X\nY") == [{"code": "X", "name": ""}, {"code": "Y", "name": ""}]
    assert rows_of("\n \n") == []


def test_a_line_without_end_is_a_row_for_the_node_to_refuse() -> None:
    (row,) = rows_of(f"{CODE},{'甲' * 140_000}")
    assert (row["code"], len(row["name"])) == (CODE, 140_000)


def test_tables_are_read_in_utf_8_and_as_spreadsheets_in_china_write_them() -> None:
    assert decoded("甲".encode("gb18030")) == decoded("\ufeff甲".encode()) == "甲"
    assert decoded(b"\xff\xff") == ""


def test_what_is_not_clear_is_told_one_by_one_matches_first() -> None:
    fake = node(ODD, MATCH)
    browser = signed_in(fake)
    rows = f"{CODE} 甲\n{CODE} 乙\n{CODE} {EVIL}"
    page = sent(browser, "/batches", [*TYPED.items(), ("rows", rows)]).body.decode()
    assert asked(fake) == TYPED | {
        "rows": [{"code": CODE, "name": name} for name in ("甲", "乙", EVIL)]
    }
    told = page.partition("须逐个看的")[2]
    assert told.index("限制资金支持") < told.index("代码校验位不对")
    assert "<h2>未发现</h2><b>1</b>" in page
    for text in ("ZJ-1", "有日志没有查到", "自贡", f'href="/checks/{NUMBER}"', "查看并反馈"):
        assert text in page
    assert "<script>" not in page
    assert not any(CODE in value for one in fake.asked for value in one.query.values())


def test_the_file_has_every_row_with_its_result_and_nothing_that_calculates() -> None:
    browser = signed_in(node(MATCH, ODD))
    rows = f"{CODE} 甲\n{CODE} 乙\n{CODE} {EVIL}"
    page = sent(browser, "/batches", [*TYPED.items(), ("rows", rows)]).body.decode()
    tables = re.findall(r'name="table" value="(.*?)">', page, re.DOTALL)
    kept = sent(browser, "/batches/result.csv", [("table", unescape(one)) for one in tables])
    assert 'filename="result.csv"' in kept.headers["content-disposition"]
    head, first, second, third = csv.reader(io.StringIO(kept.body.decode("utf-8-sig")))
    assert head[:4] == ["行", "统一社会信用代码", "主体全称", "结果"]
    assert first == ["1", CODE, "甲", "未发现", "", "", "", ""]
    assert second[3:7] == ["命中，按措施办理", NUMBER, "拖欠农民工工资名单", "限制资金支持"]
    assert (third[2], third[3]) == (f"'{EVIL}", "无法判定，不得据此限制")


def test_a_long_table_goes_back_and_forth_in_parts() -> None:
    browser = signed_in(node())
    rows = "\n".join(f"{CODE} {'名' * 40}{at}" for at in range(ROWS_AT_ONCE))
    page = sent(browser, "/batches", list(TYPED.items()), rows.encode()).body.decode()
    tables = re.findall(r'name="table" value="(.*?)">', page, re.DOTALL)
    assert len(tables) > 1
    assert all(len(one.encode()) <= FIELD_MAX for one in tables)
    kept = sent(browser, "/batches/result.csv", [("table", unescape(one)) for one in tables])
    assert len(list(csv.reader(io.StringIO(kept.body.decode("utf-8-sig"))))) == ROWS_AT_ONCE + 1


UNMEASURED: Final = row(
    1, "match", number=NUMBER, matches=[{"list_name": "严重违法名单", "measures": []}]
)


def test_who_is_listed_without_a_measure_stands_apart_and_is_nowhere_a_bare_match() -> None:
    """A row that is passed on by itself must not read as if its subject could be restricted."""
    fake = node(UNMEASURED, MATCH, ODD, clear=0, matches=2)
    browser = signed_in(fake)
    rows = f"{CODE} 甲\n{CODE} 乙\n{CODE} 丙"
    page = sent(browser, "/batches", [*TYPED.items(), ("rows", rows)]).body.decode()
    looked_at, _, apart = page.partition("<h2>有列入记录，但不得据此限制</h2>")
    assert "限制资金支持" in looked_at.partition("<h2>须逐个看的</h2>")[2]
    assert "严重违法名单" not in looked_at.partition("<h2>须逐个看的</h2>")[2]
    assert "严重违法名单" in apart
    assert "限制资金支持" not in apart
    for text in (
        "<h2>命中，按措施办理</h2><b>1</b>",
        "<h2>列入，无措施，不得据此限制</h2><b>1</b>",
    ):
        assert text in page
    assert "其余都是未发现" not in page
    tables = re.findall(r'name="table" value="(.*?)">', page, re.DOTALL)
    kept = sent(browser, "/batches/result.csv", [("table", unescape(one)) for one in tables])
    _, first, *_ = csv.reader(io.StringIO(kept.body.decode("utf-8-sig")))
    assert first[3:7] == [
        "列入，无措施，不得据此限制",
        NUMBER,
        "严重违法名单",
        "不得据此限制",
    ]


@pytest.mark.parametrize(
    ("rows", "file", "said"),
    [
        ("", None, "没有读到主体"),
        ("X\n" * (ROWS_READ + 1), None, "一次至多 20000 行"),
        ("", b"a" * (FILE_MAX + 1), "文件过大"),
    ],
)
def test_what_is_no_batch_is_not_asked(rows: str, file: bytes | None, said: str) -> None:
    fake = node()
    answer = sent(signed_in(fake), "/batches", [*TYPED.items(), ("rows", rows)], file)
    assert (answer.status, said in answer.body.decode()) == (422, True)
    assert not any(one.path == "/v1/checks:batch" for one in fake.asked)


def test_a_refusal_keeps_what_was_typed_and_its_request() -> None:
    fake = node()
    fake.replies["POST", "/v1/checks:batch"] = problem(429, "access.budget", "上限已满", "b")
    answer = sent(signed_in(fake), "/batches", [*TYPED.items(), ("rows", "X 甲")])
    page = answer.body.decode()
    assert all(text in page for text in ("上限已满", "X 甲", 'value="r1"', "ZJ-1"))


def test_who_may_not_ask_is_told_whom_to_ask() -> None:
    fake = FakeNode(
        roles=(Role.DEPARTMENT,),
        replies={("GET", "/v1/matters"): {"matters": []}},
        account={"purposes": []},
    )
    page = signed_in(fake).get("/batches").body.decode()
    assert "联系本市安全管理员" in page
    assert "<textarea" not in page


def test_every_result_has_its_words() -> None:
    assert {f"result.{one}" for one in (*Result, "refused")} <= set(TEXTS)


@pytest.mark.parametrize("name", ["名单.xlsx", "t.XLS"])
def test_a_workbook_is_read_by_the_node_and_asked_as_it_was_read(name: str) -> None:
    """Also where a cell has what divides lines or cells of pasted text."""
    fake = node()
    rows = [{"code": CODE, "name": "甲\n公司\t（演示）"}]
    fake.replies["POST", "/v1/subjects:read"] = {"rows": rows, "faults": []}
    answer = sent(signed_in(fake), "/batches", [*TYPED.items()], b"PK", name)
    assert answer.status == 200
    read, batch = fake.asked[-2:]
    assert (read.path, read.body) == ("/v1/subjects:read", b"PK")
    assert batch.said == TYPED | {"rows": rows}


def test_a_workbook_that_cannot_be_read_is_not_asked_about() -> None:
    fake = node()
    fault = {"row": 7, "code": "cell.formula", "message": EVIL}
    fake.replies["POST", "/v1/subjects:read"] = {"rows": [], "faults": [fault]}
    answer = sent(signed_in(fake), "/batches", [*TYPED.items()], b"PK", "t.xlsx")
    assert (answer.status, "改正后重试：7" in answer.body.decode()) == (422, True)
    fake.replies["POST", "/v1/subjects:read"] = problem(422, "header.missing", "缺列", "none")
    answer = sent(signed_in(fake), "/batches", [*TYPED.items()], b"PK", "t.xlsx")
    assert (answer.status, "缺列" in answer.body.decode()) == (422, True)
    assert not any(one.path == "/v1/checks:batch" for one in fake.asked)


def begun(fake: FakeNode) -> Browser:
    """A browser in which a batch of two and a half parts was begun."""
    browser = signed_in(fake)
    count = 2 * ROWS_AT_ONCE + ROWS_AT_ONCE // 2
    rows = "\n".join(f"{CODE} 企业{at}" for at in range(1, count + 1))
    answer = sent(browser, "/batches", list(TYPED.items()), rows.encode())
    assert (answer.status, answer.headers["location"]) == (303, "/batches/parts")
    return browser


def step(browser: Browser) -> str:
    token = browser.form_token("/batches/parts")
    assert browser.post("/batches/parts/next", {"_token": token}).status == 303
    return browser.get("/batches/parts").body.decode()


def parts(fake: FakeNode) -> list[Any]:
    return [one.said for one in fake.asked if one.path == "/v1/checks:batch"]


def test_more_rows_are_asked_part_by_part_and_the_page_says_how_far() -> None:
    fake = node(MATCH)
    browser = begun(fake)
    page = browser.get("/batches/parts").body.decode()
    assert 'hx-trigger="load' in page
    assert '<progress max="2500" value="0"' in page
    assert not parts(fake)
    page = step(browser)
    assert '<progress max="2500" value="1000"' in page
    assert "result.xlsx" not in page
    step(browser)
    page = step(browser)
    assert "<progress" not in page
    assert "hx-trigger" not in page
    asked_parts = parts(fake)
    assert [len(one["rows"]) for one in asked_parts] == [1000, 1000, 500]
    assert len({one["request_id"] for one in asked_parts}) == 3
    assert asked_parts[1]["rows"][0] == {"code": CODE, "name": "企业1001"}
    for text in ("企业2", "企业1002", "企业2002", "<b>3</b>"):
        assert text in page
    step(browser)
    assert len(parts(fake)) == 3


def test_the_workbook_has_every_row_of_all_parts() -> None:
    browser = begun(node(MATCH))
    for _ in range(3):
        step(browser)
    kept = browser.get("/batches/parts/result.xlsx")
    assert 'filename="result.xlsx"' in kept.headers["content-disposition"]
    lines = workbook_lines(browser)
    assert len(lines) == 2501
    assert lines[0][:4] == ("行", "统一社会信用代码", "主体全称", "结果")
    assert lines[1002][:5] == ("1002", CODE, "企业1002", "命中，按措施办理", NUMBER)
    assert lines[2500][:4] == ("2500", CODE, "企业2500", "未发现")


def test_a_part_that_is_refused_stops_it_and_is_asked_again_as_the_same() -> None:
    fake = node()
    browser = begun(fake)
    step(browser)
    answered = fake.replies["POST", "/v1/checks:batch"]
    fake.replies["POST", "/v1/checks:batch"] = problem(429, "access.budget", "上限已满", "b")
    page = step(browser)
    assert ("上限已满" in page, "hx-trigger" in page) == (True, False)
    assert len(list(workbook_lines(browser))) == ROWS_AT_ONCE + 1
    fake.replies["POST", "/v1/checks:batch"] = answered
    page = step(browser)
    assert ("上限已满" in page, 'value="2000"' in page) == (False, True)
    asked_parts = parts(fake)
    assert asked_parts[1] == asked_parts[2]


def workbook_lines(browser: Browser) -> list[Any]:
    kept = browser.get("/batches/parts/result.xlsx").body
    (sheet,) = load_workbook(io.BytesIO(kept)).worksheets
    return list(sheet.values)[2:]


def test_what_is_asked_in_parts_is_the_sessions_own() -> None:
    fake = node()
    browser = begun(fake)
    assert "ZJ-1" in browser.get("/batches").body.decode()
    other = Browser(browser.app)
    other.sign_in("李六")
    assert "ZJ-1" not in other.get("/batches").body.decode()
    for path in ("/batches/parts", "/batches/parts/result.xlsx"):
        answer = other.get(path)
        assert (answer.status, answer.headers["location"]) == (303, "/batches")
    token = other.form_token("/batches")
    answer = other.post("/batches/parts/next", {"_token": token})
    assert answer.headers["location"] == "/batches"
