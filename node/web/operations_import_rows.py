"""What is seen of an import, published or not (IM8): its rows, and what its file is called."""

from __future__ import annotations

from typing import Final

from huxin.v1 import imports_pb2 as pb

from node.documents import answers
from node.texts.fields import ROW_DECISIONS
from node.web import parameters
from node.web.bodies import Field
from node.web.messages import message
from node.web.operations import Ask, Operation, Said
from node.web.operations_files import SECONDS
from node.web.operations_imports import IMPORT, NUMBER
from node.web.schemas import Schema, array, number, record, text

MOST: Final = 1000
"""Rows of a page; one more goes by no form of the API."""
_ROW: Final[Schema] = record(
    {
        "row": number("行号", "its number"),
        "decision": text("将如何处理，或已如何处理", "what it would lead to, or has led to"),
        "statement_id": text(
            "所列入或所针对的列入的声明编号", "id of the listing that it makes, or is about"
        ),
        "act_id": text("所作修复、撤销或标注的声明编号", "id of the relief or annotation it made"),
        "name": text("主体名称；场景为其名称", "name of the subject, or title of the scenario"),
        "known": text(
            "法人库中此代码的名称（名称与之不一致而待定的行）",
            "what the base library calls the code, of a row that waits because it names another",
        ),
        "code": text("主体代码", "code of the subject"),
        "scheme": text("代码类别", "scheme of the code"),
        "list_type": text("名单代码", "code of the list"),
        "document": text("行中的决定文书号", "number of the decision of the row"),
        "listing_document": text(
            "所针对的列入的文书号", "number of the decision by which it was listed"
        ),
        "decided_on": number("决定日期，YYYYMMDD", "day of the decision, YYYYMMDD"),
        "publish_until": number("公示至", "last day of publication, YYYYMMDD; 0 for none"),
    },
    *("row", "decision", "name", "code"),
)


def _rows(ask: Ask, said: Said) -> object:
    asked = pb.GetImportRowsRequest(**said)
    return answers.document(ask.one("Imports/GetImportRows", asked))


def _name(ask: Ask, said: Said) -> object:
    asked = message(pb.NameImportRequest, number=said["number"], called=said["called"])
    return answers.document(ask.one("Imports/NameImport", asked))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/imports/{number}/rows",
        name="getImportRows",
        zh="导入文件中无错误的各行：主体是谁，将如何处理；发布后为已如何处理、记录编号。"
        "与外部名单核对的文件（comparison）不列",
        en="The rows of an import without a fault: whom each names and what it would lead to; once "
        "published what it has led to, and the id of its record. None of a comparison",
        rpcs=("Imports/GetImportRows",),
        serve=_rows,
        answer=record(
            {
                "import": text("编号", "its number"),
                "good": number("无错误的行数", "rows without a fault"),
                "rows": array(_ROW, "各行", "the rows"),
                "next": number(
                    "下一页的 after；最后一页为 0", "`after` of the next page; 0: the last"
                ),
            },
            *("import", "good", "rows", "next"),
        ),
        place=(NUMBER,),
        query=(
            parameters.number("after", 0, 10**9, "略过的行数", "rows that are passed over"),
            parameters.number("limit", 1, MOST, "一页行数，缺省 50", "rows of a page, else 50"),
            parameters.words(
                "decision", ROW_DECISIONS, "只列如此处理的", "only what leads to this"
            ),
        ),
        seconds=SECONDS,
    ),
    Operation(
        method="POST",
        path="/v1/imports/{number}:name",
        name="nameImport",
        zh="记下导入人对文件的叫法；可能含主体名称，只写在正文里，随导入一并删去",
        en="Keep what whoever brought it calls its file; it may name a subject, so that it stands "
        "in the body alone, and goes with the import",
        rpcs=("Imports/NameImport",),
        serve=_name,
        answer=IMPORT,
        place=(NUMBER,),
        body=(
            Field(name="called", zh="文件名", en="name of the file", example="欠薪名单11月.xlsx"),
        ),
    ),
)
