"""The facts of a payload on which the rules decide, taken from its full value."""

from __future__ import annotations

from federation.facts import PayloadFacts, RequestBody
from federation.payloads import (
    Annotation,
    Answer,
    Audience,
    Commendation,
    Commitment,
    Correction,
    Erasure,
    Listed,
    Listing,
    Outcome,
    Payload,
    Penalty,
    Recognition,
    Reference,
    Relief,
    Relisting,
    Request,
)
from federation.record_key import RecordKey, pack_subject
from federation.statements import Kind


def facts_of(payload: Payload) -> PayloadFacts:
    """Facts of a payload that has been checked.

    `authority` and `list_type` are those of the record, also where another authority decided on
    the act, because competence is asked for them. A REQUEST has neither: whoever forwards it need
    not be competent for the record.
    """
    match payload:
        case Listing() | Commendation() | Penalty():
            return _of_listed(payload, payload.audience)
        case Correction():
            facts = _of_listed(payload.payload, payload.audience)
            return facts._replace(names=payload.replaces + _kind_of(payload.payload))
        case Relisting():
            return _of_listed(payload.payload, payload.audience)._replace(
                decided_on=payload.decided_on,
                names=b"".join(payload.reliefs) + _kind_of(payload.payload),
                approvals=payload.approvals,
            )
        case Annotation():
            return _of_act(payload)._replace(
                decided_on=payload.decided_on, names=payload.ends or b""
            )
        case Relief():
            return _of_act(payload)._replace(
                decided_on=payload.decided_on, publish_until=payload.publish_until
            )
        case Commitment(subject=subject):
            return PayloadFacts(
                audience=payload.audience,
                subject=pack_subject(subject.scheme, subject.code),
                scheme=subject.scheme,
                code=subject.code,
            )
        case Request() | Outcome() | Recognition():
            return _of_reference(payload)
        case Erasure():
            return PayloadFacts(names=bytes([payload.ground]))
        case _:
            return PayloadFacts()


def _kind_of(listed: Listed) -> bytes:
    """The kind of statement whose payload this is, one byte."""
    if isinstance(listed, Listing):
        return bytes([Kind.LISTING])
    return bytes([Kind.PENALTY if isinstance(listed, Penalty) else Kind.COMMENDATION])


def _of_listed(listed: Listed, audience: Audience) -> PayloadFacts:
    until = listed.valid_until if isinstance(listed, Commendation) else listed.publish_until
    return _of_record(listed.key, audience)._replace(
        decided_on=listed.decided_on, publish_until=until
    )


def _of_act(payload: Annotation | Relief) -> PayloadFacts:
    if payload.record is None:
        return PayloadFacts(audience=payload.audience)
    return _of_record(payload.record, payload.audience)


def _of_record(record: RecordKey, audience: Audience) -> PayloadFacts:
    return PayloadFacts(
        audience=audience,
        key=record.pack(),
        subject=pack_subject(record.scheme, record.code),
        list_type=record.list_type,
        authority=record.authority,
        scheme=record.scheme,
        code=record.code,
        document=record.document,
    )


def _of_reference(payload: Request | Outcome | Recognition) -> PayloadFacts:
    """Facts of a payload that refers to a leaf of another log."""
    if isinstance(payload, Recognition):
        return _referring(payload.scenario)._replace(
            authority=payload.authority, decided_on=payload.decided_on
        )
    if isinstance(payload, Outcome):
        return _referring(payload.listing or payload.scenario)._replace(
            audience=payload.audience, decided_on=payload.decided_on
        )
    body = payload.body
    if isinstance(body, Answer):
        return _referring(body.request)._replace(
            audience=payload.audience,
            body=RequestBody.REASONED_ANSWER if body.reason else RequestBody.ANSWER,
        )
    return _referring(body.listing)._replace(
        audience=payload.audience,
        key=body.record.pack(),
        subject=pack_subject(body.record.scheme, body.record.code),
        body=RequestBody.SUBMISSION,
        scheme=body.record.scheme,
        code=body.record.code,
        document=body.record.document,
    )


def _referring(reference: Reference | None) -> PayloadFacts:
    if reference is None:  # an OUTCOME of neither is out of its bounds
        return PayloadFacts()
    return PayloadFacts(
        refers_origin=reference.origin,
        refers_index=reference.index,
        refers_hash=reference.leaf_hash,
    )
