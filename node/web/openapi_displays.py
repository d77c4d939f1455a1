"""What `protos/openapi.json` says of displays 第三方公示: their routes and schemas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from federation.relief.displays import Ground
from node.web import bodies
from node.web.log_openapi import problem
from node.web.schemas import Schema, array, number, record, taken, text

_CODES: Final = (400, 401, 403, 408, 409, 413, 415, 422, 429, 500, 503)


def paths() -> Schema:
    """The routes."""
    numbered = {
        "name": "number",
        "in": "path",
        "required": True,
        "description": "答复的 number / the `number` of the answer",
        "schema": {"type": "string", "minLength": 1, "maxLength": 64},
    }
    return {
        "/v1/displays": {
            "post": _operation(
                "submitDisplays",
                "第三方提交所展示的记录，答复应停止展示的行 / Which rows of a display must go",
                ("Displays", "DisplaysAnswer"),
                _CODES,
            )
        },
        "/v1/displays/{number}/acknowledgements": {
            "parameters": [numbered],
            "post": _operation(
                "acknowledgeDisplays",
                "第三方回告已停止展示的行 / Say which rows were taken down",
                ("TakenDown", "DisplaysAcknowledged"),
                (*_CODES, 404),
            ),
        },
    }


def _operation(name: str, summary: str, forms: tuple[str, str], codes: Sequence[int]) -> Schema:
    asked, answered = ({"$ref": f"#/components/schemas/{form}"} for form in forms)
    answer = {
        "description": "答复 / answer",
        "content": {"application/json": {"schema": answered}},
    }
    return {
        "operationId": name,
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": asked}}},
        "responses": {"200": answer} | {str(one): problem(one) for one in sorted(codes)},
    }


def _whole(properties: Schema) -> Schema:
    return record(properties, *properties)


_ROW: Final = number("行号", "number of the row")
_REFUSED: Final = array(
    _whole({"row": _ROW, "code": text("缘由代码", "why"), "message": text("说明", "in words")}),
    "未能受理的行",
    "rows that were refused",
)
SCHEMAS: Final[dict[str, Schema]] = {
    "Displays": taken(bodies.DISPLAYED),
    "TakenDown": taken(bodies.TAKEN_DOWN),
    "DisplaysAnswer": _whole(
        {
            "number": text("批次编号，回告时引用", "number of the answer"),
            "at": number("答复时间，UTC 秒", "time of the answer, seconds UTC"),
            "rows": number("提交的行数", "rows handed in"),
            "complete": {
                "type": "boolean",
                "description": "所有日志是否都已查到；否则稍后再提交 / whether all logs were heard",
            },
            "remove": array(
                _whole(
                    {
                        "row": _ROW,
                        "ground": text(
                            "缘由：撤销、修复、到期", "why", enum=[one.value for one in Ground]
                        ),
                        "since": number("自何日 YYYYMMDD；不明为 0", "since, YYYYMMDD; or 0"),
                        "due_on": number(
                            "应于何日前停止展示 YYYYMMDD；未定为 0",
                            "to be taken down by, YYYYMMDD; 0: not set",
                        ),
                        "acknowledged": {
                            "type": "boolean",
                            "description": "是否已回告 / whether it was acknowledged",
                        },
                    }
                ),
                "应停止展示的行",
                "rows that must go",
            ),
            "ambiguous": array(
                _ROW,
                "同一文书号另有有效记录，请注明名单后再提交，或询问平台",
                "another record of this document stands: name the list, or ask",
            ),
            "refused": _REFUSED,
            "promises": array({"type": "object"}, "查询日志的承诺", "promises of the query log"),
        }
    ),
    "DisplaysAcknowledged": _whole(
        {
            "number": text("批次编号", "number of the answer"),
            "acknowledged": array(_ROW, "已记录的行", "rows that count"),
            "refused": _REFUSED,
            "outstanding": array(_ROW, "尚未回告的行", "rows that are still to go"),
        }
    ),
}
