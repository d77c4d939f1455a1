"""A watch and its pages as JSON: what who watches is told, for every way by which it is read.

Days are YYYYMMDD in China, times seconds UTC; texts of codes are Chinese. An event has no number
and no last day: who acts on it asks first, and what is then answered has both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.sql.watches import StoredWatch
from federation.ids import Date
from federation.screening.watches import Change, Unwatched
from node.records.coverage import coverage_to_json
from node.screening.answers import answer_to_json
from node.screening.watch_judging import Terms
from node.screening.watch_reading import Page, Told
from node.texts.codes import chinese


def state_of(watch: StoredWatch, today: Date) -> str:
    """How a watch stands on a day: `open`, `closed`, or `over` after its last day."""
    if watch.ended_at:
        return "closed"
    return "open" if today <= watch.until else "over"


def watch_to_json(watch: StoredWatch, terms: Terms | None, today: Date) -> dict[str, Any]:
    """Write a watch; `terms` are gone once it has ended and is erased."""
    return {
        "watch": watch.number,
        "state": state_of(watch, today),
        "matter": watch.matter,
        "case_no": "" if terms is None else terms.case_no,
        "purpose": "" if terms is None else terms.purpose,
        "until": watch.until,
        "opened_at": watch.opened_at,
        "closed_at": watch.ended_at,
        "rows": watch.rows,
        "subjects": watch.subjects,
    }


def refused_to_json(refused: Sequence[Unwatched]) -> list[dict[str, Any]]:
    """Write the rows that are not watched."""
    return [{"row": one.row, "code": one.code, "message": chinese(one.code)} for one in refused]


def page_to_json(watch: StoredWatch, page: Page, position: str) -> dict[str, Any]:
    """Write a page, with the position from which the next one is read."""
    coverage = [coverage_to_json(log) for log in page.moment.coverage]
    return {
        "watch": watch.number,
        "at": page.moment.at,
        "until": watch.until,
        "complete": all(log["state"] == "ok" for log in coverage),
        "coverage": coverage,
        "logs": [_change(one) for one in page.logs],
        "events": [_event(watch, one) for one in page.events],
        "position": position,
        "more": page.more,
        "pending": page.pending,
        "promises": [one.to_json() for one in page.promises],
    }


def _event(watch: StoredWatch, told: Told) -> dict[str, Any]:
    subject = told.judged.subject
    answer = answer_to_json(
        told.judged.answer,
        matter=watch.matter,
        normalised=(),
        due_on={},
        superseded=(),
        promise={},
    )
    matches = [{k: v for k, v in one.items() if k != "due_on"} for one in answer["matches"]]
    return {
        "row": subject.row,
        "code": subject.code,
        "name": subject.name,
        "changed": [_change(one) for one in told.changes],
        "result": answer["result"],
        "matches": matches,
        "notes": answer["notes"],
        "codes": answer["codes"],
    }


def _change(one: Change) -> dict[str, Any]:
    return {"code": one.code, "message": chinese(one.code), "said": one.said}
