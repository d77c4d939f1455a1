"""Scenarios 场景: what may be published, and which text of one is in force on a day.

What our own node publishes (SPEC.md §5.7); what others published before is read all the same, and
what of it cannot be decided entitles nobody (K7):

    SN1  a scenario is for organisations: neither its title, benefits nor conditions ask for
         persons' data (`scenario.person`)
    SN2  nothing in it is a score: neither its words, nor a scale whose grades are numbers
         (`scenario.score`)
    SN3  its condition can become a yes for a subject of the kinds that it is for; what is plainly
         contradictory is not published (`scenario.contradiction`)
    SN4  every grade that it asks for stands in a scale of its method and edition that the scenario
         brings, and no scale comes twice: without it nobody can decide (`scenario.grade`,
         `scenario.scale-twice`)
    SN5  `on_list` names no list of those who are punished, `no_listing` only such ones
         (`scenario.list-punished`, `scenario.list-unknown`)
    SN6  nobody has to be punished to be rewarded: `no_listing` is not negated
         (`scenario.listing-required`)
    SN7  the measure of `no_listing` is one of this region's measure list that may follow from each
         of its lists; what others choose by themselves denies nothing (`scenario.measure`)
    SN8  it does not end before it begins, and is not over when it is opened or amended
         (`scenario.period`)
    SN9  a node publishes no test that it does not know itself (`scenario.test-unknown`)

Which text counts (SPEC.md §5.7):

    SN10 of a scenario that was opened, and amended or closed by its issuer, the newest statement
         counts, by its place in the issuer's chain of logs; what is closed stays closed
    SN11 it is in force from its `valid_from` to its `valid_until` (0: without either end)
    SN12 where the newest statement cannot be read here, its text is not known, and nothing of it is
         in force: a newer writer may have asked what this reader does not know
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from federation.conditions import (
    AtLeast,
    Condition,
    Negated,
    NoListing,
    OnList,
    UnknownTest,
    parts_of,
)
from federation.ids import Date, LeafHash, Origin, Timestamp
from federation.payloads import GradeScale, Scenario, SubjectKind
from federation.recognition.satisfiable import Scales, satisfiable
from federation.reconcile.catalog import OF_CHOICE, Catalog
from federation.statements import ScenarioAction

_EVERY_KIND: Final = frozenset(SubjectKind) - {SubjectKind.UNSPECIFIED}
_NOT_SO: Final = r"(?<![非不除无])" + "".join(
    f"(?<!{before})"
    for before in (
        *("不含", "不用", "不以", "不看", "不收", "无须", "无需", "不包括", "不涉及", "不要求"),
        *("不需要", "不使用", "不采用", "不采集", "不收集", "不查询", "不依据"),
    )
)
"""Before a word that says what is not asked for."""
_PERSONS: Final = re.compile(
    f"{_NOT_SO}(?:自然人|身份证|公民身份|个人(?:信用|征信|信息|名下|评)|征信报告|手机号|户口簿"
    "|人脸|指纹|社保卡)"
)
_SCORES: Final = re.compile(
    _NOT_SO + r"(?:评分|信用分(?!级|类)|分值|得分|积分|打分|score"
    r"|\d+\s*分(?:以上|及|[，。；、）)]|$))",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"[0-9０-９.．%％分]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a scenario or recognition is not published; `where` is a path like `condition.of.1`."""

    code: str
    where: str
    zh: str
    en: str

    @property
    def words(self) -> str:
        """In both languages, with the place."""
        return f"{self.where}：{self.zh} / {self.en}"


def faults_of(scenario: Scenario, action: int, today: Date, catalog: Catalog) -> tuple[Fault, ...]:
    """Everything for which our node does not publish a scenario (SN1 to SN9), in its order.

    Args:
        scenario: within the bounds of payloads.
        action: what is done; what is closed is asked nothing (SN8 too), so that it can always be.
        today: the day.
        catalog: of our region, of the moment.
    """
    if action == ScenarioAction.CLOSED:
        return ()
    texts = [("title", scenario.title), ("conditions", scenario.conditions_text)]
    texts += [(f"incentives.{at}", one.text) for at, one in enumerate(scenario.benefits, 1)]
    scales = {(one.method, one.edition): one.grades for one in scenario.scales}
    return (
        *_faults_of_words(texts),
        *_faults_of_scales(scenario.scales),
        *_faults_of_period(scenario, today),
        *(
            faults_of_condition(
                scenario.condition,
                frozenset(scenario.subject_kinds) & _EVERY_KIND,
                scales,
                today,
                catalog,
                "condition",
            )
            if scenario.condition is not None
            else ()
        ),
    )


