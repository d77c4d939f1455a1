"""Operations about imports: a file is brought and tried, two persons speak, it is published.

What they may, and what is refused of them, is said where the node decides it (IM1-IM6,
`node.intake.imports`).
"""

from __future__ import annotations

import json
from typing import Any, Final

from huxin.v1 import imports_pb2 as pb

from federation.errors import StatementError
from node.documents import answers
from node.web import parameters
from node.web.bodies import Field
from node.web.messages import NOTE, message
from node.web.operations import Ask, Content, Operation, Said
from node.web.operations_files import KINDS, SECONDS
from node.web.parameters import Parameter
from node.web.schemas import Schema, array, boolean, number, record, text

CSV: Final = "text/csv; charset=utf-8"
SORTS: Final = ("rows", "mapping")
_MAPPING: Final[Schema] = record(
    {
        "mapping": text("映射编号", "id of the mapping"),
        "list_type": text("名单代码", "code of the list"),
        "title": text("名称", "what it is called"),
        "saved": {
            "type": "boolean",
            "description": "是否为本节点保存的 / whether it was saved here",
        },
    },
    *("mapping", "list_type", "title", "saved"),
)
NUMBER: Final = Parameter(
    name="number",
    zh="导入的编号，32 位小写十六进制",
    en="number of the import, 32 hexadecimal digits in lower case",
    form="[0-9a-f]{32}",
    sample="4d1f0c7be12a3d4e6f8091a2b3c4d5e6",
    required=True,
)
_WORD: Final[Schema] = record(
    {
        "sort": text("所确认的：rows 各行，mapping 映射", "what is said: rows, mapping"),
        "text": text("须签署的原文，一字节不改", "the very bytes to sign"),
        "note": text("已有的签名", "the note as it is signed so far"),
        "says": array({"type": "string"}, "所确认的事项", "what is said of the rows"),
        "reason": text("理由", "why"),
        "persons": array({"type": "string"}, "已确认的人", "who has said it"),
        "needed": number("尚缺几人", "how many persons it lacks"),
        "signed": boolean("是否须签名", "whether it is signed with keys"),
    },
    *("sort", "persons"),
)
_AWAITED: Final[Schema] = record(
    {
        "word": text("可由两人确认的事项", "what two persons may say"),
        "code": text("等候原因", "code with which the rows wait"),
        "rows": number("行数", "rows"),
        "first": array({"type": "integer"}, "首批行号", "numbers of the first of them"),
        "stops": boolean("未确认则整个文件不发布", "whether the whole file waits for it"),
    },
    *("word", "code", "rows", "stops"),
)
_HEAD: Final[Schema] = {
    "import": text("编号", "its number"),
    "state": text(
        "columns 列未识别，tried 已检查，returned 退回，waits 待另一人，ready 齐，published 已发布",
        "columns: no mapping reads it; tried; returned; waits for a person; ready; published",
    ),
    "at": number("导入时刻，秒", "when it was brought, seconds"),
    "until": number("有效至，秒", "until when it waits, seconds"),
    "by": text("导入单位", "whose credential brought it"),
    "person": text("导入人的账号；不是账号的为空", "the account that brought it; else empty"),
    "called": text("文件名；没有写明的为空", "what its file is called; empty: nobody said"),
    "sha256": text("文件摘要", "digest of the file"),
    "kind": text("种类", "what the rows say"),
    "list_type": text("名单代码", "code of the list"),
    "mapping": text("映射编号", "id of the mapping"),
    "rows": number("行数", "rows"),
}
_READ: Final[Schema] = record(
    {
        "name": text("列名", "name of the column"),
        "target": text("填入的字段", "what it is"),
    },
    *("name", "target"),
)
IMPORT: Final[Schema] = record(
    {
        **_HEAD,
        "result": {
            "type": "object",
            "description": "检查或发布的结果，同 huxin publish -o json / of the try or the "
            "publishing, as `huxin publish -o json`",
        },
        "errors": array({"type": "object"}, "各行的错误", "the faults by row"),
        "fault": {
            "type": "object",
            "description": "整个文件无法读取的原因 / why it cannot be read as a whole",
        },
        "awaited": array(_AWAITED, "可由两人确认的事项", "what two persons may say"),
        "words": array(_WORD, "已提出的确认", "words that were begun"),
        "mapping_text": text("随附的映射文件", "the mapping that came with it"),
        "mapping_columns": array(_READ, "该映射把各列读作什么", "what it takes each column for"),
    },
    *("import", "state", "awaited", "words"),
)
_COLUMN: Final[Schema] = record(
    {
        "name": text("列名", "name of the column"),
        "target": text("填入的字段；空为不用", "what it is; empty: dropped"),
        "why": text("猜测的理由", "why it is guessed"),
        "filled": number("已填的单元格数", "cells that are filled"),
        "samples": array({"type": "string"}, "示例，涉及自然人的已略去", "samples, masked"),
    },
    *("name", "target"),
)
_SORT: Final = Field(
    name="sort",
    zh="rows 各行属实，mapping 采用映射",
    en="rows, or mapping",
    words=SORTS,
    example="rows",
)


