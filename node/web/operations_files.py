"""Files of departments over HTTP: a list, reliefs, annotations, commitments, scenarios.

The file is the body; what is to be done with it stands in the query, in closed forms. One of whose
rows persons have to speak (F12-F14, F33) is brought as an import (`operations_imports`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from huxin.v1 import admin_pb2 as pb

from adapters.files.faults import read_faults
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
)
