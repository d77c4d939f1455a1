"""Reports outcomes of one of its own listings, withdraws it, reports again; dies at a failpoint.

    python -m tests.support.outcome_crash_child DIR CASE…     CASE: name:moment:nth

DIR/node is a node's directory with a check and a match of its own listing; DIR/CASE becomes a copy
in which `acknowledged` has, a line each, the statement ids that the node acknowledged.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from adapters.sql.outcomes import MatchRow, matches_in
from adapters.sql.query_store import QueryStore, open_query_store
from federation.ids import StatementId
from federation.screening.outcomes import MatchState
from federation.statements import Kind
from node.system.clock import SystemClock, date_of
from tests.support.days import REPAIRED, number_of
from tests.support.federation_dirs import WiredNode
from tests.support.outcoming import OPERATOR

STEPS = 4


def queries_of(directory: Path) -> QueryStore:
    return open_query_store(f"sqlite:///{directory / 'queries.db'}")


def the_match(directory: Path) -> MatchRow:
    store = queries_of(directory)
    with store.read() as reads:
        ((match, _),) = matches_in(reads, list(MatchState))
    store.close()
    return match


def report(node: WiredNode, match: MatchRow, result: str, **more: Any) -> list[str]:
    """Report, and keep what was acknowledged."""
    today = date_of(SystemClock().now())
    raw = {
        "check": match.number,
        "origin": match.origin,
        "index": match.idx,
        "measure": "deny-tender",
        "result": result,
        "reason": "",
        "decided_on": int(today),
        "person": "王演示",
        **more,
    }
    shown = node.parts.outcomes.report(OPERATOR, raw)
    assert shown["published"], shown
    with (node.directory / "acknowledged").open("a") as file:
        file.write("".join(f"{one}\n" for one in shown["statements"]))
    return list(shown["statements"])


def load(directory: Path) -> None:
    """Report twice, the second time as a correction, then undo once it is withdrawn."""
    node, match = WiredNode(directory), the_match(directory)
    report(node, match, "proceeded", reason="outcome.error")
    report(node, match, "applied", corrects=True)
    withdraw(node, match)
    node.job("outcomes")
    report(node, match, "undone")


def withdraw(node: WiredNode, match: MatchRow) -> None:
    """Withdraw the listing, unless that was done before."""
    with node.store.read() as session:
        head = session.head(node.origin)
        assert head is not None
        (row,) = session.rows_at([(head.log, match.idx)])
    submission = node.registry.relieve(
        "f" * 32,
        kind=Kind.WITHDRAWAL,
        statement_id=StatementId(row.statement_id),
        document="川撤〔2026〕1号",
        decided_on=number_of(REPAIRED),
    )
    node.submit(submission)


def main(root: Path, cases: list[str]) -> None:
    for case in cases:
        directory = root / case
        shutil.copytree(root / "node", directory)
        pid = os.fork()
        if pid == 0:
            os.environ["HUXIN_FAILPOINT"] = case
            try:
                load(directory)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
