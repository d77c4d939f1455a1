"""Requests 转办: what was forwarded to a listing's origin, what waits for an answer here.

Each form carries the number of its act (HT16): sent twice, it is done once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from federation.letters import LetterKind
from federation.relief.requests import REASONS, How, Verdict
from federation.screening.roles import Action
from node.console.api import Answer
from node.console.page import Group, Page, Route, Visit
from node.console.texts.requests import TEXTS
from node.console.words import Language, day, day_typed
from node.system.entropy import token
from node.texts.repairs import KINDS as GRANTS
from node.texts.requests import TYPES, answer, head, line

PAGE_SIZE: Final = 50
ANSWERS: Final[Mapping[str, tuple[Verdict, ...]]] = {
    "answer": (Verdict.RECEIVED, Verdict.ACCEPTED, Verdict.GRANTED, Verdict.REFUSED),
    "sent": (Verdict.WITHDRAWN,),
}
"""What either side may say."""
_ID: Final = re.compile(r"[0-9a-f]{32}")
_SAID: Final = ("verdict", "reason", "how", "document", "decided_on", "result", "request_id")
_SENT: Final = ("statement_id", "type", "received_on", "document", "text", "request_id")
_PERSONAL: Final = re.compile(
    r"(?<![0-9])(?:1[3-9][0-9]{9}|0[0-9]{2,3}[- ]?[0-9]{7,8}"
    r"|[1-8][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx])(?![0-9Xx])"
)
"""Numbers of telephones, and of identity cards."""
_DAYS: Final = frozenset({"decided_on", "received_on"})


async def index(visit: Visit) -> Response:
    """Those that are open, or all."""
    shown = "all" if visit.query.get("show") == "all" else "open"
    asked: dict[str, str | int] = {"page_size": PAGE_SIZE}
    if shown == "all":
        asked["all"] = "true"
    if page_token := visit.query.get("page_token", ""):
        asked["page_token"] = page_token
    found = await visit.get("/v1/requests", asked)
    english = visit.language is Language.EN
    return visit.page(
        "requests.html",
        requests=[
            line(one, english=english) | {"light": light(one), "side": one["side"]}
            for one in found["requests"]
        ],
        shown=shown,
        next=found["next_page_token"],
    )


async def blank(visit: Visit) -> Response:
    """The form of a new one, about a listing where one was named."""
    known = {"statement_id": visit.query.get("statement_id", ""), "request_id": token(16).hex()}
    listing = await _listing(visit, known["statement_id"])
    return _new(visit, known, listing=listing.document if listing and listing.ok else None)


async def send(visit: Visit) -> Response:
    """Forward one, once the firm and what is said were looked at: it goes to another city."""
    said = {name: visit.form.get(name) for name in _SENT}
    if not visit.form.get("sure"):
        listing = await _listing(visit, said["statement_id"])
        if listing is None:
            return _new(visit, said, told="told.statement", status=422)
        if not listing.ok:
            return _new(visit, said, fault=listing.document, status=listing.status)
        if visit.form.get("change"):
            return _new(visit, said, listing=listing.document)
        return _sure(visit, said, listing.document)
    answered = await visit.call("POST", "/v1/requests", body=_body(said))
    if not answered.ok:
        return _new(visit, said, fault=answered.document, status=answered.status)
    return visit.to(f"/requests/{answered.document['statement_id']}", done="sent")


async def show(visit: Visit) -> Response:
    """One: what is asked, until when, what was answered, and what may be answered now."""
    return await _one(visit, {"request_id": token(16).hex()})


async def reply(visit: Visit) -> Response:
    """Answer one; granting it publishes the relief that was asked for."""
    said = {name: visit.form.get(name) for name in _SAID}
    number = visit.path["id"]
    answered = await visit.call("POST", f"/v1/requests/{number}:answer", body=_body(said))
    if not answered.ok:
        return await _one(visit, said, fault=answered.document, status=answered.status)
    return visit.to(f"/requests/{number}", done="answered")


def light(one: Mapping[str, Any]) -> str:
    """Red: overdue; amber: open; green: closed."""
    if one["overdue"]:
        return "bad"
    return "good" if one["state"] in ("done", "declined", "withdrawn") else "wait"


async def _one(
    visit: Visit, said: Mapping[str, str], *, fault: object = None, status: int = 200
) -> Response:
    found = await visit.get(f"/v1/requests/{visit.path['id']}")
    english = visit.language is Language.EN
    done = visit.query.get("done", "")
    return visit.page(
        "requests-one.html",
        status=status,
        request=head(found, english=english),
        light=light(found),
        letter_kind=LetterKind.ANSWER if light(found) == "good" else LetterKind.FORWARDING,
        answers=[answer(one, english=english) for one in found["answers"]],
        verdicts=ANSWERS.get(found["side"], ()) if light(found) != "good" else (),
        grants=[(one.value, visit.language.of(GRANTS[one])) for one in How],
        reasons=REASONS,
        said={name: said.get(name, "") for name in _SAID},
        done=done if done in ("sent", "answered") else "",
        fault=fault,
    )


async def _listing(visit: Visit, statement_id: str) -> Answer | None:
    """The listing that somebody named, as the node has it; None where that is no id."""
    if _ID.fullmatch(statement_id) is None:
        return None
    return await visit.call("GET", f"/v1/records/{statement_id}")


def _sure(visit: Visit, said: Mapping[str, str], listing: Mapping[str, Any]) -> Response:
    """What would be forwarded, whose it is and to whom, before it is."""
    return visit.page(
        "requests-sure.html",
        said=said,
        listing=listing,
        type=visit.language.of(TYPES.get(said["type"], (said["type"],) * 2)),
        received=day(day_typed(said["received_on"])),
        personal=any(_PERSONAL.search(said[name]) for name in ("document", "text")),
    )


def _new(
    visit: Visit,
    said: Mapping[str, str],
    *,
    listing: Mapping[str, Any] | None = None,
    told: str = "",
    fault: object = None,
    status: int = 200,
) -> Response:
    return visit.page(
        "requests-new.html",
        status=status,
        listing=listing,
        told=told,
        said={name: said.get(name, "") for name in _SENT},
        types=[(one, visit.language.of(pair)) for one, pair in TYPES.items()],
        fault=fault,
    )


def _body(said: Mapping[str, str]) -> Mapping[str, str | int]:
    """What was filled in; days as numbers, where they are."""
    return {
        name: day_typed(value) if name in _DAYS else value for name, value in said.items() if value
    }


PAGE: Final = Page(
    name="requests",
    path="/requests",
    group=Group.WORK,
    needs=(Action.READ_RECORDS,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("GET", "/new", blank, needs=Action.REQUESTS),
        Route("POST", "/new", send, needs=Action.REQUESTS),
        Route("GET", "/{id}", show),
        Route("POST", "/{id}/answer", reply, needs=Action.REQUESTS),
    ),
)
