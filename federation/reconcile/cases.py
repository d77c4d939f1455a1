"""Cases 待核案件: what persons decided about a listing that a rule held.

A decision is about one rule. If the record changes so that another rule holds it, or none, the
decision no longer counts, and the case opens again or closes by itself. To use a held listing
against its subject widens a penalty: two persons must say so (`persons`, V8: names that are one in
their normal form are one person). To reject it, one is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from federation.errors import RefusedError
from federation.persons import distinct
from federation.ports.journal import Decision
from federation.reconcile.findings import ATTESTABLE, DECIDABLE, RULES, Finding

PERSONS_TO_USE: Final = 2
SHOWN_ENDED: Final = "shown-ended"
"""No person's verdict: an export of 信用中国 says that the listing has ended (NE1). It opens the
case anew, as one of sources that contradict each other; decisions before it count no more."""


FOUND_OTHER: Final = "other-subject"
"""No person's verdict on the case: a department that asked reports that the match is of another
subject (OC1). It opens the case of the record anew; decisions before it count no more."""
NO_VERDICTS: Final = frozenset({SHOWN_ENDED, FOUND_OTHER})
"""What opens a case and is decided by nobody."""


class Verdict(StrEnum):
    """What a person may say."""

    USE = "use"
    """认定: the listing is this subject's and may be used."""
    REJECT = "reject"
    """不予认定"""
    REOPEN = "reopen"
    """重新核实: what was said before counts no more."""


def decided(decisions: Sequence[Decision], finding: int) -> Finding | None:
    """What the decisions make of a finding.

    Args:
        decisions: about one listing, the oldest first.
        finding: the rule that holds it now.

    Returns:
        The finding of the decision that stands, or None.
    """
    stands: Finding | None = None
    users: Sequence[str] = ()
    for decision in decisions:
        if decision.finding != finding:
            continue
        match decision.verdict:
            case Verdict.USE:
                users = distinct((*users, decision.person))
                if len(users) >= PERSONS_TO_USE and finding == Finding.SIMILAR:
                    users = ()  # kept as told apart; another record like it is asked about anew
                    stands = None
                elif len(users) >= PERSONS_TO_USE:
                    stands = Finding.DECIDED_USE
            case Verdict.REJECT:
                users = ()
                stands = Finding.DECIDED_REJECT
            case _:  # REOPEN, SHOWN_ENDED, FOUND_OTHER
                users = ()
                stands = None
    return stands


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
    users: Sequence[str] = ()
    for decision in decisions:
        if decision.finding == finding:
            said = (*users, decision.person)
            users = distinct(said) if decision.verdict == Verdict.USE else ()
            if finding == Finding.SIMILAR and len(users) >= PERSONS_TO_USE:
                users = ()
    return frozenset(users) if len(users) < PERSONS_TO_USE else frozenset()


def handled(decisions: Sequence[Decision], finding: int) -> Sequence[tuple[str, Decision]]:
    """Who had a hand in what was decided last, and in which step (GW7).

    Args:
        decisions: about one listing, the oldest first.
        finding: the rule that the listing itself breaks (not that of a decision).

    Returns:
        `prepared` with the first word of the last verdict; `reviewed` with that of the second
        person, where it took two. None of one who spoke again, and none that was opened anew.
    """
    about = [one for one in decisions if one.finding == finding]
    found: list[Decision] = []
    for one in about:
        if found and (found[0].verdict != one.verdict or one.verdict != Verdict.USE):
            found = []
        if one.verdict in (Verdict.USE, Verdict.REJECT):
            found.append(one)
    people: list[Decision] = []
    for one in found:
        if len(distinct([*(each.person for each in people), one.person])) > len(people):
            people.append(one)
    return list(zip(("prepared", "reviewed"), people[:PERSONS_TO_USE], strict=False))


def verdict_of(decisions: Sequence[Decision], finding: int) -> str:
    """What was decided last, once all persons that it takes have said so; else empty (GW8)."""
    steps = handled(decisions, finding)
    needed = {Verdict.USE: PERSONS_TO_USE, Verdict.REJECT: 1}
    verdict = steps[0][1].verdict if steps else ""
    return verdict if verdict and len(steps) >= needed[Verdict(verdict)] else ""


def times_decided(decisions: Sequence[Decision], finding: int) -> int:
    """How often it was decided: each decision has a letter of its own (GW1)."""
    counted: tuple[tuple[str, Decision], ...] = ()
    times = 0
    for end in range(1, len(decisions) + 1):
        steps = tuple(handled(decisions[:end], finding))
        if steps != counted and verdict_of(decisions[:end], finding):
            counted, times = steps, times + 1
    return times


def check_decision(decisions: Sequence[Decision], finding: int, verdict: str, person: str) -> None:
    """Check that a person may say this about a case.

    Args:
        decisions: those so far.
        finding: the rule that the listing itself breaks (not that of a decision).
        verdict: what is said.
        person: who says it.

    Raises:
        RefusedError: `case.closed`, `case.catalog-only`, `case.same-person`, `person.none`.
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
    waiting = waiting_for(decisions, finding)
    if verdict == Verdict.USE and len(distinct((*waiting, person))) == len(waiting):
        message = f"{person} has said so already; a second person must say it too"
        raise RefusedError("case.same-person", message)
