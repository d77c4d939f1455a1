"""Reliefs: by deadline, who has not executed them, one at every member, and its certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from federation.screening.roles import Action
from node.console.page import Group, Page, Route, Visit
from node.console.texts.repairs import TEXTS
from node.texts.repairs import KINDS, OWED, UNKNOWN, VERDICTS

PAGE_SIZE: Final = 50
SHOWN: Final = ("outstanding", "late", "all")
_PDF: Final = "application/pdf"
_STEPS: Final = ("received", "applied", "executed")


async def index(visit: Visit) -> Response:
    """Those that somebody has still to execute, unless others are asked for."""
    shown = visit.query.get("show", SHOWN[0])
    shown = shown if shown in SHOWN else SHOWN[0]
    asked: dict[str, str | int] = {"page_size": PAGE_SIZE}
    if shown != "all":
        asked[shown] = "true"
    if token := visit.query.get("page_token", ""):
        asked["page_token"] = token
    found = await visit.get("/v1/repairs", asked)
    return visit.page(
        "repairs.html",
        repairs=[_line(visit, one) for one in by_deadline(found["repairs"])],
        shown=shown,
        choices=SHOWN,
        next=found["next_page_token"],
    )


async def show(visit: Visit) -> Response:
    """One relief: its deadline, and its way at each member."""
    return await _one(visit)


async def certificate(visit: Visit) -> Response:
    """The certificate as a sealed PDF, for the subject that asks and names its code."""
    said = {"subject": visit.form.get("subject")} | (
        {"check": visit.form.get("check")} if visit.form.get("check") else {}
    )
    number = visit.path["id"]
    made = await visit.call("POST", f"/v1/repairs/{number}/certificate", body=said)
    if made.ok:
        called = f"{visit.text('certificate.file')}-{number[:8]}"
        return visit.download(made.content, f"certificate-{number[:8]}.pdf", called, _PDF)
    return await _one(visit, fault=made.document, status=made.status)


async def _one(visit: Visit, *, fault: Any = None, status: int = 200) -> Response:  # noqa: ANN401 - JSON
    found = await visit.get(f"/v1/repairs/{visit.path['id']}")
    return visit.page(
        "repairs-one.html",
        status=status,
        repair=_line(visit, found),
        members=[_member(visit, one) for one in found["by_member"]],
        departments=[
            {**one, "owed": visit.language.of(OWED[one["state"]])} for one in found["by_department"]
        ],
        may_report=visit.may(Action.REPORT_OUTCOME),
        may_look=visit.may(Action.LIST_OUTCOMES),
        fault=fault,
    )


def by_deadline(repairs: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Late ones first, then by the last day; those without one after all others."""
    return sorted(
        repairs,
        key=lambda one: (not (one["late"] or one["departments_late"]), one["due"] or 99_999_999),
    )


def light(repair: Mapping[str, Any]) -> str:
    """Red: somebody is late; amber: somebody has still to do it; green: all have (RP16)."""
    if repair["late"] or repair["departments_late"]:
        return "bad"
    return "wait" if repair["outstanding"] or repair["departments"] else "good"


def light_word(repair: Mapping[str, Any]) -> str:
    """The text of a light: of one that only departments here keep from being green its own."""
    shown = light(repair)
    if repair["departments"] and not repair["late"] and not repair["outstanding"]:
        return f"light.departments.{shown}"
    return f"light.{shown}"


def _line(visit: Visit, one: Mapping[str, Any]) -> dict[str, Any]:
    kind = KINDS.get(one["kind"])
    return {
        **one,
        "kind_said": one["kind"] if kind is None else visit.language.of(kind),
        "unknown_said": visit.language.of(UNKNOWN.get(one["due_unknown"], UNKNOWN[""])),
        "light": light(one),
        "light_said": visit.text(light_word(one)),
    }


def _member(visit: Visit, one: Mapping[str, Any]) -> dict[str, Any]:
    said = one["verdict"]
    word = VERDICTS.get(said)
    verdict = said if word is None else visit.language.of(word)
    if said == "unknown" and one["executed"] is not None:
        # What was done is done, also where no deadline is known by which it was due.
        said, verdict = "in-time", visit.text("done.no-deadline")
    return {
        "name": one["city"] or one["member"],
        "steps": [{"name": name, "said": one[name]} for name in _STEPS],
        "verdict": verdict,
        "light": {"late": "bad", "in-time": "good"}.get(said, "wait"),
    }


PAGE: Final = Page(
    name="repairs",
    path="/repairs",
    group=Group.WORK,
    needs=(Action.READ_RECORDS,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("GET", "/{id}", show),
        Route("POST", "/{id}/certificate", certificate),
    ),
)
