"""The query store: its tables, its transactions, and the main store beside it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from adapters.errors import ConflictError, SchemaError
from adapters.sql import open_store, schema
from adapters.sql.engine import open_engine
from adapters.sql.migrating import QUERIES, QUERY_HEAD, migrate
from adapters.sql.query_rows import QueryRow, add_rows, has_rows, row_by_id
from adapters.sql.query_schema import metadata
from adapters.sql.query_store import QueryStore, open_query_store


def row(number: int = 1) -> QueryRow:
    return QueryRow(
        query_id=bytes([number]) * 16,
        log=1,
        kind=1,
        at=1_790_000_000 + number,
        department=b"d" * 16,
        leaf=b"l" * 76,
        key=1,
        sealed=b"sealed",
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[QueryStore]:
    store = open_query_store(f"sqlite:///{tmp_path / 'queries.db'}")
    yield store
    store.close()


def test_the_chain_ends_at_the_program_s_version() -> None:
    config = Config()
    config.set_main_option("script_location", QUERIES.scripts)
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [QUERY_HEAD]
    assert script.get_bases() == ["q0001"]


def test_its_tables_are_none_of_the_main_store_s() -> None:
    assert not set(metadata.tables) & set(schema.metadata.tables)


def test_the_revisions_lead_where_a_new_store_begins(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / name}" for name in ("new.db", "revised.db")]
    open_query_store(urls[0]).close()
    forms = []
    for url, chain in zip(urls, (QUERIES, replace(QUERIES, metadata=None)), strict=True):
        engine = open_engine(url)
        migrate(engine, chain)
        with engine.connect() as connection:
            options = {"compare_type": True, "version_table": QUERIES.version_table}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, metadata) == []
            assert context.get_current_revision() == QUERY_HEAD
            query = text("SELECT name, tbl_name, type FROM sqlite_master ORDER BY name")
            forms.append(connection.execute(query).all())
        engine.dispose()
    assert forms[0] == forms[1]
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


def test_a_row_is_kept_whole_or_not_at_all(store: QueryStore) -> None:
    with store.write() as writes:
        assert not has_rows(writes)
        assert add_rows(writes, [(row(), [b"t" * 16, b"t" * 16, b"u" * 16])]) == [1]
    with pytest.raises(ConflictError), store.write() as writes:
        add_rows(writes, [(row(2), []), (row(1), [])])
    with store.read() as reads:
        assert has_rows(reads)
        assert row_by_id(reads, row(2).query_id) is None
        found = row_by_id(reads, row(1).query_id)
    assert found is not None
    assert (found.place, found.index, found.sealed) == (1, None, b"sealed")


def test_it_is_not_opened_over_another_program_s_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (a INTEGER)")
    engine.dispose()
    with pytest.raises(SchemaError, match="theirs"):
        open_query_store(url)


def test_on_postgres_it_stands_beside_the_main_store(postgres_database: str) -> None:
    open_query_store(postgres_database).close()
    open_store(postgres_database).close()
    store = open_query_store(postgres_database)
    with store.write() as writes:
        (place,) = add_rows(writes, [(row(), [b"t" * 16])])
    with store.read() as reads:
        found = row_by_id(reads, row().query_id)
    with store.read() as reads:
        context = MigrationContext.configure(
            reads.connection,
            opts={
                "version_table": QUERIES.version_table,
                "include_name": lambda name, kind, _: kind != "table" or name in metadata.tables,
            },
        )
        assert compare_metadata(context, metadata) == []
    assert found is not None
    assert found.place == place
    store.close()
