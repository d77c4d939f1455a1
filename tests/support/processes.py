"""Real processes for tests: started here, watched with a deadline, ended by their id."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from node.demo.forks import Forks
from node.demo.members import DemoMember
from node.demo.processes import LOG_FILE, Processes

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 60.0
STEP_SECONDS = 0.05
LOG_TAIL = 2000


def eventually(what: str, differs: Callable[[], object], seconds: float = DEADLINE_SECONDS) -> None:
    """Ask until nothing differs any more; fail with what still does when time is over."""
    until = time.monotonic() + seconds
    while found := differs():
        assert time.monotonic() < until, f"expected that {what}; this still differs: {found}"
        time.sleep(STEP_SECONDS)


@cache
def _forks() -> Forks:
    """The process of which all nodes of our process are forked: the program is imported once."""
    forks = Forks()
    atexit.register(forks.close)
    return forks


@contextmanager
def serving(directory: Path, members: Sequence[DemoMember], child: str = "") -> Iterator[Processes]:
    """Run `huxin serve` for each member's directory; all are stopped on the way out."""
    processes = Processes(directory, child, None if child else _forks())
    try:
        for member in members:
            processes.start(member)
        for member in members:
            processes.wait_ready(member)
        yield processes
    except BaseException:
        for member in members:  # pytest shows it with the failure
            log = directory / member.region / LOG_FILE
            if log.exists():
                tail = log.read_bytes()[-LOG_TAIL:].decode(errors="replace")
                sys.stderr.write(f"{log}:\n{tail}\n")
        raise
    finally:
        processes.stop_all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a child ended, and what it had said until then."""

    code: int
    said: list[dict[str, Any]]

    def about(self, what: str, field: str) -> list[Any]:
        """All values that were said of something."""
        return [entry[field] for entry in self.said if entry["what"] == what]


class CrashServer:
    """The process that forks the children which are to be killed (`tests.support.crash_child`)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.crash_child"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *, failpoint: str, directory: Path, material: Path, files: Path, seconds: float = 0
    ) -> Ended:
        """Let a child do its load on a directory, and return when it is gone.

        Args:
            failpoint: where it dies, or nothing.
            directory: the node's.
            material: what a peer says.
            files: for the list file, and for what the child says.
            seconds: after which it is killed, wherever it is; 0: never.
        """
        output = files / "said"
        output.write_bytes(b"")  # one that is killed at once opens it no more
        order = {
            "failpoint": failpoint,
            "directory": str(directory),
            "material": str(material),
            "files": str(files),
            "output": str(output),
            "seconds": str(seconds),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        lines = output.read_text("utf-8", "replace").splitlines()
        said = [json.loads(line) for line in lines if line.startswith('{"what"')]
        assert answer["code"] <= 0, "\n".join(lines[-40:])
        return Ended(code=answer["code"], said=said)

    def close(self) -> None:
        """End it; it ends by itself when nobody gives orders any more."""
        self._process.communicate(timeout=DEADLINE_SECONDS)
