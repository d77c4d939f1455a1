"""Notices 属地通报: firms of this city that another city listed, letters, reminders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from federation.screening.roles import Action
from node.console.page import Group, Page, Route, Visit
from node.console.texts.notices import TEXTS
from node.texts.letters import DOCX, KINDS

PAGE_SIZE: Final = 50
LETTERS: Final = ("notice", "reminder")


async def index(visit: Visit) -> Response:
    """Those to be reminded, or all, in the order of their changes."""
    due = visit.query.get("show") == "due"
    asked: dict[str, str | int] = {"page_size": PAGE_SIZE}
    if due:
        asked["due"] = "true"
    if token := visit.query.get("page_token", ""):
        asked["page_token"] = token
    found = await visit.get("/v1/notices", asked)
    return visit.page(
        "notices.html",
        notices=found["notices"],
        due=due,
        next=found["next_page_token"],
    )


async def show(visit: Visit) -> Response:
    """One notice, what its subject may do, and the letters."""
    found = await visit.get(f"/v1/notices/{visit.path['id']}")
    return await _one(visit, found, done=visit.query.get("done") == "reminded")


async def letter(visit: Visit) -> Response:
    """A letter as DOCX, with room for number and seal."""
    number, kind = visit.path["id"], visit.path["kind"]
    kind = kind if kind in LETTERS else LETTERS[0]
    made = await visit.call("GET", f"/v1/notices/{number}/letter", query={"kind": kind})
    if not made.ok:
        found = await visit.get(f"/v1/notices/{number}")
        return await _one(visit, found, status=made.status, fault=made.document)
    called = f"{visit.language.of(KINDS[kind])}-{number[:8]}"
    return visit.download(made.content, f"{kind}-{number[:8]}.docx", called, DOCX)


async def remind(visit: Visit) -> Response:
    """Keep that the subject was reminded."""
    number = visit.path["id"]
    answer = await visit.call("POST", f"/v1/notices/{number}:remind", body={})
    if answer.ok:
        return visit.to(f"/notices/{number}", done="reminded")
    found = await visit.get(f"/v1/notices/{number}")
    return await _one(visit, found, status=answer.status, fault=answer.document)


async def _one(
    visit: Visit,
    found: Mapping[str, Any],
    *,
    status: int = 200,
    done: bool = False,
    fault: Any = None,  # noqa: ANN401 - JSON
) -> Response:
    return visit.page(
        "notices-one.html",
        status=status,
        notice=found,
        done=done,
        fault=fault,
    )


PAGE: Final = Page(
    name="notices",
    path="/notices",
    group=Group.WORK,
    needs=(Action.READ_RECORDS,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("GET", "/{id}", show),
        Route("GET", "/{id}/{kind}.docx", letter),
        Route("POST", "/{id}/remind", remind, needs=Action.REQUESTS),
    ),
)
