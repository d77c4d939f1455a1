"""Records over HTTP: pages, as `huxin records list -o json` has them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from huxin.v1 import registry_pb2 as pb

from federation.errors import StatementError
from tests.support.fake_calls import TOKEN
from tests.support.operated import Operated

ID = bytes(range(16))
RECORD = pb.Record(
    statement_id=ID,
    kind="listing",
    origin="510500.huxin.example/1",
    index=7,
    list_type="unpaid-migrant-wages",
    state="active",
)


@pytest.fixture(scope="module")
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1)


@pytest.fixture
def world(threads: ThreadPoolExecutor) -> Operated:
    return Operated(threads)


def test_records_come_in_pages(world: Operated) -> None:
    page = pb.ListRecordsResponse(records=[RECORD], next_page_token="WzEsIDIwXQ==")
    world.node.answers["Registry/ListRecords"] = [page]
    found = world.get("/v1/records?state=active&page_size=1&page_token=WzEsIDIwXQ%3D%3D").json()
    (record,) = found["records"]
    assert (record["statement_id"], record["index"]) == (ID.hex(), 7)
    assert (record["subject"], found["next_page_token"]) == (None, "WzEsIDIwXQ==")
    asked = pb.ListRecordsRequest(state="active", page_size=1, page_token="WzEsIDIwXQ==")
    assert world.node.asked == [(TOKEN, "Registry/ListRecords", asked)]


def test_what_the_node_refuses_is_a_problem_with_its_code(world: Operated) -> None:
    world.node.error = StatementError("page-token.invalid", "page token: expected one of ours")
    found = world.get("/v1/records?page_token=AAAA")
    assert (found.status, found.json()["code"]) == (422, "page-token.invalid")
    assert found.headers["content-type"] == "application/problem+json"
