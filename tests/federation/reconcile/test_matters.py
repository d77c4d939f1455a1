"""Matters say what follows of what follows anyway: rules MA1 to MA5."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.catalog.editions import read_adopted, read_edition, starter_editions
from federation.errors import RefusedError
from federation.ids import Date
from federation.reconcile.catalog import Catalog
from federation.reconcile.entries import entries_of, items_changed
from federation.reconcile.matters import (
    BLOCKING_RANKS,
    OUTCOME_DAYS,
    Applicable,
    MeasureClass,
    described_matter,
    following,
    matter_asked,
    matter_to_json,
)
from federation.reconcile.sources import BasisRank
from tests.support.catalogs import (
    catalog_of,
    edition_text,
    matter_row,
    matter_text,
    measure_text,
)

LIST, OTHER = "judgment-defaulter", "major-tax-violation"
DAY = Date(20260105)
BAN: dict[str, Any] = {"measure_class": 1, "basis_rank": "law", "article": "第七条"}
BLOCKS: dict[str, Any] = {"block": True, "article": "某办法第五条", "certainty": "C"}


def world(
    *texts: str,
    measure: dict[str, Any] | None = None,
    item: dict[str, Any] | None = None,
    confirmed: tuple[str, ...] = (),
) -> Catalog:
    """A list with one measure, and what editions say of matters."""
    nation = edition_text("nation", measures=["m"], **(item or {}))
    return catalog_of(
        nation, measure_text("measures", "m", **(measure or BAN)), *texts, confirmed=confirmed
    )


def follows(
    catalog: Catalog, list_type: str = LIST, day: Date = DAY, code: str = "loan"
) -> tuple[Applicable, ...]:
    matter, entry = catalog.matter(code, day), catalog.entry(list_type, day)
    assert matter is not None
    assert entry is not None
    return catalog.applicable(matter, entry, day)


def shown(catalog: Catalog) -> list[tuple[str, str, str]]:
    return [(one.measure.code, one.cls.value, one.rule) for one in follows(catalog)]


def simple(edition: str = "one", layer: str = "national", **matter: Any) -> str:
    return matter_text(edition, "loan", {"m": matter_row(LIST)}, layer, **matter)


def blocking(edition: str = "one", **row: Any) -> str:
    return matter_text(edition, "loan", {"m": matter_row(LIST, **(BLOCKS | row))})


def test_ma1_a_matter_that_nobody_has_is_refused() -> None:
    catalog = world(simple(valid_from="2026-01-05", valid_until="2026-01-06"))
    days = [20260104, 20260105, 20260106, 20260107]
    found = [catalog.matter("loan", Date(day)) is not None for day in days]
    assert found == [False, True, True, False]
    assert [matter.code for matter in catalog.matters(DAY)] == ["loan"]
    assert catalog.matters(Date(20260104)) == ()
    for code, day in (("loan", Date(20260104)), ("other", DAY)):
        with pytest.raises(RefusedError) as caught:
            matter_asked(catalog, code, day)
        assert caught.value.code == "matter.unknown"
    assert matter_asked(catalog, "loan", DAY) is catalog.matter("loan", DAY)


@pytest.mark.parametrize("certainty", ["P", "M"])
def test_ma1_what_nobody_confirmed_is_refused_and_never_clear(certainty: str) -> None:
    text = simple(certainty=certainty)
    catalog = world(text)
    assert catalog.matter("loan", DAY) is None
    with pytest.raises(RefusedError) as caught:
        matter_asked(catalog, "loan", DAY)
    assert caught.value.code == "matter.unconfirmed"
    assert world(text, confirmed=("one/matters/loan",)).matter("loan", DAY) is not None


def test_ma1_every_entry_that_describes_it_is_confirmed() -> None:
    texts = (simple(), simple("city", "city", certainty="M"))
    assert world(*texts).matter("loan", DAY) is None
    assert world(*texts, confirmed=("city/matters/loan",)).matter("loan", DAY) is not None


def test_ma2_a_city_leaves_a_measure_out() -> None:
    city = matter_text("city", "loan", {}, "city", name="本市事项", department="市财政局")
    catalog = world(simple(), city)
    matter = catalog.matter("loan", DAY)
    assert matter is not None
    assert (matter.name, matter.department) == ("本市事项", "市财政局")
    assert matter.editions == ("one", "city")
    assert follows(catalog) == ()


def test_ma2_what_a_layer_left_out_no_lower_one_brings_back() -> None:
    province = matter_text("province", "loan", {}, "province")
    assert follows(world(simple(), province, simple("city", "city"))) == ()
    assert shown(world(province, simple("city", "city"))) == [("m", "prompt", "matter.prompt")]


def test_ma2_editions_of_one_layer_name_it_both_or_it_does_not_follow() -> None:
    other = matter_text("two", "loan", {}, "national")
    assert follows(world(simple(), other)) == ()
    assert len(follows(world(simple(), simple("two")))) == 1


def test_ma2_lists_narrow_and_all_let_it_block() -> None:
    both = {"m": matter_row(LIST, OTHER, **BLOCKS)}
    one = {"m": matter_row(LIST, manner="不予受理", **BLOCKS)}
    wide, narrow = matter_text("one", "loan", both), matter_text("city", "loan", one, "city")
    assert len(follows(world(wide), OTHER)) == 1
    catalog = world(wide, narrow)
    assert follows(catalog, OTHER) == ()
    (found,) = follows(catalog)
    assert (found.cls, found.manner) == (MeasureClass.BLOCK, "不予受理")
    assert (found.basis, found.article) == ("某法第七条", "某办法第五条")
    told = matter_text("city", "loan", {"m": matter_row(LIST)}, "city")
    assert shown(world(wide, told)) == [("m", "prompt", "matter.prompt")]
    none = matter_text("city", "loan", {"m": matter_row("unpaid-migrant-wages")}, "city")
    matter = world(wide, none).matter("loan", DAY)
    assert matter is not None
    assert matter.rows == ()


@pytest.mark.parametrize(
    ("high", "low", "days", "months", "suspends"),
    [
        ({}, {}, OUTCOME_DAYS, 0, False),
        ({"outcome_days": 7}, {"outcome_days": 10}, 7, 0, False),
        ({"outcome_days": 7, "undo_months": 6}, {}, 7, 0, False),
        ({"undo_months": 6}, {"undo_months": 24}, OUTCOME_DAYS, 24, False),
        ({"objection_suspends": True}, {}, OUTCOME_DAYS, 0, True),
        ({}, {"objection_suspends": True}, OUTCOME_DAYS, 0, True),
    ],
)
def test_ma2_the_shorter_term_the_longer_undoing_and_any_objection(
    high: dict[str, Any], low: dict[str, Any], days: int, months: int, *, suspends: bool
) -> None:
    matter = world(simple(**high), simple("city", "city", **low)).matter("loan", DAY)
    assert matter is not None
    found = (matter.outcome_within, matter.undo_months, matter.objection_suspends)
    assert found == (days, months, suspends)


def test_ma2_an_article_counts_where_all_who_state_one_are_confirmed() -> None:
    row = {"m": matter_row(LIST, **(BLOCKS | {"article": "本市办法第二条", "certainty": "M"}))}
    city = matter_text("city", "loan", row, "city")
    (found,) = follows(world(blocking(), city))
    assert (found.rule, found.article) == ("matter.prompt-article", "")
    (found,) = follows(world(blocking(), city, confirmed=("city/matters/loan/m",)))
    assert (found.rule, found.article) == ("matter.block", "本市办法第二条")


def test_ma3_a_matter_makes_no_measure() -> None:
    rows = {"m": matter_row(LIST), "n": matter_row(LIST), "z": matter_row(LIST)}
    unnamed = measure_text("more", "n")
    catalog = world(matter_text("one", "loan", rows), unnamed)
    assert [one.measure.code for one in follows(catalog)] == ["m"]
    unconfirmed = world(simple(), measure=BAN | {"certainty": "M"})
    assert follows(unconfirmed) == ()


def test_ma3_of_a_list_that_is_not_confirmed_nothing_follows() -> None:
    assert follows(world(simple(), item={"certainty": "M"})) == ()
    names = (f"nation/{LIST}",)
    assert len(follows(world(simple(), item={"certainty": "M"}, confirmed=names))) == 1


def test_ma3_the_measures_are_those_of_today() -> None:
    catalog = world(simple(), measure=BAN | {"valid_until": "2026-01-05"})
    matter, entry = catalog.matter("loan", DAY), catalog.entry(LIST, DAY)
    assert matter is not None
    assert entry is not None
    days = (DAY, Date(20260106))
    assert [len(catalog.applicable(matter, entry, day)) for day in days] == [1, 0]


@pytest.mark.parametrize("rank", list(BasisRank))
def test_ma4_only_law_regulation_and_central_document_block(rank: BasisRank) -> None:
    catalog = catalog_adopted(blocking(), BAN | {"basis_rank": rank.value})
    blocks = rank in {BasisRank.LAW, BasisRank.REGULATION, BasisRank.CENTRAL}
    rule = "matter.block" if blocks else "matter.prompt-rank"
    assert shown(catalog) == [("m", "block" if blocks else "prompt", rule)]
    assert (rank in BLOCKING_RANKS) is blocks


@pytest.mark.parametrize("number", [None, 1, 2])
def test_ma4_only_a_measure_of_class_1_blocks(number: int | None) -> None:
    measure = {key: value for key, value in BAN.items() if key != "measure_class"}
    catalog = catalog_adopted(blocking(), measure | ({"measure_class": number} if number else {}))
    wanted = (
        ("m", "block", "matter.block") if number == 1 else ("m", "prompt", "matter.prompt-class")
    )
    assert shown(catalog) == [wanted]


def test_ma4_where_no_rank_is_stated_it_prompts() -> None:
    assert shown(world(blocking(), measure={"measure_class": 1})) == [
        ("m", "prompt", "matter.prompt-rank")
    ]


def test_ma4_what_a_local_regulation_makes_prompts() -> None:
    province = measure_text("p", "m", "province", by_law=True, **BAN)
    catalog = Catalog(map(read_adopted, (edition_text(measures=["m"]), province, blocking())))
    assert shown(catalog) == [("m", "prompt", "matter.prompt-rank")]


def test_ma4_the_matters_own_article_is_confirmed() -> None:
    text = blocking(certainty="P")
    (found,) = follows(world(text))
    assert (found.cls, found.rule, found.article) == (
        MeasureClass.PROMPT,
        "matter.prompt-article",
        "",
    )
    (found,) = follows(world(text, confirmed=("one/matters/loan/m",)))
    assert (found.cls, found.rule, found.article) == (
        MeasureClass.BLOCK,
        "matter.block",
        "某办法第五条",
    )


def test_ma4_a_ban_for_a_time_blocks_only_while_it_surely_lasts() -> None:
    catalog = world(blocking(block_months=12))
    matter, entry = catalog.matter("loan", DAY), catalog.entry(LIST, DAY)
    assert matter is not None
    assert entry is not None
    classes = [
        catalog.applicable(matter, entry, DAY, Date(decided))[0].rule
        for decided in (20260105, 20250105, 20250104, 0)
    ]
    assert classes == ["matter.block", "matter.block", "matter.prompt-term", "matter.prompt-term"]
    assert matter_to_json(matter, catalog, DAY)["rows"][0]["class"] == "block"


@pytest.mark.parametrize(("high", "low", "months"), [(24, 12, 12), (12, None, 12), (None, 12, 12)])
def test_ma2_it_blocks_for_the_fewest_months(
    high: int | None, low: int | None, months: int
) -> None:
    rows = [
        {"m": matter_row(LIST, **BLOCKS, **({"block_months": n} if n else {}))} for n in (high, low)
    ]
    matter = world(
        matter_text("one", "loan", rows[0]), matter_text("city", "loan", rows[1], "city")
    ).matter("loan", DAY)
    assert matter is not None
    assert matter.rows[0].block_months == months


def test_ma5_nothing_follows_from_a_watch_list_or_a_penalty() -> None:
    assert follows(world(simple(), item={"tier": "watch"})) == ()
    penal = "administrative-penalty-serious"
    nation = edition_text("nation", lists=[penal], measures=["m"])
    row = matter_text("one", "loan", {"m": matter_row(penal)})
    catalog = Catalog(map(read_adopted, (nation, measure_text("measures", "m"), row)))
    entry = catalog.entry(penal, DAY)
    assert entry is not None
    assert [m.code for m in catalog.measures(entry, DAY)] == ["m"]
    assert follows(catalog, penal) == ()


def test_ma5_the_measures_are_shown_of_lists_from_which_they_may_follow() -> None:
    def types(**item: Any) -> list[tuple[str, tuple[str, ...]]]:
        nation = edition_text("nation", lists=[LIST, OTHER], measures=["m"])
        more = edition_text("more", lists=["b-list"], **{"measures": ["m"]} | item)
        catalog = catalog_of(nation, more, measure_text("measures", "m"))
        return [(measure.code, lists) for measure, lists in following(catalog, DAY)]

    assert types() == [("m", ("b-list", LIST, OTHER))]
    changes: list[dict[str, Any]] = [{"tier": "watch"}, {"certainty": "M"}, {"measures": []}]
    for item in changes:
        assert types(**item) == [("m", (LIST, OTHER))], item


def catalog_adopted(text: str, measure: dict[str, Any]) -> Catalog:
    """As a node has it that adopted what is refused now."""
    nation = edition_text("nation", measures=["m"])
    return Catalog(map(read_adopted, (nation, measure_text("measures", "m", **measure), text)))


def test_a_matter_and_the_articles_of_its_rows_are_confirmed_one_by_one() -> None:
    before, after = read_edition(blocking()), read_edition(blocking(article="某办法第六条"))
    assert set(entries_of(before)) == {"matters/loan", "matters/loan/m"}
    assert set(entries_of(read_edition(simple()))) == {"matters/loan"}
    assert items_changed(before, after) == {"one/matters/loan", "one/matters/loan/m"}
    other = read_edition(blocking().replace("事项（演示）", "另一事项（演示）"))
    assert items_changed(before, other) == {"one/matters/loan"}
    assert entries_of(before)["matters/loan/m"].name == "提示经办人：某办法第五条"


def test_what_departments_are_shown() -> None:
    rows = {"m": matter_row(LIST, "work-safety", **BLOCKS), "n": matter_row(LIST)}
    catalog = world(matter_text("one", "loan", rows, department="某局", outcome_days=7))
    matter = catalog.matter("loan", DAY)
    assert matter is not None
    found = matter_to_json(matter, catalog, DAY)
    assert [row.pop("code") for row in found["rows"]] == ["m", "n"]
    first, second = found.pop("rows")
    assert found == {
        "code": "loan",
        "name": "事项（演示）",
        "department": "某局",
        "basis": "某法",
        "basis_rank": "",
        "outcome_days": 7,
        "undo_months": 0,
        "objection_suspends": False,
        "confirmed": True,
        "editions": ["one"],
    }
    assert first == {
        "name": "措施",
        "class": "block",
        "rule": "matter.block",
        "basis": "某法第七条",
        "block_months": 0,
        "manner": "提示经办人",
        "article": "某办法第五条",
        "list_types": [LIST],
        "idle": ["work-safety"],
    }
    assert (second["class"], second["list_types"], second["idle"]) == ("", [], [LIST])


def test_the_starter_matters_prompt_by_the_wages_regulation_and_block_by_the_procurement_law() -> (
    None
):
    editions = [read_edition(text) for text in starter_editions().values()]
    confirmed = {"national-lists-2024/government-procurement"}
    catalog = Catalog(editions, confirmed)
    wages = catalog.entry("unpaid-migrant-wages", DAY)
    banned = catalog.entry("government-procurement", DAY)
    assert wages is not None
    assert banned is not None
    matters = {matter.code: matter for matter in catalog.matters(DAY)}
    prompted = {
        code: found
        for code, matter in matters.items()
        if (found := catalog.applicable(matter, wages, DAY))
    }
    assert set(prompted) == {
        "bidding",
        "government-funds",
        "government-procurement",
        "honours",
        "market-entry",
        "tax-preferences",
    }
    for (one,) in prompted.values():
        assert (one.cls, one.basis) == (MeasureClass.PROMPT, "《保障农民工工资支付条例》第四十八条")
    assert matters.keys() == prompted.keys()
    (ban,) = catalog.applicable(matters["government-procurement"], banned, DAY, Date(20250105))
    assert (ban.cls, ban.measure.code) == (MeasureClass.BLOCK, "procurement-ban")
    (later,) = catalog.applicable(matters["government-procurement"], banned, DAY, Date(20250104))
    assert (later.cls, later.rule) == (MeasureClass.PROMPT, "matter.prompt-term")
    assert "第七十七条" in ban.article
    waiting = {code for e in editions for code in e.matters} - matters.keys()
    assert waiting
    described = [described_matter(catalog, code, DAY) for code in waiting]
    assert all(one is not None and one.source for one in described)
