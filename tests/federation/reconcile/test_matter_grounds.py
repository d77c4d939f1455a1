"""What an edition may say of matters (MA6 to MA8), and how its faults are told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.catalog._matters import MatterModel, RowModel
from adapters.catalog.editions import read_adopted, read_edition, starter_editions
from adapters.catalog.proposing import propose
from federation.errors import RefusedError
from federation.reconcile.catalog import Edition
from federation.reconcile.entries import entries_of
from federation.reconcile.grounds import check_edition
from federation.reconcile.sources import Certainty
from tests.support.catalogs import (
    REGULATION,
    edition_text,
    matter_row,
    matter_text,
    measure_text,
)

LIST = "judgment-defaulter"
BLOCKS: dict[str, Any] = {"block": True, "article": "某办法第五条", "certainty": "C"}


def row_text(edition: str = "one", layer: str = "national", **row: Any) -> str:
    types = row.pop("list_types", [LIST])
    return matter_text(edition, "loan", {"m": matter_row(*types, **row)}, layer)


def refused(text: str, *others: str) -> str:
    """The code with which an edition is refused; empty where it is adopted."""
    edition, found = read_edition(text), [read_edition(other) for other in others]
    try:
        check_edition(edition, found)
    except RefusedError as error:
        code = error.code
    else:
        return ""
    with pytest.raises(RefusedError, match=r"^one: matters\.loan\.rows\.m.* / "):
        check_edition(edition, found)
    return code


NATION = edition_text("nation", measures=["m"])
MEASURE = measure_text("measures", "m", measure_class=1, basis_rank="law")


@pytest.mark.parametrize("name", ["administrative-penalty", "administrative-penalty-serious"])
def test_ma6_a_penalty_is_refused_when_it_is_read(name: str) -> None:
    with pytest.raises(
        RefusedError, match=f"one: matters.loan.rows.m.list_types: {name}"
    ) as caught:
        read_edition(row_text(list_types=[LIST, name]))
    assert caught.value.code == "catalog.matter-list"
    assert read_adopted(row_text(list_types=[name])).matters["loan"].rows


def test_ma6_a_watch_list_is_refused() -> None:
    watch = edition_text("watch", lists=["abnormal"], tier="watch", measures=["m"])
    assert refused(row_text(list_types=["abnormal"]), watch, MEASURE) == "catalog.matter-list"
    both = yaml.safe_load(watch) | {"matters": yaml.safe_load(row_text())["matters"]}
    both["matters"]["loan"]["rows"]["m"]["list_types"] = ["abnormal"]
    with pytest.raises(RefusedError) as caught:
        read_edition(yaml.safe_dump(both, allow_unicode=True))
    assert caught.value.code == "catalog.matter-list"
    lowered = edition_text("city", layer="city", tier="watch", order_from=None)
    assert refused(row_text(), NATION, MEASURE, lowered) == "catalog.matter-list"


@pytest.mark.parametrize(
    ("measure", "row", "code"),
    [
        ({"measure_class": 1, "basis_rank": "law"}, BLOCKS, ""),
        ({"measure_class": 1, "basis_rank": "central-document"}, BLOCKS, ""),
        ({}, BLOCKS, ""),
        ({"measure_class": 2, "basis_rank": "law"}, BLOCKS, "catalog.matter-block"),
        ({"measure_class": 1, "basis_rank": "department-rule"}, BLOCKS, "catalog.matter-block"),
        ({"measure_class": 1, "basis_rank": "local-regulation"}, BLOCKS, "catalog.matter-block"),
        ({"measure_class": 2, "basis_rank": "department-rule"}, {}, ""),
        ({"measure_class": 3}, {}, "catalog.matter-block"),
    ],
)
def test_ma7_what_never_may_block_or_follow_is_refused(
    measure: dict[str, Any], row: dict[str, Any], code: str
) -> None:
    assert refused(row_text(**row), NATION, measure_text("measures", "m", **measure)) == code


def test_ma7_what_a_local_regulation_makes_never_blocks() -> None:
    law: dict[str, Any] = {"measure_class": 1, "basis_rank": "law"}
    province = measure_text("measures", "m", "province", by_law=True, **law)
    assert REGULATION["title"] in province
    assert refused(row_text(**BLOCKS), NATION, province) == "catalog.matter-block"
    assert refused(row_text(), NATION, province) == ""


def test_ma8_a_matter_makes_no_list_and_no_measure() -> None:
    assert refused(row_text(), NATION, MEASURE) == ""
    assert refused(row_text(), NATION) == "catalog.ground-missing"
    assert refused(row_text(), MEASURE) == "catalog.ground-missing"
    told = measure_text("measures", "m", "city")
    assert refused(row_text(), NATION, told) == "catalog.ground-missing"
    assert refused(row_text(list_types=[LIST, "unheard"]), NATION, MEASURE) == (
        "catalog.ground-missing"
    )


def test_ma8_a_lower_layer_does_not_widen_what_a_higher_one_says() -> None:
    high = row_text("high", "joint")
    beside = (NATION, MEASURE)
    assert refused(row_text(layer="city"), high, *beside) == ""
    wider = row_text(layer="city", list_types=[LIST, "major-tax-violation"])
    assert refused(wider, high, *beside) == "catalog.widens"
    assert refused(wider, *beside) == ""
    assert refused(wider, row_text("high", "city"), *beside) == ""
    blocks = row_text(layer="city", **BLOCKS)
    assert refused(blocks, high, *beside) == "catalog.widens"
    assert refused(blocks, row_text("high", "joint", **BLOCKS), *beside) == ""
    longer = row_text(layer="city", block_months=13, **BLOCKS)
    for months, code in ((12, "catalog.widens"), (13, "")):
        limited = row_text("high", "joint", block_months=months, **BLOCKS)
        assert refused(longer, limited, *beside) == code
    other = matter_text("one", "other", {"m": matter_row(LIST, "major-tax-violation")}, "city")
    check_edition(read_edition(other), map(read_edition, (high, *beside)))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (row_text(blocks=True), "one: matters.loan.rows.m.blocks: .*got True"),
        (row_text(block="yes"), "matters.loan.rows.m.block: .*got 'yes'"),
        (row_text(block_months=12), "matters.loan.rows.m: .*block_months"),
        (row_text(block_months=0, **BLOCKS), "rows.m.block_months: .*got 0"),
        (row_text(block=True), "matters.loan.rows.m: .*article"),
        (row_text(article="某条"), "matters.loan.rows.m: .*certainty"),
        (row_text(certainty="C"), "matters.loan.rows.m: .*certainty"),
        (row_text(article="某条", certainty="X"), "matters.loan.rows.m.certainty: .*got 'X'"),
        (row_text(list_types=[]), "matters.loan.rows.m.list_types: .*got —"),
        (row_text(list_types=[LIST, LIST]), "matters.loan.rows.m: .*list_types"),
        (row_text(list_types=["名单"]), "matters.loan.rows.m.list_types.0: .*got '名单'"),
        (row_text(manner=""), "matters.loan.rows.m.manner: .*got ''"),
        (matter_text("one", "loan", {}, certainty=None), "matters.loan.certainty: .*got"),
        (matter_text("one", "loan", {}, objection_suspends=1), "objection_suspends: .*got 1"),
        (matter_text("one", "loan", {}, outcome_days=0), "matters.loan.outcome_days: .*got 0"),
        (matter_text("one", "loan", {}, outcome_days=61), "matters.loan.outcome_days: .*got 61"),
        (matter_text("one", "loan", {}, undo_months=0), "matters.loan.undo_months: .*got 0"),
        (matter_text("one", "loan", {}, basis_rank="法律"), "basis_rank: .*got '法律'"),
        (matter_text("one", "贷款", {}), "matters.贷款"),
        (matter_text("one", "loan", {}).replace("rows: {}", "rows: []"), "matters.loan.rows"),
        (
            matter_text("one", "loan", {}).replace("    rows: {}\n", ""),
            "one: matters.loan.rows: .*得到 / got —",
        ),
        (
            matter_text("one", "loan", {}).replace("    objection_suspends: false\n", ""),
            "matters.loan.objection_suspends",
        ),
    ],
)
def test_a_fault_names_edition_matter_key_and_value(text: str, place: str) -> None:
    with pytest.raises(RefusedError, match=f"(?s){place}") as caught:
        read_edition(text)
    assert caught.value.code == "catalog.file"
    assert len(str(caught.value)) < 400


def test_a_value_is_shown_shortened() -> None:
    with pytest.raises(RefusedError) as caught:
        read_edition(matter_text("one", "loan", {}, outcome_days="某" * 10_000))
    assert len(str(caught.value)) < 300


def test_a_matter_is_as_old_as_its_edition_unless_it_says_otherwise() -> None:
    told = matter_text("one", "loan", {}, valid_from="2026-02-01", valid_until="2026-03-01")
    matters = [read_edition(text).matters["loan"] for text in (matter_text("o", "loan", {}), told)]
    days = [(one.valid_from, one.valid_until) for one in matters]
    assert days == [(20150101, 99991231), (20260201, 20260301)]


def test_a_proposal_keeps_what_was_confirmed_of_every_sort_of_entry() -> None:
    rows = {"m": matter_row(LIST, article="某条", certainty="M"), "n": matter_row(LIST)}
    document = yaml.safe_load(edition_text("one", certainty="M", lists=[LIST]))
    document |= {"matters": yaml.safe_load(matter_text("one", "loan", rows))["matters"]}
    document["matters"]["loan"]["certainty"] = "M"
    document["measures"] = {"m": {"name": "措施", "basis": "某法", "certainty": "P"}}
    told = {"name": "某", "basis": "某法", "certainty": "M", "source": "某处"}
    document["authorities"] = {"A-1": told}
    document["regions"] = {"510500": told}
    document["deadlines"] = {
        "accept": {
            "days": 3,
            "unit": "days",
            "basis": "某法",
            "certainty": "M",
            "valid_from": "2026-01-01",
            "source": "某处",
        }
    }
    text = yaml.safe_dump(document, allow_unicode=True)
    names = set(entries_of(read_edition(text)))
    assert len(names) == 7
    for name in names:
        proposed = propose(
            text,
            taken=frozenset({"one"}),
            confirmed=frozenset({f"one/{name}"}),
            person="示例人甲",
            correct=lambda _: None,
        )
        entries = entries_of(read_edition(proposed))
        counting = {n for n, e in entries.items() if e.certainty is Certainty.CONFIRMED}
        assert counting == {name}


@pytest.mark.parametrize("name", ["docs/reconciliation.md", "docs/zh/matters.md"])
def test_the_documents_show_every_key_and_what_they_show_is_adopted(name: str) -> None:
    text = (Path(__file__).parents[3] / name).read_text("utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    (block,) = (one for one in blocks if "\nmatters:" in one)
    starters = [read_edition(one) for one in starter_editions().values()]
    check_edition(read_edition(block), starters)
    table = set(re.findall(r"`([a-z_]+)`", text))
    assert {*MatterModel.model_fields, *RowModel.model_fields} <= table


def test_the_starter_editions_are_adopted_in_their_order() -> None:
    adopted: list[Edition] = []
    for text in starter_editions().values():
        edition = read_edition(text)
        check_edition(edition, adopted)
        adopted.append(edition)
    assert sum(len(edition.matters) for edition in adopted) == 9
