"""What reconciliation needs of a listing, straight from its message.

The payload was read and checked when its row was made (federation.reading, S5); nothing is
checked again here.
"""

from __future__ import annotations

from typing import Final

from huxin.v1 import payload_pb2 as pb

from federation.payloads import (
    PENALTY_LIST_TYPE,
    Commendation,
    Listing,
    Payload,
    Penalty,
    content_of,
)
from federation.recognition.commendations import Commended
from federation.reconcile.candidate import Candidate
from federation.reconcile.plausibility import is_blank
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
        return candidate_of(_payloads.decode(kind, payload))
    message = _parse(payload)
    subject, basis = message.subject, message.basis
    attested = message.prior_notice_attested
    from_, to = _days(attested.document, attested.decided_from, attested.decided_to)
    return Candidate(
        subject.scheme,
        subject.code,
        subject.name,
        subject.kind,
        message.list_type,
        message.authority,
        names_document(message.document),
        bool(basis),
        message.decided_on,
        message.listed_on,
        message.prior_notice_on,
        message.publish_until,
        message.tier,
        from_,
        to,
        bool(basis) and is_blank(basis),
    )


def judged_from(kind: int, payload: bytes) -> Candidate | Commended | None:
    """Read what is judged of a listing, penalty or commendation, of whatever kind its leaf is.

    Raises:
        StatementError: the payload is not what a row was made of.
    """
    if kind == Kind.LISTING:
        return candidate_from(kind, payload)
    read = _payloads.decode(kind, payload)
    content = content_of(read)
    return commended_of(content) if isinstance(content, Commendation) else candidate_of(read)


def subject_from(kind: int, payload: bytes) -> tuple[str, str] | None:
    """Scheme and code of the subject of what lists somebody; arguments as of `judged_from`."""
    if kind == Kind.LISTING:
        subject = _parse(payload).subject
        return subject.scheme, subject.code
    said = judged_from(kind, payload)
    return None if said is None else (said.scheme, said.code)


def commended_of(award: Commendation) -> Commended:
    """What the rules ask of a commendation."""
    return Commended(
        award.subject.scheme,
        award.subject.code,
        award.subject.name,
        award.subject.kind,
        award.list_type,
        award.authority,
        award.decided_on,
        award.valid_until,
        award.grade,
        award.grade_method,
        award.grade_edition,
    )


def candidate_of(payload: Payload) -> Candidate | None:
    """The candidate of a listing or penalty, or of the one within another payload; else None."""
    listed = content_of(payload)
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
                bool(listed.basis) and is_blank(listed.basis),
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
                blank_basis=bool(listed.basis) and is_blank(listed.basis),
            )
        case _:
            return None


def candidate_of_award(award: Commendation) -> Candidate:
    """What can be wrong of a commendation of our own as of a listing: days, basis, kind."""
    return Candidate(
        award.subject.scheme,
        award.subject.code,
        award.subject.name,
        award.subject.kind,
        award.list_type,
        award.authority,
        names_document(award.document),
        bool(award.basis),
        award.decided_on,
        0,
        0,
        award.valid_until,
        blank_basis=bool(award.basis) and is_blank(award.basis),
    )


def _attested(listing: Listing) -> tuple[int, int]:
    said = listing.prior_notice_attested
    if said is None:
        return 0, 0
    return _days(said.document, said.decided_from, said.decided_to)


def _days(document: str, decided_from: int, decided_to: int) -> tuple[int, int]:
    """The days for which a document attests the prior notice; none where it names no document."""
    return (decided_from, decided_to) if decided_from and names_document(document) else (0, 0)
