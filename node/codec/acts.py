"""Payloads of what acts on what is listed: kinds 2 to 6."""

from __future__ import annotations

from huxin.v1 import payload_pb2 as pb

from federation.ids import Date, LeafHash, StatementId
from federation.payloads import (
    Annotation,
    AnnotationGround,
    Correction,
    Listed,
    Listing,
    Penalty,
    Relief,
    ReliefGround,
    Relisting,
    RelistingGround,
)
from node.codec.listed import (
    commendation_from_proto,
    commendation_to_proto,
    listing_from_proto,
    listing_to_proto,
    penalty_from_proto,
    penalty_to_proto,
)
from node.codec.shared import (
    audience_from_proto,
    audience_to_proto,
    enum_from_wire,
    enum_or_unspecified,
    optional_reference_from_proto,
    optional_reference_to_proto,
    record_key_from_proto,
    record_key_to_proto,
)


def correction_to_proto(correction: Correction) -> pb.Correction:
    """CORRECTION to its message."""
    message = pb.Correction(
        min_reader=correction.min_reader,
        audience=audience_to_proto(correction.audience),
        replaces=correction.replaces,
        request=optional_reference_to_proto(correction.request),
    )
    match correction.payload:
        case Listing():
            message.listing.CopyFrom(listing_to_proto(correction.payload))
        case Penalty():
            message.penalty.CopyFrom(penalty_to_proto(correction.payload))
        case _:
            message.commendation.CopyFrom(commendation_to_proto(correction.payload))
    return message


def correction_from_proto(message: pb.Correction) -> Correction:
    """CORRECTION from its message."""
    payload: Listed
    match message.WhichOneof("payload"):
        case "listing":
            payload = listing_from_proto(message.listing)
        case "penalty":
            payload = penalty_from_proto(message.penalty)
        case _:
            payload = commendation_from_proto(message.commendation)
    return Correction(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        replaces=LeafHash(message.replaces),
        payload=payload,
        request=optional_reference_from_proto(message, "request"),
    )


def annotation_to_proto(annotation: Annotation) -> pb.Annotation:
    """ANNOTATION to its message."""
    return pb.Annotation(
        min_reader=annotation.min_reader,
        audience=audience_to_proto(annotation.audience),
        record=None if annotation.record is None else record_key_to_proto(annotation.record),
        authority=annotation.authority,
        document=annotation.document,
        decided_on=annotation.decided_on,
        ends=annotation.ends or b"",
        text=annotation.text,
        ground=pb.AnnotationGround.ValueType(annotation.ground),
        authority_name=annotation.authority_name,
        request=optional_reference_to_proto(annotation.request),
    )


def annotation_from_proto(message: pb.Annotation) -> Annotation:
    """ANNOTATION from its message."""
    return Annotation(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        record=record_key_from_proto(message.record) if message.HasField("record") else None,
        authority=message.authority,
        document=message.document,
        decided_on=Date(message.decided_on),
        ends=LeafHash(message.ends) if message.ends else None,
        text=message.text,
        ground=enum_or_unspecified(AnnotationGround, message.ground),
        authority_name=message.authority_name,
        request=optional_reference_from_proto(message, "request"),
    )


def relief_to_proto(relief: Relief) -> pb.Relief:
    """REPAIR or WITHDRAWAL to its message."""
    return pb.Relief(
        min_reader=relief.min_reader,
        audience=audience_to_proto(relief.audience),
        record=None if relief.record is None else record_key_to_proto(relief.record),
        subject_name=relief.subject_name,
        authority=relief.authority,
        document=relief.document,
        decided_on=relief.decided_on,
        publish_until=relief.publish_until,
        reason=relief.reason,
        ground=pb.ReliefGround.ValueType(relief.ground),
        request=optional_reference_to_proto(relief.request),
    )


def relief_from_proto(message: pb.Relief) -> Relief:
    """REPAIR or WITHDRAWAL from its message."""
    return Relief(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        record=record_key_from_proto(message.record) if message.HasField("record") else None,
        subject_name=message.subject_name,
        authority=message.authority,
        document=message.document,
        decided_on=Date(message.decided_on),
        publish_until=Date(message.publish_until),
        reason=message.reason,
        ground=enum_or_unspecified(ReliefGround, message.ground),
        request=optional_reference_from_proto(message, "request"),
    )


def relisting_to_proto(relisting: Relisting) -> pb.Relisting:
    """RELISTING to its message."""
    message = pb.Relisting(
        min_reader=relisting.min_reader,
        audience=audience_to_proto(relisting.audience),
        reliefs=relisting.reliefs,
        document=relisting.document,
        decided_on=relisting.decided_on,
        ground=pb.RelistingGround.ValueType(relisting.ground),
        approvals=relisting.approvals,
    )
    if isinstance(relisting.payload, Penalty):
        message.penalty.CopyFrom(penalty_to_proto(relisting.payload))
    else:
        message.listing.CopyFrom(listing_to_proto(relisting.payload))
    return message


def relisting_from_proto(message: pb.Relisting) -> Relisting:
    """RELISTING from its message."""
    return Relisting(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        reliefs=tuple(map(StatementId, message.reliefs)),
        document=message.document,
        decided_on=Date(message.decided_on),
        ground=enum_from_wire(RelistingGround, message.ground, "ground"),
        approvals=message.approvals,
        payload=penalty_from_proto(message.penalty)
        if message.HasField("penalty")
        else listing_from_proto(message.listing),
    )
