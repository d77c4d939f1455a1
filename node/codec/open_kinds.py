"""Payloads of the open kinds, which travel with the log to everyone: 7, 8, 10 and 12 to 15."""

from __future__ import annotations

from huxin.v1 import payload_pb2 as pb

from federation.ids import CharterId, Date, Origin, Timestamp
from federation.payloads import (
    AudienceKey,
    Benefit,
    CharterAdopted,
    Continuation,
    Equivalence,
    Erasure,
    ErasureGround,
    GradeScale,
    Receipt,
    ReceiptBatch,
    Recognition,
    Scenario,
    SubjectKind,
    Window,
)
from node.codec.conditions import condition_from_proto, optional_condition_to_proto
from node.codec.shared import (
    audience_from_proto,
    audience_to_proto,
    enum_from_wire,
    reference_from_proto,
    reference_to_proto,
)


def scenario_to_proto(scenario: Scenario) -> pb.Scenario:
    """SCENARIO to its message."""
    return pb.Scenario(
        min_reader=scenario.min_reader,
        scenario_type=scenario.scenario_type,
        title=scenario.title,
        provider=scenario.provider,
        provider_name=scenario.provider_name,
        benefits=[pb.Benefit(code=one.code, text=one.text) for one in scenario.benefits],
        conditions_text=scenario.conditions_text,
        subject_kinds=[pb.SubjectKind.ValueType(kind) for kind in scenario.subject_kinds],
        basis=scenario.basis,
        valid_from=scenario.valid_from,
        valid_until=scenario.valid_until,
        charters=scenario.charters,
        places=scenario.places,
        windows=[
            pb.Window(name=one.name, address=one.address, hours=one.hours)
            for one in scenario.windows
        ],
        condition=optional_condition_to_proto(scenario.condition),
        scales=[
            pb.GradeScale(method=one.method, edition=one.edition, grades=one.grades)
            for one in scenario.scales
        ],
    )


def scenario_from_proto(message: pb.Scenario) -> Scenario:
    """SCENARIO from its message."""
    return Scenario(
        min_reader=message.min_reader,
        scenario_type=message.scenario_type,
        title=message.title,
        provider=message.provider,
        provider_name=message.provider_name,
        benefits=tuple(Benefit(code=one.code, text=one.text) for one in message.benefits),
        conditions_text=message.conditions_text,
        subject_kinds=tuple(
            enum_from_wire(SubjectKind, kind, "subject_kinds") for kind in message.subject_kinds
        ),
        basis=message.basis,
        valid_from=Date(message.valid_from),
        valid_until=Date(message.valid_until),
        charters=tuple(map(CharterId, message.charters)),
        places=tuple(message.places),
        windows=tuple(
            Window(name=one.name, address=one.address, hours=one.hours) for one in message.windows
        ),
        condition=condition_from_proto(message.condition)
        if message.HasField("condition")
        else None,
        scales=tuple(
            GradeScale(method=one.method, edition=one.edition, grades=tuple(one.grades))
            for one in message.scales
        ),
    )


def recognition_to_proto(recognition: Recognition) -> pb.Recognition:
    """RECOGNITION to its message."""
    return pb.Recognition(
        min_reader=recognition.min_reader,
        scenario=reference_to_proto(recognition.scenario),
        authority=recognition.authority,
        authority_name=recognition.authority_name,
        conditions_text=recognition.conditions_text,
        reason=recognition.reason,
        decided_on=recognition.decided_on,
        valid_until=recognition.valid_until,
        further=optional_condition_to_proto(recognition.further),
        equivalences=[
            pb.Equivalence(
                method=one.method,
                edition=one.edition,
                grade=one.grade,
                own_method=one.own_method,
                own_edition=one.own_edition,
                own_grade=one.own_grade,
            )
            for one in recognition.equivalences
        ],
        services=recognition.services,
        charters=recognition.charters,
        effective_on=recognition.effective_on,
    )


