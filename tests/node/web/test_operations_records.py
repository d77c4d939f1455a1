"""Records over HTTP: pages, one of them, its proof; by subject in a body alone (HT2).

Covers node/documents/proofs.py.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from huxin.v1 import admin_pb2
from huxin.v1 import registry_pb2 as pb

from federation.errors import RefusedError, StatementError
from tests.support.fake_calls import TOKEN
from tests.support.operated import KEY, Operated

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


def test_ht2_a_subject_is_looked_for_in_a_body(world: Operated) -> None:
    world.node.answers["Registry/ListRecords"] = [pb.ListRecordsResponse()]
    said = {"code": "91510500MAXA00000X", "name": "泸州甲建筑有限公司（演示）"}
    found = world.post("/v1/records:search?kind=penalty&page_size=7", said)
    assert found.json() == {"records": [], "next_page_token": ""}
    asked = pb.ListRecordsRequest(kind="penalty", page_size=7, **said)
    assert world.node.asked == [(TOKEN, "Registry/ListRecords", asked)]
    for target in ("/v1/records?code=91510500MAXA00000X", "/v1/records:search?name=x"):
        assert world.get(target).status in (400, 405)
    assert world.post("/v1/records:search", said | {"document": "1"}).status == 422
    keyed = world.post("/v1/records:search", said, ("Idempotency-Key", KEY))
    assert keyed.json()["code"] == "http.idempotency"


def test_one_record_is_named_by_its_whole_id(world: Operated) -> None:
    world.node.answers["Registry/GetRecord"] = [RECORD]
    assert world.get(f"/v1/records/{ID.hex()}").json()["statement_id"] == ID.hex()
    for wrong in (ID.hex()[:12], ID.hex().upper(), "91510500MAXA00000X", f"{ID.hex()}:repair"):
        assert world.get(f"/v1/records/{wrong}").status in (404, 405)
    world.node.error = RefusedError("record.unknown", "no such statement is held here")
    assert world.get(f"/v1/records/{ID.hex()}").status == 404


def test_a_proof_that_does_not_prove_leaves_as_an_id(world: Operated) -> None:
    wrong = admin_pb2.GetProofResponse(leaf=b"leaf", proof=b"none", vkey="none")
    world.node.answers["Admin/GetProof"] = [wrong]
    found = world.get(f"/v1/records/{ID.hex()}/proof")
    assert (found.status, found.json()["code"]) == (500, "http.internal")
