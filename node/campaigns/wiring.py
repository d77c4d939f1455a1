"""Campaigns 专项治理, wired."""

from __future__ import annotations

from collections.abc import Callable

from federation.reconcile.catalog import Catalog
from node.campaigns.desk import CampaignDesk
from node.directory.opened import Opened
from node.log.writer import Writer
from node.records.local_subjects import LocalSubjects
from node.records.records import Records
from node.records.subject_codes import SubjectCodes
from node.system.clock import Clock


def wire_campaigns(
    opened: Opened,
    records: Records,
    local: LocalSubjects,
    codes: SubjectCodes,
    writer: Writer,
    catalog: Callable[[], Catalog],
    latest: Clock,
) -> CampaignDesk:
    """Build the desk; `latest` is never behind any clock that is believed."""
    return CampaignDesk(
        store=opened.store,
        writer=writer,
        keyring=opened.keyring,
        codes=codes,
        records=records,
        local=local,
        catalog=catalog,
        now=opened.clock.now,
        today=latest.today,
    )
