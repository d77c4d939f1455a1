"""Rows that no longer stand, through the intake into the log (F16-F18)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from adapters.files.errors import MappingError
from adapters.files.tables import DEFAULT_LIMITS
from federation.errors import RefusedError
from federation.rows import State
from node.intake.mapping_trial import TrialFile
from tests.support.tables import TableDesk, city

MARKET = "market-severe-violation"
ROW = {
    "记录编号": "Z1",
    "统一社会信用代码": "91510504YY0500006Y",
    "企业名称": "泸州示例盐都建筑工程有限公司（演示）",
    "作出决定机关": "泸州市市场监督管理局",
    "列入决定书文号": "泸市监严列〔2025〕1号",
    "列入原因": "提交虚假材料取得公司登记",
    "列入日期": "2025-11-26",
    "公示截止日期": "2027-11-26",
}
OTHER = ROW | {
    "记录编号": "Z2",
    "统一社会信用代码": "91510502YY77080538",
    "列入决定书文号": "泸市监严列〔2025〕2号",
}
MAPPING = f"""\
format: 1
id: market-lz
title: 严重违法失信名单
list_type: {MARKET}
tier: severe
fields:
  code: [统一社会信用代码]
  name: [企业名称]
  authority_name: [作出决定机关]
  document: [列入决定书文号]
  decided_on: [列入日期]
  publish_until: [公示截止日期]
reason:
  - {{columns: [列入原因]}}
row_key: {{columns: [记录编号], fields: [code, document]}}
defaults: {{basis: 《市场监督管理严重违法失信名单管理办法》}}
publication: {{shortest_months: 12, longest_months: 36}}
removal:
  kind: repair
  columns: [移出日期]
  document: [移出决定书文号]
  decided_on: [移出日期]
  reason: [移出原因]
