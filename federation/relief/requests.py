"""What a member does about requests 转办 (SPEC §6.7): its first answer, its grants, its deadlines.

    RQ1  whoever cannot be the answerer says so: declined `request.not-ours` where the listing is
         not held under the leaf hash and the record that the request names
    RQ2  of a listing that has ended the request is closed at once: done by the relief, or declined
         `request.decided-before` where none is held (it expired)
    RQ3  what waits by J5 is not answered by itself; a person may take it up
    RQ4  else it is received; with an objection one is opened (ANNOTATION 1) where none is open:
         a mark, by which nothing is punished less
    RQ5  a grant is a REPAIR, WITHDRAWAL or CORRECTION in force, or an ANNOTATION that masks or
         pauses, about the listing and naming the request; `done` names it
    RQ6  the objection ends with the last open request for it
    RQ7  whether it is accepted, and the result, are due by the editions' rows from the day on
         which it was handed in, or, where that is later, from the day on which others vouched for
         the request: what its forwarder kept back makes nobody else late. Where nobody has, and
         of a row that is not known, nothing is ever on time, or late
    RQ8  a closed request is kept until the rows `keep-request` have ended, counted from the day on
         which it was closed; without a row it is kept
    RQ9  who forwarded it calls the answerer late only where the answerer's own log, as its head key
         vouches after the last day, is without the answer

All of it is a function of what is held; nothing here depends on the order in which it came.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from federation.case_payloads import RequestType
from federation.ids import Date, Timestamp
from federation.payload_parts import Reference
from federation.reconcile.catalog import Catalog
from federation.reconcile.deadlines import Due, day_of, due
from federation.reconcile.obligations import Obligation
from federation.requests import OPEN_STATES, RequestState
from federation.statements import AnnotationAction, Kind, RequestAction
from federation.working_days import WorkingDays

NOT_OURS: Final = "request.not-ours"
DECIDED_BEFORE: Final = "request.decided-before"
REASONS: Final = (
    NOT_OURS,
    DECIDED_BEFORE,
    "request.no-ground",
    "request.not-authorised",
    "request.papers-missing",
    "request.too-early",
)
"""Why a request may be declined; codes of the registry."""


class Verdict(StrEnum):
    """What may be said of a request."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class How(StrEnum):
    """By what a request is granted."""

    REPAIR = "repair"
    WITHDRAWAL = "withdrawal"
    MASKING = "masking"
    PAUSE = "pause"


_GRANTS: Final = frozenset({Kind.REPAIR, Kind.WITHDRAWAL, Kind.CORRECTION})
_GRANTING_NOTES: Final = frozenset({AnnotationAction.MASKING_BEGUN, AnnotationAction.PAUSED})
_ACCEPTED: Final = frozenset({RequestState.FORWARDED, RequestState.RECEIVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An open request, as its answerer sees it."""

    type: RequestType
    state: RequestState
    found: bool
    """Whether a listing of the answerer is held under the leaf hash and record named."""
    ended: bool
    """Whether that listing has ended."""
    relief: Reference | None
    """What ended it, where it is held."""
    marked: bool
    """Whether an objection to it is open already."""
    grant: Reference | None
    """The statement of ours that names and grants it (RQ5)."""
    waits: bool
    """J5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What is said of a request by itself."""

    action: RequestAction
    reason: str = ""
    result: Reference | None = None
    mark: bool = False
    """Whether an objection is opened with it."""


def next_answer(asked: Asked) -> Next | None:
    """Say what is answered by itself (RQ1-RQ5); None where a person has to."""
    if asked.state not in OPEN_STATES:
        return None
    if asked.grant is not None:
        return Next(action=RequestAction.DONE, result=asked.grant)
    if not asked.found:
        return Next(action=RequestAction.DECLINED, reason=NOT_OURS)
    if asked.ended and asked.relief is not None:
        return Next(action=RequestAction.DONE, result=asked.relief)
    if asked.ended:
        return Next(action=RequestAction.DECLINED, reason=DECIDED_BEFORE)
    if asked.waits or asked.state is not RequestState.FORWARDED:
        return None
    mark = asked.type is RequestType.OBJECTION and not asked.marked
    return Next(action=RequestAction.RECEIVED, mark=mark)


def grants(kind: int, action: int) -> bool:
    """Whether a statement that names a request grants it (RQ5)."""
    return kind in _GRANTS or (kind == Kind.ANNOTATION and action in _GRANTING_NOTES)


def unmarks(closed: RequestType, others: Iterable[tuple[RequestType, RequestState]]) -> bool:
    """Whether an open objection ends with this request (RQ6).

    Args:
        closed: what is closed now.
        others: the other requests about the same listing.
    """
    return closed is RequestType.OBJECTION and not any(
        kind is RequestType.OBJECTION and state in OPEN_STATES for kind, state in others
    )


class Stage(StrEnum):
    """What is due."""

    ACCEPT = "accept"
    RESULT = "result"


_OBLIGATIONS: Final = {Stage.ACCEPT: Obligation.ACCEPT, Stage.RESULT: Obligation.RESULT}


def due_of(begins: Date | None, catalog: Catalog, days: WorkingDays) -> dict[Stage, Due | None]:
    """Until when each stage is due; None where it is not known (RQ7).

    Args:
        begins: the day from which it is counted; None: not proved.
        catalog: the editions adopted.
        days: the tables that there are.
    """
    return {
        stage: None if begins is None else due(obligation, begins, catalog, days)
        for stage, obligation in _OBLIGATIONS.items()
    }


def begins_on(received_on: Date, vouched_at: Timestamp | None) -> Date | None:
    """The day from which the answerer's terms are counted; None where it is not proved (RQ7).

    Args:
        received_on: the day on which it was handed in, as its forwarder says.
        vouched_at: when a node other than the forwarder's first vouched for the request.
    """
    return None if vouched_at is None else max(received_on, day_of(vouched_at))


def overdue(
    state: RequestState, known: dict[Stage, Due | None], heard_until: Timestamp
) -> tuple[Stage, ...]:
    """The stages that are late (RQ7, RQ9).

    Args:
        state: as it is held here.
        known: until when each is due.
        heard_until: up to when the answerer's log is known; our own up to now.
    """
    open_stages = {
        Stage.ACCEPT: state in _ACCEPTED,
        Stage.RESULT: state in OPEN_STATES,
    }
    return tuple(
        stage
        for stage, by in known.items()
        if open_stages[stage] and by is not None and heard_until >= by.ends_at
    )


def is_over(closed_on: Date, today: Date, catalog: Catalog, days: WorkingDays) -> bool:
    """Whether a request that was closed on a day is kept no longer (RQ8)."""
    until = due(Obligation.KEEP_REQUEST, closed_on, catalog, days)
    return until is not None and today > until.last
