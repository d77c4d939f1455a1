"""Schemas of bodies, and parts of those of answers, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from federation.relief.displays import ROWS_MAX
from node.web import bodies

Schema = dict[str, Any]


def text(zh: str, en: str, **more: object) -> Schema:
    """A text; `more` are further words of the schema."""
    return {"type": "string", "description": f"{zh} / {en}", **more}


def number(zh: str, en: str) -> Schema:
    """A whole number."""
    return {"type": "integer", "description": f"{zh} / {en}"}


def boolean(zh: str, en: str) -> Schema:
    """Yes or no."""
    return {"type": "boolean", "description": f"{zh} / {en}"}


def array(items: Schema, zh: str, en: str) -> Schema:
    """A list of these."""
    return {"type": "array", "items": items, "description": f"{zh} / {en}"}


def record(properties: Schema, *required: str) -> Schema:
    """An object of an answer: more properties may come in later versions, so none is forbidden."""
    return {"type": "object", "required": list(required), "properties": properties}


def taken(fields: Sequence[bodies.Field]) -> Schema:
    """What a body, or a row of one, takes."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in fields if field.required],
        "properties": {field.name: _field(field) for field in fields},
    }


def _field(field: bodies.Field) -> Schema:
    schema: Schema = {"type": field.kind, "description": f"{field.zh} / {field.en}"}
    if field.words:
        schema["enum"] = [str(word) for word in field.words]
    elif field.kind == "array":
        number_of_row = {"type": "integer", "minimum": 1, "maximum": ROWS_MAX}
        items = taken(field.items) if field.items else number_of_row
        if field.each:
            items = {"type": field.each}
        schema |= {"minItems": 1, "maxItems": ROWS_MAX, "items": items}
    elif field.kind == "string":
        schema["maxLength"] = field.longest
    elif field.kind == "integer":
        schema |= {"minimum": 0, "maximum": bodies.INTEGER_MAX}
    if field.example != "":
        schema["examples"] = [field.example]
    return schema


COVERAGE: Final[Schema] = record(
    {
        "origin": text("日志", "log"),
        "region": text("行政区划代码", "region"),
        "name": text("城市", "city"),
        "size": number("条目数", "leaves"),
        "head_age_s": {
            "type": ["integer", "null"],
            "description": "检查点距今秒数 / age of the head",
        },
        "state": text("状态；ok 为可用", "state; ok where it counts"),
    },
    "origin",
    "size",
    "state",
)
