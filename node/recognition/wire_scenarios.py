"""The reader of scenarios and the desk that shows them, wired."""

from __future__ import annotations

from collections.abc import Callable

from federation.ids import Date
from federation.reconcile.catalog import Catalog
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.recognition.scenario_desk import ScenarioDesk
from node.recognition.scenarios import ScenarioBook


def wire_scenario_book(opened: Opened, *, trust: Callable[[], TrustView]) -> ScenarioBook:
    """Build the reader, which publishing needs before anything of this wing."""
    return ScenarioBook(keyring=opened.keyring, payloads=opened.payloads, trust=trust)


def wire_scenarios(
    opened: Opened,
    *,
    book: ScenarioBook,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    today: Callable[[], Date],
) -> ScenarioDesk:
    """Build the desk; `today` is never behind any clock that is believed."""
    return ScenarioDesk(
        region=opened.config.node.region,
        name=opened.config.node.name,
        store=opened.store,
        book=book,
        trust=trust,
        catalog=catalog,
        today=today,
    )
