"""Bringing a database's tables to this program's version.

There are two chains of revisions, each with a table of its own that names the version: of the main
store, and of the query store, which stands in a file of its own with SQLite and beside the main
store's tables with PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, insert, inspect, text

from adapters.errors import SchemaError
from adapters.sql import query_schema
from adapters.sql.engine import WRITING

HEAD: Final = "0025"
"""The newest revision under `migrations/versions`."""

QUERY_HEAD: Final = "q0010"
"""Likewise under `query_migrations/versions`."""

MIGRATION_LOCK: Final = 0x68757869
"""The main writer's own lock: nobody writes while tables change."""

QUERY_LOCK: Final = 0x68757871
"""Likewise of the query store's writer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain of revisions.

    Attributes:
        scripts: where Alembic finds them.
        version_table: in which it keeps the version.
        head: the newest of them.
        lock: PostgreSQL's advisory lock of who writes these tables.
        metadata: the tables as the newest revision has them, where a database that has none of
            them is given them at once; Alembic takes longer to start than a node does.
    """

    scripts: str
    version_table: str
    head: str
    lock: int
    metadata: MetaData | None = None


MAIN: Final = Chain(
    scripts="adapters.sql:migrations",
    version_table="alembic_version",
    head=HEAD,
    lock=MIGRATION_LOCK,
)
QUERIES: Final = Chain(
    scripts="adapters.sql:query_migrations",
    version_table="query_alembic_version",
    head=QUERY_HEAD,
    lock=QUERY_LOCK,
    metadata=query_schema.metadata,
)
_OURS: Final = frozenset({MAIN.version_table, QUERIES.version_table})


def migrate(engine: Engine, chain: Chain = MAIN) -> None:
    """Apply the revisions that a database lacks, in one transaction.

    Raises:
        SchemaError: the database is newer than this program, or another program's.
    """
    with engine.connect() as connection:
        writer = connection.execution_options(**{WRITING: True})
        with writer.begin():
            if engine.dialect.name == "postgresql":
                writer.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": chain.lock})
            revision = current_revision(writer, chain)
            if revision is None and chain.metadata is not None:
                _create(writer, chain, chain.metadata)
            elif revision != chain.head:
                _upgrade(writer, chain)


def current_revision(connection: Connection, chain: Chain = MAIN) -> str | None:
    """Read which revision of a chain a database has; None where it has none of its tables.

    Raises:
        SchemaError: it holds tables of another program.
    """
    tables = inspect(connection).get_table_names()
    if chain.version_table not in tables:
        if tables and _OURS.isdisjoint(tables):
            message = (
                f"数据库须为空，或为本程序所建，却有表 {tables[0]!r}：在 [database] url 写另一个 / "
                "expected an empty database or one of this program, "
                f"found the table {tables[0]!r}; name another in [database] url"
            )
            raise SchemaError(message)
        return None
    # the name is one of ours, never a caller's
    query = text(f"SELECT version_num FROM {chain.version_table}")  # noqa: S608
    return connection.execute(query).scalar_one_or_none()


def _create(connection: Connection, chain: Chain, metadata: MetaData) -> None:
    """What all revisions lead to, and Alembic's own table as it makes it."""
    version = MetaData()
    table = Table(chain.version_table, version, Column("version_num", String(32), primary_key=True))
    metadata.create_all(connection)
    version.create_all(connection)
    connection.execute(insert(table), {"version_num": chain.head})


def _upgrade(connection: Connection, chain: Chain) -> None:
    # Alembic takes longer to import than a command takes to run; it is needed once a release.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", chain.scripts)
    config.attributes["connection"] = connection
    config.attributes["version_table"] = chain.version_table
    revision = current_revision(connection, chain)
    if revision is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(revision)
        except CommandError as error:
            message = (
                f"数据库的结构为 {revision}，本程序只认到 {chain.head}：是更新的版本写成的，"
                "没有改动它；装回那个版本，或恢复升级之前的备份"
                "（docs/operations/upgrade.md#back） / "
                f"the database has schema {revision}, this program knows up to {chain.head}: "
                "it was written by a newer version and was left as it is; install that one, or "
                "restore the backup of before the upgrade (docs/operations/upgrade.md#back)"
            )
            raise SchemaError(message) from error
    command.upgrade(config, chain.head)
