"""Letters of acts over HTTP: what each says, what it leaves out, what has none.

Covers node/web/operations_act_letters.py, node/relief/relief_letters.py,
node/recognition/recognition_letters.py, node/records/removal_forms.py,
node/campaigns/campaign_letters.py.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from docx import Document
from huxin.v1 import (
    access_pb2,
    admin_pb2,
    campaigns_pb2,
    catalogs_pb2,
    imports_pb2,
    letters_pb2,
    queries_pb2,
    recognition_pb2,
    registry_pb2,
    repairs_pb2,
    screening_pb2,
)

from tests.support.charters import make_member, make_terms, sign_all
from tests.support.operated import Operated

ID = "4d1f0c7be12a3d4e6f8091a2b3c4d5e6"
EVIL = "<w:t>甲</w:t>&"
AT = 1_795_000_000
LETTER = {
    "number": "泸信办〔2026〕12号",
    "issuer": "泸州市信用办（演示）",
    "dated": 20261129,
    "handled": [{"step": "issued", "name": "李某", "unit": "", "post": "", "at": AT}],
}
GIVEN = ("泸州市信用办（演示）", "泸信办〔2026〕12号", "2026年11月29日")


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


@pytest.fixture
def world(threads: ThreadPoolExecutor) -> Operated:
    made = Operated(threads)
    register = letters_pb2.GetLetterResponse(json=said(LETTER))
    made.node.answers = {"Letters/GetLetter": [register]}
    return made


def said(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)


def text_of(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def letter(world: Operated, target: str) -> str:
    answer = world.get(target)
    assert answer.status == 200, answer.body
    assert answer.headers["cache-control"] == "no-store"
    return text_of(answer.body)


def refused(world: Operated, target: str) -> tuple[int, str]:
    answer = world.get(target)
    return answer.status, answer.json()["code"]


def relief(**changed: Any) -> dict[str, Any]:
    return {
        "statement_id": ID,
        "origin": "510300.huxin.example/1",
        "city": "自贡",
        "kind": "repair",
        "about": "ab" * 16,
        "list_type": "luzhou-canteens",
        "list_name": "泸州市校园食堂失信名单",
        "subject_name": EVIL,
        "document": "修1号",
        "decided_on": 20261101,
        "deadline": {"last": 20261104, "basis": "某规定"},
        "over": False,
        "by_member": [
            {
                "member": "511500",
                "city": "宜宾",
                "received": {"by": AT},
                "applied": {"by": None},
                "executed": None,
                "verdict": "waits",
            }
        ],
    } | changed


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("repair", "信用修复结果函"),
        ("withdrawal", "撤销列入结果函"),
        ("masking", "屏蔽公示告知函"),
        ("pause", "暂停使用告知函"),
    ],
)
def test_a_relief_says_what_was_decided_and_how_far_it_is(
    world: Operated, kind: str, title: str
) -> None:
    world.node.answers["Repairs/GetRepair"] = [
        repairs_pb2.GetRepairResponse(json=said(relief(kind=kind)))
    ]
    made = letter(world, f"/v1/repairs/{ID}/letter")
    for words in (title, *GIVEN, EVIL, "修1号", "2026年11月4日（某规定）", "宜宾", "时间未证明"):
        assert words in made, words
    assert "泸州市校园食堂失信名单（luzhou-canteens）" in made, "a list of a region alone is named"


def test_a_relief_that_was_revoked_has_no_letter(world: Operated) -> None:
    over = repairs_pb2.GetRepairResponse(json=said(relief(over=True)))
    world.node.answers["Repairs/GetRepair"] = [over]
    assert refused(world, f"/v1/repairs/{ID}/letter") == (409, "letter.over")


def test_of_what_is_erased_no_name_stands_in_a_letter(world: Operated) -> None:
    bare = relief(subject_name="", deadline=None, by_member=[])
    world.node.answers["Repairs/GetRepair"] = [repairs_pb2.GetRepairResponse(json=said(bare))]
    made = letter(world, f"/v1/repairs/{ID}/letter")
    assert "（内容已删除）" in made
    assert "未知（目录无已确认的期限）" in made


def scenario(standing: str, **changed: Any) -> dict[str, Any]:
    own = {
        "region": "510500",
        "standing": standing,
        "statement_id": "cd" * 16,
        "authority_name": "泸州市信用办（演示）",
        "reason": "窗口调整" if standing != "accepted" else "",
        "conditions": "",
        "further": None,
        "decided_on": 20261101,
        "effective_on": 20261201,
        "valid_until": 0,
    }
    return {
        "scenario": ID,
        "title": "园区厂房租赁免押金",
        "city": "内江",
        "provider_name": "内江经开区（演示）",
        "incentives": [{"code": "a", "text": "免押金"}],
        "explained": {"zh": "注册地在内江", "en": ""},
        "own_region": "510500",
        "regions": [own | {"region": "511500", "standing": "accepted"}, own | changed],
    }


@pytest.mark.parametrize(
    ("standing", "title"),
    [
        ("accepted", "信用场景互认承诺函"),
        ("declined", "信用场景不予互认函"),
        ("suspended", "信用场景暂停互认函"),
        ("ended", "信用场景终止互认函"),
    ],
)
def test_what_this_region_says_of_a_scenario(world: Operated, standing: str, title: str) -> None:
    found = recognition_pb2.GetScenarioResponse(json=said(scenario(standing)))
    world.node.answers["Recognitions/GetScenario"] = [found]
    made = letter(world, f"/v1/scenarios/{ID}/letter")
    for words in (title, *GIVEN, "内江经开区（演示）：", "免押金", "注册地在内江", "cd" * 16):
        assert words in made, words
    assert ("窗口调整" in made) == (standing != "accepted")
    assert world.node.asked[-1][2].about == "cd" * 16


@pytest.mark.parametrize("standing", ["own", "none", "ask-again"])
def test_of_what_it_has_not_said_there_is_none(world: Operated, standing: str) -> None:
    found = recognition_pb2.GetScenarioResponse(json=said(scenario(standing)))
    world.node.answers["Recognitions/GetScenario"] = [found]
    assert refused(world, f"/v1/scenarios/{ID}/letter") == (409, "letter.not-yet")


def test_an_edition_in_force_with_its_lists_and_measures(world: Operated) -> None:
    catalog = {
        "editions": [
            {
                "edition": "peer-2026",
                "name": "补充目录",
                "layer": "city",
                "valid_from": 20260101,
                "valid_to": None,
                "adopted_at": AT,
                "handled": [{"step": "prepared", "name": "张某", "unit": "", "post": "", "at": 0}],
            }
        ],
        "lists": [
            {"name": "名单甲", "basis": "某规定", "editions": ["peer-2026"]},
            {"name": "名单乙", "basis": "另一规定", "editions": ["other-2026"]},
        ],
        "measures": [
            {"name": "措施甲", "basis": "某规定", "article": "第三条", "edition": "peer-2026"},
            {"name": "措施乙", "basis": "某规定", "article": "", "edition": "other-2026"},
        ],
    }
    shown = catalogs_pb2.ShowCatalogResponse(json=said(catalog))
    world.node.answers["Catalogs/ShowCatalog"] = [shown]
    made = letter(world, "/v1/catalog/editions/peer-2026/letter?on=20260601")
    for words in (
        "目录版本采用通知",
        "补充目录",
        "名单甲",
        "措施甲",
        "某规定 第三条",
        "张某",
        "未定",
    ):
        assert words in made, words
    assert "名单乙" not in made
    assert "措施乙" not in made
    asked = [one for _, rpc, one in world.node.asked if rpc == "Catalogs/ShowCatalog"]
    assert asked == [catalogs_pb2.ShowCatalogRequest(on=20260601)]
    gone = refused(world, "/v1/catalog/editions/moon-2026/letter")
    assert gone == (409, "letter.not-yet")


def test_a_ledger_leaves_out_what_is_masked_paused_or_over(world: Operated) -> None:
    def subject(name: str, state: str, *, exited: bool = False) -> str:
        entry = {"city": "宜宾", "list_name": "x-1", "document": "文1", "state": state}
        return said(
            {
                "subject": {"name": name, "code": "91510300"},
                "unit": "发改委",
                "exited": exited,
                "entries": [entry],
            }
        )

    campaign = {
        "name": "治理",
        "document": "8号",
        "unit": "发改委",
        "due": 0,
        "day": 20261129,
        "subjects": 4,
        "exited": 1,
    }
    pages = [
        campaigns_pb2.ListCampaignSubjectsResponse(
            subjects_json=[
                subject("甲公司（演示）", "active"),
                subject("乙公司（演示）", "masked"),
                subject("丙公司（演示）", "paused"),
                subject("丁公司（演示）", "repaired", exited=True),
            ]
        )
    ]
    world.node.answers |= {
        "Campaigns/GetCampaign": [campaigns_pb2.GetCampaignResponse(json=said(campaign))],
        "Campaigns/ListCampaignSubjects": pages,
    }
    made = letter(world, "/v1/campaigns/7/letter")
    assert "甲公司（演示）" in made
    for name in ("乙公司", "丙公司", "丁公司"):
        assert name not in made, name
    assert "请依法及时督促" in made


def test_a_removal_names_nobody_and_is_none_while_content_is_held(world: Operated) -> None:
    bare = registry_pb2.Record(
        statement_id=bytes.fromhex(ID),
        origin="510300.huxin.example/1",
        index=4,
        kind="listing",
        state="repaired",
    )
    world.node.answers["Registry/GetRecord"] = [bare]
    made = letter(world, f"/v1/records/{ID}/removal")
    for words in ("信用信息删除记录", ID, "510300.huxin.example/1 第 4 条"):
        assert words in made, words
    held = registry_pb2.Record(statement_id=bytes.fromhex(ID), kind="listing", state="active")
    held.subject.scheme, held.subject.code = "uscc", "91510300"
    world.node.answers["Registry/GetRecord"] = [held]
    assert refused(world, f"/v1/records/{ID}/removal") == (409, "letter.not-yet")


def test_the_form_of_a_case_has_what_was_found_and_what_was_done(world: Operated) -> None:
    number = "511500-20261129-0123456789ab"
    found = {
        "check": number,
        "department": "财政局（演示）",
        "matter": "government-funds",
        "matter_name": "政府资金支持",
        "case_no": "ZJ-1",
        "at": AT,
        "matches": [
            {
                "listing": {"subject_name": f"甲公司（演示）{EVIL}"},
                "list_name": "拖欠农民工工资名单",
                "from": "泸州",
                "measures": [],
                "state": "reported",
                "due_on": 20261207,
                "reports": [
                    {"result": "proceeded", "measure": "", "reason": "", "decided_on": 20261130}
                ],
                "persons": ["王五"],
            }
        ],
    }
    world.node.answers["Screening/GetOutcomes"] = [
        screening_pb2.GetOutcomesResponse(json=said(found))
    ]
    made = letter(world, f"/v1/outcomes/{number}/form")
    for words in ("案件反馈单", number, f"甲公司（演示）{EVIL}", "继续办理", "王五"):
        assert words in made, words


def test_a_charter_is_printed_as_the_node_holds_it(world: Operated) -> None:
    charter = sign_all(make_terms([make_member("510300"), make_member("510500")]))
    world.node.answers["Admin/GetCharter"] = [admin_pb2.GetCharterResponse(charter=charter)]
    made = letter(world, f"/v1/charters/{ID * 2}/agreement")
    for words in ("章程暨共享协议", "510300", "510500", "代表（签字）"):
        assert words in made, words
    ((_, _, asked),) = world.node.asked
    assert asked.alliance.hex() == ID * 2


def test_a_credential_and_who_asked(world: Operated) -> None:
    credential = {
        "id": "0123abcd",
        "department": "交易中心（演示）",
        "by": "certificate",
        "roles": ["department"],
        "matters": ["procurement", "m-gone"],
        "matter_names": {"procurement": "政府采购", "m-gone": ""},
        "purposes": ["audit"],
        "budget": 10,
        "case_subjects": 5,
        "expires_on": 20271129,
        "created_at": AT,
        "created_by": "张某",
        "revoked_at": AT,
        "revoked_by": "李某",
    }
    row = {
        "at": AT,
        "department": "交易中心（演示）",
        "matter": "m",
        "matter_name": "某事项",
        "purpose": "p",
        "case_no": "办1",
    }
    world.node.answers |= {
        "Access/GetCredential": [access_pb2.GetCredentialResponse(json=said(credential))],
        "Queries/ListQueries": [
            queries_pb2.ListQueriesResponse(
                queries_json=[said(row), said({"at": AT, "damaged": True})]
            )
        ],
    }
    made = letter(world, "/v1/credentials/0123abcd/form")
    granted = ("政府采购（procurement）、名称未载（m-gone）", "审计（audit）")
    for words in ("查询授权登记表", "客户端证书", "吊销人", "李某", *granted):
        assert words in made, words
    asked = {"name": "某公司（演示）", "by": ["张某", "李某"], "authorisation": "授-1"}
    answer = world.post("/v1/queries:letter", asked)
    assert answer.status == 200
    told = text_of(answer.body)
    for words in ("某公司（演示）：", "授-1", "交易中心（演示）", "办1", "某事项（m）"):
        assert words in told, words
    world.node.answers["Queries/ListQueries"] = [queries_pb2.ListQueriesResponse()]
    assert "没有关于贵单位的查询" in text_of(world.post("/v1/queries:letter", asked).body)


def test_an_import_is_put_before_who_approves_it_with_who_vouched(world: Operated) -> None:
    number = "0a" * 16
    found = {
        "import": number,
        "at": AT,
        "by": "信用办（演示）",
        "file": "http-1.csv",
        "sha256": "ab" * 32,
        "kind": "list",
        "list_type": "judgment-defaulter",
        "source": "court",
        "mapping": "",
        "result": {
            "rows": 2,
            "dry_run": True,
            "faults": {"identity.code-invalid": 1},
            "suspicions": ["mapping.one-subject"],
        },
        "errors": [{"value": "91510300"}],
        "words": [{"sort": "rows", "persons": ["张某", "李某"]}],
    }
    answer = imports_pb2.ImportResponse(json=said(found))
    sources = {"sources": [{"source": "court", "name": "泸州市法院（演示）", "list_types": []}]}
    world.node.answers["Imports/GetImport"] = [answer]
    world.node.answers["Catalogs/ShowCatalog"] = [
        catalogs_pb2.ShowCatalogResponse(json=said(sources))
    ]
    made = letter(world, f"/v1/imports/{number}/approval")
    sorts = (
        "名单（列入）",
        "泸州市法院（演示）（court）",
        "失信被执行人名单（judgment-defaulter）",
    )
    for words in (
        "名单发布审批单",
        "信用办（演示）",
        "张某",
        "李某",
        "ab" * 32,
        "须两人确认：",
        *sorts,
    ):
        assert words in made, words
    assert "91510300" not in made
