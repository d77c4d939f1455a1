"""A node's directory while a process works on it: the lock, the socket's place, `node.json`."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import sleep
from typing import Final

from federation.errors import FederationError
from node.system.clock import monotonic

NODE_FILE: Final = "node.json"
SOCKET: Final = "node.sock"
WORKERS_SOCKET: Final = "workers.sock"
"""Over which workers pass on what they do not answer themselves."""
LOCK: Final = Path("state") / "lock"
SOCKET_PATH_MAX: Final = 100
"""Bytes; the system takes 107, and some room is left for what gRPC does with the name."""

PATIENCE: Final = 10.0
"""Seconds for which programs wait for a directory that another one is about to leave."""

POLL_SECONDS: Final = 0.1

_PLAIN_PATH: Final = re.compile(r"/[A-Za-z0-9/._-]*")
"""Paths that gRPC takes as they are; its addresses are URIs."""


class RunningError(FederationError):
    """Another process works on the directory: speak to it, or stop it first."""


class NotReadyError(FederationError):
    """A process works on the directory but serves nobody (yet): try again."""


class NoNodeError(FileNotFoundError):
    """It is no node's directory: see `--dir`."""

    code: Final = "node.missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFile:
    """What `DIR/node.json` says of the running server."""

    pid: int
    exchange_port: int
    """0 where the node is not reachable by peers."""
    metrics_port: int
    """0 where there are no metrics."""
    socket: str
    version: str
    http_port: int = 0
    """0 where departments are not answered over HTTP."""
    logs_port: int = 0
    """0 where logs are not shown over HTTP."""
    departments_port: int = 0
    """For departments with a client certificate; 0 where there is none."""
    department_tokens_port: int = 0
    """For departments with a token; 0 where there is none."""


@contextmanager
def locked(directory: Path, *, patience: float = 0) -> Iterator[None]:
    """Hold the directory for this process.

    The lock is the kernel's, on `state/lock`: it ends with the process, however that ends.

    Args:
        directory: the node's directory.
        patience: seconds to wait for a command, or a server that starts or stops, to leave it;
            a server that serves is not waited for.

    Raises:
        RunningError: `node.running`, naming the process that holds it.
        NoNodeError: `node.missing`, it is no node's directory.
    """
    path = directory / LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        # Not made here: a directory that is no node must not come to look like one.
        message = (
            f"{directory}: 不是节点目录，没有 state/；核对 --dir，新建节点用 huxin init / "
            "expected a node's directory, got no state/; see huxin init, --dir"
        )
        raise NoNodeError(message) from None
    try:
        try:
            _lock(descriptor, directory, patience)
        except BlockingIOError as error:
            pid = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
            message = f"{directory} is in use by process {pid}"
            raise RunningError("node.running", message) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        (directory / NODE_FILE).unlink(missing_ok=True)  # of a process that was killed
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, directory: Path, patience: float) -> None:
    until = monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() >= until or (directory / NODE_FILE).exists():
                raise
            sleep(POLL_SECONDS)
        else:
            return


@contextmanager
def socket_path(directory: Path, name: str = SOCKET) -> Iterator[Path]:
    """Give the path of a Unix socket; it is removed afterwards.

    `DIR/node.sock`, or, where that is too long for the system or no plain name, one in a
    directory under the system's temporary one that only this user may enter.
    """
    path = directory.absolute() / name
    temporary: str | None = None
    if len(os.fsencode(path)) > SOCKET_PATH_MAX or not _PLAIN_PATH.fullmatch(str(path)):
        temporary = tempfile.mkdtemp(prefix="huxin-")
        path = Path(temporary) / name
    path.unlink(missing_ok=True)  # of a process that was killed; the lock says that it is gone
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def announced(directory: Path, node: NodeFile) -> Iterator[None]:
    """Write `node.json` while the server is ready, atomically and for this user only."""
    path = directory / NODE_FILE
    descriptor, name = tempfile.mkstemp(prefix=f".{NODE_FILE}.", dir=directory)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(node), file)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()


def read_node_file(directory: Path) -> NodeFile:
    """Read what the running server says of itself.

    Raises:
        NotReadyError: `node.not-ready`: there is none, or it cannot be read.
    """
    try:
        data = json.loads((directory / NODE_FILE).read_text())
        return NodeFile(**data)
    except (OSError, ValueError, TypeError) as error:
        message = f"{directory}: no {NODE_FILE} yet; the server is starting or stopping"
        raise NotReadyError("node.not-ready", message) from error