def faults_of_condition(
    condition: Condition,
    kinds: frozenset[SubjectKind],
    scales: Scales,
    today: Date,
    catalog: Catalog,
    where: str,
) -> Iterator[Fault]:
    """Why a condition is not published (SN3 to SN7, SN9)."""
    unknown = False
    for place, test, negated in _placed(condition, where):
        match test:
            case UnknownTest():
                unknown = True
                yield Fault(
                    code="scenario.test-unknown",
                    where=place,
                    zh="本节点不认识的条件，请先升级",
                    en="a test that this node does not know; upgrade it first",
                )
            case AtLeast():
                yield from _faults_of_grade(test, scales, place)
            case OnList() if catalog.punishes(test.list_type):
                yield Fault(
                    code="scenario.list-punished",
                    where=place,
                    zh=f"{test.list_type} 是失信名单，不得作为守信名单",
                    en="a list of those who are punished; expected a list of the trustworthy",
                )
            case NoListing():
                yield from _faults_of_no_listing(test, today, catalog, place, negated=negated)
            case _:
                pass
    if not unknown and not satisfiable(condition, kinds, scales):
        yield Fault(
            code="scenario.contradiction",
            where=where,
            zh="条件自相矛盾，任何主体都不能满足",
            en="it contradicts itself: no subject can ever meet it",
        )


def _placed(
    condition: Condition, where: str, *, negated: bool = False
) -> Iterator[tuple[str, Condition, bool]]:
    """Every test with its path, and whether an odd number of opposites stands above it."""
    parts = parts_of(condition)
    if not parts:
        yield where, condition, negated
    for at, part in enumerate(parts, 1):
        if isinstance(condition, Negated):
            yield from _placed(part, f"{where}.negated", negated=not negated)
        else:
            yield from _placed(part, f"{where}.{at}", negated=negated)


def _faults_of_words(texts: Sequence[tuple[str, str]]) -> Iterator[Fault]:
    for where, text in texts:
        if found := _PERSONS.search(text):
            yield Fault(
                code="scenario.person",
                where=where,
                zh=f"“{found[0]}”：场景只面向组织，不得要求自然人的信息",
                en="scenarios are for organisations; expected nothing about natural persons",
            )
        if found := _SCORES.search(text):
            yield Fault(
                code="scenario.score",
                where=where,
                zh=f"“{found[0]}”：不得以评分为条件；请改用守信名单或依法评定的等级",
                en="expected no score: name a list of the trustworthy, or a grade given by law",
            )


def _faults_of_scales(scales: Sequence[GradeScale]) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for at, scale in enumerate(scales, 1):
        if (scale.method, scale.edition) in seen:
            yield Fault(
                code="scenario.scale-twice",
                where=f"scales.{at}",
                zh=f"{scale.method} {scale.edition} 的等级写了两次",
                en="the scale of one edition of a method stands twice",
            )
        seen.add((scale.method, scale.edition))
        if any(_NUMBER.fullmatch(grade) for grade in scale.grades):
            yield Fault(
                code="scenario.score",
                where=f"scales.{at}.grades",
                zh="等级为数字，即评分；应为依法评定的等级",
                en="grades that are numbers are scores; expected grades given by law",
            )


def _faults_of_grade(test: AtLeast, scales: Scales, where: str) -> Iterator[Fault]:
    if test.at_least not in scales.get((test.method, test.edition), ()):
        yield Fault(
            code="scenario.grade",
            where=where,
            zh=f"场景未附 {test.method} {test.edition} 含“{test.at_least}”的等级，他市无从判断",
            en="no scale of this method and edition in the scenario has the grade; others could "
            "not decide",
        )


