"""Files of lists of the trustworthy 守信名单: what becomes a commendation, what not (F51)."""

from __future__ import annotations

import csv
from collections.abc import Mapping as Cells
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.files.errors import MappingError
from adapters.files.faults import RowFault
from adapters.files.listings import (
    FeedContext,
    ListingReader,
    ListingRow,
    RemovedRow,
    read_listings,
)
from adapters.files.mapping import BUILT_IN, Mapping, built_in_mappings, find_mapping, load_mapping
from federation.ids import CharterId, Date
from federation.payloads import Audience, Commendation
from federation.uscc import make_uscc

TAX = find_mapping("tax-grade-a")
AEO = find_mapping("customs-advanced-certified")
INCENTIVE = find_mapping("trustworthy-incentive")
GRADED = find_mapping("public-credit-evaluation")
CODE = make_uscc("91510500", "YY000001")
PERSON = "510599199001010000"
"""Nobody's: region and sequence do not exist (ADR 0003)."""
CONTEXT = FeedContext(
    audience=Audience(charters=(CharterId(b"c" * 32),), purposes=("benefit",)),
    department="tax",
    batch="2026-04",
    authorities={"虚构市税务局（演示）": "510500-tax"},
    today=Date(20260601),
    term_months=lambda _: 12,
)
ROW = {
    "统一社会信用代码": CODE,
    "纳税人名称": "虚构建材有限公司（演示）",
    "主管税务机关": "虚构市税务局（演示）",
    "评价年度": "2025年度",
    "公布日期": "2026-04-20",
    "有效期至": "2027-04-30",
}
PLAIN = {
    "统一社会信用代码": CODE,
    "主体名称": "虚构建材有限公司（演示）",
    "认定单位": "虚构市税务局（演示）",
    "认定文号": "虚发〔2026〕1号",
    "认定日期": "2026-04-20",
    "有效期至": "2027-04-30",
}


def opened(
    folder: Path, mapping: Mapping, *rows: Cells[str, str], context: FeedContext = CONTEXT
) -> ListingReader:
    path = folder / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return read_listings(path, mapping, context)


def award(
    folder: Path, mapping: Mapping, row: Cells[str, str], context: FeedContext = CONTEXT
) -> Commendation:
    (item,) = opened(folder, mapping, row, context=context)
    assert isinstance(item, ListingRow), item
    assert isinstance(item.listing, Commendation)
    assert item.until == item.listing.valid_until
    return item.listing


def faults(folder: Path, mapping: Mapping, row: Cells[str, str], **changed: Any) -> list[str]:
    context = replace(CONTEXT, **changed)
    return [
        item.code
        for item in opened(folder, mapping, row, context=context)
        if isinstance(item, RowFault)
    ]


def test_a_row_of_the_tax_list_is_grade_a_of_the_year_of_its_evaluation(tmp_path: Path) -> None:
    said = award(tmp_path, TAX, ROW)
    assert (said.list_type, said.document, said.authority) == ("tax-grade-a", "2025", "510500-tax")
    assert (said.grade, said.grade_method, said.grade_edition) == ("A", "tax-credit", "2014")
    assert (said.decided_on, said.valid_until) == (20260420, 20270430)
    assert said.basis.startswith("《纳税信用管理办法")
    assert said.source.key == f"{CODE}#2025"


def test_a_document_goes_before_the_year(tmp_path: Path) -> None:
    assert award(tmp_path, TAX, ROW | {"公告文号": "虚税公告2026年第1号"}).document == (
        "虚税公告2026年第1号"
    )


def test_another_grade_is_on_another_list(tmp_path: Path) -> None:
    assert award(tmp_path, TAX, ROW | {"信用级别": "A级"}).grade == "A"
    assert faults(tmp_path, TAX, ROW | {"信用级别": "B"}) == ["field.value"]
    aeo = PLAIN | {"信用等级": "认证企业"}
    aeo["企业名称"], aeo["认定海关"] = aeo.pop("主体名称"), aeo.pop("认定单位")
    aeo["证书编号"] = aeo.pop("认定文号")
    assert faults(tmp_path, AEO, aeo) == ["field.value"]
    assert award(tmp_path, AEO, aeo | {"信用等级": "高级认证企业"}).grade_method == "customs-credit"


def test_without_a_last_day_the_catalogs_term_counts_or_it_is_refused(tmp_path: Path) -> None:
    row = ROW | {"有效期至": ""}
    assert award(tmp_path, TAX, row).valid_until == 20270420
    assert faults(tmp_path, TAX, row, term_months=lambda _: 0) == ["period.missing"]
    assert award(tmp_path, TAX, ROW | {"有效期至": "2099-01-01"}).valid_until == 20280420
    assert faults(tmp_path, TAX, ROW | {"有效期至": "2026-05-31"}) == ["date.over"]


