"""`huxin serve` as the demo starts it: it ends when the demo does, however that ends.

`python -m node.demo.child DIRECTORY PARENT` is one node; with PARENT alone it is the process of
which all nodes are forked (`node.demo.forks`), so that the program is imported once, not for each.
It reads orders and answers them, a line of JSON each:

    {"do": "start", "directory": …, "log": …, "fault": …}     {"pid": …}
    {"do": "poll", "pid": …}                      {"code": …}    null while the node runs
    {"do": "signal", "pid": …, "number": …}       {}

Nothing but imports happens before a fork: no thread, no connection, no randomness that is kept.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
from typing import Any, Final

from node.cli.main import main
from node.demo.simulated import simulate

_PR_SET_PDEATHSIG: Final = 1


def serve(directory: str, parent: str) -> None:
    """Run `huxin serve`; the system stops it when the parent's process is gone."""
    _end_with(int(parent))
    main(["serve", "--dir", directory])


def answer_orders(parent: int) -> None:
    """Start nodes and tell of them until the input ends; in a node's fork this does not return."""
    _end_with(parent)
    importlib.import_module("node.cli.serve")  # which the command line would import when asked
    me = os.getpid()
    running: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "start":
            pid = os.fork()
            if not pid:
                _be_a_daemon(order["log"])
                simulate(order["fault"])
                serve(order["directory"], str(me))
            running.add(pid)
            answer: dict[str, Any] = {"pid": pid}
        elif order["do"] == "poll":
            ended, status = os.waitpid(order["pid"], os.WNOHANG)
            running.discard(ended)
            answer = {"code": os.waitstatus_to_exitcode(status) if ended else None}
        else:
            os.kill(order["pid"], order["number"])
            answer = {}
        print(json.dumps(answer), flush=True)  # noqa: T201 - the answer
    for pid in running:
        os.kill(pid, signal.SIGTERM)


def _be_a_daemon(log: str) -> None:
    """In a session of its own: Ctrl-C is for the demo, which then stops its nodes."""
    os.setsid()
    for path, flags, numbers in (
        (os.devnull, os.O_RDONLY, (0,)),
        (log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, (1, 2)),
    ):
        descriptor = os.open(path, flags, 0o666)
        for number in numbers:
            os.dup2(descriptor, number)
        os.close(descriptor)


def _end_with(parent: int) -> None:
    """Let the system send SIGTERM when the parent is gone, where it can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before the system had been told
        sys.exit(0)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        answer_orders(int(sys.argv[1]))
    else:
        serve(*sys.argv[1:3])
