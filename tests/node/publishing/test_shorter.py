"""Rows that end before the law lets them are told of, and published as they stand (F59).

Covers node/publishing/plausibility.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation.reconcile.catalog import Catalog
from federation.reconcile.sources import Certainty
from federation.rows import State
from tests.scenarios.test_row_keys import COURT, row
from tests.support.tables import TERMS, TableDesk, catalog, city


def stating(months: int, certainty: Certainty = Certainty.CONFIRMED) -> Catalog:
    """A catalog whose entry lets nobody off before so many months."""
    (edition,) = catalog(TERMS).editions
    item = replace(edition.lists[COURT], shortest_months=months, certainty=certainty)
    return Catalog([replace(edition, lists={**edition.lists, COURT: item})])


@pytest.fixture(params=[(36, True), (24, False), (0, False)], ids=str)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[TableDesk, bool]]:
    months, told = request.param
    made = TableDesk(city(tmp_path)["510500"], tmp_path, known=stating(months))
    yield made, told
    made.writer.close()
    made.node.store.close()


def test_f59_a_publication_shorter_than_the_law_is_told_and_not_longer(
    desk: tuple[TableDesk, bool],
) -> None:
    made, told = desk
    for dry_run in (True, False):
        result = made.take(row(1, 101), row(2, 102), list_type=COURT, dry_run=dry_run)
        assert result["notices"].get("period.shorter", 0) == (2 if told else 0)
        assert any("最短期限" in one for one in result["remarks"]) is told
        assert result["refused_rows"] == 0
    assert made.states() == [State.ACTIVE] * 2
