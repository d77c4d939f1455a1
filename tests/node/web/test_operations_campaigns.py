"""Campaigns over HTTP: opened, filled, shown with their rate.

Covers node/web/operations_campaigns.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from huxin.v1 import campaigns_pb2 as pb
from openpyxl import load_workbook

from tests.support.operated import KEY, Operated

ID = "4d1f0c7be12a3d4e6f8091a2b3c4d5e6"


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


@pytest.fixture
def world(threads: ThreadPoolExecutor) -> Operated:
    return Operated(threads)


def test_shown_with_rate_and_ledger(world: Operated) -> None:
    world.node.answers = {
        "Campaigns/ListCampaigns": [pb.ListCampaignsResponse(campaigns_json=['{"campaign": 1}'])],
        "Campaigns/GetCampaign": [pb.GetCampaignResponse(json='{"rate": 0.5}')],
        "Campaigns/ListCampaignSubjects": [
            pb.ListCampaignSubjectsResponse(subjects_json=['{"unit": "甲"}'], next_page_token="1")
        ],
    }
    assert world.get("/v1/campaigns").json() == {"campaigns": [{"campaign": 1}]}
    assert world.get("/v1/campaigns/1?day=20261130").json() == {"rate": 0.5}
    assert world.node.asked[-1][2] == pb.GetCampaignRequest(campaign=1, day=20261130)
    page = world.get("/v1/campaigns/1/subjects?page_size=5").json()
    assert page == {"subjects": [{"unit": "甲"}], "next_page_token": "1"}
    assert world.get("/v1/campaigns/0").status == 404


def test_its_monthly_sheet_is_a_workbook(world: Operated) -> None:
    campaign = {
        "campaign": 1,
        "name": "治理（演示）",
        "document": "〔2026〕8号",
        "unit": "甲",
        "due": 20261231,
        "day": 20261130,
        "subjects": 1,
        "exited": 0,
        "exited_this_month": 0,
        "overdue": 0,
        "rate": 0.0,
    }
    world.node.answers = {
        "Campaigns/GetCampaign": [pb.GetCampaignResponse(json=json.dumps(campaign))],
        "Campaigns/ListCampaignSubjects": [pb.ListCampaignSubjectsResponse()],
    }
    found = world.get("/v1/campaigns/1/sheet?day=20261130")
    assert (found.status, found.body[:2]) == (200, b"PK")
    assert "campaign-1-20261130.xlsx" in found.headers["content-disposition"]
    sheets = load_workbook(BytesIO(found.body)).sheetnames
    assert sheets == ["退出率", "台账"]


def test_opened_once_and_filled(world: Operated) -> None:
    world.node.answers = {
        "Campaigns/OpenCampaign": [pb.OpenCampaignResponse(json='{"campaign": 1}')],
        "Campaigns/EnterCampaign": [pb.EnterCampaignResponse(json='{"added": 1}')],
    }
    said = {"request_id": KEY, "name": "甲", "document": "1", "unit": "乙", "due": 20261231}
    assert world.post("/v1/campaigns", said).json() == {"campaign": 1}
    assert world.node.asked[-1][2] == pb.OpenCampaignRequest(
        request_id=KEY, name="甲", document="1", unit="乙", due=20261231
    )
    body = {"statement_ids": [ID], "codes": ["91"], "unit": "丙"}
    assert world.post("/v1/campaigns/1:enter", body).json() == {"added": 1}
    assert world.node.asked[-1][2] == pb.EnterCampaignRequest(
        campaign=1, statement_ids=[bytes.fromhex(ID)], codes=["91"], unit="丙"
    )
    query = {"authority": "511502-court", "origin": "a/1", "decided_until": 20251231}
    world.post("/v1/campaigns/1:enter", query)
    assert world.node.asked[-1][2] == pb.EnterCampaignRequest(
        campaign=1, authority="511502-court", origin="a/1", decided_until=20251231
    )
    refused = world.post("/v1/campaigns/1:enter", {"statement_ids": ["canary"]})
    assert (refused.status, b"canary" in refused.body) == (422, False)
