"""Fields of a record as people read them, out of what its payload says."""

from __future__ import annotations

import json

from federation.ids import StatementId
from federation.payloads import (
    Annotation,
    Listed,
    Payload,
    Relief,
    Scenario,
    Subject,
    SubjectKind,
)
from federation.reconcile.views import Completion
from federation.rows import StatementRow
from node.codec import payload_to_json
from node.records.merged_copies import Merged


def completions_of(merged: Merged | None) -> tuple[Completion, ...]:
    """What other copies of a record say that it does not say itself."""
    if merged is None:
        return ()
    said = payload_to_json(merged.record)
    return tuple(
        Completion(
            field=field,
            value_json=json.dumps(said[field], ensure_ascii=False),
            origin=origin,
            statement_id=StatementId(row.statement_id),
        )
        for field, (origin, row) in merged.taken.items()
    )


def subject_of(payload: Payload | None, content: Listed | None) -> Subject | None:
    """The subject of a payload."""
    if content is not None:
        return content.subject
    if isinstance(payload, Relief) and payload.record is not None:
        return Subject(
            scheme=payload.record.scheme,
            code=payload.record.code,
            name=payload.subject_name,
            kind=SubjectKind.UNSPECIFIED,
        )
    return None


def document_of(payload: Payload | None, content: Listed | None) -> str:
    """The document number, or the title of a scenario."""
    if content is not None:
        return content.document
    if isinstance(payload, (Relief, Annotation)):
        return payload.document
    if isinstance(payload, Scenario):
        return payload.title
    return ""


def until_of(payload: Payload | None, row: StatementRow) -> int:
    """Last day on which it is shown; 0 without end."""
    match payload:
        case Scenario():
            return payload.valid_until
        case _:
            return row.until
