"""Fresh databases for the benches, and reading of a node's database from outside."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, NullPool, TextClause, create_engine, make_url, text

from adapters.sql.engine import open_engine
from tests.support.postgres import running_server

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
DATABASES = (SQLITE, POSTGRESQL)


class Databases:
    """Makes empty databases of one kind, gone when the bench is."""

    def __init__(self, directory: Path, server: URL | None) -> None:
        self._directory = directory
        self._server = server

    @contextmanager
    def fresh(self, like: str = "") -> Iterator[str]:
        """A database, as a URL: empty, or a copy of another that nobody has open."""
        name = f"huxin_bench_{secrets.token_hex(6)}"
        if self._server is None:
            path = self._directory / f"{name}.db"
            if like:
                shutil.copyfile(str(make_url(like).database), path)
            try:
                yield f"sqlite:///{path}"
            finally:
                for part in ("", "-wal", "-shm"):
                    path.with_name(path.name + part).unlink(missing_ok=True)
            return
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            template = make_url(like).database if like else "template1"
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        try:
            yield self._server.set(database=name).render_as_string(hide_password=False)
        finally:
            with engine.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            engine.dispose()


@contextmanager
def databases(kind: str, directory: Path) -> Iterator[Databases]:
    """Databases of a kind; a PostgreSQL server is that of $DATABASE_URL, or one of our own."""
    given = os.environ.get("DATABASE_URL")
    if kind == SQLITE:
        yield Databases(directory, None)
    elif given:
        yield Databases(directory, make_url(given).set(drivername="postgresql+psycopg"))
    else:
        # Twenty nodes hold some connections each.
        with running_server(settings=("max_connections=1000",)) as server:
            yield Databases(directory, server)


class _Asked:
    """One question to a node's database, asked again and again beside the node."""

    question: TextClause

    def __init__(self, url: str, origin: str) -> None:
        self._engine = open_engine(url)
        self._origin = origin
        self._connection: Connection | None = None

    def _ask(self, **values: int) -> int | None:
        if self._connection is None:
            self._connection = self._engine.connect()
        with self._connection.begin():
            found: int | None = self._connection.execute(
                self.question, {"origin": self._origin, **values}
            ).scalar_one_or_none()
        return found

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()


class SizeOf(_Asked):
    """The committed size of a log."""

    question = text("SELECT size FROM logs WHERE origin = :origin")

    def __call__(self) -> int:
        return self._ask() or 0


class ReconciledOf(_Asked):
    """How many leaves of a log are reconciled."""

    question = text("SELECT reconciled_to FROM logs WHERE origin = :origin")

    def __call__(self) -> int:
        return self._ask() or 0


class StateOf(_Asked):
    """The committed state of a record."""

    question = text(
        "SELECT state FROM statements WHERE idx = :idx "
        "AND log = (SELECT log FROM logs WHERE origin = :origin)"
    )

    def __call__(self, idx: int) -> int | None:
        return self._ask(idx=idx)
