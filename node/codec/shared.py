"""Parts that several payloads share, as protobuf messages and as values."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import Final, TypeVar

from google.protobuf.message import Message
from huxin.v1 import payload_pb2 as pb

from federation.errors import StatementError
from federation.ids import NO_STATEMENT, CharterId, Date, LeafHash, Origin, StatementId
from federation.payloads import (
    Audience,
    Exit,
    ExitKind,
    NoticeAttestation,
    Reference,
    Source,
    Subject,
    SubjectKind,
)
from federation.record_key import RecordKey

AUDIENCES_KEPT: Final = 1024
"""Audiences kept for sharing, at most 18 KiB each; an alliance has a handful, a liar any number."""

E = TypeVar("E", bound=IntEnum)


def enum_from_wire(enum: type[E], number: int, field: str) -> E:
    """Return the member with this number; proto3 lets any number through.

    Raises:
        StatementError: this reader knows no such member (`payload.invalid`).
    """
    try:
        return enum(number)
    except ValueError:
        message = f"{field}: expected a known {enum.__name__}, got {number}"
        raise StatementError("payload.invalid", message) from None


def enum_or_unspecified(enum: type[E], number: int) -> E:
    """Return the member with this number, or that of 0 where this reader knows none.

    For what only explains relief: an unknown ground must not keep a relief away (SPEC.md §1.2).
    """
    try:
        return enum(number)
    except ValueError:
        return enum(0)


def statement_id_from_wire(raw: bytes) -> StatementId:
    """Return the statement id that these 16 bytes are.

    Raises:
        StatementError: another length (`id.malformed`).
    """
    if len(raw) != len(NO_STATEMENT):
        message = f"statement id: expected {len(NO_STATEMENT)} bytes, got {len(raw)}"
        raise StatementError("id.malformed", message)
    return StatementId(raw)


@lru_cache(maxsize=AUDIENCES_KEPT)
def _shared_audience(
    charters: tuple[bytes, ...], purposes: tuple[str, ...], members: tuple[str, ...]
) -> Audience:
    return Audience(charters=tuple(map(CharterId, charters)), purposes=purposes, members=members)


def audience_to_proto(audience: Audience) -> pb.Audience:
    """Audience to its message."""
    return pb.Audience(
        charters=audience.charters, purposes=audience.purposes, members=audience.members
    )


def audience_from_proto(message: pb.Audience) -> Audience:
    """Audience from its message; equal audiences are one object, as long as it is kept."""
    return _shared_audience(
        tuple(message.charters), tuple(message.purposes), tuple(message.members)
    )


def subject_to_proto(subject: Subject) -> pb.Subject:
    """Subject to its message."""
    return pb.Subject(
        scheme=subject.scheme,
        code=subject.code,
        name=subject.name,
        kind=pb.SubjectKind.ValueType(subject.kind),
    )


def subject_from_proto(message: pb.Subject) -> Subject:
    """Subject from its message."""
    return Subject(
        scheme=message.scheme,
        code=message.code,
        name=message.name,
        kind=enum_from_wire(SubjectKind, message.kind, "subject.kind"),
    )


def source_to_proto(source: Source) -> pb.Source:
    """Source to its message."""
    return pb.Source(
        department=source.department, batch=source.batch, row=source.row, key=source.key
    )


def source_from_proto(message: pb.Source) -> Source:
    """Source from its message."""
    return Source(
        department=message.department, batch=message.batch, row=message.row, key=message.key
    )


def reference_to_proto(reference: Reference) -> pb.Reference:
    """Reference across logs to its message."""
    return pb.Reference(
        origin=reference.origin, index=reference.index, leaf_hash=reference.leaf_hash
    )


def reference_from_proto(message: pb.Reference) -> Reference:
    """Reference across logs from its message."""
    return Reference(
        origin=Origin(message.origin),
        index=message.index,
        leaf_hash=LeafHash(message.leaf_hash),
    )


def optional_reference_to_proto(reference: Reference | None) -> pb.Reference | None:
    """Reference across logs to its message, where there is one."""
    return None if reference is None else reference_to_proto(reference)


def optional_reference_from_proto(message: Message, field: str) -> Reference | None:
    """Reference across logs from a field of a message, where it is set."""
    return reference_from_proto(getattr(message, field)) if message.HasField(field) else None


def exit_to_proto(one: Exit) -> pb.Exit:
    """Way out of a listing to its message."""
    return pb.Exit(kind=pb.ExitKind.ValueType(one.kind), months=one.months)


def exit_from_proto(message: pb.Exit) -> Exit:
    """Way out of a listing from its message."""
    return Exit(kind=enum_from_wire(ExitKind, message.kind, "exits"), months=message.months)


def notice_attestation_to_proto(attestation: NoticeAttestation) -> pb.NoticeAttestation:
    """Attestation of the prior notice to its message."""
    return pb.NoticeAttestation(
        authority=attestation.authority,
        document=attestation.document,
        scope=attestation.scope,
        decided_from=attestation.decided_from,
        decided_to=attestation.decided_to,
    )


def notice_attestation_from_proto(message: pb.NoticeAttestation) -> NoticeAttestation:
    """Attestation of the prior notice from its message."""
    return NoticeAttestation(
        authority=message.authority,
        document=message.document,
        scope=message.scope,
        decided_from=Date(message.decided_from),
        decided_to=Date(message.decided_to),
    )


def record_key_to_proto(key: RecordKey) -> pb.RecordKey:
    """Record key to its message; the document number stands as written."""
    return pb.RecordKey(
        scheme=key.scheme,
        code=key.code,
        list_type=key.list_type,
        authority=key.authority,
        document=key.document,
    )


def record_key_from_proto(message: pb.RecordKey) -> RecordKey:
    """Record key from its message."""
    return RecordKey(
        scheme=message.scheme,
        code=message.code,
        list_type=message.list_type,
        authority=message.authority,
        document=message.document,
    )
