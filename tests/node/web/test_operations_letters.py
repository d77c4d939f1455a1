"""The register of letters over HTTP, and letters of acts with what the office gave them.

Covers node/web/operations_letters.py, node/web/letters.py.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from docx import Document
from huxin.v1 import cases_pb2, letters_pb2, requests_pb2

from tests.support.operated import Operated

ID = "4d1f0c7be12a3d4e6f8091a2b3c4d5e6"
RAW = bytes.fromhex(ID)
LETTER = {
    "kind": "decision",
    "about": ID,
    "number": "泸信办〔2026〕12号",
    "issuer": "泸州市信用办（演示）",
    "dated": 20261129,
    "numbered_here": True,
    "handled": [
        {"step": "prepared", "name": "王五", "unit": "甲", "post": "乙", "at": 1_795_000_000},
        {"step": "issued", "name": "李某", "unit": "甲", "post": "丙", "at": 1_795_000_000},
    ],
}
CASE = {
    "statement_id": ID,
    "origin": "510300.huxin.example/1",
    "city": "自贡",
    "list_type": "judgment-defaulter",
    "list_name": "失信被执行人",
    "subject_code": "91510300",
    "subject_name": "某公司（演示）",
    "authority": "法院（演示）",
    "authority_name": "法院（演示）",
    "document": "1",
    "decided_on": 20260105,
    "publish_until": 0,
    "question": "subject.name-differs",
    "decided": "use",
    "letter": f"{ID}-2",
    "history": [
        {"rule": "subject.name-differs", "verdict": "use", "reason": "已核对", "person": "张某"},
        {"rule": "subject.name-differs", "verdict": "reopen", "reason": "另有", "person": "张某"},
    ],
    "handled": [{"step": "prepared", "name": "张某", "unit": "", "post": "", "at": 1_795_000_000}],
}
SAID = json.dumps(LETTER, ensure_ascii=False)


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


@pytest.fixture
def world(threads: ThreadPoolExecutor) -> Operated:
    return Operated(threads)


def test_the_register_and_one_of_its_letters(world: Operated) -> None:
    page = letters_pb2.ListLettersResponse(letters_json=[SAID], next_page_token="7")
    world.node.answers = {
        "Letters/ListLetters": [page],
        "Letters/GetLetter": [letters_pb2.GetLetterResponse(json=SAID)],
    }
    assert world.get("/v1/letters?page_size=1").json() == {
        "letters": [LETTER],
        "next_page_token": "7",
    }
    assert world.get(f"/v1/letters/decision/{ID}-2").json() == LETTER
    assert world.node.asked[-1][2] == letters_pb2.GetLetterRequest(kind="decision", about=f"{ID}-2")


@pytest.mark.parametrize(
    "path", ["moon/7", "decision/91510500MAXA00000X", "notice/甲", "campaign/1234567"]
)
def test_nothing_that_could_be_a_subject_stands_in_a_path(world: Operated, path: str) -> None:
    assert world.get(f"/v1/letters/{path}").status == 404
    assert world.node.asked == []


def test_a_letter_is_issued_with_the_word_that_came(world: Operated) -> None:
    issued = letters_pb2.IssueLetterResponse(json=SAID)
    world.node.answers = {"Letters/IssueLetter": [issued]}
    said = {"person": "李某", "number": "泸信办〔2026〕12号", "note": "huxin/person/v1"}
    assert world.post("/v1/letters/campaign/7:issue", said).json() == LETTER
    assert world.node.asked[-1][2] == letters_pb2.IssueLetterRequest(
        kind="campaign", about="7", **said
    )
    world.post("/v1/letters/edition/national-lists-2024:issue", {"person": "李某"})
    assert world.node.asked[-1][2].number == ""


def test_the_letter_of_a_case_has_what_the_office_gave_it(world: Operated) -> None:
    found = cases_pb2.GetCaseResponse(json=json.dumps(CASE, ensure_ascii=False))
    world.node.answers = {
        "Cases/GetCase": [found],
        "Letters/GetLetter": [letters_pb2.GetLetterResponse(json=SAID)],
    }
    answer = world.get(f"/v1/cases/{ID}/letter")
    assert answer.status == 200
    assert world.node.asked[-1][2].about == f"{ID}-2"
    document = Document(io.BytesIO(answer.body))
    lines = [one.text for one in document.paragraphs]
    assert {"泸信办〔2026〕12号", "案件处理决定书", "2026年11月29日"} <= set(lines)
    cells = [[cell.text for cell in row.cells] for row in document.tables[-1].rows]
    assert [row[1] for row in cells] == ["姓名", "张某", "", "李某"]
    reasons = [row.cells[1].text for row in document.tables[0].rows]
    assert "已核对" in reasons
    assert "另有" not in reasons
    assert "失信被执行人（judgment-defaulter）" in reasons
    undecided = json.dumps(CASE | {"decided": ""})
    world.node.answers["Cases/GetCase"] = [cases_pb2.GetCaseResponse(json=undecided)]
    refused = world.get(f"/v1/cases/{ID}/letter")
    assert (refused.status, refused.json()["code"]) == (409, "letter.not-yet")


def test_the_letter_of_a_request_is_that_of_its_state(world: Operated) -> None:
    request = {
        "statement_id": ID,
        "number": "R-1",
        "type": "objection",
        "state": "received",
        "from": "自贡",
        "to": "泸州",
        "text": "认为有误\n已履行",
        "record": {
            "code": "91510300",
            "list_type": "x-1",
            "list_name": "x-1",
            "authority": "a",
            "document": "文1",
        },
        "listing": {"subject_name": "某公司（演示）", "authority_name": "法院（演示）"},
        "received_on": 20261102,
        "due": {"accept": None, "result": {"last": 20261202, "basis": "某规定"}},
        "answers": [],
    }
    world.node.answers = {"Letters/GetLetter": [letters_pb2.GetLetterResponse(json=SAID)]}
    for state, kind, title in (
        ("received", "forwarding", "异议转办单"),
        ("declined", "answer", "异议处理告知书"),
    ):
        found = json.dumps(request | {"state": state}, ensure_ascii=False)
        world.node.answers["Requests/GetRequest"] = [requests_pb2.GetRequestResponse(json=found)]
        answer = world.get(f"/v1/requests/{ID}/letter")
        assert answer.status == 200
        assert world.node.asked[-1][2].kind == kind
        lines = [one.text for one in Document(io.BytesIO(answer.body)).paragraphs]
        assert {title, "泸信办〔2026〕12号", "已履行"} <= set(lines)
