"""Certificates of repair, made of what a federation did, verified from their evidence alone.

Covers node/relief/certificates.py and federation/relief/certificate.py (CT1-CT12).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from federation.errors import RefusedError
from federation.ids import CharterId, Origin, StatementId
from federation.relief.certificate import (
    CertificateFacts,
    Proved,
    verify_certificate,
)
from federation.relief.evidence import Evidence, read_evidence, write_evidence
from federation.statements import Kind
from node.codec import ProtobufPayloads
from tests.support import charters as build
from tests.support.certified import (
    CITY,
    OTHER,
    PAGE,
    PEER,
    SUBJECT,
    certificates,
    repaired,
)
from tests.support.simulation import Federation, listing

Federate = Callable[..., Federation]
PAYLOADS = ProtobufPayloads()


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate(CITY, PEER, OTHER)
    made.connect(CITY, PEER)
    made.connect(CITY, OTHER)
    made.connect(PEER, OTHER)
    return made


def evidence_at(federation: Federation, member: str, statement: StatementId) -> Evidence:
    made = certificates(federation[member]).evidence(statement, SUBJECT, PAGE)
    return read_evidence(write_evidence(made))


def code_of_refusal(call: Callable[[], object]) -> str:
    with pytest.raises(RefusedError) as refused:
        call()
    return refused.value.code


def verified(evidence: Evidence, *pins: CharterId) -> CertificateFacts:
    return verify_certificate(evidence, PAYLOADS, pins)


def test_every_member_says_what_was_executed_where(federation: Federation) -> None:
    statement = repaired(federation)
    at = federation.clock.now()
    for member in (CITY, PEER, OTHER):
        facts = verified(evidence_at(federation, member, statement))
        assert (facts.kind, facts.relief.subject_name) == (Kind.REPAIR, listing(
            1, audience=facts.relief.audience).subject.name)  # fmt: skip
        assert (facts.listing_index, facts.relief_index) == (0, 1)
        assert facts.proved_at == at - 120
        regions = {one.origin: one for one in facts.regions}
        peer, other = (regions[build.origin_of(one)] for one in (PEER, OTHER))
        assert (peer.status, other.status) == (Proved.PROVED, Proved.NOT_PROVED)
        assert peer.lifted is not None
        assert other.applied is not None
        assert (peer.lifted.proved_at, other.applied.proved_at) == (at, at - 60)
        assert other in facts.outstanding
        assert Origin(build.origin_of(CITY)) not in regions
        assert facts.evidence.by == build.origin_of(member)
