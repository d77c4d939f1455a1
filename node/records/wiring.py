"""Records as people read them, and their proofs, wired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from federation.ids import Timestamp
from federation.reconcile.catalog import Catalog
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.directory.restored import restored_at
from node.records.doubts import Doubts
from node.records.naming import Naming
from node.records.proofs import Proofs
from node.records.records import Records
from node.system.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reads records."""

    doubts: Doubts
    records: Records
    proofs: Proofs
    naming: Naming
    restored: Timestamp
    """When the database was last brought back from a backup; 0: never."""
    behind: Callable[[], bool]
    """Whether our own log is known to be longer than the database."""


def wire_records(
    opened: Opened,
    *,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    latest: Clock,
    behind: Callable[[], bool],
) -> Reading:
    """Build it.

    Args:
        opened: the directory.
        trust: the charters in force.
        catalog: the catalog of the moment.
        latest: never behind any clock that is believed.
        behind: whether our own log is known to be longer than the database.
    """
    keys = opened.keys
    restored = restored_at(opened.config.state_directory, opened.clock.now())
    doubts = Doubts(
        trust=trust,
        now=latest.now,
        stale_after=opened.config.timing.stale_after_seconds,
        restored=restored,
        behind=behind,
    )
    records = Records(
        store=opened.store,
        keyring=opened.keyring,
        payloads=opened.payloads,
        trust=trust,
        today=latest.today,
        doubts=doubts,
        catalog=catalog,
    )
    return Reading(
        doubts=doubts,
        records=records,
        naming=Naming(store=opened.store, records=records),
        proofs=Proofs(
            store=opened.store,
            keyring=opened.keyring,
            trust=trust,
            own_keys=[one.verifier for one in (keys.log, keys.head, keys.witness, keys.mirror)],
            own=opened.config.origin,
        ),
        restored=restored,
        behind=behind,
    )
