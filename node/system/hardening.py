"""What the process of a node does not let others read of its memory.

A core file would hold openings in clear and the keys. So none is written, and another process of
the same user can neither trace this one nor copy its memory.
"""

from __future__ import annotations

import ctypes
import resource
from typing import Final

import structlog

_PR_SET_DUMPABLE: Final = 4

_log = structlog.get_logger()


def forbid_core_files() -> None:
    """Forbid core files and tracing, for this process and those that it starts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limit alone does not count where the system pipes core files to a program.
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        _log.warning("core files not forbidden", code="memory.dumpable", errno=ctypes.get_errno())
