"""What the machine pretends to a node of the demo, so that people see how a fault is named.

    clock   the machine's clock is two hours ahead
    disk    the disk is full but for a mebibyte

It is done in the node's own process before it begins, and ends with that process; nothing of the
machine, and nothing that is stored, is changed.
"""

from __future__ import annotations

import shutil
from typing import Any, Final

from federation.ids import Timestamp
from node.system import clock

CLOCK: Final = "clock"
DISK: Final = "disk"
AHEAD_SECONDS: Final = 7200
LEFT_BYTES: Final = 1 << 20


def simulate(fault: str) -> None:
    """Pretend a fault to this process; none where it is empty.

    Raises:
        ValueError: there is no such fault.
    """
    if fault == CLOCK:
        honest = clock.SystemClock.now
        ahead = lambda self: Timestamp(honest(self) + AHEAD_SECONDS)  # noqa: E731 - one method
        clock.SystemClock.now = ahead  # type: ignore[method-assign]
    elif fault == DISK:
        usage: Any = shutil.disk_usage
        full = lambda path: usage(path)._replace(free=LEFT_BYTES)  # noqa: E731 - one function
        shutil.disk_usage = full
    elif fault:
        message = f"expected {CLOCK} or {DISK}, got {fault!r}"
        raise ValueError(message)
