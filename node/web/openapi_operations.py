"""The operations in the description, made from their tables."""

from __future__ import annotations

from typing import Final

from node.web.log_openapi import problem
from node.web.operation_tables import OPERATIONS
from node.web.operations import REQUEST_ID, Operation
from node.web.parameters import Parameter
from node.web.schemas import Schema, taken
from node.web.uploads import ENDINGS

_ALWAYS: Final = (400, 401, 403, 409, 422, 429, 500, 503)
_WITH_BODY: Final = (408, 413, 415)
_BYTES: Final[Schema] = {"type": "string", "format": "binary"}


def paths() -> Schema:
    """Return the paths."""
    found: Schema = {}
    for one in OPERATIONS:
        found.setdefault(one.path, {})[one.method.lower()] = described(one)
    return found


def described(operation: Operation) -> Schema:
    """Return one operation as the description has it."""
    codes = {*_ALWAYS}
    codes |= {404} if operation.place or operation.body else set()
    codes |= set(_WITH_BODY) if operation.body is not None or operation.file else set()
    schema = operation.answer or _BYTES
    found: Schema = {
        "operationId": operation.name,
        "summary": f"{operation.zh} / {operation.en}",
        "parameters": [
            *(_parameter(one, "path") for one in operation.place),
            *(_parameter(one, "query") for one in operation.query),
            *([_KEY] if operation.keyed else []),
        ],
        "responses": {
            "200": {
                "description": "答复 / answer",
                "content": {operation.media: {"schema": schema}},
            }
        }
        | {str(status): problem(status) for status in sorted(codes)},
    }
    if operation.file:
        content = {kind: {"schema": _BYTES} for kind in ENDINGS}
        found["requestBody"] = {"required": True, "content": content}
    if operation.fields is not None:
        content = {"application/json": {"schema": taken(operation.fields)}}
        found["requestBody"] = {"required": True, "content": content}
    return found


_KEY: Final[Schema] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": f"{REQUEST_ID.zh} / {REQUEST_ID.en}",
    "schema": {"type": "string", "pattern": "^[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){4}[0-9a-fA-F]{8}$"},
}


def _parameter(parameter: Parameter, where: str) -> Schema:
    schema: Schema = {"type": "string"}
    if parameter.flag:
        schema = {"type": "boolean"}
    elif parameter.is_number:
        schema = {
            "type": "integer",
            "minimum": parameter.lowest,
            "maximum": parameter.highest,
        }
    elif parameter.words:
        schema["enum"] = list(parameter.words)
    else:
        schema["pattern"] = f"^(?:{parameter.form})$"
    return {
        "name": parameter.name,
        "in": where,
        "required": parameter.required or where == "path",
        "description": f"{parameter.zh} / {parameter.en}",
        "schema": schema,
        "example": parameter.example,
    }
