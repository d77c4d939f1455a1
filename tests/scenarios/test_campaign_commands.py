"""`huxin campaign` on a node whose firms another city lists: ledger, exits, rate, monthly sheet.

Covers node/cli/campaign.py, node/services/campaigns.py, node/campaigns/desk.py,
node/campaigns/sheet.py, node/campaigns/wiring.py, node/texts/campaigns.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from federation.ids import Date
from node.demo.members import DemoMember
from tests.scenarios.test_notice_commands import exchanged
from tests.support.commands import run
from tests.support.federation_dirs import LIST_TYPE, WiredNode, found, write_list

CITY = DemoMember(region="511500", name="宜宾")
HOME = DemoMember(region="510300", name="自贡")
LISTED = 4
REFUSED, USAGE = 3, 2


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """宜宾 has listed four firms that the base library of 自贡 knows."""
    folder = tmp_path_factory.mktemp("campaigns")
    found(folder, (CITY, HOME))
    city = WiredNode(folder / CITY.region)
    write_list(folder / "list.csv", city.me, range(LISTED))
    city.publish_list(folder / "list.csv")
    city.close()
    exchanged(folder)
    return folder / HOME.region


def test_opened_filled_exited_by_relief_alone_and_reported(home: Path, tmp_path: Path) -> None:
    records = run("records", "list", "--dir", home, "-o", "json").json
    first, second, *_ = (one["statement_id"] for one in records)
    opened = run(
        *("campaign", "new", "--name", "=失信问题专项治理", "--document", "自信办〔2026〕8号"),
        *("--unit", "发改委", "--due", "2099-12-31", "--dir", home, "-o", "json"),
    )
    assert opened.code == 0, opened.err
    number = opened.json["campaign"]
    assert (opened.json["subjects"], opened.json["rate"]) == (0, None)
    late = run(
        *("campaign", "new", "--name", "旧", "--document", "1", "--unit", "甲"),
        *("--due", "2020-01-01", "--dir", home),
    )
    assert (late.code, "campaign.due" in late.err) == (REFUSED, True)

    codes = tmp_path / "codes.csv"
    code = records[1]["subject"]["code"]
    codes.write_text(f"统一社会信用代码,名称\n{code.lower()},甲\n{code},甲\n=1+1,乙\n", "utf-8-sig")
    added = run("campaign", "add", number, first, "--file", codes, "--dir", home, "-o", "json")
    assert added.json == {"added": 2, "already": 0, "unknown": ["=1+1"]}
    again = run("campaign", "add", number, first, second, "--dir", home)
    assert "已在台账 2 条" in again.err
    query = ("campaign", "add", number, "--list", LIST_TYPE, "--authority", records[0]["authority"])
    for narrower in (("--decided-until", "2000-01-01"), ("--origin", "510300.huxin.example/1")):
        none = run(*query, *narrower, "--dir", home, "-o", "json").json
        assert (none["added"], none["already"]) == (0, 0)
    rest = run(*query, "--origin", records[0]["origin"], "--dir", home, "-o", "json").json
    assert (rest["added"], rest["already"]) == (LISTED - 2, 2)
    for wrong, reason in (
        (("campaign", "add", number), "campaign.empty"),
        (("campaign", "add", "99", first), "campaign.unknown"),
        (("campaign", "show", "99"), "campaign.unknown"),
    ):
        refused = run(*wrong, "--dir", home)
        assert (refused.code, reason in refused.err) == (REFUSED, True), refused.err
    (tmp_path / "bad.csv").write_bytes("名称\n甲\n".encode("gb18030"))
    bad = run("campaign", "add", number, "--file", tmp_path / "bad.csv", "--dir", home)
    assert "campaign.file" in bad.err

    exchanged(home.parent, first)
    rate = run("campaign", "exit-rate", number, "--dir", home, "-o", "json").json
    assert (rate["subjects"], rate["exited"], rate["rate"]) == (LISTED, 1, 1 / LISTED)
    assert (rate["exited_this_month"], rate["overdue"]) == (1, 0)
    before = run("campaign", "exit-rate", number, "--day", "2026-01-01", "--dir", home)
    assert "—" in before.out
    shown = run("campaign", "show", number, "--dir", home, "-o", "json").json
    ledger = {one["statement_id"]: one for one in shown["ledger"]}
    assert set(ledger) == {one["statement_id"] for one in records}
    assert (ledger[first]["exited"], ledger[first]["ground"]) == (True, "repaired")
    assert ledger[second]["subject"]["name"]
    table = run("campaign", "show", number, "--dir", home)
    for words in ("修复", "未退出", "25.00%"):
        assert words in table.out, words
    assert f"{1 / LISTED:.2%}" in run("campaign", "list", "--dir", home).out

    sheet = tmp_path / "sheet.xlsx"
    made = run("campaign", "sheet", number, "--out", sheet, "--dir", home)
    assert made.code == 0, made.err
    book = load_workbook(sheet)
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    values = [cell.value for cell in cells]
    assert 1 / LISTED in values
    assert "修复" in values
    assert run("campaign", "sheet", number, "--out", sheet, "--dir", home).code != 0
    _the_same_request_opens_one_campaign_and_pages_follow(home)


def _the_same_request_opens_one_campaign_and_pages_follow(home: Path) -> None:
    node = WiredNode(home)
    try:
        desk = node.parts.campaigns
        first, again = (desk.open("1" * 32, "甲", "1", "乙", Date(0)) for _ in range(2))
        assert first == again
        with pytest.raises(Exception, match="another campaign"):
            desk.open("1" * 32, "别的", "1", "乙", Date(0))
        page, token = desk.subjects(1, 3, "")
        rest, end = desk.subjects(1, 3, token)
        assert (len(page), len(rest), end) == (3, LISTED - 3, "")
        with pytest.raises(Exception, match="page token"):
            desk.subjects(1, 3, "x")
    finally:
        node.close()