def test_an_incentive_list_has_no_grade_and_states_its_basis(tmp_path: Path) -> None:
    said = award(tmp_path, INCENTIVE, PLAIN | {"认定依据": "虚构办法第三条"})
    assert (said.grade, said.grade_method, said.grade_edition) == ("", "", "")
    assert said.basis == "虚构办法第三条"
    assert faults(tmp_path, INCENTIVE, PLAIN | {"认定依据": ""}) == ["field.missing"]
    assert faults(tmp_path, INCENTIVE, PLAIN | {"认定依据": "无。"}) == ["basis.blank"]


def test_a_grade_states_method_and_edition(tmp_path: Path) -> None:
    row = PLAIN | {"评价等级": "优", "依据": "虚构办法"}
    said = award(tmp_path, GRADED, row)
    assert (said.grade, said.grade_method, said.grade_edition) == (
        "优",
        "public-credit-evaluation",
        "2025",
    )
    text = (BUILT_IN / "public-credit-evaluation.yaml").read_text("utf-8")
    bare = tmp_path / "bare.yaml"
    bare.write_text(text.replace('  grade_edition: "2025"\n', ""), "utf-8")
    assert faults(tmp_path, load_mapping(bare), row) == ["commendation.grade"]
    assert faults(tmp_path, GRADED, row | {"评价等级": "优" * 17}) == ["field.long"]


def test_natural_persons_and_their_numbers_are_refused(tmp_path: Path) -> None:
    row = PLAIN | {"认定依据": "虚构办法", "主体类型": "自然人"}
    assert faults(tmp_path, INCENTIVE, row) == ["subject.natural-person"]
    number = PLAIN | {"认定依据": f"虚构办法 {PERSON[:17]}"}
    number["统一社会信用代码"] = PERSON
    assert faults(tmp_path, INCENTIVE, number)[0] == "subject.natural-person"


def test_a_row_that_is_over_names_its_record(tmp_path: Path) -> None:
    reader = opened(tmp_path, TAX, ROW | {"状态": "取消"}, ROW | {"状态": "有效"})
    removed = [item for item in reader.converted() if isinstance(item, RemovedRow)]
    assert [one.record is not None and one.record.document for one in removed] == ["2025"]


def test_what_is_no_list_of_the_trustworthy_here_is_refused(tmp_path: Path) -> None:
    def punishes(_: Date) -> tuple[str, str]:
        return ("catalog.list-both", "同一名单类型")

    assert faults(tmp_path, TAX, ROW, ground=punishes) == ["catalog.list-both"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: commendation", "kind: commendation\ntier: severe", "tier"),
        ("kind: commendation", "kind: penalty", "kind"),
        ("list_type: trustworthy-incentive", "list_type: administrative-penalty", "kind"),
        ("required: [basis]", "required: [basis, reason]", "required"),
        ("  document: [", "  remedy: [救济]\n  document: [", "remedy"),
        ("required: [basis]", "reason: [{columns: [事由]}]\nrequired: [basis]", "reason"),
    ],
)
def test_a_mapping_says_nothing_against_anybody(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = (BUILT_IN / "trustworthy-incentive.yaml").read_text("utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(MappingError) as caught:
        load_mapping(path)
    assert said in str(caught.value)


def test_a_free_layout_is_a_mapping_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        """
format: 1
id: star-service
title: 示范窗口
list_type: star-service
kind: commendation
fields:
  code: [代码]
  name: [名称]
  authority_name: [评定机关]
  document: [编号]
  decided_on: [日期]
  publish_until: [至]
row_key: {fields: [code, document]}
defaults: {basis: 虚构办法第一条}
publication: {shortest_months: 0, longest_months: 12}
""",
        "utf-8",
    )
    row = {
        "代码": CODE,
        "名称": "虚构窗口（演示）",
        "评定机关": "虚构市税务局（演示）",
        "编号": "1",
        "日期": "2026-05-01",
        "至": "2026-12-31",
    }
    assert award(tmp_path, load_mapping(path), row).list_type == "star-service"


def test_the_layouts_of_the_package_that_commend() -> None:
    assert {one.list_type for one in built_in_mappings().values() if one.commends} == {
        "customs-advanced-certified",
        "public-credit-evaluation",
        "tax-grade-a",
        "trustworthy-incentive",
    }
