"""How the interpreter divides its time in a serving node; measured in docs/performance.md."""

from __future__ import annotations

import gc
import sys
from typing import Final

SWITCH_SECONDS: Final = 0.0005
"""A thread that comes back from the database or the network waits at most so long for another
that computes. At the usual 5 ms, checking one batch holds up the storing of the one before."""

COLLECT: Final = (50_000, 20, 50)
"""Objects, and rounds, between two looks for unreachable cycles. A batch makes ten thousand tuples
and no cycle; at the usual 700 each is looked at again and again."""


def tune() -> None:
    """Set both for this process."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*COLLECT)
