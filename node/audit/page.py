"""The report of an audit as a page: Chinese or English, every chart beside the table it is of."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

from federation.visible import visible
from node.texts.audit import ENGLISH, WORDS
from node.texts.codes import chinese

TEMPLATE: Final = "audit.html.j2"
_LATE: Final = "late"
_IN_TIME: Final = "in-time"


def page(report: Mapping[str, Any], *, english: bool) -> bytes:
    """Write the page, UTF-8.

    Args:
        report: of `node.audit.document.report_document`.
        english: else Chinese.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=_seen)
    source = (files("node.audit") / "templates" / TEMPLATE).read_text("utf-8")
    text = environment.from_string(source).render(
        report=report,
        words=ENGLISH if english else WORDS,
        language="en" if english else "zh-CN",
        text=(lambda code: code) if english else (lambda code: chinese(code) or code),
        kinds=list(dict.fromkeys(kind for log in report["logs"] for kind in log["kinds"])),
        largest=max((log["size"] for log in report["logs"]), default=0) or 1,
        by_city=_by_city(report),
    )
    return text.encode()


def _by_city(report: Mapping[str, Any]) -> dict[str, tuple[int, int, int]]:
    """Of each city how many reliefs it executed in time, late, and of how many it is not known."""
    counts: dict[str, list[int]] = {}
    for relief in report["reliefs"]:
        for member in relief["members"]:
            counted = counts.setdefault(member["city"], [0, 0, 0])
            counted[{_IN_TIME: 0, _LATE: 1}.get(member["verdict"], 2)] += 1
    return {city: (one[0], one[1], one[2]) for city, one in sorted(counts.items())}


def _seen(value: object) -> object:
    """What a template puts in: a text with what cannot be seen in it written out."""
    return visible(value) if type(value) is str else value
