"""Nodes that are forked of one process, which has imported the program: see `node.demo.child`.

To import it takes a processor longer than all else that a node does at its start.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Lock
from time import perf_counter, sleep
from typing import Any, Final

CHILD: Final = "node.demo.child"
_POLL_SECONDS: Final = 0.05


class Forks:
    """The process of which nodes are forked; made in the main thread, with which it ends."""

    def __init__(self) -> None:
        """Start it; in a session of its own, so that Ctrl-C is not for it."""
        self._lock = Lock()
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", CHILD, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def start(self, directory: Path, log: Path, fault: str = "") -> Fork:
        """Start a node, with a fault of `node.demo.simulated`; what it says goes into a file."""
        order = {"directory": str(directory), "log": str(log), "fault": fault}
        return Fork(self, int(self.ask(do="start", **order)["pid"]))

    def ask(self, **order: object) -> dict[str, Any]:
        """Give an order, and wait for its answer.

        Raises:
            ProcessLookupError: the process is gone, and the nodes with it.
        """
        assert self._process.stdin is not None  # noqa: S101 - for mypy: it is a pipe
        assert self._process.stdout is not None  # noqa: S101 - likewise
        with self._lock:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        if not line:
            raise ProcessLookupError("the process of which nodes are forked is gone")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End it, when all nodes have ended."""
        self._process.communicate()


class Fork:
    """A node; as much of `subprocess.Popen` as its owner needs."""

    def __init__(self, forks: Forks, pid: int) -> None:
        """Take a node that was started."""
        self._forks = forks
        self.pid: Final = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        if self.returncode is None:
            self.returncode = self._forks.ask(do="poll", pid=self.pid)["code"]
        return self.returncode

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._send(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended.

        Raises:
            subprocess.TimeoutExpired: it runs on after so many seconds.
        """
        until = None if timeout is None else perf_counter() + timeout
        while (code := self.poll()) is None:
            if timeout is not None and until is not None and perf_counter() > until:
                raise subprocess.TimeoutExpired([CHILD], timeout)
            sleep(_POLL_SECONDS)
        return code

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:  # not another process that has its number by now
            self._forks.ask(do="signal", pid=self.pid, number=int(number))