"""
DECIDED = {
    "移出日期": "2026-06-01",
    "移出决定书文号": "泸市监严移〔2026〕1号",
    "移出原因": "已纠正",
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TableDesk]:
    made = TableDesk(city(tmp_path)["510500"], tmp_path)
    yield made
    made.writer.close()
    made.node.store.close()


def test_f16_a_removed_row_pauses_what_stands_here_and_lists_nothing(desk: TableDesk) -> None:
    assert desk.take(ROW, OTHER, list_type=MARKET)["published"] == 2
    removed = ROW | {"操作类型": "移出", "记录编号": "another"}
    tried = desk.take(removed, list_type=MARKET, dry_run=True)
    assert (tried["paused_count"], desk.states()) == (1, [State.ACTIVE] * 2)
    result = desk.take(removed, list_type=MARKET)
    assert (result["published"], result["paused_count"]) == (0, 1)
    assert desk.faults(result) == [(2, "操作类型", "row.removed")]
    assert desk.states() == [State.PAUSED, State.ACTIVE]
    again = desk.take(removed, list_type=MARKET)
    assert (again["paused_count"], desk.states()) == (0, [State.PAUSED, State.ACTIVE])
    back = desk.take(ROW, list_type=MARKET)
    assert back["decisions"] == {"held-paused-row-back": 1}


def test_f16_a_removed_row_is_relief_where_the_mapping_says_so(desk: TableDesk) -> None:
    mapping = desk.folder / "market.yaml"
    mapping.write_text(MAPPING, "utf-8")
    options: dict[str, Any] = {"list_type": MARKET, "mapping": str(mapping)}
    empty = dict.fromkeys(DECIDED, "")
    assert desk.take(ROW | empty, OTHER | empty, **options)["published"] == 2
    rows = (ROW | DECIDED, OTHER | empty)
    tried = desk.take(*rows, dry_run=True, **options)
    assert (tried["published"], tried["decisions"]) == (0, {"relieved": 1, "unchanged": 1})
    shown = desk.intake.trial.run(
        TrialFile(path=desk.folder / "list.csv", limits=DEFAULT_LIMITS),
        mapping=str(mapping),
        source="desk",
        rows=5,
        progress=lambda _: None,
    )
    assert (shown["reliefs"], shown["refused_rows"]) == (1, 0)
    result = desk.take(*rows, **options)
    assert (result["published"], result["paused_count"]) == (1, 0)
    assert result["decisions"] == {"relieved": 1, "unchanged": 1}
    assert desk.states() == [State.REPAIRED, State.ACTIVE]
    again = desk.take(*rows, **options)
    assert again["decisions"] == {"relieved-before": 1, "unchanged": 1}


def test_ds3_what_a_list_file_ends_passes_without_consent(desk: TableDesk, tmp_path: Path) -> None:
    """A source that consents no more lists nobody, and what its files end is ended all the same."""
    mapping = tmp_path / "market.yaml"
    mapping.write_text(MAPPING, "utf-8")
    options: dict[str, Any] = {"list_type": MARKET, "mapping": str(mapping)}
    new = OTHER | {"记录编号": "Z3", "列入决定书文号": "泸市监严列〔2025〕3号"}
    empty = dict.fromkeys(DECIDED, "")
    assert desk.take(ROW | empty, OTHER | empty, **options)["published"] == 2
    (tmp_path / "apart").mkdir()
    apart = TableDesk(desk.node, tmp_path / "apart", sharing="none")
    try:
        result = apart.take(ROW | DECIDED, OTHER | empty, new | empty, **options)
    finally:
        apart.writer.close()
    assert (result["published"], result["faults"]) == (1, {"source.not-shared": 2})
    assert desk.states() == [State.REPAIRED, State.ACTIVE]


def test_f16_history_in_one_file_publishes_nothing(desk: TableDesk) -> None:
    listed, removed = ROW | {"操作类型": "新增"}, ROW | {"操作类型": "撤销"}
    result = desk.take(listed, removed, list_type=MARKET)
    assert (result["published"], result["faults"]) == (0, {"row.removed": 2})


def test_f16_rows_at_hand_that_do_not_stand_are_refused_and_paused(desk: TableDesk) -> None:
    take = desk.intake.rows.take
    (listed,) = take("b1", "desk", "list", MARKET, {1: ROW | {"注册地址": "某路"}}).values()
    assert (listed.outcome, "注册地址" in listed.message) == ("listed", True)
    answers = take("b2", "desk", "list", MARKET, {1: ROW | {"状态": "已移出"}, 2: OTHER})
    said = [(answer.outcome, answer.code) for answer in answers.values()]
    assert sorted(said) == [("listed", ""), ("refused", "row.removed")]
    assert desk.states() == [State.PAUSED, State.ACTIVE]
    answers = take("b3", "desk", "list", MARKET, {1: OTHER | {"信用状态": "x"}})
    assert [answer.code for answer in answers.values()] == ["header.unread"]


def test_f17_a_column_that_nobody_named_stops_the_file(desk: TableDesk) -> None:
    rows = [ROW | {"信用状态": ""}, OTHER | {"信用状态": "x"}]
    for dry_run in (False, True):
        with pytest.raises(MappingError) as caught:
            desk.take(*rows, list_type=MARKET, dry_run=dry_run)
        assert caught.value.code == "header.unread"
    assert desk.states() == []


def test_columns_that_are_not_used_are_shown(desk: TableDesk) -> None:
    for dry_run in (True, False):
        result = desk.take(ROW | {"注册地址": "某路"}, list_type=MARKET, dry_run=dry_run)
        assert result["ignored_columns"] == ["注册地址"]


def test_f54_a_file_whose_title_names_another_list(desk: TableDesk) -> None:
    titled = desk.write("list.csv", ROW)
    titled.write_text("泸州市经营异常名录\n" + titled.read_text("utf-8"), "utf-8")
    with pytest.raises(RefusedError) as caught:
        desk.publish(titled, MARKET)
    assert caught.value.code == "file.other-list"
    assert desk.publish(titled, MARKET, kind="list", dry_run=True)["decisions"] == {"listed": 1}


def test_f63_rows_below_a_line_of_removal_are_paused(desk: TableDesk) -> None:
    assert desk.take(ROW, OTHER, list_type=MARKET)["published"] == 2
    path = desk.write("list.csv", ROW, OTHER)
    header, first, second = path.read_text("utf-8").splitlines()
    path.write_text(
        "\n".join([header, first, "二、移出名单" + "," * (len(ROW) - 1), second]), "utf-8"
    )
    result = desk.publish(path, MARKET)
    assert desk.faults(result) == [(4, "记录编号", "row.removed")]
    assert (result["paused_count"], desk.states()) == (1, [State.ACTIVE, State.PAUSED])


def test_f18_a_file_that_speaks_of_removal_is_a_list_only_by_a_word(desk: TableDesk) -> None:
    with pytest.raises(RefusedError) as caught:
        desk.take(ROW, name="移出严重违法失信名单.csv", list_type=MARKET)
    assert caught.value.code == "file.not-of-listings"
    titled = desk.write("list.csv", ROW)
    titled.write_text("信用修复名单\n" + titled.read_text("utf-8"), "utf-8")
    with pytest.raises(RefusedError):
        desk.publish(titled, MARKET)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "本月移出"
    sheet.append(list(ROW))
    sheet.append(list(ROW.values()))
    named = desk.folder / "list.xlsx"
    book.save(named)
    with pytest.raises(RefusedError) as caught:
        desk.publish(named, MARKET)
    assert caught.value.code == "file.not-of-listings"
    sheet.title = "名单"
    book.save(named)
    assert desk.publish(named, MARKET, dry_run=True)["decisions"] == {"listed": 1}
    result = desk.take(ROW, name="移出严重违法失信名单.csv", list_type=MARKET, kind="list")
    assert result["published"] == 1
