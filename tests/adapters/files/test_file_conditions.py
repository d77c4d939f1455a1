"""Conditions, windows, scales and equivalences in scenario files, and tables that state some of it.

Covers adapters/files/_conditions.py, adapters/files/_scenario_parts.py.
"""

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
from federation.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    CommitmentKept,
    Condition,
    KindOfSubject,
    Negated,
    NoListing,
    OnList,
    RegisteredIn,
)
from federation.ids import CharterId, Date
from federation.payloads import Benefit, Equivalence, GradeScale, Scenario, SubjectKind, Window

CHARTERS = (CharterId(b"a" * 32), CharterId(b"b" * 32))
CONTEXT = ScenarioContext(
    authorities={"内江市发展和改革委员会": "511000-development"},
    charters=CHARTERS,
    today=Date(20261120),
    regions={"泸州市": "510500", "内江市": "511000"},
)
SCENARIO: dict[str, Any] = {
    "kind": "scenario",
    "action": "opened",
    "scenario_type": "信易租",
    "title": "免押金租房",
    "provider": "511000-development",
    "incentives": ["免押金"],
    "subject_kinds": ["enterprise"],
    "valid_from": "2026-11-01",
    "valid_until": 20281031,
}
RECOGNITION: dict[str, Any] = {
    "kind": "recognition",
    "action": "accepted",
    "scenario": {"origin": "510500.huxin.example/1", "index": 7},
    "authority_name": "内江市发展和改革委员会",
    "decided_on": "2026-11-10",
}
Read = Callable[..., list[ScenarioDraft | RecognitionDraft | RowFault]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_items(*items: object) -> list[ScenarioDraft | RecognitionDraft | RowFault]:
        path = tmp_path / "scenarios.json"
        path.write_text(json.dumps(items), encoding="utf-8")
        return read_scenarios(path, CONTEXT)

    return read_items


def read_one(read: Read, **changes: Any) -> Scenario:
    (draft,) = read(SCENARIO | changes)
    assert isinstance(draft, ScenarioDraft), draft
    return draft.scenario


CONDITIONS: list[tuple[object, Condition]] = [
    (["tax-grade-a"], OnList(list_type="tax-grade-a")),
    (["a", "b"], AnyOf(of=(OnList(list_type="a"), OnList(list_type="b")))),
    ({"on_list": {"list": "aeo", "edition": "2026"}}, OnList(list_type="aeo", edition="2026")),
    ({"守信名单": {"名单": "aeo", "版本": "2026"}}, OnList(list_type="aeo", edition="2026")),
    (
        {"等级": {"方法": "tax-credit", "版本": "2014", "不低于": "A"}},
        AtLeast(method="tax-credit", edition="2014", at_least="A"),
    ),
    (
        {"未失信": {"名单": ["wages"], "措施": "wages-honours"}},
        NoListing(list_types=("wages",), measure="wages-honours"),
    ),
    ({"registered_in": "5105"}, RegisteredIn(region="5105")),
    ({"subject_kind": ["enterprise"]}, KindOfSubject(kinds=(SubjectKind.ENTERPRISE,))),
    (
        {"主体类别": ["企业", "农民专业合作社"]},
        KindOfSubject(kinds=(SubjectKind.ENTERPRISE, SubjectKind.COOPERATIVE)),
    ),
    ({"承诺": "按期支付工资"}, CommitmentKept(commitment_type="按期支付工资")),
    (
        {"全部": [{"on_list": "a"}, {"任一": [["b"], {"非": {"registered_in": "50"}}]}]},
        AllOf(
            of=(
                OnList(list_type="a"),
                AnyOf(of=(OnList(list_type="b"), Negated(condition=RegisteredIn(region="50")))),
            )
        ),
    ),
]


@pytest.mark.parametrize(("written", "expected"), CONDITIONS)
def test_conditions(read: Read, written: object, expected: Condition) -> None:
    assert read_one(read, condition=written).condition == expected


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ({}, "condition"),
        ("tax-grade-a", "condition"),
        ([], "condition"),
        ([""], "condition.1"),
        ([{"on_list": "a"}], "condition.1"),
        ({"all": []}, "condition.all"),
        ({"all": {"on_list": "a"}}, "condition.all"),
        ({"all": [{"on_list": "a", "registered_in": "51"}]}, "condition.all.1"),
        ({"all": [{"on_list": "a"}, {"score": "90"}]}, "condition.all.2"),
        ({"not": {"grade": {"method": "m", "edition": "1"}}}, "condition.not.grade"),
        ({"on_list": {"list": "a", "colour": "red"}}, "condition.on_list"),
        ({"on_list": {"list": "a", "名单": "b"}}, "condition.on_list"),
        ({"no_listing": {"lists": [], "measure": "m"}}, "condition.no_listing"),
        ({"no_listing": {"lists": ["x"] * 2, "measure": "m"}}, "condition.no_listing"),
        ({"registered_in": "510"}, "condition.registered_in"),
        ({"registered_in": "五一"}, "condition.registered_in"),
        ({"subject_kind": ["自然人"]}, "condition.subject_kind"),
        ({"subject_kind": []}, "condition.subject_kind"),
        ({"commitment": ""}, "condition.commitment"),
        ({"commitment": "长" * 65}, "condition.commitment"),
    ],
)
def test_a_fault_of_a_condition_has_its_place(read: Read, written: object, path: str) -> None:
    (fault,) = read({**SCENARIO, "condition": written})
    assert isinstance(fault, RowFault)
    assert (fault.column, fault.code) == ("condition", "field.value")
    assert path in fault.message


