"""Displays 第三方公示: what of it must go, who has taken it down, and who is late.

A third party asks over the API by itself. For one that cannot, somebody here pastes its rows, and
keeps what it says that it took down. Who a row names stands in the body of a POST alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from federation.relief.displays import ROWS_MAX
from federation.screening.roles import Action
from node.console.page import Group, Page, Route, Visit
from node.console.texts.displays import TEXTS
from node.console.words import Language, lines_typed, number_typed
from node.system.entropy import token
from node.texts.codes import chinese

_TYPED: Final = ("party", "rows", "request_id")
_DIVIDERS: Final = ("\t", ",", "，", ";")


async def index(visit: Visit) -> Response:
    """Third parties, those that are late first; their batches; the form for another."""
    return await _all(visit)


async def submit(visit: Visit) -> Response:
    """Say which rows of a display must go."""
    typed = {name: visit.form.get(name) for name in _TYPED}
    rows = rows_of(typed["rows"])
    if not 1 <= len(rows) <= ROWS_MAX:
        return await _all(visit, typed=typed, told=True, status=422)
    body = {"party": typed["party"], "rows": rows, "request_id": typed["request_id"]}
    answer = await visit.call("POST", "/v1/displays", body=body)
    if not answer.ok:
        return await _all(visit, typed=typed, fault=answer.document, status=answer.status)
    found = answer.document
    refused = [one | {"said": _said(visit, one["code"])} for one in found["refused"]]
    return visit.page(
        "displays-found.html", found=found, party=typed["party"], rows=rows, refused=refused
    )


async def show(visit: Visit) -> Response:
    """One batch: what must go, and what was taken down."""
    return await _one(visit)


async def acknowledge(visit: Visit) -> Response:
    """Keep which rows a third party says that it took down."""
    number = visit.path["number"]
    rows = [number_typed(row) for row in visit.form.all("row")]
    body = {"party": visit.form.get("party"), "rows": rows}
    answer = await visit.call("POST", f"/v1/displays/{number}/acknowledgements", body=body)
    if answer.ok:
        return visit.to(f"/displays/{number}", done=1)
    return await _one(visit, fault=answer.document, status=answer.status)


def rows_of(text: str) -> list[dict[str, str]]:
    """A row for each line that is not empty: code, document, and the list where it is told."""
    lines = lines_typed(text)
    divider = next((one for one in _DIVIDERS if lines and one in lines[0]), None)
    rows = []
    for line in lines:
        cells = [one.strip() for one in line.split(divider)]
        row = dict(zip(("code", "document", "list_type"), (*cells, ""), strict=False))
        rows.append({name: value for name, value in row.items() if value or name != "list_type"})
    return rows


async def _all(
    visit: Visit,
    *,
    typed: Mapping[str, str] | None = None,
    told: bool = False,
    fault: Any = None,  # noqa: ANN401 - JSON
    status: int = 200,
) -> Response:
    return visit.page(
        "displays.html",
        status=status,
        parties=(await visit.get("/v1/displays:report"))["parties"],
        displays=(await visit.get("/v1/displays"))["displays"],
        typed=typed or dict.fromkeys(_TYPED, "") | {"request_id": token(16).hex()},
        may_submit=visit.may(Action.DISPLAYS),
        told=told,
        fault=fault,
        most=ROWS_MAX,
    )


async def _one(visit: Visit, *, fault: Any = None, status: int = 200) -> Response:  # noqa: ANN401 - JSON
    found = await visit.get(f"/v1/displays/{visit.path['number']}")
    return visit.page(
        "displays-one.html",
        status=status,
        found=found,
        may_acknowledge=visit.may(Action.DISPLAYS) and found["outstanding"],
        done=visit.query.get("done") == "1",
        fault=fault,
    )


def _said(visit: Visit, code: str) -> str:
    return code if visit.language is Language.EN else chinese(code) or code


PAGE: Final = Page(
    name="displays",
    path="/displays",
    group=Group.WORK,
    needs=(Action.READ_RECORDS,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("POST", "", submit, needs=Action.DISPLAYS),
        Route("GET", "/{number}", show),
        Route("POST", "/{number}/acknowledge", acknowledge, needs=Action.DISPLAYS),
    ),
)
