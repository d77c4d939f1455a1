"""A restarted node in a process of its own, whose memory a test looks into.

`python -m tests.support.woken_child DIR [CANARY]` wires the node, runs every job and shows the
status, says "awake", and waits until its input ends. With CANARY it holds one in memory, so that
the test's way of looking is itself tested.
"""

from __future__ import annotations

import sys
from pathlib import Path

from node.system.hardening import forbid_core_files
from tests.support.federation_dirs import WiredNode


def main() -> None:
    """Wake up, and wait."""
    forbid_core_files()
    node = WiredNode(Path(sys.argv[1]))
    for job in node.parts.jobs:
        job.run()
    node.parts.status()
    held = bytearray(sys.argv[2], "utf-8") * 2 if len(sys.argv) > 2 else bytearray()
    sys.stdout.write("awake\n")
    sys.stdout.flush()
    sys.stdin.read()
    held.clear()
    node.close()


if __name__ == "__main__":
    main()
