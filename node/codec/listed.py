"""Payloads of what is listed and of what acts on it: kinds 1 to 6 and 9."""

from __future__ import annotations

from huxin.v1 import payload_pb2 as pb

from federation.ids import Date, LeafHash, StatementId
from federation.payloads import (
    Annotation,
    Commendation,
    Correction,
    Listing,
    Relief,
    Relisting,
    RelistingGround,
    Tier,
)
from node.codec.parts import (
    audience_from_proto,
    audience_to_proto,
    enum_from_wire,
    record_key_from_proto,
    record_key_to_proto,
    source_from_proto,
    source_to_proto,
    subject_from_proto,
    subject_to_proto,
)


def listing_to_proto(listing: Listing) -> pb.Listing:
    """LISTING to its message."""
    return pb.Listing(
        min_reader=listing.min_reader,
        audience=audience_to_proto(listing.audience),
        subject=subject_to_proto(listing.subject),
        list_type=listing.list_type,
        tier=pb.Tier.ValueType(listing.tier),
        authority=listing.authority,
        authority_name=listing.authority_name,
        document=listing.document,
        document_type=listing.document_type,
        decided_on=listing.decided_on,
        listed_on=listing.listed_on,
        prior_notice_on=listing.prior_notice_on,
        basis=listing.basis,
        reason=listing.reason,
        exit_path=listing.exit_path,
        remedy=listing.remedy,
        publish_shortest_months=listing.publish_shortest_months,
        publish_longest_months=listing.publish_longest_months,
        publish_until=listing.publish_until,
        measures=listing.measures,
        source=source_to_proto(listing.source),
    )


def listing_from_proto(message: pb.Listing) -> Listing:
    """LISTING from its message."""
    return Listing(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        subject=subject_from_proto(message.subject),
        list_type=message.list_type,
        tier=enum_from_wire(Tier, message.tier, "tier"),
        authority=message.authority,
        authority_name=message.authority_name,
        document=message.document,
        document_type=message.document_type,
        decided_on=Date(message.decided_on),
        listed_on=Date(message.listed_on),
        prior_notice_on=Date(message.prior_notice_on),
        basis=message.basis,
        reason=message.reason,
        exit_path=message.exit_path,
        remedy=message.remedy,
        publish_shortest_months=message.publish_shortest_months,
        publish_longest_months=message.publish_longest_months,
        publish_until=Date(message.publish_until),
        measures=tuple(message.measures),
        source=source_from_proto(message.source),
    )


def commendation_to_proto(commendation: Commendation) -> pb.Commendation:
    """COMMENDATION to its message."""
    return pb.Commendation(
        min_reader=commendation.min_reader,
        audience=audience_to_proto(commendation.audience),
        subject=subject_to_proto(commendation.subject),
        list_type=commendation.list_type,
        grade=commendation.grade,
        authority=commendation.authority,
        authority_name=commendation.authority_name,
        document=commendation.document,
        decided_on=commendation.decided_on,
        valid_until=commendation.valid_until,
        basis=commendation.basis,
        source=source_to_proto(commendation.source),
    )


def commendation_from_proto(message: pb.Commendation) -> Commendation:
    """COMMENDATION from its message."""
    return Commendation(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        subject=subject_from_proto(message.subject),
        list_type=message.list_type,
        grade=message.grade,
        authority=message.authority,
        authority_name=message.authority_name,
        document=message.document,
        decided_on=Date(message.decided_on),
        valid_until=Date(message.valid_until),
        basis=message.basis,
        source=source_from_proto(message.source),
    )


def correction_to_proto(correction: Correction) -> pb.Correction:
    """CORRECTION to its message."""
    message = pb.Correction(
        min_reader=correction.min_reader,
        audience=audience_to_proto(correction.audience),
        replaces=correction.replaces,
    )
    if isinstance(correction.payload, Listing):
        message.listing.CopyFrom(listing_to_proto(correction.payload))
    else:
        message.commendation.CopyFrom(commendation_to_proto(correction.payload))
    return message


def correction_from_proto(message: pb.Correction) -> Correction:
    """CORRECTION from its message."""
    return Correction(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        replaces=LeafHash(message.replaces),
        payload=(
            listing_from_proto(message.listing)
            if message.HasField("listing")
            else commendation_from_proto(message.commendation)
        ),
    )


def annotation_to_proto(annotation: Annotation) -> pb.Annotation:
    """ANNOTATION to its message."""
    return pb.Annotation(
        min_reader=annotation.min_reader,
        audience=audience_to_proto(annotation.audience),
        record=record_key_to_proto(annotation.record),
        authority=annotation.authority,
        document=annotation.document,
        decided_on=annotation.decided_on,
        ends=annotation.ends or b"",
        text=annotation.text,
    )


def annotation_from_proto(message: pb.Annotation) -> Annotation:
    """ANNOTATION from its message."""
    return Annotation(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        record=record_key_from_proto(message.record),
        authority=message.authority,
        document=message.document,
        decided_on=Date(message.decided_on),
        ends=LeafHash(message.ends) if message.ends else None,
        text=message.text,
    )


def relief_to_proto(relief: Relief) -> pb.Relief:
    """REPAIR or WITHDRAWAL to its message."""
    return pb.Relief(
        min_reader=relief.min_reader,
        audience=audience_to_proto(relief.audience),
        record=record_key_to_proto(relief.record),
        subject_name=relief.subject_name,
        authority=relief.authority,
        document=relief.document,
        decided_on=relief.decided_on,
        publish_until=relief.publish_until,
        reason=relief.reason,
    )


def relief_from_proto(message: pb.Relief) -> Relief:
    """REPAIR or WITHDRAWAL from its message."""
    return Relief(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        record=record_key_from_proto(message.record),
        subject_name=message.subject_name,
        authority=message.authority,
        document=message.document,
        decided_on=Date(message.decided_on),
        publish_until=Date(message.publish_until),
        reason=message.reason,
    )


def relisting_to_proto(relisting: Relisting) -> pb.Relisting:
    """RELISTING to its message."""
    return pb.Relisting(
        min_reader=relisting.min_reader,
        audience=audience_to_proto(relisting.audience),
        reliefs=relisting.reliefs,
        document=relisting.document,
        decided_on=relisting.decided_on,
        ground=pb.RelistingGround.ValueType(relisting.ground),
        approvals=relisting.approvals,
        listing=listing_to_proto(relisting.listing),
    )


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
        listing=listing_from_proto(message.listing),
    )
