"""`huxin demo break` and `heal`: faults of the running demo, made and mended when asked.

    宜宾, hub      the node is stopped
    clock, disk    内江's node is started again on a machine that pretends it
                   (`node.demo.simulated`)

The demo that stays up listens on a Unix socket in its directory; who may open it is its user. One
line of JSON each way: `{"do": "break", "what": "hub"}`, then `{"node": …}` or `{"error": …}`.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any, Final, Protocol

from federation.errors import RefusedError
from node.demo.members import HUB, NEIJIANG, YIBIN, DemoMember
from node.demo.processes import DemoError
from node.demo.simulated import CLOCK, DISK

BREAK: Final = "break"
HEAL: Final = "heal"
SOCKET: Final = "demo.sock"
ANSWER_SECONDS: Final = 120.0
_LINE_MAX: Final = 4096

FAULTS: Final[dict[str, tuple[DemoMember, str]]] = {
    YIBIN.name: (YIBIN, ""),
    "hub": (HUB, ""),
    CLOCK: (NEIJIANG, CLOCK),
    DISK: (NEIJIANG, DISK),
}
"""Whose node, and what is pretended to it; nothing: it is stopped."""


class Nodes(Protocol):
    """`node.demo.processes.Processes`."""

    def runs(self, member: DemoMember) -> bool:
        """Whether it was started and not stopped."""
        ...

    def start(self, member: DemoMember, fault: str = "") -> None:
        """Start it."""
        ...

    def wait_ready(self, member: DemoMember) -> None:
        """Wait until it answers."""
        ...

    def stop(self, member: DemoMember) -> None:
        """Stop it."""
        ...


class Faults:
    """Makes and mends the faults of a demo; one at a time of one node."""

    def __init__(self, nodes: Nodes) -> None:
        """Begin with none."""
        self._nodes = nodes
        self._standing: dict[str, str] = {}

    def act(self, do: str, what: str) -> dict[str, Any]:
        """Make or mend one; again does no harm.

        Returns:
            `node`: the region whose node it concerns.

        Raises:
            RefusedError: `demo.fault`: no such fault, or the node has another.
            DemoError: the node did not come up again.
        """
        if what not in FAULTS or do not in (BREAK, HEAL):
            message = f"expected {' | '.join(FAULTS)}, got {what[:40]!r}"
            raise RefusedError("demo.fault", message)
        member, pretended = FAULTS[what]
        other = self._standing.get(member.region, "")
        if other not in ("", what):
            message = f"请先恢复 / heal {other} first: it is of the same node"
            raise RefusedError("demo.fault", message)
        if (do == BREAK) != (other == what):
            self._change(member, pretended, broken=do == BREAK)
        self._standing[member.region] = what if do == BREAK else ""
        return {"node": member.region, "name": member.name}

    def _change(self, member: DemoMember, pretended: str, *, broken: bool) -> None:
        if self._nodes.runs(member):
            self._nodes.stop(member)
        if not broken or pretended:
            self._nodes.start(member, pretended if broken else "")
            self._nodes.wait_ready(member)


@contextmanager
def listening(directory: Path, act: Callable[[str, str], dict[str, Any]]) -> Iterator[None]:
    """Answer orders while the demo stays up.

    Args:
        directory: the demo's.
        act: what makes and mends.
    """
    with _place(directory) as place, socket.socket(socket.AF_UNIX) as server:
        Path(place).unlink(missing_ok=True)
        server.bind(place)
        Path(place).chmod(0o600)
        server.listen(4)
        Thread(target=_serve, args=(server, act), daemon=True, name="demo-faults").start()
        try:
            yield
        finally:
            Path(place).unlink(missing_ok=True)


def order(directory: Path, do: str, what: str) -> dict[str, Any]:
    """Give an order to the demo that runs in a directory.

    Returns:
        What `Faults.act` said.

    Raises:
        DemoError: no demo stays up there.
        RefusedError: `demo.fault`.
    """
    with _place(directory) as place, socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWER_SECONDS)
        try:
            client.connect(place)
            client.sendall(json.dumps({"do": do, "what": what}).encode() + b"\n")
            answer: dict[str, Any] = json.loads(_line(client))
        except (OSError, ValueError):
            message = (
                f"{directory}：没有正在运行的演示（make demo）/ no demo stays up here; "
                "start one in a terminal, and name its directory with --dir"
            )
            raise DemoError(message) from None
    if "error" in answer:
        raise RefusedError("demo.fault", str(answer["error"]))
    return answer


def _serve(server: socket.socket, act: Callable[[str, str], dict[str, Any]]) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:  # closed: the demo ends
            return
        with client, suppress(OSError):
            client.settimeout(ANSWER_SECONDS)
            try:
                asked = json.loads(_line(client))
                answer = act(str(asked["do"]), str(asked["what"]))
            except (RefusedError, DemoError, ValueError, KeyError, TypeError) as error:
                answer = {"error": str(error)}
            client.sendall(json.dumps(answer).encode() + b"\n")


def _line(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as stream:
        return stream.readline(_LINE_MAX)


@contextmanager
def _place(directory: Path) -> Iterator[str]:
    """The socket's name, short however long the directory's is."""
    try:
        folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        message = f"{directory}：没有这个目录 / no such directory"
        raise DemoError(message) from None
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)
