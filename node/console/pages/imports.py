"""Imports: a file is dropped and tried, then published as the very bytes that were tried.

What will happen is shown in between, in numbers and rows.
What two persons have to say about rows is said on the command line, beside the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from federation.screening.roles import Action
from federation.spreadsheets import escape_formula
from node.console.held_files import FILE_MAX, HeldFiles
from node.console.list_names import list_names, names_in
from node.console.page import Group, Page, Route, Visit
from node.console.texts.imports import TEXTS
from node.console.words import Language
from node.system.clock import monotonic
from node.system.entropy import token
from node.texts.expected import halves
from node.texts.fields import for_people, labels

KINDS: Final = ("list", "repair", "withdrawal", "annotation", "commitment", "scenario")
SHOWN: Final = 100
"""Faults that stand on the page; the file has all that the node told."""
_MEDIA: Final = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".json": "application/json",
    ".yaml": "application/yaml",
}
_NOT_SHOWN: Final = frozenset({"file", "dry_run", "kind", "list_type", "source"})
_TWO_PERSONS: Final = "mapping.one-subject"
"""What is published by the word of two persons alone."""
_UNNAMED: Final = "list.unnamed"
_FORM: Final = FILE_MAX + 64 * 1024
_ERRORS: Final = ("row", "column", "code", "value", "expected", "message")

_held = HeldFiles(token, monotonic)


async def index(visit: Visit) -> Response:
    """The form."""
    return await _form(visit)


async def attempt(visit: Visit) -> Response:
    """Try a file: nothing is published."""
    file = visit.form.files.get("file")
    name = "" if file is None else file.filename or ""
    media = _MEDIA.get(name[name.rfind(".") :].lower(), "")
    if file is None or not media:
        return await _form(visit, status=422, told="no-file")
    content = await file.read(FILE_MAX + 1)
    if len(content) > FILE_MAX:
        return await _form(visit, status=413, told="too-large")
    query = _query(visit)
    answer = await _sent(visit, media, query | {"dry_run": "true"}, content)
    if not answer.ok:
        return await _form(visit, status=answer.status, fault=answer.document)
    number = _held.hold(visit.session.form_token, name, media, query, content)
    return visit.page(
        "imports-tried.html", number=number, **await _result(visit, name, answer.document)
    )


async def publish(visit: Visit) -> Response:
    """Publish what was tried."""
    held = _held.take(visit.path["number"], visit.session.form_token)
    if held is None:
        return await _form(visit, status=409, told="gone")
    answer = await _sent(visit, held.media, held.query, held.content)
    if not answer.ok:
        return await _form(visit, status=answer.status, fault=answer.document)
    return visit.page(
        "imports-tried.html", number="", **await _result(visit, held.name, answer.document)
    )


async def errors(visit: Visit) -> Response:
    """The faults of a try as a file: what the page had, handed back."""
    rows = csv.reader(io.StringIO(visit.form.get("rows").replace("\r\n", "\n")))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerows([escape_formula(cell) for cell in row] for row in rows)
    return visit.download(
        b"\xef\xbb\xbf" + text.getvalue().encode(), "errors.csv", "text/csv; charset=utf-8"
    )


async def _form(
    visit: Visit,
    *,
    status: int = 200,
    told: str = "",
    fault: Any = None,  # noqa: ANN401 - JSON
) -> Response:
    """The form, with what was chosen before; which list is meant is asked in the page's words."""
    unnamed = fault is not None and fault["code"] == _UNNAMED
    catalog = await visit.call("GET", "/v1/catalog")
    sources = catalog.document["sources"] if catalog.ok else []
    return visit.page(
        "imports.html",
        status=status,
        kinds=KINDS,
        lists=names_in(catalog),
        sources=sources,
        chosen=_query(visit),
        fault=None if unnamed else fault,
        endings=", ".join(_MEDIA),
        persons=fault is not None and fault["code"] == _TWO_PERSONS,
        told="unnamed" if unnamed else told,
    )


def _query(visit: Visit) -> dict[str, str]:
    kind = visit.form.get("kind")
    said = {"kind": kind if kind in KINDS else KINDS[0]}
    for name in ("list_type", "source"):
        if value := visit.form.get(name):
            said[name] = value
    if visit.form.get("full_snapshot"):
        said["full_snapshot"] = "true"
    return said


async def _sent(visit: Visit, media: str, query: Mapping[str, str], content: bytes) -> Any:  # noqa: ANN401 - an answer
    return await visit.call(
        "POST",
        "/v1/files:publish",
        query=dict(query),
        content=content,
        headers={"content-type": media},
    )


async def _result(visit: Visit, name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    english = visit.language is Language.EN
    shown = for_people(found, english=english)
    meant = found.get("list_type", "")
    plain = {
        key: value
        for key, value in shown.items()
        if key not in _NOT_SHOWN and isinstance(value, str | int) and value not in ("", False)
    }
    said = labels(plain, english=english)
    faults = [
        {**one, "expected": visit.language.of(halves(one.get("expected", "")))}
        for one in found.get("errors", ())
    ]
    return {
        "name": name,
        "meant": (await list_names(visit)).get(meant, meant),
        "kind": found.get("kind", ""),
        "figures": [(said[key], value) for key, value in plain.items()],
        "decisions": sorted(shown.get("decisions", {}).items()),
        "suspicions": found.get("suspicions", ()),
        "persons": _TWO_PERSONS in found.get("suspicions", ()),
        "faults": sorted(found.get("faults", {}).items()),
        "errors": faults[:SHOWN],
        "more": max(0, len(faults) - SHOWN),
        "rows": _csv(visit, faults),
    }


def _csv(visit: Visit, faults: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(visit.text(name) for name in _ERRORS)
    table.writerows([str(one.get(name, "")) for name in _ERRORS] for one in faults)
    return text.getvalue()


PAGE: Final = Page(
    name="imports",
    path="/imports",
    group=Group.WORK,
    needs=(Action.PUBLISH,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("POST", "/try", attempt, upload=_FORM),
        Route("POST", "/{number}/publish", publish),
        Route("POST", "/errors.csv", errors, upload=_FORM),
    ),
)
