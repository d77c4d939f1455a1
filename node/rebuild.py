"""Deriving all rows again from leaves, openings and journal (`huxin rebuild`).

Where an opening is gone, the outcome is the one that the journal kept. `--check` derives in a
transaction that is rolled back, and says where the tables differ from what they should be.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from federation.ports import ReadSession, Store, WriteSession
from federation.reconciliation import Finding
from federation.rows import OpeningStatus
from node.ledger import Ledger
from node.reconciling import Reconciliation

CHUNK: Final = 1024
SHOWN_MAX: Final = 20
_JOURNAL_PAGE: Final = 10_000
SIZE_MAX: Final = 2**62
"""More leaves than any log has."""

Outcome = tuple[int, int, int, int]
"""(kind, state, opening, finding) of a row, without keyed values."""


class _RolledBack(Exception):  # noqa: N818 - not an error, ends the transaction of --check
    """Carries the differences out of the transaction that is rolled back."""

    def __init__(self, differences: list[str]) -> None:
        super().__init__()
        self.differences = differences


def rebuild(
    store: Store, ledger: Ledger, reconciliation: Reconciliation, *, check_only: bool
) -> tuple[bool, list[str]]:
    """Derive all rows again.

    Args:
        store: the node's store; runs in one write session.
        ledger: derives rows.
        reconciliation: judges the listings of other cities.
        check_only: change nothing.

    Returns:
        Whether the rows were equal, and the first differences.
    """
    try:
        with store.write() as session:
            differences = _derive(session, ledger, reconciliation)
            if check_only:
                raise _RolledBack(differences)  # noqa: TRY301 - rolls the session back
    except _RolledBack as result:
        differences = result.differences
    return not differences, differences[:SHOWN_MAX]


def _derive(session: WriteSession, ledger: Ledger, reconciliation: Reconciliation) -> list[str]:
    before = {head.log: _outcomes(session, head.log) for head in session.heads()}
    heads = list(session.heads())
    due = set(session.due(SIZE_MAX))
    session.drop_rows()
    session.drop_findings()
    for head in heads:
        statuses = {index: outcome[2] for index, outcome in before[head.log].items()}
        empty = replace(head, applied_to=0)
        for start in range(0, head.size, CHUNK):
            end = min(start + CHUNK, head.size)
            ledger.derive(session, empty, start, end, statuses)
        session.set_head(replace(head, applied_to=head.size, reconciled_to=0))
    _apply_journal(session)
    for head in heads:
        for start in range(0, head.size, CHUNK):
            rows = session.rows_between(head.log, start, min(start + CHUNK, head.size))
            session.put_findings(reconciliation.findings(session, rows))
        session.set_head(replace(head, applied_to=head.size, reconciled_to=head.size))
    differences: list[str] = []
    for head in heads:
        after = _outcomes(session, head.log)
        for index in sorted(before[head.log].keys() | after.keys()):
            was, now = before[head.log].get(index), after.get(index)
            waited = index >= head.reconciled_to or (head.log, index) in due
            if waited and was is not None and now is not None:
                was = (*was[:3], now[3])  # it had no finding yet, or an old one
            if was != now:
                differences.append(f"{head.origin} {index}: had {was}, expected {now}")
    return differences


def _outcomes(session: ReadSession, log: int) -> dict[int, Outcome]:
    found = session.findings_between(log, 0, SIZE_MAX)
    return {
        index: (kind, state, opening, found.get(index, Finding.NONE))
        for index, kind, state, opening, _ in session.outcomes(log)
    }


def _apply_journal(session: WriteSession) -> None:
    """Take outcomes of erased statements from the journal."""
    after = 0
    while page := session.journal(after, _JOURNAL_PAGE):
        after = page[-1][0]
        erased = {
            (entry.log, entry.index): json.loads(entry.body)
            for _, entry in page
            if entry.kind == "erasure" and entry.log is not None and entry.index is not None
        }
        rows = session.rows_at(list(erased))
        session.replace_rows(
            [
                row._replace(
                    state=erased[row.log, row.idx]["state"], rule=erased[row.log, row.idx]["rule"]
                )
                for row in rows
                if row.opening == OpeningStatus.ERASED
            ]
        )
