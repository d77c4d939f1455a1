"""Watches over the node's socket: rows come in parts, and who follows is told as it changes.

Covers node/services/watches.py, node/screening/wire_watches.py, node/cli/check_watch.py.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import grpc
import pytest
from huxin.v1 import watches_pb2 as pb
from huxin.v1.watches_pb2_grpc import WatchesStub

from node.app.local import connect
from node.network.errors import error_of
from node.services import watches
from tests.support.parts import FakeNode


@dataclass(frozen=True)
class Operator:
    node: FakeNode
    stub: WatchesStub


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    node = FakeNode(tmp_path)
    with connect(tmp_path, lambda _: node.parts()) as channel:
        yield Operator(node=node, stub=WatchesStub(channel))


def refused(call: grpc.RpcError) -> str:
    return error_of(cast("grpc.aio.AioRpcError", call)).code


def test_rows_come_in_parts(operator: Operator) -> None:
    messages = [
        pb.OpenWatchRequest(terms_json='{"matter": "m"}'),
        pb.OpenWatchRequest(rows_json='[{"code": "1"}, {"code": "2"}]'),
        pb.OpenWatchRequest(rows_json='[{"code": "3"}]'),
    ]
    opened = json.loads(operator.stub.OpenWatch(iter(messages), timeout=60).json)
    assert opened["matter"] == "m"
    assert [one["code"] for one in opened["rows"]] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "messages",
    [
        (),
        (pb.OpenWatchRequest(terms_json="[]"),),
        (pb.OpenWatchRequest(terms_json="{"),),
        (pb.OpenWatchRequest(terms_json="{}"), pb.OpenWatchRequest(rows_json="{}")),
        (pb.OpenWatchRequest(terms_json="{}"), pb.OpenWatchRequest(rows_json="[" * 100_000)),
    ],
)
def test_what_is_no_opening(operator: Operator, messages: tuple[pb.OpenWatchRequest, ...]) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        operator.stub.OpenWatch(iter(messages), timeout=60)
    assert refused(caught.value) == "watch.form"


def test_an_opening_has_so_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watches, "OPENING_MAX", 2_000_000)
    node = FakeNode(tmp_path)
    rows = json.dumps([{"code": "x" * 500_000}])
    messages = [pb.OpenWatchRequest(terms_json="{}")]
    messages += [pb.OpenWatchRequest(rows_json=rows)] * (watches.OPENING_MAX // len(rows) + 1)
    with (
        connect(tmp_path, lambda _: node.parts()) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        WatchesStub(channel).OpenWatch(iter(messages), timeout=60)
    assert refused(caught.value) == "watch.subjects"


def test_a_page_is_given_and_who_follows_gets_the_next_when_something_changed(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watches, "LOOK_SECONDS", 3600.0)
    (page,) = operator.stub.ReadWatch(pb.ReadWatchRequest(number="w", after="p"), timeout=60)
    assert json.loads(page.json)["position"] == "px"
    following = operator.stub.ReadWatch(pb.ReadWatchRequest(number="w", follow=True), timeout=60)
    assert json.loads(next(following).json)["after"] == ""
    operator.node.watches.pages.append({"position": "y", "more": True, "pending": 0})
    operator.node.watches.pages.append({"position": "z", "more": False, "pending": 0})
    threading.Timer(0.05, operator.node.watches.changes.ring).start()
    assert [json.loads(next(following).json)["position"] for _ in range(2)] == ["y", "z"]
    following.cancel()


def test_watches_are_listed_and_closed(operator: Operator) -> None:
    (one,) = operator.stub.ListWatches(pb.ListWatchesRequest(), timeout=60)
    assert json.loads(one.json) == {"by": ""}
    closed = operator.stub.CloseWatch(pb.CloseWatchRequest(number="w"), timeout=60)
    assert json.loads(closed.json)["watch"] == "w"
