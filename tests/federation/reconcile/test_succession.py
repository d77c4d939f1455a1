"""Authorities and regions by code with their successors, one test for each rule of relief."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from adapters.catalog.editions import read_edition, starter_editions
from federation.errors import RefusedError
from federation.ids import Date
from federation.reconcile.catalog import FOR_EVER
from federation.reconcile.entries import entries_of, items_changed
from federation.reconcile.succession import names_of, predecessors, region_confirmed, region_rows
from tests.support.catalogs import catalog_of, edition_text

DAY = Date(20260622)
OLD, OLDER, NEW = "A-old", "A-older", "A-new"


def row(**changes: Any) -> dict[str, Any]:
    stated = {
        "name": "某市原某局",
        "valid_until": "2025-03-31",
        "successors": [NEW],
        "certainty": "C",
        "source": "测试",
        **changes,
    }
    return {name: value for name, value in stated.items() if value is not None}


def text(edition: str = "one", valid_from: str = "2015-01-01", **rows: Any) -> str:
    """An edition that has these rows of authorities."""
    document = yaml.safe_load(
        edition_text(edition, layer="city", lists=[], valid_from=valid_from, series="s" + edition)
    )
    named = {code.replace("_", "-"): stated for code, stated in rows.items()}
    return yaml.safe_dump(document | {"authorities": named}, allow_unicode=True)


def found(
    *texts: str, by: str = NEW, day: Date = DAY, confirmed: tuple[str, ...] = ()
) -> list[str]:
    return sorted(predecessors(catalog_of(*texts, confirmed=confirmed), frozenset({by}), day))


def test_a_successor_speaks_in_relief_for_who_is_gone() -> None:
    """AU1."""
    assert found(text(A_old=row())) == [OLD]
    assert found(text(A_old=row()), by="B") == []


def test_a_successor_of_one_that_is_gone_as_well() -> None:
    """AU1: a chain, which may even go round."""
    chain = text(A_older=row(successors=[OLD]), A_old=row())
    assert found(chain) == [OLD, OLDER]
    standing = text(A_older=row(successors=[OLD]), A_old=row(valid_until="2026-12-31"))
    assert found(standing) == []
    assert found(standing, by=OLD) == [OLDER]
    circle = text(A_older=row(successors=[OLD]), A_old=row(successors=[OLDER]))
    assert found(circle, by=OLD) == [OLDER]


def test_only_from_the_day_after_its_last_one() -> None:
    """AU1: on the day of the decision it is gone."""
    assert found(text(A_old=row()), day=Date(20250331)) == []
    assert found(text(A_old=row()), day=Date(20250401)) == [OLD]


@pytest.mark.parametrize("certainty", ["P", "M"])
def test_what_nobody_confirmed_makes_nobody_competent(certainty: str) -> None:
    """AU2."""
    unread = text(A_old=row(certainty=certainty))
    assert found(unread) == []
    assert found(unread, confirmed=("one/authorities/A-old",)) == [OLD]


def test_only_editions_in_force_on_the_day_count() -> None:
    """AU2."""
    assert found(text(A_old=row(), valid_from="2026-06-23")) == []
    assert found(text(A_old=row(), valid_from="2026-06-22")) == [OLD]


def test_what_was_confirmed_is_void_once_the_row_says_otherwise() -> None:
    one, other = (read_edition(text(A_old=row(successors=[code]))) for code in (NEW, "B"))
    assert items_changed(one, other) == {"one/authorities/A-old"}


def test_names_lead_to_codes() -> None:
    rows = read_edition(text(A_old=row(former_names=["某市某委员会"]))).authorities.values()
    assert names_of(rows) == {"某市某委员会": OLD, "某市原某局": OLD, OLD: OLD}


@pytest.mark.parametrize(
    ("stated", "named"),
    [
        ({"valid_until": None}, "valid_until"),
        ({"certainty": None}, "certainty"),
        ({"source": None}, "source"),
        ({"successor": [NEW]}, "Extra inputs"),
        ({"successors": ["没有"]}, "pattern"),
    ],
)
def test_rows_that_are_none(stated: dict[str, Any], named: str) -> None:
    with pytest.raises(RefusedError, match=named) as caught:
        read_edition(text(A_old=row(**stated)))
    assert caught.value.code == "catalog.file"


def test_the_regions_that_come_with_the_program() -> None:
    """The change of 2025-11 in 重庆, and no successor that nobody read."""
    edition = read_edition(starter_editions()["national-regions-2025"])
    catalog = catalog_of(starter_editions()["national-regions-2025"])
    gone = {row.code: row for row in edition.regions.values() if row.gone_on(Date(20251106))}
    assert {row.name for row in gone.values()} == {"江北区", "渝北区"}
    assert all(row.stands_on(Date(20251105)) and not row.successors for row in gone.values())
    assert edition.regions["510500"].valid_until == FOR_EVER
    assert "regions/500105" in entries_of(edition)
    assert all(region_confirmed(catalog, e, row) for e, row in region_rows(catalog, DAY))
