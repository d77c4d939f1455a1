"""Operations about what others see and say: peers, requests to join, displays, scenarios."""

from __future__ import annotations

from typing import Final

from huxin.v1 import admin_pb2, displays_pb2, recognition_pb2

from node.documents import answers
from node.documents.peers import peers
from node.web.operations import Ask, Operation, Said
from node.web.parameters import Parameter
from node.web.schemas import Schema, array, record

_ROWS: Final[Schema] = {"type": "object"}
_NUMBER: Final = Parameter(
    name="number",
    zh="批次编号",
    en="number of a batch",
    form="[1-9][0-9]{5}-[0-9]{8}-[0-9a-f]{8,32}",
    sample="511500-20261129-0123456789ab",
)
SCENARIO: Final = Parameter(
    name="id",
    zh="场景编号，32 位小写十六进制",
    en="id of a scenario, 32 hexadecimal digits in lower case",
    form="[0-9a-f]{32}",
    sample="4d1f0c7be12a3d4e6f8091a2b3c4d5e6",
)


def _peers(ask: Ask, _said: Said) -> object:
    return peers(answers.document(ask.one("Admin/GetStatus", admin_pb2.GetStatusRequest())))


def _pending(ask: Ask, _said: Said) -> object:
    return answers.document(ask.one("Admin/ListPending", admin_pb2.ListPendingRequest()))


def _displays(ask: Ask, _said: Said) -> object:
    found = ask.many("Displays/ListDisplays", displays_pb2.ListDisplaysRequest())
    return {"displays": answers.each(found)}


def _display(ask: Ask, said: Said) -> object:
    asked = displays_pb2.GetDisplaysRequest(number=said["number"])
    return answers.document(ask.one("Displays/GetDisplays", asked))


def _report(ask: Ask, _said: Said) -> object:
    found = ask.many("Displays/ReportDisplays", displays_pb2.ReportDisplaysRequest())
    return {"parties": answers.each(found)}


def _matrix(ask: Ask, _said: Said) -> object:
    found: object = answers.joined(
        ask.many("Recognitions/GetMatrix", recognition_pb2.GetMatrixRequest())
    )
    return found


def _history(ask: Ask, said: Said) -> object:
    asked = recognition_pb2.GetHistoryRequest(scenario=said["id"])
    return {"history": answers.joined(ask.many("Recognitions/GetHistory", asked))}


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/peers",
        name="listPeers",
        zh="各成员：日志进度、连接、章程版本，证书与章程的问题",
        en="Members: how far their logs came, connections, charters, what is wrong with them",
        rpcs=("Admin/GetStatus",),
        serve=_peers,
        answer=record(
            {
                "peers": array(_ROWS, "各成员日志", "logs of members"),
                "charters": array(_ROWS, "章程", "charters"),
                "problems": array(_ROWS, "问题", "what is wrong"),
            },
            "peers",
            "charters",
            "problems",
        ),
    ),
    Operation(
        method="GET",
        path="/v1/charters/pending",
        name="listPending",
        zh="待批准的加入申请；只读，批准须在节点本机用章程密钥办理",
        en="Requests to join that wait: reading only; who approves does so with the charter key",
        rpcs=("Admin/ListPending",),
        serve=_pending,
        answer=record({"pending": array(_ROWS, "申请", "requests")}, "pending"),
    ),
    Operation(
        method="GET",
        path="/v1/displays",
        name="listDisplays",
        zh="第三方提交的批次，新的在前",
        en="Batches that third parties handed in, the newest first",
        rpcs=("Displays/ListDisplays",),
        serve=_displays,
        answer=record({"displays": array(_ROWS, "批次", "batches")}, "displays"),
    ),
    Operation(
        method="GET",
        path="/v1/displays/{number}",
        name="getDisplays",
        zh="一批中应停止展示的行",
        en="One batch: which rows must go, and which were taken down",
        rpcs=("Displays/GetDisplays",),
        serve=_display,
        answer=record({"remove": array(_ROWS, "应停止展示的行", "rows that must go")}),
        place=(_NUMBER,),
    ),
    Operation(
        method="GET",
        path="/v1/displays:report",
        name="reportDisplays",
        zh="各第三方执行情况，逾期的在前",
        en="Each third party with what it owes, laggards first",
        rpcs=("Displays/ReportDisplays",),
        serve=_report,
        answer=record({"parties": array(_ROWS, "第三方", "third parties")}, "parties"),
    ),
    Operation(
        method="GET",
        path="/v1/scenarios:matrix",
        name="scenarioMatrix",
        zh="互认表：有效场景由哪些地区认可",
        en="Which regions recognise which scenarios in force",
        rpcs=("Recognitions/GetMatrix",),
        serve=_matrix,
        answer=record(
            {
                "regions": array(_ROWS, "地区", "regions"),
                "scenarios": array(_ROWS, "场景", "scenarios"),
            },
            "regions",
            "scenarios",
        ),
    ),
    Operation(
        method="GET",
        path="/v1/scenarios/{id}/history",
        name="scenarioHistory",
        zh="一个场景的沿革：各版本和各地的认可",
        en="All that was said of one scenario, by day",
        rpcs=("Recognitions/GetHistory",),
        serve=_history,
        answer=record({"history": array(_ROWS, "沿革", "what was said")}, "history"),
        place=(SCENARIO,),
    ),
)