def test_a_chinese_file_is_told_its_own_words(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "- 类型: 场景\n  操作: 开放\n  场景类型: 信易租\n  场景名称: 免押金\n"
        "  提供单位: 内江市发展和改革委员会\n  优惠措施: [免押金]\n  适用主体: [企业]\n"
        "  有效期起: 2026-11-01\n  有效期止: 长期\n"
        "  判定条件:\n    全部:\n      - 守信名单: tax-grade-a\n      - 注册地: 泸州\n",
        encoding="utf-8",
    )
    (fault,) = read_scenarios(path, CONTEXT)
    assert isinstance(fault, RowFault)
    assert fault.column == "判定条件"
    assert "判定条件.全部.2.注册地" in fault.message


def nested(depth: int) -> object:
    condition: object = {"on_list": "a"}
    for _ in range(depth - 1):
        condition = {"not": condition}
    return condition


def test_ten_thousand_conditions_are_not_read(read: Read) -> None:
    many = {"any": [{"any": [{"on_list": "a"}] * 32}] * 2}
    for written in (many, ["a"] * 10_000, {"all": [{"on_list": "a"}] * 10_000}):
        (fault,) = read({**SCENARIO, "condition": written})
        assert isinstance(fault, RowFault)
        assert fault.code in ("payload.condition", "field.value")
    (fault,) = read({**SCENARIO, "condition": many})
    assert isinstance(fault, RowFault)
    assert fault.code == "payload.condition"


def test_a_depth_of_a_thousand_is_not_read(tmp_path: Path, read: Read) -> None:
    assert read_one(read, condition=nested(8)).condition is not None
    for depth in (9, 400):
        (fault,) = read({**SCENARIO, "condition": nested(depth)})
        assert isinstance(fault, RowFault)
        assert fault.code == "payload.condition"
    for name, text in (
        ("a.json", '{"not": ' * 100_000 + '{"on_list": "a"}' + "}" * 100_000),
        ("a.yaml", "{not: " * 1_000 + "a" + "}" * 1_000),
    ):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        with pytest.raises(TableError) as caught:
            read_scenarios(path, CONTEXT)
        assert caught.value.code == "file.format"


def test_windows_scales_places_and_codes(read: Read) -> None:
    made = read_one(
        read,
        incentives=["免排队", {"code": "deposit-free", "text": "免押金"}],
        windows=["市民中心", {"name": "园区窗口", "address": "示例路1号", "hours": "9:00-17:00"}],
        scales=[{"method": "tax-credit", "edition": "2014", "grades": ["A", "B"]}],
        places=["5105", "内江市"],
    )
    assert made.benefits == (Benefit(text="免排队"), Benefit(code="deposit-free", text="免押金"))
    assert made.windows == (
        Window(name="市民中心"),
        Window(name="园区窗口", address="示例路1号", hours="9:00-17:00"),
    )
    assert made.scales == (GradeScale(method="tax-credit", edition="2014", grades=("A", "B")),)
    assert made.places == ("5105", "511000")


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"incentives": [{"code": "x"}]}, "incentives"),
        ({"incentives": [{"text": "免押金", "note": "x"}]}, "incentives"),
        ({"incentives": ["免押金", "免押金"]}, "incentives"),
        ({"incentives": ["免"] * 33}, "incentives"),
        ({"windows": "市民中心"}, "windows"),
        ({"windows": [{"address": "示例路1号"}]}, "windows"),
        ({"windows": ["窗"] * 33}, "windows"),
        ({"scales": [{"method": "m", "edition": "1", "grades": []}]}, "scales"),
        ({"scales": [{"method": "m", "edition": "1", "grades": ["A", "A"]}]}, "scales"),
        ({"scales": [{"method": "m", "edition": "1", "grades": ["长" * 17]}]}, "scales"),
        ({"places": ["乐山市"]}, "places"),
        ({"places": ["51"] * 65}, "places"),
    ],
)
def test_one_bad_part_of_a_scenario(read: Read, change: dict[str, Any], column: str) -> None:
    (fault,) = read({**SCENARIO, **change})
    assert isinstance(fault, RowFault)
    assert (fault.column, fault.code) == (column, "field.value")


