"""Letters 公文: the register of numbers, one letter with who had a hand in it, and issuing it.

The letters themselves are made on this page and on those of their acts, as the API makes them.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from federation.ids import Origin
from federation.letters import LetterKind
from federation.persons import Sort, Word, letter_body
from federation.screening.roles import Action
from node.console.page import Group, Page, Route, Visit
from node.console.signed_words import NOTE_MAX, kept, note_of, word_of
from node.console.texts.letters import TEXTS
from node.console.words import Language
from node.system.clock import SystemClock
from node.texts.letters import DOCX, KINDS, STEPS

PAGE_SIZE: Final = 50
_MADE: Final[Mapping[str, str]] = {
    LetterKind.DECISION: "/v1/cases/{}/letter",
    LetterKind.RELIEF: "/v1/repairs/{}/letter",
    LetterKind.FORWARDING: "/v1/requests/{}/letter",
    LetterKind.ANSWER: "/v1/requests/{}/letter",
    LetterKind.NOTICE: "/v1/notices/{}/letter",
    LetterKind.REMINDER: "/v1/notices/{}/letter",
    LetterKind.CAMPAIGN: "/v1/campaigns/{}/letter",
    LetterKind.EDITION: "/v1/catalog/editions/{}/letter",
}
"""Where the API makes a letter of what it is about; that of a scenario stands on its page."""
_ABOUT: Final[Mapping[str, str]] = {
    LetterKind.DECISION: "/cases/{}",
    LetterKind.RELIEF: "/repairs/{}",
    LetterKind.FORWARDING: "/requests/{}",
    LetterKind.ANSWER: "/requests/{}",
    LetterKind.NOTICE: "/notices/{}",
    LetterKind.REMINDER: "/notices/{}",
    LetterKind.CAMPAIGN: "/campaigns/{}",
}
"""The page of what a letter is about, where it has one of its own."""
_MADE_AT: Final = frozenset(
    {"/cases", "/repairs", "/requests", "/notices", "/campaigns", "/scenarios", "/settings"}
)
"""Pages on whose acts letters are made: where somebody goes whose register is empty."""


async def index(visit: Visit) -> Response:
    """The register, a page at a time."""
    asked: dict[str, str | int] = {"page_size": PAGE_SIZE}
    if token := visit.query.get("page_token", ""):
        asked["page_token"] = token
    found = await visit.get("/v1/letters", asked)
    return visit.page(
        "letters.html",
        letters=[_shown(visit, one) for one in found["letters"]],
        made_at=[
            (entry.path, entry.title)
            for group in visit.menu
            for entry in group.entries
            if entry.path in _MADE_AT
        ],
        next=found["next_page_token"],
    )


async def show(visit: Visit) -> Response:
    """One letter: its number, and who had a hand in it; issued or not."""
    return await _one(visit, await _letter(visit))


async def make(visit: Visit) -> Response:
    """The letter as DOCX, as its act stands."""
    kind, about = visit.path["kind"], visit.path["about"]
    path = _MADE.get(kind, "").format(about.partition("-")[0] if kind == "decision" else about)
    if not path:
        return visit.to("/letters")
    query = {"kind": kind} if kind in (LetterKind.NOTICE, LetterKind.REMINDER) else {}
    made = await visit.call("GET", path, query=query)
    if made.ok:
        called = f"{visit.language.of(KINDS[LetterKind(kind)])}-{about[:8]}"
        return visit.download(made.content, f"{kind}-{about[:8]}.docx", called, DOCX)
    return await _one(visit, await _letter(visit), status=made.status, fault=made.document)


async def word(visit: Visit) -> Response:
    """The second step of issuing: what is signed."""
    letter, form = await _letter(visit), visit.form
    person, number = form.get("person"), form.get("number")
    if not person:
        return await _one(visit, letter, status=422, missing=True)
    status = await visit.get("/v1/status")
    body = letter_body(kind=letter["kind"], about=letter["about"], number=number)
    origin, now = Origin(status["node"]["origin"]), SystemClock().now()
    text = Word(origin=origin, sort=Sort.LETTER, at=now, body=body).text
    return _signing(visit, letter, person, number, text)


async def issue(visit: Visit) -> Response:
    """Keep it in the register."""
    letter, form = await _letter(visit), visit.form
    person, number = form.get("person"), form.get("number")
    note = await note_of(form)
    said = {"number": number, "note": note}
    body = {"person": person} | {name: value for name, value in said.items() if value}
    path = f"{letter['kind']}/{letter['about']}"
    answer = await visit.call("POST", f"/v1/letters/{path}:issue", body=body)
    if answer.ok:
        return visit.to(f"/letters/{path}", done=1)
    text = word_of(form)
    return _signing(visit, letter, person, number, text, answer.document, answer.status)


async def _letter(visit: Visit) -> dict[str, Any]:
    found = await visit.get(f"/v1/letters/{visit.path['kind']}/{visit.path['about']}")
    return dict(found)


def _signing(
    visit: Visit,
    letter: Mapping[str, Any],
    person: str,
    number: str,
    text: str,
    fault: Any = None,  # noqa: ANN401 - JSON
    status: int = 200,
) -> Response:
    numbered = ("--number", number) if number else ()
    command = ("huxin", "sign", "letter", "word.note", letter["kind"], letter["about"], *numbered)
    return visit.page(
        "letters-word.html",
        status=status,
        letter=_shown(visit, letter),
        person=person,
        number=number,
        text=text,
        command=shlex.join((*command, "--key", "own.key")),
        fault=fault,
    )


async def _one(
    visit: Visit,
    letter: Mapping[str, Any],
    *,
    status: int = 200,
    missing: bool = False,
    fault: Any = None,  # noqa: ANN401 - JSON
) -> Response:
    return visit.page(
        "letters-one.html",
        status=status,
        letter=_shown(visit, letter),
        about_name=await _edition(visit, letter),
        made_here=letter["kind"] in _MADE,
        about_at=_ABOUT.get(letter["kind"], "").format(letter["about"].partition("-")[0]),
        done=visit.query.get("done") == "1",
        missing=missing,
        fault=fault,
    )


async def _edition(visit: Visit, letter: Mapping[str, Any]) -> str:
    """What the edition is called that a letter is about; empty for all else."""
    if letter["kind"] != LetterKind.EDITION or not visit.may(Action.READ_CATALOG):
        return ""
    catalog = await visit.call("GET", "/v1/catalog")
    editions = catalog.document["editions"] if catalog.ok else ()
    return next((one["name"] for one in editions if one["edition"] == letter["about"]), "")


def _shown(visit: Visit, letter: Mapping[str, Any]) -> dict[str, Any]:
    english = visit.language is Language.EN
    return {
        **letter,
        "kind_said": KINDS[letter["kind"]][english],
        "hands": [one | {"said": STEPS[one["step"]][english]} for one in letter["handled"]],
    }


PAGE: Final = Page(
    name="letters",
    path="/letters",
    group=Group.WORK,
    needs=(Action.READ_RECORDS,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("GET", "/{kind}/{about}", show),
        Route("GET", "/{kind}/{about}/letter.docx", make),
        Route("POST", "/{kind}/{about}/word", word, needs=Action.LETTERS),
        Route("POST", "/{kind}/{about}/word.txt", kept, needs=Action.LETTERS),
        Route("POST", "/{kind}/{about}/issue", issue, upload=NOTE_MAX, needs=Action.LETTERS),
    ),
)
