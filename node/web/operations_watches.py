"""Operations about watches 跟踪核查: opened, listed, read from a position, closed."""

from __future__ import annotations

import json
from typing import Any, Final

from huxin.v1 import watches_pb2 as pb

from federation.charters.values import PURPOSES
from federation.errors import StatementError
from federation.relief.displays import ROWS_MAX
from node.documents import answers
from node.web import parameters
from node.web.bodies import Field
from node.web.operations import Ask, Operation, Said
from node.web.parameters import Parameter
from node.web.schemas import Schema, array, boolean, number, record, text

BODY_MAX: Final = 512 * 1024
"""Bytes of an opening: `ROWS_MAX` subjects have room; more go by gRPC or `huxin check watch`."""
PAGE_MAX: Final = 500
_TERMS: Final = ("matter", "case_no", "purpose", "until")
_NUMBER: Final = Parameter(
    name="number",
    zh="跟踪编号，开始时给出",
    en="number of the watch, as it was given when it was opened",
    form="[0-9]{6}-[0-9]{8}-[0-9a-f]{12}",
    sample="511500-20261129-89a541acb5bc",
    required=True,
)
_AFTER: Final = Parameter(
    name="after",
    zh="上一页的 position；缺省从头",
    en="position of the page before; from the beginning where absent",
    form="pos_[A-Za-z0-9_-]{8,124}",
    sample="pos_MC4wLi0xq7o1w2Jc8A0",
)
_WATCH: Final[Schema] = record(
    {
        "watch": text("跟踪编号", "number"),
        "state": text("open 进行中、closed 已结束、over 已到期", "open, closed, or over"),
        "matter": text("事项", "matter"),
        "case_no": text("办件编号；清除后为空", "case; empty once it is erased"),
        "until": number("截止日 YYYYMMDD", "last day, YYYYMMDD"),
        "subjects": number("跟踪的主体数", "subjects that are watched"),
    },
    *("watch", "state", "matter", "case_no", "until", "subjects"),
)
_OPENED: Final[Schema] = record(
    {
        "watch": text("跟踪编号", "number"),
        "position": text("从此位置读起", "position from which to read"),
        "subjects": number("跟踪的主体数", "subjects that are watched"),
        "refused_rows": number("未跟踪的行数", "rows that are not watched"),
        "refused": array(
            record(
                {
                    "row": number("行号，从 1 起", "row, from 1"),
                    "code": text("原因代码", "why, as a code"),
                    "message": text("原因", "why"),
                },
                *("row", "code", "message"),
            ),
            "未跟踪的行，至多 1000",
            "rows that are not watched, at most 1,000",
        ),
    },
    *("watch", "position", "subjects", "refused_rows", "refused"),
)
_CHANGE: Final[Schema] = record(
    {
        "code": text("变化的代码", "what changed, as a code"),
        "message": text("变化", "what changed"),
        "said": text("哪条记录、哪个日志", "of which record or log"),
    },
    *("code", "message", "said"),
)
_EVENT: Final[Schema] = record(
    {
        "row": number("开始时的行号", "row, as it was handed in"),
        "code": text("代码", "code"),
        "name": text("名称", "name"),
        "changed": array(_CHANGE, "变化", "what changed"),
        "result": text("现在的结果，同核查", "the answer now, as of a check"),
    },
    *("row", "code", "name", "changed", "result"),
)


def _open(ask: Ask, said: Said) -> object:
    if not 1 <= len(said["rows"]) <= ROWS_MAX:
        message = f"rows: 应为 1 至 {ROWS_MAX} 行 / expected 1 to {ROWS_MAX} rows"
        raise StatementError("watch.subjects", message)
    asked = pb.OpenWatchRequest(
        request_id=said["request_id"],
        terms_json=json.dumps({name: said[name] for name in _TERMS}),
        rows_json=json.dumps(said["rows"]),
    )
    return answers.document(ask.one("Watches/OpenWatch", asked))


