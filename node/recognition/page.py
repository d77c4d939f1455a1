"""The page of a city's site 动态更新、向社会公布: what may be had here, and where to object.

Only what counts today: scenarios that are honoured here, and of the catalog what is confirmed and
stands. No subject is on it. Everything is escaped, what cannot be seen is written out, and nothing
is loaded from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

from federation.ids import Date
from federation.reconcile.catalog import Catalog, Ground
from federation.reconcile.trust_lists import trust_lists
from federation.visible import visible
from node.texts.fields import day as day_in_words

TEMPLATE: Final = "scenarios.html.j2"
_PENALTY: Final = "administrative-penalty"


def public_page(
    *,
    region: str,
    city: str,
    day: Date,
    scenarios: Sequence[Mapping[str, Any]],
    catalog: Catalog,
    objections: str,
    english: bool,
) -> str:
    """The page as HTML.

    Args:
        region: ours.
        city: its name.
        day: the day of which it speaks.
        scenarios: those honoured here, as the desk shows one in full.
        catalog: ours.
        objections: where to object, in the words of whoever publishes the page.
        english: in English.
    """
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    source = (files("node.recognition") / "templates" / TEMPLATE).read_text("utf-8")
    return environment.from_string(source).render(
        region=region,
        city=city,
        day=day_in_words(day),
        scenarios=scenarios,
        lists=_lists(catalog, day),
        trusted=_trusted(catalog, day),
        matters=_matters(catalog, day),
        objections=objections,
        english=english,
        last=lambda at: day_in_words(at) if at else "",
    )


def _seen(value: object) -> object:
    return visible(value) if type(value) is str else value


def _lists(catalog: Catalog, day: Date) -> list[dict[str, Any]]:
    """Lists of those who are punished that stand here, with what may follow and the ways out."""
    types = sorted({name for edition in catalog.in_force(day) for name in edition.lists})
    found = []
    for name in types:
        entry = catalog.entry(name, day)
        if entry is None or entry.ground is not Ground.STANDS or not entry.confirmed:
            continue
        if name.startswith(_PENALTY):
            continue
        item = entry.item
        found.append(
            {
                "name": item.name,
                "basis": item.basis,
                "authority": item.authority,
                "department": item.department,
                "early_exit": item.early_exit,
                "longest_months": item.longest_months,
                "measures": [
                    {
                        "name": one.name,
                        "basis": f"{one.basis}{one.article}",
                        "implementer": one.implementer,
                    }
                    for one in catalog.measures(entry, day)
                ],
            }
        )
    return found


def _trusted(catalog: Catalog, day: Date) -> list[dict[str, str]]:
    return [
        {"name": one.item.name, "basis": one.item.basis, "authority": one.item.authority}
        for one in trust_lists(catalog, day)
        if one.confirmed
    ]


def _matters(catalog: Catalog, day: Date) -> list[dict[str, str]]:
    return [
        {"name": one.name, "department": one.department, "basis": one.basis}
        for one in catalog.matters(day)
    ]
