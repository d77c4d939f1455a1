"""`huxin benefit` on two nodes: asked, listed, used, and counted in both cities.

Covers node/cli/benefit.py, node/services/benefits.py, node/recognition/wiring.py,
node/web/openapi_benefits.py, node/web/schemas.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.ids import Timestamp
from node.cli.check import write_uncovered
from node.cli.language import Language
from node.demo.members import DemoMember
from node.system.clock import date_of
from node.texts.fields import day as day_in_words
from tests.support.commands import Ran, run
from tests.support.federation_dirs import WiredNode, code_of, exchange_all, found, name_of

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
  适用条件: 在四川登记
  判定条件: {{全部: [{{注册地: "51"}}]}}
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
适用条件: 只在经开区范围内办理
"""


def written(folder: Path, member: DemoMember, text: str, **names: str) -> None:
    place = folder / f"{member.region}.yaml"
    place.write_text(text.format(authority=f"{member.region}-court", **names), "utf-8")


def publish(folder: Path, member: DemoMember, kind: str) -> list[str]:
    file = str(folder / f"{member.region}.yaml")
    options = ("--kind", kind, "--source", "court", "--dir", str(folder / member.region))
    return ["publish", file, *options, "-o", "json"]


def exchanged(folder: Path) -> None:
    one, other = WiredNode(folder / OFFERS.region), WiredNode(folder / RECOGNISES.region)
    exchange_all(one, other)
    for node in (one, other):
        node.job("reconcile")
        node.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """泸州 has opened a scenario, and 内江 has accepted it; both have each other's log."""
    made = tmp_path_factory.mktemp("benefits")
    found(made, (OFFERS, RECOGNISES))
    written(made, OFFERS, SCENARIOS)
    (scenario,) = run(*publish(made, OFFERS, "scenario")).json["statement_ids"]
    exchanged(made)
    written(made, RECOGNISES, RECOGNITION, scenario=scenario)
    assert run(*publish(made, RECOGNISES, "recognition")).code == 0
    exchanged(made)
    return made


def ask(folder: Path, *words: str, at: DemoMember = RECOGNISES, code: str = "") -> Ran:
    first = ["list"] if words[:1] == ("list",) else []
    rest = words[1:] if first else words
    subject = code or code_of(1)
    options = ("--name", name_of(1), "--case", "政务12", "--dir", str(folder / at.region))
    return run("benefit", *first, subject, *options, *rest)


def scenario_of(folder: Path) -> str:
    listed = run("scenarios", "list", "--dir", str(folder / RECOGNISES.region), "-o", "json")
    return str(listed.json[0]["scenario"])


def test_one_benefit_is_asked_for_used_and_counted(folder: Path) -> None:
    scenario = scenario_of(folder)
    answer = ask(folder, "--scenario", scenario, "-o", "json")
    assert answer.code in (0, FINDINGS)
    document = answer.json
    assert document["here"] == "accepted"
    shown = ask(folder, "--scenario", scenario[:8])
    for word in (
        "园区厂房租赁免押金",
        "免押金",
        "内江经开区服务大厅",
        "注册地",
        "答复编号",
        "在四川登记",
    ):
        assert word in shown.out, shown.out
    assert "另附条件（由人核实）" in shown.out
    assert "只在经开区范围内办理" in shown.out
    english = ask(folder, "--scenario", scenario, "--lang", "en")
    assert "registered" in english.out
    listed = ask(folder, "list")
    assert "园区厂房租赁免押金" in listed.out
    assert "只在经开区范围内办理" in listed.out, "who reads the list alone verifies it as well"
    place = ("--dir", str(folder / RECOGNISES.region))
    used = run("benefit", "used", document["number"], "--person", "李某", *place, "-o", "json")
    assert (used.code, used.json["published"]) == (0, True)
    told = run("benefit", "used", document["number"], "--person", "李某", *place).out
    assert "答复编号" in told
    assert day_in_words(used.json["used_on"]) in told
    exchanged(folder)
    day = date_of(Timestamp(document["at"]))
    quarter = f"{day // 10000}-Q{(day // 100 % 100 + 2) // 3}"
    for member in (RECOGNISES, OFFERS):
        report = run(
            "outcomes",
            "report",
            "--quarter",
            quarter,
            "--dir",
            str(folder / member.region),
            "-o",
            "json",
        )
        assert [one["uses"] for one in report.json["benefits"]] == [1], report.out


def test_what_is_asked_wrongly_is_refused(folder: Path) -> None:
    refused = ask(folder, "--scenario", "ffffffff")
    assert (refused.code, "recognition.no-scenario" in refused.err) == (REFUSED, True)
    person = ask(folder, "--scenario", scenario_of(folder), code="510502199001011234")
    assert "question.natural-person" in person.err


def test_what_was_not_heard_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    heard = {"name": "宜宾", "origin": "511500.huxin.example/1", "state": "ok"}
    silent = {"name": "成都", "origin": "510100.huxin.example/1", "state": "stale"}
    write_uncovered([heard, silent], Language.ZH)
    told = capsys.readouterr().out
    assert ("成都" in told, "久未更新" in told, "宜宾" in told) == (True, True, False)
