"""Files of departments over HTTP: a list, reliefs, annotations, commitments, scenarios; questions.

The file is the body; what is to be done with it stands in the query, in closed forms. One of whose
rows persons have to speak (F12-F14, F33) is brought as an import (`operations_imports`).

A table of subjects to ask about is only read: who asks sends its rows as a batch, so that what is
recorded is the question and not the reading of a file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from huxin.v1 import admin_pb2 as pb

from adapters.files.errors import FileAdapterError
from adapters.files.faults import read_faults
from adapters.files.subjects import read_subjects
from adapters.files.tables import Limits
from federation.errors import StatementError
from federation.screening.batches import ROWS_AT_ONCE, ROWS_READ
from node.web import parameters
from node.web.operations import Ask, Operation, Said
from node.web.schemas import array, number, record, text

KINDS: Final = (
    "list",
    "repair",
    "withdrawal",
    "annotation",
    "scenario",
    "recognition",
    "commitment",
    "comparison",
)
ERRORS: Final = 1000
"""Faults of rows that are listed; the figures count all."""
SECONDS: Final = 600.0
SUBJECTS: Final = Limits(
    file_bytes=4 * 1024**2, unpacked_bytes=64 * 1024**2, seconds=30, rows=ROWS_READ
)
"""Of a table of subjects that are asked about in parts."""


def _publish(ask: Ask, said: Said) -> object:
    path: Path = said["file"]
    request = pb.PublishFileRequest(
        path=str(path),
        kind=said["kind"],
        list_type=said.get("list_type", ""),
        mapping=said.get("mapping", ""),
        dry_run=said.get("dry_run", False),
        full_snapshot=said.get("full_snapshot", False),
        source=said.get("source", ""),
    )
    last = ask.many("Admin/PublishFile", request)[-1]
    result: dict[str, Any] = json.loads(last.result_json)
    result.pop("errors_file", "")
    return result | {"file": path.name, "errors": read_faults(path, ERRORS)}


def _subjects(ask: Ask, said: Said) -> object:
    del ask  # whoever may ask about many may have a table of them read (HT17)
    path: Path = said["file"]
    rows: list[dict[str, str]] = []
    faults: list[dict[str, Any]] = []
    try:
        for part in read_subjects(path, SUBJECTS):
            named = zip(part.codes, part.names, strict=True)
            rows += [{"code": code, "name": name} for code, name in named]
            faults += [
                {"row": one.row, "code": one.code, "message": one.message} for one in part.faults
            ]
    except FileAdapterError as error:  # of the caller's file, not of this node
        raise StatementError(error.code, str(error)) from error
    return {"rows": rows, "faults": faults}


OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/v1/files:publish",
        name="publishFile",
        zh="发布文件中的名单、修复或场景，同 huxin publish -o json；正文即文件",
        en="Publish the rows of a file, as `huxin publish -o json`; the body is the file",
        rpcs=("Admin/PublishFile",),
        serve=_publish,
        answer=record(
            {
                "file": text("节点所给的批次名", "name of the batch, given by the node"),
                "refused_rows": number("拒绝的行数", "rows refused"),
                "faults": {
                    "type": "object",
                    "description": "各代码的错误数 / how many faults of each code",
                },
                "errors": array(
                    {"type": "object"},
                    f"各行的错误，至多 {ERRORS} 条",
                    f"the faults by row, at most {ERRORS}",
                ),
            },
            "file",
            "faults",
            "errors",
        ),
        query=(
            parameters.words("kind", KINDS, "各行所说的是什么", "what the rows say", required=True),
            parameters.code("list_type", "unpaid-migrant-wages", "名单代码", "code of the list"),
            parameters.code(
                "mapping",
                "unpaid-migrant-wages",
                "内置映射的编号，缺省为数源所配",
                "id of a built-in mapping; else that of the source",
                dots=False,
            ),
            parameters.code(
                "source", "hrss", "数源部门，配置中的名称", "source department, as configured"
            ),
            parameters.flag("dry_run", "只检查，不发布", "only check, publish nothing"),
            parameters.flag(
                "full_snapshot", "全量文件：缺少的行将暂停", "rows that are gone are paused"
            ),
        ),
        file=True,
        seconds=SECONDS,
    ),
    Operation(
        method="POST",
        path="/v1/subjects:read",
        name="readSubjects",
        zh=f"读出表中的主体，同 /v1/checks:batch 的 rows，后者一次至多 {ROWS_AT_ONCE} 行；"
        f"至多 {ROWS_READ} 行，不查询",
        en=f"Read a table of at most {ROWS_READ} subjects into rows as /v1/checks:batch takes "
        f"them, {ROWS_AT_ONCE} at a time; nothing is asked about them",
        rpcs=("Screening/CheckRows",),
        serve=_subjects,
        answer=record(
            {
                "rows": array({"type": "object"}, "代码和名称", "codes and names"),
                "faults": array({"type": "object"}, "读不出的行", "rows that cannot be read"),
            },
            "rows",
            "faults",
        ),
        file=True,
    ),
)
