"""The rule by which cases are counted, in an edition (OC10)."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from adapters.catalog.editions import read_edition
from federation.errors import RefusedError
from federation.ids import Date
from federation.reconcile.catalog import Catalog
from tests.support.catalogs import edition_text

RULE = {
    "results": ["applied", "prompted"],
    "within_days": 10,
    "columns": {"region": "报送地区", "decided_on": "实施日期"},
    "basis": "某省联合惩戒案例报送办法（演示）",
    "certainty": "C",
}
DAY = Date(20261120)


def text(edition: str = "cases-2026", layer: str = "province", **changed: Any) -> str:
    document = yaml.safe_load(edition_text(edition, layer=layer, lists=[]))
    return yaml.safe_dump(document | {"cases": RULE | changed}, allow_unicode=True, sort_keys=False)


def test_the_highest_layer_that_was_read_says_it() -> None:
    read = read_edition(text())
    assert read.cases is not None
    assert read.cases.results == frozenset({"applied", "prompted"})
    assert read.cases.within_days == 10
    assert list(read.cases.columns) == ["region", "decided_on"]
    city = read_edition(text("city-2026", "city", within_days=99))
    assert Catalog([city, read]).case_rule(DAY) == read.cases
    assert Catalog([city]).case_rule(DAY) == city.cases
    assert Catalog([]).case_rule(DAY) is None


def test_what_was_not_read_counts_for_nothing() -> None:
    assert Catalog([read_edition(text(certainty="P"))]).case_rule(DAY) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"results": []},
        {"results": ["undone"]},
        {"columns": {"subject_name": "名称"}},
        {"basis": ""},
        {"certainty": None},
        {"within_days": 0},
        {"unheard": 1},
    ],
)
def test_what_is_no_rule(wrong: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as caught:
        read_edition(text(**wrong))
    assert caught.value.code in ("catalog.file", "catalog.entry-incomplete")
