"""Ports of the loopback address for servers that are started later, and stopped and started again.

A port that is only looked up may be another's before its server listens, or while it is stopped:
whatever else runs on this machine is given ports by the system too. So this process keeps it bound,
without listening; a server that sets SO_REUSEADDR, as ours and the databases' do, listens at it all
the same, and where none does a connection is refused.
"""

from __future__ import annotations

import socket
import sys
from collections import deque
from typing import Final

LOOPBACK: Final = "127.0.0.1"
KEPT: Final = 64
"""The latest so many ports are kept; each is an open file of this process."""

_kept: Final[deque[socket.socket]] = deque()


def free_ports(count: int) -> list[int]:
    """Let the system choose ports that are free, all different, and keep them while we run."""
    chosen = [socket.socket() for _ in range(count)]
    for one in chosen:
        one.bind((LOOPBACK, 0))
    ports = [int(one.getsockname()[1]) for one in chosen]
    for one in chosen:
        # Only now, so that no two are the same. Elsewhere it lets nobody listen beside us.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _kept.extend(chosen)
    while len(_kept) > (KEPT if sys.platform == "linux" else 0):
        _kept.popleft().close()
    return ports
