"""An answer as JSON: what a department is told, for every way by which it asks.

Days are YYYYMMDD in China, times seconds UTC; texts of codes are Chinese.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from federation.ids import Date
from federation.reconcile.matters import Applicable
from federation.reconcile.named_subject import Reason
from federation.screening.checks import Answer, Match, Note, Reference
from node.records.coverage import coverage_to_json
from node.texts.codes import chinese

Place = tuple[str, int]
"""Origin and index of a listing."""


def answer_to_json(
    answer: Answer,
    *,
    matter: str,
    normalised: Sequence[str],
    due_on: Mapping[Place, Date],
    superseded: Sequence[Place],
    promise: Mapping[str, Any],
) -> dict[str, Any]:
    """Write an answer.

    Args:
        answer: as it was judged, with the number under which it is kept.
        matter: its code.
        normalised: what was changed in the question.
        due_on: until when the outcome of each match is due.
        superseded: what was answered under this number before and does not hold any more.
        promise: of the query log.
    """
    return {
        "number": answer.number,
        "at": answer.at,
        "result": answer.result.value,
        "complete": answer.complete,
        "matter": matter,
        "coverage": [coverage_to_json(log) for log in answer.coverage],
        "matches": [_match(match, due_on) for match in answer.matches],
        "notes": [_note(note) for note in answer.notes],
        "codes": [_reason(reason) for reason in answer.reasons],
        "superseded": [{"origin": origin, "index": index} for origin, index in superseded],
        "normalised": list(normalised),
        "promise": dict(promise),
    }


def measures_to_json(measures: Sequence[Applicable]) -> list[dict[str, Any]]:
    """Write the measures of a match."""
    return [
        {
            "code": one.measure.code,
            "name": one.measure.name,
            "class": one.cls.value,
            "rule": one.rule,
            "basis": one.basis,
            "article": one.article,
            "manner": one.manner,
        }
        for one in measures
    ]


def place_of(reference: Reference) -> Place:
    """Where a record stands."""
    return reference.origin, reference.index


def _match(match: Match, due_on: Mapping[Place, Date]) -> dict[str, Any]:
    return {
        **_reference(match.reference),
        "regions": list(match.regions),
        "annotations": list(match.annotations),
        "measures": measures_to_json(match.measures),
        "rule": match.rule,
        "no_measure": match.no_measure,
        "message": chinese(match.no_measure),
        "due_on": due_on.get(place_of(match.reference), 0),
    }


def _note(note: Note) -> dict[str, Any]:
    return {"kind": note.kind, **_reference(note.reference), "region": note.region}


def _reference(reference: Reference) -> dict[str, Any]:
    return {
        "origin": reference.origin,
        "index": reference.index,
        "statement_id": reference.statement_id.hex(),
        "list_type": reference.list_type,
        "list_name": reference.list_name,
        "authority": reference.authority,
        "authority_name": reference.authority_name,
        "document": reference.document,
        "decided_on": reference.decided_on,
        "until": reference.until,
        "proof": reference.leaf_hash.hex(),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, "message": chinese(reason.code), "said": list(reason.said)}
