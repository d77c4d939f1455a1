"""Watches 跟踪核查: begun for the subjects of a case, what changed since, ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from federation.screening.roles import Action
from node.console.page import Group, Page, Route, Visit
from node.console.texts.watches import TEXTS
from node.console.words import day_typed, purpose
from node.system.entropy import token

PAGE_SIZE: Final = 100
_TYPED: Final = ("matter", "case_no", "purpose", "until", "rows", "request_id")


async def index(visit: Visit) -> Response:
    """Those of this account, and the form that begins another."""
    return await _all(visit)


async def begin(visit: Visit) -> Response:
    """Begin one; the rows that are not watched are named."""
    typed = {name: visit.form.get(name) for name in _TYPED}
    said: dict[str, Any] = typed | {
        "until": day_typed(typed["until"]),
        "rows": rows_of(typed["rows"]),
    }
    answer = await visit.call("POST", "/v1/watches", body=said)
    if not answer.ok:
        return await _all(visit, typed=typed, fault=answer.document, status=answer.status)
    return visit.page("watches-begun.html", begun=answer.document)


async def show(visit: Visit) -> Response:
    """What changed since the beginning, or since the page before."""
    return await _one(visit)


async def close(visit: Visit) -> Response:
    """End one."""
    number = visit.path["number"]
    answer = await visit.call("POST", f"/v1/watches/{number}:close", body={})
    if answer.ok:
        return visit.to("/watches", done="closed")
    return await _one(visit, fault=answer.document, status=answer.status)


def rows_of(text: str) -> list[dict[str, str]]:
    """A row for each line that is not empty: code, then the name."""
    lines = (line.strip() for line in text.splitlines())
    halves = (line.split(maxsplit=1) for line in lines if line)
    return [{"code": one[0], "name": one[1] if len(one) > 1 else ""} for one in halves]


async def _all(
    visit: Visit,
    *,
    typed: Mapping[str, str] | None = None,
    fault: Any = None,  # noqa: ANN401 - JSON
    status: int = 200,
) -> Response:
    watches = (await visit.get("/v1/watches"))["watches"]
    matters = (await visit.get("/v1/matters"))["matters"]
    names = {one["code"]: one["name"] for one in matters}
    return visit.page(
        "watches.html",
        status=status,
        watches=[one | {"matter_name": names.get(one["matter"], one["matter"])} for one in watches],
        matters=matters,
        purposes=[
            (one, purpose(one, visit.language)) for one in sorted(visit.session.account["purposes"])
        ],
        typed=typed or dict.fromkeys(_TYPED, "") | {"request_id": token(16).hex()},
        done=visit.query.get("done") == "closed",
        fault=fault,
    )


async def _one(visit: Visit, *, fault: Any = None, status: int = 200) -> Response:  # noqa: ANN401 - JSON
    number = visit.path["number"]
    asked: dict[str, str | int] = {"page_size": PAGE_SIZE}
    if after := visit.query.get("after", ""):
        asked["after"] = after
    found = await visit.get(f"/v1/watches/{number}/events", asked)
    return visit.page("watches-one.html", status=status, number=number, found=found, fault=fault)


PAGE: Final = Page(
    name="watches",
    path="/watches",
    group=Group.WORK,
    needs=(Action.WATCH,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("POST", "", begin),
        Route("GET", "/{number}", show),
        Route("POST", "/{number}/close", close),
    ),
)
