"""Questions about subjects as values and as bytes (SPEC.md §9.9); answers are text.

The bytes of a question are made once and kept as they are: an answer names their digest.
"""

from __future__ import annotations

from typing import Final

import protovalidate
from google.protobuf.message import DecodeError
from huxin.v1 import attestation_pb2 as pb
from huxin.v1 import payload_pb2

from federation.errors import StatementError
from federation.ids import CharterId, LeafHash, Origin
from federation.payloads import Reference
from federation.reconcile.attestation import Item, LeafDisclosure, Question

MAX_QUESTION: Final = 3 * 1024 * 1024
"""Bytes of a question, as in exchange.proto."""


def question_to_bytes(question: Question) -> bytes:
    """Write a question."""
    return pb.SubjectQuestion(
        question_id=question.question_id,
        charter=question.charter,
        items=[_item_to_proto(item) for item in question.items],
    ).SerializeToString()


def question_from_bytes(data: bytes) -> Question:
    """Read a question; unknown fields are a newer asker's.

    Raises:
        StatementError: `request.invalid`; the message names the field and the rule.
    """
    if len(data) > MAX_QUESTION:
        message = f"question: expected at most {MAX_QUESTION} bytes, got {len(data)}"
        raise StatementError("request.invalid", message)
    try:
        read = pb.SubjectQuestion.FromString(data)
    except DecodeError as error:
        raise StatementError("request.invalid", "question: expected its message") from error
    for violation in protovalidate.collect_violations(read, fail_fast=True):
        proto = violation.proto
        path = [e.field_name for e in proto.field.elements] if proto.field else []
        text = f"{'.'.join(path) or 'question'}: {proto.message} ({proto.rule_id})"
        raise StatementError("request.invalid", text)
    return Question(
        question_id=read.question_id,
        charter=CharterId(read.charter),
        items=tuple(map(_item_from_proto, read.items)),
    )


def _item_to_proto(item: Item) -> pb.SubjectItem:
    leaf = payload_pb2.Reference(
        origin=item.leaf.origin, index=item.leaf.index, leaf_hash=item.leaf.leaf_hash
    )
    if item.disclosure is None:
        return pb.SubjectItem(leaf=leaf)
    disclosure = pb.LeafDisclosure(
        leaf=item.disclosure.leaf,
        salt=item.disclosure.salt,
        payload=item.disclosure.payload,
        proof=item.disclosure.proof,
    )
    return pb.SubjectItem(leaf=leaf, disclosure=disclosure)


def _item_from_proto(message: pb.SubjectItem) -> Item:
    leaf = message.leaf
    disclosure = None
    if message.HasField("disclosure"):
        disclosure = LeafDisclosure(
            leaf=message.disclosure.leaf,
            salt=message.disclosure.salt,
            payload=message.disclosure.payload,
            proof=message.disclosure.proof,
        )
    return Item(
        leaf=Reference(
            origin=Origin(leaf.origin), index=leaf.index, leaf_hash=LeafHash(leaf.leaf_hash)
        ),
        disclosure=disclosure,
    )
