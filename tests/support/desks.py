"""What a simulated node shows its people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adapters.catalog.working_days import working_days
from federation.ids import Date
from node.persons.posts import Posts
from node.persons.roster import Persons
from node.reconcile.case_desk import CaseDesk
from node.reconcile.case_queue import CaseQueue
from node.reconcile.catalog_book import CatalogBook
from node.reconcile.proposals import Proposals
from node.records.records import Records
from node.texts.catalog_names import name_of_list
from tests.support.invented import InlineWriter
from tests.support.simulation import SimNode


def records_of(node: SimNode, today: Callable[[], Date] | None = None) -> Records:
    """Its records, as of a day: by default the one that the clock of tests always says."""
    return Records(
        store=node.store,
        keyring=node.keyring,
        payloads=node.payloads,
        trust=lambda: node.view,
        today=today or node.clock.today,
        doubts=node.doubts,
        catalog=lambda: node.catalog,
    )


def desk_of(node: SimNode) -> CaseDesk:
    """Its cases."""
    records = records_of(node)
    return CaseDesk(
        store=node.store,
        writer=InlineWriter(),
        records=records,
        queue=CaseQueue(
            store=node.store,
            records=records,
            working_days=lambda: working_days(Path()),
            today=node.clock.today,
        ),
        reconciliation=node.reconciliation,
        attestations=node.attestations,
        library=node.library,
        proposals=Proposals(
            catalog=lambda: node.catalog,
            adopted=CatalogBook(store=node.store, now=node.clock.now).adopted,
        ),
        list_name=lambda code: name_of_list(node.catalog, node.clock.today(), code),
        persons=Persons(origin=node.origin, configured={}, now=node.clock.now),
        posts=Posts({}, lambda _: None),
        ledger=node.ledger,
        now=node.clock.now,
    )
