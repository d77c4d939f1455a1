"""Catalogs 目录: which lists this region recognises, and which measures may follow.

Catalogs are data, in dated editions 版本 of four layers:

    national   全国公共信用信息基础目录、全国失信惩戒措施基础清单
    joint      a supplement that regions made together 联合补充目录 (川渝)
    province   省级补充目录: by a local regulation of the province
    city       the city's allocation of work 分工: narrows, and never adds

A list type is recognised where an edition of one of the first three layers, in force at the
decision's date, has it; a city's edition may only say who does the work and strike what is not
done there. Of several layers the lowest describes it, and it can only narrow: periods take the
shorter longest and the longer shortest, subject kinds and measures the intersection. Measures are
those in force today. What is not confirmed (marked M or P: seen in part or from memory) is
configuration that counts only once a person of this node has confirmed it against the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from typing import Final

from federation.ids import Date
from federation.payloads import SubjectKind, Tier

FOR_EVER: Final = Date(99991231)
ATTESTATION_DAYS: Final = 90
"""Days for which a subject's region is believed, where no edition says otherwise."""


class Layer(StrEnum):
    """Whose catalog it is; in the order in which lower ones narrow higher ones."""

    NATIONAL = "national"
    JOINT = "joint"
    PROVINCE = "province"
    CITY = "city"


LAYERS: Final = tuple(Layer)


