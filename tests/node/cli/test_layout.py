"""Tables fit a terminal of 100 columns in both languages, and break no code.

Covers node/cli/language.py, node/cli/layout.py, node/cli/render.py.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from node.cli import adapter, cases, layout, records, render, repairs, status, totals
from node.cli.catalog import _LISTS, _LISTS_UNDER, _UNCONFIRMED, _WAITS
from node.cli.charter import describe
from node.cli.language import Language, say_in, speak
from node.demo.founding import found_federation
from node.demo.members import DATA, LUZHOU
from node.documents import quality_labels as quality
from node.texts.fields import labels
from tests.support.commands import run

COLUMNS = 100
NAME = "四川省泸州市江阳区示例建筑安装工程有限责任公司（演示）"
VALUES: dict[str, Any] = {
    "statement_id": "24e2283c0f8d925503b6da7895110420",
    "city": "重庆市潼南区",
    "origin": "500152.huxin.example/1",
    "index": 1_234_567,
    "list_type": "510000-cross-river-pollution",
    "source": "market-supervision",
    "subject_code": "91510502YY9000040E",
    "code": "91510502YY9000040E",
    "subject_name": NAME,
    "name": NAME,
    "document": "（2025）川0502执恢105号之一",
    "publish_until": 20280304,
    "decided_on": 20250304,
    "state": "待核",
    "annotations": ["objection-opened", "masking-begun"],
    "rule": "identity.attested-differs",
    "meaning": "",
    "size": 12_345_678,
    "root": "zPjt6hffzPjt6hffzPjt6hffzPjt6hffzPjt6hffzPjt6hff",
    "verified_to": 12_345_678,
    "reconciled_to": 12_345_678,
    "delivered_to": 12_345_678,
    "head_age_s": 93_784,
    "records": {"有效": 1_234_567, "已修复": 123_456, "已撤销": 12_345, "已到期": 12_345},
    "verdicts": {"认定": 1_234_567, "待核": 123_456, "不予认定": 12_345},
    "kind": "撤销",
    "due": "未知（工作日表未及该年）",
    "executed": "18/20",
    "outstanding": ["重庆市潼南区", "四川省泸州市"],
    "late": ["重庆市潼南区", "四川省泸州市"],
    "received": "2026-11-21 10:00:00+08:00",
    "applied": "2026-11-21 10:00:00+08:00",
    "lifted": "2026-11-21 10:00:00+08:00",
    "verdict": "未执行，未到期",
    "pushed": "未执行，未到期",
    "set_aside": {"identity.attested-differs": 12_345, "opening.missing": 12},
    "decidable": True,
    "basis": "《保障农民工工资支付条例》第四十八条；人力资源和社会保障部令第45号",
    "longest_months": 36,
    "ground": "依据不在施行期内",
    "confirmed": False,
    "editions": ["sichuan-chongqing-demo-2024", "national-lists-2024"],
    "item": "national-lists-2024/administrative-penalty-ordinary",
    "certainty": "P",
    "outcome": "not-recognised",
    "reason": "identity.attested-differs",
    "by": "500152.huxin.example/1",
    "platform": "province",
    "authority": "510502-market-supervision",
    "digest": "0f8d925503b6da7895110420",
    "message": "统一社会信用代码的校验位不符，请核对原表",
    "value": NAME,
    "expected": "18 位，末位为校验位",
    "column": "统一社会信用代码",
    "id": "510500",
    "region": "510500",
    "roles": ["city", "county"],
    "votes": True,
    "signed": True,
    "endpoints": ["huxin.luzhou.example.gov.cn:7443", "10.0.0.1:7443"],
    "delegates": ["510300 510300.huxin.example/1 [0, )"],
    "successor": "510300",
    "attests": ["5105", "5103"],
    "member": "510500",
    "from_size": 0,
    "to_size": None,
    "kinds": ["列入", "更正", "标注", "修复", "撤销", "恢复列入", "场景", "互认", "守信", "回执"],
    "receives": [
        "列入",
        "更正",
        "标注",
        "修复",
        "撤销",
        "恢复列入",
        "场景",
        "互认",
        "守信",
        "回执",
    ],
    "purposes": ["联合惩戒", "联合激励", "分级分类监管", "信用报告", "审计"],
    "lists": {"judgment-defaulter": ["510500-court", "510502-court", "510504-court"]},
}

ALL: dict[str, tuple[Any, Any]] = {
    "status": (status._LOGS, status._UNDER),
    "records": (records._COLUMNS, records._UNDER),
    "cases": (cases._COLUMNS, cases._UNDER),
    "repairs": (repairs._COLUMNS, repairs._UNDER),
    "repair": (repairs._MEMBERS, repairs._MEMBERS_UNDER),
    "catalog": (_LISTS, _LISTS_UNDER),
    "unconfirmed": (_UNCONFIRMED, _WAITS),
    "quality": (quality.COLUMNS, quality.UNDER),
    "measures": (quality.MEASURES, quality.UNDER),
    "collection": (quality.ITEMS, quality.ITEMS_UNDER),
    "shares": (quality.SHARES, {}),
    "faults": (quality.FAULTS | quality.SUBJECT, quality.FAULTS_UNDER),
    "shown": (adapter._SHOWN, adapter._SHOWN_UNDER),
    "refused": (adapter._REFUSED, adapter._REFUSED_UNDER),
    "suspected": (adapter._SUSPECTED, adapter._SUSPECTED_UNDER),
    "said": (adapter._SAID, adapter._SAID_UNDER),
    "groups": (totals._GROUPS, {}),
    "rows": (totals._ROWS, {}),
}


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))


def fits(text: str) -> None:
    for line in text.splitlines():
        assert cell_len(line) <= COLUMNS, line


def whole(text: str, columns: Any) -> None:
    """Every code of the row stands in one line, but for ids, of which the beginning does."""
    for name in columns:
        shown = render._shown(name, VALUES.get(name, 12), short=True)
        for code in re.findall(r"[!-~]{2,}", shown):
            assert code in text, code


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", ALL)
@pytest.mark.usefixtures("narrow")
def test_every_table_fits_and_breaks_no_code(
    name: str, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    columns, under = ALL[name]
    speak(language)
    row = {field: VALUES.get(field, 12) for field in columns}
    render.write_table("", render.pick(language, columns), [row, row], under)
    text = capsys.readouterr().out
    fits(text)
    whole(text, columns)
    speak(Language.ZH)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(
    ("names", "under"),
    [
        (describe.MEMBER_COLUMNS, describe.MEMBER_UNDER),
        (describe.SEGMENT_COLUMNS, describe.SEGMENT_UNDER),
        (describe.RECEPTION_COLUMNS, {}),
    ],
)
def test_tables_of_a_charter_fit(
    names: tuple[str, ...], under: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    render.write_table("", labels(names), [{name: VALUES[name] for name in names}], under)
    text = capsys.readouterr().out
    fits(text)
    whole(text, names)


@pytest.mark.usefixtures("narrow")
def test_what_fits_in_no_table_is_written_as_lines(capsys: pytest.CaptureFixture[str]) -> None:
    row = {f"c{n}": "x" * 30 for n in range(5)}
    render.write_table("", {name: f"列{name}" for name in row}, [row])
    text = capsys.readouterr().out
    fits(text)
    assert text.count("x" * 30) == len(row)


@pytest.mark.usefixtures("narrow")
def test_problems_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    render.write_problems(
        [{"code": "log.stale", "message": "该日志久未更新" * 12, "fix": "见 see SPEC.md#b"}]
    )
    text = capsys.readouterr().out
    fits(text)
    assert text.startswith("log.stale  该日志久未更新")
    assert text.endswith("  办法  见 SPEC.md#b\n")


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (40, "40 秒", "40 s"),
        (150, "2 分钟 30 秒", "2 min 30 s"),
        (3600, "1 小时", "1 h"),
        (93_784, "1 天 2 小时", "1 d 2 h"),
        (-86_400, "-1 天", "-1 d"),
    ],
)
def test_spans_of_time(seconds: int, zh: str, en: str) -> None:
    assert render.duration(seconds) == zh
    speak(Language.EN)
    assert render.duration(seconds) == en
    speak(Language.ZH)


def test_one_language_of_two() -> None:
    assert say_in("已记录 / recorded") == "已记录"
    assert say_in("12 / 40") == "12 / 40"
    speak(Language.EN)
    assert say_in("已记录 / recorded") == "recorded"
    speak(Language.ZH)


def test_columns_of_text_are_folded_and_codes_are_not() -> None:
    assert layout.folded("见 judgment-defaulter 名单", 18) == "见\njudgment-defaulter\n名单"
    assert layout.folded("列入、更正、标注", 4) == "列\n入、\n更\n正、\n标注"
    assert layout.widths([["judgment、"], ["名" * 9]], 8) is None
    assert layout.folded("名" * 5, 4) == "名名\n名名\n名"
    assert layout.widths([["名" * 20, "x" * 10]], 30) == [18, 10]
    assert layout.widths([["x" * 20, "x" * 10]], 30) is None


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("narrow")
    found_federation(directory, DATA)
    return directory / LUZHOU.region


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("status", "--long"),
        ("records", "list"),
        ("cases", "list"),
        ("repairs", "list"),
        ("catalog", "show"),
        ("catalog", "matters"),
        ("catalog", "trust"),
        ("catalog", "check"),
        ("quality",),
        ("clock", "show"),
        ("keys", "tls"),
    ],
    ids=" ".join,
)
def test_commands_fit(node: Path, command: tuple[str, ...], language: str) -> None:
    shown = run(*command, "--lang", language, "--dir", node)
    assert shown.code in {0, 1}, shown.err
    fits(shown.out)
    if language == "zh":
        assert " / " not in shown.out or command[0] == "status"
