"""Charters, time, our own log, and what is exchanged with peers: on streams and in packets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from crypto.keys import VerifierKey
from federation.ids import Timestamp
from node.app.wire_log import OwnLog, wire_log
from node.attestation.packets import CarriedAttestations
from node.charters.book import CharterBook
from node.clocks.trusted_clock import TrustedClock
from node.clocks.wiring import wire_clocks
from node.directory.config import load_config
from node.directory.opened import Opened
from node.log.batch_reading import Reader
from node.log.cosigning import Cosigning
from node.log.recovery import Recovering
from node.log.writer import Writer
from node.network.tls_keys import TlsKeys
from node.peers.exchange import Exchange
from node.peers.packet_state import PacketState
from node.peers.packets import Packets
from node.peers.serving import Serving
from node.persons.roster import Persons
from node.system.entropy import token

GROUP_MAX: Final = 256
"""Units in one transaction; a unit of a file has up to 1024 rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Federated:
    """Whom we exchange with, by which time, and the one thread that writes what comes of it."""

    charters: CharterBook
    tls: TlsKeys
    trusted: TrustedClock
    persons: Persons
    log: OwnLog
    exchange: Exchange
    writer: Writer


def wire_peers(opened: Opened, *, workers: Reader, changed: Callable[[], None]) -> Federated:
    """Build and start it; `workers` read what peers deliver.

    `changed` is called when some log can be served further.

    Raises:
        CharterError: a charter on disk.
        RefusedError: the high-water mark.
        StoreError: the database.
    """
    config = opened.config
    charters = CharterBook(
        directory=config.charters_directory,
        pins=lambda: load_config(config.directory).pins,
        own=config.origin,
        not_direct=config.peers.not_direct,
        now=opened.clock.now,
        changed=lambda: writer.submit(exchange.charters_read).result(),
    )
    tls = TlsKeys(config.keys_directory, config.origin, charters.view)
    trusted = wire_clocks(opened, others=lambda: charters.view().voters)
    persons = Persons(origin=config.origin, configured=config.persons, now=opened.clock.now)
    log = wire_log(opened, charters=charters, persons=persons, workers=workers)
    exchange = _exchange(opened, charters=charters, log=log, trusted=trusted, changed=changed)
    writer = Writer(log.publisher, exchange.published, GROUP_MAX)
    return Federated(
        charters=charters,
        tls=tls,
        trusted=trusted,
        persons=persons,
        log=log,
        exchange=exchange,
        writer=writer,
    )


def _exchange(
    opened: Opened,
    *,
    charters: CharterBook,
    log: OwnLog,
    trusted: TrustedClock,
    changed: Callable[[], None],
) -> Exchange:

    def heard(key: VerifierKey, signed: Timestamp) -> None:
        owner = charters.view().owner_of_key(key)
        if owner is not None:
            trusted.heard(owner, signed)

    exchange = Exchange(
        own_origin=opened.config.origin,
        store=opened.store,
        ledger=log.ledger,
        publisher=log.publisher,
        recovery=log.recovery,
        serving=Serving(store=opened.store, keyring=opened.keyring, trust=charters.view),
        cosigning=Cosigning(
            trust=charters.view,
            witness_signer=opened.keys.witness,
            mirror_signer=opened.keys.mirror,
            now=opened.clock.now,
            heard=heard,
        ),
        trust=charters.view,
        envelopes=charters.envelopes_for,
        judge=charters.judge,
        adopt=charters.adopt,
        tight=lambda: opened.reserve.tight,
        now=opened.clock.now,
        failpoints=opened.failpoints,
        changed=changed,
    )
    exchange.start()
    return exchange


def wire_packets(opened: Opened, *, peers: Federated, attestations: CarriedAttestations) -> Packets:
    """Build what makes and takes packets."""
    return Packets(
        own=opened.config.origin,
        store=opened.store,
        exchange=peers.exchange,
        trust=peers.charters.view,
        envelopes=peers.charters.envelopes_for,
        state=PacketState(opened.config.state_directory / "packets.json"),
        attestations=attestations,
        head_signer=opened.keys.head,
        sealing=opened.keys.sealing,
        on_writer=peers.writer.run,
        now=opened.clock.now,
        token=token,
    )


def wire_recovering(peers: Federated, *, changed: Callable[[], None]) -> Recovering:
    """Build what takes our own log back from peers, for `huxin recover`."""
    return Recovering(
        recovery=peers.log.recovery,
        on_writer=peers.writer.run,
        changed=changed,
        peers=peers.exchange.peers,
        members=lambda: frozenset(peers.charters.view().peers),
    )