def _new(ask: Ask, said: Said) -> object:
    asked = pb.NewImportRequest(
        path=str(said["file"]),
        kind=said["kind"],
        list_type=said.get("list_type", ""),
        mapping=said.get("mapping", ""),
        source=said.get("source", ""),
        full_snapshot=said.get("full_snapshot", False),
    )
    return _last(ask, "NewImport", asked)


def _mappings(ask: Ask, _said: Said) -> object:
    found = ask.one("Imports/ListMappings", pb.ListMappingsRequest())
    return {"mappings": list(answers.rows(found.mappings_json))}


def _list(ask: Ask, said: Said) -> object:
    del said
    found = ask.one("Imports/ListImports", pb.ListImportsRequest())
    return {"imports": list(answers.rows(found.imports_json))}


def _get(ask: Ask, said: Said) -> object:
    asked = pb.GetImportRequest(number=said["number"])
    return answers.document(ask.one("Imports/GetImport", asked))


def _errors(ask: Ask, said: Said) -> Content:
    asked = pb.GetImportRequest(number=said["number"])
    parts = ask.many("Imports/GetImportErrors", asked)
    data = b"".join(one.part for one in parts)
    return Content(data=data, media=CSV, name=f"{said['number']}.errors.csv")


def _propose(ask: Ask, said: Said) -> object:
    columns: dict[str, Any] = said.get("columns", {})
    if not all(isinstance(one, str) for one in columns.values()):
        refused = "columns：应为“列名: 字段” / columns: expected a field by the name of a column"
        raise StatementError("http.field", refused)
    asked = message(
        pb.ProposeMappingRequest,
        number=said["number"],
        list_type=said.get("list_type", ""),
        columns=[pb.ChosenColumn(name=name, target=target) for name, target in columns.items()],
        name=said.get("name", ""),
    )
    return answers.document(ask.one("Imports/ProposeMapping", asked))


def _map(ask: Ask, said: Said) -> object:
    asked = message(pb.MapImportRequest, number=said["number"], text=said.get("text", ""))
    return _last(ask, "MapImport", asked)


def _begin(ask: Ask, said: Said) -> object:
    asked = message(
        pb.BeginWordRequest,
        number=said["number"],
        sort=said["sort"],
        says=said.get("says", ()),
        reason=said.get("reason", ""),
    )
    return answers.document(ask.one("Imports/BeginWord", asked))


def _say(ask: Ask, said: Said) -> object:
    asked = message(
        pb.SayWordRequest,
        number=said["number"],
        sort=said["sort"],
        person=said["person"],
        note=said.get("note", ""),
        shown=said.get("shown", ""),
        refusal=said.get("refusal", ""),
    )
    return answers.document(ask.one("Imports/SayWord", asked))


def _publish(ask: Ask, said: Said) -> object:
    asked = pb.PublishImportRequest(number=said["number"], request_id=said["request_id"])
    return _last(ask, "PublishImport", asked)


def _drop(ask: Ask, said: Said) -> object:
    asked = pb.GetImportRequest(number=said["number"])
    return answers.document(ask.one("Imports/DropImport", asked))


def _last(ask: Ask, rpc: str, asked: Any) -> object:  # noqa: ANN401 - a request of that call
    return json.loads(ask.many(f"Imports/{rpc}", asked)[-1].json)


OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/v1/imports",
        name="newImport",
        zh="导入文件：先检查，不发布，存留七天；正文即文件",
        en="Bring a file: it is tried, not published, and kept for a week; the body is the file",
        rpcs=("Imports/NewImport",),
        serve=_new,
        answer=IMPORT,
        query=(
            parameters.words("kind", KINDS, "各行所说的是什么", "what the rows say", required=True),
            parameters.code("list_type", "unpaid-migrant-wages", "名单代码", "code of the list"),
            parameters.code(
                "mapping",
                "unpaid-migrant-wages",
                "内置或已存映射的编号，缺省为数源所配",
                "id of a built-in or saved mapping; else that of the source",
                dots=False,
            ),
            parameters.code(
                "source", "hrss", "数源部门，配置中的名称", "source department, as configured"
            ),
            parameters.flag(
                "full_snapshot", "全量文件：缺少的行将暂停", "rows that are gone are paused"
            ),
        ),
        file=True,
        seconds=SECONDS,
    ),
    Operation(
        method="GET",
        path="/v1/imports",
        name="listImports",
        zh="各次导入及其待确认的事项",
        en="Imports, and whose word they wait for",
        rpcs=("Imports/ListImports",),
        serve=_list,
        answer=record({"imports": array(record(_HEAD), "导入", "imports")}, "imports"),
    ),
    Operation(
        method="GET",
        path="/v1/mappings",
        name="listMappings",
        zh="可按编号指定的映射：本节点保存的在前，其后是程序自带的",
        en="Mappings that can be named by their id: those saved here, then those of the program",
        rpcs=("Imports/ListMappings",),
        serve=_mappings,
        answer=record({"mappings": array(_MAPPING, "映射", "mappings")}, "mappings"),
    ),
    Operation(
        method="GET",
        path="/v1/imports/{number}",
        name="getImport",
        zh="一次导入：检查结果、可由两人确认的事项、须签署的原文",
        en="One import: what its try found, what two persons may say, the bytes to sign",
        rpcs=("Imports/GetImport",),
        serve=_get,
        answer=IMPORT,
        place=(NUMBER,),
    ),
    Operation(
        method="GET",
        path="/v1/imports/{number}/errors",
        name="getImportErrors",
        zh="一次导入的错误清单（CSV）；没有错误时为空",
        en="The errors file of an import, CSV; empty where no row was at fault",
        rpcs=("Imports/GetImportErrors",),
        serve=_errors,
        answer={},
        place=(NUMBER,),
        media=CSV,
    ),
    Operation(
        method="POST",
        path="/v1/imports/{number}:propose",
        name="proposeMapping",
        zh="为其各列提出映射；不作更改",
        en="Propose a mapping for its columns; nothing changes by it",
        rpcs=("Imports/ProposeMapping",),
        serve=_propose,
        answer=record(
            {
                "list_type": text("名单代码", "code of the list"),
                "title": text("名单名称", "what the list is called"),
                "columns": array(_COLUMN, "各列", "the columns"),
                "targets": array({"type": "string"}, "可选的字段", "what a column may be"),
                "text": text("映射文件", "the mapping file"),
                "lacking": array(
                    {"type": "string"}, "尚无列填入的必填字段", "needed fields that no column fills"
                ),
            },
            *("columns", "targets", "text"),
        ),
        place=(NUMBER,),
        body=(
            Field(
                name="list_type",
                zh="名单代码，缺省为最相近的",
                en="code of the list; else the one that fits best",
                required=False,
                example="judgment-defaulter",
            ),
            Field(
                name="columns",
                kind="object",
                zh="各列填入的字段，缺省由节点猜测",
                en="what each column is, by its name; else the node guesses",
                required=False,
                example={"单位代码": "code"},
            ),
            Field(
                name="name",
                zh="映射编号",
                en="id of the mapping",
                required=False,
                example="court-own",
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/imports/{number}:map",
        name="mapImport",
        zh="附上映射文件并重新检查；空为去掉",
        en="Lay a mapping beside it and try it again; empty takes it away",
        rpcs=("Imports/MapImport",),
        serve=_map,
        answer=IMPORT,
        place=(NUMBER,),
        body=(
            Field(
                name="text",
                zh="映射文件（YAML）",
                en="the mapping file, YAML",
                required=False,
                example="format: 1",
            ),
        ),
        seconds=SECONDS,
    ),
    Operation(
        method="POST",
        path="/v1/imports/{number}:word",
        name="beginWord",
        zh="提出由两人确认的事项，答复有须签署的原文；says 为空则收回尚无人确认的",
        en="Begin what two persons are to say; the answer has the bytes to sign. Without `says` "
        "what nobody has said yet is taken back",
        rpcs=("Imports/BeginWord",),
        serve=_begin,
        answer=IMPORT,
        place=(NUMBER,),
        body=(
            _SORT,
            Field(
                name="says",
                kind="array",
                each="string",
                zh="所确认的，如 awaited 所列",
                en="what is said of the rows, as `awaited` has it",
                required=False,
                example=["one-subject"],
            ),
            Field(
                name="reason",
                zh="理由，不写主体信息",
                en="why; nothing of a subject in it",
                required=False,
                example="已向法院核对",
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/imports/{number}:say",
        name="sayWord",
        zh="一人确认：附本人对原文的签名；两人须不同",
        en="What one person says: with the own signature over the bytes; two different persons",
        rpcs=("Imports/SayWord",),
        serve=_say,
        answer=IMPORT,
        place=(NUMBER,),
        body=(
            _SORT,
            Field(name="person", zh="确认人姓名", en="who says it", example="张某（演示）"),
            NOTE,
            Field(
                name="shown",
                zh="本人所见原文的 SHA-256；其后已改的不予确认",
                en="SHA-256 of the bytes that this person saw; what was changed since is refused",
                required=False,
                example="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            Field(
                name="refusal", zh="退回理由", en="why not", required=False, example="与原件不符"
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/v1/imports/{number}:publish",
        name="publishImport",
        zh="发布检查过的文件，仅一次",
        en="Publish the very file that was tried, once",
        rpcs=("Imports/PublishImport",),
        serve=_publish,
        answer=IMPORT,
        place=(NUMBER,),
        body=(),
        keyed=True,
        seconds=SECONDS,
    ),
    Operation(
        method="POST",
        path="/v1/imports/{number}:drop",
        name="dropImport",
        zh="删去一次导入",
        en="Remove an import",
        rpcs=("Imports/DropImport",),
        serve=_drop,
        answer=record({"import": text("编号", "its number")}, "import"),
        place=(NUMBER,),
        body=(),
    ),
)
