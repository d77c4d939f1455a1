"""A MariaDB server for the tests, in a directory of its own, gone when the tests are.

Its programs are Debian's (`mariadb-server`). Only a soak run (`HUXIN_SOAK`) starts it: it takes
longer than the tests that ask for it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

NEEDED = "MariaDB: expected mariadbd and mariadb-install-db; Debian: apt-get install mariadb-server"
TRIES = 300
PATHS = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


class Server:
    """One server; `stop` and `start` are what an operator's outage is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = URL.create(
            "mysql+pymysql", "root", host="127.0.0.1", port=self._port, password="root"
        )

    def start(self) -> None:
        program = shutil.which("mariadbd", path=PATHS)
        assert program
        command = [
            program,
            "--no-defaults",
            f"--datadir={self._folder / 'data'}",
            f"--socket={self._folder / 'socket'}",
            f"--pid-file={self._folder / 'pid'}",
            f"--port={self._port}",
            f"--init-file={self._folder / 'init.sql'}",
            "--bind-address=127.0.0.1",
            "--innodb-buffer-pool-size=16M",
            *(["--user=root"] if os.geteuid() == 0 else []),
        ]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        engine = create_engine(self.url, poolclass=NullPool)
        for _ in range(TRIES):
            try:
                with engine.connect() as connection:
                    connection.execute(text("SELECT 1"))
            except OperationalError:
                assert self._process.poll() is None, (self._folder / "log").read_text()
                time.sleep(0.1)
            else:
                return
        raise AssertionError((self._folder / "log").read_text())

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def running_server() -> Iterator[Server]:
    """A server whose user `root` has the password `root`."""
    if not os.environ.get("HUXIN_SOAK"):
        pytest.skip("MariaDB is tried by `make soak NAME=platforms`")
    install = shutil.which("mariadb-install-db", path=PATHS)
    if install is None or shutil.which("mariadbd", path=PATHS) is None:
        pytest.fail(NEEDED)
    with tempfile.TemporaryDirectory(prefix="huxin-mariadb-") as name:
        folder = Path(name)
        subprocess.run(
            [
                install,
                "--no-defaults",
                f"--datadir={folder / 'data'}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *(["--user=root"] if os.geteuid() == 0 else []),
            ],
            check=True,
            capture_output=True,
        )
        (folder / "init.sql").write_text(
            "CREATE USER IF NOT EXISTS root@'127.0.0.1' IDENTIFIED BY 'root';\n"
            "ALTER USER root@'localhost' IDENTIFIED BY 'root';\n"
            "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\n"
        )
        server = Server(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()
