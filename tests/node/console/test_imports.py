"""Imports: tried first, published as the very bytes that were tried, faults as rows and a file.

Covers node/console/pages/imports.py, node/console/texts/imports.py, node/console/held_files.py.
"""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import pytest

from federation.screening.roles import Role
from node.console.held_files import SECONDS, HeldFiles
from tests.support.console import Asked, Browser, Clock, FakeNode, problem, signed_in

CSV = "案号,名称\r\n1,甲\r\n".encode()
EVIL = "=HYPERLINK(<script>)"


def result(**changed: Any) -> dict[str, Any]:
    return {
        "file": "b-1.csv",
        "rows": 2,
        "refused_rows": 1,
        "published": 1,
        "dry_run": True,
        "faults": {"identity.code-invalid": 1},
        "errors": [
            {
                "row": "3",
                "column": "代码",
                "code": "identity.code-invalid",
                "value": EVIL,
                "expected": "18 位",
                "message": "m",
            }
        ],
    } | changed


def node(answer: Any = None, **more: Any) -> FakeNode:
    return FakeNode(replies={("POST", "/v1/files:publish"): answer or result()}, **more)


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


def sent_last(asked: FakeNode) -> Asked:
    return [one for one in asked.asked if one.path == "/v1/files:publish"][-1]


def number_of(page: str) -> str:
    found: list[str] = re.findall(r'action="/imports/([0-9a-f]{32})/publish"', page)
    return found[0]


def test_a_file_is_tried_and_nothing_is_published() -> None:
    asked = node()
    shown = upload(signed_in(asked), list_type="judgment-defaulter").body.decode()
    sent = sent_last(asked)
    assert sent.query == {"kind": "list", "list_type": "judgment-defaulter", "dry_run": "true"}
    assert sent.body == CSV
    for text in ("还没有发布", "拒收行", "18 位"):
        assert text in shown
    assert EVIL not in shown


def test_what_was_tried_is_published_once_and_as_the_same_bytes() -> None:
    asked = node()
    browser = signed_in(asked)
    number = number_of(upload(browser).body.decode())
    said = {"_token": browser.form_token("/imports")}
    done = browser.post(f"/imports/{number}/publish", said)
    assert "已发布" in done.body.decode()
    assert sent_last(asked).query == {"kind": "list"}
    assert sent_last(asked).body == CSV
    again = browser.post(f"/imports/{number}/publish", said)
    assert again.status == 409
    assert "请重新检查" in again.body.decode()


def test_a_list_is_chosen_by_its_name_and_told_by_it() -> None:
    lists = [{"list_type": "judgment-defaulter", "name": "失信被执行人"}]
    asked = node(result(list_type="judgment-defaulter", kind="list", decisions={"listed": 7}))
    asked.replies["GET", "/v1/catalog"] = {"lists": lists, "trust_lists": [], "sources": []}
    browser = signed_in(asked)
    form = browser.get("/imports").body.decode()
    assert '<option value="judgment-defaulter">失信被执行人</option>' in form
    shown = upload(browser, list_type="judgment-defaulter").body.decode()
    assert "list.csv · 名单（列入） · 失信被执行人" in shown
    assert '<th scope="row">发布后：列入</th><td class="number">7</td>' in shown


def test_a_source_is_chosen_by_the_name_of_its_department() -> None:
    asked = node()
    lists = [{"list_type": "judgment-defaulter", "name": "失信被执行人"}]
    court = {
        "source": "court",
        "name": "泸州示例法院（演示）",
        "list_types": ["judgment-defaulter"],
    }
    reliefs = {"source": "desk", "name": EVIL, "list_types": []}
    catalog = {"lists": lists, "trust_lists": [], "sources": [court, reliefs]}
    asked.replies["GET", "/v1/catalog"] = catalog
    browser = signed_in(asked)
    form = browser.get("/imports").body.decode()
    assert '<option value="court">泸州示例法院（演示） · 失信被执行人</option>' in form
    assert EVIL not in form
    upload(browser, source="court")
    assert sent_last(asked).query["source"] == "court"
    asked.replies["GET", "/v1/catalog"] = catalog | {"sources": []}
    assert 'name="source"' not in browser.get("/imports").body.decode()


