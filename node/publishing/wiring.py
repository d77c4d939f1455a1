"""What publishes in our own log, wired."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from federation.ids import Date
from federation.payloads import Payload
from federation.reconcile.catalog import Catalog
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.persons.roster import Persons
from node.publishing.own_statements import OwnStatements
from node.publishing.plausibility import Plausibility
from node.publishing.registry import Registry
from node.publishing.scenarios import KnownScenarios, ScenarioChecks
from node.system.entropy import token


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """Our own statements, and the registry that makes them."""

    statements: OwnStatements
    registry: Registry


def wire_publishing(
    opened: Opened,
    *,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    persons: Persons,
    today: Callable[[], Date],
    heard_today: Callable[[], Date],
    known: KnownScenarios,
    check_drafts: Callable[[Sequence[Payload]], None],
) -> Publishing:
    """Build it.

    `today` is never behind any clock that is believed, `heard_today` behind none at all; `known`
    reads scenarios, `check_drafts` raises where drafts wait for a second person (F58).
    """
    statements = OwnStatements(
        own=opened.config.origin,
        keyring=opened.keyring,
        payloads=opened.payloads,
        trust=trust,
    )

    def bound(source: str) -> frozenset[str] | None:
        section = opened.config.files.sources.get(source)
        return None if section is None else frozenset(section.authorities.values())

    registry = Registry(
        statements=statements,
        payloads=opened.payloads,
        tagger=opened.keyring,
        trust=trust,
        sources=bound,
        now=opened.clock.now,
        token=token,
        plausibility=Plausibility(
            catalog=catalog, today=today, heard_today=heard_today, check_drafts=check_drafts
        ),
        catalog=catalog,
        persons=persons,
        scenarios=ScenarioChecks(
            own=opened.config.origin, known=known, catalog=catalog, today=today
        ),
    )
    return Publishing(statements=statements, registry=registry)
