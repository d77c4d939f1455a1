"""What is seen of the rows of an import before it is published (`node.intake.import_rows`)."""

from __future__ import annotations

from typing import Final

from huxin.v1 import imports_pb2 as pb

from node.documents import answers
from node.web.operations import Ask, Operation, Said
from node.web.operations_imports import NUMBER
from node.web.schemas import Schema, array, number, record, text

_ROW: Final[Schema] = record(
    {
        "row": number("行号", "its number"),
        "decision": text("将如何处理", "what it would lead to"),
        "name": text("主体名称", "name of the subject"),
        "code": text("主体代码", "code of the subject"),
        "scheme": text("代码类别", "scheme of the code"),
        "document": text("认定文书号", "number of the decision"),
        "decided_on": number("认定日期", "day of the decision, YYYYMMDD"),
        "publish_until": number("公示至", "last day of publication, YYYYMMDD; 0 for none"),
    },
    *("row", "decision", "name", "code"),
)


def _rows(ask: Ask, said: Said) -> object:
    asked = pb.GetImportRequest(number=said["number"])
    return answers.document(ask.one("Imports/GetImportRows", asked))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/imports/{number}/rows",
        name="getImportRows",
        zh="名单导入的前 50 行：各行的主体，以及将如何处理；已发布或超过一万行的不列",
        en="The first 50 rows of a list that was tried: whom each names, what it would lead to; "
        "none of what was published or has more than 10,000 rows",
        rpcs=("Imports/GetImportRows",),
        serve=_rows,
        answer=record(
            {
                "import": text("编号", "its number"),
                "good": number("无错误的行数", "rows without a fault"),
                "rows": array(_ROW, "前几行", "the first rows"),
            },
            *("import", "good", "rows"),
        ),
        place=(NUMBER,),
    ),
)
