"""Successors of authorities 承继机关: who may end what an authority that is gone has listed.

    AU1 where an authority is gone on the day of a relief's decision, its successors, and of one
        that is gone as well those that came after it, count as competent to relieve its records
    AU2 only rows count that are confirmed, of editions in force on that day; while an authority
        stands by every such row, nobody else relieves for it
    AU3 a successor ends and does nothing else in the old one's name: it lists nothing, resumes
        nothing, and relieves in the log of its own node only

谁认定谁修复 would otherwise leave a listing without anybody who may end it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from federation.ids import Date
from federation.reconcile.catalog import Catalog, Edition
from federation.reconcile.entries import AUTHORITIES, REGIONS
from federation.reconcile.registers import CodeRow


def authority_rows(catalog: Catalog, day: Date) -> Sequence[tuple[Edition, CodeRow]]:
    """The rows of authorities in force on a day, confirmed or not; higher layers first."""
    return [(e, row) for e in catalog.in_force(day) for row in e.authorities.values()]


def region_rows(catalog: Catalog, day: Date) -> Sequence[tuple[Edition, CodeRow]]:
    """The rows of regions in force on a day, confirmed or not; higher layers first."""
    return [(e, row) for e in catalog.in_force(day) for row in e.regions.values()]


def authority_confirmed(catalog: Catalog, edition: Edition, row: CodeRow) -> bool:
    """Whether a row of an authority counts (AU2)."""
    return catalog.counts(edition, f"{AUTHORITIES}/{row.code}", row.certainty)


def region_confirmed(catalog: Catalog, edition: Edition, row: CodeRow) -> bool:
    """Whether a row of a region counts."""
    return catalog.counts(edition, f"{REGIONS}/{row.code}", row.certainty)


def predecessors(catalog: Catalog, bound: AbstractSet[str], day: Date) -> Mapping[str, CodeRow]:
    """The authorities gone on a day for which those bound count as competent in relief (AU1).

    Args:
        catalog: the editions adopted, and what was confirmed of them.
        bound: codes of authorities for which somebody may speak.
        day: of the relief's decision.

    Returns:
        By its code the row that says so; none of those bound.
    """
    gone = [
        row
        for edition, row in authority_rows(catalog, day)
        if row.gone_on(day) and authority_confirmed(catalog, edition, row)
    ]
    found: dict[str, CodeRow] = {}
    reached: AbstractSet[str] = bound
    while reached:
        earlier = {r.code: r for r in gone if not reached.isdisjoint(r.successors)}
        reached = earlier.keys() - found.keys() - bound
        found |= {code: earlier[code] for code in reached}
    return found


def names_of(rows: Iterable[CodeRow]) -> Mapping[str, str]:
    """Codes by the names, now and before, under which authorities may be named."""
    return {name: row.code for row in rows for name in (*row.former_names, row.name, row.code)}
