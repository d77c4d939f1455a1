"""All pages, in the order of the menu; a new one is one line here, and its name above."""

from __future__ import annotations

from typing import Final

from node.console.page import Page
from node.console.pages import (
    accounts,
    audit,
    batches,
    campaigns,
    cases,
    checks,
    displays,
    editions,
    home,
    imports,
    letters,
    notices,
    peers,
    quality,
    records,
    repairs,
    requests,
    scenarios,
    settings,
    watches,
)

PAGES: Final[tuple[Page, ...]] = (
    home.PAGE,
    cases.PAGE,
    imports.PAGE,
    repairs.PAGE,
    displays.PAGE,
    requests.PAGE,
    notices.PAGE,
    campaigns.PAGE,
    letters.PAGE,
    records.PAGE,
    checks.PAGE,
    batches.PAGE,
    watches.PAGE,
    scenarios.PAGE,
    quality.PAGE,
    peers.PAGE,
    audit.PAGE,
    settings.PAGE,
    editions.PAGE,
    accounts.PAGE,
)
