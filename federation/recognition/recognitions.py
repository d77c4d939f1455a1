"""What a region says of a scenario of another 互认: what may be published, and how it stands.

What our own node publishes (SPEC.md §5.7):

    RG1  nobody recognises a scenario of their own: it is in force here without (`recognition.own`)
    RG2  what is recognised is offered in an alliance of both; the alliances named are among those
         (`recognition.alliance`)
    RG3  it is accepted only while its text is in force or will be, and only its newest text
         (`recognition.closed`, `recognition.over`, `recognition.superseded`)
    RG4  who declines, suspends or ends says why (`recognition.reason`)
    RG5  an end is announced: it takes effect `NOTICE_DAYS` or more after it is said, and what is
         accepted is neither declined instead nor accepted anew for less. Who cannot wait suspends
         (`recognition.notice`)
    RG6  only what was accepted is suspended or ended, also after an end was announced and before
         its day (`recognition.nothing`)
    RG7  a further condition is one that a scenario could have (SN3 to SN7, SN9); a grade that it
         asks for may also stand in a scale that the region's own catalog knows
    RG8  its equivalences are those that the region adopted (GE5, `federation.reconcile`)

How it stands, of every region's words alike (SPEC.md §5.7):

    RG10 a word counts from its `effective_on`, never before the day on which it was said; of those
         that count on a day, the one said last
    RG11 where `valid_until` has passed, nothing stands
    RG12 it holds in the alliances that it names, in all shared ones where it names none, and there
         only where the scenario is offered and both are members
    RG13 of a scenario that is not in force nothing stands (SN11, SN12)
    RG14 an acceptance names one text. Of a later one it stands only where nobody asks more or gives
         more by it: benefits, kinds, places and condition are the same, and it ends no later; else
         the region is asked again. A refusal, suspension or end stands for every text
    RG15 it stands until the day before the first one on which these rules would not say accepted;
         an end that was announced is known before
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from federation.dates import add_days
from federation.ids import CharterId, Date, LeafHash, Origin, Timestamp
from federation.payloads import Recognition, Scenario, SubjectKind
from federation.recognition.scenarios import (
    Fault,
    ScenarioState,
    ScenarioWord,
    faults_of_condition,
    newest,
    state_of,
)
from federation.reconcile.catalog import FOR_EVER, Catalog
from federation.statements import RecognitionAction

NOTICE_DAYS: Final = 7
"""Days between an end and its effect (RG5): a working week in which whoever has applied is told."""


class Stands(StrEnum):
    """What a region's recognition comes to on a day."""

    OWN = "own"
    """It is the region's own scenario, which needs none (RG1)."""
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SUSPENDED = "suspended"
    ENDED = "ended"
    ASK_AGAIN = "ask-again"
    """What is in force is not the text that was accepted (RG14), or cannot be read (SN12)."""
    NONE = "none"
    """The region has said nothing that counts on this day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionWord:
    """One RECOGNITION by a region, in force as a statement (SPEC §5.3)."""

    origin: Origin
    index: int
    epoch: int
    """Place of the log in its speaker's chain of logs, oldest first."""
    statement_id: bytes
    action: RecognitionAction
    said_on: Date
    """The day that its header states: a claim, by which a region binds itself alone."""
    said_at: Timestamp = Timestamp(0)
    """The moment that it states, for showing what was said in order."""
    of: LeafHash
    """The leaf of the text that it names."""
    recognition: Recognition

    @property
    def place(self) -> tuple[int, int]:
        """By which of two words of one region the later one is known."""
        return self.epoch, self.index

    @property
    def counts_from(self) -> Date:
        """First day of its effect (RG10)."""
        return max(self.recognition.effective_on, self.said_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a scenario stands in a region on a day."""

    action: Stands
    code: str = ""
    """Why it is not accepted; empty where it is, or is the region's own."""
    since: Date = Date(0)
    until: Date = Date(0)
    """Last day on which this is so by what is known today; 0: none is known."""
    word: RecognitionWord | None = None
    """On what it rests; None where nothing was said."""

    @property
    def holds(self) -> bool:
        """Whether a benefit may be had by it."""
        return self.action in (Stands.ACCEPTED, Stands.OWN)


_REFUSED: Final = {
    RecognitionAction.DECLINED: (Stands.DECLINED, "benefit.declined"),
    RecognitionAction.SUSPENDED: (Stands.SUSPENDED, "benefit.suspended"),
    RecognitionAction.ENDED: (Stands.ENDED, "benefit.ended"),
}
_NOT_IN_FORCE: Final = {
    ScenarioState.NOT_YET: "benefit.not-yet",
    ScenarioState.OVER: "benefit.over",
    ScenarioState.CLOSED: "benefit.closed",
}


def standing(
    words: Sequence[RecognitionWord],
    scenario: Sequence[ScenarioWord],
    day: Date,
    shared: AbstractSet[CharterId],
    *,
    own: bool = False,
) -> Standing:
    """How a scenario stands in one region on a day (RG10 to RG15).

    Args:
        words: all that this region said of any text of the scenario.
        scenario: all statements of its issuer about it.
        day: the day.
        shared: alliances of which the region and the issuer are members.
        own: it is the region's own scenario (RG1).
    """
    state = state_of(scenario, day)
    if state is ScenarioState.UNREAD:
        return Standing(action=Stands.ASK_AGAIN, code="benefit.unread")
    if state is not ScenarioState.IN_FORCE:
        return Standing(action=Stands.NONE, code=_NOT_IN_FORCE[state])
    text = newest(scenario)
    last = text.scenario.valid_until
    if own:
        return Standing(action=Stands.OWN, since=text.said_on, until=last)
    offered = shared & set(text.scenario.charters) if text.scenario.charters else shared
    holding = [
        word
        for word in words
        if (offered & set(word.recognition.charters) if word.recognition.charters else offered)
    ]
    counting = [word for word in holding if word.counts_from <= day]
    if not counting:
        return Standing(action=Stands.NONE, code="benefit.not-recognised")
    word = max(counting, key=lambda one: one.place)
    if 0 < word.recognition.valid_until < day:
        return Standing(action=Stands.NONE, code="benefit.recognition-over", word=word)
    action, code = _says(word, scenario, text)
    until = Date(0)
    if action is Stands.ACCEPTED:
        to_come = [one for one in holding if one.counts_from > day]
        ends = (_last_day(word, to_come, scenario, text), last)
        until = min(filter(None, ends), default=until)
    return Standing(action=action, code=code, since=word.counts_from, until=until, word=word)


def _says(
    word: RecognitionWord, scenario: Sequence[ScenarioWord], text: ScenarioWord
) -> tuple[Stands, str]:
    """What a word says of the text in force while it counts, and why it is not accepted (RG14)."""
    if word.action in _REFUSED:
        return _REFUSED[word.action]
    named = [one for one in scenario if one.leaf_hash == word.of]
    if not named or not carries_over(named[0].scenario, text.scenario):
        return Stands.ASK_AGAIN, "benefit.amended-since"
    return Stands.ACCEPTED, ""


def _last_day(
    word: RecognitionWord,
    to_come: Sequence[RecognitionWord],
    scenario: Sequence[ScenarioWord],
    text: ScenarioWord,
) -> Date:
    """The last day on which the words known today say accepted; 0 where none ends it (RG15)."""
    for later in sorted(to_come, key=lambda one: (one.counts_from, -one.epoch, -one.index)):
        if 0 < word.recognition.valid_until < later.counts_from:
            break
        if later.place > word.place:
            word = later
            over = 0 < later.recognition.valid_until < later.counts_from
            if over or _says(later, scenario, text)[0] is not Stands.ACCEPTED:
                return add_days(later.counts_from, -1)
    return word.recognition.valid_until


def carries_over(accepted: Scenario, later: Scenario) -> bool:
    """Whether an acceptance of one text is one of a later text too (RG14)."""
    return accepted == later or (
        set(later.benefits) == set(accepted.benefits)
        and set(later.subject_kinds) == set(accepted.subject_kinds)
        and set(later.places) == set(accepted.places)
        and later.condition == accepted.condition
        and later.conditions_text == accepted.conditions_text
        and later.scales == accepted.scales
        and later.provider == accepted.provider
        and _no_later(later.valid_until, accepted.valid_until)
    )


def _no_later(one: Date, other: Date) -> bool:
    return other == 0 or 0 < one <= other


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A RECOGNITION that our node would publish, and what it knows of the scenario."""

    action: RecognitionAction
    recognition: Recognition
    named: ScenarioWord
    """The text that it names."""
    scenario: Sequence[ScenarioWord]
    """All statements about that scenario."""
    earlier: Sequence[RecognitionWord]
    """What our region said of it before."""
    own: bool
    """Whether it is ours."""
    shared: frozenset[CharterId]
    """Alliances of ours and of the issuer."""
    own_scales: Mapping[tuple[str, str], tuple[str, ...]]
    """Grades that our own catalog knows, by method and edition."""


def faults_of_recognition(said: Said, today: Date, catalog: Catalog) -> tuple[Fault, ...]:
    """Everything for which our node does not publish a recognition (RG1 to RG8)."""
    if said.own:
        return (
            Fault(
                code="recognition.own",
                where="scenario",
                zh="本市自己的场景，无须认可",
                en="it is our own scenario, which is in force here without",
            ),
        )
    return (
        *_faults_of_alliance(said),
        *_faults_of_text(said, today),
        *_faults_of_action(said, today),
        *_faults_of_terms(said, today, catalog),
    )


def _faults_of_alliance(said: Said) -> Iterator[Fault]:
    charters = newest(said.scenario).scenario.charters
    offered = said.shared & set(charters) if charters else said.shared
    if not offered or not set(said.recognition.charters) <= offered:
        yield Fault(
            code="recognition.alliance",
            where="charters",
            zh="场景未在此联盟提供，或者双方并非同属该联盟",
            en="the scenario is not offered in this alliance, or not both are its members",
        )


def _faults_of_text(said: Said, today: Date) -> Iterator[Fault]:
    if said.action is not RecognitionAction.ACCEPTED:
        return
    state = state_of(said.scenario, today)
    if state is ScenarioState.CLOSED:
        yield Fault(
            code="recognition.closed",
            where="scenario",
            zh="场景已关闭",
            en="the scenario is closed",
        )
    elif state is ScenarioState.OVER:
        yield Fault(
            code="recognition.over",
            where="scenario",
            zh="场景已到期",
            en="the scenario's last day has passed",
        )
    elif said.named != newest(said.scenario) or said.named.unread:
        newer = newest(said.scenario).statement_id.hex()
        yield Fault(
            code="recognition.superseded",
            where="scenario",
            zh=f"场景已修订，请认可新版本 {newer}",
            en=f"it was amended; expected its newest text, {newer}",
        )


def _faults_of_action(said: Said, today: Date) -> Iterator[Fault]:
    recognition, action = said.recognition, said.action
    stands = standing(said.earlier, said.scenario, today, said.shared)
    if action is RecognitionAction.ACCEPTED:
        last = add_days(today, NOTICE_DAYS - 1)
        sooner = 0 < recognition.valid_until < (stands.until or FOR_EVER)
        if stands.action is Stands.ACCEPTED and sooner and recognition.valid_until < last:
            yield Fault(
                code="recognition.notice",
                where="valid_until",
                zh=f"缩短已认可的期限须提前 {NOTICE_DAYS} 日，止期应不早于 {last}",
                en=f"it is accepted for longer: announce an earlier end; expected {last} or later",
            )
        return
    if not recognition.reason.strip():
        yield Fault(
            code="recognition.reason",
            where="reason",
            zh="不认可、暂停、终止须写明原因",
            en="expected the reason why it is declined, suspended or ended",
        )
    if action is RecognitionAction.DECLINED:
        if stands.action is Stands.ACCEPTED:
            yield Fault(
                code="recognition.notice",
                where="action",
                zh="已认可的不得直接改为不认可；请公告终止，急需停止的请先暂停",
                en="it is accepted: announce its end; to stop at once, suspend it",
            )
        return
    current = max(said.earlier, key=lambda word: word.place, default=None)
    if current is None or _is_over(current, today):
        yield Fault(
            code="recognition.nothing",
            where="action",
            zh="未曾认可，或者已终止，无可暂停、终止",
            en="nothing is accepted that could be suspended or ended",
        )
    first = add_days(today, NOTICE_DAYS)
    if action is RecognitionAction.ENDED and recognition.effective_on < first:
        yield Fault(
            code="recognition.notice",
            where="effective_on",
            zh=f"终止须提前 {NOTICE_DAYS} 日告知，生效日期应不早于 {first}；急需停止的请先暂停",
            en=f"an end is announced {NOTICE_DAYS} days before; expected {first} or later. To stop "
            "at once, suspend it",
        )


def _is_over(word: RecognitionWord, today: Date) -> bool:
    """Whether nothing is accepted after it; until its day an announced end leaves that as it is."""
    return word.action is RecognitionAction.DECLINED or (
        word.action is RecognitionAction.ENDED and word.counts_from <= today
    )


def _faults_of_terms(said: Said, today: Date, catalog: Catalog) -> Iterator[Fault]:
    scenario = newest(said.scenario).scenario
    brought = {(one.method, one.edition): one.grades for one in scenario.scales}
    if said.recognition.further is not None:
        kinds = frozenset(scenario.subject_kinds) - {SubjectKind.UNSPECIFIED}
        scales = {**said.own_scales, **brought}
        yield from faults_of_condition(
            said.recognition.further, kinds, scales, today, catalog, "further"
        )