def _faults_of_no_listing(
    test: NoListing, today: Date, catalog: Catalog, where: str, *, negated: bool
) -> Iterator[Fault]:
    if negated:
        yield Fault(
            code="scenario.listing-required",
            where=where,
            zh="不得以被列入失信名单为享受优惠的条件",
            en="a listing can be no condition of a benefit",
        )
    for list_type in test.list_types:
        if not catalog.punishes(list_type):
            yield Fault(
                code="scenario.list-unknown",
                where=where,
                zh=f"本地目录没有失信名单 {list_type}",
                en=f"the catalog here has no list {list_type} of those who are punished",
            )
        elif not _may_follow(catalog, test.measure, list_type, today):
            yield Fault(
                code="scenario.measure",
                where=where,
                zh=f"本地措施清单未规定因 {list_type} 采取措施 {test.measure}，不得据此拒绝优惠",
                en=f"by the measure list here {test.measure} does not follow from {list_type}: "
                "nobody can be denied a benefit by it",
            )


def _may_follow(catalog: Catalog, measure: str, list_type: str, today: Date) -> bool:
    """Whether the editions in force name the measure for the list, confirmed or not (B3, B8)."""
    editions = catalog.in_force(today)
    said = [(e, e.measures[measure]) for e in editions if measure in e.measures]
    entry = catalog.entry(list_type, today)
    return (
        entry is not None
        and measure in (entry.item.measures or ())
        and any(
            e.makes(one) and one.measure_class != OF_CHOICE and one.counts_on(today)
            for e, one in said
        )
    )


def _faults_of_period(scenario: Scenario, today: Date) -> Iterator[Fault]:
    first, last = scenario.valid_from, scenario.valid_until
    if 0 < last < max(first, today):
        yield Fault(
            code="scenario.period",
            where="valid_until",
            zh=f"止期 {last} 早于起期或今日，应不早于 {max(first, today)}",
            en=f"it ends before it begins, or is over; expected {max(first, today)} or later",
        )


class ScenarioState(StrEnum):
    """How a scenario stands on a day."""

    IN_FORCE = "in-force"
    NOT_YET = "not-yet"
    OVER = "over"
    CLOSED = "closed"
    UNREAD = "unread"
    """Its text is not known here (SN12)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioWord:
    """One statement about a scenario by its issuer, in force as a statement (SPEC §5.3)."""

    origin: Origin
    index: int
    leaf_hash: LeafHash
    statement_id: bytes
    about: bytes
    epoch: int
    """Place of the log in the issuer's chain of logs, oldest first."""
    action: ScenarioAction
    said_on: Date
    """The day that its header states: a claim, by which a region binds itself alone."""
    said_at: Timestamp = Timestamp(0)
    """The moment that it states, for showing what was said in order."""
    scenario: Scenario
    """Of what cannot be read, the text before it."""
    unread: bool = False

    @property
    def place(self) -> tuple[int, int]:
        """By which of two statements of one issuer the later one is known."""
        return self.epoch, self.index


def newest(words: Sequence[ScenarioWord]) -> ScenarioWord:
    """The statement that counts of those about one scenario (SN10)."""
    if len(words) == 1:
        return words[0]
    closed = [word for word in words if word.action == ScenarioAction.CLOSED]
    return max(closed or words, key=lambda word: word.place)


def state_of(words: Sequence[ScenarioWord], day: Date) -> ScenarioState:
    """How a scenario stands on a day (SN10, SN11)."""
    word = newest(words)
    if word.action == ScenarioAction.CLOSED:
        return ScenarioState.CLOSED
    if word.unread:
        return ScenarioState.UNREAD
    if word.scenario.valid_from > day:
        return ScenarioState.NOT_YET
    return ScenarioState.OVER if 0 < word.scenario.valid_until < day else ScenarioState.IN_FORCE


def in_force(words: Sequence[ScenarioWord], day: Date) -> ScenarioWord | None:
    """The text of a scenario that is in force on a day; None where none is (SN10, SN11)."""
    return newest(words) if state_of(words, day) is ScenarioState.IN_FORCE else None
