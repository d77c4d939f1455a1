"""The demo's processes: one `huxin serve` for each node, stopped by pid on every way out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter, sleep
from types import FrameType
from typing import Final

from node.demo.forks import Fork, Forks
from node.demo.members import MEMBERS, DemoMember
from node.directory.presence import NotReadyError, read_node_file

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 25.0
"""More than a node takes for an orderly end."""
LOG_FILE: Final = "serve.log"
_POLL_SECONDS: Final = 0.05
_TAIL: Final = 2000


class DemoError(Exception):
    """Something is not as the story says it must be; the message names what differs."""


class Processes:
    """The running nodes, by region. Start them from the main thread: a child ends with it."""

    def __init__(self, directory: Path, child: str = "", forks: Forks | None = None) -> None:
        """Begin with none running.

        Args:
            directory: the nodes' directories are below it.
            child: the module that runs a node in a process which imports everything itself; by
                default nodes are forked of one that did.
            forks: that one, where others have nodes of it too; it is not ended here.
        """
        self._directory = directory
        self._child = child
        self._forks = forks
        self._shared = forks is not None
        self._running: dict[str, Fork | subprocess.Popen[bytes]] = {}

    def start(self, member: DemoMember, fault: str = "") -> None:
        """Start a node; `wait_ready` says when it answers.

        Args:
            member: whose node.
            fault: what the machine pretends to it (`node.demo.simulated`); for forked nodes alone.
        """
        folder = self._directory / member.region
        if not self._child:
            self._forks = self._forks or Forks()
            self._running[member.region] = self._forks.start(folder, folder / LOG_FILE, fault)
            return
        command = [sys.executable, "-m", self._child, str(folder), str(os.getpid())]
        with (folder / LOG_FILE).open("ab") as log:
            # In a session of its own: Ctrl-C is for the demo, which then stops its nodes.
            self._running[member.region] = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self, member: DemoMember) -> None:
        """Wait until a node has written its `node.json`.

        Raises:
            DemoError: it ended, or took too long.
        """
        process = self._running[member.region]
        until = perf_counter() + START_SECONDS
        while perf_counter() < until:
            if process.poll() is not None:
                message = f"{member.name}: huxin serve ended with {process.returncode}"
                raise DemoError(f"{message}\n{self._tail(member)}")
            with suppress(NotReadyError):
                if read_node_file(self._directory / member.region).pid == process.pid:
                    return
            sleep(_POLL_SECONDS)
        message = f"{member.name}: not ready after {START_SECONDS:.0f} s\n{self._tail(member)}"
        raise DemoError(message)

    def runs(self, member: DemoMember) -> bool:
        """Whether a node was started and not stopped."""
        return member.region in self._running

    def stop(self, member: DemoMember) -> None:
        """Stop a node in an orderly way; killed if that takes too long."""
        process = self._running.pop(member.region)
        process.terminate()
        _reap(process)

    def stop_all(self) -> None:
        """Stop every node, all at once."""
        running = list(self._running.values())
        self._running.clear()
        for process in running:
            process.terminate()
        for process in running:
            _reap(process)
        if self._forks is not None and not self._shared:
            self._forks.close()
            self._forks = None

    def _tail(self, member: DemoMember) -> str:
        log = self._directory / member.region / LOG_FILE
        return f"{log}:\n{log.read_bytes()[-_TAIL:].decode(errors='replace')}"


@contextmanager
def nodes(directory: Path) -> Iterator[Processes]:
    """Start all nodes, and stop them on the way out, also at SIGTERM and SIGHUP."""
    processes = Processes(directory)
    with signals_raise():
        try:
            for member in MEMBERS:
                processes.start(member)
            for member in MEMBERS:
                processes.wait_ready(member)
            yield processes
        finally:
            processes.stop_all()


@contextmanager
def signals_raise() -> Iterator[None]:
    """Turn the signals that would end the process at once into an exception."""

    def leave(number: int, frame: FrameType | None) -> None:
        del frame
        for one in caught:  # a second one must not interrupt the stopping
            signal.signal(one, signal.SIG_IGN)
        raise SystemExit(128 + number)

    caught = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, leave) for number in caught}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _reap(process: Fork | subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
