"""Watches over HTTP: opened with rows, read from a position, closed.

Covers node/web/operations_watches.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from huxin.v1 import watches_pb2 as pb

from tests.support.operated import KEY, Operated

WATCH = "511500-20261129-89a541acb5bc"
TERMS = {
    "matter": "government-funds",
    "case_no": "ZJ-1",
    "purpose": "joint-punishment",
    "until": 20270301,
}
ROWS = [{"code": "91", "name": "某公司（演示）"}]


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


@pytest.fixture
def world(threads: ThreadPoolExecutor) -> Operated:
    return Operated(threads)


def test_a_watch_is_opened_with_its_rows(world: Operated) -> None:
    world.node.answers = {"Watches/OpenWatch": [pb.OpenWatchResponse(json='{"watch": "w"}')]}
    answer = world.post("/v1/watches", TERMS | {"rows": ROWS, "request_id": KEY})
    assert (answer.status, answer.json()) == (200, {"watch": "w"})
    asked = world.node.asked[-1][2]
    assert isinstance(asked, pb.OpenWatchRequest)
    assert asked.request_id == KEY
    assert (json.loads(asked.terms_json), json.loads(asked.rows_json)) == (TERMS, ROWS)


@pytest.mark.parametrize("rows", [[], ROWS * 1001])
def test_an_opening_over_http_has_so_many_rows(world: Operated, rows: list[object]) -> None:
    answer = world.post("/v1/watches", TERMS | {"rows": rows, "request_id": KEY})
    assert (answer.status, answer.json()["code"]) == (422, "watch.subjects")


def test_a_page_is_read_from_a_position_and_no_subject_stands_in_the_url(world: Operated) -> None:
    world.node.answers = {"Watches/ReadWatch": [pb.ReadWatchResponse(json='{"events": []}')]}
    path = f"/v1/watches/{WATCH}/events"
    assert world.get(f"{path}?after=pos_MC4wLi0_x&page_size=5").json() == {"events": []}
    asked = pb.ReadWatchRequest(number=WATCH, after="pos_MC4wLi0_x", page_size=5)
    assert world.node.asked[-1][2] == asked
    assert world.get(path).status == 200
    for query in ("after=a.b", "page_size=0", "page_size=501", "code=91510304", "follow=true"):
        assert world.get(f"{path}?{query}").status == 400, query
    assert world.get("/v1/watches/91510304/events").status in (400, 404)


def test_watches_are_listed_and_closed(world: Operated) -> None:
    world.node.answers = {
        "Watches/ListWatches": [pb.ListWatchesResponse(json='{"watch": "w"}')] * 2,
        "Watches/CloseWatch": [pb.CloseWatchResponse(json='{"state": "closed"}')],
    }
    assert world.get("/v1/watches").json() == {"watches": [{"watch": "w"}] * 2}
    assert world.post(f"/v1/watches/{WATCH}:close", {}).json() == {"state": "closed"}
    assert world.node.asked[-1][2] == pb.CloseWatchRequest(number=WATCH)
