"""Every page and file of the console that somebody comes to by its links, from their menu on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from node.console.pages import PAGES
from tests.support.browsing import Person

READ: Final[Mapping[str, re.Pattern[str]]] = {
    page.path + route.path: re.compile(
        re.sub(r"\\?\{[a-z_]+\\?\}", "[^/]+", re.escape(page.path + route.path))
    )
    for page in PAGES
    for route in page.routes
    if route.method == "GET"
}
"""Every route that is read, and what paths it has."""
_FILES: Final = re.compile(r"\.[a-z]+$|/proof$|/blank/|/sign/")
"""Routes whose answer is a file to keep."""


@dataclass
class Crawled:
    """What was come to, and what was wrong with it."""

    routes: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def crawl(somebody: Person, more: Iterable[str] = (), *, english: bool, most: int = 1) -> Crawled:
    """Look at each page that the menu, or a link of a page, leads to, and fetch each file.

    Args:
        somebody: who is signed in.
        more: addresses that a form leads to, and no link.
        english: which language.
        most: pages of one route and the same names of parameters.
    """
    found, met = Crawled(), Counter[tuple[str, frozenset[str]]]()
    tail = "en" if english else "zh"
    waiting = [*somebody.menu(), *more]
    while waiting:
        address = waiting.pop(0)
        route = route_of(address)
        key = route, frozenset(name for name, _ in parse_qsl(urlsplit(address).query))
        if not route or met[key] >= most:
            continue
        met[key] += 1
        found.routes.add(route)
        if _FILES.search(route):
            found.wrong += [f"{address} {tail}: {one}" for one in _fetched(somebody, address)]
            continue
        status = somebody.go(address, english=english)
        found.wrong += [f"{address} {tail}: {status}"] if status != 200 else []
        found.wrong += [f"{address} {tail}: {one}" for one in somebody.faults()]
        links = somebody.page.locator("main a[href^='/']")
        waiting += [str(links.nth(at).get_attribute("href")) for at in range(links.count())]
    return found


def route_of(address: str) -> str:
    """The route that a path of the console is read by; empty where it is none."""
    path = urlsplit(address).path
    return next((route for route, paths in READ.items() if paths.fullmatch(path)), "")


def _fetched(somebody: Person, address: str) -> list[str]:
    answer = somebody.context.request.get(somebody.base + address)
    named = answer.headers.get("content-disposition", "")
    return [] if answer.status == 200 and "filename*=UTF-8''" in named else [f"{answer.status}"]
