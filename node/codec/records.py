"""Records as the Registry service shows them."""

from __future__ import annotations

from huxin.v1 import payload_pb2, registry_pb2

from federation.errors import StatementError
from federation.ids import NO_STATEMENT, Date, Origin, Timestamp
from federation.names import KINDS, action_code, action_name
from federation.payloads import Subject
from federation.reconcile.views import Completion, EndedBy, FirstCosigned, RecordView, ToldBy
from node.codec.checks import check_bounds
from node.codec.shared import statement_id_from_wire, subject_from_proto, subject_to_proto


def record_to_proto(view: RecordView) -> registry_pb2.Record:
    """Record to its message."""
    return registry_pb2.Record(
        statement_id=view.statement_id,
        kind=KINDS.name(view.kind),
        action=action_name(view.kind, view.action),
        about=b"" if view.about == NO_STATEMENT else view.about,
        origin=view.origin,
        index=view.index,
        list_type=view.list_type,
        subject=None if view.subject is None else subject_to_proto(view.subject),
        authority=view.authority,
        authority_name=view.authority_name,
        document=view.document,
        decided_on=view.decided_on,
        publish_until=view.publish_until,
        state=view.state,
        annotations=view.annotations,
        rule=view.rule,
        payload_json=view.payload_json,
        issued_at=view.issued_at,
        repair_possible=view.repair_possible,
        completed=[
            registry_pb2.Completion(
                field=one.field,
                value_json=one.value_json,
                origin=one.origin,
                statement_id=one.statement_id,
            )
            for one in view.completed
        ],
        first_cosigned=(
            None
            if view.first_cosigned is None
            else registry_pb2.FirstCosigned(
                size=view.first_cosigned.size, time=view.first_cosigned.time
            )
        ),
        told_by=[
            registry_pb2.ToldBy(
                origin=one.origin,
                city=one.city,
                outcome=one.outcome,
                reason=one.reason,
                time=one.at,
            )
            for one in view.told_by
        ],
        ended_by=None if view.ended_by is None else _ending_to_proto(view.ended_by),
        meaning=view.meaning,
        city=view.city,
    )


def record_from_proto(message: registry_pb2.Record) -> RecordView:
    """Record from its message.

    Raises:
        StatementError: an id is not 16 bytes (`id.malformed`), the subject is not valid
            (`payload.invalid`), or a name is not known (`name.unknown`); the server's fault.
    """
    check_bounds(message)
    kind = KINDS.code(message.kind)
    return RecordView(
        statement_id=statement_id_from_wire(message.statement_id),
        kind=kind,
        action=action_code(kind, message.action),
        about=statement_id_from_wire(message.about) if message.about else NO_STATEMENT,
        origin=Origin(message.origin),
        index=message.index,
        list_type=message.list_type,
        subject=_subject(message.subject) if message.HasField("subject") else None,
        authority=message.authority,
        authority_name=message.authority_name,
        document=message.document,
        decided_on=Date(message.decided_on),
        publish_until=Date(message.publish_until),
        state=message.state,
        annotations=tuple(message.annotations),
        rule=message.rule,
        payload_json=message.payload_json,
        issued_at=Timestamp(message.issued_at),
        repair_possible=tuple(message.repair_possible),
        completed=tuple(
            Completion(
                field=one.field,
                value_json=one.value_json,
                origin=Origin(one.origin),
                statement_id=statement_id_from_wire(one.statement_id),
            )
            for one in message.completed
        ),
        first_cosigned=(
            FirstCosigned(
                size=message.first_cosigned.size, time=Timestamp(message.first_cosigned.time)
            )
            if message.HasField("first_cosigned")
            else None
        ),
        told_by=tuple(
            ToldBy(
                origin=Origin(one.origin),
                city=one.city,
                outcome=one.outcome,
                reason=one.reason,
                at=Timestamp(one.time),
            )
            for one in message.told_by
        ),
        ended_by=_ending(message.ended_by) if message.HasField("ended_by") else None,
        meaning=message.meaning,
        city=message.city,
    )


def _ending_to_proto(ending: EndedBy) -> registry_pb2.EndedBy:
    return registry_pb2.EndedBy(
        statement_id=ending.statement_id,
        kind=KINDS.name(ending.kind),
        origin=ending.origin,
        city=ending.city,
        authority=ending.authority,
        document=ending.document,
        decided_on=ending.decided_on,
        issued_at=ending.issued_at,
    )


def _ending(message: registry_pb2.EndedBy) -> EndedBy:
    return EndedBy(
        statement_id=statement_id_from_wire(message.statement_id),
        kind=KINDS.code(message.kind),
        origin=Origin(message.origin),
        city=message.city,
        authority=message.authority,
        document=message.document,
        decided_on=Date(message.decided_on),
        issued_at=Timestamp(message.issued_at),
    )


def _subject(message: payload_pb2.Subject) -> Subject:
    """The subject of a record: as in a payload, but a relief states no kind, and may name none."""
    stated = payload_pb2.Subject(name="-", kind=payload_pb2.SUBJECT_KIND_ENTERPRISE)
    stated.MergeFrom(message)
    try:
        check_bounds(stated)
    except StatementError as error:
        raise StatementError(error.code, f"subject.{error}") from error
    return subject_from_proto(message)
