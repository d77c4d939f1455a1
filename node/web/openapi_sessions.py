"""What `protos/openapi.json` says of sessions: signing in and out."""

from __future__ import annotations

from typing import Any, Final

from node.web import bodies
from node.web.log_openapi import problem
from node.web.schemas import Schema, array, number, record, taken, text


def paths() -> Schema:
    """The routes."""
    return {
        "/v1/sessions": {
            "post": _answered("openSession", "登录，得到会话令牌 / Sign in: a session's token")
            | {
                "security": [],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/SignIn"}}
                    },
                },
            }
        },
        "/v1/sessions:begin": {
            "post": _answered(
                "beginSession",
                "用统一身份认证登录：去哪里登录 / Sign in by the identity provider: where to",
                "SessionBegun",
            )
            | {"security": []}
        },
        "/v1/sessions:finish": {
            "post": _answered(
                "finishSession",
                "从统一身份认证返回，得到会话令牌 / Back from the provider: a session's token",
                "ProviderSession",
            )
            | {
                "security": [],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/CameBack"}}
                    },
                },
            }
        },
        "/v1/sessions:close": {
            "post": _answered("closeSession", "退出，会话令牌即刻失效 / Sign out", "SessionClosed")
        },
    }


def _answered(name: str, summary: str, form: str = "Session") -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{form}"}
    answer = {
        "description": "答复 / answer",
        "content": {"application/json": {"schema": schema}},
    }
    codes = (400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503)
    return {
        "operationId": name,
        "summary": summary,
        "responses": {"200": answer} | {str(one): problem(one) for one in codes},
    }


def _whole(properties: Schema) -> Schema:
    return record(properties, *properties)


_ACCOUNT: Final[Schema] = _whole(
    {
        "name": text("用户名", "name"),
        "unit": text("单位", "unit"),
        "post": text("岗位", "post"),
        "roles": array(text("角色", "role"), "角色", "roles"),
        "matters": array(text("事项代码", "code"), "可查的事项", "matters"),
        "purposes": array(text("用途代码", "code"), "可用的用途", "purposes"),
        "credential": text("凭据编号", "id of its credential"),
        "expires_on": number("账号最后一日 YYYYMMDD", "last day, YYYYMMDD"),
    }
)
_SESSION: Final[dict[str, Schema]] = {
    "token": text("会话令牌，只放在 Authorization 头", "token of the session"),
    "expires_at": number("最迟结束时间，UTC 秒", "ends at the latest, seconds UTC"),
    "idle_seconds": number("闲置多少秒后结束", "ends after so many idle seconds"),
    "account": _ACCOUNT,
}
SCHEMAS: Final[dict[str, Schema]] = {
    "SignIn": taken(bodies.SIGN_IN),
    "SessionClosed": _whole({"session": text("closed", "closed", enum=["closed"])}),
    "Session": _whole(
        _SESSION | {"device": text("下次登录时带上", "to be sent with the next sign-in")}
    ),
    "CameBack": taken(bodies.CAME_BACK),
    "SessionBegun": _whole(
        {
            "address": text("请浏览器前往的地址", "where the browser goes"),
            "ticket": text("返回时带上，只留在该浏览器", "for this browser, until it is back"),
            "seconds": number("多少秒内有效", "for so many seconds"),
        }
    ),
    "ProviderSession": _whole(
        _SESSION
        | {
            "end_address": text(
                "在统一身份认证一并退出的地址；没有时为空", "where the session there ends; or empty"
            )
        }
    ),
}
