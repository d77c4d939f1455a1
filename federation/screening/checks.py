"""The check 核查: what a department is told of one subject, for one matter, at this moment.

One pure, total function, `judge`. Nothing that it says is kept to be said again: it is asked anew
each time, with what is held at that moment.

    CK5  what does not count (`federation.reconcile.held_records`) is as if it were not held: no
         part of the answer depends on it
    CK6  a match is a LISTING of a list of severe dishonesty; a PENALTY and what is on a watch list
         重点关注 are notes beside the answer, never a match
    CK7  one record is one match, whatever logs have copies of it; of copies only those are named
         that count, or would without the one that does
    CK8  `insufficient`, and no match, where the question does not name one subject for certain
         (`federation.reconcile.named_subject`)
    CK9  what is listed of a subject from which this one came is no match: `insufficient`
    CK10 nor is what is listed of another of its name, where the library does not know the code and
         nothing is listed under it: `insufficient`
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
from federation.payloads import PENALTY_LIST_TYPE, Adverse, Penalty
from federation.reconcile.catalog import Catalog
from federation.reconcile.findings import RULES, Finding
from federation.reconcile.held_records import (
    PUNISHING,
    Coverage,
    Identity,
    LogState,
    RecordRead,
    counts,
    counts_as,
    is_severe,
)
from federation.reconcile.matters import Applicable, Matter
from federation.reconcile.named_subject import (
    Reason,
    namesakes,
    other_name,
    predecessors,
    uncertain,
)
from federation.screening.questions import Question

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
    if reasons := uncertain(question, identity.known):
        return replace(answer, result=Result.INSUFFICIENT, reasons=reasons)
    used = [one for one in records if counts(one, question.purpose)]
    listed = [one for one in used if is_severe(one)]
    if reasons := other_name(question, identity.known, listed):
        return replace(answer, result=Result.INSUFFICIENT, reasons=reasons)
    copies = [one for one in records if counts_as(one, question.purpose, COPY)]
    matches = tuple(
        _match(one, [*listed, *copies], question, matter, catalog, today)
        for one in _records(listed)
    )
    reasons = predecessors(identity, question.purpose)
    if not matches and identity.known is None:
        reasons += namesakes(identity, question.purpose)
    result = Result.MATCH if matches else Result.INSUFFICIENT if reasons else Result.CLEAR
    notes = tuple(_note(one, catalog) for one in _records(used) if not is_severe(one))
    return replace(answer, result=result, matches=matches, notes=notes, reasons=reasons)


def _records(used: Iterable[RecordRead]) -> list[RecordRead]:
    """One of each record, ours first, in the order of logs and leaves (CK7)."""
    found: dict[bytes, RecordRead] = {}
    for one in sorted(used, key=lambda one: (not one.ours, one.origin, one.index)):
        found.setdefault(one.record, one)
    return list(found.values())


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
