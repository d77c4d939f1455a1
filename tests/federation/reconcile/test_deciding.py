"""What persons may say about a case, and which of their words count (CD1, CD2).

Covers federation/reconcile/cases.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import pytest

from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.ports.journal import Decision
from federation.reconcile.cases import (
    SHOWN_ENDED,
    check_decision,
    decided,
    handled,
    standing,
    times_decided,
    verdict_of,
    waiting_for,
)
from federation.reconcile.findings import Finding

RULE = Finding.NAME_MISMATCH
AT = 1_795_000_000  # 2026-11-18 19:06:40 in China


def said(*words: tuple[str, str], rule: Finding = RULE) -> list[Decision]:
    return [
        Decision(
            at=Timestamp(AT + number),
            log=1,
            index=2,
            finding=rule,
            verdict=verdict,
            person=person,
            reason="r",
        )
        for number, (verdict, person) in enumerate(words)
    ]


USED = (("use", "张某"), ("use", "李某"))
REJECTED = (("reject", "张某"),)


@pytest.mark.parametrize("verdict", ["use", "reject"])
@pytest.mark.parametrize("before", [USED, REJECTED, (USED[0], ("reject", "李某"))])
def test_cd1_what_is_decided_is_opened_again_first(
    before: Sequence[tuple[str, str]], verdict: str
) -> None:
    decisions = said(*before)
    for person in ("张某", "李某", "王某"):
        with pytest.raises(RefusedError) as caught:
            check_decision(decisions, RULE, verdict, person)
        assert caught.value.code == "case.decided"
    check_decision(decisions, RULE, "reopen", "王某")
    check_decision([*decisions, *said(("reopen", "王某"))], RULE, verdict, "张某")


def test_cd1_who_is_refused_reads_who_decided_and_when() -> None:
    with pytest.raises(RefusedError) as caught:
        check_decision(said(*REJECTED), RULE, "use", "李某")
    chinese, _, english = str(caught.value).partition(" / ")
    assert "此件已由 张某 于 2026-11-18 19:06 不予认定，请重看" in chinese
    assert "张某 rejected it at 2026-11-18 19:06" in english
    with pytest.raises(RefusedError) as caught:
        check_decision(said(*USED), RULE, "reject", "王某")
    assert "此件已由 张某、李某 于 2026-11-18 19:06 认定" in str(caught.value)


@pytest.mark.parametrize(
    ("words", "stands", "waits", "hands"),
    [
        ((*REJECTED, *USED), Finding.DECIDED_REJECT, (), ["张某"]),
        ((*REJECTED, ("reject", "李某")), Finding.DECIDED_REJECT, (), ["张某"]),
        ((USED[0], ("reject", "王某"), USED[1]), Finding.DECIDED_REJECT, (), ["王某"]),
        ((*REJECTED, ("use", "李某"), ("reopen", "王某")), None, (), []),
        ((*REJECTED, ("use", "李某"), ("reopen", "王某"), USED[0]), None, ("张某",), ["张某"]),
        ((USED[0], ("reopen", "王某"), USED[1]), None, ("李某",), ["李某"]),
        ((USED[0], (SHOWN_ENDED, ""), USED[1]), None, ("李某",), ["李某"]),
        ((*USED, ("reject", "王某")), Finding.DECIDED_REJECT, (), ["王某"]),
    ],
)
def test_cd2_words_of_before_a_rejection_or_a_reopening_count_no_more(
    words: Sequence[tuple[str, str]], stands: Finding | None, waits: Sequence[str], hands: list[str]
) -> None:
    decisions = said(*words)
    assert decided(decisions, RULE) == stands
    assert waiting_for(decisions, RULE) == frozenset(waits)
    assert [one.person for _, one in handled(decisions, RULE)] == hands


def test_a_rejection_of_two_that_were_said_is_one_with_one_letter() -> None:
    decisions = said(*REJECTED, ("reject", "李某"))
    assert (verdict_of(decisions, RULE), times_decided(decisions, RULE)) == ("reject", 1)


def test_a_record_told_apart_is_asked_about_anew_for_another_one_like_it() -> None:
    decisions = said(*USED, rule=Finding.SIMILAR)
    assert decided(decisions, Finding.SIMILAR) is None
    assert verdict_of(decisions, Finding.SIMILAR) == "use"
    check_decision(decisions, Finding.SIMILAR, "use", "张某")
    more = [*decisions, *said(("use", "张某"), rule=Finding.SIMILAR)]
    assert waiting_for(more, Finding.SIMILAR) == frozenset({"张某"})
    assert standing(more, Finding.SIMILAR).times == 1


@dataclass
class Model:
    """A case as a person would tell it: who said yes since it was opened, and how it ended."""

    yes: set[str] = field(default_factory=set)
    ended: str = ""

    def takes(self, verdict: str, person: str) -> bool:
        if verdict == "reopen":
            self.yes, self.ended = set(), ""
            return True
        if self.ended or (verdict == "use" and person in self.yes):
            return False
        if verdict == "reject":
            self.ended = "reject"
        else:
            self.yes.add(person)
            self.ended = "use" if len(self.yes) == 2 else ""
        return True


def refusal(decisions: Sequence[Decision], verdict: str, person: str) -> str:
    try:
        check_decision(decisions, RULE, verdict, person)
    except RefusedError as error:
        return error.code
    return ""


@pytest.mark.parametrize("seed", range(40))
def test_whatever_three_persons_say_in_whatever_order(seed: int) -> None:
    """No rejection is overturned before the case is opened, no word of before the opening counts.

    Words that are refused are put in as well half of the time, as a journal of before this rule
    may hold them: they change nothing, but that a rejection always counts.
    """
    random, model, decisions = Random(seed), Model(), list[Decision]()
    for _ in range(60):
        verdict = random.choice(("use", "use", "use", "reject", "reopen"))
        person = random.choice(("甲", "乙", "丙"))
        word = said((verdict, person))
        before = decided(decisions, RULE)
        refused = refusal(decisions, verdict, person)
        assert model.takes(verdict, person) == (not refused)
        assert refused in ("", "case.decided", "case.same-person")
        if before is Finding.DECIDED_REJECT and verdict != "reopen":
            assert refused == "case.decided"
        if not refused or (verdict == "use" and random.random() < 0.5):
            decisions += word
        ended = {"": None, "use": Finding.DECIDED_USE, "reject": Finding.DECIDED_REJECT}
        assert decided(decisions, RULE) == ended[model.ended]
        assert verdict_of(decisions, RULE) == model.ended
        waits = frozenset() if model.ended else frozenset(model.yes)
        assert waiting_for(decisions, RULE) == waits
