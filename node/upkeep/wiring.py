"""What keeps keys and stored bytes in good order, wired, and its jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from federation.ids import Timestamp
from node.charters.verifiers import verifiers
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.log.ledger import Ledger
from node.log.writer import Writer
from node.peers.exchange import Exchange
from node.reconcile.judging import Reconciliation
from node.system.schedule import AnyJob, Job
from node.upkeep.rebuild import rebuild
from node.upkeep.retagging import LookupKeys
from node.upkeep.rotation import Rotation
from node.upkeep.scrub import Scrub

ROTATION_SECONDS: Final = 60
SCRUB_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """Rotation of the opening key, reading of all that is stored, and tables derived anew."""

    rotation: Rotation
    lookup_keys: LookupKeys
    scrub: Scrub
    rebuild: Callable[[bool], tuple[bool, list[str]]]
    """Takes `check_only`; runs its transaction on the writer thread and blocks until done."""
    jobs: tuple[AnyJob, ...]


def wire_upkeep(
    opened: Opened,
    *,
    trust: Callable[[], TrustView],
    ledger: Ledger,
    exchange: Exchange,
    writer: Writer,
    reconciliation: Reconciliation,
    trusted: Callable[[], Timestamp],
    lent_again: Callable[[], None],
    behind: Callable[[], bool],
) -> Upkeep:
    """Build it, and finish a rotation that was begun; keys end by `trusted` time.

    `lent_again` is called when keys that were lent to workers are to be so no more; `behind` says
    whether our own log is known to be longer than the database.
    """
    config, now = opened.config, opened.clock.now
    rotation = Rotation(
        store=opened.store,
        keyring=opened.keyring,
        lent_again=lent_again,
        ledger=ledger,
        on_writer=writer.run,
        now=now,
        trusted=trusted,
        days=config.keys.rotate_days,
        behind=behind,
        failpoints=opened.failpoints,
    )
    rotation.start()
    lookup_keys = LookupKeys(
        store=opened.store,
        keyring=opened.keyring,
        payloads=opened.payloads,
        on_writer=writer.run,
        failpoints=opened.failpoints,
    )
    scrub = Scrub(
        store=opened.store,
        keyring=opened.keyring,
        ledger=ledger,
        writer=writer,
        path=config.state_directory / "scrub.json",
        leaves=config.storage.scrub_leaves,
        keys=lambda origin: verifiers(origin, config.origin, opened.keys, trust()),
        now=now,
        mend=exchange.mend,
        sound_again=exchange.sound_again,
    )
    scrubs = [Job(name="scrub", seconds=SCRUB_SECONDS, run=scrub.run)]
    return Upkeep(
        rotation=rotation,
        lookup_keys=lookup_keys,
        scrub=scrub,
        rebuild=lambda check_only: writer.run(
            lambda: rebuild(opened.store, ledger, reconciliation, check_only=check_only)
        ),
        jobs=(
            Job(name="rotation", seconds=ROTATION_SECONDS, run=rotation.run),
            Job(name="lookup-key", seconds=ROTATION_SECONDS, run=lookup_keys.run),
            *(scrubs if config.storage.scrub_leaves else ()),
        ),
    )
