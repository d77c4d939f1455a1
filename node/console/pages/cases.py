"""The review queue: what a rule held, both sides of it, and what a person says about it.

A decision is made in two steps: what is decided, then the exact bytes that the person signs with a
key of its own, elsewhere. No private key comes near the server or the page (CN10):
the signed note is pasted, or handed in as a file.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from federation.ids import Origin, StatementId
from federation.persons import Sort, Word, decision_body
from federation.reconcile.cases import Waits
from federation.reconcile.findings import DECIDED_FINDINGS, RULES, Finding
from federation.screening.roles import Action
from node.console.api import ProblemError
from node.console.list_names import list_names, names_in
from node.console.page import Group, Page, Route, Visit
from node.console.pages.case_several import SEVERAL, several
from node.console.pages.case_several import decide as decide_several
from node.console.pages.case_sides import VERDICTS, sides, verdicts
from node.console.signed_words import NOTE_MAX, kept, note_of, word_of
from node.console.texts.cases import TEXTS
from node.console.words import Language
from node.system.clock import SystemClock
from node.texts.letters import STEPS

PAGE_SIZE: Final = 50
_SOUGHT: Final = ("sought", "list_type", "rule", "waits")
ALIKE: Final = {
    RULES[Finding.LIST_UNKNOWN].code: "lists",
    RULES[Finding.TRUST_UNKNOWN].code: "trust_lists",
}
"""Rules of which a person says what list theirs is here, and where the catalog has such lists."""
GAPS: Final = (*ALIKE, RULES[Finding.AUTHORITY_NOT_NAMED].code)
"""Rules that an edition of the catalog cures which the node can propose."""
CATALOG_ONLY: Final = frozenset(rule.code for rule in RULES.values() if rule.catalog_only)
CHANGED: Final = ("case.decided", "seen.changed")
"""Codes with which the case as it stands is shown, since it is not what was decided about."""
_STATUS: Final = {"": 200, "missing": 422, "changed": 409}
DECIDED: Final = tuple(RULES[one].code for one in DECIDED_FINDINGS)
LONG_DAYS: Final = 10
"""Working days after which a case is marked as waiting long. No rule sets it a day; this is the
longest term in which the national catalog lets anybody be told of a result."""


async def index(visit: Visit) -> Response:
    """The queue, or those that wait for a second person or for their letter."""
    return await _queue(visit, {name: visit.query.get(name, "") for name in ("rule", "waits")})


async def search(visit: Visit) -> Response:
    """The queue by subject, document or list; whom it names stands in the body alone (HT2)."""
    return await _queue(visit, {name: visit.form.get(name) for name in _SOUGHT})


async def _queue(visit: Visit, sought: Mapping[str, str]) -> Response:
    """A page at a time; what the viewer can settle first, and of the rest what waits longest."""
    asked = {name: sought.get(name, "") for name in _SOUGHT}
    asked["waits"] = asked["waits"] if asked["waits"] in tuple(Waits) else ""
    rule = "" if asked["waits"] else asked["rule"]
    query: dict[str, str | int] = {"page_size": PAGE_SIZE}
    token = visit.form.get("page_token") or visit.query.get("page_token", "")
    said = {"rule": rule, "waits": asked["waits"], "page_token": token}
    query |= {name: value for name, value in said.items() if value}
    narrow = {name: asked[name] for name in ("sought", "list_type") if asked[name]}
    answer = await visit.call(
        "POST" if narrow else "GET",
        "/v1/cases:search" if narrow else "/v1/cases",
        query=query,
        body=narrow or None,
    )
    if not answer.ok:
        raise ProblemError(answer)
    found = answer.document
    open_ = {one["rule"] for one in found["cases"]} | ({rule} if rule else set())
    return visit.page(
        "cases.html",
        lists=await list_names(visit),
        cases=sorted(
            (_line(visit, one) for one in found["cases"]),
            key=lambda one: (
                not one["mine"],
                bool(one["by"]),
                one["since"] if not one["by"] else 0,
            ),
        ),
        asked=asked,
        rule=rule,
        waits=asked["waits"],
        narrow=bool(narrow),
        rules=(*sorted(open_ - set(DECIDED)), *DECIDED),
        next=found["next_page_token"],
        several=SEVERAL,
    )


async def show(visit: Visit) -> Response:
    """One case: both sides, the rule in words, what was said of it before."""
    case = await visit.get(f"/v1/cases/{visit.path['id']}")
    return await _one(visit, case)


async def word(visit: Visit) -> Response:
    """The second step: what is signed, for a verdict and its reason."""
    case = await visit.get(f"/v1/cases/{visit.path['id']}")
    said = _said(visit)
    if said["shown"] != case["shown"]:  # V10
        return await _one(visit, case, said, notice="changed")
    verdict, reason = said["verdict"], said["reason"]
    if verdict not in VERDICTS or not reason or visit.form.get("change"):
        notice = "" if visit.form.get("change") else "missing"
        return await _one(visit, case, said, notice=notice)
    status = await visit.get("/v1/status")
    text = _word(visit, case, verdict, reason, status["node"]["origin"])
    return visit.page("cases-word.html", **_signing(visit, case, verdict, reason, text))


async def decide(visit: Visit) -> Response:
    """Hand the decision in."""
    number = visit.path["id"]
    body = _said(visit) | {"person": visit.session.name}
    note = await note_of(visit.form)
    answer = await visit.call(
        "POST", f"/v1/cases/{number}:decide", body=body | ({"note": note} if note else {})
    )
    if answer.ok:
        done = "second" if answer.document.get("second_person_needed") else body["verdict"]
        return visit.to(f"/cases/{number}", done=done)
    case = await visit.get(f"/v1/cases/{number}")
    if answer.document["code"] in CHANGED:
        return await _one(visit, case, body, fault=answer.document)
    shown = _signing(visit, case, body["verdict"], body["reason"], word_of(visit.form))
    return visit.page(
        "cases-word.html", status=answer.status, **(shown | {"fault": answer.document})
    )


def _signing(
    visit: Visit, case: Mapping[str, Any], verdict: str, reason: str, text: str
) -> dict[str, Any]:
    number, rule = str(case["statement_id"]), str(case["question"])
    options = ("--by", visit.session.name, "--rule", rule, "--reason", reason, "--key", "own.key")
    command = shlex.join(("huxin", "sign", "decision", "word.note", number, verdict, *options))
    return {
        "case": case,
        "verdict": verdict,
        "reason": reason,
        "text": text,
        "shown": visit.form.get("shown"),
        "then": _then(case, verdict),
        "command": command,
        "fault": None,
    }


def _said(visit: Visit) -> dict[str, str]:
    """What a person chose and wrote, and which state of the case the form was made for."""
    return {name: visit.form.get(name) for name in ("verdict", "reason", "shown")}


async def again(visit: Visit) -> Response:
    """The second step, where a browser loads it anew: it is reached by the first one alone."""
    return visit.to(f"/cases/{visit.path['id']}")


def _then(case: Mapping[str, Any], verdict: str) -> str:
    """What follows once it is handed in: of `use` by the first person nothing yet."""
    first = verdict == "use" and not case["waits_for_second_person"]
    return "first" if first else verdict


def _line(visit: Visit, case: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the queue; `mine`: another person said use, and the one who looks may be second."""
    said = case["waits_for_second_person"]
    mine = bool(said) and visit.may(Action.DECIDE) and visit.session.name not in said
    return {
        **case,
        "why": _why(case, visit.language),
        "mine": mine,
        "said": "、".join(said),
        "by": "、".join(case.get("decided_by", ())),
        "long": (case["working_days"] or 0) > LONG_DAYS,
        "choose": visit.may(Action.DECIDE) and case["decidable"],
    }


