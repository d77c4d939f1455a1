"""Scenario and recognition files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.files.errors import TableError
from adapters.files.faults import RowFault
from adapters.files.scenarios import (
    RecognitionDraft,
    ScenarioContext,
    ScenarioDraft,
    read_scenarios,
)
from federation.ids import CharterId, Date
from federation.payloads import Benefit, SubjectKind
from federation.statements import RecognitionAction, ScenarioAction

CHARTERS = (CharterId(b"a" * 32), CharterId(b"b" * 32))
CONTEXT = ScenarioContext(
    authorities={"内江市发展和改革委员会": "511000-development"},
    charters=CHARTERS,
    today=Date(20261120),
)
HEX = "00112233445566778899aabbccddeeff"
SCENARIO: dict[str, Any] = {
    "kind": "scenario",
    "action": "opened",
    "scenario_type": "信易租",
    "title": "免押金租房",
    "provider": "511000-development",
    "incentives": ["免押金"],
    "subject_kinds": ["enterprise", "个体工商户"],
    "valid_from": "2026-11-01",
    "valid_until": 20281031,
}
RECOGNITION: dict[str, Any] = {
    "kind": "recognition",
    "action": "accepted",
    "scenario": {"origin": "511000.huxin.example/1", "index": 7},
    "authority_name": "内江市发展和改革委员会",
    "decided_on": "2026-11-10",
    "conditions": "限本市住房",
}

Read = Callable[..., list[ScenarioDraft | RecognitionDraft | RowFault]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_items(*items: object) -> list[ScenarioDraft | RecognitionDraft | RowFault]:
        path = tmp_path / "scenarios.json"
        path.write_text(json.dumps(items[0] if len(items) == 1 else items), encoding="utf-8")
        return read_scenarios(path, CONTEXT)

    return read_items


def test_a_scenario(read: Read) -> None:
    (draft,) = read(SCENARIO)
    assert isinstance(draft, ScenarioDraft)
    assert (draft.row, draft.action, draft.about) == (1, ScenarioAction.OPENED, None)
    scenario = draft.scenario
    assert (scenario.scenario_type, scenario.title) == ("信易租", "免押金租房")
    assert (scenario.provider, scenario.provider_name) == (
        "511000-development",
        "内江市发展和改革委员会",
    )
    assert scenario.benefits == (Benefit(text="免押金"),)
    assert scenario.subject_kinds == (SubjectKind.ENTERPRISE, SubjectKind.SOLE_TRADER)
    assert (scenario.valid_from, scenario.valid_until) == (20261101, 20281031)
    assert scenario.charters == CHARTERS


def test_it_may_be_offered_to_some_alliances(read: Read) -> None:
    (draft,) = read({**SCENARIO, "charters": [CHARTERS[1].hex()]})
    assert isinstance(draft, ScenarioDraft)
    assert draft.scenario.charters == (CHARTERS[1],)


@pytest.mark.parametrize("action", ["amended", "closed", "修订", "关闭"])
def test_a_later_version_names_the_earlier_one(read: Read, action: str) -> None:
    (draft,) = read({**SCENARIO, "action": action, "about": HEX})
    assert isinstance(draft, ScenarioDraft)
    assert draft.about == bytes.fromhex(HEX)
    assert draft.action in (ScenarioAction.AMENDED, ScenarioAction.CLOSED)


def test_recognitions(read: Read) -> None:
    first, second = read(
        RECOGNITION,
        {
            **RECOGNITION,
            "action": "ended",
            "scenario": {"statement_id": HEX},
            "valid_until": "20271231",
        },
    )
    assert isinstance(first, RecognitionDraft)
    assert (first.origin, first.index, first.statement_id) == ("511000.huxin.example/1", 7, None)
    assert (first.action, first.decided_on) == (RecognitionAction.ACCEPTED, 20261110)
    assert (first.authority, first.conditions) == ("511000-development", "限本市住房")
    assert first.valid_until == 0
    assert isinstance(second, RecognitionDraft)
    assert (second.row, second.origin, second.index) == (2, None, None)
    assert (second.action, second.valid_until) == (RecognitionAction.ENDED, 20271231)
    assert second.statement_id == bytes.fromhex(HEX)


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"kind": "grade"}, "kind", "field.value"),
        ({"action": "accepted"}, "action", "field.value"),
        ({"action": "amended"}, "about", "field.value"),
        ({"action": "amended", "about": "00"}, "about", "field.value"),
        ({"about": HEX}, "", "field.value"),
        ({"title": ""}, "title", "field.value"),
        ({"title": "甲" * 257}, "title", "field.value"),
        ({"title": "510599199001010000"}, "title", "field.personal-id"),
        ({"provider": "510500-court"}, "provider_name", "authority.not-bound"),
        ({"provider": ""}, "provider_name", "field.missing"),
        ({"incentives": []}, "incentives", "field.value"),
        ({"incentives": "免押金"}, "incentives", "field.value"),
        ({"incentives": ["免" * 129]}, "incentives", "field.value"),
        ({"subject_kinds": ["natural-person"]}, "subject_kinds", "field.value"),
        ({"subject_kinds": []}, "subject_kinds", "field.value"),
        ({"valid_from": "20261332"}, "valid_from", "date.calendar"),
        ({"valid_until": "20261031"}, "valid_until", "date.order"),
        ({"valid_from": "20200101", "valid_until": "20261119"}, "valid_until", "date.over"),
        ({"charters": ["00"]}, "charters", "field.value"),
        ({"surprise": "1"}, "", "field.value"),
    ],
)
def test_one_bad_field_of_a_scenario(
    read: Read, change: dict[str, Any], column: str, code: str
) -> None:
    found = read({**SCENARIO, **change})
    told = [(item.column, item.code) for item in found if isinstance(item, RowFault)]
    assert (column, code) in told
    assert len(told) == len(found)


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"action": "opened"}, "action", "field.value"),
        ({"scenario": {"origin": "x/1"}}, "scenario", "field.value"),
        ({"scenario": {"origin": "x/1", "index": -1}}, "scenario", "field.value"),
        ({"scenario": {"statement_id": HEX, "index": 1}}, "scenario", "field.value"),
        ({"scenario": "x"}, "scenario", "field.value"),
        ({"authority_name": "别的单位"}, "authority_name", "authority.not-bound"),
        ({"decided_on": ""}, "decided_on", "field.value"),
        ({"decided_on": "20261121"}, "decided_on", "date.future"),
        ({"valid_until": "20261109"}, "valid_until", "date.order"),
    ],
)
def test_one_bad_field_of_a_recognition(
    read: Read, change: dict[str, Any], column: str, code: str
) -> None:
    (fault,) = read({**RECOGNITION, **change})
    assert isinstance(fault, RowFault)
    assert (fault.column, fault.code) == (column, code)


@pytest.mark.parametrize("short", [HEX[:8], HEX[:8] + "…"])
def test_a_shortened_statement_id_is_told_to_be_written_in_full(read: Read, short: str) -> None:
    (fault,) = read({**RECOGNITION, "scenario": {"statement_id": short}})
    assert isinstance(fault, RowFault)
    assert (fault.column, fault.code) == ("scenario", "field.value")
    assert "共 32 位" in fault.message


def test_a_closed_scenario_may_be_over(read: Read) -> None:
    (draft,) = read(
        {
            **SCENARIO,
            "action": "closed",
            "about": HEX,
            "valid_from": 20250101,
            "valid_until": 20261119,
        }
    )
    assert isinstance(draft, ScenarioDraft)


def test_an_item_that_is_no_object_does_not_stop_the_others(read: Read) -> None:
    fault, draft = read("x", SCENARIO)
    assert isinstance(fault, RowFault)
    assert isinstance(draft, ScenarioDraft)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.json", b'{"kind": "scenario", "kind": "recognition"}', "file.format"),
        ("a.json", b"{", "file.format"),
        ("a.json", b"\xff", "file.format"),
        ("a.yaml", b"kind: scenario\nkind: scenario\n", "file.format"),
        ("a.yaml", b"a: &a [x]\nb: *a\n", "file.format"),
        ("a.yaml", b"a: [", "file.format"),
        ("a.yaml", b"[" * 33 + b"]" * 33, "file.format"),
        ("a.yaml", b"- " * 700_000 + b"a", "file.format"),
        ("a.yaml", b"- &a x\n" * 700_000, "file.size"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(TableError) as caught:
        read_scenarios(path, CONTEXT)
    assert caught.value.code == code


def test_a_key_in_both_languages_is_a_fault(read: Read) -> None:
    (fault,) = read({**SCENARIO, "场景名称": "又一个"})
    assert isinstance(fault, RowFault)
    assert fault.code == "field.value"


def test_yaml_scalars_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "kind: recognition\naction: declined\nscenario: {origin: no, index: 010}\n"
        "authority: 511000-development\ndecided_on: 2026-11-10\nreason: no\n",
        encoding="utf-8",
    )
    (draft,) = read_scenarios(path, CONTEXT)
    assert isinstance(draft, RecognitionDraft)
    assert (draft.origin, draft.index, draft.reason) == ("no", 10, "no")


CHINESE = """- 类型: 场景
  操作: 开放
  场景类型: 信易租
  场景名称: 信用住房租赁免押金
  提供单位: 内江市发展和改革委员会
  优惠措施: [免押金, 优先选房]
  适用主体: [企业, 个体工商户, 小微企业]
  有效期起: 2026年11月1日
  有效期止: 不定
