"""Matters 事项: what a department does in this region, and which measures may follow there.

A department asks before it acts in a *matter*: procurement, money of the government, an honour. A
matter is configuration of a region, dated data of catalog editions; it makes no measure, it only
says which of those that follow from a list anyway (B3) follow here, and in what manner.

    MA1  a matter may be asked about on a day on which an edition in force has it, and every entry
         that describes it then is confirmed (B4); else it is refused (`matter.unknown`,
         `matter.unconfirmed`), never answered as clear
    MA2  entries of several editions narrow each other: a measure follows only where all entries of
         the layer that names it first, and of those below, name it, for the list types that all of
         them name; it may block only where all of them say so, for the fewest months. An outcome
         is due in the fewest days, what was done is undone within the longest time (0: without
         end) and an open objection suspends where any of them says so
    MA3  of a listing only a measure follows that follows from its list (B3, B8), where the list
         stands and is confirmed
    MA4  `block` 拦截 is only a measure of class 1 whose basis is a law, an administrative
         regulation or a central document and which no local regulation makes, where the row says
         so and its own article is confirmed; of a measure that the law lets last for a time, in
         the months after the decision that are certain (`block_months`), because a list is
         published longer than the ban may last. Everything else is `prompt` 提示
    MA5  from a penalty 行政处罚, and from a list that is not one of severe dishonesty
         重点关注、异常名录, nothing follows; an edition that says otherwise is refused
         (`federation.reconcile.matter_grounds`)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from federation.dates import add_months
from federation.errors import RefusedError
from federation.ids import Date
from federation.payloads import PENALTY_LIST_TYPE, Tier
from federation.reconcile.sources import BasisRank, Certainty

if TYPE_CHECKING:
    from federation.reconcile.catalog import Catalog, Edition, Entry, Measure

MATTERS: Final = "matters"
"""What stands before the code of a matter where an entry of an edition is named."""
OUTCOME_DAYS: Final = 5
"""Working days within which an outcome is reported where no edition says."""
RIGHTS: Final = 1
"""Class of the measures that lessen rights or add duties: they alone may block."""
BLOCKING_RANKS: Final = frozenset({BasisRank.LAW, BasisRank.REGULATION, BasisRank.CENTRAL})
"""On what a measure has to rest that blocks."""

BLOCK: Final = "matter.block"
"""Why a measure has its class: it may block;"""
BY_ROW: Final = "matter.prompt"
"""the matter only has people told;"""
BY_CLASS: Final = "matter.prompt-class"
"""the measure is not of class 1;"""
BY_RANK: Final = "matter.prompt-rank"
"""it rests on none of `BLOCKING_RANKS`;"""
BY_ARTICLE: Final = "matter.prompt-article"
"""nobody confirmed the matter's own article;"""
BY_TERM: Final = "matter.prompt-term"
"""the months after the decision for which it surely lasts are over."""


class MeasureClass(StrEnum):
    """What a measure asks of whoever handles a case."""

    BLOCK = "block"
    """拦截: the case may not proceed."""
    PROMPT = "prompt"
    """提示: whoever decides is told, and decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterRow:
    """One measure that may follow in a matter."""

    measure: str
    """Its code."""
    list_types: frozenset[str]
    """From which lists."""
    manner: str
    """What is done here, in words."""
    block: bool = False
    """Whether the matter's own article lets it block (MA4)."""
    block_months: int = 0
    """For how many months after the decision it may block, after which it prompts: what the law
    lets the measure last at least; 0: as long as the listing stands."""
    article: str = ""
    """The matter's own article: law and number; empty: the edition knows none."""
    certainty: Certainty
    """How well the article is supported."""
    source: str = ""

    @property
    def name(self) -> str:
        """Its name where it waits to be confirmed."""
        return f"{self.manner}：{self.article}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A matter as one edition describes it, or as all in force do together (`editions`)."""

    code: str
    name: str
    department: str = ""
    """Who handles it here 责任单位, in words."""
    basis: str
    """On what the department acts."""
    basis_rank: BasisRank | None = None
    rows: tuple[MatterRow, ...]
    """Of each measure at most one, in the order of their codes."""
    outcome_days: int = 0
    """Working days until the outcome of a match is due; 0: the edition does not say."""
    undo_months: int = 0
    """Months for which what was done in a case is undone or looked at again when the listing is
    withdrawn or repaired; 0: without end."""
    objection_suspends: bool
    """Whether an open objection 异议 suspends the measures."""
    certainty: Certainty
    valid_from: Date
    valid_until: Date
    """Last day."""
    source: str = ""
    editions: tuple[str, ...] = ()
    """Those that describe it together, highest layer first; empty in an edition itself."""

    @property
    def outcome_within(self) -> int:
        """Working days until the outcome of a match is due."""
        return self.outcome_days or OUTCOME_DAYS

    def counts_on(self, day: Date) -> bool:
        """Whether it counts on a day."""
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicable:
    """A measure that may follow from a listing in a matter."""

    measure: Measure
    cls: MeasureClass
    manner: str
    basis: str
    """Of the measure, with its article."""
    article: str
    """The matter's own article, where it is confirmed; else empty."""
    rule: str
    """Why it has its class: `matter.block`, `matter.prompt…`."""


