"""The paths of `protos/openapi.json` that the listener of `[logs]` serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from node.web import join_app, problems

Schema = dict[str, Any]

_LOG_SERVERS: Final = [{"url": "/", "description": "[logs] listen"}]


def paths() -> Schema:
    """What the listener of `[logs]` serves, as C2SP has it; nothing of it takes a token."""

    def part(name: str, zh: str, en: str) -> Schema:
        said = f"{zh} / {en}"
        schema = {"type": "string", "minLength": 1, "maxLength": 512}
        return {"name": name, "in": "path", "required": True, "description": said, "schema": schema}

    log = part("log", "日志，/ 写作 __", "the log, `/` written as `__`")
    shown = (400, 403, 404, 409, 429, 500, 503)
    return {
        "/logs/{log}/checkpoint": {
            "servers": _LOG_SERVERS,
            "parameters": [log],
            "get": _bytes("checkpoint", "日志签名 / Newest checkpoint", "text/plain", shown),
        },
        "/logs/{log}/tile/{tile}": {
            "servers": _LOG_SERVERS,
            "parameters": [log, part("tile", "日志块的路径", "path of the tile")],
            "get": _bytes("tile", "日志块 / A tile", "application/octet-stream", shown),
        },
        "/logs/{log}/openings/{opening}": {
            "servers": _LOG_SERVERS,
            "parameters": [log, part("opening", "条目的路径", "path of the leaf's number")],
            "get": _bytes(
                "opening",
                "公开内容 / Opening of an open kind",
                "application/octet-stream",
                shown,
            ),
        },
        "/charters/{alliance}/{version}.json": {
            "servers": _LOG_SERVERS,
            "parameters": [
                part("alliance", "联盟标识", "id of the alliance"),
                part("version", "版本", "version"),
            ],
            "get": _bytes("charter", "章程 / A version of a charter", "application/json", shown),
        },
        "/witness/add-checkpoint": {
            "servers": _LOG_SERVERS,
            "post": _bytes(
                "addCheckpoint",
                "见证日志签名（C2SP tlog-witness） / Cosign a checkpoint",
                "text/plain",
                (400, 403, 404, 408, 413, 415, 422, 429, 500, 503),
            )
            | {
                "requestBody": {
                    "required": True,
                    "content": {"text/plain": {"schema": {"type": "string"}}},
                }
            },
        },
        join_app.PATH: {
            "servers": _LOG_SERVERS,
            "post": {
                "operationId": "join",
                "security": [],
                "summary": "递交加入申请，Authorization: Bearer 邀请码 / Ask for membership, by "
                "the secret of an invitation",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                "responses": {
                    "202": {"description": "已收下，待成员签署 / Taken for the signers"},
                    "401": {"description": "没有这份邀请 / No such invitation"},
                    "422": {
                        "description": "不予收下，正文为编码 / Not taken, with the code",
                        "content": {"text/plain": {"schema": {"type": "string"}}},
                    },
                    "413": {"description": "申请过大 / The request is too long"},
                }
                | {str(status): problem(status) for status in (400, 408, 415, 429, 500, 503)},
            },
        },
        "/witness/{origin_hash}/checkpoint": {
            "servers": _LOG_SERVERS,
            "parameters": [
                part("origin_hash", "日志名的 SHA-256", "SHA-256 of the origin, in hex")
            ],
            "get": _bytes(
                "cosigned", "最近见证的日志签名 / Checkpoint cosigned last", "text/plain", shown
            ),
        },
    }


def _bytes(name: str, summary: str, media_type: str, codes: Sequence[int]) -> Schema:
    """An operation that answers with a file, and takes no token."""
    found: Schema = {
        "operationId": name,
        "summary": summary,
        "security": [],
        "responses": {
            "200": {
                "description": "文件 / file",
                "content": {media_type: {"schema": {"type": "string"}}},
            }
        }
        | {str(status): problem(status) for status in codes},
    }
    if name == "addCheckpoint":
        size = {"text/x.tlog.size": {"schema": {"type": "string"}}}
        found["responses"]["409"] = {
            "description": "最近见证的条目数 / size cosigned last",
            "content": size,
        }
    return found


def problem(status: int) -> Schema:
    """The answer of a status that is a problem."""
    return {
        "description": problems.TITLES[status],
        "content": {
            problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}},
        },
    }
