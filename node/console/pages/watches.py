"""Watches 跟踪核查: begun for the subjects of a case, what changed since, ended.

Where somebody has read up to is kept in their browser: a position of the node's, which names
nobody. Who looks again goes on there, and what came since then is new.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from federation.screening.roles import Action
from node.console.api import ProblemError
from node.console.page import Group, Page, Route, Visit
from node.console.texts.watches import TEXTS
from node.console.words import day_typed, purpose
from node.system.entropy import token

PAGE_SIZE: Final = 100
READ: Final = "huxin-read"
"""The cookie with the places up to which watches were read."""
READ_MOST: Final = 20
"""Watches whose place is kept in a browser, those read last: together they fit one cookie."""
_START: Final = "start"
_UNPLACED: Final = "watch.position"
_FIRST: Final[Mapping[str, int]] = {"page_size": PAGE_SIZE}
_NUMBER: Final = re.compile(r"[0-9]{6}-[0-9]{8}-[0-9a-f]{12}")
_PLACE: Final = re.compile(r"[A-Za-z0-9_-]{8,128}")
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
    """What changed since it was read last, since the page before, or since the beginning."""
    return await _one(visit)


async def read(visit: Visit) -> Response:
    """Keep that it was read up to a place."""
    number, place = visit.path["number"], visit.form.get("position")
    answer = visit.to("/watches" if visit.form.get("last") else f"/watches/{number}")
    said = put(visit.remembered(READ), number, place)
    return visit.remember(answer, READ, said) if said else answer


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


def place_of(said: str, number: str) -> str:
    """Up to where a watch was read; empty where that is not known."""
    places = dict(one.partition(":")[::2] for one in said.split("."))
    return places.get(number, "")


def put(said: str, number: str, place: str) -> str:
    """What is kept once a watch was read up to a place; empty where that is no place.

    Args:
        said: what was kept.
        number: of the watch.
        place: as the node gave it.
    """
    if not (_NUMBER.fullmatch(number) and _PLACE.fullmatch(place)):
        return ""
    others = [one for one in said.split(".") if one and not one.startswith(f"{number}:")]
    return ".".join([*others[1 - READ_MOST :], f"{number}:{place}"])


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
    number, after = visit.path["number"], visit.query.get("after", "")
    kept = place_of(visit.remembered(READ), number)
    since = after or kept
    asked: dict[str, str | int] = {"page_size": PAGE_SIZE}
    if since and since != _START:
        asked["after"] = since
    answer = await visit.call("GET", f"/v1/watches/{number}/events", query=asked)
    if not answer.ok and not after and answer.document.get("code") == _UNPLACED:
        # The node lost its place, as after a restored backup: everything is told again.
        kept, answer = "", await visit.call("GET", f"/v1/watches/{number}/events", query=_FIRST)
    if not answer.ok:
        raise ProblemError(answer)
    return visit.page(
        "watches-one.html",
        status=status,
        number=number,
        found=answer.document,
        kept=bool(kept),
        new=bool(kept) and after != _START,
        fault=fault,
    )


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
        Route("POST", "/{number}/read", read),
        Route("POST", "/{number}/close", close),
    ),
)
