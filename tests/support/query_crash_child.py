"""Records and sequences, and dies at a failpoint: one fork for each case that is named.

    python -m tests.support.query_crash_child DIR CASE…     CASE: name:moment

DIR/CASE becomes a node's directory, in which `promises` has, a line each, what was promised before
the process died.
"""

from __future__ import annotations

import os
import shutil
import sys
from functools import partial
from pathlib import Path

from federation.ids import Timestamp
from federation.screening.query_log import EntryKind
from node.access.query_log import Entry
from node.access.wiring import wire_queries
from node.directory.config import NodeSection
from node.directory.creation import NewNode, create_node
from node.directory.opened import open_directory
from node.system.entropy import token

NOW = Timestamp(1_795_000_000)
ROUNDS = 3
IN_ROUND = 2


def made(directory: Path) -> None:
    identity = NodeSection(region="510500", name="泸州", role="city", origin="a.example/1")
    new = NewNode(identity=identity, listen="127.0.0.1:0", advertise="", charter_key=None)
    create_node(directory, new, now=NOW, token=token)
    opened = open_directory(directory)
    wire_queries(opened).close()
    opened.store.close()


def entry(number: int) -> Entry:
    return Entry(
        kind=EntryKind.QUESTION,
        asker="c1",
        department="财政局",
        action="check",
        at=Timestamp(NOW + number),
        case_no=f"case {number}",
    )


def load(directory: Path) -> None:
    queries = wire_queries(open_directory(directory))
    for turn in range(ROUNDS):
        for number in range(turn * IN_ROUND, (turn + 1) * IN_ROUND):
            unit = partial(queries.log.record, entry=entry(number))
            promise = queries.writer.submit(unit).result()
            with (directory / "promises").open("a") as file:
                file.write(f"{promise.query_id.hex()} {promise.leaf_hash.hex()}\n")
        queries.sequencer.run()


def main(root: Path, cases: list[str]) -> None:
    made(root / "node")
    for case in cases:
        directory = root / case
        shutil.copytree(root / "node", directory)
        pid = os.fork()
        if pid == 0:
            os.environ["HUXIN_FAILPOINT"] = f"{case}:2"
            try:
                load(directory)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
