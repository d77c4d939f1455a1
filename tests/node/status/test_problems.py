"""Problems that a new city is told of: it has nothing by which it could judge."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from federation.charters.values import Role
from federation.ids import Origin
from federation.reconcile.catalog import Catalog
from node.charters.view import TrustView
from node.status.problems import of_judging
from tests.support.catalogs import catalog_of, edition_text

OWN = Origin("510500.huxin.example/1")


def view(*roles: Role) -> TrustView:
    member = SimpleNamespace(roles=roles)
    trust: Any = SimpleNamespace(members=lambda _: ("id",), member=lambda _: member)
    seen: Any = SimpleNamespace(trust=trust)
    found: TrustView = seen
    return found


@pytest.mark.parametrize(
    ("editions", "library", "codes"),
    [
        (False, False, ["catalog.none", "library.none"]),
        (True, False, ["library.none"]),
        (False, True, ["catalog.none"]),
        (True, True, []),
    ],
)
def test_a_city_is_told_what_it_lacks(editions: bool, library: bool, codes: list[str]) -> None:
    catalog = catalog_of(edition_text()) if editions else Catalog(())
    found = list(of_judging(view(Role.CITY), OWN, catalog, library=library))
    assert [one["code"] for one in found] == codes
    assert all("#what-is-recognised" in one["fix"] for one in found)


def test_a_hub_alone_needs_nothing_to_judge_by() -> None:
    assert not list(of_judging(view(Role.HUB), OWN, Catalog(()), library=False))
