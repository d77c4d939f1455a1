"""Whatever editions say: a matter makes no measure, and blocks only by class, rank and article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

from federation.ids import Date
from federation.payloads import Tier
from federation.reconcile.catalog import (
    OF_CHOICE,
    Catalog,
    Edition,
    Layer,
    ListItem,
    Measure,
    Regulation,
)
from federation.reconcile.entries import entries_of
from federation.reconcile.matters import Applicable, Matter, MatterRow, MeasureClass
from federation.reconcile.sources import BasisRank, Certainty

LIST, OTHER = "judgment-defaulter", "major-tax-violation"
DAY, DECIDED = Date(20260105), Date(20240105)
PENAL = "administrative-penalty-serious"
LAW = Regulation(title="某省条例", passed_by="某省人民代表大会")
CERTAIN = (Certainty.CONFIRMED, Certainty.CONFIRMED, Certainty.MEMORY)
RANKS = (None, BasisRank.LAW, BasisRank.LAW, *BasisRank)


def some(random: Random, values: Sequence[Any]) -> frozenset[Any]:
    return frozenset(one for one in sorted(values) if random.random() < 0.9)


def any_edition(random: Random, number: int) -> Edition:
    """An edition of any layer, which may say what is refused when it is adopted."""
    layer = random.choice(list(Layer))
    regulation = LAW if layer is Layer.PROVINCE and random.random() < 0.7 else None
    lists = {
        name: ListItem(
            list_type=name,
            name="某名单",
            basis="某法",
            authority="",
            tier=random.choice([Tier.SEVERE, Tier.SEVERE, Tier.SEVERE, Tier.WATCH]),
            measures=random.choice([None, some(random, "mno")]),
            certainty=random.choice(CERTAIN),
            regulation=regulation,
            valid_from=DAY,
        )
        for name in some(random, (LIST, OTHER, PENAL))
    }
    measures = {
        code: Measure(
            code=code,
            name="某措施",
            basis="某法",
            basis_rank=random.choice(RANKS),
            measure_class=random.choice([0, 1, 1, 1, 2, 3]),
            certainty=random.choice(CERTAIN),
            regulation=regulation,
        )
        for code in some(random, "mno")
    }
    rows = tuple(
        MatterRow(
            measure=code,
            list_types=some(random, (LIST, OTHER, PENAL)),
            manner="提示",
            block=random.random() < 0.8,
            block_months=random.choice([0, 12, 36]),
            article=random.choice(["", "某条", "某条"]),
            certainty=random.choice(CERTAIN),
        )
        for code in sorted(some(random, "mno"))
    )
    matter = Matter(
        code="loan",
        name="某事项",
        basis="某法",
        rows=rows,
        objection_suspends=False,
        certainty=random.choice(CERTAIN),
        valid_from=DAY,
        valid_until=DAY,
    )
    return Edition(
        id=f"e{number}",
        series=f"e{number}",
        layer=layer,
        name="某目录",
        valid_from=DAY,
        lists=lists,
        measures=measures,
        matters={"loan": matter} if random.random() < 0.6 else {},
    )


def test_no_editions_whatsoever_make_a_measure_or_a_block_of_their_own() -> None:
    random = Random(20261129)
    seen: Counter[str] = Counter()
    for _ in range(2500):
        editions = [any_edition(random, number) for number in range(random.randint(1, 4))]
        names = [f"{e.id}/{name}" for e in editions for name in sorted(entries_of(e))]
        catalog = Catalog(editions, some(random, names))
        seen.update(checked(catalog))
    assert min(seen["block"], seen["prompt"]) > 20, seen


def checked(catalog: Catalog) -> list[str]:
    """Check all that follows of all lists; the classes of the measures."""
    matter = catalog.matter("loan", DAY)
    if matter is None:
        return []
    speaking = [e for e in catalog.editions if "loan" in e.matters]
    for edition in speaking:
        assert catalog.counts(edition, "matters/loan", edition.matters["loan"].certainty)
    found: list[str] = []
    for list_type in (LIST, OTHER, PENAL):
        entry = catalog.entry(list_type, DAY)
        for one in catalog.applicable(matter, entry, DAY, DECIDED) if entry else ():
            assert entry is not None
            assert one.measure in catalog.measures(entry, DAY)
            assert (entry.confirmed, entry.item.tier) == (True, Tier.SEVERE)
            assert list_type != PENAL
            assert one.measure.measure_class != OF_CHOICE
            check_rows(catalog, speaking, list_type, one)
            found.append(one.cls.value)
    return found


def check_rows(catalog: Catalog, speaking: list[Edition], list_type: str, one: Applicable) -> None:
    """Every edition that speaks of the measure in the matter lets it follow, and block."""
    code = one.measure.code
    rows = [(e, r) for e in speaking for r in e.matters["loan"].rows if r.measure == code]
    assert rows
    assert all(list_type in row.list_types for _, row in rows)
    if one.cls is MeasureClass.BLOCK:
        assert one.measure.measure_class == 1
        assert one.measure.basis_rank in {BasisRank.LAW, BasisRank.REGULATION, BasisRank.CENTRAL}
        assert one.measure.regulation is None
        assert all(row.block and row.block_months != 12 for _, row in rows)
        articles = [(e, row) for e, row in rows if row.article]
        assert articles
        named = f"matters/loan/{code}"
        assert all(catalog.counts(e, named, row.certainty) for e, row in articles)
