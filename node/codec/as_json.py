"""Payloads and records as the JSON documents that `huxin records` and export write.

Bytes are hexadecimal, codes are their English names, dates whole numbers YYYYMMDD, times whole
seconds; empty text and 0 mean "not stated", null "none" or "erased".
"""

from __future__ import annotations

import dataclasses
import json
from enum import IntEnum
from typing import Any, Final

from huxin.v1 import payload_pb2 as pb

from federation.ids import NO_STATEMENT
from federation.names import (
    ANNOTATION_GROUNDS,
    ERASURE_GROUNDS,
    EXIT_KINDS,
    KINDS,
    OUTCOME_RESULTS,
    PENALTY_GRADES,
    PENALTY_PROCEDURES,
    RELIEF_GROUNDS,
    RELISTING_GROUNDS,
    REQUEST_TYPES,
    SUBJECT_KINDS,
    TERM_QUALITIES,
    TIERS,
    Names,
    action_name,
)
from federation.payloads import (
    AnnotationGround,
    ErasureGround,
    ExitKind,
    OutcomeResult,
    Payload,
    PenaltyGrade,
    PenaltyProcedure,
    ReceiptBatch,
    ReliefGround,
    RelistingGround,
    RequestType,
    SubjectKind,
    TermQuality,
    Tier,
)
from federation.reconcile.views import RecordView

Json = dict[str, Any]

_NAMES: Final[dict[type[IntEnum], Names]] = {
    SubjectKind: SUBJECT_KINDS,
    Tier: TIERS,
    RelistingGround: RELISTING_GROUNDS,
    ErasureGround: ERASURE_GROUNDS,
    RequestType: REQUEST_TYPES,
    TermQuality: TERM_QUALITIES,
    ExitKind: EXIT_KINDS,
    AnnotationGround: ANNOTATION_GROUNDS,
    ReliefGround: RELIEF_GROUNDS,
    OutcomeResult: OUTCOME_RESULTS,
    PenaltyGrade: PENALTY_GRADES,
    PenaltyProcedure: PENALTY_PROCEDURES,
}
_OUTCOMES: Final[dict[int, str]] = {
    number: name.removeprefix("RECEIPT_OUTCOME_").lower().replace("_", "-")
    for name, number in pb.ReceiptOutcome.items()
}


def payload_to_json(payload: Payload) -> Json:
    """Return a payload as a JSON document with the field names of `federation.payloads`."""
    return _part_to_json(payload)


def _part_to_json(part: Any) -> Json:  # noqa: ANN401 - any payload, or part of one
    document = {
        field.name: _value_to_json(getattr(part, field.name)) for field in dataclasses.fields(part)
    }
    if isinstance(part, ReceiptBatch):
        document["outcome"] = _OUTCOMES[part.outcome]
    return document


def _value_to_json(value: object) -> object:
    if isinstance(value, IntEnum):
        return _NAMES[type(value)].name(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_value_to_json(item) for item in value]
    if dataclasses.is_dataclass(value):
        return _part_to_json(value)
    return value


def record_to_json(view: RecordView) -> Json:
    """Return a record with the fields of `huxin records list -o json`.

    `payload` is there only where the view has one.
    """
    document: Json = {
        "statement_id": view.statement_id.hex(),
        "kind": KINDS.name(view.kind),
        "action": action_name(view.kind, view.action),
        "about": None if view.about == NO_STATEMENT else view.about.hex(),
        "origin": view.origin,
        "index": view.index,
        "list_type": view.list_type,
        "subject": None if view.subject is None else _part_to_json(view.subject),
        "authority": view.authority,
        "authority_name": view.authority_name,
        "document": view.document,
        "decided_on": view.decided_on,
        "publish_until": view.publish_until,
        "state": view.state,
        "annotations": list(view.annotations),
        "rule": view.rule,
        "issued_at": view.issued_at,
    }
    if view.payload_json:
        document["payload"] = json.loads(view.payload_json)
    if view.repair_possible:
        document["repair_possible"] = list(view.repair_possible)
    if view.completed:
        document["completed"] = {
            one.field: {
                "value": json.loads(one.value_json),
                "origin": one.origin,
                "statement_id": one.statement_id.hex(),
            }
            for one in view.completed
        }
    if view.first_cosigned is not None:
        document["first_cosigned"] = {
            "size": view.first_cosigned.size,
            "time": view.first_cosigned.time,
        }
    if view.city:
        document["city"] = view.city
    if view.meaning:
        document["meaning"] = view.meaning
    if view.told_by:
        document["told_by"] = [
            {
                "origin": one.origin,
                "city": one.city,
                "outcome": _OUTCOMES.get(one.outcome, str(one.outcome))
                if one.outcome
                else "silent",
                "reason": one.reason,
                "time": one.at,
            }
            for one in view.told_by
        ]
    if (ending := view.ended_by) is not None:
        document["ended_by"] = {
            "statement_id": ending.statement_id.hex(),
            "kind": KINDS.name(ending.kind),
            "origin": ending.origin,
            "city": ending.city,
            "authority": ending.authority,
            "document": ending.document,
            "decided_on": ending.decided_on,
            "issued_at": ending.issued_at,
        }
    return document