"""


def written(tmp_path: Path, name: str, content: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_text(content, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_faults_of_a_chinese_file_are_in_its_words(tmp_path: Path, encoding: str) -> None:
    found = read_scenarios(written(tmp_path, "a.yaml", CHINESE, encoding), CONTEXT)
    assert all(isinstance(one, RowFault) for one in found)
    faults = {one.column: one for one in found if isinstance(one, RowFault)}
    assert set(faults) == {"适用主体", "有效期止"}
    assert faults["适用主体"].value == "企业、个体工商户、小微企业"
    assert "企业、个体工商户、社会组织" in faults["适用主体"].expected
    assert faults["有效期止"].value == "不定"


def test_a_word_that_is_none_is_named_with_those_that_are(tmp_path: Path) -> None:
    text = CHINESE.replace("操作: 开放", "操作: 开始")
    found = read_scenarios(written(tmp_path, "a.yaml", text), CONTEXT)
    (fault,) = [one for one in found if isinstance(one, RowFault) and one.column == "操作"]
    assert (fault.value, fault.expected) == ("开始", "开放、修订、关闭")


def test_a_scenario_may_be_without_an_end(tmp_path: Path) -> None:
    text = CHINESE.replace("不定", "长期").replace(", 小微企业", "")
    (draft,) = read_scenarios(written(tmp_path, "a.yaml", text), CONTEXT)
    assert isinstance(draft, ScenarioDraft)
    assert (draft.scenario.valid_from, draft.scenario.valid_until) == (20261101, 0)


def test_a_full_width_colon_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "a.yaml", "- 类型：场景\n  操作：开放\n")
    (fault,) = read_scenarios(path, CONTEXT)
    assert isinstance(fault, RowFault)
    assert "冒号须为半角" in fault.message


INCENTIVES = (
    "序号,事项,内容,对象,依据,层级,频次\n"
    '1,公共资源交易保证金减免,"免缴投标保证金；\n优先受理",守信企业、个体工商户,〔2026〕1号,市级,每年一次\n'
    "2,信用停车,先离场后付费,企业,,,\n"
)


def test_f44_a_list_of_incentives_is_a_table_of_scenarios(tmp_path: Path) -> None:
    found = read_scenarios(written(tmp_path, "守信激励措施清单.csv", INCENTIVES), CONTEXT)
    assert all(isinstance(one, ScenarioDraft) for one in found), found
    first, second = [one for one in found if isinstance(one, ScenarioDraft)]
    assert (first.row, first.action, first.about) == (2, ScenarioAction.OPENED, None)
    scenario = first.scenario
    assert (scenario.scenario_type, scenario.title) == ("守信激励", "公共资源交易保证金减免")
    assert scenario.benefits == (Benefit(text="免缴投标保证金"), Benefit(text="优先受理"))
    assert scenario.subject_kinds == (SubjectKind.ENTERPRISE, SubjectKind.SOLE_TRADER)
    assert scenario.conditions_text == "对象：守信企业、个体工商户；层级：市级；频次：每年一次"
    assert (scenario.provider, scenario.basis) == ("511000-development", "〔2026〕1号")
    assert (scenario.valid_from, scenario.valid_until, scenario.charters) == (0, 0, CHARTERS)
    assert (second.scenario.conditions_text, second.scenario.basis) == ("", "")


def test_f44_what_is_wrong_with_a_row_is_told_by_its_heading(tmp_path: Path) -> None:
    text = INCENTIVES + "3,个人积分,加分,自然人,,,\n4,,免费,企业,,,\n"
    found = read_scenarios(written(tmp_path, "清单.csv", text), CONTEXT)
    faults = [(one.row, one.column, one.value) for one in found if isinstance(one, RowFault)]
    assert faults == [(4, "对象", "自然人"), (5, "事项", "")]


def test_f44_a_table_without_its_columns_is_none(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="内容") as caught:
        read_scenarios(written(tmp_path, "a.csv", "事项,对象\n甲,乙\n"), CONTEXT)
    assert caught.value.code == "header.missing"
