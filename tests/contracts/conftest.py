"""Every contract of the store is tried on every database; MariaDB for those of platforms."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from tests.contracts.examples import Database
from tests.support import mariadb
from tests.support.fresh import Emptied, open_fresh


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path / 'huxin.db'}")
        return
    emptied: Emptied = request.getfixturevalue("postgres_emptied")
    with emptied.lend() as url:
        yield from _opened(url)


def _opened(url: str) -> Iterator[Database]:
    store = open_fresh(url)
    yield Database(url, store)
    store.close()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[mariadb.Server]:
    with mariadb.running_server() as server:
        yield server


@pytest.fixture
def mariadb_database(mariadb_server: mariadb.Server) -> str:
    name = f"huxin_test_{secrets.token_hex(8)}"
    with create_engine(mariadb_server.url, poolclass=NullPool).begin() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    return mariadb_server.url.set(database=name).render_as_string(hide_password=False)
