"""`huxin scenarios` on two nodes: published from files, recognised, shown, put on a page.

Covers node/cli/scenarios.py, node/services/recognitions.py, node/recognition/wire_scenarios.py,
node/texts/scenarios.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from node.demo.members import DemoMember
from tests.scenarios.test_request_commands import text_of
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, exchange_all, found

OFFERS = DemoMember(region="510500", name="泸州")
RECOGNISES = DemoMember(region="511000", name="内江")
FINDINGS, REFUSED = 1, 3
SCENARIOS = """\
- 类型: 场景
  操作: 开放
  场景类型: 信易租
  场景名称: 园区厂房租赁免押金
  提供单位代码: {authority}
  优惠措施:
    - {{代码: deposit-free, 内容: 免押金}}
    - 优先选房
  适用条件: 列入守信名单
  判定条件: {{全部: [{{守信名单: tax-grade-a}}, {{注册地: "51"}}]}}
  适用主体: [企业]
  服务窗口: [园区服务大厅]
  有效期起: 2026-01-01
  有效期止: 长期
"""
RECOGNITION = """\
类型: 互认
操作: 认可
场景: {{statement_id: {scenario}}}
认可单位代码: {authority}
决定日期: 2026-01-05
受理业务: [内江经开区服务大厅]
另附判定条件: [tax-grade-a]
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """泸州 has opened a scenario, and 内江 has accepted it; both have each other's log."""
    folder = tmp_path_factory.mktemp("scenarios")
    found(folder, (OFFERS, RECOGNISES))
    written(folder, OFFERS, SCENARIOS)
    (scenario,) = run(*publish(folder, OFFERS, "scenario")).json["statement_ids"]
    exchanged(folder)
    written(folder, RECOGNISES, RECOGNITION, scenario=scenario)
    assert run(*publish(folder, RECOGNISES, "recognition")).code == 0
    exchanged(folder)
    return folder


def written(folder: Path, member: DemoMember, text: str, **fields: str) -> None:
    authority = f"{member.region}-court"
    path = folder / f"{member.region}.yaml"
    path.write_text(text.format(authority=authority, **fields), encoding="utf-8")


def publish(folder: Path, member: DemoMember, kind: str) -> tuple[str | Path, ...]:
    path = folder / f"{member.region}.yaml"
    place = ("--dir", folder / member.region)
    return ("publish", path, "--kind", kind, "--source", "court", *place, "-o", "json")


def exchanged(folder: Path) -> None:
    one, other = WiredNode(folder / OFFERS.region), WiredNode(folder / RECOGNISES.region)
    exchange_all(one, other)
    for node in (one, other):
        node.close()


def test_a_scenario_from_its_file_to_the_page(directory: Path, tmp_path: Path) -> None:
    here, there = ("--dir", directory / "511000"), ("--dir", directory / "510500")
    (listed,) = run("scenarios", "list", "--place", "511000", *here, "-o", "json").json
    assert listed["incentives"][0] == {"code": "deposit-free", "text": "免押金"}
    assert listed["here"]["standing"] == "accepted"
    scenario = listed["scenario"]
    table = run("scenarios", "list", *there)
    assert "本地场景" in table.out
    shown = run("scenarios", "show", scenario[:8], *there)
    assert "注册地在" in shown.out
    assert "内江经开区服务大厅" in shown.out
    matrix = run("scenarios", "matrix", *here)
    assert "◎" in matrix.out
    assert "√" in matrix.out
    history = run("scenarios", "history", scenario, *here)
    assert ("开放" in history.out, "认可" in history.out) == (True, True)
    explained = run("scenarios", "explain", scenario, *here)
    assert "同时符合（" in explained.out
    assert "all of (" in explained.out
    out = tmp_path / "page.html"
    objections = ("--objections", "市民中心3号窗口")
    assert run("scenarios", "page", out, *objections, *here).code == 0
    page = out.read_text("utf-8")
    for text in ("园区厂房租赁免押金", "内江经开区服务大厅", "市民中心3号窗口"):
        assert text in page
    letter = tmp_path / "letter.docx"
    made = run("scenarios", "letter", scenario[:8], "--out", letter, "--number", "内信函1号", *here)
    assert made.code == 0, made.err
    said = text_of(letter)
    for text in ("信用场景互认承诺函", "园区厂房租赁免押金", "内信函1号", "2026年1月5日"):
        assert text in said, text
    none = run("scenarios", "letter", scenario[:8], "--out", tmp_path / "none.docx", *there)
    assert (none.code, "letter.not-yet" in none.err) == (REFUSED, True)
    unknown = run("scenarios", "show", "ffffffff", *here)
    assert (unknown.code, "recognition.no-scenario" in unknown.err) == (REFUSED, True)


def test_a_file_is_judged_as_every_other_way_in(directory: Path) -> None:
    """Row by row; what was published before is unchanged, also where it would be refused today."""
    again = run(*publish(directory, OFFERS, "scenario"))
    assert again.json["decisions"] == {"unchanged": 1}
    bad = SCENARIOS.replace("免押金\n", "免押（二）\n").replace(
        'tax-grade-a}}, {{注册地: "51"}}', "tax-grade-a}}, {{非: {{守信名单: tax-grade-a}}}}"
    )
    written(directory, OFFERS, bad)
    refused = run(*publish(directory, OFFERS, "scenario"))
    assert refused.code == FINDINGS
    assert "scenario.contradiction" in refused.out
    own = run("scenarios", "list", "--dir", directory / "510500", "-o", "json").json
    written(directory, OFFERS, RECOGNITION, scenario=own[0]["scenario"])
    refused = run(*publish(directory, OFFERS, "recognition"))
    assert "recognition.own" in refused.out


def test_what_a_file_would_ask_is_said_before_it_is_published(directory: Path) -> None:
    written(directory, OFFERS, SCENARIOS.replace("园区厂房租赁免押金", "另一场景"))
    tried = (*publish(directory, OFFERS, "scenario"), "--dry-run")
    (said,) = run(*tried).json["explained"]
    assert said["zh"] == "同时符合（列入守信名单tax-grade-a；注册地在51）"
    assert said["en"].startswith("all of (")
    shown = run(*tried[:-3], "--dry-run").out
    assert "同时符合（列入守信名单tax-grade-a；注册地在51）" in shown
    listed = run("scenarios", "list", "--dir", directory / "511000", "-o", "json").json
    plain = "\n".join(line for line in RECOGNITION.splitlines() if "另附" not in line)
    written(directory, RECOGNISES, plain, scenario=listed[0]["statement_id"])
    recognised = run(*publish(directory, RECOGNISES, "recognition"), "--dry-run")
    assert recognised.json["explained"] == [], "it asks nothing further"
