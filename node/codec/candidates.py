"""What reconciliation needs of a listing, straight from its message.

The payload was read and checked when its row was made (federation.reading, S5); nothing is
checked again here.
"""

from __future__ import annotations

from typing import Final

from huxin.v1 import payload_pb2 as pb

from federation.payloads import (
    PENALTY_LIST_TYPE,
    Correction,
    Listing,
    Payload,
    Penalty,
    Relisting,
)
from federation.reconciliation import Candidate
from federation.record_key import names_document
from federation.statements import Kind
from node.codec.reader import ProtobufPayloads

_parse: Final = pb.Listing.FromString
_payloads: Final = ProtobufPayloads()


def candidate_from(kind: int, payload: bytes) -> Candidate | None:
    """Read the candidate out of the payload that is in force for a listing.

    Args:
        kind: of the leaf whose payload it is: LISTING, PENALTY, CORRECTION or RELISTING.
        payload: exact bytes.

    Returns:
        None where a correction is of neither.

    Raises:
        StatementError: the payload is not what a row was made of.
    """
    if kind != Kind.LISTING:
        return _of_value(_payloads.decode(kind, payload))
    message = _parse(payload)
    subject = message.subject
    return Candidate(
        subject.scheme,
        subject.code,
        subject.name,
        subject.kind,
        message.list_type,
        message.authority,
        names_document(message.document),
        bool(message.basis),
        message.decided_on,
        message.listed_on,
        message.prior_notice_on,
        message.publish_until,
        message.tier,
        message.prior_notice_attested.decided_from,
        message.prior_notice_attested.decided_to,
    )


def _of_value(payload: Payload) -> Candidate | None:
    listed = payload.payload if isinstance(payload, (Correction, Relisting)) else payload
    match listed:
        case Listing():
            return Candidate(
                listed.subject.scheme,
                listed.subject.code,
                listed.subject.name,
                listed.subject.kind,
                listed.list_type,
                listed.authority,
                names_document(listed.document),
                bool(listed.basis),
                listed.decided_on,
                listed.listed_on,
                listed.prior_notice_on,
                listed.publish_until,
                listed.tier,
                *_attested(listed),
            )
        case Penalty():
            return Candidate(
                listed.subject.scheme,
                listed.subject.code,
                listed.subject.name,
                listed.subject.kind,
                f"{PENALTY_LIST_TYPE}-{listed.grade.name.lower()}",
                listed.authority,
                names_document(listed.document),
                bool(listed.basis),
                listed.decided_on,
                0,
                0,
                listed.publish_until,
            )
        case _:
            return None


def _attested(listing: Listing) -> tuple[int, int]:
    said = listing.prior_notice_attested
    return (0, 0) if said is None else (said.decided_from, said.decided_to)
