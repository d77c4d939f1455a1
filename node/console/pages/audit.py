"""Audit: who asked whom, whether the logs are what was signed, and how both are handed on.

Whom a question names stands in the body of a POST alone (HT2). Who asked about a subject is told to
two persons by their signed word: the page shows the exact bytes, and takes the note (CN10).
"""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from federation.ids import Origin, node_of
from federation.persons import Sort, Word, queries_body
from federation.screening.roles import Action
from node.console.forms import FIELD_MAX
from node.console.page import Group, Page, Route, Visit
from node.console.signed_words import NOTE_MAX, kept, note_of, word_of
from node.console.texts.audit import TEXTS
from node.console.words import Language, light_of_log, purpose
from node.system.clock import SystemClock
from node.texts.fields import LOG_STATES
from node.texts.letter_making import docx_of
from node.texts.letters import DOCX
from node.texts.query_letters import FIELDS, letter_of
from node.texts.query_words import action_in_words, result_in_words

KINDS: Final = ("question", "read", "admin")
_ASKED: Final = ("code", "name", "authorisation", "other")
_EXPORT: Final = "audit-export"
_PROMISE: Final = ("huxin", "access", "verify-export", "queries-export", "--promise", "answer.json")
_PARTS: Final = frozenset({"head", "witness", "mirror"})
"""What a cosignature says, as its key is named (SPEC §3.4)."""


async def index(visit: Visit) -> Response:
    """How the query log stands, what others vouch for, and the forms."""
    return await _whole(visit)


async def verify(visit: Visit) -> Response:
    """Compute the query log anew, and compare it with everything that was signed."""
    promise = await note_of(visit.form)
    body = {"promises": [promise] if promise else []}
    answer = await visit.call("POST", "/v1/queries:verify", body=body)
    if answer.ok:
        return await _whole(visit, report=answer.document)
    return await _whole(visit, fault=answer.document, status=answer.status)


async def department(visit: Visit) -> Response:
    """What a department asked; recorded in its turn."""
    said = visit.form.get("department")
    body = {"department": said, "by": [visit.session.name]}
    answer = await visit.call("POST", "/v1/queries:search", body=body)
    if answer.ok:
        return _found(visit, said, "", answer.document["queries"])
    return await _whole(visit, fault=answer.document, status=answer.status)


async def letter(visit: Visit) -> Response:
    """What a subject is told, as DOCX: what the page had, handed back."""
    try:
        said = json.loads(visit.form.get("queries"))
    except ValueError:
        said = []
    queries = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    made = letter_of(visit.form.get("about"), visit.form.get("authorisation"), queries)
    content = await asyncio.to_thread(docx_of, made)
    return visit.download(content, "queries.docx", visit.text("letter.file"), DOCX)


async def word(visit: Visit) -> Response:
    """What two persons sign, before who asked about a subject is told."""
    asked = {name: visit.form.get(name) for name in _ASKED}
    if not (asked["code"] or asked["name"]) or not asked["authorisation"] or not asked["other"]:
        return await _whole(visit, missing=True, status=422)
    status = await visit.get("/v1/status")
    body = queries_body(
        code=asked["code"], name=asked["name"], authorisation=asked["authorisation"]
    )
    origin, now = Origin(status["node"]["origin"]), SystemClock().now()
    text = Word(origin=origin, sort=Sort.QUERIES, at=now, body=body).text
    return visit.page("audit-word.html", **_signing(asked, text))


async def search(visit: Visit) -> Response:
    """Who asked about a subject."""
    asked = {name: visit.form.get(name) for name in _ASKED}
    note = await note_of(visit.form)
    body = {name: asked[name] for name in _ASKED[:3] if asked[name]}
    by = [visit.session.name, *([asked["other"]] if asked["other"] else [])]
    answer = await visit.call(
        "POST", "/v1/queries:search", body=body | {"by": by} | ({"note": note} if note else {})
    )
    if answer.ok:
        about = asked["name"] or asked["code"]
        return _found(visit, about, asked["authorisation"], answer.document["queries"])
    shown = _signing(asked, word_of(visit.form)) | {"fault": answer.document}
    return visit.page("audit-word.html", status=answer.status, **shown)