def recognition_from_proto(message: pb.Recognition) -> Recognition:
    """RECOGNITION from its message."""
    return Recognition(
        min_reader=message.min_reader,
        scenario=reference_from_proto(message.scenario),
        authority=message.authority,
        authority_name=message.authority_name,
        conditions_text=message.conditions_text,
        reason=message.reason,
        decided_on=Date(message.decided_on),
        valid_until=Date(message.valid_until),
        further=condition_from_proto(message.further) if message.HasField("further") else None,
        equivalences=tuple(
            Equivalence(
                method=one.method,
                edition=one.edition,
                grade=one.grade,
                own_method=one.own_method,
                own_edition=one.own_edition,
                own_grade=one.own_grade,
            )
            for one in message.equivalences
        ),
        services=tuple(message.services),
        charters=tuple(map(CharterId, message.charters)),
        effective_on=Date(message.effective_on),
    )


def receipt_to_proto(receipt: Receipt) -> pb.Receipt:
    """RECEIPT to its message."""
    return pb.Receipt(
        min_reader=receipt.min_reader,
        origin=receipt.origin,
        batches=[
            pb.ReceiptBatch(
                outcome=pb.ReceiptOutcome.ValueType(batch.outcome),
                reason=batch.reason,
                indices=batch.indices,
            )
            for batch in receipt.batches
        ],
    )


def receipt_from_proto(message: pb.Receipt) -> Receipt:
    """RECEIPT from its message."""
    return Receipt(
        min_reader=message.min_reader,
        origin=Origin(message.origin),
        batches=tuple(
            ReceiptBatch(outcome=batch.outcome, reason=batch.reason, indices=tuple(batch.indices))
            for batch in message.batches
        ),
    )


def audience_key_to_proto(key: AudienceKey) -> pb.AudienceKey:
    """AUDIENCE KEY to its message."""
    return pb.AudienceKey(
        min_reader=key.min_reader,
        key_id=key.key_id,
        audience=audience_to_proto(key.audience),
        not_before=key.not_before,
        not_after=key.not_after,
    )


def audience_key_from_proto(message: pb.AudienceKey) -> AudienceKey:
    """AUDIENCE KEY from its message."""
    return AudienceKey(
        min_reader=message.min_reader,
        key_id=message.key_id,
        audience=audience_from_proto(message.audience),
        not_before=Timestamp(message.not_before),
        not_after=Timestamp(message.not_after),
    )


def charter_adopted_to_proto(adopted: CharterAdopted) -> pb.CharterAdopted:
    """CHARTER to its message."""
    return pb.CharterAdopted(
        min_reader=adopted.min_reader,
        charter=adopted.charter,
        version=adopted.version,
        digest=adopted.digest,
    )


def charter_adopted_from_proto(message: pb.CharterAdopted) -> CharterAdopted:
    """CHARTER from its message."""
    return CharterAdopted(
        min_reader=message.min_reader,
        charter=CharterId(message.charter),
        version=message.version,
        digest=message.digest,
    )


def erasure_to_proto(erasure: Erasure) -> pb.Erasure:
    """ERASURE to its message."""
    return pb.Erasure(
        min_reader=erasure.min_reader,
        ground=pb.ErasureGround.ValueType(erasure.ground),
        erased_at=erasure.erased_at,
    )


def erasure_from_proto(message: pb.Erasure) -> Erasure:
    """ERASURE from its message."""
    return Erasure(
        min_reader=message.min_reader,
        ground=enum_from_wire(ErasureGround, message.ground, "ground"),
        erased_at=Timestamp(message.erased_at),
    )


def continuation_to_proto(continuation: Continuation) -> pb.Continuation:
    """CONTINUATION to its message."""
    return pb.Continuation(
        min_reader=continuation.min_reader,
        origin=continuation.origin,
        size=continuation.size,
        root=continuation.root,
        log_key=continuation.log_key,
        suite=continuation.suite,
    )


def continuation_from_proto(message: pb.Continuation) -> Continuation:
    """CONTINUATION from its message."""
    return Continuation(
        min_reader=message.min_reader,
        origin=Origin(message.origin),
        size=message.size,
        root=message.root,
        log_key=message.log_key,
        suite=message.suite,
    )