def entry_name(matter: str, measure: str = "") -> str:
    """The name under which a matter is confirmed, or the article of one of its rows."""
    return f"{MATTERS}/{matter}/{measure}" if measure else f"{MATTERS}/{matter}"


def entries_of_matters(matters: Iterable[Matter]) -> dict[str, Matter | MatterRow]:
    """What a person may confirm of matters: each of them, and the articles of its rows."""
    result: dict[str, Matter | MatterRow] = {}
    for matter in matters:
        result[entry_name(matter.code)] = matter
        for row in matter.rows:
            if row.article:
                result[entry_name(matter.code, row.measure)] = row
    return result


def matter_codes(catalog: Catalog, day: Date) -> Sequence[str]:
    """The codes of the matters that editions in force have on a day, confirmed or not."""
    return sorted({code for edition in catalog.in_force(day) for code in edition.matters})


def described_matter(catalog: Catalog, code: str, day: Date) -> Matter | None:
    """What the editions in force on a day say of a matter together (MA2), confirmed or not.

    Returns:
        The matter, its certainty and those of its rows `C` where all that they come from counts,
        else `M`; None where no edition has it on this day.
    """
    speaking = [
        (edition, edition.matters[code])
        for edition in catalog.in_force(day)
        if code in edition.matters and edition.matters[code].counts_on(day)
    ]
    if not speaking:
        return None
    said = [matter for _, matter in speaking]
    undone = [matter.undo_months for matter in said]
    return replace(
        said[0],
        name=said[-1].name,
        department=_lowest(matter.department for matter in said),
        rows=_rows(catalog, speaking),
        outcome_days=min((m.outcome_days for m in said if m.outcome_days), default=0),
        undo_months=max(undone) if all(undone) else 0,
        objection_suspends=any(matter.objection_suspends for matter in said),
        certainty=_together(
            catalog.counts(edition, entry_name(code), matter.certainty)
            for edition, matter in speaking
        ),
        valid_from=max(matter.valid_from for matter in said),
        valid_until=min(matter.valid_until for matter in said),
        editions=tuple(edition.id for edition, _ in speaking),
    )


def matter_asked(catalog: Catalog, code: str, day: Date) -> Matter:
    """The matter that somebody asks about (MA1).

    Raises:
        RefusedError: `matter.unknown`: no edition in force has it; `matter.unconfirmed`: it waits
            for a person.
    """
    matter = catalog.matter(code, day)
    if matter is not None:
        return matter
    if described_matter(catalog, code, day) is None:
        message = (
            "本市目录没有此事项；应为 `huxin catalog matters` 所列的代码 / no edition in force has "
            "this matter; expected a code that `huxin catalog matters` lists"
        )
        raise RefusedError("matter.unknown", message)
    message = (
        f"{code}: 此事项尚未经人核实；请目录管理人员对照正式文本后核实 / nobody of this node has "
        "confirmed this matter; have it compared with the official text (`huxin catalog confirm`)"
    )
    raise RefusedError("matter.unconfirmed", message)


def punishes_severely(list_type: str, tier: Tier) -> bool:
    """Whether a list is one from which a measure may follow at all (MA5)."""
    return tier is Tier.SEVERE and not list_type.startswith(PENALTY_LIST_TYPE)


def applicable(
    catalog: Catalog, matter: Matter, entry: Entry, today: Date, decided_on: Date
) -> tuple[Applicable, ...]:
    """The measures that may follow from a listing in a matter (MA3 to MA5).

    Args:
        catalog: the editions adopted.
        matter: as `Catalog.matter` gives it.
        entry: how the list stands for the listing.
        today: the day on which is asked.
        decided_on: the day of the listing's decision; 0: not known.
    """
    if not _may_lead(entry):
        return ()
    rows = {row.measure: row for row in matter.rows if entry.item.list_type in row.list_types}
    return tuple(
        _applied(measure, rows[measure.code], today, decided_on)
        for measure in catalog.measures(entry, today)
        if measure.code in rows
    )


def following(catalog: Catalog, today: Date) -> list[tuple[Measure, tuple[str, ...]]]:
    """All measures that may follow at all from listings decided today, with their lists."""
    found: dict[str, tuple[Measure, list[str]]] = {}
    for list_type in sorted({name for one in catalog.in_force(today) for name in one.lists}):
        entry = catalog.entry(list_type, today)
        if entry is None or not _may_lead(entry):
            continue
        for measure in catalog.measures(entry, today):
            found.setdefault(measure.code, (measure, []))[1].append(list_type)
    return [(measure, tuple(types)) for _, (measure, types) in sorted(found.items())]


