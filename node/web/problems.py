"""Errors of ours as answers of HTTP: problem+json (RFC 9457), with a status for each.

    access.unknown, http.authorization  401     access.…                  403
    access.budget, access.slow          429     outcome.unknown           404
    StatementError, matter.…            422     EntitlementError          403
    RefusedError                        409     UnavailableError, store   503
    queries.…                           503     http.… and some others    as `_STATUS` says

Each has the stable code and what it says in Chinese and English. What is not known leaves as a bare
500 with an id; the log has the rest under it (HT7).
"""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Mapping
from typing import Any, Final

import structlog
from starlette.responses import Response

from adapters.errors import AdapterError
from federation.errors import (
    EntitlementError,
    FederationError,
    RefusedError,
    StatementError,
)
from node.directory.presence import NotReadyError
from node.network.errors import InternalError, UnavailableError, bounded
from node.system.entropy import token
from node.texts.codes import chinese
from node.texts.messages import spoken

_log = structlog.get_logger()

MEDIA_TYPE: Final = "application/problem+json"
UNKNOWN: Final = "http.internal"
RETRY_SECONDS: Final = 1
"""Where the message names no other pause."""
_PAUSE: Final = re.compile(r"ask again in ([0-9]{1,5}) s")

_STATUS: Final[dict[str, int]] = {
    "access.budget": 429,
    "access.account": 422,
    "access.busy": 503,
    "access.certificate": 422,
    "access.ended": 409,
    "access.expired": 401,
    "access.missing": 401,
    "access.no-credential": 404,
    "access.not-stopped": 409,
    "access.password": 422,
    "access.provider-acr": 401,
    "access.provider-clock": 401,
    "access.provider-off": 404,
    "access.provider-refused": 401,
    "access.provider-silent": 503,
    "access.provider-stale": 401,
    "access.provider-token": 401,
    "access.paused": 429,
    "access.revoked": 401,
    "access.roles": 422,
    "access.sign-in": 401,
    "access.slow": 429,
    "access.token-exposed": 400,
    "access.unknown": 401,
    "access.value": 422,
    "batch.rows": 422,
    "campaign.unknown": 404,
    "letter.about": 404,
    "case.reason": 422,
    "case.unknown": 404,
    "case.verdict": 422,
    "catalog.edition-unknown": 422,
    "catalog.list-unknown": 422,
    "display.unknown": 404,
    "http.authorization": 401,
    "http.busy": 503,
    "http.content-type": 415,
    "http.idempotency": 400,
    "http.json": 400,
    "http.many": 429,
    "http.method": 405,
    "http.path": 404,
    "benefit.date": 422,
    "benefit.form": 422,
    "benefit.unknown": 404,
    "http.query": 400,
    "http.slow": 408,
    "http.too-large": 413,
    "outcome.date": 422,
    "outcome.form": 422,
    "outcome.measure": 422,
    "outcome.person": 422,
    "outcome.reason": 422,
    "outcome.result": 422,
    "outcome.unknown": 404,
    "recognition.no-scenario": 404,
    "import.unknown": 404,
    "notice.unknown": 404,
    "record.ambiguous": 422,
    "record.unknown": 404,
    "relief.unknown": 404,
    "request.how": 422,
    "request.reason": 422,
    "request.received": 422,
    "request.text": 422,
    "request.unknown": 404,
    "queries.authorisation": 422,
    "queries.no-name": 422,
    "queries.often": 429,
    "queries.subject": 422,
    "queries.two-persons": 422,
    "tiles.members-only": 403,
    "tiles.unknown": 404,
    "watch.form": 422,
    "watch.subjects": 422,
    "watch.unknown": 404,
    "watch.until": 422,
    "witness.400": 400,
    "witness.403": 403,
    "witness.404": 404,
    "witness.409": 409,
    "witness.422": 422,
}
_FAMILIES: Final[dict[str, int]] = {"access": 403, "matter": 422, "queries": 503}
_KINDS: Final[tuple[tuple[type[Exception], int], ...]] = (
    (UnavailableError, 503),
    (NotReadyError, 503),
    (AdapterError, 503),
    (EntitlementError, 403),
    (StatementError, 422),
    (RefusedError, 409),
)

TITLES: Final[dict[int, str]] = {
    400: "请求不符合要求",
    401: "凭据无效",
    403: "无权查询或办理",
    404: "没有此项",
    408: "请求未及时到齐",
    409: "与当前状态不符，未作任何更改",
    413: "正文过长",
    415: "正文格式不符",
    422: "请求内容不符合规范",
    429: "请求过多，请稍后重试",
    500: "节点内部错误",
    503: "暂时无法提供服务，请稍后重试",
}
"""What a status says, for codes that have no text of their own here."""

SECURITY_HEADERS: Final[dict[str, str]] = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}
"""Of every answer: none is kept by what stands between."""


def status_of(error: Exception) -> int:
    """Return the status for an error; 500 for what is not known."""
    code = getattr(error, "code", "")
    if isinstance(error, InternalError) or not isinstance(error, FederationError | AdapterError):
        return 500
    if code in _STATUS:
        return _STATUS[code]
    family = code.partition(".")[0]
    if family in _FAMILIES:
        return _FAMILIES[family]
    return next((status for kind, status in _KINDS if isinstance(error, kind)), 422)


def document(error: Exception, request_id: str = "") -> dict[str, Any]:
    """Return the problem that an error is.

    Args:
        error: what was raised.
        request_id: the caller's own, where it was read.
    """
    status = status_of(error)
    if status == 500:
        number = token(8).hex()
        # Where it was raised, and not what it says: that may hold what was asked (HT2).
        _log.error(
            "unexpected error",
            code=UNKNOWN,
            id=number,
            error=type(error).__name__,
            exception="".join(traceback.format_tb(error.__traceback__)),
        )
        code, text = (
            UNKNOWN,
            f"错误编号 {number}，详见节点日志 / error {number}; the node's log has more",
        )
    elif isinstance(error, AdapterError):
        # Its text names files and databases: for the operator alone.
        _log.error("store failed", code=getattr(error, "code", "store.failed"), error=str(error))
        code, text = "store.failed", "the store of the node failed; try again later"
    else:
        code, text = str(getattr(error, "code", "")), bounded(str(error))
    title = chinese(code) or TITLES.get(status, TITLES[422])
    zh, en = _both(text)
    if not zh:  # what was expected, and what came, as on the command line
        zh = spoken(code, text, english=False) if chinese(code) else title
    return {
        "type": f"urn:huxin:code:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": zh,
        "detail_en": en,
        "request_id": request_id,
    }


def answer(problem: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as an answer."""
    status = problem["status"]
    extra = dict(SECURITY_HEADERS) | dict(headers or {})
    if status == 401:
        extra["www-authenticate"] = "Bearer"
    if status in (429, 503) and problem["code"] != "access.budget":
        said = _PAUSE.search(problem["detail_en"])
        extra["retry-after"] = said[1] if said else str(RETRY_SECONDS)
    content = json.dumps(problem, ensure_ascii=False).encode()
    return Response(content, status, extra, MEDIA_TYPE)


def _both(text: str) -> tuple[str, str]:
    """Split a message `Chinese / English`; one that is English alone has no Chinese part."""
    zh, divider, en = text.partition(" / ")
    if divider and not zh.isascii():
        return zh, en
    return "", text
