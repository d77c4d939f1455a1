"""Parts of a mapping: what its larger keys say, as values, and how they are read.

reason        [{label, columns}, …]
exits         [{kind, months}, …]
state         [{columns, stands, removed, not_yet}, …]
removal       {columns, kind, document, decided_on, reason}
party         {columns, natural, organisation}
extract       {field: {columns, pattern}}: the value stands inside a cell
titles        {field: pattern}: the value stands above the header, or in the file's name
grades        {columns, words: {word: {grade, shortest_months, longest_months, exchanged}}}
notice        {document, scope, decided_from, decided_to}: the authority's word that all whom
              decisions of these days concern had the prior notice 告知

    I1  a field takes the filled cell of its own column, what `extract` finds, what `titles` find,
        what `defaults` state, in this order; name and code of a subject have no default
    I2  a text in which several values fit says none: the row is refused, of titles the file
    I3  periods go by the grade; a row whose grade is empty or unknown is refused, one of a grade or
        procedure that is not exchanged (轻微, 简易程序) is never published
    I4  the authority's word for prior notice counts for rows that state no day of it, and for
        decisions of the days that it names
    I5  a mapping of the list type that is reserved for penalties makes PENALTYs, never listings
    I6  a pattern of one's own runs in bounded time (`_extraction`)
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from adapters.files._extraction import compiled
from adapters.files._fields import Fields
from adapters.files.headings import column_name
from federation.ids import Date
from federation.names import EXIT_KINDS, PENALTY_GRADES
from federation.payloads import Exit, ExitKind, NoticeAttestation, PenaltyGrade

MONTHS_MAX: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonPart:
    """A part of the reason 列入事由: `label：cell`, where the label is not empty."""

    label: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The column that tells natural persons from organisations, and its words for each."""

    columns: tuple[str, ...]
    natural: frozenset[str]
    organisation: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Columns whose word says how a row stands; another word is a fault."""

    columns: tuple[str, ...]
    stands: tuple[str, ...]
    removed: tuple[str, ...]
    not_yet: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Columns that are filled only where a row no longer stands.

    `kind` is `repair` or `withdrawal` where such rows are relief, else empty; the other columns
    are those of the relief's decision.
    """

    columns: tuple[str, ...]
    kind: str
    document: tuple[str, ...]
    decided_on: tuple[str, ...]
    reason: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """Columns in whose cells the value of a field stands among other words."""

    columns: tuple[str, ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """What a word of the column of grades means for its row."""

    grade: PenaltyGrade
    """Of a penalty; UNSPECIFIED for listings."""
    shortest_months: int
    longest_months: int
    exchanged: bool
    """Whether rows of this grade are published at all: 轻微 is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """The column that says how grave a row is, by which its periods go."""

    columns: tuple[str, ...]
    words: Mapping[str, Grade]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The authority's word for prior notice, where rows state no day of it."""

    document: str
    scope: str
    decided_from: Date
    decided_to: Date

    def attested(self, authority: str, decided_on: Date) -> NoticeAttestation | None:
        """Return it as a listing carries it; None where it does not speak for that day."""
        if not self.decided_from <= decided_on <= self.decided_to:
            return None
        return NoticeAttestation(
            authority=authority,
            document=self.document,
            scope=self.scope,
            decided_from=self.decided_from,
            decided_to=self.decided_to,
        )


def read_reason_part(part: Fields) -> ReasonPart:
    """Read one of `reason`."""
    found = ReasonPart(
        label=part.text("label", 32, default=""),
        columns=part.texts("columns"),
    )
    part.done()
    return found


def read_exit(part: Fields) -> Exit:
    """Read one of `exits`."""
    kind = part.one_of("kind", EXIT_KINDS.all()[1:])
    after = kind in ("corrected-for", "listed-for")
    found = Exit(
        kind=ExitKind(EXIT_KINDS.code(kind)),
        months=part.number("months", 1, MONTHS_MAX) if after else 0,
    )
    part.done()
    return found


def read_state(part: Fields) -> State:
    """Read one of `state`."""
    found = State(
        columns=part.texts("columns"),
        stands=part.texts("stands", default=()),
        removed=part.texts("removed", default=()),
        not_yet=part.texts("not_yet", default=()),
    )
    part.done()
    words = [column_name(w) for w in (*found.stands, *found.removed, *found.not_yet)]
    twice = sorted({word for word in words if words.count(word) > 1})
    if twice:
        raise part.error("removed", f"other words than in `stands` and `not_yet`, got {twice}")
    return found


def read_removal(top: Fields) -> Removal | None:
    """Read `removal`."""
    if not top.has("removal"):
        return None
    part = top.inner("removal")
    kind = part.one_of("kind", ("repair", "withdrawal")) if part.has("kind") else ""
    needed = None if kind else ()
    found = Removal(
        columns=part.texts("columns"),
        kind=kind,
        document=part.texts("document", default=needed),
        decided_on=part.texts("decided_on", default=needed),
        reason=part.texts("reason", default=()),
    )
    part.done()
    return found


def read_party(top: Fields) -> Party | None:
    """Read `party`."""
    if not top.has("party"):
        return None
    party = top.inner("party")
    found = Party(
        columns=party.texts("columns"),
        natural=frozenset(party.texts("natural")),
        organisation=frozenset(party.texts("organisation")),
    )
    party.done()
    both = found.natural & found.organisation
    if both:
        raise party.error("natural", f"other words than in `organisation`, got {sorted(both)}")
    return found


def removal_columns(removal: Removal) -> tuple[str, ...]:
    """Return all columns of a removal; each filled one says that the row no longer stands."""
    named = (*removal.columns, *removal.document, *removal.decided_on, *removal.reason)
    return tuple(dict.fromkeys(named))


def read_extractions(top: Fields, names: tuple[str, ...]) -> Mapping[str, Extraction]:
    """Read `extract`."""
    found: dict[str, Extraction] = {}
    if top.has("extract"):
        inner = top.inner("extract")
        for field in filter(inner.has, names):
            part = inner.inner(field)
            found[field] = Extraction(
                columns=part.texts("columns"), pattern=_pattern(part, "pattern")
            )
            part.done()
        inner.done()
    return MappingProxyType(found)


def read_titles(top: Fields, names: tuple[str, ...]) -> Mapping[str, re.Pattern[str]]:
    """Read `titles`."""
    found: dict[str, re.Pattern[str]] = {}
    if top.has("titles"):
        inner = top.inner("titles")
        found = {field: _pattern(inner, field) for field in names if inner.has(field)}
        inner.done()
    return MappingProxyType(found)


def read_grades(top: Fields) -> Grades | None:
    """Read `grades`."""
    if not top.has("grades"):
        return None
    part = top.inner("grades")
    columns = part.texts("columns")
    inner = part.inner("words")
    words = {word: _grade(inner.inner(word)) for word in inner.left()}
    inner.done()
    part.done()
    if not words:
        raise part.error("words", "at least one word, got none")
    return Grades(columns=columns, words=MappingProxyType(words))


def read_notice(top: Fields) -> Notice | None:
    """Read `notice`."""
    if not top.has("notice"):
        return None
    part = top.inner("notice")
    found = Notice(
        document=part.text("document", 256),
        scope=part.text("scope", 1024),
        decided_from=_day(part, "decided_from"),
        decided_to=_day(part, "decided_to"),
    )
    part.done()
    if found.decided_from > found.decided_to:
        raise part.error("decided_to", "a day not before `decided_from`")
    return found


def _grade(part: Fields) -> Grade:
    exchanged = part.one_of("exchanged", ("yes", "no")) == "yes" if part.has("exchanged") else True
    grade = PenaltyGrade.UNSPECIFIED
    if part.has("grade"):
        names = PENALTY_GRADES.all()[1:]
        grade = PenaltyGrade(PENALTY_GRADES.code(part.one_of("grade", names)))
    found = Grade(
        grade=grade,
        shortest_months=part.number("shortest_months", 0, MONTHS_MAX) if exchanged else 0,
        longest_months=part.number("longest_months", 1, MONTHS_MAX) if exchanged else 0,
        exchanged=exchanged and grade != PenaltyGrade.MINOR,
    )
    part.done()
    if found.shortest_months > found.longest_months:
        raise part.error("shortest_months", "not above `longest_months`")
    return found


def _pattern(part: Fields, key: str) -> re.Pattern[str]:
    text = part.text(key, 1024)
    try:
        return compiled(text)
    except ValueError as error:
        raise part.error(key, f"{error}; got {text[:80]!r}") from None


def _day(part: Fields, key: str) -> Date:
    text = part.text(key, 32)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise part.error(key, f"a day such as 2026-01-31, got {text!r}") from None
    return Date(day.year * 10000 + day.month * 100 + day.day)
