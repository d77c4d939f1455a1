"""What reconciliation needs of a listing, straight from its message.

The payload was read and checked when its row was made (federation.reading, S5); nothing is
checked again here.
"""

from __future__ import annotations

from typing import Final

from huxin.v1 import payload_pb2 as pb

from federation.payloads import Correction, Listing, Payload, Relisting
from federation.reconciliation import Candidate
from federation.record_key import names_document
from federation.statements import Kind
from node.codec.reader import ProtobufPayloads

_parse: Final = pb.Listing.FromString
_payloads: Final = ProtobufPayloads()


def candidate_from(kind: int, payload: bytes) -> Candidate | None:
    """Read the candidate out of the payload that is in force for a listing.

    Args:
        kind: of the leaf whose payload it is: LISTING, CORRECTION or RELISTING.
        payload: exact bytes.

    Returns:
        None where a correction is not of a listing.

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
    match payload:
        case Correction(payload=Listing() as listing) | Relisting(payload=Listing() as listing):
            return Candidate(
                listing.subject.scheme,
                listing.subject.code,
                listing.subject.name,
                listing.subject.kind,
                listing.list_type,
                listing.authority,
                names_document(listing.document),
                bool(listing.basis),
                listing.decided_on,
                listing.listed_on,
                listing.prior_notice_on,
                listing.publish_until,
                listing.tier,
                *_attested(listing),
            )
        case _:
            return None


def _attested(listing: Listing) -> tuple[int, int]:
    said = listing.prior_notice_attested
    return (0, 0) if said is None else (said.decided_from, said.decided_to)
