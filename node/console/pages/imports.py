"""Imports: a file is dropped and tried, two persons speak where they must, then it is published.

What was brought is kept by the node, and outlives a restart and the session: the second person
finds it in the list, on a session of the own. No private key comes near the page (CN10): the bytes
to sign are shown and downloaded, the signed note is pasted or handed in as a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response

from federation.ids import CODE_FORM
from federation.names import ABOUT_LISTINGS, RELIEFS
from federation.quality.formulas import INCOMPLETE
from federation.screening.roles import Action
from node.console.blank_tables import HEADERS, blank_table
from node.console.fault_list import fault_list
from node.console.import_columns import columns, lay
from node.console.list_names import list_names, names_in
from node.console.page import Group, Page, Route, Visit
from node.console.signed_words import NOTE_MAX, PLAIN, command, note_of
from node.console.texts.imports import TEXTS
from node.console.words import Language
from node.system.entropy import token
from node.texts.codes import chinese
from node.texts.expected import halves
from node.texts.fields import ROW_DECISIONS, decision_in_words, for_people, labels
from node.texts.imports import SAYS, STATES
from node.texts.letters import DOCX
from node.texts.messages import spoken

KINDS: Final = ("list", "repair", "withdrawal", "annotation", "commitment", "scenario")
SORTS: Final = ("mapping", "rows")
SHOWN: Final = 100
"""Faults that stand on the page; the file has all."""
CALLED_MAX: Final = 255
"""Characters of what a file is called; of a longer one the end, which has its ending."""
FILE_MAX: Final = 32 * 1024 * 1024
"""Bytes of a file; larger ones go into the inbox folder of their source."""
_MEDIA: Final = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".json": "application/json",
    ".yaml": "application/yaml",
}
_NOT_SHOWN: Final = frozenset({"file", "dry_run", "kind", "list_type", "source"})
_UNNAMED: Final = "list.unnamed"
_FORM: Final = FILE_MAX + 64 * 1024
_CSV: Final = "text/csv; charset=utf-8"
_LIST: Final = re.compile(CODE_FORM)
_TABLES: Final[Mapping[str, tuple[str, Mapping[str, str], str]]] = {
    "blank.csv": ("table", {}, _CSV),
    "example.csv": ("table", {"filled": "true"}, _CSV),
    "blank.xlsx": ("workbook", {}, _MEDIA[".xlsx"]),
}
"""Blank tables of a list: what each file is called in an address, and where the API makes it."""
_DONE: Final = frozenset({"said", "published", "dropped", "begun", "back", "mapped", "returned"})


async def index(visit: Visit) -> Response:
    """The form, and what waits."""
    return await _form(visit)


async def attempt(visit: Visit) -> Response:
    """Bring a file: it is tried, and nothing is published."""
    file = visit.form.files.get("file")
    name = "" if file is None else file.filename or ""
    media = _MEDIA.get(name[name.rfind(".") :].lower(), "")
    if file is None or not media:
        return await _form(visit, status=422, told="no-file")
    content = await file.read(FILE_MAX + 1)
    if len(content) > FILE_MAX:
        return await _form(visit, status=413, told="too-large")
    answer = await visit.call(
        "POST",
        "/v1/imports",
        query=_query(visit),
        content=content,
        headers={"content-type": media},
    )
    if not answer.ok:
        return await _form(visit, status=answer.status, fault=answer.document)
    number = answer.document["import"]
    # what a file is called may name a subject: it stands in a body alone, and is no reason to fail
    await visit.call("POST", f"/v1/imports/{number}:name", body={"called": name[-CALLED_MAX:]})
    return visit.to(f"/imports/{number}")


async def find(visit: Visit) -> Response:
    """Those whose file is called so; what it is called stands in the body alone (HT2)."""
    return await _form(visit, sought=visit.form.get("sought"))


async def blank(visit: Visit) -> Response:
    """A table to fill in, of what is said of listings that stand."""
    kind = visit.path["kind"]
    if kind not in HEADERS:
        return visit.to("/imports")
    return visit.download(blank_table(kind), f"{kind}.csv", visit.text(f"kind.{kind}"), _CSV)


async def blank_list(visit: Visit) -> Response:
    """A table of a list: to fill in, with one row filled in, or a workbook of both."""
    list_type, file = visit.path["list_type"], visit.path["file"]
    if file not in _TABLES or _LIST.fullmatch(list_type) is None:
        return visit.to("/imports")
    path, query, media = _TABLES[file]
    made = await visit.call("GET", f"/v1/lists/{list_type}/{path}", query=query)
    if not made.ok:
        return visit.to("/imports")
    called = f"{visit.text(f'table.{file}')}-{list_type}"
    return visit.download(made.content, f"{list_type}-{file}", called, media)


async def show(visit: Visit) -> Response:
    """One import: what its try found, what persons say of it, what may be done now."""
    return await _one(visit, await visit.get(_at(visit)))


async def errors(visit: Visit) -> Response:
    """Its errors file, in the language of the page: it goes back to whoever sent the list."""
    answer = await visit.call("GET", f"{_at(visit)}/errors")
    if not answer.ok:
        return await _one(visit, await visit.get(_at(visit)))
    content = fault_list(answer.content, visit.language)
    return visit.download(content, "errors.csv", visit.text("errors.file"), _CSV)


async def rows(visit: Visit) -> Response:
    """Who stands in its rows, and what each would lead to, or has led to: a page of them."""
    chosen = visit.query.get("decision", "")
    query: dict[str, str | int] = {"decision": chosen} if chosen in ROW_DECISIONS else {}
    after = visit.query.get("after", "")
    asked = {**query, "after": after} if after.isdecimal() else query
    one = await visit.get(_at(visit))
    found = await visit.get(f"{_at(visit)}/rows", asked)
    following = urlencode({**query, "after": found["next"]})
    english = visit.language is Language.EN
    return visit.page(
        "imports-rows.html",
        one=one,
        acts=one["kind"] in ABOUT_LISTINGS,
        relief=one["kind"] in RELIEFS,
        good=found["good"],
        rows=[
            {"known": ""} | row | {"said": decision_in_words(row["decision"], english=english)}
            for row in found["rows"]
        ],
        decisions=[
            (word, decision_in_words(word, english=english))
            for word in one["result"].get("decisions", ())
            if word in ROW_DECISIONS
        ],
        chosen=chosen,
        following=f"/imports/{visit.path['number']}/rows?{following}" if found["next"] else "",
    )


async def approval(visit: Visit) -> Response:
    """What it would publish, as a form for those who approve it."""
    answer = await visit.call("GET", f"{_at(visit)}/approval")
    if not answer.ok:
        return await _one(visit, await visit.get(_at(visit)))
    return visit.download(answer.content, "approval.docx", visit.text("approval.file"), DOCX)


async def begin(visit: Visit) -> Response:
    """Begin what two persons are to say, or take back what nobody has said."""
    says = list(visit.form.all("says"))
    body: dict[str, Any] = {"sort": visit.form.get("sort"), "reason": visit.form.get("reason")}
    if visit.form.get("back"):
        return await _acted(visit, "word", {"sort": "rows"}, "back")
    if body["sort"] == "rows" and not (says and body["reason"]):
        found = await visit.get(_at(visit))
        return await _one(visit, found, status=422, missing=True)
    return await _acted(visit, "word", body | ({"says": says} if says else {}), "begun")


async def text(visit: Visit) -> Response:
    """The bytes to sign, as a file; with those who signed before, where it is the note."""
    sort, _, what = visit.path["file"].partition(".")
    found = await visit.get(_at(visit))
    for word in found["words"]:
        if word["sort"] == sort and what in ("txt", "note"):
            said = word["text" if what == "txt" else "note"]
            called = visit.text(f"file.{sort}")
            return visit.download(said.encode(), f"{sort}.{what}", called, PLAIN)
    return await _one(visit, found, status=404)


async def say(visit: Visit) -> Response:
    """What the person who is signed in says, and nobody else's word."""
    body = {"sort": visit.form.get("sort"), "person": visit.session.name}
    note, seen = await note_of(visit.form), visit.form.get("shown")
    told = {key: value for key, value in (("note", note), ("shown", seen)) if value}
    return await _acted(visit, "say", body | told, "said")


