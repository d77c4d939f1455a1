"""Bringing a database's tables to this program's version."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

from adapters.errors import SchemaError
from adapters.sql.engine import WRITING

HEAD: Final = "0014"
"""The newest revision under `migrations/versions`."""

_VERSION_TABLE: Final = "alembic_version"


def migrate(engine: Engine) -> None:
    """Apply the revisions that a database lacks, in one transaction.

    Raises:
        SchemaError: the database is newer than this program, or another program's.
    """
    with engine.connect() as connection:
        writer = connection.execution_options(**{WRITING: True})
        with writer.begin():
            if engine.dialect.name == "postgresql":
                writer.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": MIGRATION_LOCK})
            if current_revision(writer) != HEAD:
                _upgrade(writer)


MIGRATION_LOCK: Final = 0x68757869
"""The writer's own lock: nobody writes while tables change."""


def current_revision(connection: Connection) -> str | None:
    """Read which revision a database has; None where it is empty.

    Raises:
        SchemaError: it holds tables of another program.
    """
    tables = inspect(connection).get_table_names()
    if _VERSION_TABLE not in tables:
        if tables:
            message = (
                f"expected an empty database or one of this program, found the table {tables[0]!r};"
                " name another database in the configuration"
            )
            raise SchemaError(message)
        return None
    query = text("SELECT version_num FROM alembic_version")
    return connection.execute(query).scalar_one_or_none()


def _upgrade(connection: Connection) -> None:
    # Alembic takes longer to import than a command takes to run; it is needed once a release.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "adapters.sql:migrations")
    config.attributes["connection"] = connection
    revision = current_revision(connection)
    if revision is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(revision)
        except CommandError as error:
            message = (
                f"the database has schema {revision}, this program knows up to {HEAD}: "
                "it was written by a newer version; install that one"
            )
            raise SchemaError(message) from error
    command.upgrade(config, HEAD)
