"""`huxin serve` on a machine whose wall clock jumps: its offset stands in a file.

The program asks the time of `time.time` alone (`node.system.clock`). libfaketime would do it from
below, but 0.9.10 also moves what Python's `time.sleep` waits for on the monotonic clock: such a
sleep ends after days or with EINVAL, which no real jump does.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from node.demo.child import serve

LOOK_SECONDS: Final = 0.1
FILE: Final = "clock-offset"


def jumping(file: Path) -> Callable[[], float]:
    """A wall clock that is off by the seconds that stand in a file, where there is one."""
    real, offset, looked = time.time, 0.0, float("-inf")

    def now() -> float:
        nonlocal offset, looked
        if time.monotonic() - looked > LOOK_SECONDS:
            looked = time.monotonic()
            offset = float(file.read_text()) if file.exists() else 0.0
        return real() + offset

    return now


if __name__ == "__main__":
    time.time = jumping(Path(sys.argv[1]).with_suffix(f".{FILE}"))
    serve(*sys.argv[1:3])
