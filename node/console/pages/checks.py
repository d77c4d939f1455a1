"""Checks 核查 and outcomes 反馈: ask about a subject before an act, report what was done.

A question names a subject, so it is a POST, and its answer is that POST's page; what it found can
be looked at again under its number. The number of the request stands in the form: sent twice, it is
answered once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from federation.screening.outcomes import REASONS, MatchState, Result
from federation.screening.report_choices import reportable
from federation.screening.roles import Action
from node.console.api import ProblemError
from node.console.page import Group, Page, Route, Visit
from node.console.texts.checks import TEXTS
from node.console.words import Language, day, day_typed, number_typed, purpose
from node.system.clock import SystemClock
from node.system.entropy import token
from node.texts.letters import DOCX
from node.texts.questions import made_plain

PAGE_SIZE: Final = 50
_ASKED: Final = ("matter", "purpose", "case_no", "code", "name", "request_id")


async def index(visit: Visit) -> Response:
    """What waits for an outcome, and a form to ask."""
    return await _index(visit)


async def ask(visit: Visit) -> Response:
    """Ask about one subject."""
    asked = {name: visit.form.get(name) for name in _ASKED}
    answer = await visit.call("POST", "/v1/checks", body=asked)
    if not answer.ok:
        return await _index(visit, asked=asked, problem=ProblemError(answer))
    found, matters = answer.document, (await visit.get("/v1/matters"))["matters"]
    matches = [one | {"state": "pending", "reports": []} for one in found["matches"]]
    return visit.page(
        "checks-one.html",
        number=found["number"],
        answer=found,
        plain=made_plain(found["normalised"], english=visit.language is Language.EN),
        check=None,
        asked=asked,
        matter=next((one["name"] for one in matters if one["code"] == asked["matter"]), ""),
        matches=matches,
        problem=None,
        **_report_choices(visit),
    )


async def show(visit: Visit) -> Response:
    """What a check found, and what was reported of it."""
    return await _one(visit)


async def report(visit: Visit) -> Response:
    """Report what was done about one measure of one match."""
    form = visit.form
    said: dict[str, Any] = {
        "origin": form.get("origin"),
        "index": number_typed(form.get("index")),
        "measure": form.get("measure"),
        "result": form.get("result"),
        "decided_on": day_typed(form.get("decided_on")),
        "person": form.get("person"),
    }
    said |= {"reason": form.get("reason")} if form.get("reason") else {}
    said |= {"corrects": True} if form.get("corrects") else {}
    number = visit.path["number"]
    answer = await visit.call("POST", f"/v1/checks/{number}/outcomes", body=said)
    if not answer.ok:
        return await _one(visit, problem=ProblemError(answer))
    return visit.to(f"/checks/{number}", done=1)


async def form(visit: Visit) -> Response:
    """The form of a case, to be signed and sealed."""
    number = visit.path["number"]
    path, name = f"/v1/outcomes/{number}/form", f"case-{number}.docx"
    return await visit.file(path, name, f"{visit.text('form.file')}-{number}", DOCX)


async def _index(
    visit: Visit, *, asked: Mapping[str, str] | None = None, problem: ProblemError | None = None
) -> Response:
    said: dict[str, str | int] = {"page_size": PAGE_SIZE}
    if after := visit.query.get("page_token", ""):
        said["page_token"] = after
    waiting = await visit.get("/v1/outcomes:pending", said)
    may_ask = visit.may(Action.CHECK)
    matters = (await visit.get("/v1/matters"))["matters"] if may_ask else []
    return visit.page(
        "checks.html",
        status=200 if problem is None else 422,
        waiting=waiting["outcomes"],
        next=waiting["next_page_token"],
        matters=matters,
        may_ask=may_ask,
        purposes=[
            (code, purpose(code, visit.language))
            for code in sorted(visit.session.account["purposes"], key="joint-punishment".__ne__)
        ],
        asked=asked or {"request_id": token(16).hex()},
        problem=problem,
    )


async def _one(visit: Visit, problem: ProblemError | None = None) -> Response:
    check = await visit.get(f"/v1/outcomes/{visit.path['number']}")
    return visit.page(
        "checks-one.html",
        status=200 if problem is None else 422,
        number=check["check"],
        answer=None,
        plain="",
        check=check,
        asked=None,
        matter="",
        matches=check["matches"],
        problem=problem,
        **_report_choices(visit),
    )


def _results(match: Mapping[str, Any], measure: Mapping[str, Any]) -> Sequence[Result]:
    """What may still be said of a measure of a match."""
    said = [Result(one["result"]) for one in match["reports"] if one["measure"] == measure["code"]]
    return reportable(MatchState(match["state"]), said, blocks=measure["class"] == "block")


def _report_choices(visit: Visit) -> Mapping[str, Any]:
    """What a report may say."""
    return {
        "may_report": visit.may(Action.REPORT_OUTCOME),
        "results": _results,
        "reasons": REASONS,
        "done": visit.query.get("done") == "1",
        "today": day(SystemClock().today()),
        "may_read": visit.may(Action.READ_RECORDS),
    }


PAGE: Final = Page(
    name="checks",
    path="/checks",
    group=Group.WORK,
    needs=(Action.CHECK, Action.LIST_OUTCOMES),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("POST", "", ask, needs=Action.CHECK),
        Route("GET", "/{number}", show, needs=Action.LIST_OUTCOMES),
        Route("GET", "/{number}/form.docx", form, needs=Action.LIST_OUTCOMES),
        Route("POST", "/{number}/report", report, needs=Action.REPORT_OUTCOME),
    ),
)
