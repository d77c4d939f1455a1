"""Layers narrow, editions follow each other, and what nobody confirmed does not count."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from adapters.catalog.editions import complete, read_adopted, read_edition, starter_editions
from federation.errors import RefusedError
from federation.ids import Date
from federation.payloads import SubjectKind, Tier
from federation.reconcile.catalog import Catalog, Ground
from federation.reconcile.sources import BasisRank, Certainty
from tests.support.catalogs import REGULATION, catalog_of, edition_text, measure_text

LIST = "judgment-defaulter"
DAY = Date(20260105)


def item(catalog: Catalog, day: Date = DAY) -> object:
    entry = catalog.entry(LIST, day)
    return None if entry is None else entry.item


def ground(*texts: str, day: Date = DAY) -> Ground | None:
    entry = catalog_of(*texts).entry(LIST, day)
    return None if entry is None else entry.ground


def test_only_the_law_makes_a_list() -> None:
    for layer in ("joint", "province", "city"):
        assert ground(edition_text("one", layer=layer)) is Ground.NONE
        assert ground(edition_text("one", layer=layer), edition_text()) is Ground.STANDS
    assert ground(edition_text()) is Ground.STANDS
    assert ground(edition_text(layer="province", regulation=REGULATION)) is Ground.STANDS


def test_a_list_counts_for_decisions_of_the_days_of_its_order() -> None:
    text = edition_text(order_from="2023-05-01", valid_until="2024-12-31")
    days = [20230430, 20230501, 20241231, 20250101]
    wanted = [Ground.OUTSIDE, Ground.STANDS, Ground.STANDS, Ground.OUTSIDE]
    assert [ground(text, day=Date(day)) for day in days] == wanted
    narrowed = edition_text("joint", layer="joint")
    assert [ground(text, narrowed, day=Date(day)) for day in days] == wanted
    later = edition_text("later", order_from="2025-01-01")
    assert ground(text, later, day=Date(20250101)) is Ground.STANDS
    assert ground(text, later, day=Date(20230430)) is Ground.OUTSIDE


def test_what_does_not_stand_has_no_term_and_no_measures() -> None:
    measured = edition_text("nation", measures=["m"], order_from="2023-05-01")
    catalog = catalog_of(measured, measure_text("list", "m"))
    for day, months, codes in ((20230501, 36, ["m"]), (20230430, 0, [])):
        entry = catalog.entry(LIST, Date(day))
        assert entry is not None
        assert [m.code for m in catalog.measures(entry, DAY)] == codes
        assert catalog.term_months(LIST, Date(day)) == months
    assert catalog_of(edition_text("joint", layer="joint")).term_months(LIST, DAY) == 0


def test_only_the_law_makes_a_measure() -> None:
    nation = edition_text("nation", measures=["m1", "m2"])
    joint = measure_text("joint", "m2", layer="joint", implementer="某局")
    entry = catalog_of(nation).entry(LIST, DAY)
    assert entry is not None
    assert catalog_of(nation, joint).measures(entry, DAY) == ()
    for catalog in (
        catalog_of(nation, measure_text("list", "m2"), joint),
        catalog_of(nation, measure_text("p", "m2", layer="province", by_law=True), joint),
    ):
        assert [(m.code, m.implementer) for m in catalog.measures(entry, DAY)] == [("m2", "某局")]


@pytest.mark.parametrize(
    ("nation", "province", "joint", "allowed"),
    [
        (["m1"], ["m2"], None, {"m1", "m2"}),
        (["m1"], None, ["m1", "m3"], {"m1"}),
        (["m1"], ["m2"], ["m2"], {"m2"}),
        (None, None, ["m3"], {"m3"}),
        (None, ["m2"], ["m2", "m3"], {"m2"}),
    ],
)
def test_a_regulation_adds_measures_and_nothing_else_does(
    nation: list[str] | None,
    province: list[str] | None,
    joint: list[str] | None,
    allowed: set[str],
) -> None:
    entry = catalog_of(
        edition_text("nation", measures=nation),
        edition_text("province", layer="province", regulation=REGULATION, measures=province),
        edition_text("joint", layer="joint", measures=joint),
    ).entry(LIST, DAY)
    assert entry is not None
    assert entry.item.measures == frozenset(allowed)


def test_a_term_of_ones_own_counts_for_nothing() -> None:
    nation, city = edition_text("nation", term_months=0), edition_text("city", layer="city")
    assert catalog_of(nation, city).term_months(LIST, DAY) == 0


def test_a_city_strikes_a_list() -> None:
    city = edition_text("city", layer="city", struck=True)
    assert item(catalog_of(edition_text(), city)) is None


def test_a_lower_layer_only_narrows() -> None:
    high = edition_text(
        "nation",
        longest_months=24,
        shortest_months=6,
        subjects=["enterprise", "cooperative"],
        authorities=["a", "b"],
        measures=["m1", "m2"],
    )
    low = edition_text(
        "province",
        layer="province",
        longest_months=36,
        shortest_months=3,
        subjects=["enterprise", "sole-trader"],
        authorities=["b", "c"],
        measures=["m2", "m3"],
    )
    for texts in ((high, low), (low, high)):
        entry = catalog_of(*texts).entry(LIST, DAY)
        assert entry is not None
        assert (entry.item.longest_months, entry.item.shortest_months) == (24, 6)
        assert entry.item.subjects == {SubjectKind.ENTERPRISE}
        assert entry.item.authorities == frozenset({"b"})
        assert entry.item.measures == frozenset({"m2"})
        assert entry.editions == ("nation", "province")


def test_layers_that_name_nobody_in_common_leave_nobody() -> None:
    high = edition_text("nation", authorities=["a"])
    low = edition_text("province", layer="province", authorities=["b"])
    entry = catalog_of(high, low).entry(LIST, DAY)
    assert entry is not None
    assert entry.item.authorities == frozenset()


def test_of_a_series_the_newest_in_force_counts() -> None:
    old = edition_text("base-2020", series="base", valid_from="2020-01-01", longest_months=60)
    new = edition_text("base-2026", series="base", valid_from="2026-01-01", longest_months=36)
    catalog = catalog_of(new, old)
    months = [
        entry.item.longest_months
        for day in (20191231, 20200101, 20251231, 20260101)
        if (entry := catalog.entry(LIST, Date(day)))
    ]
    assert months == [60, 60, 36]


def test_an_edition_of_another_layer_hides_none_of_the_series() -> None:
    national = edition_text("base-2020", series="base", valid_from="2020-01-01")
    city = edition_text("own-2026", series="base", layer="city", valid_from="2026-01-01")
    assert ground(national, city) is Ground.STANDS


@pytest.mark.parametrize("certainty", list(Certainty))
def test_what_is_not_confirmed_does_not_count(certainty: Certainty) -> None:
    text = edition_text("base", certainty=certainty.value)
    before = catalog_of(text).entry(LIST, DAY)
    after = catalog_of(text, confirmed=[f"base/{LIST}"]).entry(LIST, DAY)
    assert before is not None
    assert after is not None
    assert before.confirmed == (certainty is Certainty.CONFIRMED)
    assert after.confirmed


def test_the_starter_editions_are_readable_and_say_how_certain_they_are() -> None:
    editions = {name: read_edition(text) for name, text in starter_editions().items()}
    assert {name: edition.id for name, edition in editions.items()} == {n: n for n in editions}
    lists = editions["national-lists-2024"].lists
    assert lists["work-safety"].certainty is Certainty.CONFIRMED
    assert len(lists) == 10
    assert all(i.source and i.basis_rank for e in editions.values() for i in e.lists.values())
    measures = editions["national-measures-2024"].measures
    assert all(m.source and m.basis_rank and m.measure_class for m in measures.values())
    read = {m.code for m in measures.values() if m.certainty is Certainty.CONFIRMED}
    assert all(measures[code].article for code in read)
    assert (measures["procurement-ban"].basis_rank, measures["procurement-ban"].article) == (
        BasisRank.LAW,
        "第七十七条",
    )
    for list_type, number in (("unpaid-migrant-wages", 8), ("government-procurement", 1)):
        named = lists[list_type].measures or frozenset()
        assert len(named) == number
        assert named <= read


def test_of_the_starter_what_follows_from_wages_is_what_the_regulation_names() -> None:
    catalog = catalog_of(*starter_editions().values())
    entry = catalog.entry("unpaid-migrant-wages", DAY)
    assert entry is not None
    following = catalog.measures(entry, DAY)
    assert len(following) == 8
    assert {(m.measure_class, m.basis_rank) for m in following} == {(2, BasisRank.REGULATION)}
    assert catalog.measures(entry, Date(20211231)) == ()


@pytest.mark.parametrize(("number", "codes"), [(None, ["m"]), (1, ["m"]), (2, ["m"]), (3, [])])
def test_b8_what_others_choose_by_themselves_follows_from_no_list(
    number: int | None, codes: list[str]
) -> None:
    stated: dict[str, Any] = {} if number is None else {"measure_class": number}
    catalog = catalog_of(edition_text(measures=["m"]), measure_text("list", "m", **stated))
    entry = catalog.entry(LIST, DAY)
    assert entry is not None
    assert [m.code for m in catalog.measures(entry, DAY)] == codes


def test_a_measure_follows_on_its_days_only() -> None:
    text = measure_text("list", "m", valid_from="2026-01-05", valid_until="2026-01-06")
    catalog = catalog_of(edition_text(measures=["m"]), text)
    entry = catalog.entry(LIST, DAY)
    assert entry is not None
    days = (20260104, 20260105, 20260106, 20260107)
    assert [len(catalog.measures(entry, Date(day))) for day in days] == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [", "line"),
        ("edition: x", "series"),
        (edition_text(unheard="x"), f"lists.{LIST}.unheard"),
        (edition_text(longest_months=-1), "longest_months"),
        (edition_text(subjects=["natural-person"]), "subject-kind"),
        (edition_text(basis=""), "basis"),
        (edition_text(tier="unspecified"), "tier"),
        (edition_text(basis_rank="statute"), "basis_rank"),
        (measure_text("m", "m", basis_rank="法律"), "basis_rank"),
        (measure_text("m", "m", measure_class=4), "measure_class"),
        (
            edition_text(layer="province", regulation=REGULATION | {"passed_by": "某省人民政府"}),
            "passed_by",
        ),
    ],
)
def test_a_faulty_edition_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(RefusedError, match=place) as caught:
        read_edition(text)
    assert caught.value.code == "catalog.file"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (edition_text(certainty=None), "certainty"),
        (edition_text(layer="city", certainty=None), "certainty"),
        (measure_text("m", "m").replace("    certainty: C\n", ""), "certainty"),
        (edition_text(tier=None), "tier"),
        (edition_text(order_from=None), "valid_from"),
        (edition_text(layer="province", regulation=REGULATION, tier=None), "tier"),
        (edition_text(layer="province", regulation=REGULATION, order_from=None), "valid_from"),
    ],
)
def test_nothing_that_decides_is_taken_for_granted(text: str, field: str) -> None:
    with pytest.raises(RefusedError, match=rf"\.{field}: 未写明；应为 .*; expected ") as caught:
        read_edition(text)
    assert caught.value.code == "catalog.entry-incomplete"


def test_what_makes_nothing_may_leave_tier_and_days_open() -> None:
    text = edition_text("joint", layer="joint", tier=None, order_from=None)
    entry = catalog_of(text, edition_text(order_from="2023-05-01")).entry(LIST, DAY)
    assert entry is not None
    assert (entry.item.tier, entry.ground) == (Tier.SEVERE, Ground.STANDS)


def test_what_was_adopted_without_saying_how_certain_it_is_is_not_confirmed() -> None:
    text = edition_text("old", certainty=None, tier=None, order_from=None)
    edition = read_adopted(text)
    assert edition.lists[LIST].certainty is Certainty.MEMORY
    assert (edition.lists[LIST].tier, edition.lists[LIST].valid_from) == (Tier.SEVERE, 20150101)
    document = yaml.safe_load(text)
    complete(document)
    read_edition(yaml.safe_dump(document))


@pytest.mark.parametrize("layer", ["national", "joint", "city"])
def test_only_a_province_names_a_local_regulation(layer: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read_edition(edition_text(layer=layer, regulation=REGULATION))
    assert caught.value.code == "catalog.regulation"