async def _whole(
    visit: Visit,
    *,
    report: Mapping[str, Any] | None = None,
    fault: object = None,
    missing: bool = False,
    status: int = 200,
) -> Response:
    stands = await visit.get("/v1/status")
    return visit.page(
        "audit.html",
        status=status,
        queries=stands["queries"],
        logs=[_log(visit, one, members(stands)) for one in stands["logs"]],
        forks=forks(stands),
        exports=exports([one["id"] for one in stands["charters"]]),
        report=report,
        fault=fault,
        missing=missing,
    )


def forks(status: Mapping[str, Any]) -> Sequence[str]:
    """Names of logs and charters of which two versions were signed."""
    return [
        *(one["city"] or one["origin"] for one in status["logs"] if one["state"] == "forked"),
        *(one["name"] for one in status["charters"] if one["state"] == "forked"),
    ]


def exports(alliances: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Commands that hand the logs on, each with the key of its text; verified from ids on paper."""
    pins = [part for alliance in alliances for part in ("--pin", alliance)]
    return [
        ("export.queries", shlex.join(("huxin", "access", "export", "queries-export"))),
        ("export.all", shlex.join(("huxin", "audit", "export", _EXPORT))),
        ("export.verify", shlex.join(("huxin", "audit", "verify", _EXPORT, *pins))),
        ("export.promise", shlex.join((*_PROMISE, "--seen", _EXPORT, *pins[:2]))),
    ]


def members(status: Mapping[str, Any]) -> Mapping[str, str]:
    """Names of the members whose logs are here, by node."""
    logs = status["logs"]
    return {node_of(Origin(one["origin"])): one["city"] or one["origin"] for one in logs}


def cosigned(
    visit: Visit, keys: Sequence[str], known: Mapping[str, str]
) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """Who cosigned a head, and what each says by it: the key's name, and the word for its part.

    Keys of a charter are named `<node>/head`, `<node>/witness`, `<node>/mirror` (SPEC §3.4); of
    others the name is shown as it is.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for key in keys:
        node, _, part = key.rpartition("/")
        said = visit.text(f"part.{part}") if part in _PARTS else part
        found.setdefault(known.get(node, node), []).append((key, said))
    return list(found.items())


def _log(visit: Visit, one: Mapping[str, Any], known: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        **one,
        "cosigned": cosigned(visit, one["cosignatures"], known),
        "name": one["city"] or one["origin"],
        "light": light_of_log(one["state"]),
        "state_said": visit.language.of(LOG_STATES.get(one["state"], (one["state"],) * 2)),
    }


def _found(
    visit: Visit, about: str, authorisation: str, queries: Sequence[Mapping[str, Any]]
) -> Response:
    """What was asked; where a subject asks, by its authorisation, with the letter to it."""
    told = [{name: one[name] for name in FIELDS if one.get(name)} for one in queries]
    handed = json.dumps(told, ensure_ascii=False)
    return visit.page(
        "audit-found.html",
        about=about,
        authorisation=authorisation,
        queries=[_in_words(one, visit.language) for one in queries],
        handed=handed if len(handed.encode()) <= FIELD_MAX else "",
        kinds=KINDS,
    )


def _in_words(query: Mapping[str, Any], language: Language) -> Mapping[str, Any]:
    """One entry of the query log; what was done and what came of it in words, codes beside."""
    english = language is Language.EN
    return {
        **query,
        "purpose": purpose(query.get("purpose", ""), language),
        "action_said": action_in_words(query.get("action", ""), english=english),
        "result_said": result_in_words(query.get("result", ""), english=english),
    }


def _signing(asked: Mapping[str, str], text: str) -> dict[str, Any]:
    options = [
        part
        for name, option in (
            ("code", "--subject"),
            ("name", "--name"),
            ("authorisation", "--authorisation"),
        )
        if asked[name]
        for part in (option, asked[name])
    ]
    command = ("huxin", "access", "sign", "word.note", *options, "--key", "own.key")
    return {"asked": asked, "text": text, "command": shlex.join(command), "fault": None}


PAGE: Final = Page(
    name="audit",
    path="/audit",
    group=Group.NODE,
    needs=(Action.QUERIES_VERIFY,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("POST", "/verify", verify, upload=NOTE_MAX),
        Route("POST", "/department", department, needs=Action.QUERIES_READ),
        Route("POST", "/queries.docx", letter, upload=2 * FIELD_MAX, needs=Action.QUERIES_READ),
        Route("POST", "/word", word, needs=Action.QUERIES_READ),
        Route("POST", "/word.txt", kept, needs=Action.QUERIES_READ),
        Route("POST", "/search", search, upload=NOTE_MAX, needs=Action.QUERIES_READ),
    ),
)
