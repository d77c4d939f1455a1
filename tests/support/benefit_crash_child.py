"""Asks for a benefit and reports its use, twice; dies at a failpoint.

    python -m tests.support.benefit_crash_child DIR CASE…     CASE: name:moment:nth

DIR/node is a node's directory with a scenario of its own; DIR/CASE becomes a copy in which
`answered` and `acknowledged` have, a line each, the numbers and statement ids that were told.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from node.access.admitting import Access
from node.system.clock import SystemClock, date_of
from tests.support.federation_dirs import WiredNode, code_of, name_of
from tests.support.outcoming import OPERATOR


def use(node: WiredNode, scenario: str, request: str) -> None:
    """Ask, report that it was used, and keep what was told."""
    access = node.parts.access
    assert isinstance(access, Access)
    raw = {
        "request_id": request,
        "scenario": scenario,
        "case_no": "政务12",
        "purpose": "joint-incentive",
        "code": code_of(1),
        "name": name_of(1),
    }
    number = node.parts.benefits.ask(access.local(), raw).result()["number"]
    _note(node, "answered", number)
    today = int(date_of(SystemClock().now()))
    used = node.parts.uses.report(OPERATOR, {"check": number, "used_on": today, "person": "李某"})
    assert used["published"], used
    _note(node, "acknowledged", used["statement_id"])


def _note(node: WiredNode, name: str, text: str) -> None:
    with (node.directory / name).open("a") as file:
        file.write(f"{text}\n")


def main(root: Path, cases: list[str]) -> None:
    scenario = (root / "scenario").read_text()
    for case in cases:
        directory = root / case
        shutil.copytree(root / "node", directory)
        pid = os.fork()
        if pid == 0:
            os.environ["HUXIN_FAILPOINT"] = case
            try:
                node = WiredNode(directory)
                for request in ("r-1", "r-2", "r-3"):
                    use(node, scenario, request)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
