"""Everything is built here, by constructor, from a node's directory."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import structlog

from adapters.files.tables import Limits
from adapters.sql import open_store
from adapters.state.highwater import FileHighWater
from adapters.state.keyring import KeyRing
from adapters.state.trusted_time import TrustedTimeFile
from crypto.keys import VerifierKey
from federation.ids import Timestamp
from federation.quality.figures import Formulas
from federation.reconcile.attestation import FEATURE
from federation.reconcile.catalog import Catalog
from node.app.parts import Parts, Settings
from node.app.reconciliation_parts import reconciliation_parts
from node.app.schedule import jobs
from node.charters.book import CharterBook
from node.charters.contacts import contacts_of
from node.charters.expiring_certificates import ending_certificates
from node.charters.verifiers import verifiers
from node.clocks.desk import ClockDesk
from node.clocks.trusted_clock import TrustedClock
from node.codec import ProtobufPayloads
from node.directory.config import Config, Environment, load_config
from node.directory.creation import HIGH_WATER_FILE, KEY_RING_FILE, TRUSTED_TIME_FILE
from node.directory.keys import NodeKeys, load_keys
from node.intake.drop_job import Inbox
from node.intake.files import Intake
from node.intake.inbox_tally import InboxTally
from node.intake.row_words import RowHearing
from node.intake.signed_mappings import SignedMappings
from node.log.cosigning import Cosigning
from node.log.ledger import Ledger
from node.log.publisher import Publisher
from node.log.recovery import Recovering, Recovery
from node.log.refill import Refilling
from node.log.startup_check import Asking
from node.log.writer import Writer
from node.network.tls_keys import TlsKeys
from node.peers.exchange import Exchange
from node.peers.forming import Forming
from node.peers.packet_state import PacketState
from node.peers.packets import Packets
from node.peers.serving import Serving
from node.persons.roster import Persons
from node.platform.desk import PlatformDesk
from node.platform.platforms import Platforms
from node.publishing.own_statements import OwnStatements
from node.publishing.plausibility import Plausibility
from node.publishing.registry import Registry
from node.quality.desk import QualityDesk
from node.reconcile.case_desk import CaseDesk
from node.reconcile.proposals import Proposals
from node.records.doubts import Doubts
from node.records.proofs import Proofs
from node.records.records import Records
from node.services.exchange import NodeInfo
from node.status.job_runs import Runs
from node.status.report import StatusReport
from node.system.clock import Clock, SystemClock, monotonic
from node.system.disk import Reserve
from node.system.entropy import token
from node.system.failpoints import Failpoints
from node.system.wakeups import Changes
from node.upkeep.rebuild import rebuild
from node.upkeep.rotation import Rotation
from node.upkeep.scrub import Scrub

GROUP_MAX = 256
"""Units in one transaction; a unit of a file has up to 1024 rows."""

_log = structlog.get_logger()
T = TypeVar("T")


def build(directory: Path) -> Parts:
    """Wire the parts of the node in a directory, and start them as far as without a network.

    Raises:
        ConfigError: the configuration.
        RefusedError: keys, key ring or high-water mark.
        CharterError: a charter on disk.
        StoreError: the database.
        KeyRingError: the key ring is missing, damaged, or older than the database.
    """
    config = load_config(directory)
    wiring = _Wiring(config, SystemClock(), Failpoints(Environment().failpoint))
    try:
        return wiring.parts()
    except BaseException:
        wiring.close()
        raise


class _Wiring:
    """One node's construction, in the order in which the parts need each other."""

    def __init__(self, config: Config, clock: Clock, failpoints: Failpoints) -> None:
        self._config = config
        self._clock = clock
        self._failpoints = failpoints
        self._changes = Changes()
        self._runs = Runs(monotonic)
        self._payloads = ProtobufPayloads()
        self._keys = load_keys(config.keys_directory, config.origin)
        state = config.state_directory
        self._keyring = KeyRing.load(
            state / KEY_RING_FILE,
            token=token,
            escrow=Path(config.keys.escrow) if config.keys.escrow else None,
        )
        self._high_water = FileHighWater(state / HIGH_WATER_FILE, config.origin, self._sync)
        self._high_water.migrate()
        self._platforms = Platforms(
            config.directory, config.platform, Environment().platform_passwords, failpoints
        )
        self._reserve = Reserve(config.directory, config.storage.reserve_bytes)
        self._store = open_store(config.database_url)
        if not self._store.keeps_pages_whole():
            _log.warning("full_page_writes is off", code="store.torn-pages")

    def _sync(self, descriptor: int) -> None:
        with self._failpoints.at("mark.sync"):
            os.fdatasync(descriptor)

    def close(self) -> None:
        """Let go of what was opened, where the rest could not be built."""
        self._store.close()

    def parts(self) -> Parts:
        """Build all parts."""
        config, clock = self._config, self._clock

        def charters_read() -> None:
            writer.submit(exchange.charters_read).result()

        charters = CharterBook(
            directory=config.charters_directory,
            pins=lambda: load_config(config.directory).pins,
            own=config.origin,
            not_direct=config.peers.not_direct,
            now=clock.now,
            changed=charters_read,
        )
        self._tls = tls = TlsKeys(config.keys_directory, config.origin, charters.view)
        ledger = Ledger(
            keyring=self._keyring, payloads=self._payloads, trust=charters.view, now=clock.now
        )
        Forming(
            store=self._store,
            keyring=self._keyring,
            payloads=self._payloads,
            ledger=ledger,
            now=clock.now,
        ).run()
        asking = Asking(
            others=lambda: frozenset(charters.view().peers), now=clock.now, clock=monotonic
        )
        self._trusted = trusted = TrustedClock(
            file=TrustedTimeFile(config.state_directory / TRUSTED_TIME_FILE),
            others=lambda: charters.view().voters,
            wall=clock,
            monotonic=monotonic,
        )
        persons = Persons(origin=config.origin, configured=config.persons, now=clock.now)
        publisher = self._publisher(ledger, asking, persons)
        recovery = self._recovery(charters, ledger, publisher)
        exchange = self._exchange(charters, ledger, publisher, recovery)
        writer = Writer(publisher, exchange.published, GROUP_MAX)
        rotation = self._rotation(ledger, writer)
        statements = OwnStatements(
            own=config.origin,
            keyring=self._keyring,
            payloads=self._payloads,
            trust=charters.view,
        )
        limits = Limits(file_bytes=config.limits.file_bytes, rows=config.limits.file_rows)
        tally = InboxTally(store=self._store, writer=writer, now=clock.now)
        judging = reconciliation_parts(
            config=config,
            store=self._store,
            keyring=self._keyring,
            payloads=self._payloads,
            trust=charters.view,
            writer=writer,
            persons=persons,
            openings=exchange.openings_for,
            document=self._keys.document,
            clock=clock,
            today=trusted.latest.today,
            token=token,
        )
        registry = Registry(
            statements=statements,
            payloads=self._payloads,
            tagger=self._keyring,
            trust=charters.view,
            sources=self._bound,
            now=clock.now,
            token=token,
            plausibility=Plausibility(catalog=judging.catalogs.catalog, today=trusted.latest.today),
            catalog=judging.catalogs.catalog,
            persons=persons,
        )
        intake = Intake(
            hearing=RowHearing(persons=persons, store=self._store, writer=writer, now=clock.now),
            directory=config.directory,
            files=config.files,
            limits=limits,
            store=self._store,
            writer=writer,
            registry=registry,
            statements=statements,
            tagger=self._keyring,
            now=clock.now,
            today=trusted.latest.today,
            failpoints=self._failpoints,
            signed=SignedMappings(persons=persons, store=self._store, writer=writer),
            catalog=judging.catalogs.catalog,
        )
        inbox = Inbox(
            config=config,
            clock=monotonic,
            intake=intake,
            reserve=self._reserve,
            waiting=lambda: not asking.over,
            refusal=lambda: getattr(publisher.refusal, "code", ""),
        )
        records = self._records(charters, judging.catalogs.catalog)
        scrub = self._scrub(charters, ledger, exchange, writer)
        return Parts(
            settings=Settings(
                directory=config.directory,
                listen=config.listen.exchange,
                metrics=config.listen.metrics,
                pull_seconds=config.timing.pull_seconds,
                head_seconds=config.timing.head_seconds,
                connect_seconds=config.peers.connect_seconds,
                retry_longest_seconds=config.peers.retry_longest_seconds,
                streams=config.limits.streams,
            ),
            me=charters.view().me,
            info=self._info,
            clock=clock,
            token=token,
            identities=tls.identities,
            store=self._store,
            publisher=publisher,
            asking=asking,
            exchange=exchange,
            writer=writer,
            changes=self._changes,
            registry=registry,
            records=records,
            proofs=self._proofs(charters),
            intake=intake,
            status=self._status(
                exchange,
                publisher,
                charters,
                rotation,
                scrub=scrub,
                inbox=inbox,
                writer=writer,
                catalog=judging.catalogs.catalog,
            ),
            charters=charters,
            rebuild=lambda check_only: writer.run(
                lambda: rebuild(self._store, ledger, judging.reconciliation, check_only=check_only)
            ),
            rotation=rotation,
            clock_desk=ClockDesk(trusted=trusted, persons=persons),
            recovering=Recovering(
                recovery=recovery,
                on_writer=writer.run,
                changed=self._changes.ring,
                peers=exchange.peers,
                members=lambda: frozenset(charters.view().peers),
            ),
            packets=Packets(
                own=config.origin,
                store=self._store,
                exchange=exchange,
                trust=charters.view,
                envelopes=charters.envelopes_for,
                state=PacketState(config.state_directory / "packets.json"),
                attestations=judging.carried,
                head_signer=self._keys.head,
                sealing=self._keys.sealing,
                on_writer=writer.run,
                now=clock.now,
                token=token,
            ),
            catalogs=judging.desk,
            attest=judging.answers.answer,
            attesting=judging.attesting,
            platforms=PlatformDesk(self._platforms, config.files.sources, limits, tally, persons),
            cases=CaseDesk(
                store=self._store,
                writer=writer,
                records=records,
                reconciliation=judging.reconciliation,
                attestations=judging.attestations,
                library=judging.library,
                proposals=Proposals(
                    catalog=judging.catalogs.catalog, adopted=judging.catalogs.adopted
                ),
                persons=persons,
                ledger=ledger,
                now=clock.now,
            ),
            quality=QualityDesk(
                own=config.origin,
                directory=config.directory,
                files=config.files,
                formulas=Formulas(**config.quality.model_dump()),
                store=self._store,
                keyring=self._keyring,
                payloads=self._payloads,
                trust=charters.view,
            ),
            runs=self._runs,
            jobs=jobs(
                config=config,
                store=self._store,
                keyring=self._keyring,
                platforms=self._platforms,
                tally=tally,
                reserve=self._reserve,
                asking=asking,
                writer=writer,
                registry=registry,
                intake=intake,
                inbox=inbox,
                records=records,
                rotation=rotation,
                ledger=ledger,
                reconciliation=judging.reconciliation,
                heed_library=judging.desk.heed_library,
                scrub=scrub,
                trust=charters.view,
                clock=clock,
                trusted=trusted,
                changed=self._changes.ring,
                failpoints=self._failpoints,
            ),
        )

    def _rotation(self, ledger: Ledger, writer: Writer) -> Rotation:
        rotation = Rotation(
            store=self._store,
            keyring=self._keyring,
            ledger=ledger,
            on_writer=writer.run,
            now=self._clock.now,
            trusted=self._trusted.now,
            days=self._config.keys.rotate_days,
            failpoints=self._failpoints,
        )
        rotation.start()
        return rotation

    def _scrub(
        self, charters: CharterBook, ledger: Ledger, exchange: Exchange, writer: Writer
    ) -> Scrub:
        return Scrub(
            store=self._store,
            keyring=self._keyring,
            ledger=ledger,
            writer=writer,
            path=self._config.state_directory / "scrub.json",
            leaves=self._config.storage.scrub_leaves,
            keys=lambda origin: verifiers(origin, self._config.origin, self._keys, charters.view()),
            now=self._clock.now,
            mend=exchange.mend,
            sound_again=exchange.sound_again,
        )

    def _publisher(self, ledger: Ledger, asking: Asking, persons: Persons) -> Publisher:
        publisher = Publisher(
            origin=self._config.origin,
            store=self._store,
            ledger=ledger,
            high_water=self._high_water,
            log_signer=self._keys.log,
            head_signer=self._keys.head,
            reserve=self._reserve,
            asking=asking,
            persons=persons,
            now=self._clock.now,
            token=token,
            failpoints=self._failpoints,
        )
        publisher.start()
        return publisher

    def _recovery(self, charters: CharterBook, ledger: Ledger, publisher: Publisher) -> Recovery:
        return Recovery(
            origin=self._config.origin,
            store=self._store,
            ledger=ledger,
            publisher=publisher,
            refilling=Refilling(payloads=self._payloads, tagger=self._keyring),
            trust=charters.view,
            now=self._clock.now,
            failpoints=self._failpoints,
        )

    def _exchange(
        self, charters: CharterBook, ledger: Ledger, publisher: Publisher, recovery: Recovery
    ) -> Exchange:
        def heard(key: VerifierKey, signed: Timestamp) -> None:
            owner = charters.view().owner_of_key(key)
            if owner is not None:
                self._trusted.heard(owner, signed)

        exchange = Exchange(
            own_origin=self._config.origin,
            store=self._store,
            ledger=ledger,
            publisher=publisher,
            recovery=recovery,
            serving=Serving(store=self._store, keyring=self._keyring, trust=charters.view),
            cosigning=Cosigning(
                trust=charters.view,
                witness_signer=self._keys.witness,
                mirror_signer=self._keys.mirror,
                now=self._clock.now,
                heard=heard,
            ),
            trust=charters.view,
            envelopes=charters.envelopes_for,
            adopt=charters.adopt,
            tight=lambda: self._reserve.tight,
            now=self._clock.now,
            failpoints=self._failpoints,
            changed=self._changes.ring,
        )
        exchange.start()
        return exchange

    def _proofs(self, charters: CharterBook) -> Proofs:
        keys: NodeKeys = self._keys
        signers = (keys.log, keys.head, keys.witness, keys.mirror)
        return Proofs(
            store=self._store,
            keyring=self._keyring,
            trust=charters.view,
            own_keys=[signer.verifier for signer in signers],
            own=self._config.origin,
        )

    def _records(self, charters: CharterBook, catalog: Callable[[], Catalog]) -> Records:
        return Records(
            store=self._store,
            keyring=self._keyring,
            payloads=self._payloads,
            trust=charters.view,
            today=self._trusted.latest.today,
            doubts=self._doubts(charters),
            catalog=catalog,
        )

    def _status(
        self,
        exchange: Exchange,
        publisher: Publisher,
        charters: CharterBook,
        rotation: Rotation,
        *,
        scrub: Scrub,
        inbox: Inbox,
        writer: Writer,
        catalog: Callable[[], Catalog],
    ) -> StatusReport:
        return StatusReport(
            region=self._config.node.region,
            name=self._config.node.name,
            version=version("huxin"),
            own=self._config.origin,
            store=self._store,
            exchange=exchange,
            publisher=publisher,
            trust=charters.view,
            now=self._clock.now,
            today=self._trusted.latest.today,
            doubts=self._doubts(charters),
            endings=lambda: ending_certificates(
                self._tls.certificate,
                contacts_of(charters.view()),
                self._clock.now(),
                waits=lambda: self._tls.waiting,
            ),
            key_ring=rotation.report,
            platforms=self._platforms.report,
            disk=self._reserve.report,
            scrub=scrub.report,
            trusted=self._trusted.report,
            jobs=self._runs.report,
            trouble=lambda: writer.trouble,
            inbox=inbox.problems,
            catalog=catalog,
        )

    def _doubts(self, charters: CharterBook) -> Doubts:
        return Doubts(
            trust=charters.view,
            now=self._trusted.latest.now,
            stale_after=self._config.timing.stale_after_seconds,
        )

    def _bound(self, source: str) -> frozenset[str] | None:
        section = self._config.files.sources.get(source)
        return None if section is None else frozenset(section.authorities.values())

    def _info(self) -> NodeInfo:
        return NodeInfo(
            region=self._config.node.region,
            name=self._config.node.name,
            origin=self._config.origin,
            version=version("huxin"),
            features=() if self._keys.document is None else (FEATURE,),
        )