def _list(ask: Ask, said: Said) -> object:
    del said
    found = ask.many("Watches/ListWatches", pb.ListWatchesRequest())
    return {"watches": [json.loads(one.json) for one in found]}


def _events(ask: Ask, said: Said) -> dict[str, Any]:
    asked = pb.ReadWatchRequest(
        number=said["number"], after=said.get("after", ""), page_size=said.get("page_size", 0)
    )
    return answers.document(ask.one("Watches/ReadWatch", asked))


def _close(ask: Ask, said: Said) -> object:
    asked = pb.CloseWatchRequest(number=said["number"])
    return answers.document(ask.one("Watches/CloseWatch", asked))


OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/v1/watches",
        name="openWatch",
        zh="开始跟踪一个办件的主体：答复有变时告知",
        en="Begin to watch the subjects of a case: told when an answer becomes another one",
        rpcs=("Watches/OpenWatch",),
        serve=_open,
        answer=_OPENED,
        body=(
            Field(
                name="matter",
                zh="事项代码，见 GET /v1/matters",
                en="code of the matter",
                example="government-funds",
            ),
            Field(name="case_no", zh="办件编号", en="number of the case", example="ZB-2026-000417"),
            Field(
                name="purpose",
                zh="查询目的",
                en="the purpose",
                words=tuple(PURPOSES),
                example="joint-punishment",
            ),
            Field(
                name="until",
                kind="integer",
                zh="截止日 YYYYMMDD，如签约之日",
                en="the last day, YYYYMMDD",
                example=20270301,
            ),
            Field(
                name="rows",
                kind="array",
                zh=f"要跟踪的主体，1 至 {ROWS_MAX} 行，行号从 1 起；更多的用 huxin check watch",
                en="who is to be watched, numbered from 1; more by huxin check watch",
                example=[
                    {"code": "91510522YY0600007N", "name": "泸州示例鑫源运输有限公司（演示）"}
                ],
                items=(
                    Field(name="code", zh="统一社会信用代码", en="code of the subject"),
                    Field(name="name", zh="主体名称", en="name of the subject"),
                ),
            ),
        ),
        body_max=BODY_MAX,
        keyed=True,
    ),
    Operation(
        method="GET",
        path="/v1/watches",
        name="listWatches",
        zh="本凭据开始的跟踪，新的在前",
        en="The watches that were opened with this credential, the newest first",
        rpcs=("Watches/ListWatches",),
        serve=_list,
        answer=record({"watches": array(_WATCH, "跟踪", "watches")}, "watches"),
    ),
    Operation(
        method="GET",
        path="/v1/watches/{number}/events",
        name="listWatchEvents",
        zh="某位置以后答复有变的主体，按现在的答复",
        en="Whose answer changed since a position, as it is answered now",
        rpcs=("Watches/ReadWatch",),
        serve=_events,
        answer=record(
            {
                "events": array(_EVENT, "答复有变的主体", "subjects whose answer changed"),
                "logs": array(_CHANGE, "日志覆盖的变化", "what changed of logs"),
                "complete": boolean("各日志是否全部覆盖", "whether all logs are covered"),
                "position": text(
                    "下次从此位置读；空页也有", "from where to read next; of an empty page as well"
                ),
                "more": boolean("还有下一页", "whether there is another page"),
                "pending": number("尚待核查的主体数，稍后再读", "still to be judged: read again"),
            },
            *("events", "logs", "complete", "position", "more", "pending"),
        ),
        place=(_NUMBER,),
        query=(
            _AFTER,
            parameters.number(
                "page_size", 1, PAGE_MAX, "一页至多几条，缺省 100", "on a page; 100 where absent"
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/watches/{number}:close",
        name="closeWatch",
        zh="结束跟踪：不再答复，名单随即清除",
        en="End a watch: nothing more is told, and who was watched is erased",
        rpcs=("Watches/CloseWatch",),
        serve=_close,
        answer=_WATCH,
        place=(_NUMBER,),
        body=(),
    ),
)
