"""Frames of a `Follow` stream as values and as messages (SPEC.md §9).

Requests and responses have the same frames, because the stream is symmetric. What this reader
does not know is a newer peer's: an unset or unknown frame is None and is ignored, an unknown state
of an opening is a pending one. Sealed openings count as pending: this node uses no audience keys
(`node.codec.sealing` has their form).

A batch is the hot path: one message for a thousand leaves, no object of ours but the values.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from huxin.v1 import exchange_pb2 as pb

from federation.errors import ReplicationError
from federation.ids import Origin
from federation.peers.frames import (
    MAX_CURSORS,
    AttestAnswer,
    AttestQuestion,
    CharterFrame,
    Cursor,
    ForkFrame,
    Frame,
    HeadFrame,
    LateOpening,
    Refusal,
    Subscribe,
)
from federation.peers.openings import PENDING, DeliveredOpening
from federation.peers.replication import MAX_BATCH_LEAVES, MAX_PATH, DeliveredBatch
from federation.peers.sealing import KeyCopy
from federation.rows import OpeningStatus
from node.codec.sealing import key_copy_from_proto, key_copy_to_proto

MAX_ORIGIN: Final = 200
"""Characters of an origin, as in exchange.proto."""
MAX_INDEX: Final = 2**63 - 1

_PRESENT: Final = int(OpeningStatus.PRESENT)
_ERASED: Final = int(OpeningStatus.ERASED)
_STATES: Final = {int(status): int(status) for status in OpeningStatus}

_Message: TypeAlias = pb.FollowRequest | pb.FollowResponse


def frame_to_request(frame: Frame) -> pb.FollowRequest:
    """Frame to the message of the side that dialled."""
    message = pb.FollowRequest()
    _write(message, frame)
    return message


def frame_to_response(frame: Frame) -> pb.FollowResponse:
    """Frame to the message of the side that was dialled."""
    message = pb.FollowResponse()
    _write(message, frame)
    return message


def frame_from_request(message: pb.FollowRequest) -> Frame | None:
    """Frame from the dialler's message; None where it is a newer peer's.

    Raises:
        ReplicationError: `frame.invalid`, beyond the bounds in exchange.proto.
    """
    return _read(message)


def frame_from_response(message: pb.FollowResponse) -> Frame | None:
    """Frame from the answering side's message; None where it is a newer peer's.

    Raises:
        ReplicationError: `frame.invalid`, beyond the bounds in exchange.proto.
    """
    return _read(message)


def opening_to_proto(opening: DeliveredOpening) -> pb.Opening:
    """Opening to its message, in the clear form."""
    return pb.Opening(
        state=pb.OpeningState.ValueType(opening.status),
        salt=opening.salt,
        payload=opening.payload,
        erased_by=opening.erased_by,
    )


def opening_from_proto(message: pb.Opening) -> DeliveredOpening:
    """Opening from its message; salt and payload only where it is present."""
    state = message.state
    if state == _PRESENT:
        salt = message.salt
        if not salt and message.HasField("sealed"):
            return PENDING
        return DeliveredOpening(state, salt, message.payload)
    if state == _ERASED:
        return DeliveredOpening(state, erased_by=message.erased_by)
    return DeliveredOpening(_STATES.get(state, int(OpeningStatus.PENDING)))


def _write(message: _Message, frame: Frame) -> None:
    match frame:
        case DeliveredBatch():
            _write_batch(message.batch, frame)
        case HeadFrame():
            message.head.origin = frame.origin
            message.head.checkpoint = frame.checkpoint
        case Subscribe():
            message.subscribe.SetInParent()
            for cursor in frame.cursors:
                message.subscribe.cursors.add(origin=cursor.origin, size=cursor.size)
        case LateOpening():
            message.late_opening.origin = frame.origin
            message.late_opening.index = frame.index
            message.late_opening.opening.CopyFrom(opening_to_proto(frame.opening))
        case ForkFrame():
            message.fork.file = frame.file
        case CharterFrame():
            message.charter.envelope = frame.envelope
        case Refusal():
            message.refusal.origin = frame.origin
            message.refusal.reason = frame.reason
            message.refusal.message = frame.message
        case KeyCopy() | AttestQuestion() | AttestAnswer():
            _write_beside(message, frame)


def _write_beside(message: _Message, frame: KeyCopy | AttestQuestion | AttestAnswer) -> None:
    """Write what has nothing to do with following a log."""
    match frame:
        case KeyCopy():
            message.key_copy.CopyFrom(key_copy_to_proto(frame))
        case AttestQuestion():
            message.attest_question.question = frame.question
        case AttestAnswer():
            message.attest_answer.attestation = frame.attestation


def _write_batch(message: pb.Batch, batch: DeliveredBatch) -> None:
    message.origin = batch.origin
    message.first_index = batch.first_index
    message.leaves.extend(batch.leaves)
    message.checkpoint = batch.checkpoint
    message.path.extend(batch.path)
    add = message.openings.add
    for status, salt, payload, erased_by in batch.openings:
        state = pb.OpeningState.ValueType(status)
        if salt:
            add(state=state, salt=salt, payload=payload)
        else:
            add(state=state, erased_by=erased_by)


def _read(message: _Message) -> Frame | None:
    match message.WhichOneof("frame"):
        case "batch":
            return _read_batch(message.batch)
        case "head":
            head = message.head
            return HeadFrame(origin=Origin(head.origin), checkpoint=head.checkpoint)
        case "subscribe":
            return _read_subscribe(message.subscribe)
        case "late_opening":
            late = message.late_opening
            return LateOpening(
                origin=Origin(late.origin),
                index=late.index,
                opening=opening_from_proto(late.opening),
            )
        case "fork":
            return ForkFrame(file=message.fork.file)
        case "charter":
            return CharterFrame(envelope=message.charter.envelope)
        case "refusal":
            refusal = message.refusal
            return Refusal(
                origin=Origin(refusal.origin), reason=refusal.reason, message=refusal.message
            )
        case "key_copy" | "attest_question" | "attest_answer":
            return _read_beside(message)
        case None:
            return None


def _read_beside(message: _Message) -> KeyCopy | AttestQuestion | AttestAnswer:
    if message.HasField("key_copy"):
        return key_copy_from_proto(message.key_copy)
    if message.HasField("attest_question"):
        return AttestQuestion(question=message.attest_question.question)
    return AttestAnswer(attestation=message.attest_answer.attestation)


def _read_batch(message: pb.Batch) -> DeliveredBatch:
    # Empty leaves and openings take two bytes each on the wire, and many times that here.
    if max(len(message.leaves), len(message.openings)) > MAX_BATCH_LEAVES:
        text = (
            f"batch: expected at most {MAX_BATCH_LEAVES} leaves with one opening each, got "
            f"{len(message.leaves)} leaves and {len(message.openings)} openings"
        )
        raise ReplicationError("batch.bounds", text)
    if len(message.path) > MAX_PATH:
        text = f"batch: expected at most {MAX_PATH} hashes, got {len(message.path)}"
        raise ReplicationError("batch.bounds", text)
    read = opening_from_proto
    return DeliveredBatch(
        origin=Origin(message.origin),
        first_index=message.first_index,
        leaves=tuple(message.leaves),
        openings=tuple([read(opening) for opening in message.openings]),
        checkpoint=message.checkpoint,
        path=tuple(message.path),
    )


def _read_subscribe(message: pb.Subscribe) -> Subscribe:
    cursors = message.cursors
    if len(cursors) > MAX_CURSORS:
        text = f"subscribe: expected at most {MAX_CURSORS} logs, got {len(cursors)}"
        raise ReplicationError("frame.invalid", text)
    for cursor in cursors:
        if not 0 < len(cursor.origin) <= MAX_ORIGIN or cursor.size > MAX_INDEX:
            text = (
                f"subscribe: expected an origin of 1-{MAX_ORIGIN} characters and a size of at "
                f"most {MAX_INDEX}, got {len(cursor.origin)} characters and {cursor.size}"
            )
            raise ReplicationError("frame.invalid", text)
    return Subscribe(cursors=tuple(Cursor(origin=Origin(c.origin), size=c.size) for c in cursors))
