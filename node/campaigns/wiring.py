"""Campaigns 专项治理, wired."""

from __future__ import annotations

from collections.abc import Callable

from federation.reconcile.catalog import Catalog
from node.campaigns.desk import CampaignDesk
from node.campaigns.ledgers import Ledgers
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.log.writer import Writer
from node.records.local_subjects import LocalSubjects
from node.records.records import Records
from node.records.subject_codes import SubjectCodes
from node.system.clock import Clock


def wire_campaigns(
    opened: Opened,
    *,
    records: Records,
    local: LocalSubjects,
    codes: SubjectCodes,
    writer: Writer,
    catalog: Callable[[], Catalog],
    trust: Callable[[], TrustView],
    library: Callable[[], object],
    latest: Clock,
) -> CampaignDesk:
    """Build the desk.

    `library` says which base library it is; `latest` is never behind any clock that is believed.
    """
    ledgers = Ledgers(
        store=opened.store,
        keyring=opened.keyring,
        codes=codes,
        trust=trust,
        library=library,
        today=latest.today,
    )
    opened.store.listen(ledgers.touched)
    return CampaignDesk(
        store=opened.store,
        writer=writer,
        codes=codes,
        records=records,
        ledgers=ledgers,
        local=local,
        catalog=catalog,
        now=opened.clock.now,
        today=latest.today,
    )
