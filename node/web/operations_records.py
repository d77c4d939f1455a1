"""Operations about records: statements as this node holds them, as `huxin records -o json`."""

from __future__ import annotations

from typing import Final

from huxin.v1 import registry_pb2 as pb

from federation.names import KINDS
from node.codec import record_from_proto, record_to_json
from node.texts.fields import STATES
from node.web import parameters
from node.web.operations import Ask, Operation, Said
from node.web.schemas import Schema, array, number, record, text

RECORD: Final[Schema] = record(
    {
        "statement_id": text("声明编号", "id of the statement"),
        "kind": text("种类", "kind"),
        "origin": text("日志", "log"),
        "index": number("序号", "its index there"),
        "list_type": text("名单", "list"),
        "subject": {
            "type": ["object", "null"],
            "description": "主体；已删除或未持有为 null / the subject; null: erased, or not held",
        },
        "document": text("决定文书号", "number of the decision"),
        "decided_on": number("决定日 YYYYMMDD", "day of the decision, YYYYMMDD"),
        "publish_until": number("公示截止日；未定为 0", "until when; 0: not stated"),
        "state": text("状态", "state"),
        "annotations": array({"type": "string"}, "标注", "annotations"),
        "rule": text("规则", "code of the rule"),
    },
    *("statement_id", "kind", "origin", "index", "list_type", "subject", "state"),
)
RECORDS: Final[Schema] = record(
    {
        "records": array(RECORD, "记录", "records"),
        "next_page_token": text("下一页的标记；最后一页为空", "of the next page; empty: the last"),
    },
    "records",
    "next_page_token",
)


def _list(ask: Ask, said: Said) -> object:
    page = ask.one("Registry/ListRecords", pb.ListRecordsRequest(**said))
    return {
        "records": [record_to_json(record_from_proto(one)) for one in page.records],
        "next_page_token": page.next_page_token,
    }


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/records",
        name="listRecords",
        zh="记录，按日志与序号",
        en="Records, by log and index",
        rpcs=("Registry/ListRecords",),
        serve=_list,
        answer=RECORDS,
        query=(
            parameters.words("state", tuple(STATES), "状态", "state"),
            parameters.ORIGIN,
            parameters.words(
                "kind", KINDS.all(), "种类，缺省为列入", "kind; listings where absent"
            ),
            parameters.code("list_type", "unpaid-migrant-wages", "名单代码", "code of the list"),
            *parameters.PAGED,
        ),
    ),
)
