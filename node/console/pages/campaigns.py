"""Campaigns 专项治理: ledgers with their exit rates, one subject by subject, opened and filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from federation.screening.roles import Action
from node.console.list_names import list_names
from node.console.page import Group, Page, Route, Visit
from node.console.texts.campaigns import TEXTS
from node.console.words import day_typed
from node.system.entropy import token

PAGE_SIZE: Final = 50
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPED: Final = ("name", "document", "unit")
_QUERY: Final = ("list_type", "authority", "origin")
_ENTERED: Final = ("codes", *_QUERY, "decided_until", "unit")


async def index(visit: Visit) -> Response:
    """All of them, and the form that opens another."""
    return await _all(visit)


async def begin(visit: Visit) -> Response:
    """Open one."""
    form = visit.form
    said: dict[str, Any] = {name: form.get(name) for name in (*_TYPED, "request_id")}
    if due := day_typed(form.get("due")):
        said["due"] = due
    answer = await visit.call("POST", "/v1/campaigns", body=said)
    if answer.ok:
        return visit.to(f"/campaigns/{answer.document['campaign']}")
    typed = said | {"due": form.get("due")}
    return await _all(visit, typed=typed, fault=answer.document, status=answer.status)


async def show(visit: Visit) -> Response:
    """One: its rate and its ledger, a page at a time."""
    return await _one(visit)


async def sheet(visit: Visit) -> Response:
    """Its monthly sheet as a workbook: rate and ledger, as of a day."""
    day = day_typed(visit.query.get("day", ""))
    path = f"/v1/campaigns/{visit.path['number']}"
    answer = await visit.call("GET", f"{path}/sheet", query={"day": day} if day else {})
    if not answer.ok:
        return await _one(visit, refused=answer.document, status=answer.status)
    name = f"campaign-{visit.path['number']}.xlsx"
    return visit.download(answer.content, name, visit.text("sheet.file"), _XLSX)


async def enter(visit: Visit) -> Response:
    """Enter listings that are in force."""
    form = visit.form
    said: dict[str, Any] = {name: value for name in (*_QUERY, "unit") if (value := form.get(name))}
    if day := day_typed(form.get("decided_until")):
        said["decided_until"] = day
    if codes := form.get("codes").split():
        said["codes"] = codes
    answer = await visit.call("POST", f"/v1/campaigns/{visit.path['number']}:enter", body=said)
    if answer.ok:
        return await _one(visit, entered=answer.document)
    typed = {name: form.get(name) for name in _ENTERED}
    return await _one(visit, typed=typed, fault=answer.document, status=answer.status)


async def _all(
    visit: Visit,
    *,
    typed: Mapping[str, Any] | None = None,
    fault: Any = None,  # noqa: ANN401 - JSON
    status: int = 200,
) -> Response:
    found = await visit.get("/v1/campaigns")
    return visit.page(
        "campaigns.html",
        status=status,
        campaigns=[_rated(one) for one in found["campaigns"]],
        typed=typed or dict.fromkeys((*_TYPED, "due"), "") | {"request_id": token(16).hex()},
        fault=fault,
    )


async def _one(
    visit: Visit,
    *,
    typed: Mapping[str, str] | None = None,
    entered: Mapping[str, Any] | None = None,
    fault: Any = None,  # noqa: ANN401 - JSON
    refused: Any = None,  # noqa: ANN401 - likewise
    status: int = 200,
) -> Response:
    path = f"/v1/campaigns/{visit.path['number']}"
    asked: dict[str, str | int] = {"page_size": PAGE_SIZE, "brief": "true"}
    if after := visit.query.get("page_token", ""):
        asked["page_token"] = after
    campaign = await visit.get(path)
    fills = visit.may(Action.REQUESTS)
    lists = await list_names(visit) if fills else {}
    cities = await _cities(visit) if fills else ()
    ledger = await visit.get(f"{path}/subjects", asked)
    return visit.page(
        "campaigns-one.html",
        status=status,
        campaign=_rated(campaign),
        subjects=ledger["subjects"],
        lists=lists,
        cities=cities,
        next=ledger["next_page_token"],
        typed=typed or dict.fromkeys(_ENTERED, ""),
        entered=entered,
        fault=fault,
        refused=refused,
    )


async def _cities(visit: Visit) -> Sequence[tuple[str, str]]:
    """The logs that are here, by origin, as people name them."""
    status = await visit.get("/v1/status")
    return [(log["origin"], log["city"] or log["origin"]) for log in status["logs"]]


def _rated(campaign: Mapping[str, Any]) -> dict[str, Any]:
    """A campaign with its rate in hundredths, downwards: 100 % is all of them."""
    exited, whole = campaign["exited"], campaign["subjects"]
    rate = "" if not whole else f"{exited * 1000 // whole / 10:.1f} %"
    return {**campaign, "rate_said": rate}


PAGE: Final = Page(
    name="campaigns",
    path="/campaigns",
    group=Group.WORK,
    needs=(Action.READ_RECORDS,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("POST", "", begin, needs=Action.REQUESTS),
        Route("GET", "/{number}", show),
        Route("GET", "/{number}/sheet.xlsx", sheet),
        Route("POST", "/{number}/enter", enter, needs=Action.REQUESTS),
    ),
)
