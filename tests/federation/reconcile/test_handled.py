"""Who had a hand in what was decided about a case, and whether it is decided (GW7, GW8)."""

from __future__ import annotations

import pytest

from federation.ids import Timestamp
from federation.ports.journal import Decision
from federation.reconcile.cases import handled, letter_over, times_decided, verdict_of
from federation.reconcile.findings import Finding

RULE, OTHER = Finding.NAME_MISMATCH, Finding.CONFLICT


def said(*words: tuple[str, str], rule: Finding = RULE) -> list[Decision]:
    return [
        Decision(
            at=Timestamp(at),
            log=1,
            index=2,
            finding=rule,
            verdict=verdict,
            person=person,
            reason="r",
        )
        for at, (verdict, person) in enumerate(words, 1)
    ]


USED = (("use", "张某"), ("use", "李某"))
BOTH = [("prepared", "张某"), ("reviewed", "李某")]
REJECTED = (("reject", "张某"),)


@pytest.mark.parametrize(
    ("words", "hands", "verdict", "times"),
    [
        ((), [], "", 0),
        (USED[:1], [("prepared", "张某")], "", 0),
        (USED, BOTH, "use", 1),
        ((*USED, ("use", "王某")), BOTH, "use", 1),
        (
            (USED[0], ("use", "張某"), USED[1]),
            BOTH,
            "use",
            1,
        ),
        (REJECTED, [("prepared", "张某")], "reject", 1),
        ((*USED, *REJECTED), [("prepared", "张某")], "reject", 2),
        ((*USED, ("reopen", "王某")), [], "", 1),
        (
            (*USED, ("reopen", "王某"), *USED),
            BOTH,
            "use",
            2,
        ),
        ((*REJECTED, ("reject", "李某")), [("prepared", "张某")], "reject", 1),
        ((*USED, ("shown-ended", "")), [], "", 1),
    ],
)
def test_hands_verdict_and_how_often(
    words: tuple[tuple[str, str], ...], hands: list[tuple[str, str]], verdict: str, times: int
) -> None:
    decisions = said(*words)
    assert [(step, one.person) for step, one in handled(decisions, RULE)] == hands
    assert verdict_of(decisions, RULE) == verdict
    assert times_decided(decisions, RULE) == times
    over = [at for at in range(1, 4) if letter_over(decisions, at)]
    assert over == [at for at in range(1, times + 1) if at < times or not verdict]


def test_what_was_said_of_another_rule_decides_nothing() -> None:
    assert list(handled(said(*USED, rule=OTHER), RULE)) == []
    assert verdict_of([*said(*USED, rule=OTHER), *said(*USED[:1])], RULE) == ""
