"""What processes spend: processor time, and bytes that they had written to disks (Linux).

Of a process with all that it started, also of those that have ended and that it has waited for.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, text

from adapters.sql.engine import open_engine

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Seconds of processors, and bytes written."""

    seconds: float = 0.0
    written: int = 0

    def __add__(self, other: Spent) -> Spent:
        """Both together."""
        return Spent(seconds=self.seconds + other.seconds, written=self.written + other.written)

    def __sub__(self, other: Spent) -> Spent:
        """What was spent since."""
        return Spent(seconds=self.seconds - other.seconds, written=self.written - other.written)


def spent(*pids: int) -> Spent:
    """What processes, with all below them, have spent so far."""
    total = Spent()
    for pid in _with_all_below(pids):
        try:
            fields = _fields(pid)
            said = Path(f"/proc/{pid}/io").read_text("ascii").split()
        except (OSError, ValueError):
            continue  # it has ended meanwhile
        seconds = sum(map(int, fields[11:15])) / _TICKS  # its own, and of those it waited for
        written = int(said[said.index("write_bytes:") + 1])
        total += Spent(seconds=seconds, written=written)
    return total


def server_of(url: str) -> tuple[int, ...]:
    """The process of a database's server on this machine; none where there is none of its own."""
    if make_url(url).get_backend_name() == "sqlite":
        return ()
    engine = open_engine(url)
    with engine.connect() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        parent = int(_fields(backend)[1])
    engine.dispose()
    return (parent,)


def _with_all_below(pids: tuple[int, ...]) -> set[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                children.setdefault(int(_fields(int(entry.name))[1]), []).append(int(entry.name))
            except OSError:
                continue
    found: set[int] = set()
    left = list(pids)
    while left:
        pid = left.pop()
        found.add(pid)
        left += children.get(pid, ())
    return found


def _fields(pid: int) -> list[str]:
    """Fields of `/proc/PID/stat` from the third on."""
    return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
