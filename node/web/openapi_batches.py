"""What `protos/openapi.json` says of batches of checks 批量核查: their route and schemas."""

from __future__ import annotations

from typing import Any, Final

from federation.screening.checks import Result
from node.web import bodies
from node.web.log_openapi import problem
from node.web.schemas import COVERAGE, Schema, array, number, record, taken, text

_ANSWER: Final = "#/components/schemas/Answer/properties"
_STATUSES: Final = (400, 401, 403, 408, 409, 413, 415, 422, 429, 500, 503)


def _paths() -> Schema:
    """The route."""
    asked, answered = (
        {"$ref": f"#/components/schemas/{name}"} for name in ("Batch", "BatchAnswer")
    )
    answer = {
        "description": "答复 / answer",
        "content": {"application/json": {"schema": answered}},
    }
    return {
        "/v1/checks:batch": {
            "post": {
                "operationId": "checkBatch",
                "summary": "为一个办件查询许多主体 / Ask about many for one case",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": asked}},
                },
                "responses": {"200": answer} | {str(one): problem(one) for one in _STATUSES},
            }
        }
    }


def _whole(properties: Schema) -> Schema:
    return record(properties, *properties)


def _as_of(zh: str, en: str) -> Schema:
    moment: dict[str, Any] = _whole(
        {
            "at": number("UTC 秒", "seconds UTC"),
            "complete": {
                "type": "boolean",
                "description": "所有日志是否都已查到 / whether all logs were heard",
            },
            "coverage": array(COVERAGE, "各城市的日志", "every log"),
        }
    )
    return moment | {"description": f"{zh} / {en}"}


_ROW: Final = _whole(
    {
        "row": number("行号，从 1 起", "number of the row, from 1"),
        "result": text(
            "结果；refused 未受理，见 codes",
            "the result; refused: no question, see codes",
            enum=[*(one.value for one in Result), "refused"],
        ),
        "number": text(
            "命中的查询编号，反馈时引用；其余为空", "number of a match, for its outcome; else empty"
        ),
        **{
            name: {"$ref": f"{_ANSWER}/{name}"}
            for name in ("matches", "notes", "codes", "superseded", "normalised")
        },
    }
)
BATCH_SCHEMAS: Final[dict[str, Schema]] = {
    "Batch": taken(bodies.BATCH),
    "BatchAnswer": _whole(
        {
            "number": text("批次编号", "number of the batch"),
            "as_of": _as_of("未发现的截至时刻", "as of when a row is clear"),
            "closed": _as_of("命中再次判断的时刻", "when every match was judged again"),
            "rows": number("行数", "rows"),
            "clear": number("未发现的行数", "rows that are clear"),
            "matches": number("命中的行数", "rows that are matches"),
            "insufficient": number("无法判定的行数", "rows that cannot be told"),
            "refused": number("未受理的行数", "rows that were no questions"),
            "others": array(
                _ROW, "不只是未发现的行；其余各行为 clear", "rows that are not plainly clear"
            ),
            "promise": {
                "type": "object",
                "description": "查询日志的承诺 / promise of the query log",
            },
        }
    ),
}
BATCH_PATHS: Final = _paths()
