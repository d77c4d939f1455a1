"""The database servers of `huxin demo --platforms`: found, asked for, run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy import URL, NullPool, create_engine, text

from federation.errors import RefusedError
from node.demo import mariadb, postgres
from node.demo.members import LUZHOU, YIBIN
from node.demo.processes import DemoError, signals_raise

DATABASE: Final = "exchange"
INSTALL: Final = ("apt-get", "install", "-y", "--no-install-recommends")


def missing_packages() -> tuple[str, ...]:
    """Debian's packages of the servers that are not here."""
    missing: list[str] = []
    try:
        postgres.find_programs()
    except postgres.NoPostgresError:
        missing.append("postgresql")
    try:
        mariadb.find_programs()
    except mariadb.NoMariadbError:
        missing.append("mariadb-server")
    return tuple(missing)


def require(missing: Sequence[str]) -> None:
    """Refuse to begin while a server is missing.

    Raises:
        RefusedError: `demo.servers-missing`, with the command that installs what is missing.
    """
    if not missing:
        return
    command = f"apt-get update && {' '.join((*INSTALL, *missing))}"
    message = (
        f"本机缺少 {'、'.join(missing)}。请以 root 运行：{command}，"
        "或者 huxin demo --platforms --install / "
        "the demo with platforms runs a PostgreSQL and a MariaDB server of its own, on the "
        f"loopback address and in temporary directories; not found here: {', '.join(missing)}. "
        f"As root on Debian: {command}; or huxin demo --platforms --install, which runs that. "
        "Debian also starts each as a service of the system, which the demo does not use"
    )
    raise RefusedError("demo.servers-missing", message)


def install(missing: Sequence[str]) -> None:
    """Install what is missing, as root, by Debian's own program.

    Raises:
        RefusedError: `demo.install`: not root, no apt-get, or it failed.
    """
    if not missing:
        return
    program = shutil.which(INSTALL[0], path=mariadb.PATHS)
    if os.geteuid() != 0 or program is None:
        why = "there is no apt-get" if program is None else "only root may install"
        message = f"{why}; let your administrator install {', '.join(missing)}"
        raise RefusedError("demo.install", message)
    for command in ((program, "update"), (program, *INSTALL[1:], *missing)):
        ran = subprocess.run(  # noqa: S603 - Debian's program
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": mariadb.PATHS, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"},
        )
        if ran.returncode:
            said = ran.stdout.decode(errors="replace")[-2000:]
            raise RefusedError("demo.install", f"{' '.join(command)} failed:\n{said}")


@contextmanager
def platform_servers() -> Iterator[Mapping[str, URL]]:
    """Run both servers; an empty database in each, by the region whose platform it is.

    Raises:
        DemoError: a server does not start.
    """
    try:
        with (
            signals_raise(),
            postgres.running_server() as first,
            mariadb.running_server() as second,
        ):
            places = {LUZHOU.region: first, YIBIN.region: second.url}
            yield {region: _with_database(url) for region, url in places.items()}
    except (postgres.NoPostgresError, mariadb.NoMariadbError) as error:
        raise DemoError(str(error)) from error


def _with_database(server: URL) -> URL:
    engine = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {DATABASE}"))
    return server.set(database=DATABASE)