async def refuse(visit: Visit) -> Response:
    """Say no to a word, and why (IM9)."""
    reason = visit.form.get("refusal").strip()
    if not reason:
        return await _one(visit, await visit.get(_at(visit)), status=422, unsaid=True)
    body = {"sort": visit.form.get("sort"), "person": visit.session.name, "refusal": reason}
    return await _acted(visit, "say", body, "returned")


async def publish(visit: Visit) -> Response:
    """Publish the very file that was tried."""
    return await _acted(visit, "publish", {"request_id": token(16).hex()}, "published")


async def drop(visit: Visit) -> Response:
    """Remove it."""
    await visit.post(f"{_at(visit)}:drop", {})
    return visit.to("/imports", done="dropped")


def _at(visit: Visit) -> str:
    return f"/v1/imports/{visit.path['number']}"


async def _acted(visit: Visit, verb: str, body: Mapping[str, Any], done: str) -> Response:
    answer = await visit.call("POST", f"{_at(visit)}:{verb}", body=body)
    if answer.ok:
        return visit.to(f"/imports/{visit.path['number']}", done=done)
    found = await visit.get(_at(visit))
    return await _one(visit, found, status=answer.status, fault=answer.document)


async def _form(
    visit: Visit,
    *,
    status: int = 200,
    told: str = "",
    sought: str = "",
    fault: Any = None,  # noqa: ANN401 - JSON
) -> Response:
    """The form, with what was chosen before; which list is meant is asked in the page's words."""
    unnamed = fault is not None and fault["code"] == _UNNAMED
    catalog = await visit.call("GET", "/v1/catalog")
    found = await visit.call("GET", "/v1/imports")
    known = await visit.call("GET", "/v1/mappings")
    brought = found.document["imports"] if found.ok else []
    imports = [_head(visit, one) for one in reversed(brought) if _is_called(one, sought)]
    done = visit.query.get("done", "")
    return visit.page(
        "imports.html",
        status=status,
        kinds=KINDS,
        blanks=tuple(HEADERS),
        lists=names_in(catalog),
        sources=catalog.document["sources"] if catalog.ok else [],
        mappings=known.document["mappings"] if known.ok else [],
        tables=tuple(_TABLES),
        chosen=_query(visit),
        fault=None if unnamed else fault,
        endings=", ".join(_MEDIA),
        told="unnamed" if unnamed else told,
        sought=sought,
        several=len(brought) > 1,
        mine=[one for one in imports if one["mine"]],
        others=[one for one in imports if not one["mine"]],
        done=done if done in _DONE else "",
    )


