"""Publishing over HTTP: drafts, and what is said of own listings; asked of the node as it came.

Covers node/documents/acts.py.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from huxin.v1 import registry_pb2 as pb

from federation.errors import RefusedError
from node.cli.annotate import _ACTIONS
from node.codec import draft_from_proto, payload_to_json
from node.web.operations_acts import ACTIONS
from tests.support.fake_calls import TOKEN
from tests.support.operated import KEY, Operated
from tests.support.payload_examples import LISTING

ID = bytes(range(16))
UUID = "5F0C7BE1-2A3D-4E6F-8091-A2B3C4D5E6F7"
PUBLISHED = pb.Published(statement_id=ID, origin="510500.huxin.example/1", index=8)
PLACE = {"statement_id": ID.hex(), "origin": "510500.huxin.example/1", "index": 8}
RECORD = pb.Record(
    statement_id=ID, kind="listing", list_type="unpaid-migrant-wages", document="1", state="active"
)
ABOUT = {
    "statement_id": ID.hex(),
    "subject": None,
    "list_type": "unpaid-migrant-wages",
    "document": "1",
    "state": "active",
}
DECIDED: dict[str, Any] = {"document": "川信修〔2026〕9号", "decided_on": 20261120}


@pytest.fixture(scope="module")
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1)


@pytest.fixture
def world(threads: ThreadPoolExecutor) -> Operated:
    world = Operated(threads)
    world.node.answers = {
        "Registry/Publish": [pb.PublishResponse(published=[PUBLISHED])],
        "Registry/Relieve": [pb.RelieveResponse(published=PUBLISHED)],
        "Registry/Annotate": [pb.AnnotateResponse(published=PUBLISHED)],
        "Registry/GetRecord": [RECORD],
    }
    return world


def asked(world: Operated) -> Any:
    token, _, message = world.node.asked[0]
    assert token == TOKEN
    return message


def test_drafts_are_published_under_their_number(world: Operated) -> None:
    said = {"drafts": [{"listing": payload_to_json(LISTING)}], "source": "court"}
    found = world.post("/v1/records:publish", said, ("Idempotency-Key", UUID))
    assert found.json() == {"published": [PLACE]}
    request = asked(world)
    assert (request.request_id, request.source) == (KEY, "court")
    assert draft_from_proto(request.drafts[0]).payload == LISTING


def test_f56_what_may_be_a_slip_of_the_pen_is_told(world: Operated) -> None:
    early = pb.RelieveResponse(published=PUBLISHED, early="relief.early")
    world.node.answers["Registry/Relieve"] = [early]
    found = world.post(f"/v1/records/{ID.hex()}:repair", DECIDED, ("Idempotency-Key", UUID))
    assert found.json() == PLACE | {"early": "relief.early", "relieved": ABOUT}


def test_ht16_without_a_number_nothing_is_published(world: Operated) -> None:
    said: dict[str, Any] = {"drafts": [{"listing": {}}]}
    found = world.post("/v1/records:publish", said)
    assert (found.status, found.json()["code"]) == (400, "http.idempotency")
    two = world.post(
        "/v1/records:publish", said | {"request_id": "0" * 32}, ("Idempotency-Key", UUID)
    )
    assert two.json()["code"] == "http.idempotency"
    assert world.node.asked == []


def test_a_draft_that_is_none_is_named_without_its_content(world: Operated) -> None:
    for drafts in ([{"listing": {"secret": 1}}], [7], [{}, {"x": 1}], "x"):
        found = world.post("/v1/records:publish", {"drafts": drafts, "request_id": KEY})
        assert found.status == 422
    assert world.node.asked == []
    found = world.post(
        "/v1/records:publish",
        {"drafts": [{"listing": {"document": 91510500}}], "request_id": KEY},
    )
    assert found.json()["detail_en"].startswith("drafts.0.listing.document: expected a text")
    assert "91510500" not in found.body.decode()


def test_a_request_that_was_sent_with_another_body_is_refused(world: Operated) -> None:
    world.node.error = RefusedError("request.reused", "expected the request as it was first sent")
    found = world.post(f"/v1/records/{ID.hex()}:repair", DECIDED | {"request_id": KEY})
    assert (found.status, found.json()["code"]) == (409, "request.reused")
    assert found.json()["request_id"] == KEY


@pytest.mark.parametrize(
    ("verb", "kind"),
    [("repair", pb.RELIEF_KIND_REPAIR), ("withdraw", pb.RELIEF_KIND_WITHDRAWAL)],
)
def test_a_relief_answers_as_the_command_does(
    world: Operated, verb: str, kind: pb.ReliefKind.ValueType
) -> None:
    said = DECIDED | {"reason": "履行完毕"}
    found = world.post(f"/v1/records/{ID.hex()}:{verb}", said, ("Idempotency-Key", KEY))
    assert found.json() == PLACE | {"relieved": ABOUT}
    expected = pb.RelieveRequest(request_id=KEY, kind=kind, statement_id=ID, **said)
    assert asked(world) == expected
    assert world.node.asked[1][1] == "Registry/GetRecord"


def test_what_was_published_is_answered_also_where_its_listing_cannot_be_read(
    world: Operated, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = world.node.call

    def unreadable(token: str, rpc: str, *more: Any) -> Any:
        if rpc == "Registry/GetRecord":
            raise RefusedError("queries.mark-missing", "the mark of the query log is missing")
        return call(token, rpc, *more)

    monkeypatch.setattr(world.node, "call", unreadable)
    key = ("Idempotency-Key", KEY)
    found = world.post(f"/v1/records/{ID.hex()}:repair", DECIDED, key)
    assert (found.status, found.json()) == (200, PLACE | {"relieved": None})
    said = DECIDED | {"action": "pause"}
    found = world.post(f"/v1/records/{ID.hex()}:annotate", said, key)
    assert (found.status, found.json()) == (200, PLACE | {"annotated": None})


def test_a_relisting_carries_what_persons_signed(world: Operated) -> None:
    said = DECIDED | {
        "ground": "fraud",
        "approved_by": ["张某（演示）", "李某（演示）"],
        "note": "signed",
        "listing": payload_to_json(LISTING),
        "request_id": KEY,
    }
    found = world.post(f"/v1/records/{ID.hex()}:relist", said)
    assert found.json().get("relieved") == ABOUT, found.json()
    request = asked(world)
    assert (request.kind, request.ground, request.note) == (pb.RELIEF_KIND_RELISTING, 1, "signed")
    assert list(request.approved_by) == said["approved_by"]
    assert request.listing.document == LISTING.document
    changes: tuple[dict[str, Any], ...] = (
        {"ground": "mercy"},
        {"approved_by": [1]},
        {"listing": []},
        {"ground": 1},
    )
    for change in changes:
        found = world.post(f"/v1/records/{ID.hex()}:relist", said | change)
        assert (found.status, found.json()["code"]) == (422, "http.field")


def test_an_annotation_is_one_of_the_words_of_the_command(world: Operated) -> None:
    assert {str(name): int(action) for name, action in _ACTIONS.items()} == ACTIONS
    target = f"/v1/records/{ID.hex()}:annotate"
    for name, action in ACTIONS.items():
        world.node.asked.clear()
        said = DECIDED | {"action": name, "text": "受理", "request_id": KEY}
        assert world.post(target, said).json() == PLACE | {"annotated": ABOUT}
        assert asked(world).action == action
    assert world.post(target, DECIDED | {"action": "x", "request_id": KEY}).status == 422
    day = {"action": "mask", "document": "1", "decided_on": 2**40, "request_id": KEY}
    assert world.post(target, day).status == 422
