"""What an edition may say beside the others: nothing that no law makes, and nothing wider."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.catalog.editions import read_edition
from federation.errors import RefusedError
from federation.reconcile.grounds import check_edition
from tests.support.catalogs import REGULATION, edition_text, measure_text

LIST = "judgment-defaulter"
NATION = edition_text(
    "nation",
    lists=[LIST],
    order_from="2023-05-01",
    subjects=["enterprise", "cooperative"],
    authorities=["a", "b"],
    shortest_months=6,
    longest_months=36,
    term_months=24,
    measures=["m1"],
)
MEASURES = measure_text("measures", "m1")
NARROWING = ("joint", "province", "city")


def refused(text: str, *others: str) -> RefusedError | None:
    try:
        check_edition(read_edition(text), map(read_edition, others))
    except RefusedError as error:
        return error
    return None


def one(layer: str, **item: Any) -> str:
    return edition_text("one", layer=layer, lists=[LIST], **{"term_months": 0} | item)


@pytest.mark.parametrize("layer", NARROWING)
def test_b5_a_list_of_ones_own_is_refused(layer: str) -> None:
    for others in ((), (MEASURES,), (edition_text("x", layer="joint", lists=[LIST]),)):
        error = refused(one(layer), *others)
        assert error is not None
        assert error.code == "catalog.ground-missing"
        assert f"名单 {LIST} 没有依据；应为" in str(error)
        assert "请先采用" in str(error)
    assert refused(one(layer), NATION) is None
    by_law = edition_text("p", layer="province", lists=[LIST], regulation=REGULATION)
    assert refused(one(layer), by_law) is None
    assert refused(one(layer, struck=True)) is None


def test_b5_it_is_made_by_what_is_in_force_with_it() -> None:
    ended = NATION.replace("layer:", "valid_to: 2023-12-31\nlayer:")
    later = edition_text("one", layer="joint", lists=[LIST], valid_from="2024-01-01")
    error = refused(later, ended)
    assert error is not None
    assert error.code == "catalog.ground-missing"
    assert refused(later.replace("term_months: 36", "term_months: 0"), NATION) is None


@pytest.mark.parametrize("layer", NARROWING)
def test_b5_a_measure_of_ones_own_is_refused(layer: str) -> None:
    error = refused(measure_text("one", "m9", layer=layer), NATION, MEASURES)
    assert error is not None
    assert (error.code, "措施 m9没有依据" in str(error)) == ("catalog.ground-missing", True)
    assert refused(measure_text("one", "m1", layer=layer), MEASURES) is None
    open_ = NATION.replace("    measures:\n    - m1\n", "")
    assert refused(one(layer, measures=["m1"]), open_, MEASURES) is None
    error = refused(one(layer, measures=["m1", "m9"]), open_, MEASURES)
    assert error is not None
    assert error.code == "catalog.ground-missing"


WIDER: dict[str, object] = {
    "subjects": ["enterprise", "sole-trader"],
    "authorities": ["b", "c"],
    "shortest_months": 3,
    "longest_months": 37,
    "term_months": 25,
    "measures": ["m1", "m2"],
}
NARROWER: dict[str, object] = {
    "subjects": ["enterprise"],
    "authorities": ["b"],
    "shortest_months": 12,
    "longest_months": 36,
    "term_months": 24,
    "measures": ["m1"],
}


@pytest.mark.parametrize("layer", NARROWING)
@pytest.mark.parametrize("field", WIDER)
def test_b6_what_widens_is_refused(layer: str, field: str) -> None:
    error = refused(one(layer, **{field: WIDER[field]}), NATION, MEASURES)
    assert error is not None
    assert error.code == "catalog.widens"
    assert f"{field} 为 " in str(error)
    assert "应为：" in str(error)
    assert refused(one(layer, **{field: NARROWER[field]}), NATION, MEASURES) is None


def test_b6_no_higher_tier_and_no_term_of_ones_own() -> None:
    watch = edition_text("nation", lists=[LIST], tier="watch", term_months=0)
    for item in ({"tier": "severe"}, {"tier": None, "term_months": 12}):
        error = refused(one("joint", **item), watch)
        assert error is not None
        assert error.code == "catalog.widens"
    assert refused(one("joint", tier="watch"), edition_text("nation", lists=[LIST])) is None


def test_the_law_itself_is_not_asked() -> None:
    assert refused(NATION) is None
    assert refused(one("province", regulation=REGULATION, longest_months=60), NATION) is None
