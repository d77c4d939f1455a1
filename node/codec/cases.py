"""Payloads of cases and commitments: OUTCOME, REQUEST and COMMITMENT (kinds 11, 16, 17)."""

from __future__ import annotations

from huxin.v1 import payload_pb2 as pb

from federation.ids import Date, LeafHash
from federation.payloads import (
    Answer,
    Commitment,
    Outcome,
    OutcomeResult,
    Request,
    RequestType,
    Submission,
)
from node.codec.shared import (
    audience_from_proto,
    audience_to_proto,
    enum_from_wire,
    optional_reference_from_proto,
    optional_reference_to_proto,
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
        case_id=outcome.case_id,
        result=pb.OutcomeResult.ValueType(outcome.result),
        listing=optional_reference_to_proto(outcome.listing),
        scenario=optional_reference_to_proto(outcome.scenario),
        department=outcome.department,
        matter=outcome.matter,
        measure=outcome.measure,
        measure_basis=outcome.measure_basis,
        reason=outcome.reason,
        decided_on=outcome.decided_on,
        replaces=outcome.replaces or b"",
    )


def outcome_from_proto(message: pb.Outcome) -> Outcome:
    """OUTCOME from its message."""
    return Outcome(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        case_id=message.case_id,
        result=enum_from_wire(OutcomeResult, message.result, "result"),
        listing=optional_reference_from_proto(message, "listing"),
        scenario=optional_reference_from_proto(message, "scenario"),
        department=message.department,
        matter=message.matter,
        measure=message.measure,
        measure_basis=message.measure_basis,
        reason=message.reason,
        decided_on=Date(message.decided_on),
        replaces=LeafHash(message.replaces) if message.replaces else None,
    )


def submission_to_proto(submission: Submission) -> pb.Submission:
    """What is forwarded to its message."""
    return pb.Submission(
        request_type=pb.RequestType.ValueType(submission.request_type),
        listing=reference_to_proto(submission.listing),
        record=record_key_to_proto(submission.record),
        received_on=submission.received_on,
        due_on=submission.due_on,
        text=submission.text,
    )


def submission_from_proto(message: pb.Submission) -> Submission:
    """What is forwarded from its message."""
    return Submission(
        request_type=enum_from_wire(RequestType, message.request_type, "request_type"),
        listing=reference_from_proto(message.listing),
        record=record_key_from_proto(message.record),
        received_on=Date(message.received_on),
        due_on=Date(message.due_on),
        text=message.text,
    )


def answer_to_proto(answer: Answer) -> pb.Answer:
    """What became of a REQUEST to its message."""
    return pb.Answer(
        request=reference_to_proto(answer.request),
        reason=answer.reason,
        result=optional_reference_to_proto(answer.result),
    )


def answer_from_proto(message: pb.Answer) -> Answer:
    """What became of a REQUEST from its message."""
    return Answer(
        request=reference_from_proto(message.request),
        reason=message.reason,
        result=optional_reference_from_proto(message, "result"),
    )


def request_to_proto(request: Request) -> pb.Request:
    """REQUEST to its message."""
    message = pb.Request(
        min_reader=request.min_reader, audience=audience_to_proto(request.audience)
    )
    if isinstance(request.body, Answer):
        message.answer.CopyFrom(answer_to_proto(request.body))
    else:
        message.submission.CopyFrom(submission_to_proto(request.body))
    return message


def request_from_proto(message: pb.Request) -> Request:
    """REQUEST from its message."""
    return Request(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        body=answer_from_proto(message.answer)
        if message.HasField("answer")
        else submission_from_proto(message.submission),
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
