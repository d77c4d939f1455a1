"""Opens a watch, reads it and closes it, again and again; dies at a failpoint.

    python -m tests.support.watch_crash_child DIR CASE…     CASE: name:moment:nth

DIR/node is a node's directory; DIR/CASE becomes a copy in which `opened` and `told` have, a line
each, the watches that were opened and the positions that were told.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from node.access.admitting import Access
from tests.support.federation_dirs import WiredNode, code_of, name_of
from tests.support.screened import MATTER

ROWS = 3


def opened(node: WiredNode, request: str) -> dict[str, Any]:
    """Open a watch of three subjects, of which 泸州 lists one."""
    access = node.parts.access
    assert isinstance(access, Access)
    terms = {
        "request_id": request,
        "matter": MATTER,
        "case_no": "政采12",
        "purpose": "joint-punishment",
        "until": int(node.parts.clock.today()) + 10_000,
    }
    rows = [{"code": code_of(n), "name": name_of(n)} for n in range(1, ROWS + 1)]
    found = node.parts.watches.open(access.local(), terms, rows)
    _note(node, "opened", found["watch"])
    return found


def read(node: WiredNode, watch: str, after: str = "") -> dict[str, Any]:
    """Read a page from a position on."""
    access = node.parts.access
    assert isinstance(access, Access)
    page = node.parts.watches.read(access.local(), watch, after=after)
    assert page is not None
    _note(node, "told", page["position"])
    return page


def close(node: WiredNode, watch: str) -> None:
    """Close a watch."""
    access = node.parts.access
    assert isinstance(access, Access)
    node.parts.watches.close(access.local(), watch)
    _note(node, "closed", watch)


def _note(node: WiredNode, name: str, text: str) -> None:
    with (node.directory / name).open("a") as file:
        file.write(f"{text}\n")


def main(root: Path, cases: list[str]) -> None:
    for case in cases:
        directory = root / case
        shutil.copytree(root / "node", directory)
        pid = os.fork()
        if pid == 0:
            os.environ["HUXIN_FAILPOINT"] = case
            try:
                node = WiredNode(directory)
                for request in ("w-1", "w-2"):
                    watch = opened(node, request)["watch"]
                    read(node, watch)
                    close(node, watch)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