class Certainty(StrEnum):
    """How well an entry is supported."""

    CONFIRMED = "C"
    """Read in the text."""
    PART = "P"
    """Read in part."""
    MEMORY = "M"
    """Not read: configuration until a person confirms it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A punitive measure 惩戒措施 of a measure list."""

    code: str
    name: str
    basis: str
    implementer: str = ""
    """Who applies it 实施主体."""
    certainty: Certainty = Certainty.CONFIRMED
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListItem:
    """A list type 名单类型 as an edition describes it."""

    list_type: str
    name: str
    basis: str
    """Laws, regulations and central documents on which it stands; what has none is refused."""
    authority: str
    """Which authorities determine it 认定单位, in words."""
    authorities: frozenset[str] | None = None
    """Codes of the authorities that may; None: whomever the charter makes competent."""
    subjects: frozenset[SubjectKind] = frozenset(SubjectKind) - {SubjectKind.UNSPECIFIED}
    tier: Tier = Tier.SEVERE
    shortest_months: int = 0
    longest_months: int = 0
    """Longest publication period from the decision's date; 0: the catalog does not know one."""
    term_months: int = 0
    """Months of publication where a decision states none, by the text of the list; 0: the text
    leaves it to the decision, or is not known."""
    early_exit: str = ""
    """How a subject leaves the list early, in words."""
    measures: frozenset[str] | None = None
    """Codes of the measures that may follow; None: this layer does not say."""
    department: str = ""
    """Who does the work here 责任单位; from a city's edition."""
    struck: bool = False
    """A city's edition says that the list is not used here."""
    certainty: Certainty = Certainty.CONFIRMED
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One edition of one layer's catalog and measure list."""

    id: str
    series: str
    """What it is an edition of; within a series the newest in force replaces the others."""
    layer: Layer
    name: str
    valid_from: Date
    valid_to: Date = FOR_EVER
    """Last day."""
    lists: Mapping[str, ListItem]
    measures: Mapping[str, Measure]
    attestation_days: int = 0
    """For how many days the word of a subject's region counts 主体核验; 0: it does not say."""

    def in_force(self, day: Date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= day <= self.valid_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A list type as all layers in force on a day describe it together."""

    item: ListItem
    confirmed: bool
    """Every layer's description that is marked P or M was confirmed by a person of this node."""
    editions: tuple[str, ...]
    """The editions that speak of it, highest layer first."""


class Catalog:
    """All editions that a node has adopted, with what its people confirmed."""

    def __init__(
        self, editions: Iterable[Edition], confirmed: AbstractSet[str] = frozenset()
    ) -> None:
        """Take the editions.

        Args:
            editions: in any order; of one layer and id at most one.
            confirmed: `edition/list type` and `edition/measure code` of what was confirmed.
        """
        order = {layer: number for number, layer in enumerate(LAYERS)}
        self.editions: Sequence[Edition] = sorted(
            editions, key=lambda e: (order[e.layer], e.valid_from, e.id)
        )
        self.confirmed = frozenset(confirmed)
        self._entries: dict[tuple[str, tuple[str, ...]], Entry | None] = {}
        self._terms: dict[tuple[str, Date], int] = {}
        self._in_force: dict[Date, tuple[Edition, ...]] = {}

    def in_force(self, day: Date) -> tuple[Edition, ...]:
        """The editions in force on a day, of each series the newest; highest layer first."""
        if day not in self._in_force:
            newest = {e.series: e for e in self.editions if e.in_force(day)}
            self._in_force[day] = tuple(e for e in self.editions if newest.get(e.series) is e)
        return self._in_force[day]

    def entry(self, list_type: str, day: Date) -> Entry | None:
        """How the list type stands on a day; None where no edition recognises it."""
        editions = self.in_force(day)
        key = (list_type, tuple(e.id for e in editions))
        if key not in self._entries:
            self._entries[key] = self._combine(list_type, editions)
        return self._entries[key]

    def term_months(self, list_type: str, day: Date) -> int:
        """Months for which a decision of that day is published that states none; 0: not known.

        Only what is confirmed says so: nobody is published by what was not read. A city that struck
        the list does not use it; how long its own authority publishes is another matter.
        """
        key = (list_type, day)
        if key not in self._terms:
            editions = [e for e in self.in_force(day) if list_type in e.lists]
            entry = self._combine(list_type, [e for e in editions if not e.lists[list_type].struck])
            known = entry is not None and entry.confirmed
            self._terms[key] = entry.item.term_months if entry is not None and known else 0
        return self._terms[key]

    def measures(self, entry: Entry, today: Date) -> tuple[Measure, ...]:
        """The measures that may follow from a list, of those in force today and confirmed."""
        found = {
            code: measure
            for edition in self.in_force(today)
            for code, measure in edition.measures.items()
            if self._counts(edition, code, measure.certainty)
        }
        allowed = entry.item.measures or frozenset()
        return tuple(found[code] for code in sorted(allowed) if code in found)

    def attestation_days(self, today: Date) -> int:
        """For how many days the word of a subject's region counts: the fewest that are said."""
        said = [e.attestation_days for e in self.in_force(today) if e.attestation_days]
        return min(said, default=ATTESTATION_DAYS)

    def _combine(self, list_type: str, editions: Sequence[Edition]) -> Entry | None:
        speaking = [e for e in editions if list_type in e.lists]
        if not any(e.layer is not Layer.CITY for e in speaking):
            return None
        items = [e.lists[list_type] for e in speaking]
        if any(item.struck for item in items):
            return None
        confirmed = all(
            self._counts(e, list_type, i.certainty) for e, i in zip(speaking, items, strict=True)
        )
        return Entry(
            item=reduce(_narrow, items),
            confirmed=confirmed,
            editions=tuple(e.id for e in speaking),
        )

    def _counts(self, edition: Edition, code: str, certainty: Certainty) -> bool:
        return certainty is Certainty.CONFIRMED or f"{edition.id}/{code}" in self.confirmed


def _narrow(higher: ListItem, lower: ListItem) -> ListItem:
    """Describe a list as a lower layer does, without widening what the higher one says."""
    longest = [months for months in (higher.longest_months, lower.longest_months) if months]
    terms = [months for months in (higher.term_months, lower.term_months) if months]
    return replace(
        higher,
        name=lower.name or higher.name,
        authorities=_both(higher.authorities, lower.authorities),
        subjects=higher.subjects & lower.subjects,
        shortest_months=max(higher.shortest_months, lower.shortest_months),
        longest_months=min(longest, default=0),
        term_months=min(terms, default=0),
        early_exit=lower.early_exit or higher.early_exit,
        measures=_both(higher.measures, lower.measures),
        department=lower.department or higher.department,
    )


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other
