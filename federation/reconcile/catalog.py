"""Catalogs 目录: which lists this region recognises, and which measures may follow.

Catalogs are data, in dated editions 版本 of four layers:

    national   全国公共信用信息基础目录、全国失信惩戒措施基础清单
    joint      a supplement that regions made together 联合补充目录 (川渝)
    province   省级补充目录
    city       the city's allocation of work 分工

Only the law makes a list 国办发〔2020〕49号: whoever adds one or widens one acts without ground.

    B1  a list type stands by an entry of a national edition, or of a province's that names the
        local regulation 地方性法规 on which it rests; the entries of all others only narrow it
        (periods take the shorter longest and the longer shortest, kinds of subject, authorities and
        measures the intersection), name who does the work, or strike it. Of what nothing makes,
        but an entry speaks, a listing is held
    B2  an entry counts for decisions of the days from its `valid_from` to its `valid_until`, those
        of the order that makes the list; a listing decided outside them is held
    B3  a measure stands by a national edition, or by a province's that names its local regulation;
        those of other editions only say who applies it. Of a list only such measures follow as the
        entries that make it name, a province's by its regulation besides; where none of these
        names any, other entries may name measures that stand
    B4  what is not confirmed (marked M or P: seen in part or from memory) is configuration that
        counts only once a person of this node has confirmed it against the text; nothing is
        confirmed because nobody said how certain it is
    B8  a measure of class 3 is what others choose by themselves 由有关主体自主决定: it is shown,
        and follows from no list

The editions are those in force on the decision's date, measures those in force today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from functools import reduce
from typing import Final

from federation.ids import Date
from federation.payloads import SubjectKind, Tier
from federation.reconcile.case_rule import CaseRule
from federation.reconcile.equivalences import DatedEquivalence
from federation.reconcile.matters import (
    Applicable,
    Matter,
    applicable,
    described_matter,
    matter_codes,
)
from federation.reconcile.obligations import Deadline, Obligation
from federation.reconcile.registers import CodeRow
from federation.reconcile.sources import BasisRank, Certainty
from federation.reconcile.trust_lists import GradeMethod, TrustList

FOR_EVER: Final = Date(99991231)
EVERY_KIND: Final = frozenset(SubjectKind) - {SubjectKind.UNSPECIFIED}
ATTESTATION_DAYS: Final = 90
"""Days for which a subject's region is believed, where no edition says otherwise."""
OF_CHOICE: Final = 3
"""Class of the measures that others choose by themselves (B8)."""


class Layer(StrEnum):
    """Whose catalog it is; in the order in which lower ones narrow higher ones."""

    NATIONAL = "national"
    JOINT = "joint"
    PROVINCE = "province"
    CITY = "city"


