"""Mapping files: what is in the package, and what a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from adapters.files.errors import MappingError
from adapters.files.mapping import (
    built_in_mappings,
    check_list,
    find_mapping,
    list_names,
    load_mapping,
    read_mapping,
)
from federation.payloads import PENALTY_LIST_TYPE, Tier

SMALL = """\
format: 1
id: small
title: 小名单
list_type: small
tier: watch
fields:
  code: [代码]
  name: [名称]
  authority_name: [单位]
  document: [文号]
  decided_on: [日期]
persons: [法定代表人]
row_key: {fields: [code, document]}
defaults: {basis: 某条例}
publication: {shortest_months: 3, longest_months: 12}
"""


MONTHS = {
    "administrative-penalty": (3, 36),
    "judgment-defaulter": (0, 24),
    "statistics": (6, 12),
    "unpaid-migrant-wages": (6, 36),
}
"""Where the sources say another than the severe list's usual 12 and 36."""


def load(tmp_path: Path, text: str) -> str:
    """Load a mapping; return what is wrong with it."""
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load_mapping(path)
    except MappingError as error:
        return f"{error.code} {error}"
    return ""


def test_the_mappings_of_the_package() -> None:
    mappings = built_in_mappings()
    assert set(mappings) == {
        "administrative-penalty",
        "culture-tourism",
        "customs",
        "customs-advanced-certified",
        "government-procurement",
        "judgment-defaulter",
        "major-tax-violation",
        "market-severe-violation",
        "public-credit-evaluation",
        "statistics",
        "tax-grade-a",
        "trustworthy-incentive",
        "unpaid-migrant-wages",
        "work-safety",
    }
    for mapping in mappings.values():
        months = (mapping.shortest_months, mapping.longest_months)
        if mapping.commends:
            assert mapping.tier is Tier.UNSPECIFIED
            continue
        assert months == MONTHS.get(mapping.id, (12, 36))
        if mapping.id == PENALTY_LIST_TYPE:
            assert mapping.tier is Tier.UNSPECIFIED
            continue
        assert mapping.tier is Tier.SEVERE
        assert mapping.exits
        assert {"basis", "exit_path", "remedy", "document_type"} == set(mapping.defaults)


@pytest.mark.parametrize("name", ["法定代表人", "证件号码"])
def test_columns_of_natural_persons_are_named_in_each(name: str) -> None:
    built_in = built_in_mappings()
    courts_and_wages = {"judgment-defaulter", "unpaid-migrant-wages"}
    others = {i: one for i, one in built_in.items() if i not in courts_and_wages}
    assert [i for i, one in others.items() if name not in one.persons] == []
    assert all("证件号" in built_in[one].persons for one in courts_and_wages)


def test_keys_of_the_public_queries_are_known() -> None:
    court = built_in_mappings()["judgment-defaulter"]
    assert {"businessEntity", "sexy", "age"} <= set(court.persons)
    assert court.fields["document"][-1] == "caseCode"
    market = built_in_mappings()["market-severe-violation"]
    assert market.own_key[-1] == "illid"
    assert "uniscid" in market.fields["code"]


def test_a_small_mapping(tmp_path: Path) -> None:
    assert load(tmp_path, SMALL) == ""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("format: 1", "format: 2", "format"),
        ("tier: watch", "tier: red", "severe, watch"),
        ("tier: watch", "teir: watch", "tier"),
        ("tier: watch", "tier: watch\nextra: 1", "extra"),
        ("  code: [代码]\n", "", "'code'"),
        ("  code: [代码]\n", "  code: 代码\n", "fields.code"),
        ("  code: [代码]\n", "  code: [代码]\n  kode: [x]\n", "fields.kode"),
        ("  authority_name: [单位]\n", "", "authority"),
        ("  name: [名称]\n", "  name: [代码]\n", "代码"),
        ("persons: [法定代表人]", "persons: [名 称]", "persons"),
        ("defaults: {basis: 某条例}", "defaults: {remedy: 某}", "basis"),
        ("longest_months: 12", "longest_months: 2", "publication"),
        ("longest_months: 12", "longest_months: 121", "120"),
        ("longest_months: 12", "longest_months: 一年", "longest_months"),
        ("tier: watch", "tier: watch\nexits: [{kind: paid}]", "performed"),
        ("tier: watch", "tier: watch\nexits: [{kind: performed, months: 3}]", "exits.0.months"),
        ("tier: watch", "tier: watch\nexits: [{kind: listed-for}]", "exits.0.months"),
        ("tier: watch", "tier: watch\nremoval: {kind: repair, columns: [x]}", "removal.document"),
        ("tier: watch", "tier: watch\nremoval: {columns: [日期]}", "日期"),
        (
            "tier: watch",
            "tier: watch\nstate: [{columns: [x], stands: [y], removed: [Y]}]",
            "removed",
        ),
        ("tier: watch", "tier: watch\nperiod: [日期]", "日期"),
        ("tier: watch", "tier: watch\naside: [代码]", "代码"),
        ("fields: [code, document]", "fields: [code, reason]", "row_key.fields"),
        ("tier: watch", "tier: watch\ndates: [DDMMYYYY]", "dates"),
        ("tier: watch", "tier: watch\nschemes: [id-card]", "schemes"),
        ("tier: watch", "tier: watch\nid: again", "id"),
        ("tier: watch", "tier: watch\nblank: &a [x]\nlist_names: *a", "alias"),
        (
            "tier: watch",
            "tier: watch\nparty: {columns: [类], natural: [x], organisation: [x]}",
            "party.natural",
        ),
    ],
)
def test_a_wrong_mapping_says_what_and_where(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in SMALL
    message = load(tmp_path, SMALL.replace(old, new))
    assert told in message
    assert message.startswith("mapping.invalid ")
    assert "small.yaml" in message


def test_a_mapping_by_path_must_be_of_the_list(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    mapping, data = read_mapping(path)
    assert (mapping.id, data) == ("small", path.read_bytes())
    check_list(mapping, "small", path)
    check_list(mapping, "", path)
    with pytest.raises(MappingError) as caught:
        check_list(mapping, "judgment-defaulter", path)
    assert caught.value.code == "mapping.other-list"


def test_an_unknown_list_names_the_known_ones() -> None:
    with pytest.raises(MappingError, match="judgment-defaulter") as caught:
        find_mapping("blacklist")
    assert caught.value.code == "mapping.unknown"


def test_lists_are_found_by_what_files_call_them() -> None:
    names = list_names(built_in_mappings().values())
    assert names["失信被执行人"] == names["judgment-defaulter"] == "judgment-defaulter"
    assert names["拖欠农民工工资"] == "unpaid-migrant-wages"


def test_every_default_says_how_sure_it_is() -> None:
    folder = Path(find_mapping.__code__.co_filename).parent / "mappings"
    for path in folder.glob("*.yaml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert yaml.safe_load("\n".join(lines))["id"] == path.stem
        at = lines.index("publication:")
        assert any("[C]" in line or "[M]" in line for line in lines[at : at + 4]), path
