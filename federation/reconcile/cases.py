"""Cases 待核案件: what persons decided about a listing that a rule held.

A decision is about one rule. If the record changes so that another rule holds it, or none, the
decision no longer counts, and the case opens again or closes by itself. To use a held listing
against its subject widens a penalty: two persons must say so (`persons`, V8: names that are one in
their normal form are one person). To reject it, one is enough. Rules, each with a test that fails
without it:

    CD1  what is decided, by two who use it or by one who rejects it, is decided otherwise only
         after a person has opened it again (`case.decided`)
    CD2  an assent counts with another one alone that was given since the last rejection, opening
         or word of others; a rejection is overturned by none. This holds of whatever a journal
         has: what should have been refused changes nothing, but that a rejection always counts
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from federation.errors import RefusedError
from federation.persons import distinct
from federation.ports.journal import Decision
from federation.reconcile.findings import ATTESTABLE, DECIDABLE, RULES, Finding
from federation.shown import minute

PERSONS_TO_USE: Final = 2
SHOWN_ENDED: Final = "shown-ended"
"""No person's verdict: an export of 信用中国 says that the listing has ended (NE1). It opens the
case anew, as one of sources that contradict each other; decisions before it count no more."""


FOUND_OTHER: Final = "other-subject"
"""No person's verdict on the case: a department that asked reports that the match is of another
subject (OC1). It opens the case of the record anew; decisions before it count no more."""
ROW_NAMED: Final = "row-named"
"""No person's verdict on the case: said of the row before it was published, that its subject does
bear the name (F53). It opens nothing, and no rule of cases counts it; see `named_by_row`."""
NO_VERDICTS: Final = frozenset({SHOWN_ENDED, FOUND_OTHER, ROW_NAMED})
"""What is decided by nobody."""


class Verdict(StrEnum):
    """What a person may say."""

    USE = "use"
    """认定: the listing is this subject's and may be used."""
    REJECT = "reject"
    """不予认定"""
    REOPEN = "reopen"
    """重新核实: what was said before counts no more."""


class Waits(StrEnum):
    """For whom a case that somebody has spoken about waits."""

    SECOND = "second"
    """For the second person: one has said `use`."""
    LETTER = "letter"
    """For who issues its letter: it is decided, and its decision 决定书 has no number yet."""


