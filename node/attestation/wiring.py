"""What asks the regions of subjects and answers them, wired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from node.attestation.answers import AttestationAnswers, Openings
from node.attestation.attesting import Attesting
from node.attestation.packets import CarriedAttestations
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.log.writer import Writer
from node.reconcile.wiring import Judging
from node.system.entropy import token


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """Answers to others, questions to them, and both in packets."""

    answers: AttestationAnswers
    attesting: Attesting
    carried: CarriedAttestations


def wire_attestation(
    opened: Opened,
    *,
    judging: Judging,
    trust: Callable[[], TrustView],
    openings: Openings,
    writer: Writer,
) -> Attestation:
    """Build it; a node without a document key asks, and answers nobody."""
    config, now = opened.config, opened.clock.now
    answers = AttestationAnswers(
        own=config.origin,
        store=opened.store,
        keyring=opened.keyring,
        payloads=opened.payloads,
        openings=openings,
        trust=trust,
        library=judging.library,
        signer=opened.keys.document,
        now=now,
    )
    attesting = Attesting(
        own=config.origin,
        store=opened.store,
        reconciliation=judging.reconciliation,
        attestations=judging.attestations,
        openings=openings,
        trust=trust,
        catalog=judging.catalogs.catalog,
        now=now,
        token=token,
    )
    return Attestation(
        answers=answers,
        attesting=attesting,
        carried=CarriedAttestations(
            path=config.state_directory / "attest-packets.json",
            attesting=attesting,
            answers=answers,
            trust=trust,
            on_writer=writer.run,
            now=now,
        ),
    )
