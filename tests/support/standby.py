"""A streaming standby of a PostgreSQL server, which can be cut off, and promoted."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from sqlalchemy import URL

from node.demo.postgres import (
    NoPostgresError,
    RunningServer,
    _copied,
    _give,
    _Server,
    _unprivileged,
    find_programs,
)

NAME = "standby"


class Standby(RunningServer):
    """It follows, until it is cut off or promoted."""

    def cut_off(self) -> None:
        """Let nothing more come from the primary."""
        self._say("ALTER SYSTEM SET primary_conninfo = ''")
        self._say("SELECT pg_reload_conf()")

    def promote(self) -> None:
        """Make it a primary; it takes writes when this returns."""
        self._say("SELECT pg_promote(true, 60)")

    def _say(self, statement: LiteralString) -> None:
        with psycopg.connect(_plain(self.url), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def standby_of(primary: RunningServer) -> Iterator[Standby]:
    """Run a standby of a server, on a free port of the loopback address.

    Raises:
        NoPostgresError: the programs for it are not here, or it does not start.
    """
    programs = find_programs()
    lent_to = _unprivileged() if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="huxin-standby-"))
    if lent_to and not programs.public:
        programs = _copied(programs, home)
    if lent_to:
        _give(home, lent_to)
    server = _Server(programs=programs, home=home, lent_to=lent_to, settings=())
    with server.guarded():
        source = f"{_plain(primary.url)} application_name={NAME}"
        copy = [str(programs.folder / "pg_basebackup"), "-D", "data", "-R", "-X", "stream"]
        code, said = server._run([*copy, "-c", "fast", "-d", source])
        if code != 0:
            raise NoPostgresError(said)
        port = server.start()
        yield Standby(server, primary.url.set(port=port), port)


def _plain(url: URL) -> str:
    parts = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
    }
    return " ".join(f"{name}={value}" for name, value in parts.items())
