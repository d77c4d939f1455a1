"""Databases of wired nodes: made, copied as a backup would be, and dropped."""

from __future__ import annotations

import json
import secrets
import shutil
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text

from node.directory.config import load_config
from tests.support.federation_dirs import set_key


class Backups:
    """Makes databases, and copies of those of nodes that are stopped."""

    def __init__(self, maintenance: str) -> None:
        """Take the URL of PostgreSQL's maintenance database, or nothing for SQLite."""
        self._maintenance = maintenance
        self._stack = ExitStack()

    def url(self, _region: str) -> str:
        """A new database; empty for SQLite, which the node makes itself."""
        return self._create("template1") if self._maintenance else ""

    def take(self, directory: Path) -> str:
        """Copy the database of a stopped node; returns what `restore` needs."""
        if self._maintenance:
            return self._create(str(make_url(load_config(directory).database_url).database))
        copy = directory.parent / f"{directory.name}-{secrets.token_hex(4)}.db"
        shutil.copyfile(directory / "huxin.db", copy)
        return str(copy)

    def restore(self, directory: Path, backup: str) -> None:
        """Put a copy in the place of a stopped node's database."""
        if self._maintenance:
            set_key(directory, "url", json.dumps(backup))
        else:
            shutil.copyfile(backup, directory / "huxin.db")

    def close(self) -> None:
        """Drop all databases."""
        self._stack.close()

    def _create(self, template: str) -> str:
        name = f"huxin_test_{secrets.token_hex(8)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._stack.callback(self._execute, f"DROP DATABASE {name} WITH (FORCE)")
        return make_url(self._maintenance).set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        engine = create_engine(self._maintenance, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()
