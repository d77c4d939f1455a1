"""Every contract of the store is tried on every database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sql import open_store
from tests.contracts.examples import Database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'huxin.db'}"
    else:
        url = request.getfixturevalue("postgres_database")
    store = open_store(url)
    yield Database(url, store)
    store.close()
