"""Payloads of what has a record of its own: kinds 1, 9 and 18."""

from __future__ import annotations

from huxin.v1 import payload_pb2 as pb

from federation.ids import Date
from federation.payloads import (
    Commendation,
    Listing,
    Penalty,
    PenaltyGrade,
    PenaltyProcedure,
    TermQuality,
    Tier,
)
from node.codec.shared import (
    audience_from_proto,
    audience_to_proto,
    enum_from_wire,
    exit_from_proto,
    exit_to_proto,
    notice_attestation_from_proto,
    notice_attestation_to_proto,
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
        notice_number=listing.notice_number,
        notice_served_on=listing.notice_served_on,
        exits=map(exit_to_proto, listing.exits),
        prior_notice_attested=None
        if listing.prior_notice_attested is None
        else notice_attestation_to_proto(listing.prior_notice_attested),
        term=pb.TermQuality.ValueType(listing.term),
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
        notice_number=message.notice_number,
        notice_served_on=Date(message.notice_served_on),
        exits=tuple(map(exit_from_proto, message.exits)),
        prior_notice_attested=notice_attestation_from_proto(message.prior_notice_attested)
        if message.HasField("prior_notice_attested")
        else None,
        term=enum_from_wire(TermQuality, message.term, "term"),
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
        grade_method=commendation.grade_method,
        grade_edition=commendation.grade_edition,
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
        grade_method=message.grade_method,
        grade_edition=message.grade_edition,
    )


def penalty_to_proto(penalty: Penalty) -> pb.Penalty:
    """PENALTY to its message."""
    return pb.Penalty(
        min_reader=penalty.min_reader,
        audience=audience_to_proto(penalty.audience),
        subject=subject_to_proto(penalty.subject),
        authority=penalty.authority,
        authority_name=penalty.authority_name,
        document=penalty.document,
        violation_type=penalty.violation_type,
        facts=penalty.facts,
        basis=penalty.basis,
        categories=penalty.categories,
        content=penalty.content,
        fine=penalty.fine,
        confiscated=penalty.confiscated,
        licence=penalty.licence,
        decided_on=penalty.decided_on,
        valid_until=penalty.valid_until,
        publish_until=penalty.publish_until,
        term=pb.TermQuality.ValueType(penalty.term),
        grade=pb.PenaltyGrade.ValueType(penalty.grade),
        procedure=pb.PenaltyProcedure.ValueType(penalty.procedure),
        data_source=penalty.data_source,
        notice_number=penalty.notice_number,
        notice_served_on=penalty.notice_served_on,
        source=source_to_proto(penalty.source),
    )


def penalty_from_proto(message: pb.Penalty) -> Penalty:
    """PENALTY from its message."""
    return Penalty(
        min_reader=message.min_reader,
        audience=audience_from_proto(message.audience),
        subject=subject_from_proto(message.subject),
        authority=message.authority,
        authority_name=message.authority_name,
        document=message.document,
        violation_type=message.violation_type,
        facts=message.facts,
        basis=message.basis,
        categories=tuple(message.categories),
        content=message.content,
        fine=message.fine,
        confiscated=message.confiscated,
        licence=message.licence,
        decided_on=Date(message.decided_on),
        valid_until=Date(message.valid_until),
        publish_until=Date(message.publish_until),
        term=enum_from_wire(TermQuality, message.term, "term"),
        grade=enum_from_wire(PenaltyGrade, message.grade, "grade"),
        procedure=enum_from_wire(PenaltyProcedure, message.procedure, "procedure"),
        data_source=message.data_source,
        notice_number=message.notice_number,
        notice_served_on=Date(message.notice_served_on),
        source=source_from_proto(message.source),
    )
