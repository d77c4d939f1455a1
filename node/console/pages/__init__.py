"""All pages, in the order of the menu; a new one is one line here."""

from __future__ import annotations

from typing import Final

from node.console.page import Page
from node.console.pages import cases, home, peers

PAGES: Final[tuple[Page, ...]] = (home.PAGE, cases.PAGE, peers.PAGE)