def _is_called(one: Mapping[str, Any], sought: str) -> bool:
    return sought.casefold() in str(one["called"]).casefold()


def _head(visit: Visit, one: Mapping[str, Any]) -> Mapping[str, Any]:
    """One line of the list; `mine`: it waits for the one who looks."""
    said = [name for word in one["words"] for name in word["persons"]]
    return {
        **one,
        "mine": awaits(one, visit.session.name),
        "persons": "、".join(dict.fromkeys(said)),
        "said": visit.language.of(STATES[one["state"]]),
    }


def awaits(one: Mapping[str, Any], person: str) -> bool:
    """Whether an import waits for the word of this person."""
    return one["state"] == "waits" and any(
        len(word["persons"]) < 2 and person not in word["persons"] for word in one["words"]
    )


def _query(visit: Visit) -> dict[str, str]:
    kind = visit.form.get("kind")
    said = {"kind": kind if kind in KINDS else KINDS[0]}
    for name in ("list_type", "source", "mapping"):
        if value := visit.form.get(name):
            said[name] = value
    if visit.form.get("full_snapshot"):
        said["full_snapshot"] = "true"
    return said


async def _one(
    visit: Visit,
    found: Mapping[str, Any],
    *,
    status: int = 200,
    fault: Any = None,  # noqa: ANN401 - JSON
    missing: bool = False,
    unsaid: bool = False,
) -> Response:
    english = visit.language is Language.EN
    lists = await list_names(visit)
    words = [_word(visit, one) for one in found["words"]]
    done = visit.query.get("done", "")
    awaited = [one | {"said": visit.language.of(SAYS[one["word"]])} for one in found["awaited"]]
    begun = {one["sort"] for one in words}
    return visit.page(
        "imports-one.html",
        status=status,
        one=found,
        state=visit.language.of(STATES[found["state"]]),
        meant=lists.get(found["list_type"], found["list_type"]),
        awaited=awaited if "rows" not in begun else [],
        stops=any(one["stops"] for one in awaited),
        words=words,
        unnamed=found["fault"].get("code") == _UNNAMED,
        unread=_unread(visit, found["fault"]),
        unsigned=found["own_mapping"] and "mapping" not in begun,
        fault=fault,
        missing=missing,
        unsaid=unsaid,
        done=done if done in _DONE else "",
        typed=visit.form,
        **_result(found["result"], english=english),
        **_faults(visit, found),
    )


