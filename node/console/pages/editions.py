"""Editions of the catalog: tried, adopted by two persons; entries confirmed by one.

Who adopts or confirms signs the exact bytes elsewhere (CN10). The text of an edition goes through
the page in base 64, since what a browser sends of a text has other ends of lines, and it is signed
byte for byte; a text of more than `TEXT_MAX` is adopted at the node.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from federation.ids import Origin, Timestamp
from federation.persons import Sort, Word, confirmation_body
from federation.screening.roles import Action
from node.console.forms import FIELD_MAX
from node.console.page import Group, Page, Route, Visit
from node.console.pages.settings import SORTS, by_sort, names_of
from node.console.rendering import said_of_code
from node.console.signed_words import NOTE_MAX, command, kept, note_of, word_of
from node.console.texts.editions import TEXTS
from node.system.clock import SystemClock

TEXT_MAX: Final = FIELD_MAX // 4 * 3
"""Bytes of an edition that has room in a form."""
_FORM: Final = NOTE_MAX + FIELD_MAX
_DONE: Final = ("adopted", "confirmed")


async def index(visit: Visit) -> Response:
    """What can be tried, and what waits for somebody who compares it."""
    return await _all(visit)


async def attempt(visit: Visit) -> Response:
    """Try an edition: what differs, what becomes of listings, and what is signed to adopt it."""
    file = visit.form.files.get("file")
    typed = visit.form.fields.get("text", ("",))[0].replace("\r\n", "\n")
    if file is not None and file.filename:
        content = await file.read(TEXT_MAX + 1)
    elif typed:
        content = typed.encode()
    else:
        content = visit.form.get("starter").encode()
    if not content:
        return await _all(visit, told="nothing", status=422)
    if len(content) > TEXT_MAX:
        return await _all(visit, told="too-large", status=413)
    return await _tried(visit, content)


async def propose(visit: Visit) -> Response:
    """Try the edition that would cure what the catalog does not know about one listing."""
    said = {"person": visit.session.name}
    said |= {"like": visit.form.get("like")} if visit.form.get("like") else {}
    made = await visit.post(f"/v1/cases/{visit.form.get('case')}:propose", said)
    return await _tried(visit, made["text"].encode())


async def adopt(visit: Visit) -> Response:
    """Let it take effect, with the word of both."""
    content = _content(visit.form.get("edition"))
    persons = [visit.session.name, *([other] if (other := visit.form.get("other")) else [])]
    body = {
        "text": content.decode("utf-8", "replace"),
        "persons": persons,
        "note": await note_of(visit.form),
        "shown": visit.form.get("shown"),
    }
    answer = await visit.call("POST", "/v1/catalog:import", body=body)
    if answer.ok:
        return visit.to("/editions", done="adopted")
    return await _tried(visit, content, fault=answer.document, status=answer.status)


async def word(visit: Visit) -> Response:
    """What is signed to confirm the entries that were chosen."""
    chosen = tuple(visit.form.all("entry"))
    if not chosen:
        return await _all(visit, told="no-entry", status=422)
    body = confirmation_body(chosen)
    text = await _word(visit, Sort.CONFIRMATION, body, _seen_at(visit.form.get("seen_at")))
    return visit.page("editions-word.html", **await _signing(visit, chosen, text))


async def confirm(visit: Visit) -> Response:
    """Keep that entries were compared with the official text."""
    chosen = tuple(visit.form.all("entry"))
    note = await note_of(visit.form)
    body = {"entries": chosen, "person": visit.session.name} | ({"note": note} if note else {})
    answer = await visit.call("POST", "/v1/catalog:confirm", body=body)
    if answer.ok:
        return visit.to("/editions", done="confirmed")
    shown = await _signing(visit, chosen, word_of(visit.form)) | {"fault": answer.document}
    return visit.page("editions-word.html", status=answer.status, **shown)


async def _all(visit: Visit, *, told: str = "", status: int = 200) -> Response:
    check = await visit.get("/v1/catalog:check")
    done = visit.query.get("done", "")
    return visit.page(
        "editions.html",
        status=status,
        unconfirmed=check["unconfirmed"],
        starters=check["starters"],
        starter_names=check["starter_names"],
        told=told,
        done=done if done in _DONE else "",
        most=TEXT_MAX // 1024,
        seen_at=SystemClock().now(),
    )


async def _tried(
    visit: Visit, content: bytes, *, fault: object = None, status: int = 200
) -> Response:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return await _all(visit, told="not-utf-8", status=422)
    tried = await visit.post("/v1/catalog:import", {"text": text})
    catalog = await visit.get("/v1/catalog")
    return visit.page(
        "editions-tried.html",
        status=status,
        tried=tried,
        sorts=list(by_sort(tried["differences"], names_of(visit, catalog))),
        known=SORTS,
        changes=[_change(visit, one) for one in tried["changes"]],
        edition=b64encode(content).decode(),
        content=text if "\n" in text else "",
        text=await _word(visit, Sort.EDITION, tried["body"], SystemClock().now()),
        command=command(visit.text("word.file")),
        fault=fault,
    )


def _content(said: str) -> bytes:
    """The text of an edition as the page had it; what is none is nothing."""
    try:
        return b64decode(said, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _seen_at(said: str) -> Timestamp:
    """When the page was shown: what an edition that was adopted since says was not seen (V5)."""
    now = SystemClock().now()
    is_number = said.isascii() and said.isdecimal() and len(said) <= len(str(now))
    return min(now, Timestamp(int(said))) if is_number else now


async def _word(visit: Visit, sort: Sort, body: str, at: Timestamp) -> str:
    status = await visit.get("/v1/status")
    return Word(origin=Origin(status["node"]["origin"]), sort=sort, at=at, body=body).text


async def _signing(visit: Visit, chosen: Sequence[str], text: str) -> dict[str, Any]:
    """What is signed of the entries that were chosen, and what each is called."""
    check = await visit.call("GET", "/v1/catalog:check")
    waiting = check.document["unconfirmed"] if check.ok else ()
    return {
        "chosen": chosen,
        "names": {one["item"]: one["name"] for one in waiting},
        "text": text,
        "command": command(visit.text("word.file")),
        "fault": None,
    }


def _change(visit: Visit, one: Mapping[str, Any]) -> Mapping[str, Any]:
    """What becomes of listings, in words."""
    return {
        **one,
        **{name: said_of_code(visit.language, one[name]) for name in ("from", "to")},
    }


PAGE: Final = Page(
    name="editions",
    path="/editions",
    group=Group.NODE,
    needs=(Action.DECIDE,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("POST", "/try", attempt, upload=_FORM),
        Route("POST", "/propose", propose),
        Route("POST", "/adopt", adopt, upload=_FORM),
        Route("POST", "/confirm/word", word),
        Route("POST", "/word.txt", kept),
        Route("POST", "/confirm", confirm, upload=NOTE_MAX),
    ),
)
