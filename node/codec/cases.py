"""Payloads of cases and commitments: OUTCOME, REQUEST and COMMITMENT (kinds 11, 16, 17)."""

from __future__ import annotations

from huxin.v1 import payload_pb2 as pb

from federation.ids import Date
from federation.payloads import Commitment, Outcome, Request, RequestType
from node.codec.parts import (
    audience_from_proto,
    audience_to_proto,
    enum_from_wire,
    record_key_from_proto,
    record_key_to_proto,
    reference_from_proto,
    reference_to_proto,
    source_from_proto,
    source_to_proto,
    subject_from_proto,
    subject_to_proto,
)


def outcome_to_proto(outcome: Outcome) -> pb.Outcome:
    """OUTCOME to its message."""
    return pb.Outcome(
        min_reader=outcome.min_reader,
        audience=audience_to_proto(outcome.audience),
        listing=reference_to_proto(outcome.listing),
        department=outcome.department,
        matter=outcome.matter,
        measure=outcome.measure,
        measure_basis=outcome.measure_basis,
        applied=outcome.applied,
        reason=outcome.reason,
        decided_on=outcome.decided_on,
    )


def outcome_from_proto(message: pb.Outcome) -> Outcome:
    """OUTCOME from its message."""
    return Outcome(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        listing=reference_from_proto(message.listing),
        department=message.department,
        matter=message.matter,
        measure=message.measure,
        measure_basis=message.measure_basis,
        applied=message.applied,
        reason=message.reason,
        decided_on=Date(message.decided_on),
    )


def request_to_proto(request: Request) -> pb.Request:
    """REQUEST to its message."""
    return pb.Request(
        min_reader=request.min_reader,
        audience=audience_to_proto(request.audience),
        request_type=pb.RequestType.ValueType(request.request_type),
        listing=reference_to_proto(request.listing),
        record=record_key_to_proto(request.record),
        received_on=request.received_on,
        due_on=request.due_on,
        text=request.text,
    )


def request_from_proto(message: pb.Request) -> Request:
    """REQUEST from its message."""
    return Request(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        request_type=enum_from_wire(RequestType, message.request_type, "request_type"),
        listing=reference_from_proto(message.listing),
        record=record_key_from_proto(message.record),
        received_on=Date(message.received_on),
        due_on=Date(message.due_on),
        text=message.text,
    )


def commitment_to_proto(commitment: Commitment) -> pb.Commitment:
    """COMMITMENT to its message."""
    return pb.Commitment(
        min_reader=commitment.min_reader,
        audience=audience_to_proto(commitment.audience),
        subject=subject_to_proto(commitment.subject),
        commitment_type=commitment.commitment_type,
        text=commitment.text,
        made_on=commitment.made_on,
        due_on=commitment.due_on,
        performed=commitment.performed,
        performed_on=commitment.performed_on,
        self_declared=commitment.self_declared,
        authorisation=commitment.authorisation,
        source=source_to_proto(commitment.source),
    )


def commitment_from_proto(message: pb.Commitment) -> Commitment:
    """COMMITMENT from its message."""
    return Commitment(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        subject=subject_from_proto(message.subject),
        commitment_type=message.commitment_type,
        text=message.text,
        made_on=Date(message.made_on),
        due_on=Date(message.due_on),
        performed=message.performed,
        performed_on=Date(message.performed_on),
        self_declared=message.self_declared,
        authorisation=message.authorisation,
        source=source_from_proto(message.source),
    )