def _word(visit: Visit, word: Mapping[str, Any]) -> Mapping[str, Any]:
    """A word, with the command that signs it; `may`: the one who looks has not said it yet."""
    sort = word["sort"]
    return {
        **word,
        "may": word["needed"] and visit.session.name not in word["persons"],
        "said": [visit.language.of(SAYS[one]) for one in word["says"]],
        "who": "、".join(word["persons"]),
        "shown": sha256(word["text"].encode()).hexdigest(),
        "command": command(visit.text(f"file.{sort}")),
    }


def _unread(visit: Visit, fault: Mapping[str, str]) -> str:
    """What is to be known of a file that nobody can read; empty where its code says it all."""
    if not fault:
        return ""
    said = spoken(fault["code"], fault["message"], english=visit.language is Language.EN)
    return "" if said == chinese(fault["code"]) else said


def _result(result: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    shown = for_people(result, english=english)
    plain = {
        key: value
        for key, value in shown.items()
        if key not in _NOT_SHOWN and isinstance(value, str | int) and value not in ("", False)
    }
    said = labels(plain, english=english)
    notices: Mapping[str, int] = result.get("notices", {})
    return {
        "figures": [(said[key], plain[key]) for key in sorted(plain, key=_figure)],
        "elsewhere": [(code, notices[code]) for code in INCOMPLETE if notices.get(code)],
        "decisions": sorted(shown.get("decisions", {}).items()),
        "suspicions": result.get("suspicions", ()),
        "remarks": [halves(one)[english] for one in result.get("remarks", ())],
        "held": result.get("held", ())[:SHOWN],
        "faults": sorted(result.get("faults", {}).items()),
    }


def _figure(key: str) -> tuple[bool, str]:
    """All rows come first; of what becomes of them each has its word."""
    return key != "rows", key


def _faults(visit: Visit, found: Mapping[str, Any]) -> dict[str, Any]:
    errors: Sequence[Mapping[str, str]] = found.get("errors", ())
    shown = [
        {
            **one,
            "expected": visit.language.of(halves(one.get("expected", ""))),
            "message": visit.language.of(halves(one.get("message", ""))),
        }
        for one in errors[:SHOWN]
    ]
    more = sum(found["result"].get("faults", {}).values()) - len(shown)
    return {"errors": shown, "more": max(0, more)}


PAGE: Final = Page(
    name="imports",
    path="/imports",
    group=Group.WORK,
    needs=(Action.PUBLISH, Action.VOUCH),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("POST", "/try", attempt, upload=_FORM, needs=Action.PUBLISH),
        Route("POST", "/find", find),
        Route("GET", "/blank/{kind}", blank, needs=Action.PUBLISH),
        Route("GET", "/lists/{list_type}/{file}", blank_list, needs=Action.PUBLISH),
        Route("GET", "/{number}", show),
        Route("GET", "/{number}/errors.csv", errors),
        Route("GET", "/{number}/rows", rows),
        Route("GET", "/{number}/approval.docx", approval),
        Route("GET", "/{number}/sign/{file}", text),
        Route("GET", "/{number}/columns", columns, needs=Action.PUBLISH),
        Route("POST", "/{number}/columns", columns, needs=Action.PUBLISH),
        Route("POST", "/{number}/map", lay, needs=Action.PUBLISH),
        Route("POST", "/{number}/word", begin, needs=Action.PUBLISH),
        Route("POST", "/{number}/say", say, upload=NOTE_MAX),
        Route("POST", "/{number}/refuse", refuse),
        Route("POST", "/{number}/publish", publish, needs=Action.PUBLISH),
        Route("POST", "/{number}/drop", drop, needs=Action.PUBLISH),
    ),
)
