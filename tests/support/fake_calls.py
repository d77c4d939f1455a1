"""A node for the HTTP application that knows one token, and notes what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from google.protobuf.message import Message

from federation.errors import RefusedError
from node.web.uploads import Uploads

TOKEN: Final = "hx1_" + "A" * 42 + "E"
BARE: Final[dict[str, Any]] = {"info": {"title": "", "description": ""}, "paths": {}}
"""A description of nothing."""
NO_UPLOADS: Final = Uploads(Path("/dev/null/uploads"), 1024)
"""Where no file can lie."""
OTHER: Final = "hx1_" + "B" * 42 + "E"
QUESTION: Final[dict[str, str]] = {
    "request_id": "zb-1",
    "matter": "gov-funds",
    "case_no": "ZB-2026-1",
    "purpose": "joint-punishment",
    "code": "91510500MAXA00000X",
    "name": "泸州甲建筑有限公司（演示）",
}
DISPLAYED: Final[dict[str, Any]] = {
    "request_id": "gs-1",
    "rows": [{"code": "91510500MAXA00000X", "document": "川失信〔2026〕1号"}],
}
BATCH: Final[dict[str, Any]] = {
    **{name: QUESTION[name] for name in ("request_id", "matter", "case_no", "purpose")},
    "rows": [{"code": QUESTION["code"], "name": QUESTION["name"]}],
}
OUTCOME: Final[dict[str, Any]] = {
    "origin": "510500.huxin.example/1",
    "index": 7,
    "measure": "M1",
    "result": "prompted",
    "decided_on": 20261120,
    "person": "张某",
}


class FakeCalls:
    """`node.web.calls.Calls`."""

    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.told: list[tuple[str, str]] = []
        self.error: Exception | None = None
        self.before = before

    def _of(self, token: str) -> None:
        self.before()
        if self.error is not None:
            raise self.error
        if token not in (TOKEN, OTHER):
            raise RefusedError("access.unknown", "凭据无效 / expected a token of this node")

    def check(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        self._of(token)
        self.asked.append((token, question))
        return {"number": "511500-20261129-0123456789ab", "result": "clear", "complete": True}

    def report_outcome(
        self, token: str, number: str, report: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        self._of(token)
        self.asked.append((number, report))
        return {"check": number, "state": "reported"}

    def check_benefit(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        self._of(token)
        self.asked.append((token, question))
        return {"number": "511000-20261129-0123456789ab", "result": "entitled"}

    def list_benefits(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        self._of(token)
        self.asked.append((token, question))
        return {"number": "511000-20261129-0123456789ac", "benefits": []}

    def report_use(self, token: str, number: str, report: Mapping[str, Any]) -> Mapping[str, Any]:
        self._of(token)
        self.asked.append((number, report))
        return {"check": number, "published": True}

    def check_batch(self, token: str, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        self._of(token)
        self.asked.append((token, batch))
        return {"number": "511500-20261129-0123456789ad", "rows": len(batch["rows"])}

    def submit_displays(self, token: str, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        self._of(token)
        self.asked.append((token, batch))
        return {"number": "511500-20261129-0123456789ab", "remove": []}

    def acknowledge_displays(
        self, token: str, number: str, said: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        self._of(token)
        self.asked.append((number, said))
        return {"number": number, "acknowledged": said["rows"]}

    def matters(self, token: str) -> Sequence[Mapping[str, Any]]:
        self._of(token)
        return [{"code": "gov-funds", "name": "政府资金支持"}]

    def measures(self, token: str) -> Sequence[Mapping[str, Any]]:
        self._of(token)
        return [{"code": "M1", "name": "提示"}]

    def scenarios(self, token: str) -> Sequence[Mapping[str, Any]]:
        self._of(token)
        return [{"scenario": "ab", "title": "免押金"}]

    def scenario(self, token: str, scenario: str) -> Mapping[str, Any]:
        self._of(token)
        self.asked.append((scenario, {}))
        return {"scenario": scenario}

    def open_session(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        self.before()
        if self.error is not None:
            raise self.error
        self.asked.append(("session", said))
        return {"token": TOKEN, "account": {"name": said["name"]}}

    def begin_session(self) -> Mapping[str, Any]:
        self.before()
        if self.error is not None:
            raise self.error
        self.asked.append(("begin", {}))
        return {"address": "https://sso.example/authorize?state=s", "ticket": "t", "seconds": 600}

    def finish_session(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        self.before()
        if self.error is not None:
            raise self.error
        self.asked.append(("finish", said))
        return {"token": TOKEN, "account": {"name": "王五"}}

    def close_session(self, token: str) -> None:
        self._of(token)
        self.asked.append((token, {}))

    def health(self) -> None:
        if self.error is not None:
            raise self.error

    def exposed(self, token: str, place: str) -> None:
        self.told.append((token, place))


class FakeNode:
    """`node.web.node_channel.Caller`: answers what it was told to answer, and notes the rest."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Message]] = []
        self.answers: dict[str, Sequence[Message]] = {}
        self.error: Exception | None = None

    def call(self, token: str, rpc: str, request: Message, seconds: float = 1) -> Sequence[Any]:
        assert seconds > 0
        if token not in (TOKEN, OTHER):
            raise RefusedError("access.unknown", "凭据无效 / expected a token of this node")
        self.asked.append((token, rpc, request))
        if self.error is not None:
            raise self.error
        return self.answers[rpc]
