"""`huxin serve` as the demo starts it: it ends when the demo does, however that ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Final

from node.cli.main import main

_PR_SET_PDEATHSIG: Final = 1


def serve(directory: str, parent: str) -> None:
    """Run `huxin serve`; the system stops it when the parent's process is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it ended before the system had been told
        sys.exit(0)
    main(["serve", "--dir", directory])


if __name__ == "__main__":
    serve(*sys.argv[1:3])