EQUIVALENCE = {
    "method": "chongqing-rating",
    "edition": "1",
    "grade": "AA",
    "own_method": "tax-credit",
    "own_edition": "2014",
    "own_grade": "A",
}


def test_a_recognition_with_terms(read: Read) -> None:
    (draft,) = read(
        {
            **RECOGNITION,
            "effective_on": "2026-12-01",
            "further": ["aeo"],
            "services": ["园区服务大厅"],
            "charters": [CHARTERS[1].hex()],
            "equivalences": [EQUIVALENCE],
        }
    )
    assert isinstance(draft, RecognitionDraft)
    assert (draft.effective_on, draft.further) == (20261201, OnList(list_type="aeo"))
    assert (draft.services, draft.charters) == (("园区服务大厅",), (CHARTERS[1],))
    assert draft.equivalences == (Equivalence(**EQUIVALENCE),)
    (draft,) = read(RECOGNITION)
    assert isinstance(draft, RecognitionDraft)
    assert (draft.effective_on, draft.charters, draft.services) == (0, (), ())


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"effective_on": "2026-11-01"}, "effective_on", "date.order"),
        ({"effective_on": "soon"}, "effective_on", "date.format"),
        ({"further": {"score": "90"}}, "further", "field.value"),
        ({"services": ["窗" * 65]}, "services", "field.value"),
        ({"services": ["窗口110101199003070011"]}, "services", "field.value"),
        ({"charters": ["00"]}, "charters", "field.value"),
        ({"equivalences": [{**EQUIVALENCE, "own_grade": ""}]}, "equivalences", "field.value"),
        ({"equivalences": [EQUIVALENCE] * 65}, "equivalences", "field.value"),
        ({"condition": ["a"]}, "", "field.value"),
    ],
)
def test_one_bad_term_of_a_recognition(
    read: Read, change: dict[str, Any], column: str, code: str
) -> None:
    (fault,) = read({**RECOGNITION, **change})
    assert isinstance(fault, RowFault)
    assert (fault.column, fault.code) == (column, code)


HEADER = "措施名称,激励内容,措施代码,激励对象,实施单位,依据,地区,起止,守信名单,服务窗口\n"
ROW = "{},免押金；优先选房,{},企业,内江市发展和改革委员会,〔2026〕1号,{},{},{},市民中心\n"


def table(tmp_path: Path, *rows: str) -> list[ScenarioDraft | RecognitionDraft | RowFault]:
    path = tmp_path / "守信激励措施清单.csv"
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return read_scenarios(path, CONTEXT)


def test_f52_the_columns_of_a_real_list(tmp_path: Path) -> None:
    found = table(
        tmp_path,
        ROW.format(
            "免押金", "deposit-free、first", "泸州市、5110", "2026-11-01至2028年10月31日", "a、b"
        ),
        ROW.format("容缺", "all", "", "长期", "a"),
        ROW.format("绿色通道", "", "", "20261101—20281031", ""),
    )
    one, two, three = [draft.scenario for draft in found if isinstance(draft, ScenarioDraft)]
    assert one.benefits == (
        Benefit(code="deposit-free", text="免押金"),
        Benefit(code="first", text="优先选房"),
    )
    assert (one.places, one.valid_from, one.valid_until) == (("510500", "5110"), 20261101, 20281031)
    assert one.condition == AnyOf(of=(OnList(list_type="a"), OnList(list_type="b")))
    assert one.windows == (Window(name="市民中心"),)
    assert [benefit.code for benefit in two.benefits] == ["all", "all"]
    assert (two.valid_from, two.valid_until) == (0, 0)
    assert two.condition == OnList(list_type="a")
    assert (three.valid_from, three.valid_until) == (20261101, 20281031)
    assert (three.condition, three.benefits[0].code) == (None, "")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (ROW.format("免押金", "a、b、c", "", "长期", ""), "措施代码"),
        (ROW.format("免押金", "", "乐山市", "长期", ""), "地区"),
        (ROW.format("免押金", "", "", "三年", ""), "起止"),
        (ROW.format("免押金", "", "", "2026-11-01至随时", ""), "起止"),
    ],
)
def test_f52_a_cell_that_is_not_understood(tmp_path: Path, row: str, column: str) -> None:
    found = table(tmp_path, row)
    assert found
    assert {fault.column for fault in found if isinstance(fault, RowFault)} == {column}
    assert all(isinstance(fault, RowFault) and fault.row == 2 for fault in found)
