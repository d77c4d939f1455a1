"""A mapping proposed for a file whose columns nobody knows: looked at, corrected, tried.

Part of the page of imports. Each column is a line with a choice; what was chosen is written as a
mapping file by the node, which whoever knows how may mend as text. It publishes once two persons
have signed it.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from node.console.list_names import list_names
from node.console.page import Visit
from node.texts.expected import halves

COLUMN: Final = "column."
"""Before the number of a column, in the names of the form."""


async def columns(visit: Visit) -> Response:
    """What each column is taken for; again with what was chosen."""
    return await _columns(visit, _asked(visit))


async def lay(visit: Visit) -> Response:
    """Try the mapping: its text as it was typed, else what the columns were chosen for."""
    number = visit.path["number"]
    text = visit.form.fields.get("text", ("",))[0].replace("\r\n", "\n")
    if not text:
        path = f"/v1/imports/{number}:propose"
        made = await visit.call("POST", path, body=_asked(visit))
        if not made.ok:
            return await _columns(visit, _asked(visit), fault=made.document)
        text = made.document["text"]
    answer = await visit.call("POST", f"/v1/imports/{number}:map", body={"text": text})
    if answer.ok:
        return visit.to(f"/imports/{number}", done="mapped")
    return await _columns(visit, _asked(visit), text=text, fault=answer.document)


async def _columns(
    visit: Visit,
    asked: dict[str, Any],
    *,
    text: str = "",
    fault: Any = None,  # noqa: ANN401 - JSON
) -> Response:
    number = visit.path["number"]
    answer = await visit.call("POST", f"/v1/imports/{number}:propose", body=asked)
    if not answer.ok and asked.get("columns"):
        fault = answer.document
        answer = await visit.call("POST", f"/v1/imports/{number}:propose", body={})
    found = answer.document if answer.ok else {}
    shown = [
        one | {"at": at, "why": visit.language.of(halves(one["why"]))}
        for at, one in enumerate(found.get("columns", ()))
    ]
    return visit.page(
        "imports-columns.html",
        status=200 if fault is None and answer.ok else 422 if answer.ok else answer.status,
        number=number,
        lists=await list_names(visit),
        list_type=found.get("list_type", ""),
        name=asked.get("name", ""),
        columns=shown,
        targets=found.get("targets", ()),
        text=text or found.get("text", ""),
        lacking=[visit.text(f"target.{one}") for one in found.get("lacking", ())],
        fault=fault if answer.ok else answer.document,
    )


def _asked(visit: Visit) -> dict[str, Any]:
    """What the form has chosen; names of columns are any text, and stand in hidden fields."""
    form = visit.form
    chosen: dict[str, str] = {}
    for name, values in form.fields.items():
        at = name.removeprefix(COLUMN)
        if at != name and at.isdecimal() and len(values) == 1:
            chosen[values[0]] = form.get(f"target.{at}")
    said = {"list_type": form.get("list_type"), "name": form.get("name")}
    asked: dict[str, Any] = {key: value for key, value in said.items() if value}
    return asked | ({"columns": chosen} if chosen else {})
