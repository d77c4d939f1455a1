"""Copies of a whole database while others write, by the database's own means, and back again.

SQLite: `VACUUM INTO`, one snapshot, without what was deleted. PostgreSQL: `pg_dump` and
`pg_restore` of its own form; both programs must be of the server's version or newer.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Engine, MetaData, create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from adapters.errors import CorruptError, ProcessError, StoreError
from adapters.sql.migrating import Chain, current_revision

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
_WORDS: Final = 2000
"""Characters of what a program said that are told on."""


def kind_of(url: str) -> str:
    """`sqlite` or `postgresql`."""
    return make_url(url).get_backend_name()


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database, as of now, to a file that is not there; readable by its owner only.

    Raises:
        StoreError: it cannot be read, or the copy not be written.
    """
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    try:
        with closing(sqlite3.connect(_read_only(source), uri=True)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        message = f"{source.name} cannot be copied to {target}: {error}"
        raise StoreError(message) from error
    _sync(target)


def prove_sqlite(path: Path) -> None:
    """Let SQLite read every page.

    Raises:
        CorruptError: it is damaged, or no database.
    """
    try:
        with closing(sqlite3.connect(_read_only(path), uri=True)) as connection:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        message = f"{path.name}: expected a sound database, got: {error}"
        raise CorruptError(message) from error
    if said != "ok":
        message = f"{path.name}: expected a sound database, got: {said}"
        raise CorruptError(message)


def _read_only(path: Path) -> str:
    """The address of a file whose name may have any letter."""
    return f"{path.absolute().as_uri()}?mode=ro"


def dump_postgresql(url: str, target: Path) -> None:
    """Dump a database, as of now, to a file that is not there; readable by its owner only.

    Raises:
        ProcessError: `pg_dump` is not here, or failed.
    """
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    _sync(target)


def load_postgresql(url: str, source: Path) -> None:
    """Load a dump into an empty database, all or nothing.

    Raises:
        ProcessError: `pg_restore` is not here, or failed.
    """
    _run("pg_restore", url, "--single-transaction", "--no-owner", "--no-privileges", str(source))


def is_empty(url: str) -> bool:
    """Whether a PostgreSQL database has no table.

    Raises:
        StoreError: it cannot be asked.
    """
    with _asked(url) as engine:
        return not inspect(engine).get_table_names()


def revision_of(url: str, chain: Chain) -> str | None:
    """Which revision of a chain a database has; None where there is none.

    Raises:
        StoreError: it cannot be asked.
    """
    if kind_of(url) == POSTGRESQL:
        with _asked(url) as engine, engine.connect() as connection:
            return current_revision(connection, chain)
    path = make_url(url).database
    if not path or not Path(path).exists():
        return None
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return current_revision(connection, chain)
    finally:
        engine.dispose()


def empty_again(url: str) -> None:
    """Drop all tables of a PostgreSQL database; for one that was empty before.

    Raises:
        StoreError: it cannot be asked.
    """
    with _asked(url) as engine:
        everything = MetaData()
        everything.reflect(engine)
        everything.drop_all(engine)


@contextmanager
def _asked(url: str) -> Iterator[Engine]:
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool, hide_parameters=True
    )
    try:
        yield engine
    except SQLAlchemyError as error:
        message = f"the database cannot be asked: {error}"
        raise StoreError(message) from error
    finally:
        engine.dispose()


def _run(program: str, url: str, *words: str) -> None:
    found = shutil.which(program)
    if found is None:
        message = f"{program} is not here; expected PostgreSQL's client programs on this machine"
        raise ProcessError(message)
    parsed, password = _parted(make_url(url).set(drivername=POSTGRESQL))
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's, the words are ours
        [
            found,
            "--no-password",
            f"--dbname={parsed.render_as_string(hide_password=False)}",
            *words,
        ],
        env={
            "PATH": os.defpath,
            "HOME": str(Path.home()),  # of ~/.pgpass
            "LC_ALL": "C.UTF-8",
            **({"PGPASSWORD": password} if password else {}),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"{program} failed: {done.stderr.strip()[:_WORDS]}"
        raise ProcessError(message)


def _parted(url: URL) -> tuple[URL, str]:
    """What may stand among a program's arguments, which others on the machine read; the password.

    It stands before the host, or among what follows the `?`.
    """
    asked = url.query.get("password", "")
    password = str(url.password or "") or (asked if isinstance(asked, str) else asked[-1])
    return url._replace(password=None).difference_update_query(["password"]), password


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
