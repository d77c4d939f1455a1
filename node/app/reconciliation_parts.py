"""The parts that judge listings of other cities, built together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapters.catalog.library import FILE_NAME, FileLibrary
from adapters.state.keyring import KeyRing
from crypto.keys import Signer
from federation.facts import PayloadReader
from federation.ids import Date
from federation.ports.store import Store
from node.attestation.answers import AttestationAnswers, Openings
from node.attestation.attesting import Attesting
from node.attestation.packets import CarriedAttestations
from node.charters.view import TrustView
from node.directory.config import Config
from node.log.writer import Writer
from node.persons.roster import Persons
from node.reconcile.catalog_book import CatalogBook
from node.reconcile.catalog_desk import CatalogDesk
from node.reconcile.judging import Reconciliation
from node.records.attestations import Attestations
from node.system.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationParts:
    """Catalogs, base library, what regions say of subjects, and who judges by all that."""

    catalogs: CatalogBook
    library: FileLibrary
    attestations: Attestations
    reconciliation: Reconciliation
    desk: CatalogDesk
    answers: AttestationAnswers
    attesting: Attesting
    carried: CarriedAttestations


def reconciliation_parts(  # noqa: PLR0913 - called once, in node.wiring
    *,
    config: Config,
    store: Store,
    keyring: KeyRing,
    payloads: PayloadReader,
    trust: Callable[[], TrustView],
    writer: Writer,
    persons: Persons,
    openings: Openings,
    document: Signer | None,
    clock: Clock,
    today: Callable[[], Date],
    token: Callable[[int], bytes],
) -> ReconciliationParts:
    """Build them.

    `document` is the node's document key, with which it answers others; `today` is never behind
    any clock that is believed.
    """
    catalogs = CatalogBook(store=store, now=clock.now, persons=persons)
    library = FileLibrary(config.directory / FILE_NAME)
    attestations = Attestations(keyring=keyring, trust=trust, now=clock.now)
    reconciliation = Reconciliation(
        keyring=keyring,
        trust=trust,
        catalog=catalogs.catalog,
        library=library,
        attestations=attestations,
        today=today,
    )
    answers = AttestationAnswers(
        own=config.origin,
        store=store,
        keyring=keyring,
        payloads=payloads,
        openings=openings,
        trust=trust,
        library=library,
        signer=document,
        now=clock.now,
    )
    attesting = Attesting(
        own=config.origin,
        store=store,
        reconciliation=reconciliation,
        attestations=attestations,
        openings=openings,
        trust=trust,
        catalog=catalogs.catalog,
        now=clock.now,
        token=token,
    )
    return ReconciliationParts(
        catalogs=catalogs,
        library=library,
        attestations=attestations,
        reconciliation=reconciliation,
        desk=CatalogDesk(
            store=store,
            writer=writer,
            book=catalogs,
            reconciliation=reconciliation,
            library=library,
            library_path=config.directory / FILE_NAME,
            today=clock.today,
        ),
        answers=answers,
        attesting=attesting,
        carried=CarriedAttestations(
            path=config.state_directory / "attest-packets.json",
            attesting=attesting,
            answers=answers,
            trust=trust,
            on_writer=writer.run,
            now=clock.now,
        ),
    )
