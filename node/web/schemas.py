"""Parts of schemas of answers, in Chinese and English."""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]


def text(zh: str, en: str, **more: object) -> Schema:
    """A text; `more` are further words of the schema."""
    return {"type": "string", "description": f"{zh} / {en}", **more}


def number(zh: str, en: str) -> Schema:
    """A whole number."""
    return {"type": "integer", "description": f"{zh} / {en}"}


def array(items: Schema, zh: str, en: str) -> Schema:
    """A list of these."""
    return {"type": "array", "items": items, "description": f"{zh} / {en}"}


def record(properties: Schema, *required: str) -> Schema:
    """An object of an answer: more properties may come in later versions, so none is forbidden."""
    return {"type": "object", "required": list(required), "properties": properties}


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
