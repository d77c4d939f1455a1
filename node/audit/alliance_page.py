"""The alliance's report as a page: every chart stands above the table that it is of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

from federation.visible import visible
from node.audit.alliance_document import Table
from node.texts.alliance import NOTES, PUBLIC_NOTE, WORDS

TEMPLATE: Final = "alliance.html.j2"


def title_of(document: Mapping[str, Any], *, english: bool) -> str:
    """The report's title."""
    public = WORDS["public"][english] if document["public"] else ""
    name, period = document["alliance"]["name"], document["period"]["name"]
    return f"{name} {WORDS['title'][english]} {period}{public}"


def head_of(document: Mapping[str, Any], *, english: bool) -> list[tuple[str, str]]:
    """What stands above the tables."""
    none = WORDS["none"][english]
    cities = [one["city"] for one in document["unchecked"]]
    period = document["period"]
    return [
        (WORDS["id"][english], document["alliance"]["id"]),
        (WORDS["period"][english], f"{period['first']} – {period['last']}"),
        (WORDS["as_of"][english], document["as_of"] or WORDS["unknown"][english]),
        (WORDS["not_counted"][english], "、".join(document["not_counted"]) or none),
        (WORDS["unchecked"][english], "、".join(cities) or none),
    ]


def notes_of(document: Mapping[str, Any], *, english: bool) -> list[str]:
    """What stands below them."""
    notes = (*NOTES, PUBLIC_NOTE) if document["public"] else NOTES
    return [note[english] for note in notes]


def page(document: Mapping[str, Any], tables: Sequence[Table], *, english: bool) -> bytes:
    """Write the page, UTF-8.

    Args:
        document: of `node.audit.alliance_document.document`.
        tables: of the same report.
        english: else Chinese.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=_seen)
    source = (files("node.audit") / "templates" / TEMPLATE).read_text("utf-8")
    text = environment.from_string(source).render(
        title=title_of(document, english=english),
        head=head_of(document, english=english),
        tables=tables,
        largest=[_largest(table) for table in tables],
        notes=notes_of(document, english=english),
        notes_title=WORDS["notes"][english],
        language="en" if english else "zh-CN",
    )
    return text.encode()


def _largest(table: Table) -> int:
    """The longest bar of its chart: the sum of a row."""
    return max(
        (sum(c for c in row[1:] if isinstance(c, int)) for row in table.rows[:-1]), default=0
    )


def _seen(value: object) -> object:
    """What a template puts in: a text with what cannot be seen in it written out."""
    return visible(value) if type(value) is str else value
