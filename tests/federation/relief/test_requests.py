"""What a member does about requests (RQ1-RQ8), apart from any log."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.case_payloads import RequestType
from federation.ids import Date, LeafHash, Origin, Timestamp
from federation.payload_parts import Reference
from federation.reconcile.deadlines import Due, end_of
from federation.reconcile.obligations import Deadline, Obligation, Unit
from federation.reconcile.sources import Certainty
from federation.relief.requests import (
    DECIDED_BEFORE,
    NOT_OURS,
    Asked,
    Next,
    Stage,
    begins_on,
    due_of,
    grants,
    next_answer,
    overdue,
    unmarks,
)
from federation.requests import OPEN_STATES, Came, RequestState, waiting
from federation.statements import AnnotationAction, Kind, RequestAction
from tests.federation.test_working_days import DAYS
from tests.support.catalogs import catalog_of

LEAF = Reference(origin=Origin("a.example/1"), index=3, leaf_hash=LeafHash(bytes(32)))
ASKED = Asked(
    type=RequestType.OBJECTION,
    state=RequestState.FORWARDED,
    found=True,
    ended=False,
    relief=None,
    marked=False,
    grant=None,
    waits=False,
)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (ASKED, Next(action=RequestAction.RECEIVED, mark=True)),
        (replace(ASKED, marked=True), Next(action=RequestAction.RECEIVED)),
        (
            replace(ASKED, type=RequestType.REPAIR_APPLICATION),
            Next(action=RequestAction.RECEIVED),
        ),
        (replace(ASKED, waits=True), None),
        (replace(ASKED, state=RequestState.RECEIVED), None),
        (replace(ASKED, found=False), Next(action=RequestAction.DECLINED, reason=NOT_OURS)),
        (replace(ASKED, ended=True), Next(action=RequestAction.DECLINED, reason=DECIDED_BEFORE)),
        (
            replace(ASKED, ended=True, relief=LEAF, waits=True),
            Next(action=RequestAction.DONE, result=LEAF),
        ),
        (
            replace(ASKED, grant=LEAF, state=RequestState.ACCEPTED),
            Next(action=RequestAction.DONE, result=LEAF),
        ),
        (replace(ASKED, grant=LEAF, state=RequestState.DONE), None),
    ],
)
def test_rq1_to_rq5_what_is_answered_by_itself(asked: Asked, said: Next | None) -> None:
    assert next_answer(asked) == said


def test_rq5_what_grants() -> None:
    granting = {(k, a) for k in Kind for a in range(7) if grants(k, a)}
    assert {kind for kind, _ in granting} == {
        Kind.REPAIR,
        Kind.WITHDRAWAL,
        Kind.CORRECTION,
        Kind.ANNOTATION,
    }
    notes = {action for kind, action in granting if kind == Kind.ANNOTATION}
    assert notes == {AnnotationAction.MASKING_BEGUN, AnnotationAction.PAUSED}


REQUESTS = st.lists(st.tuples(st.sampled_from(RequestType), st.sampled_from(RequestState)))


@given(REQUESTS, st.randoms(use_true_random=False))
def test_rq6_only_an_open_objection_keeps_it_in_any_order(
    others: list[tuple[RequestType, RequestState]], random: object
) -> None:
    kept = any(k is RequestType.OBJECTION and s in OPEN_STATES for k, s in others)
    shuffled = list(others)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert unmarks(RequestType.OBJECTION, shuffled) is not kept
    assert not unmarks(RequestType.REPAIR_APPLICATION, shuffled)


def by(last: int) -> Due:
    row = Deadline(
        obligation=Obligation.ACCEPT,
        days=3,
        unit=Unit.DAYS,
        basis="",
        certainty=next(iter(Certainty)),
        valid_from=Date(20150101),
        valid_until=Date(99991231),
        source="",
    )
    return Due(last=Date(last), by=row, edition="one")


@pytest.mark.parametrize(
    ("state", "late"),
    [
        (RequestState.FORWARDED, (Stage.ACCEPT, Stage.RESULT)),
        (RequestState.RECEIVED, (Stage.ACCEPT, Stage.RESULT)),
        (RequestState.ACCEPTED, (Stage.RESULT,)),
        (RequestState.DONE, ()),
        (RequestState.DECLINED, ()),
        (RequestState.WITHDRAWN, ()),
    ],
)
def test_rq7_what_is_late_and_never_on_the_last_day(
    state: RequestState, late: tuple[Stage, ...]
) -> None:
    known: dict[Stage, Due | None] = {Stage.ACCEPT: by(20261123), Stage.RESULT: by(20261123)}
    assert overdue(state, known, Timestamp(end_of(Date(20261123)) - 1)) == ()
    assert overdue(state, known, end_of(Date(20261123))) == late
    unknown: dict[Stage, Due | None] = {Stage.ACCEPT: None, Stage.RESULT: None}
    assert overdue(state, unknown, end_of(Date(99991230))) == ()


def test_rq7_the_answerers_days_begin_when_others_vouched_for_the_request() -> None:
    handed_in, at = Date(20261102), Timestamp(end_of(Date(20261123)) - 1)
    assert begins_on(handed_in, at) == Date(20261123)
    assert begins_on(Date(20261124), at) == Date(20261124)
    assert begins_on(handed_in, None) is None
    assert due_of(None, catalog_of(), DAYS) == {Stage.ACCEPT: None, Stage.RESULT: None}


def test_j5_a_charter_may_say_another_number() -> None:
    came = [Came(member="a", day=Date(20261123), state=RequestState.FORWARDED)] * 3
    assert waiting(came, {"a": 2}) == [False, False, True]
    assert waiting(came, {"b": 0}) == [False] * 3
