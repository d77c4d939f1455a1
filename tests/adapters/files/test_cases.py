"""Tables that once were read wrongly, as they came: what each of their rows is.

One line a table: its file, the layout, and each row as its number and what it becomes, the last day
of publication or the code of its fault. What else is right of it stands in a test of its own.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.catalog.library import FILE_NAME, FileLibrary, import_library
from adapters.files.errors import MappingError, TableError
from adapters.files.faults import RowFault
from adapters.files.listings import ListingReader, ListingRow, read_listings
from adapters.files.mapping import (
    Mapping,
    built_in_mappings,
    find_mapping,
    list_names,
    load_mapping,
)
from adapters.files.reliefs import ReliefContext, ReliefRow, read_reliefs
from adapters.files.scenarios import ScenarioContext, ScenarioDraft, read_scenarios
from federation.ids import CharterId, Date
from federation.payloads import Listing, Penalty, PenaltyGrade
from federation.reconcile.identity import USCC, Status
from tests.support.real_tables import CONTEXT, DEFAULTER, MARKET
from tests.support.tables import TABLES

WAGES = "unpaid-migrant-wages"
PROCUREMENT = "government-procurement"
PENALTIES = "administrative-penalty"
KNOWN = replace(
    CONTEXT,
    authorities={
        **CONTEXT.authorities,
        "泸州市人力资源和社会保障局": "510500-labour",
        "泸州市财政局": "510500-finance",
    },
)
PERSON = "subject.natural-person"
DATES = {
    **dict.fromkeys((14, 15, 17, 21, 22, 27, 31), "date.format"),
    30: "date.calendar",
}


def opened(file: str, layout: str | Mapping) -> ListingReader:
    mapping = find_mapping(layout) if isinstance(layout, str) else layout
    return read_listings(TABLES / file, mapping, KNOWN)


def became(reader: ListingReader) -> dict[int, str]:
    """What each row is, by its number."""
    return {
        item.row: item.code if isinstance(item, RowFault) else str(item.until)
        for item in reader
        if isinstance(item, RowFault | ListingRow)
    }


@pytest.mark.parametrize(
    ("file", "layout", "right"),
    [
        ("gsxt-removed.csv", MARKET, {2: "20270305", 3: "row.removed"}),
        ("wages-backflow.csv", WAGES, {2: "20280304", 3: "row.removed"}),
        ("wages-exited.csv", WAGES, {2: "20280304", 3: "row.removed", 4: "row.by-hand"}),
        ("court-creditchina.csv", DEFAULTER, {2: "20280305"}),
        ("court-reason-lost.csv", DEFAULTER, {2: "20280305"}),
        ("two-header-rows.xlsx", MARKET, dict.fromkeys((3, 4), "20280305")),
        ("meta-row.xlsx", MARKET, {4: "20280305"}),
        ("prefilled-numbers.xlsx", MARKET, {2: "20280305"}),
        ("merged-vertical.xlsx", MARKET, dict.fromkeys((2, 3, 4), "20280305")),
        (
            "registration-number.csv",
            MARKET,
            dict.fromkeys((2, 3, 4), "identity.registration-number"),
        ),
        ("party-words-court.csv", DEFAULTER, dict.fromkeys(range(2, 7), "20280305")),
        ("period.csv", MARKET, {2: "20270305", 3: "20270304"}),
        ("dates.csv", MARKET, {**dict.fromkeys(range(2, 32), "20280305"), **DATES}),
        ("doc-looks-like-id.csv", MARKET, dict.fromkeys(range(2, 7), "20280305")),
        (
            "codes.csv",
            MARKET,
            {
                **dict.fromkeys(range(2, 14), "20280305"),
                14: "cell.damaged-number",
                15: "identity.code-alphabet",
            },
        ),
        *((f"header-{n}.csv", MARKET, {2: "20280305"}) for n in range(1, 6)),
        ("space-in-last-row.xlsx", MARKET, {2: "20280305"}),
        ("id-number-unused.xlsx", MARKET, dict.fromkeys((2, 3), "20280305")),
        ("short-rows.csv", MARKET, dict.fromkeys((2, 3), "20280305")),
        *((f"delimiters-{n}.csv", MARKET, {2: "20280305"}) for n in (1, 4, 6, 7)),
        *((f"delimiters-{n}.txt", MARKET, {2: "20280305"}) for n in (2, 3)),
        ("delimiters-5.csv", MARKET, dict.fromkeys((2, 3), "20280305")),
        ("xlsx-named-xls.xls", MARKET, {2: "20280305"}),
        ("error-cell.xlsx", MARKET, {2: "cell.error", 3: "20270305"}),
        ("procurement-mapping.csv", PROCUREMENT, {2: "20280305"}),
    ],
)
def test_what_each_row_of_a_table_is(file: str, layout: str, right: dict[int, str]) -> None:
    assert became(opened(file, layout)) == right


def test_the_reason_of_a_public_list_of_courts_is_whole() -> None:
    for file in ("court-creditchina.csv", "court-reason-lost.csv"):
        reader = opened(file, DEFAULTER)
        (found,) = [one.listing for one in reader if isinstance(one, ListingRow)]
        assert isinstance(found, Listing)
        assert found.reason == (
            "失信行为具体情形：有履行能力而拒不履行生效法律文书确定义务；履行情况：全部未履行；"
            "执行依据文号：（2025）川0502民初701号；作出执行依据单位：泸州市江阳区人民法院"
        )
        assert reader.tally.dropped == {"企业法人/负责人姓名": 1, "法律生效文书确定的义务": 1}
        assert reader.remarks == []


def test_a_part_of_the_reason_that_the_file_has_not_is_told(tmp_path: Path) -> None:
    text = (TABLES / "court-creditchina.csv").read_text("utf-8-sig")
    path = tmp_path / "list.csv"
    path.write_text(text.replace("失信被执行人具体情形", "情形（2026版）"), encoding="utf-8")
    reader = read_listings(path, find_mapping(DEFAULTER), KNOWN)
    (found,) = [one.listing for one in reader if isinstance(one, ListingRow)]
    assert isinstance(found, Listing)
    assert found.reason.startswith("履行情况：全部未履行")
    assert reader.tally.notices["reason.part-missing"] == 1
    (remark,) = reader.remarks
    assert "失信被执行人行为具体情形 / 失信被执行人具体情形" in remark


FIRST_TRY = "penalty-first-try.yaml"


def test_a_first_mapping_of_penalties_is_told_all_that_it_needs() -> None:
    with pytest.raises(MappingError) as caught:
        load_mapping(TABLES / FIRST_TRY)
    text = str(caught.value)
    for line in (
        "    grades:",
        "        一般: {grade: ordinary, shortest_months: 3, longest_months: 12}",
        "    defaults: {grade: ordinary}",
        "    fields: {categories: [处罚类别]}",
        "    defaults: {procedure: ordinary}",
        "    fields: {violation_type: [违法行为类型], facts: [违法事实], content: [处罚内容]}",
        "请在映射文件中补写",
    ):
        assert line in text
    assert all(len(line.encode("gb18030")) <= 100 for line in text.splitlines()[1:])


def mended(tmp_path: Path, grade: str) -> Mapping:
    """The first mapping with what the message asks for."""
    text = (TABLES / FIRST_TRY).read_text("utf-8")
    before, _, rest = text.partition("reason:\n")
    _, _, after = rest.partition("required:")
    fields = (
        "  categories: [处罚类别]\n  violation_type: [违法行为类型]\n  facts: [违法事实]\n"
        "  valid_until: [处罚有效期]\n"
    )
    path = tmp_path / "penalty.yaml"
    defaults = f"defaults: {{grade: {grade}, procedure: ordinary}}\n"
    path.write_text(f"{before}{fields}{defaults}required:{after}", encoding="utf-8")
    return load_mapping(path)


@pytest.mark.parametrize(
    ("file", "first"), [("penalty-mapping-1.xlsx", 4), ("penalty-mapping-2.xlsx", 3)]
)
def test_so_mended_it_reads_the_table(tmp_path: Path, file: str, first: int) -> None:
    reader = opened(file, mended(tmp_path, "ordinary"))
    found = {item.row - first: item for item in reader if isinstance(item, ListingRow | RowFault)}
    said = [one.code if isinstance(one, RowFault) else one.until for one in found.values()]
    assert said == [20261231, 20261231, PERSON, 20270305, 20270305, "field.missing"]
    penalty = found[0]
    assert isinstance(penalty, ListingRow)
    assert isinstance(penalty.listing, Penalty)
    assert (penalty.listing.grade, penalty.listing.categories, penalty.listing.facts) == (
        PenaltyGrade.ORDINARY,
        ("罚款",),
        "销售不合格产品",
    )


def test_the_built_in_layout_says_what_to_ask_for_where_no_grade_stands() -> None:
    with pytest.raises(MappingError) as caught:
        opened("penalty-mapping-2.xlsx", PENALTIES)
    assert caught.value.code == "header.missing"
    assert "无失信程度列" in str(caught.value)
    assert "\n  defaults: {grade: ordinary}" in str(caught.value)


def test_a_document_number_inside_a_text_is_found_by_a_pattern(tmp_path: Path) -> None:
    first = (TABLES / "procurement-first-try.yaml").read_text("utf-8")
    with pytest.raises(MappingError, match="处罚文号"):
        opened("procurement-mapping.csv", load_mapping(TABLES / "procurement-first-try.yaml"))
    path = tmp_path / "procurement.yaml"
    more = "extract: {document: {columns: [处罚依据], pattern: document-number}}\n"
    path.write_text(first.replace("  document: [处罚文号]\n", "") + more, encoding="utf-8")
    for layout in (load_mapping(path), PROCUREMENT):
        (found,) = opened("procurement-mapping.csv", layout)
        assert isinstance(found, ListingRow)
        assert found.listing.document == "泸财采罚〔2026〕1号"


def test_headings_of_a_list_of_removals() -> None:
    context = ReliefContext(
        authorities=KNOWN.authorities,
        list_types=list_names(built_in_mappings().values()),
        today=KNOWN.today,
    )
    (found,) = read_reliefs(TABLES / "removal-headings.csv", context)
    assert isinstance(found, ReliefRow)
    assert found.record is not None
    assert (found.record.list_type, found.record.document) == (MARKET, "泸市监严列〔2024〕1号")
    assert (found.document, found.decided_on) == ("泸市监严移〔2026〕1号", 20261120)
    assert found.reason == "满一年已纠正"


SCENARIOS = ScenarioContext(
    authorities={"泸州市发展和改革委员会": "510500-development"},
    charters=(CharterId(b"a" * 32),),
    today=Date(20261120),
)


@pytest.mark.parametrize(
    ("file", "column", "value", "says"),
    [
        ("scenarios-1.yaml", "", "", "冒号须为半角"),
        ("scenarios-2.yaml", "适用主体", "企业、个体工商户、小微企业", "'小微企业'"),
    ],
)
def test_a_scenario_file_is_answered_in_its_own_words(
    file: str, column: str, value: str, says: str
) -> None:
    (fault,) = read_scenarios(TABLES / file, SCENARIOS)
    assert isinstance(fault, RowFault)
    assert (fault.column, fault.value) == (column, value)
    assert says in fault.message


def test_a_scenario_file_of_an_older_code_page() -> None:
    (found,) = read_scenarios(TABLES / "scenarios-3.yaml", SCENARIOS)
    assert isinstance(found, ScenarioDraft)
    assert (found.scenario.title, found.scenario.valid_until) == ("信用住房租赁免押金", 20281031)


def test_a_table_of_scenarios_without_what_they_give() -> None:
    with pytest.raises(TableError, match="优惠措施 / 内容") as caught:
        read_scenarios(TABLES / "scenarios-4.xlsx", SCENARIOS)
    assert caught.value.code == "header.missing"


def test_variants_of_a_base_library(tmp_path: Path) -> None:
    found = import_library(TABLES / "library-variants.csv", tmp_path / FILE_NAME, lambda _: None)
    assert found.subjects == 4
    with closing(FileLibrary(tmp_path / FILE_NAME)) as library:
        named = library.by_code(USCC, ["91510502YY7707130B"])["91510502YY7707130B"]
        assert named.former_names == ("旧名甲（演示）", "旧名乙（演示）")
        assert named.status == Status.LIVE


def test_a_mapping_may_say_the_row_of_the_header_and_how_many_to_skip(tmp_path: Path) -> None:
    text = (TABLES / "procurement-first-try.yaml").read_text("utf-8")
    layout = tmp_path / "procurement.yaml"
    more = "header: {row: 3, skip: 2}\n"
    more += "extract: {document: {columns: [处罚依据], pattern: document-number}}\n"
    layout.write_text(text.replace("  document: [处罚文号]\n", "") + more, encoding="utf-8")
    header, row = (TABLES / "procurement-mapping.csv").read_text("utf-8-sig").splitlines()
    path = tmp_path / "list.csv"
    lines = ["政府采购名单", header, header, "必填,必填,必填", row, row]
    path.write_text("\n".join(lines), encoding="utf-8")
    (found,) = read_listings(path, load_mapping(layout), KNOWN)
    assert isinstance(found, ListingRow)
    assert (found.row, found.listing.document) == (6, "泸财采罚〔2026〕1号")
