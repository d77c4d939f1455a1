"""Conditions of scenarios and recognitions. A test that is not known here is `UnknownTest`."""

from __future__ import annotations

from huxin.v1 import payload_pb2 as pb

from federation.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    CommitmentKept,
    Condition,
    KindOfSubject,
    Negated,
    NoListing,
    OnList,
    RegisteredIn,
    UnknownTest,
)
from federation.payloads import SubjectKind
from node.codec.shared import enum_from_wire


def condition_to_proto(condition: Condition) -> pb.Condition:  # noqa: C901 - one for each test
    """Condition to its message."""
    match condition:
        case AllOf(of=of):
            return pb.Condition(all=pb.Conditions(of=map(condition_to_proto, of)))
        case AnyOf(of=of):
            return pb.Condition(any=pb.Conditions(of=map(condition_to_proto, of)))
        case Negated(condition=inner):
            return pb.Condition(negated=condition_to_proto(inner))
        case OnList():
            return pb.Condition(
                on_list=pb.OnList(list_type=condition.list_type, edition=condition.edition)
            )
        case AtLeast():
            return pb.Condition(
                grade=pb.AtLeast(
                    method=condition.method,
                    edition=condition.edition,
                    at_least=condition.at_least,
                )
            )
        case NoListing():
            return pb.Condition(
                no_listing=pb.NoListing(list_types=condition.list_types, measure=condition.measure)
            )
        case RegisteredIn(region=region):
            return pb.Condition(registered_in=region)
        case KindOfSubject(kinds=kinds):
            return pb.Condition(
                subject_kind=pb.KindOfSubject(kinds=map(pb.SubjectKind.ValueType, kinds))
            )
        case CommitmentKept(commitment_type=commitment_type):
            return pb.Condition(commitment=pb.CommitmentKept(commitment_type=commitment_type))
        case UnknownTest():
            return pb.Condition()


def condition_from_proto(message: pb.Condition) -> Condition:
    """Condition from its message."""
    match message.WhichOneof("test"):
        case "all":
            return AllOf(of=tuple(map(condition_from_proto, message.all.of)))
        case "any":
            return AnyOf(of=tuple(map(condition_from_proto, message.any.of)))
        case "negated":
            return Negated(condition=condition_from_proto(message.negated))
        case "on_list":
            return OnList(list_type=message.on_list.list_type, edition=message.on_list.edition)
        case "grade":
            grade = message.grade
            return AtLeast(method=grade.method, edition=grade.edition, at_least=grade.at_least)
        case "no_listing":
            return NoListing(
                list_types=tuple(message.no_listing.list_types),
                measure=message.no_listing.measure,
            )
        case "registered_in":
            return RegisteredIn(region=message.registered_in)
        case "subject_kind":
            return KindOfSubject(
                kinds=tuple(
                    enum_from_wire(SubjectKind, kind, "subject_kind")
                    for kind in message.subject_kind.kinds
                )
            )
        case "commitment":
            return CommitmentKept(commitment_type=message.commitment.commitment_type)
        case _:
            return UnknownTest()


def optional_condition_to_proto(condition: Condition | None) -> pb.Condition | None:
    """Condition to its message, where there is one."""
    return None if condition is None else condition_to_proto(condition)
