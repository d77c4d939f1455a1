"""Documents of `huxin repairs`: JSON, in which a time is seconds UTC and a day YYYYMMDD.

What was done and when is not proved has a `by` of null; what was not done is null itself.
"""

from __future__ import annotations

from typing import Any, Final

from federation.ids import StatementId
from federation.relief.progress import MemberProgress, Said, Verdict
from federation.statements import AnnotationAction, Kind
from node.relief.repairs import Followed
from node.system.tracing import trace_of

_ACTIONS: Final = {
    AnnotationAction.MASKING_BEGUN: "masking",
    AnnotationAction.PAUSED: "pause",
}


def summary(one: Followed) -> dict[str, Any]:
    """A relief as a line of the list."""
    found = one.progress
    due = found.due
    return {
        "statement_id": one.row.statement_id.hex(),
        "origin": one.origin,
        "index": one.row.idx,
        "city": one.city,
        "kind": kind_of(one.row.kind, one.row.action),
        "about": one.row.about.hex() if one.row.about is not None else "",
        "list_type": one.row.list_type or (one.about.list_type if one.about is not None else ""),
        "subject_name": one.subject_name,
        "document": one.document,
        "decided_on": one.row.decided_on,
        "published_by": found.published.by,
        "due": None if due is None else due.last,
        "due_unknown": one.unknown,
        "members": len(found.members),
        "received": sum(member.received is not None for member in found.members),
        "applied": sum(member.applied is not None for member in found.members),
        "executed": sum(member.executed is not None for member in found.members),
        "departments": len(one.departments),
        "departments_late": sum(bool(each["overdue"]) for each in one.departments),
        "outstanding": [member.city or member.member for member in found.outstanding],
        "late": [
            *([one.city or one.origin] if found.spoken is Verdict.LATE else []),
            *(member.city or member.member for member in found.members if member.late),
        ],
    }


def whole(one: Followed) -> dict[str, Any]:
    """A relief with its deadline and every member."""
    due = one.progress.due
    return summary(one) | {
        "obligation": "" if one.obligation is None else one.obligation.value,
        "deadline": None
        if due is None
        else {
            "last": due.last,
            "ends_at": due.ends_at,
            "edition": due.edition,
            "basis": due.by.basis,
        },
        "spoken": one.progress.spoken.value,
        "said_in_time": one.progress.said_in_time,
        "audience_known": one.audience_known,
        "over": one.over,
        "trace": "" if one.row.about is None else trace_of(StatementId(one.row.about)).hex(),
        "by_department": list(one.departments),
        "by_member": [_member(member) for member in one.progress.members],
    }


def kind_of(kind: int, action: int) -> str:
    """The sort of a relief: `repair`, `withdrawal`, `masking`, `pause`."""
    if kind == Kind.ANNOTATION:
        return _ACTIONS[AnnotationAction(action)]
    return Kind(kind).name.lower()


def _member(one: MemberProgress) -> dict[str, Any]:
    return {
        "member": one.member,
        "city": one.city,
        "region": one.region,
        "received": _said(one.received),
        "applied": _said(one.applied),
        "lifted": _said(one.lifted),
        "lifts": one.lifts,
        "executed": _said(one.executed),
        "verdict": one.verdict.value,
        "pushed": None if one.pushed is None else one.pushed.value,
    }


def _said(said: Said | None) -> dict[str, Any] | None:
    return None if said is None else {"by": said.by}
