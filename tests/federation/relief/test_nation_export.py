"""What a row of an export leads to, over all that may stand here (NE1-NE4)."""

from __future__ import annotations

from itertools import product

import pytest

from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.life.life import STANDING
from federation.ports.journal import Decision
from federation.reconcile.cases import SHOWN_ENDED, contradicted
from federation.reconcile.findings import Finding
from federation.relief.nation_export import RELIEVED, Step, check_absent, step
from federation.rows import State


@pytest.mark.parametrize(
    ("ended", "state", "ours", "stopped"), list(product((True, False), State, *[(True, False)] * 2))
)
def test_only_what_has_ended_there_and_stands_here_is_stopped(
    *, ended: bool, state: State, ours: bool, stopped: bool
) -> None:
    found = step(ended=ended, state=state, ours=ours, stopped=stopped)
    stops = ended and state in STANDING and not stopped
    assert (found in (Step.PAUSE, Step.HOLD)) is stops
    assert found is not Step.PAUSE or ours
    assert found is not Step.HOLD or not ours
    assert (found is Step.LETTER) is (state in RELIEVED and not ended)


def decision(verdict: str, person: str = "") -> Decision:
    return Decision(
        at=Timestamp(1),
        log=1,
        index=1,
        finding=Finding.CONFLICT,
        verdict=verdict,
        person=person,
        reason="",
    )


def test_ne1_what_persons_decided_before_it_counts_no_more() -> None:
    used = [decision("use", "甲"), decision("use", "乙")]
    assert contradicted(used) is None
    assert contradicted([*used, decision(SHOWN_ENDED)]) is Finding.CONFLICT
    assert contradicted([used[0], decision(SHOWN_ENDED), used[1]]) is Finding.CONFLICT
    assert contradicted([decision(SHOWN_ENDED), *used]) is Finding.DECIDED_USE
    assert contradicted([decision(SHOWN_ENDED), decision("reject")]) is Finding.DECIDED_REJECT


def test_ne4_the_share_itself_may_be_absent() -> None:
    check_absent([], [], 0.2)
    check_absent(range(2), range(10), 0.2)
    with pytest.raises(RefusedError) as caught:
        check_absent(range(3), range(10), 0.2)
    assert caught.value.code == "comparison.too-much-absent"
