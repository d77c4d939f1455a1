"""Paths of departments, and those that say the same to everybody, in the description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node.web.log_openapi import problem
from node.web.schemas import Schema

_NUMBER: Final[Schema] = {
    "name": "number",
    "in": "path",
    "required": True,
    "description": "答复的 number / the `number` of the answer",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
}


def paths() -> Schema:
    """Return the paths."""
    return {
        "/v1/checks": {
            "post": _operation(
                "check",
                "查询一个主体 / Ask about one subject",
                "Answer",
                body="Question",
                codes=(400, 401, 403, 408, 409, 413, 415, 422, 429, 500, 503),
            )
        },
        "/v1/checks/{number}/outcomes": {
            "parameters": [_NUMBER],
            "post": _operation(
                "reportOutcome",
                "报告一条命中的办理结果 / Report what was done about a match",
                "Reported",
                body="Outcome",
                codes=(400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503),
            ),
        },
        "/v1/benefits/checks": {
            "post": _operation(
                "checkBenefit",
                "一个主体能否享受一个场景 / Whether a subject may have one benefit here",
                "Benefit",
                body="BenefitQuestion",
                codes=(400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503),
            )
        },
        "/v1/benefits/checks/{number}/uses": {
            "parameters": [_NUMBER],
            "post": _operation(
                "reportBenefitUse",
                "报告已享受优惠 / Report that the benefit of an answer was used",
                "Used",
                body="Use",
                codes=(400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503),
            ),
        },
        "/v1/benefits:list": {
            "post": _operation(
                "listBenefits",
                "一个主体在本地能享受哪些场景 / Which benefits a subject may have here",
                "Benefits",
                body="BenefitsQuestion",
                codes=(400, 401, 403, 408, 409, 413, 415, 422, 429, 500, 503),
            )
        },
        "/v1/matters": {
            "get": _operation(
                "matters",
                "可以查询的事项 / The matters that may be asked for",
                "Matters",
                codes=(400, 401, 403, 429, 500, 503),
            )
        },
        "/v1/measures": {
            "get": _operation(
                "measures",
                "本市的措施清单 / The measures of this region",
                "Measures",
                codes=(400, 401, 403, 429, 500, 503),
            )
        },
        "/v1/scenarios": {
            "get": _operation(
                "scenarios",
                "有效的场景及可享受的地区 / Scenarios in force, and where each is honoured",
                "Scenarios",
                codes=(400, 401, 403, 429, 500, 503),
            )
        },
        "/v1/scenarios/{id}": {
            "parameters": [
                {
                    "name": "id",
                    "in": "path",
                    "required": True,
                    "description": "场景编号 / the `scenario` of the list",
                    "schema": {"type": "string", "minLength": 1, "maxLength": 32},
                }
            ],
            "get": _operation(
                "scenario",
                "一个场景，条件和各地的认可 / One scenario, its conditions, who recognises it",
                "Scenario",
                codes=(400, 401, 403, 404, 409, 429, 500, 503),
            ),
        },
        "/v1/openapi.json": {
            "get": _operation("openapi", "本说明 / This description", "", open_to_all=True)
        },
        "/v1/": {
            "get": _operation(
                "page",
                "本说明，供人阅读 / The same as a page for people",
                "",
                open_to_all=True,
                media="text/html",
            )
        },
        "/healthz": {
            "get": _operation(
                "health",
                "是否可以查询 / Whether questions are answered",
                "Health",
                codes=(503,),
                open_to_all=True,
            )
        },
    }


def _operation(
    name: str,
    summary: str,
    answer: str,
    *,
    body: str = "",
    codes: Sequence[int] = (),
    open_to_all: bool = False,
    media: str = "application/json",
) -> Schema:
    schema = {"$ref": f"#/components/schemas/{answer}"} if answer else {"type": "object"}
    found: Schema = {
        "operationId": name,
        "summary": summary,
        "responses": {
            "200": {
                "description": "答复 / answer",
                "content": {media: {"schema": schema}},
            }
        }
        | {str(status): problem(status) for status in codes},
    }
    if body:
        reference = {"$ref": f"#/components/schemas/{body}"}
        content = {"application/json": {"schema": reference}}
        found["requestBody"] = {"required": True, "content": content}
    if open_to_all:
        found["security"] = []
    return found
