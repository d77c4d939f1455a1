"""Scenarios 场景互认: which benefits there are, where each is honoured, whether a firm has one.

What a region says of a scenario is a statement in its log: it is made here out of the scenario's
own leaf, and published by who may.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from starlette.responses import Response

from federation.letters import LetterKind
from federation.recognition.entitlement import Result
from federation.screening.roles import Action
from node.console.api import ProblemError
from node.console.page import Group, Page, Route, Visit
from node.console.texts.scenarios import TEXTS
from node.console.words import Language, day, day_typed
from node.system.clock import SystemClock
from node.system.entropy import token
from node.texts.letters import DOCX, KINDS
from node.texts.questions import made_plain
from node.texts.scenarios import MARKS

INCENTIVE: Final = "joint-incentive"
ACTS: Final = ("accepted", "declined", "suspended", "ended")
_NUMBER: Final = re.compile(r"[0-9]{6}-[0-9]{8}-[0-9a-f]{1,40}")
_ASKED: Final = ("case_no", "code", "name", "request_id")


async def index(visit: Visit) -> Response:
    """All scenarios, and what each region says of them."""
    matrix = await visit.get("/v1/scenarios:matrix")
    return visit.page("scenarios.html", matrix=matrix, marks=MARKS)


async def show(visit: Visit) -> Response:
    """One in full."""
    return await _one(visit)


async def act(visit: Visit) -> Response:
    """Say what this region says of a scenario."""
    form, scenario = visit.form, visit.path["scenario"]
    statement = (await visit.get(f"/v1/scenarios/{scenario}"))["statement_id"]
    proof = await visit.get(f"/v1/records/{statement}/proof")
    action = form.get("action")
    payload: dict[str, Any] = {
        "min_reader": 1,
        "scenario": {
            "origin": proof["origin"],
            "index": proof["index"],
            # RFC 6962 §2.1: what names a leaf.
            "leaf_hash": sha256(b"\0" + bytes.fromhex(proof["leaf"])).hexdigest(),
        },
        "authority": form.get("authority"),
        "authority_name": form.get("authority_name"),
        "conditions_text": form.get("conditions"),
        "reason": form.get("reason"),
        "decided_on": day_typed(form.get("decided_on")),
        "valid_until": day_typed(form.get("valid_until")),
        "services": [one.strip() for one in form.get("services").splitlines() if one.strip()],
    }
    draft = {"recognition": payload, "action": action if action in ACTS else ""}
    body = {"drafts": [draft], "request_id": form.get("request_id")}
    answer = await visit.call("POST", "/v1/records:publish", body=body)
    if not answer.ok:
        return await _one(visit, problem=ProblemError(answer))
    return visit.to(f"/scenarios/{scenario}", done=1)


async def letter(visit: Visit) -> Response:
    """What this region says of it, as a letter."""
    number = visit.path["scenario"]
    made = await visit.call("GET", f"/v1/scenarios/{number}/letter")
    if not made.ok:
        return await _one(visit, problem=ProblemError(made))
    called = f"{visit.language.of(KINDS[LetterKind.SCENARIO])}-{number[:8]}"
    return visit.download(made.content, f"scenario-{number[:8]}.docx", called, DOCX)


async def attempt(visit: Visit) -> Response:
    """Ask whether one subject may have it here."""
    asked = {name: visit.form.get(name) for name in _ASKED}
    said = asked | {"purpose": INCENTIVE, "scenario": visit.path["scenario"]}
    answer = await visit.call("POST", "/v1/benefits/checks", body=said)
    if not answer.ok:
        return await _one(visit, asked=asked, problem=ProblemError(answer))
    return await _one(visit, asked=asked, answer=answer.document)


async def use(visit: Visit) -> Response:
    """Keep that a subject used the benefit that an answer gave it."""
    form, scenario = visit.form, visit.path["scenario"]
    body = {
        "used_on": day_typed(form.get("used_on")),
        "person": form.get("person"),
        "request_id": form.get("request_id"),
    }
    number = form.get("number")
    if _NUMBER.fullmatch(number) is None:
        return visit.to(f"/scenarios/{scenario}")
    answer = await visit.call("POST", f"/v1/benefits/checks/{number}/uses", body=body)
    if not answer.ok:
        return await _one(visit, problem=ProblemError(answer))
    return visit.to(f"/scenarios/{scenario}", done="use")


async def _one(
    visit: Visit,
    *,
    asked: Mapping[str, str] | None = None,
    answer: Mapping[str, Any] | None = None,
    problem: ProblemError | None = None,
) -> Response:
    scenario = await visit.get(f"/v1/scenarios/{visit.path['scenario']}")
    history = await visit.get(f"/v1/scenarios/{scenario['scenario']}/history")
    may_act = visit.may(Action.PUBLISH) and scenario["here"]["standing"] != "own"
    purposes = visit.session.account["purposes"]
    return visit.page(
        "scenarios-one.html",
        status=200 if problem is None else 422,
        scenario=scenario,
        explained=scenario["explained"][visit.language],
        said_here=_said_here(scenario),
        regions=[_region(visit, one) for one in scenario["regions"]],
        history=history["history"],
        may_act=may_act,
        acts=ACTS,
        may_try=visit.may(Action.BENEFIT) and INCENTIVE in purposes,
        asked=asked or {"request_id": token(16).hex()},
        request_id=token(16).hex(),
        answer=answer,
        colour="good" if answer and answer["result"] == Result.ENTITLED else "wait",
        problem=problem,
        done={"1": "say.done", "use": "use.done"}.get(visit.query.get("done", ""), ""),
        plain=made_plain(
            answer["normalised"] if answer else (), english=visit.language is Language.EN
        ),
        may_use=visit.may(Action.REPORT_USE),
        today=day(SystemClock().today()),
    )


def _said_here(scenario: Mapping[str, Any]) -> str:
    """The statement in which this region says something of it that stands; empty: none."""
    own = scenario["own_region"]
    said = (one for one in scenario["regions"] if one["region"] == own and one["standing"] in ACTS)
    return next((str(one["statement_id"]) for one in said), "")


def _region(visit: Visit, said: Mapping[str, Any]) -> dict[str, Any]:
    """What one region says, with all that it may leave out."""
    further = said.get("further")
    return {
        "city": said["city"],
        "standing": said["standing"],
        "until": said["until"],
        "authority": said.get("authority_name", ""),
        "reason": said.get("reason", ""),
        "conditions": said.get("conditions", ""),
        "further": further[visit.language] if further else "",
        "services": said.get("services", []),
    }


PAGE: Final = Page(
    name="scenarios",
    path="/scenarios",
    group=Group.WORK,
    needs=(Action.SCENARIOS,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("GET", "/{scenario}", show),
        Route("GET", "/{scenario}/letter.docx", letter),
        Route("POST", "/{scenario}/act", act, needs=Action.PUBLISH),
        Route("POST", "/{scenario}/try", attempt, needs=Action.BENEFIT),
        Route("POST", "/{scenario}/use", use, needs=Action.REPORT_USE),
    ),
)