async def _next(visit: Visit, number: str) -> str:
    """The case to go on with, after one was decided; empty where none is left for the viewer."""
    found = (await visit.get("/v1/cases", {"page_size": PAGE_SIZE}))["cases"]
    lines = sorted((_line(visit, one) for one in found), key=lambda one: not one["mine"])
    left = (
        str(one["statement_id"])
        for one in lines
        if one["decidable"]
        and one["statement_id"] != number
        and visit.session.name not in one["waits_for_second_person"]
    )
    return next(left, "")


def _why(case: Mapping[str, Any], language: Language) -> str:
    return str(case["rule_zh"] if language is Language.ZH else case["rule_en"])


async def _one(
    visit: Visit,
    case: Mapping[str, Any],
    said: Mapping[str, str] | None = None,
    *,
    notice: str = "",
    fault: Mapping[str, Any] | None = None,
) -> Response:
    """The page of a case.

    Args:
        visit: whose.
        case: as it stands.
        said: what was chosen and written before, which stays in the form.
        notice: `missing` or `changed`, why it is shown again.
        fault: why the node took no decision: the case is no longer what was shown.
    """
    done = visit.query.get("done", "")
    done = done if done in (*VERDICTS, "second") else ""
    advice = f"todo.{case['rule']}"
    catalog = await visit.call("GET", "/v1/catalog")
    alike = ALIKE.get(case["question"], "")
    return visit.page(
        "cases-one.html",
        status=409 if fault else _STATUS[notice],
        case=case,
        lists=names_in(catalog),
        alike=catalog.document[alike] if alike and catalog.ok else (),
        by_catalog=case["question"] in CATALOG_ONLY,
        why=_why(case, visit.language),
        sides=sides(case),
        handled=[one | {"said": visit.language.of(STEPS[one["step"]])} for one in case["handled"]],
        verdicts=verdicts(case, visit.session.name),
        todo=visit.text(advice) if advice in TEXTS and not case["doubt"] else "",
        done=done,
        next=await _next(visit, case["statement_id"]) if done and visit.may(Action.DECIDE) else "",
        gaps=GAPS,
        notice=notice,
        fault=fault,
        said=said or {"verdict": "", "reason": ""},
    )


def _word(visit: Visit, case: Mapping[str, Any], verdict: str, reason: str, origin: str) -> str:
    body = decision_body(
        statement_id=StatementId(bytes.fromhex(case["statement_id"])),
        rule=case["question"],
        verdict=verdict,
        person=visit.session.name,
        reason=reason,
    )
    now = SystemClock().now()
    return Word(origin=Origin(origin), sort=Sort.DECISION, at=now, body=body).text


PAGE: Final = Page(
    name="cases",
    path="/cases",
    group=Group.WORK,
    needs=(Action.READ_RECORDS,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("POST", "/search", search),
        Route("GET", "/several", several, needs=Action.DECIDE),
        Route("POST", "/several", decide_several, needs=Action.DECIDE),
        Route("GET", "/{id}", show),
        Route("GET", "/{id}/word", again, needs=Action.DECIDE),
        Route("POST", "/{id}/word", word, needs=Action.DECIDE),
        Route("POST", "/{id}/word.txt", kept, needs=Action.DECIDE),
        Route("POST", "/{id}/decide", decide, upload=NOTE_MAX, needs=Action.DECIDE),
    ),
)