_SAID: Final = {Verdict.USE: ("认定", "used"), Verdict.REJECT: ("不予认定", "rejected")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the words about one rule come to."""

    hands: tuple[Decision, ...] = ()
    """Those that count, the oldest first, each by another person."""
    verdict: str = ""
    """`use` or `reject` once all persons that it takes have said so; else empty."""
    times: int = 0
    """How often it was decided so far."""

    def after(self, word: Decision) -> Standing:
        """With one more word about the same rule (CD1, CD2)."""
        match word.verdict:
            case Verdict.USE if not self.verdict:
                hands = (*self.hands, word)
                if len(distinct(one.person for one in hands)) < len(hands):
                    return self
                whole = len(hands) >= PERSONS_TO_USE
                verdict = Verdict.USE if whole else ""
                return Standing(hands=hands, verdict=verdict, times=self.times + whole)
            case Verdict.REJECT if self.verdict != Verdict.REJECT:
                return Standing(hands=(word,), verdict=Verdict.REJECT, times=self.times + 1)
            case Verdict.USE | Verdict.REJECT:
                return self
            case _:  # REOPEN, SHOWN_ENDED, FOUND_OTHER
                return Standing(times=self.times)


def standing(decisions: Sequence[Decision], finding: int) -> Standing:
    """What was said of one rule, and what of it counts.

    Args:
        decisions: about one listing, the oldest first.
        finding: the rule that the listing itself breaks (not that of a decision).
    """
    found = Standing()
    for word in decisions:
        if word.finding == finding and word.verdict != ROW_NAMED:
            if _apart(found, finding) and word.verdict == Verdict.USE:
                found = Standing(times=found.times)
            found = found.after(word)
    return found


def named_by_row(decisions: Sequence[Decision], said: str) -> bool:
    """Whether two persons said of a listing's row what the base library contradicts (O4).

    Args:
        decisions: about one listing, the oldest first.
        said: digest of the name that is stated and of what the library says of its code now.

    Returns:
        Whether that was their last word, and nobody has said any about the case itself: whatever
        was said of that counts instead, and is overturned by no word about a row (CD2).
    """
    about = [one for one in decisions if one.finding == Finding.NAME_MISMATCH]
    alone = all(one.verdict == ROW_NAMED for one in about)
    return alone and bool(about) and about[-1].reason == said


def question_kept(decisions: Sequence[Decision], finding: int) -> int:
    """The rule about which persons last spoke, or that holds a listing, by what is kept alone.

    Args:
        decisions: about one listing, the oldest first.
        finding: what was found of it last.

    Returns:
        `Finding.NONE` where no person decides about it.
    """
    if finding in DECIDABLE:
        return finding
    if finding not in (Finding.DECIDED_USE, Finding.DECIDED_REJECT):
        return Finding.NONE
    spoken = [one.finding for one in decisions if one.verdict not in NO_VERDICTS]
    return spoken[-1] if spoken else Finding.NONE


def _apart(found: Standing, finding: int) -> bool:
    """Whether two were told apart: that is kept, and another one like it is asked about anew."""
    return finding == Finding.SIMILAR and found.verdict == Verdict.USE


def decided(decisions: Sequence[Decision], finding: int) -> Finding | None:
    """What the decisions make of a finding.

    Args:
        decisions: about one listing, the oldest first.
        finding: the rule that holds it now.

    Returns:
        The finding of the decision that stands, or None.
    """
    found = standing(decisions, finding)
    if not found.verdict or _apart(found, finding):
        return None
    return Finding.DECIDED_USE if found.verdict == Verdict.USE else Finding.DECIDED_REJECT


def contradicted(decisions: Sequence[Decision]) -> Finding | None:
    """What holds a listing that an export of 信用中国 says has ended, or what persons made of that.

    Args:
        decisions: about one listing, the oldest first.

    Returns:
        `CONFLICT` while nobody has decided; None where no export said so.
    """
    if not any(decision.verdict == SHOWN_ENDED for decision in decisions):
        return None
    return decided(decisions, Finding.CONFLICT) or Finding.CONFLICT


def of_another(decisions: Sequence[Decision]) -> Finding | None:
    """What holds a record whose match a department found to be of another subject.

    Args:
        decisions: about the copies of one record, the oldest first.

    Returns:
        `OTHER_SUBJECT` while nobody has decided, else what was decided; None where no department
        said so.
    """
    if not any(decision.verdict == FOUND_OTHER for decision in decisions):
        return None
    return decided(decisions, Finding.OTHER_SUBJECT) or Finding.OTHER_SUBJECT


def rejected_before(decisions: Sequence[Decision]) -> int | None:
    """The rule for which a person rejected what another word of the subject's region may cure.

    No answer that arrives by itself outweighs a person's rejection (H9): it stands until a person
    reopens the case.

    Args:
        decisions: about one listing, the oldest first.
    """
    about = dict.fromkeys(d.finding for d in reversed(decisions) if d.finding in ATTESTABLE)
    return next((f for f in about if decided(decisions, f) is Finding.DECIDED_REJECT), None)


def waiting_for(decisions: Sequence[Decision], finding: int) -> frozenset[str]:
    """The persons who already said `use`, where one more is needed."""
    found = standing(decisions, finding)
    return frozenset() if found.verdict else frozenset(distinct(one.person for one in found.hands))


def handled(decisions: Sequence[Decision], finding: int) -> Sequence[tuple[str, Decision]]:
    """Who had a hand in what was decided last, and in which step (GW7).

    Args:
        decisions: about one listing, the oldest first.
        finding: the rule that the listing itself breaks (not that of a decision).

    Returns:
        `prepared` with the first word of the last verdict; `reviewed` with that of the second
        person, where it took two. None of one who spoke again, and none that was opened anew.
    """
    hands = standing(decisions, finding).hands
    return list(zip(("prepared", "reviewed"), hands, strict=False))


def verdict_of(decisions: Sequence[Decision], finding: int) -> str:
    """What was decided last, once all persons that it takes have said so; else empty (GW8)."""
    return standing(decisions, finding).verdict


def times_decided(decisions: Sequence[Decision], finding: int) -> int:
    """How often it was decided: each decision has a letter of its own (GW1)."""
    return standing(decisions, finding).times


def letter_over(decisions: Sequence[Decision], times: int) -> bool:
    """Whether what was decided at that time stands no longer, so that it has no letter (GW8).

    Args:
        decisions: about one listing, the oldest first.
        times: of which of its decisions the letter tells, from 1.
    """
    about = [one.finding for one in decisions if one.verdict not in NO_VERDICTS]
    if not about:
        return False
    found = standing(decisions, about[-1])
    return times < found.times or (times == found.times and not found.verdict)


def check_decision(decisions: Sequence[Decision], finding: int, verdict: str, person: str) -> None:
    """Check that a person may say this about a case.

    Args:
        decisions: those so far.
        finding: the rule that the listing itself breaks (not that of a decision).
        verdict: what is said.
        person: who says it.

    Raises:
        RefusedError: `case.closed`, `case.catalog-only`, `case.decided` (CD1),
            `case.same-person`, `person.none`.
    """
    if not distinct([person]):
        raise RefusedError(
            "person.none", "expected the name of a person, got none that can be read"
        )
    rule = RULES.get(finding)
    if rule is None or finding not in DECIDABLE:
        if rule is not None and rule.catalog_only:
            message = (
                f"{rule.code} ({rule.chinese}): no person decides this for one record; "
                "import or confirm an edition of the catalog"
            )
            raise RefusedError("case.catalog-only", message)
        raise RefusedError("case.closed", "nothing is held about this listing")
    found = standing(decisions, finding)
    if found.verdict and verdict != Verdict.REOPEN and not _apart(found, finding):
        raise _decided(found)
    waiting = waiting_for(decisions, finding)
    if verdict == Verdict.USE and len(distinct((*waiting, person))) == len(waiting):
        message = f"{person} has said so already; a second person must say it too"
        raise RefusedError("case.same-person", message)


def last_said(decisions: Sequence[Decision]) -> str:
    """Who said the last word and when, in Chinese; empty where no person did."""
    if not decisions or decisions[-1].verdict in NO_VERDICTS:
        return ""
    last = decisions[-1]
    said = {Verdict.USE: "同意认定", Verdict.REJECT: "不予认定", Verdict.REOPEN: "重新打开"}
    return f"{last.person} 于 {minute(last.at)} {said[Verdict(last.verdict)]}"


def _decided(found: Standing) -> RefusedError:
    chinese, english = _SAID[Verdict(found.verdict)]
    who, at = [one.person for one in found.hands], minute(found.hands[-1].at)
    message = (
        f"此件已由 {'、'.join(who)} 于 {at} {chinese}，请重看；要另作决定，须先重新打开 / "
        f"{' and '.join(who)} {english} it at {at}: look at it as it stands; to decide otherwise "
        "open it again first"
    )
    return RefusedError("case.decided", message)
