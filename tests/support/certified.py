"""A repair of one city, executed by others, and the certificate of it."""

from __future__ import annotations

from federation.ids import StatementId
from federation.payloads import Receipt, ReceiptBatch
from federation.reconcile.receipts import ReceiptOutcome
from federation.relief.evidence import PageVersion
from federation.statements import Kind
from node.records.proofs import Proofs
from node.relief.certificates import Certificates
from tests.support import charters as build
from tests.support.invented import code_of
from tests.support.simulation import Federation, SimNode, listing

CITY, PEER, OTHER = "510500", "510300", "511500"
SUBJECT = code_of(1)
PAGE = PageVersion(template="1", typst="0", font="0")


def certificates(node: SimNode, *, sealing: bool = True) -> Certificates:
    """What makes certificates at a simulated node."""
    own = [build.log_signer(node.member), *(build.cosigner(node.member, use) for use in USES)]
    return Certificates(
        own=node.origin,
        store=node.store,
        keyring=node.keyring,
        payloads=node.payloads,
        proofs=Proofs(
            store=node.store,
            keyring=node.keyring,
            trust=node.trust,
            own_keys=[one.verifier for one in own],
            own=node.origin,
        ),
        trust=node.trust,
        chains=lambda: node.chains,
        signer=build.document_signer(node.member) if sealing else None,
        now=node.clock.now,
        authorities={},
    )


USES = ("head", "witness", "mirror")


def say(node: SimNode, about: SimNode, outcome: ReceiptOutcome, *indices: int) -> StatementId:
    """A receipt of one node about leaves of another's log."""
    receipt = Receipt(
        origin=about.origin,
        batches=(ReceiptBatch(outcome=outcome, indices=indices),),
    )
    return node.say(node.draft(Kind.RECEIPT, receipt))[0].statement_id


def listed(federation: Federation) -> StatementId:
    """A listing of the city, that everybody has; index 0."""
    city = federation[CITY]
    statement = city.list_(listing(1, audience=city.audience()))
    federation.settle()
    return statement


def repaired(federation: Federation) -> StatementId:
    """A listing of the city and its repair, which one peer lifted and another only applied."""
    city, peer, other = federation[CITY], federation[PEER], federation[OTHER]
    statement = listed(federation)
    city.relieve(Kind.REPAIR, statement)
    federation.settle()
    federation.clock.advance(60)
    say(peer, city, ReceiptOutcome.APPLIED, 1)
    say(other, city, ReceiptOutcome.APPLIED, 1)
    federation.settle()
    federation.clock.advance(60)
    say(peer, city, ReceiptOutcome.LIFTED, 0)
    federation.settle()
    return statement
