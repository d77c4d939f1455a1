"""Mappings proposed from tables: known by name, guessed by cells, left to people."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.files.mapping import Mapping, built_in_mappings, load_mapping
from adapters.files.proposal import open_table, propose
from adapters.files.tables import Rows
from federation.uscc import make_uscc

CODE = make_uscc("91510500", "YY000001")
NAME = "泸州示例建筑有限公司（演示）"


def proposed(tmp_path: Path, *rows: dict[str, str], titles: tuple[str, ...] = ()) -> Mapping:
    path = tmp_path / "proposed.yaml"
    path.write_text(text_of(*rows, titles=titles), encoding="utf-8")
    return load_mapping(path)


def text_of(*rows: dict[str, str], titles: tuple[str, ...] = (), list_type: str = "") -> str:
    return propose(Rows(dict(enumerate(rows, 2))), titles, list_type=list_type)


@pytest.mark.parametrize("layout", built_in_mappings().values(), ids=lambda one: one.id)
def test_a_table_in_a_known_layout_is_proposed_as_that_layout(
    tmp_path: Path, layout: Mapping
) -> None:
    columns = {field: names[0] for field, names in layout.fields.items()}
    row = dict.fromkeys(columns.values(), "甲")
    row |= {part.columns[0]: "甲" for part in layout.reason}
    row |= dict.fromkeys(layout.persons[:2], "甲")
    row |= dict.fromkeys(layout.grades.columns[:1] if layout.grades else (), "甲")
    found = proposed(tmp_path, row)
    assert found.list_type == layout.list_type
    assert {field: names[0] for field, names in found.fields.items()} == columns
    assert found.persons == layout.persons[:2]
    assert [part.columns for part in found.reason] == [p.columns[:1] for p in layout.reason]
    assert found.key_fields == layout.key_fields
    assert found.exits == layout.exits
    assert (found.shortest_months, found.longest_months) == (
        layout.shortest_months,
        layout.longest_months,
    )


def test_cells_tell_what_names_do_not(tmp_path: Path) -> None:
    row = {
        "甲列": NAME,
        "乙列": CODE,
        "丙列": "泸示〔2026〕1号",
        "丁列": "2026-03-01",
        "列入机关": "泸州示例局",
        "戊列": "其他",
    }
    found = proposed(tmp_path, row, row)
    assert found.fields["name"] == ("甲列",)
    assert found.fields["code"] == ("乙列",)
    assert found.fields["document"] == ("丙列",)
    assert found.fields["decided_on"] == ("丁列",)
    text = text_of(row)
    assert text.count("猜测 guessed") >= 4
    assert "# 未采用的列 / a column that is dropped: 戊列" in text


def test_what_stands_inside_a_cell_or_a_title_is_found_there(tmp_path: Path) -> None:
    row = {"企业名称": NAME, "统一社会信用代码": CODE, "列入机关": "某局"}
    inside = {**row, "列入日期": "2026-03-01", "说明文字": "依据某法；泸示〔2026〕1号"}
    assert proposed(tmp_path, inside).extract["document"].columns == ("说明文字",)
    title = "关于公布名单的公告（泸示〔2026〕7号，2026年3月5日）"
    assert set(proposed(tmp_path, row, titles=(title,)).titles) == {"document", "decided_on"}


def test_what_is_missing_is_said_and_no_cell_is_shown() -> None:
    text = text_of({"企业名称": NAME, "法定代表人": "某某某", "移出情况2": "已移出"})
    for field in ("code", "document", "decided_on", "authority_name"):
        assert f"# {field}: 未找到此列" in text
    assert "persons: [法定代表人]" in text
    assert "# [移出情况2]" in text
    assert NAME not in text
    assert "某某某" not in text
    assert "已移出，" not in text


def test_names_of_columns_stay_what_they_are(tmp_path: Path) -> None:
    row = {"名称: #1": NAME, "代码, [x]": CODE, "列入机关": "某局", "案号": "某字第1号"}
    row |= {"日期'": "2026-03-01"}
    found = proposed(tmp_path, row)
    assert found.fields["name"] == ("名称: #1",)
    assert found.fields["code"] == ("代码, [x]",)
    assert found.fields["decided_on"] == ("日期'",)


def test_the_header_is_found_below_notes(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    notes = ["名单报送表", "说明：日期格式,YYYY/MM/DD", "填报单位：某局,2026"]
    rows = ["企业名称,统一社会信用代码,列入日期,列入机关", f"{NAME},{CODE},2026-03-01,某局"]
    path.write_text("\n".join([*notes, *rows]) + "\n", encoding="utf-8")
    table = open_table(path)
    assert table.header[:2] == ("企业名称", "统一社会信用代码")
    text = propose(table, table.titles, list_type="statistics")
    assert "code: [统一社会信用代码]" in text
    assert "未采用的列" not in text


def test_the_list_may_be_named() -> None:
    row = {"企业名称": NAME, "统一社会信用代码": CODE}
    assert "list_type: statistics" in text_of(row, list_type="statistics")