def test_which_list_is_meant_is_asked_in_the_words_of_the_page() -> None:
    refused = problem(409, "list.unnamed", "请用 --list 指明", "say --list")
    asked = node(refused)
    lists = [{"list_type": "judgment-defaulter", "name": "失信被执行人"}]
    asked.replies["GET", "/v1/catalog"] = {"lists": lists, "trust_lists": [], "sources": []}
    page = upload(signed_in(asked), list_type="judgment-defaulter").body.decode()
    assert "请选择名单类型" in page
    assert "--list" not in page
    assert '<option value="judgment-defaulter" selected>' in page


def test_what_will_want_two_persons_is_told_before_it_is_refused() -> None:
    asked = node(result(suspicions=["mapping.one-subject"]))
    assert "须两人确认后才能发布" in upload(signed_in(asked)).body.decode()
    refused = problem(409, "mapping.one-subject", "几乎都属同一主体", "one subject")
    assert "须两人确认后才能发布" in upload(signed_in(node(refused))).body.decode()
    assert "须两人确认后才能发布" not in upload(signed_in(node())).body.decode()


def test_where_no_row_is_at_fault_all_are_published() -> None:
    page = upload(signed_in(node(result(errors=[], faults={})))).body.decode()
    assert "<button>发布</button>" in page
    assert "错误的行不发布" not in page
    assert "<button>发布正确的行</button>" in upload(signed_in(node())).body.decode()


def test_nobody_else_publishes_it() -> None:
    asked = node()
    number = number_of(upload(signed_in(asked)).body.decode())
    other = signed_in(asked)
    said = {"_token": other.form_token("/imports")}
    assert other.post(f"/imports/{number}/publish", said).status == 409


def test_the_faults_are_a_file_in_which_nothing_calculates() -> None:
    browser = signed_in(node())
    said = {"_token": browser.form_token("/imports"), "rows": f'row,value\r\n3,"{EVIL}"\r\n'}
    made = browser.post("/imports/errors.csv", said)
    assert made.body.decode("utf-8-sig") == f"row,value\r\n3,'{EVIL}\r\n"
    for start in "=+-@＝＋－＠":
        made = browser.post("/imports/errors.csv", said | {"rows": f"row,value\r\n3,{start}1\r\n"})
        assert made.body.decode("utf-8-sig") == f"row,value\r\n3,'{start}1\r\n"


@pytest.mark.parametrize("name", ["list.exe", "list", ""])
def test_a_file_of_another_type_is_not_sent(name: str) -> None:
    asked = node()
    answer = upload(signed_in(asked), name=name)
    assert answer.status == 422
    assert all(one.path != "/v1/files:publish" for one in asked.asked)


def test_what_the_node_refuses_stands_above_the_form() -> None:
    refused = problem(422, "mapping.unknown", "没有映射", "no mapping")
    answer = upload(signed_in(node(refused)))
    assert answer.status == 422
    assert "没有映射" in answer.body.decode()


def test_who_may_not_publish_has_no_such_page() -> None:
    assert signed_in(node(roles=(Role.REVIEWER,))).get("/imports").status == 403


def test_held_files_are_bounded_belong_to_a_session_and_end() -> None:
    clock, numbers = Clock(), count(1)
    held = HeldFiles(lambda size: next(numbers).to_bytes(size, "big"), clock, most=10)
    first = held.hold("a", "n", "m", {}, b"12345678")
    second = held.hold("b", "n", "m", {}, b"1234")  # no room for both
    assert held.take(first, "a") is None
    assert held.take(second, "a") is None
    third = held.hold("b", "n", "m", {}, b"12")  # one of a session
    assert held.take(second, "b") is None
    clock.seconds += SECONDS + 1
    assert held.take(third, "b") is None
