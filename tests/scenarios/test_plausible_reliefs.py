"""Reliefs must agree with what they end (F21, F22), and may name any list of this node (F23)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.rows import State
from federation.statements import Kind
from node.directory.config import SourceSection
from tests.support.tables import AUTHORITIES, TableDesk, city

SAFETY = """\
format: 1
id: safety
title: 矿山安全严重失信主体名单
list_type: work-safety
tier: severe
fields:
  code: [统一社会信用代码]
  name: [单位名称]
  authority_name: [信息报送机关]
  document: [文书号]
  decided_on: [列入日期]
  publish_until: [截止日期]
row_key: {fields: [code, document]}
defaults: {basis: 《中华人民共和国安全生产法》}
publication: {shortest_months: 12, longest_months: 36}
"""
LISTED = {
    "统一社会信用代码": "91510502YY77080538",
    "单位名称": "泸州示例试件805号商贸有限公司（演示）",
    "信息报送机关": "泸州市应急管理局",
    "文书号": "泸应急罚〔2026〕805号",
    "列入日期": "2026-03-05",
    "截止日期": "2029-03-05",
}
MARKET = {
    "统一社会信用代码": "91510504YY0500006Y",
    "企业名称": "泸州示例盐都建筑工程有限公司（演示）",
    "作出决定机关": "泸州市市场监督管理局",
    "列入决定书文号": "泸市监严列〔2024〕1号",
    "列入原因": "提交虚假材料取得公司登记",
    "列入日期": "2024-11-26",
    "公示截止日期": "2027-11-26",
}
RELIEF = {
    "统一社会信用代码": MARKET["统一社会信用代码"],
    "名称": MARKET["企业名称"],
    "名单类型": "严重违法失信名单",
    "认定单位": "泸州市市场监督管理局",
    "列入文书号": MARKET["列入决定书文号"],
    "修复决定文书号": "泸市监严移〔2026〕1号",
    "修复日期": "2026-11-20",
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TableDesk]:
    (tmp_path / "safety.yaml").write_text(SAFETY, "utf-8")
    made = TableDesk(city(tmp_path)["510500"], tmp_path)
    yield made
    made.writer.close()
    made.node.store.close()


def test_f21_f22_an_implausible_relief_is_refused(desk: TableDesk) -> None:
    assert desk.take(MARKET, list_type="market-severe-violation")["published"] == 1
    result = desk.publish("relief-implausible.csv", kind="repair")
    assert (result["published"], result["faults"]) == (0, {"relief.name-differs": 1})
    named = RELIEF | {"修复日期": "2023-01-01"}
    result = desk.take(named, name="relief.csv", kind="repair")
    assert (result["published"], result["faults"]) == (0, {"relief.before-listing": 1})
    assert desk.states() == [State.ACTIVE]


@pytest.mark.parametrize("name", [MARKET["企业名称"], "", "泸州示例盐都建筑工程有限公司 (演示)"])
def test_f21_a_name_that_agrees_or_is_not_there_relieves(desk: TableDesk, name: str) -> None:
    desk.take(MARKET, list_type="market-severe-violation")
    result = desk.take(RELIEF | {"名称": name}, name="relief.csv", kind="repair")
    assert result["decisions"] == {"relieved": 1}
    assert desk.states() == [State.REPAIRED]


def test_f22_holds_at_every_door(desk: TableDesk) -> None:
    desk.take(MARKET, list_type="market-severe-violation")
    with desk.node.store.read() as session:
        head = session.head(desk.node.origin)
        assert head is not None
        (listed,) = session.rows_between(head.log, 0, 1)
    submission = desk.node.registry.relieve(
        "0" * 32,
        kind=Kind.WITHDRAWAL,
        statement_id=StatementId(listed.statement_id),
        document="泸市监撤〔2024〕1号",
        decided_on=Date(20241125),
    )
    with pytest.raises(RefusedError) as caught:
        desk.writer.publish(submission.unit).result()
    assert caught.value.code == "relief.before-listing"
    assert "≥ 20241126, got 20241125" in str(caught.value)


def test_f21_f22_f23_hold_for_rows_of_an_inbox(desk: TableDesk) -> None:
    """As for a file: refused with what was expected, and any list of this node may be named."""
    assert desk.take(MARKET, list_type="market-severe-violation")["published"] == 1

    def answer(**changes: str) -> tuple[str, str]:
        found = desk.intake.rows.take("city/1", "desk", "repair", "", {1: RELIEF | changes})[1]
        assert found is not None
        return found.code or found.outcome, found.message

    code, message = answer(名称="别家公司（演示）")
    assert (code, MARKET["企业名称"] in message) == ("relief.name-differs", True)
    code, message = answer(修复日期="2024-11-25")
    assert (code, "20241126" in message) == ("relief.before-listing", True)
    assert desk.states() == [State.ACTIVE]
    for name in ("market-severe-violation", "严重违法失信名单"):
        assert answer(名单类型=name)[0] in ("relieved", "relieved-before")
    assert desk.states() == [State.REPAIRED]


@pytest.mark.parametrize("file", ["relief-own-list-1.csv", "relief-own-list-2.csv"])
@pytest.mark.parametrize("bound", [True, False])
def test_f23_a_relief_names_a_list_of_a_mapping_of_ones_own(
    desk: TableDesk, file: str, *, bound: bool
) -> None:
    """Of a mapping that is handed in, or of one that another source is bound to."""
    other = SourceSection(
        authorities=AUTHORITIES, list_types=("work-safety",), mapping="safety.yaml"
    )
    chosen = TableDesk(desk.node, desk.folder, sources={"safety": other}) if bound else desk
    mapping = "" if bound else str(desk.folder / "safety.yaml")
    source = "safety" if bound else "desk"
    taken = chosen.take(LISTED, list_type="work-safety", mapping=mapping, source=source)
    assert taken["decisions"] == {"listed": 1}
    result = chosen.publish(file, kind="repair", mapping="" if file.endswith("2.csv") else mapping)
    assert result["decisions"] == {"relieved": 1}
    assert desk.states() == [State.REPAIRED]
    chosen.writer.close()


def test_headings_of_removal_decisions_are_known(desk: TableDesk) -> None:
    desk.take(MARKET, list_type="market-severe-violation")
    removal = {
        "序号": "1",
        "企业名称": MARKET["企业名称"],
        "统一社会信用代码": MARKET["统一社会信用代码"],
        "名单类型": "严重违法失信名单",
        "列入决定书文号": MARKET["列入决定书文号"],
        "作出决定机关（列入）": "泸州市市场监督管理局",
        "移出原因": "满一年已纠正",
        "移出日期": "2026-11-20",
        "移出决定书文号": "泸市监严移〔2026〕1号",
        "作出决定机关（移出）": "泸州市市场监督管理局",
    }
    result = desk.take(removal, name="repair.csv", kind="repair")
    assert result["decisions"] == {"relieved": 1}