LAYERS: Final = tuple(Layer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regulation:
    """A local regulation 地方性法规: passed by a people's congress or its standing committee."""

    title: str
    passed_by: str
    articles: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A punitive measure 惩戒措施 of a measure list."""

    code: str
    name: str
    basis: str
    article: str = ""
    """Where in the basis it stands."""
    basis_rank: BasisRank | None = None
    """Rank of the basis; None: the edition does not say."""
    measure_class: int = 0
    """Class 1 to 3 of the national list: rights are lessened, administration is stricter, others
    choose by themselves; 0: the edition does not say."""
    targets: str = ""
    """To whom it is applied 实施对象, in words."""
    means: str = ""
    """What is done 实施手段, in words."""
    implementer: str = ""
    """Who applies it 实施主体."""
    certainty: Certainty
    regulation: Regulation | None = None
    """The local regulation on which it stands, in a province's edition."""
    valid_from: Date = Date(0)
    """First day on which it stands; 0: since the edition does."""
    valid_until: Date = FOR_EVER
    """Last such day."""
    source: str = ""

    def counts_on(self, day: Date) -> bool:
        """Whether it stands on a day."""
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True, kw_only=True)
class ListItem:
    """A list type 名单类型 as an edition describes it."""

    list_type: str
    name: str
    basis: str
    """Laws, regulations and central documents on which it stands; what has none is refused."""
    basis_rank: BasisRank | None = None
    """Rank of the highest of them; None: the edition does not say."""
    authority: str
    """Which authorities determine it 认定单位, in words."""
    authorities: frozenset[str] | None = None
    """Codes of the authorities that may; None: whomever the charter makes competent."""
    subjects: frozenset[SubjectKind] = EVERY_KIND
    tier: Tier
    """UNSPECIFIED: an entry that only narrows does not say."""
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
    certainty: Certainty
    regulation: Regulation | None = None
    """The local regulation that makes the list, in a province's edition."""
    valid_from: Date
    """First day of decisions for which the entry counts: that of the order that makes the list."""
    valid_until: Date = FOR_EVER
    """Last such day."""
    source: str = ""

    def counts_on(self, day: Date) -> bool:
        """Whether it counts for a decision of a day."""
        return self.valid_from <= day <= self.valid_until


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
    deadlines: Mapping[Obligation, Deadline] = field(default_factory=dict)
    authorities: Mapping[str, CodeRow] = field(default_factory=dict)
    regions: Mapping[str, CodeRow] = field(default_factory=dict)
    matters: Mapping[str, Matter] = field(default_factory=dict)
    trust_lists: Mapping[str, TrustList] = field(default_factory=dict)
    grade_methods: Mapping[tuple[str, str], GradeMethod] = field(default_factory=dict)
    """By method and its edition."""
    equivalences: tuple[DatedEquivalence, ...] = ()
    cases: CaseRule | None = None
    attestation_days: int = 0
    """For how many days the word of a subject's region counts 主体核验; 0: it does not say."""

    def in_force(self, day: Date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= day <= self.valid_to

    def makes(self, what: ListItem | Measure) -> bool:
        """Whether an entry of this edition makes what it describes (B1, B3)."""
        if self.layer is Layer.PROVINCE:
            return what.regulation is not None
        return self.layer is Layer.NATIONAL


class Ground(Enum):
    """Whether a list type stands on a day (B1, B2)."""

    STANDS = 1
    OUTSIDE = 2
    """An entry makes it, but not for decisions of this day."""
    NONE = 3
    """Entries speak of it, and none of them makes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A list type as all layers in force on a day describe it together."""

    item: ListItem
    ground: Ground
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
        self._entries: dict[tuple[str, Date], Entry | None] = {}
        self._own: dict[tuple[str, Date], Entry | None] = {}
        self._in_force: dict[Date, tuple[Edition, ...]] = {}
        self._matters: dict[tuple[str, Date], Matter] = {}

    def in_force(self, day: Date) -> tuple[Edition, ...]:
        """The editions in force on a day, of each series of a layer the newest; highest first."""
        if day not in self._in_force:
            newest = {(e.layer, e.series): e for e in self.editions if e.in_force(day)}
            self._in_force[day] = tuple(
                e for e in self.editions if newest.get((e.layer, e.series)) is e
            )
        return self._in_force[day]

    def entry(self, list_type: str, day: Date) -> Entry | None:
        """How the list type stands on a day; None where none speaks of it, or one strikes it."""
        key = (list_type, day)
        if key not in self._entries:
            self._entries[key] = self._combine(list_type, day, self.in_force(day))
        return self._entries[key]

    def own(self, list_type: str, day: Date) -> Entry | None:
        """How it stands for decisions of this city's own authorities.

        A city that struck the list does not use it; what its own authority decides by it is another
        matter.
        """
        key = (list_type, day)
        if key not in self._own:
            kept = [e for e in self.in_force(day) if list_type in e.lists]
            kept = [e for e in kept if not e.lists[list_type].struck]
            self._own[key] = self._combine(list_type, day, kept)
        return self._own[key]

    def punishes(self, list_type: str) -> bool:
        """Whether any edition has it as a list of those who are punished."""
        return any(list_type in edition.lists for edition in self.editions)

    def without_ground(self, day: Date) -> dict[str, tuple[str, ...]]:
        """What editions in force speak of and none makes: list types and measures, by whom."""
        editions = self.in_force(day)
        types = {name for e in editions for name, i in e.lists.items() if not i.struck}
        found = {
            name: entry.editions
            for name in types
            if (entry := self.own(name, day)) and entry.ground is Ground.NONE
        }
        made = {code for e in editions for code, m in e.measures.items() if e.makes(m)}
        for code in {code for e in editions for code in e.measures} - made:
            found[code] = tuple(e.id for e in editions if code in e.measures)
        return dict(sorted(found.items()))

    def term_months(self, list_type: str, day: Date) -> int:
        """Months for which a decision of that day is published that states none; 0: not known.

        Only what stands and is confirmed says so: nobody is published by what was not read.
        """
        item = self._confirmed(list_type, day)
        return 0 if item is None else item.term_months

    def shortest_months(self, list_type: str, day: Date) -> int:
        """Months for which a decision of that day is published at least; 0: not known.

        Only what stands and is confirmed says so, as of the term.
        """
        item = self._confirmed(list_type, day)
        return 0 if item is None else item.shortest_months

    def _confirmed(self, list_type: str, day: Date) -> ListItem | None:
        """What our own catalog has of a list for a decision of a day, and a person confirmed."""
        entry = self.own(list_type, day)
        if entry is None or entry.ground is not Ground.STANDS or not entry.confirmed:
            return None
        return entry.item

    def measures(self, entry: Entry, today: Date) -> tuple[Measure, ...]:
        """The measures that may follow from a list, of those that stand today and are confirmed."""
        if entry.ground is not Ground.STANDS:
            return ()
        counting = [
            (edition.makes(measure), measure)
            for edition in self.in_force(today)
            for code, measure in edition.measures.items()
            if self.counts(edition, code, measure.certainty) and measure.counts_on(today)
        ]
        found = {measure.code: measure for makes, measure in counting if makes}
        for makes, measure in counting:
            if not makes and measure.implementer and measure.code in found:
                made = found[measure.code]
                found[measure.code] = replace(made, implementer=measure.implementer)
        allowed = entry.item.measures or frozenset()
        following = [found[code] for code in sorted(allowed) if code in found]
        return tuple(one for one in following if one.measure_class != OF_CHOICE)

    def matter(self, code: str, day: Date) -> Matter | None:
        """A matter that may be asked about on a day (MA1); None for any other."""
        if (code, day) not in self._matters:
            found = described_matter(self, code, day)
            if found is None or found.certainty is not Certainty.CONFIRMED:
                return None  # not kept: whoever asks chooses the codes
            self._matters[code, day] = found
        return self._matters[code, day]

    def matters(self, day: Date) -> tuple[Matter, ...]:
        """All that may be asked about on a day, in the order of their codes."""
        found = (self.matter(code, day) for code in matter_codes(self, day))
        return tuple(matter for matter in found if matter is not None)

    def applicable(
        self, matter: Matter, entry: Entry, today: Date, decided_on: Date = Date(0)
    ) -> tuple[Applicable, ...]:
        """The measures that may follow from a listing in a matter (MA3 to MA5).

        Args:
            matter: as `matter` gives it.
            entry: how the listing's list stands for it.
            today: the day on which is asked.
            decided_on: the day of the listing's decision; left out: not known.
        """
        return applicable(self, matter, entry, today, decided_on)

    def case_rule(self, day: Date) -> CaseRule | None:
        """By what cases are counted: the rule of the highest layer in force that has one (OC10)."""
        said = (edition.cases for edition in self.in_force(day))
        certain = (rule for rule in said if rule and rule.certainty is Certainty.CONFIRMED)
        return next(certain, None)

    def attestation_days(self, today: Date) -> int:
        """For how many days the word of a subject's region counts: the fewest that are said."""
        said = [e.attestation_days for e in self.in_force(today) if e.attestation_days]
        return min(said, default=ATTESTATION_DAYS)

    def _combine(self, list_type: str, day: Date, editions: Sequence[Edition]) -> Entry | None:
        speaking = [(e, e.lists[list_type]) for e in editions if list_type in e.lists]
        valid = [(e, item) for e, item in speaking if item.counts_on(day)]
        if not speaking or any(item.struck for _, item in valid):
            return None
        makers = [(e, item) for e, item in valid if e.makes(item)]
        if makers:
            ground = Ground.STANDS
        else:
            made = any(e.makes(item) for e, item in speaking)
            ground = Ground.OUTSIDE if made else Ground.NONE
        shown = valid if makers else speaking
        return Entry(
            item=described(shown),
            ground=ground,
            confirmed=all(self.counts(e, list_type, i.certainty) for e, i in shown),
            editions=tuple(e.id for e, _ in shown),
        )

    def counts(self, edition: Edition, code: str, certainty: Certainty) -> bool:
        """Whether an entry is confirmed, by the edition or by a person of this node (B4)."""
        return certainty is Certainty.CONFIRMED or f"{edition.id}/{code}" in self.confirmed


def described(entries: Sequence[tuple[Edition, ListItem]]) -> ListItem:
    """What entries say of a list together: those that make it, narrowed by the others.

    A regulation of a province may name measures besides those of the national edition (B3); in all
    else its entry narrows a list of the nation too.
    """
    makers = [item for edition, item in entries if edition.makes(item)]
    others = [item for edition, item in entries if not edition.makes(item)]
    if not makers:
        return reduce(_narrow, others)
    together = reduce(_narrow, makers)
    nation = [item.measures for item in makers if item.regulation is None]
    region = [item.measures for item in makers if item.regulation and item.measures is not None]
    measures = reduce(_both, nation) if nation else None
    if region:
        measures = frozenset().union(measures or (), *region)
    return reduce(_narrow, others, replace(together, measures=measures))


def _narrow(higher: ListItem, lower: ListItem) -> ListItem:
    """Describe a list as a lower layer does, without widening what the higher one says."""
    longest = [months for months in (higher.longest_months, lower.longest_months) if months]
    terms = (higher.term_months, lower.term_months or higher.term_months)
    return replace(
        higher,
        name=lower.name or higher.name,
        authorities=_both(higher.authorities, lower.authorities),
        subjects=higher.subjects & lower.subjects,
        tier=max(higher.tier, lower.tier),
        shortest_months=max(higher.shortest_months, lower.shortest_months),
        longest_months=min(longest, default=0),
        term_months=min(terms),
        early_exit=lower.early_exit or higher.early_exit,
        measures=_both(higher.measures, lower.measures),
        department=lower.department or higher.department,
    )


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other
