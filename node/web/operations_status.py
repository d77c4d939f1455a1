"""Operations about the node itself: reading, and nothing that runs it (HT15)."""

from __future__ import annotations

import json
from typing import Final

from huxin.v1 import admin_pb2 as pb

from node.web import parameters
from node.web.operations import Ask, Operation, Said
from node.web.schemas import array, record, text


def _status(ask: Ask, said: Said) -> object:
    request = pb.GetStatusRequest(local_state=said.get("local_state", False))
    return json.loads(ask.one("Admin/GetStatus", request).json)


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/status",
        name="status",
        zh="节点状态，同 huxin status -o json；摘要 local_state 另要",
        en="Status of the node, as `huxin status -o json`; the digest local_state is asked for",
        query=(
            parameters.flag(
                "local_state",
                "另算全部数据的摘要：逐行读取，数据多时要几秒",
                "the digest of all that is held as well: every row is read, which takes seconds",
            ),
        ),
        rpcs=("Admin/GetStatus",),
        serve=_status,
        answer=record(
            {
                "node": record({"name": text("名称", "name"), "origin": text("日志", "log")}),
                "problems": array(
                    record({"code": text("代码", "code"), "message": text("说明", "text")}, "code"),
                    "须处理的",
                    "what needs a hand",
                ),
                "logs": array({"type": "object"}, "各成员日志", "logs of members"),
                "charters": array({"type": "object"}, "章程", "charters"),
            },
            "node",
            "problems",
            "logs",
            "charters",
        ),
    ),
)
