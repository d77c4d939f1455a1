"""Notices over HTTP: the list with its position, one, its letters, a reminder.

Covers node/web/operations_notices.py.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from docx import Document
from huxin.v1 import letters_pb2
from huxin.v1 import notices_pb2 as pb

from tests.support.operated import Operated

ID = "4d1f0c7be12a3d4e6f8091a2b3c4d5e6"
RAW = bytes.fromhex(ID)
NOTICE = {
    "statement_id": ID,
    "subject": {"scheme": "uscc", "code": "91510304", "name": "某公司（演示）"},
    "city": "宜宾",
    "list_type": "judgment-defaulter",
    "list_name": "失信被执行人名单",
    "authority": "511500-court",
    "authority_name": "某法院（演示）",
    "document": "1",
    "decided_on": 20260105,
    "publish_until": 20280105,
    "reason": "",
    "state": "active",
    "ended_by": None,
    "repair_possible": [],
}
NO_LETTER = {"number": "", "issuer": "", "dated": 0, "handled": []}
REGISTER = {"Letters/GetLetter": [letters_pb2.GetLetterResponse(json=json.dumps(NO_LETTER))]}
SAID = json.dumps(NOTICE, ensure_ascii=False)


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


@pytest.fixture
def world(threads: ThreadPoolExecutor) -> Operated:
    return Operated(threads)


def test_the_list_has_a_position_also_where_it_is_empty(world: Operated) -> None:
    world.node.answers = {"Notices/ListNotices": [pb.ListNoticesResponse(position="17")]}
    answer = world.get("/v1/notices?state=active&due=true&page_token=17&page_size=5")
    assert answer.json() == {"notices": [], "next_page_token": "", "position": "17"}
    assert world.node.asked[-1][2] == pb.ListNoticesRequest(
        state="active", due=True, page_token="17", page_size=5
    )
    assert world.get("/v1/notices?state=in-force").status == 400
    assert world.get("/v1/notices?code=91510304").status == 400


def test_one_with_its_letters(world: Operated) -> None:
    world.node.answers = {"Notices/GetNotice": [pb.GetNoticeResponse(json=SAID)], **REGISTER}
    assert world.get(f"/v1/notices/{ID}").json() == NOTICE
    for kind, title in (("", "属地通报函"), ("?kind=reminder", "失信提醒函")):
        answer = world.get(f"/v1/notices/{ID}/letter{kind}")
        assert answer.status == 200
        assert title in [one.text for one in Document(io.BytesIO(answer.body)).paragraphs]
    assert world.node.asked[-2][2] == pb.GetNoticeRequest(statement_id=RAW)


@pytest.mark.parametrize("state", ["repaired", "withdrawn", "expired", "masked", "paused"])
def test_no_letter_tells_a_subject_that_it_is_listed_once_it_is_not(
    world: Operated, state: str
) -> None:
    now = json.dumps(NOTICE | {"state": state}, ensure_ascii=False)
    world.node.answers = {"Notices/GetNotice": [pb.GetNoticeResponse(json=now)], **REGISTER}
    refused = world.get(f"/v1/notices/{ID}/letter?kind=reminder")
    assert (refused.status, refused.json()["code"]) == (409, "notice.not-due")
    assert world.get(f"/v1/notices/{ID}/letter").status == 200


def test_a_reminder_is_kept(world: Operated) -> None:
    answered = pb.RemindNoticesResponse(notices_json=[SAID])
    world.node.answers = {"Notices/RemindNotices": [answered]}
    answer = world.post(f"/v1/notices/{ID}:remind", {})
    assert answer.json() == NOTICE
    assert world.node.asked[-1][2] == pb.RemindNoticesRequest(statement_ids=[RAW])
