"""Rounds of questions about subjects between simulated nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from federation.charters.chain import advance
from federation.charters.verification import Member
from federation.ids import MemberId, Timestamp
from federation.reconcile.attestation import (
    Agreement,
    Attestation,
    Registration,
    Said,
    sign_attestation,
)
from federation.reconcile.identity import BaseSubject
from node.attestation.attesting import Sent
from node.attestation.packets import CarriedAttestations
from node.upkeep.rotation import Rotation
from tests.support import charters as build
from tests.support.catalogs import FixedLibrary
from tests.support.invented import code_of, name_of
from tests.support.simulation import Federation, SimNode

HOME = "510500"
"""The region of every invented code."""
TRUE = Said(agreement=Agreement.CURRENT, registration=Registration.EXISTING)


def library_of(*numbers: int) -> FixedLibrary:
    """A library that knows these invented subjects."""
    return FixedLibrary(*(BaseSubject(code_of(n), name_of(n)) for n in numbers))


def furnish(node: SimNode, library: FixedLibrary) -> None:
    """Give a node another library."""
    node.library = library
    node.restart()


def asks(node: SimNode, *peers: str) -> list[Sent]:
    """The questions of one round."""
    node.attesting.review()
    chosen = map(MemberId, peers) if peers else node.view.peers
    return list(node.attesting.questions(list(chosen)))


def round_of(
    federation: Federation,
    asker: str,
    answer: Callable[[SimNode, Sent], bytes] | None = None,
) -> Sequence[Sent]:
    """Ask and answer once, and judge what came of it; the questions."""
    node = federation[asker]
    sent = asks(node)
    for one in sent:
        other = federation[one.peer]
        note = answer(other, one) if answer else other.answers.answer(node.member, one.question)
        node.attesting.take(one, note)
    node.reconcile()
    return sent


def amended(federation: Federation, change: Callable[[Member], Member]) -> None:
    """Every node adopts a version of the charter in which each member is changed."""
    node = next(iter(federation.nodes.values()))
    (chain,) = node.chains
    members = tuple(map(change, chain.latest.terms.members))
    envelope = build.sign_all(build.next_version(chain.latest, members=members))
    for node in federation.nodes.values():
        node.chains = (advance(node.chains[0], envelope),)
        node.refresh_charters()
        node.exchange.charters_changed()


def rotated(node: SimNode) -> None:
    """Replace the node's opening key."""
    rotation = Rotation(
        store=node.store,
        keyring=node.keyring,
        lent_again=lambda: None,
        ledger=node.ledger,
        on_writer=lambda job: job(),
        now=node.clock.now,
        trusted=node.trusted.now,
        days=0,
        behind=lambda: False,
        failpoints=node.failpoints,
    )
    rotation.start()
    rotation.rotate(lambda _: None)
    node.keyring.forget()


def carried_by(node: SimNode) -> CarriedAttestations:
    """What packets bring and take of a node's questions and answers."""
    return CarriedAttestations(
        path=node.directory / "state" / "attest-packets.json",
        attesting=node.attesting,
        answers=node.answers,
        trust=node.trust,
        on_writer=lambda job: job(),
        now=node.clock.now,
    )


def lie(sent: Sent, by: str = HOME, **changed: object) -> bytes:
    """All is right and certain, says the liar."""
    said = Attestation(
        answerer=build.origin_of(by),
        asker=sent.asked.asker,
        charter=sent.asked.charter,
        question=sent.asked.question,
        as_of=Timestamp(build.NOW),
        said=(TRUE,) * sent.asked.items,
    )
    return sign_attestation(replace(said, **changed), build.document_signer(by))  # type: ignore[arg-type]