def class_of(
    measure: Measure, row: MatterRow, today: Date, decided_on: Date
) -> tuple[MeasureClass, str]:
    """Whether a measure blocks in a matter, and why, or why not (MA4)."""
    if not row.block:
        return MeasureClass.PROMPT, BY_ROW
    if measure.measure_class != RIGHTS:
        return MeasureClass.PROMPT, BY_CLASS
    if measure.basis_rank not in BLOCKING_RANKS or measure.regulation is not None:
        return MeasureClass.PROMPT, BY_RANK
    if not _own_article(row):
        return MeasureClass.PROMPT, BY_ARTICLE
    if row.block_months and not _lasts(row, today, decided_on):
        return MeasureClass.PROMPT, BY_TERM
    return MeasureClass.BLOCK, BLOCK


def matter_to_json(matter: Matter, catalog: Catalog, today: Date) -> dict[str, Any]:
    """A matter as departments are shown it.

    Of each row: the measure (`code`, `name`, `class`, `rule`), `block_months`, `manner`, `article`
    where confirmed, `list_types` from whose listings it follows when decided today, and in `idle`
    those from which it does not, because the list or the measure does not stand or waits.
    """
    return {
        "code": matter.code,
        "name": matter.name,
        "department": matter.department,
        "basis": matter.basis,
        "basis_rank": matter.basis_rank.value if matter.basis_rank else "",
        "rows": [_row_to_json(matter, row, catalog, today) for row in matter.rows],
        "outcome_days": matter.outcome_within,
        "undo_months": matter.undo_months,
        "objection_suspends": matter.objection_suspends,
        "confirmed": matter.certainty is Certainty.CONFIRMED,
        "editions": list(matter.editions),
    }


def _may_lead(entry: Entry) -> bool:
    """Whether anything may follow from a list as it stands (MA3, MA5)."""
    return entry.confirmed and punishes_severely(entry.item.list_type, entry.item.tier)


def _row_to_json(matter: Matter, row: MatterRow, catalog: Catalog, today: Date) -> dict[str, Any]:
    following: dict[str, Applicable] = {}
    for list_type in sorted(row.list_types):
        entry = catalog.entry(list_type, today)
        for one in applicable(catalog, matter, entry, today, today) if entry else ():
            if one.measure.code == row.measure:
                following[list_type] = one
    shown = next(iter(following.values()), None)
    return {
        "code": row.measure,
        "name": shown.measure.name if shown else "",
        "class": shown.cls.value if shown else "",
        "rule": shown.rule if shown else "",
        "basis": shown.basis if shown else "",
        "block_months": row.block_months,
        "manner": row.manner,
        "article": row.article if _own_article(row) else "",
        "list_types": sorted(following),
        "idle": sorted(row.list_types - following.keys()),
    }


def _applied(measure: Measure, row: MatterRow, today: Date, decided_on: Date) -> Applicable:
    cls, rule = class_of(measure, row, today, decided_on)
    return Applicable(
        measure=measure,
        cls=cls,
        manner=row.manner,
        basis=f"{measure.basis}{measure.article}",
        article=row.article if _own_article(row) else "",
        rule=rule,
    )


def _lasts(row: MatterRow, today: Date, decided_on: Date) -> bool:
    """Whether a measure that lasts for a time surely lasts on a day; not if nobody knows."""
    return bool(decided_on) and today <= add_months(decided_on, row.block_months)


def _own_article(row: MatterRow) -> bool:
    return bool(row.article) and row.certainty is Certainty.CONFIRMED


def _rows(catalog: Catalog, speaking: Sequence[tuple[Edition, Matter]]) -> tuple[MatterRow, ...]:
    codes = {row.measure for _, matter in speaking for row in matter.rows}
    combined = (_row(catalog, code, speaking) for code in sorted(codes))
    return tuple(row for row in combined if row is not None)


def _row(
    catalog: Catalog, measure: str, speaking: Sequence[tuple[Edition, Matter]]
) -> MatterRow | None:
    """What entries say of a measure together; None where one of them leaves it out (MA2)."""
    naming = [
        (edition, matter.code, row)
        for edition, matter in speaking
        for row in matter.rows
        if row.measure == measure
    ]
    top = naming[0][0].layer
    first = next(at for at, (edition, _) in enumerate(speaking) if edition.layer is top)
    rows = [row for _, _, row in naming]
    list_types = frozenset.intersection(*(row.list_types for row in rows))
    if len(naming) < len(speaking) - first or not list_types:
        return None
    return replace(
        rows[-1],
        list_types=list_types,
        block=all(row.block for row in rows),
        block_months=min((row.block_months for row in rows if row.block_months), default=0),
        article=_lowest(row.article for row in rows),
        certainty=_together(
            catalog.counts(edition, entry_name(code, measure), row.certainty)
            for edition, code, row in naming
            if row.article
        ),
    )


def _together(counts: Iterable[bool]) -> Certainty:
    return Certainty.CONFIRMED if all(counts) else Certainty.MEMORY


def _lowest(texts: Iterable[str]) -> str:
    """What the lowest layer says that says anything."""
    return next(reversed([text for text in texts if text]), "")
