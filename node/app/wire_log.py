"""Our own log and the records of all logs: who appends, who signs, who takes it back from peers."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.state.highwater import FileHighWater
from node.charters.book import CharterBook
from node.directory.opened import Opened
from node.log.batch_reading import Reader
from node.log.ledger import Ledger
from node.log.publisher import Publisher
from node.log.recovery import Recovery
from node.log.refill import Refilling
from node.log.startup_check import StartupCheck
from node.peers.tag_upgrade import TagUpgrade
from node.persons.roster import Persons
from node.system.clock import monotonic
from node.system.entropy import token
from node.upkeep.lookup_switch import LookupSwitch


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLog:
    """Our own log, started: what was committed is signed, or it is known why nothing is."""

    ledger: Ledger
    asking: StartupCheck
    publisher: Publisher
    recovery: Recovery


def wire_log(opened: Opened, *, charters: CharterBook, persons: Persons, workers: Reader) -> OwnLog:
    """Build and start it; `workers` read what peers deliver.

    Raises:
        RefusedError: the high-water mark.
        HighWaterError: likewise.
        StoreError: the database.
        KeyRingError: the key ring is older than the database.
    """
    config, now = opened.config, opened.clock.now

    high_water = opened.marks.own()
    if isinstance(high_water, FileHighWater):
        high_water.migrate()
    ledger = Ledger(
        keyring=opened.keyring,
        payloads=opened.payloads,
        trust=charters.view,
        now=now,
        workers=workers,
    )
    TagUpgrade(
        store=opened.store,
        keyring=opened.keyring,
        payloads=opened.payloads,
        ledger=ledger,
        now=now,
    ).run()
    LookupSwitch(
        store=opened.store,
        keyring=opened.keyring,
        payloads=opened.payloads,
        ledger=ledger,
        failpoints=opened.failpoints,
    ).run()
    asking = StartupCheck(others=lambda: frozenset(charters.view().peers), now=now, clock=monotonic)
    publisher = Publisher(
        origin=config.origin,
        store=opened.store,
        ledger=ledger,
        high_water=high_water,
        log_signer=opened.keys.log,
        head_signer=opened.keys.head,
        reserve=opened.reserve,
        asking=asking,
        persons=persons,
        now=now,
        token=token,
        failpoints=opened.failpoints,
    )
    publisher.start()
    recovery = Recovery(
        origin=config.origin,
        store=opened.store,
        ledger=ledger,
        publisher=publisher,
        refilling=Refilling(payloads=opened.payloads, tagger=opened.keyring),
        trust=charters.view,
        now=now,
        failpoints=opened.failpoints,
    )
    return OwnLog(ledger=ledger, asking=asking, publisher=publisher, recovery=recovery)
