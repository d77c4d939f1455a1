"""Operations about records: statements as this node holds them, as `huxin records -o json`."""

from __future__ import annotations

from typing import Final

from huxin.v1 import admin_pb2
from huxin.v1 import registry_pb2 as pb

from federation.names import KINDS
from node.codec import record_from_proto, record_to_json
from node.documents.proofs import proof_document
from node.texts.fields import STATES
from node.web import parameters
from node.web.bodies import Field
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


def _get(ask: Ask, said: Said) -> object:
    request = pb.GetRecordRequest(statement_id=bytes.fromhex(said["statement_id"]))
    return record_to_json(record_from_proto(ask.one("Registry/GetRecord", request)))


def _proof(ask: Ask, said: Said) -> object:
    statement_id = bytes.fromhex(said["statement_id"])
    request = admin_pb2.GetProofRequest(statement_id=statement_id)
    return proof_document(ask.one("Admin/GetProof", request), statement_id)


_WANTED: Final = (
    parameters.words("state", tuple(STATES), "状态", "state"),
    parameters.ORIGIN,
    parameters.words("kind", KINDS.all(), "种类，缺省为列入", "kind; listings where absent"),
    parameters.code("list_type", "unpaid-migrant-wages", "名单代码", "code of the list"),
    *parameters.PAGED,
)

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
        query=_WANTED,
    ),
    Operation(
        method="POST",
        path="/v1/records:search",
        name="searchRecords",
        zh="按主体查记录；主体只写在正文里",
        en="Records of a subject, who stands in the body alone",
        rpcs=("Registry/ListRecords",),
        serve=_list,
        answer=RECORDS,
        query=_WANTED,
        body=(
            Field(
                name="code",
                zh="主体代码；统一社会信用代码也查到其中的组织机构代码",
                en="code of the subject; a unified one also finds the organisation code in it",
                required=False,
                example="91510500MAXA00000X",
            ),
            Field(
                name="name",
                zh="主体全称",
                en="name of the subject, whole",
                required=False,
                example="泸州甲建筑有限公司（演示）",
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/records/{statement_id}",
        name="record",
        zh="一条记录及其内容，同 huxin records show -o json",
        en="One record with its payload, as `huxin records show -o json`",
        rpcs=("Registry/GetRecord",),
        serve=_get,
        answer=RECORD,
        place=(parameters.statement_id(),),
    ),
    Operation(
        method="GET",
        path="/v1/records/{statement_id}/proof",
        name="proof",
        zh="一条声明的存证证明，同 huxin proof -o json",
        en="What proves one statement, as `huxin proof -o json`",
        rpcs=("Admin/GetProof",),
        serve=_proof,
        answer=record(
            {
                "statement_id": text("声明编号", "id of the statement"),
                "origin": text("日志", "log"),
                "index": number("序号", "its index there"),
                "size": number("检查点的条目数", "leaves that the checkpoint covers"),
                "first_cosigned": number("首次联署的时间；0 为未证明", "0: no time is proved"),
                "root": text("日志根，base64", "root, base64"),
                "leaf": text("条目，十六进制", "leaf, hexadecimal"),
                "proof": text("证明文件", "the proof file"),
                "vkey": array({"type": "string"}, "验证密钥", "verifier keys"),
                "opening": {
                    "type": "boolean",
                    "description": "是否持有内容 / whether the content is held",
                },
            },
            *("statement_id", "origin", "index", "size", "root", "leaf", "proof", "vkey"),
        ),
        place=(parameters.statement_id(),),
    ),
)
