"""The check 核查: what a department is told of one subject, for one matter, at this moment.

One pure, total function, `judge`. Nothing that it says is kept to be said again: it is asked anew
each time, with what is held at that moment.

    CK5  a record counts only while it is active on this day, its last day is known (SPEC §6.1),
         nothing is doubtful about it, it is recognised by this city's catalog, library and persons
         (a listing of our own: its list has a ground), and it may be used for the purpose of the
         question (its audience). What does
         not count is as if it were not held: no part of the answer depends on it
    CK6  a match is a LISTING of a list of severe dishonesty; a PENALTY and what is on a watch list
         重点关注 are notes beside the answer, never a match
    CK7  one record is one match, whatever logs have copies of it; of copies only those are named
         that count, or would without the one that does
    CK8  `insufficient`, and no match, where the question does not name one subject for certain: the
         code breaks GB 32100; the name is none that the library knows for the code (its names are
         told); the subject ceased; and where something is listed, where the name was first
         another's, or the record states another name
    CK9  what is listed of a subject from which this one came by merger, division or 个转企 is no
         match: `insufficient`, the authority decides. (A listing of it that waits only because that
         subject ceased is listed.)
    CK10 two firms of one name: where the library does not know the code and nothing is listed
         under it, but another subject of that name is, `insufficient`
    CK11 a match has the measures that this city's catalog lets follow in this matter from this
         list (`Catalog.applicable`), for joint punishment alone, none after the longest time for
         which the list may be published, whatever the listing states, and none while an objection
         to any copy of it is open and the matter says so. A match without a measure says why, and
         that nobody may be restricted by it
    CK12 `coverage` and `complete` depend on logs alone; complete is an answer of which every log
         was heard
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from federation.dates import add_months
from federation.ids import Date, LeafHash, Origin, StatementId, Timestamp
from federation.payloads import PENALTY_LIST_TYPE, Adverse, Listing, Penalty, Tier
from federation.reconcile.catalog import Catalog
from federation.reconcile.findings import RULES, Finding, Outcome
from federation.reconcile.identity import BaseSubject, agrees, changed_hands, code_fault
from federation.reconcile.matters import Applicable, Matter
from federation.rows import State
from federation.screening.questions import Question
from federation.subject_names import normal_name

PUNISHING: Final = "joint-punishment"
"""The purpose for which a measure may follow."""
PREDECESSOR: Final = "identity.predecessor-listed"
SAME_NAME: Final = "identity.same-name"
NAME_MISMATCH: Final = RULES[Finding.NAME_MISMATCH].code
NAME_REUSED: Final = RULES[Finding.NAME_REUSED].code
CEASED: Final = RULES[Finding.SUBJECT_CEASED].code
COPY: Final = RULES[Finding.COPY].code
OWN: Final = "record.own"
"""Rule by which a listing of our own is recognised."""
NO_MEASURE: Final = "matter.no-measure"
SUSPENDED: Final = "matter.objection-open"
NO_PUNISHING: Final = "matter.not-punishing"


class Result(StrEnum):
    """What a department is told."""

    CLEAR = "clear"
    """未发现, in all that was looked at."""
    MATCH = "match"
    """命中"""
    INSUFFICIENT = "insufficient"
    """无法判定"""
    ERROR = "error"
    """It cannot be answered; never a silent `clear`."""


class LogState(StrEnum):
    """How a log stands for a check."""

    OK = "ok"
    STALE = "stale"
    """Its origin has not signed for too long: nothing of it counts."""
    FORKED = "forked"
    REFUSED = "refused"
    """No charter names it any more, or our own log does not sign."""
    BEHIND = "behind"
    """What is held of it is not all applied or judged yet."""
    NO_HEAD = "no-head"
    """A member's log of which nothing has come yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One log that was looked at."""

    origin: Origin
    region: str
    name: str
    """Of the member, by the charter."""
    size: int
    """Leaves held."""
    head_age_s: int | None
    """Seconds since its origin signed what is held; None where it never did."""
    state: LogState


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRead:
    """One statement against a subject as it is held at the moment of the question.

    What cannot be read, because its opening is not held, is none.
    """

    origin: Origin
    index: int
    statement_id: StatementId
    leaf_hash: LeafHash
    region: str
    ours: bool
    record: bytes
    """The record's key: the same for all of its copies."""
    state: State
    """As of this day."""
    rule: str
    """Why it must not be used today, by everything that is known of it; empty for no reason."""
    finding: int
    """What this city found about it just now; `NONE` for a listing of our own without a fault."""
    content: Adverse
    """What is in force of it after corrections, copies put together."""
    until: Date
    purposes: frozenset[str]
    """Of its audience."""
    annotations: tuple[str, ...] = ()
    objection: bool = False
    """Whether an objection against it is open, at its origin or forwarded from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """A subject of the library whose place the one asked about took, and what is held of it."""

    subject: BaseSubject
    records: tuple[RecordRead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What is known of the subject asked about."""

    known: BaseSubject | None
    predecessors: tuple[Predecessor, ...] = ()
    namesakes: tuple[RecordRead, ...] = ()
    """What is held of other subjects whose listing states the name asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The record of a match or note: where it stands and what it says."""

    origin: Origin
    index: int
    statement_id: StatementId
    leaf_hash: LeafHash
    list_type: str
    list_name: str
    authority: str
    authority_name: str
    document: str
    decided_on: Date
    until: Date


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A record that counts against the subject."""

    reference: Reference
    record: bytes
    regions: tuple[str, ...]
    """Of the logs that have a copy, that of the match first."""
    annotations: tuple[str, ...]
    measures: tuple[Applicable, ...]
    rule: str
    """Why it is recognised here."""
    no_measure: str = ""
    """Why no measure follows; empty where one does."""

    @property
    def obliges(self) -> bool:
        """Whether an outcome has to be reported."""
        return bool(self.measures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What stands beside an answer and leads to nothing: `penalty` or `watch-list`."""

    kind: str
    reference: Reference
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why it is not certain who is meant."""

    code: str
    said: tuple[str, ...] = ()
    """Names that the library knows, or who the predecessors or the successor are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered."""

    number: str
    at: Timestamp
    result: Result
    complete: bool
    coverage: tuple[Coverage, ...]
    matches: tuple[Match, ...] = ()
    notes: tuple[Note, ...] = ()
    reasons: tuple[Reason, ...] = ()


def judge(
    question: Question,
    *,
    number: str,
    at: Timestamp,
    today: Date,
    matter: Matter,
    records: Sequence[RecordRead],
    identity: Identity,
    coverage: Sequence[Coverage],
    catalog: Catalog,
) -> Answer:
    """Judge what is held of a subject (CK5 to CK12).

    Args:
        question: who is asked about, for what.
        number: of the answer.
        at: when it is answered.
        today: that day in China, never behind any clock that is believed.
        matter: as the catalog has it today, confirmed.
        records: what is held of the subject, of whatever state.
        identity: what is known of it besides.
        coverage: every log that was looked at.
        catalog: this city's, of this moment.
    """
    answer = Answer(
        number=number,
        at=at,
        result=Result.CLEAR,
        complete=all(log.state is LogState.OK for log in coverage),
        coverage=tuple(coverage),
    )
    if reasons := _uncertain(question, identity.known):
        return replace(answer, result=Result.INSUFFICIENT, reasons=reasons)
    used = [one for one in records if counts(one, question.purpose)]
    listed = [one for one in used if is_severe(one)]
    if reasons := _other_name(question, identity.known, listed):
        return replace(answer, result=Result.INSUFFICIENT, reasons=reasons)
    copies = [one for one in records if _counts_as(one, question.purpose, COPY)]
    matches = tuple(
        _match(one, [*listed, *copies], question, matter, catalog, today)
        for one in _records(listed)
    )
    reasons = _predecessors(identity, question.purpose)
    if not matches and identity.known is None:
        reasons += _namesakes(identity, question.purpose)
    result = Result.MATCH if matches else Result.INSUFFICIENT if reasons else Result.CLEAR
    notes = tuple(_note(one, catalog) for one in _records(used) if not is_severe(one))
    return replace(answer, result=result, matches=matches, notes=notes, reasons=reasons)


def counts(one: RecordRead, purpose: str) -> bool:
    """Whether a record counts (CK5): the only place that decides it."""
    known = RULES.get(one.finding)
    applied = known is not None and known.outcome is Outcome.APPLIED
    recognised = applied or (one.ours and one.finding == Finding.NONE)
    return recognised and _counts_as(one, purpose, "")


def _counts_as(one: RecordRead, purpose: str, rule: str) -> bool:
    """Whether nothing but this rule stands against using a record."""
    stands = one.state is State.ACTIVE and bool(one.until)
    return stands and one.rule == rule and purpose in one.purposes


def is_severe(one: RecordRead) -> bool:
    """Whether it is on a list of severe dishonesty (CK6)."""
    return isinstance(one.content, Listing) and one.content.tier is Tier.SEVERE


def _records(used: Iterable[RecordRead]) -> list[RecordRead]:
    """One of each record, ours first, in the order of logs and leaves (CK7)."""
    found: dict[bytes, RecordRead] = {}
    for one in sorted(used, key=lambda one: (not one.ours, one.origin, one.index)):
        found.setdefault(one.record, one)
    return list(found.values())


def _uncertain(question: Question, known: BaseSubject | None) -> tuple[Reason, ...]:
    """What is uncertain of the subject whatever is listed (CK8)."""
    if fault := code_fault(question.scheme, question.code):
        return (Reason(code=fault),)
    if known is None:
        return ()
    if not agrees(question.name, known):
        return (Reason(code=NAME_MISMATCH, said=(known.name, *known.former_names)),)
    if known.ceased:
        return (Reason(code=CEASED, said=(known.successor,) if known.successor else ()),)
    return ()


def _other_name(
    question: Question, known: BaseSubject | None, listed: Sequence[RecordRead]
) -> tuple[Reason, ...]:
    """What is uncertain of the subject if it is used against it (CK8)."""
    if listed and known is not None and changed_hands(question.name, known):
        return (Reason(code=NAME_REUSED),)
    asked = normal_name(question.name)
    for one in listed:
        name = one.content.subject.name
        if normal_name(name) != asked and (known is None or not agrees(name, known)):
            return (Reason(code=NAME_MISMATCH),)
    return ()


def _predecessors(identity: Identity, purpose: str) -> tuple[Reason, ...]:
    """Who is listed of those from whom the subject came (CK9)."""
    listed = [
        predecessor.subject
        for predecessor in identity.predecessors
        if any(
            is_severe(one) and (counts(one, purpose) or _counts_as(one, purpose, CEASED))
            for one in predecessor.records
        )
    ]
    said = tuple(f"{subject.code} {subject.name}" for subject in listed)
    return (Reason(code=PREDECESSOR, said=said),) if listed else ()


def _namesakes(identity: Identity, purpose: str) -> tuple[Reason, ...]:
    """Whether another subject of the name asked is listed (CK10)."""
    listed = any(is_severe(one) and counts(one, purpose) for one in identity.namesakes)
    return (Reason(code=SAME_NAME),) if listed else ()


def _match(
    one: RecordRead,
    copies: Sequence[RecordRead],
    question: Question,
    matter: Matter,
    catalog: Catalog,
    today: Date,
) -> Match:
    same = [one, *(copy for copy in copies if copy.record == one.record)]
    regions = [one.region, *sorted(copy.region for copy in same)]
    objection = any(copy.objection for copy in same)
    measures, why = _measures(one, question, matter, catalog, today, objection=objection)
    return Match(
        reference=_reference(one, catalog),
        record=one.record,
        regions=tuple(dict.fromkeys(regions)),
        annotations=tuple(dict.fromkeys(said for copy in same for said in copy.annotations)),
        measures=measures,
        rule=OWN if one.ours else RULES[one.finding].code,
        no_measure=why,
    )


def _measures(
    one: RecordRead,
    question: Question,
    matter: Matter,
    catalog: Catalog,
    today: Date,
    *,
    objection: bool,
) -> tuple[tuple[Applicable, ...], str]:
    """The measures that follow, or why none does (CK11)."""
    if question.purpose != PUNISHING:
        return (), NO_PUNISHING
    if objection and matter.objection_suspends:
        return (), SUSPENDED
    decided_on = one.content.decided_on
    entry = catalog.entry(one.content.list_type, decided_on)
    if entry is None or _over(entry.item.longest_months, decided_on, today):
        return (), NO_MEASURE
    measures = catalog.applicable(matter, entry, today, decided_on)
    return measures, "" if measures else NO_MEASURE


def _over(longest_months: int, decided_on: Date, today: Date) -> bool:
    """Whether the longest time is over for which the list is published; of others' it is held."""
    return bool(longest_months) and today > add_months(decided_on, longest_months)


def _note(one: RecordRead, catalog: Catalog) -> Note:
    kind = "penalty" if isinstance(one.content, Penalty) else "watch-list"
    return Note(kind=kind, reference=_reference(one, catalog), region=one.region)


def _reference(one: RecordRead, catalog: Catalog) -> Reference:
    content = one.content
    entry = catalog.entry(_entry_type(content), content.decided_on)
    return Reference(
        origin=one.origin,
        index=one.index,
        statement_id=one.statement_id,
        leaf_hash=one.leaf_hash,
        list_type=content.list_type,
        list_name=entry.item.name if entry else "",
        authority=content.authority,
        authority_name=content.authority_name,
        document=content.document,
        decided_on=content.decided_on,
        until=one.until,
    )


def _entry_type(content: Adverse) -> str:
    """The list type under which the catalog has it: a penalty's is that of its grade."""
    if isinstance(content, Penalty):
        return f"{PENALTY_LIST_TYPE}-{content.grade.name.lower()}"
    return content.list_type
