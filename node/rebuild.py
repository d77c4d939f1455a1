"""Deriving all rows again from leaves, openings and journal (`huxin rebuild`).

Where an opening is gone, the outcome is the one that the journal kept. `--check` derives in a
transaction that is rolled back, and says where the tables differ from what they should be.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from federation.case_ports import Place
from federation.life import ERASURE_RULES, STANDING
from federation.ports import LogHead, ReadSession, Store, WriteSession
from federation.reconciliation import Finding
from federation.rows import OpeningStatus, StatementRow
from node.ledger import Ledger
from node.reconciling import Reconciliation

CHUNK: Final = 1024
SHOWN_MAX: Final = 20
_JOURNAL_PAGE: Final = 10_000
SIZE_MAX: Final = 2**62
"""More leaves than any log has."""

_NO_ROW: Final = b"\xff\xff\xff\xff"


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
    heads = list(session.heads())
    before = {head.log: _outcomes(session, head) for head in heads}
    due = set(session.due(SIZE_MAX))
    session.drop_rows()
    session.drop_findings()
    for head in heads:
        statuses = _statuses(before[head.log])
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
    waiting = _Waiting(session, heads, due)
    return [
        f"{head.origin} {difference}"
        for head in heads
        for difference in _differences(head, before[head.log], _outcomes(session, head), waiting)
    ]


class _Waiting:
    """Which listings had no finding yet, or an old one: they were to be judged, or a copy was."""

    def __init__(
        self, session: ReadSession, heads: Sequence[LogHead], due: AbstractSet[Place]
    ) -> None:
        self._session = session
        self._reconciled = {h.log: h.size if h.ours else h.reconciled_to for h in heads}
        self._due = due

    def __contains__(self, place: Place) -> bool:
        if self._waits(place):
            return True
        tags = [r.record_tag for r in self._session.rows_at([place]) if r.record_tag is not None]
        return any(self._waits(copy) for _, copy in self._session.listings_of(tags))

    def _waits(self, place: Place) -> bool:
        return place in self._due or place[1] >= self._reconciled[place[0]]


def _outcomes(session: ReadSession, head: LogHead) -> bytearray:
    """Four bytes for each leaf: kind, state, opening, finding; `_NO_ROW` where it has no row."""
    packed = bytearray(_NO_ROW * head.size)
    for index, kind, state, opening, _ in session.outcomes(head.log):
        packed[4 * index : 4 * index + 4] = bytes((kind, state, opening, Finding.NONE))
    for start in range(0, head.size, CHUNK):
        for index, finding in session.findings_between(head.log, start, start + CHUNK).items():
            packed[4 * index + 3] = finding
    return packed


def _statuses(outcomes: bytearray) -> bytes:
    """The opening status of each leaf; of one without a row it is not known yet."""
    return bytes(outcomes[2::4]).replace(_NO_ROW[2:3], bytes((OpeningStatus.PENDING,)))


def _differences(
    head: LogHead, before: bytearray, after: bytearray, waiting: _Waiting
) -> Iterator[str]:
    """Name the leaves of which something else was found."""
    if before == after:
        return
    for index in range(head.size):
        was, now = before[4 * index : 4 * index + 4], after[4 * index : 4 * index + 4]
        if was != now and (was[:3] != now[:3] or (head.log, index) not in waiting):
            yield f"{index}: had {_shown(was)}, expected {_shown(now)}"


def _shown(outcome: bytearray) -> str:
    return "no row" if outcome == _NO_ROW else str(tuple(outcome))


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
                and not _erased_later(row, erased[row.log, row.idx]["state"])
            ]
        )


def _erased_later(row: StatementRow, state: int) -> bool:
    """Whether the origin's ERASURE, which came after our own, decides where nothing else did."""
    return row.rule in ERASURE_RULES.values() and state in STANDING
