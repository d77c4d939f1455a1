"""A MariaDB server for the demo and the tests, in a directory of its own, gone when they are.

Its programs are Debian's (`mariadb-server`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import URL, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from node.demo.ports import free_ports
from node.system.entropy import token

NEEDED: Final = (
    "MariaDB: expected mariadbd and mariadb-install-db; Debian: apt-get install mariadb-server"
)
PATHS: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TRIES: Final = 600
_POLL_SECONDS: Final = 0.1


class NoMariadbError(Exception):
    """There is no MariaDB here, or it does not start; the message says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Where the server's programs are."""

    server: str
    install: str


def find_programs(paths: str = PATHS) -> Programs:
    """Find Debian's programs.

    Raises:
        NoMariadbError: they are not installed.
    """
    server = shutil.which("mariadbd", path=paths)
    install = shutil.which("mariadb-install-db", path=paths)
    if server is None or install is None:
        raise NoMariadbError(NEEDED)
    return Programs(server=server, install=install)


class Server:
    """One server; `stop` and `start` are what an operator's outage is."""

    def __init__(self, programs: Programs, folder: Path, password: str) -> None:
        """Take a free port of the loopback address for a server in the folder."""
        self._programs = programs
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        (self._port,) = free_ports(1)
        self.url = URL.create(
            "mysql+pymysql", "root", host="127.0.0.1", port=self._port, password=password
        )

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            NoMariadbError: it ended, or does not answer.
        """
        # The system ends it with us, however we end.
        setpriv = shutil.which("setpriv", path=PATHS)
        command = [
            *([setpriv, "--pdeathsig", "KILL"] if setpriv else []),
            self._programs.server,
            "--no-defaults",
            f"--datadir={self._folder / 'data'}",
            f"--socket={self._folder / 'socket'}",
            f"--pid-file={self._folder / 'pid'}",
            f"--port={self._port}",
            f"--init-file={self._folder / 'init.sql'}",
            "--bind-address=127.0.0.1",
            "--innodb-buffer-pool-size=16M",
            *_as_root(),
        ]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - Debian's program
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        engine = create_engine(self.url, poolclass=NullPool)
        for _ in range(TRIES):
            try:
                with engine.connect() as connection:
                    connection.execute(text("SELECT 1"))
            except OperationalError:
                if self._process.poll() is not None:
                    break
                time.sleep(_POLL_SECONDS)
            else:
                return
        raise NoMariadbError((self._folder / "log").read_text("utf-8", "replace"))

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def running_server(programs: Programs | None = None) -> Iterator[Server]:
    """Run a server whose user `root` has a password of its own.

    Raises:
        NoMariadbError: it could not be found or started.
    """
    found = programs or find_programs()
    password = token(16).hex()
    with tempfile.TemporaryDirectory(prefix="huxin-mariadb-") as name:
        folder = Path(name)
        command = [
            found.install,
            "--no-defaults",
            f"--datadir={folder / 'data'}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            *_as_root(),
        ]
        made = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - as above
        if made.returncode:
            raise NoMariadbError((made.stdout + made.stderr).decode(errors="replace"))
        init = folder / "init.sql"
        init.touch(mode=0o600)
        init.write_text(
            f"CREATE USER IF NOT EXISTS root@'127.0.0.1' IDENTIFIED BY '{password}';\n"
            f"ALTER USER root@'localhost' IDENTIFIED BY '{password}';\n"
            "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\n"
        )
        server = Server(found, folder, password)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []
