"""Deriving all rows again from leaves, openings and journal (`huxin rebuild`).

Where an opening is gone, the outcome is the one that the journal kept. `--check` derives in a
transaction that is rolled back, and says where the tables differ from what they should be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from federation.life.life import ERASURE_RULES, STANDING
from federation.ports.findings import Place
from federation.ports.journal import Erased, Kept
from federation.ports.store import LogHead, ReadSession, Store, WriteSession
from federation.reconcile.findings import Finding
from federation.relief.erased import kept_of
from federation.rows import OpeningStatus, StatementRow
from node.log.ledger import BY_TAG, Ledger
from node.reconcile.judging import Reconciliation
from node.upkeep.trial import trial

CHUNK: Final = 1024
SHOWN_MAX: Final = 20
_JOURNAL_PAGE: Final = 10_000
SIZE_MAX: Final = 2**62
"""More leaves than any log has."""

_NO_ROW: Final = b"\xff\xff\xff\xff"


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
    with trial(store) if check_only else store.write() as session:
        differences = _derive(session, ledger, reconciliation)
    return not differences, differences[:SHOWN_MAX]


def _derive(session: WriteSession, ledger: Ledger, reconciliation: Reconciliation) -> list[str]:
    heads = list(session.heads())
    before = {head.log: _outcomes(session, head) for head in heads}
    miscounted = [head.origin for head in heads if session.miscounted(head.log)]
    due = set(session.due(SIZE_MAX))
    kept, outcomes = _kept(session, heads)
    session.drop_rows()
    session.drop_findings()
    for head in heads:
        gone = {*kept[head.log], *(index for log, index in outcomes if log == head.log)}
        statuses = _statuses(before[head.log], gone)
        empty = replace(head, applied_to=0)
        for start in range(0, head.size, CHUNK):
            end = min(start + CHUNK, head.size)
            ledger.derive(session, empty, start, end, statuses, kept[head.log])
        session.set_head(replace(head, applied_to=head.size, reconciled_to=0))
    # What revokes a tag may have been derived after what it ended or holds.
    ledger.read_rows_again(session, [r for rule in BY_TAG for r in session.rows_of_rule(rule)])
    _put_outcomes(session, outcomes)
    for head in heads:
        for start in range(0, head.size, CHUNK):
            rows = session.rows_between(head.log, start, min(start + CHUNK, head.size))
            session.put_findings(reconciliation.findings(session, rows))
        session.set_head(replace(head, applied_to=head.size, reconciled_to=head.size))
    waiting = _Waiting(session, heads, due)
    return [f"{origin} counts: not those of its rows" for origin in miscounted] + [
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
        self._reconciled = {h.log: h.reconciled_to for h in heads}
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


def _statuses(outcomes: bytearray, erased: Iterable[int]) -> bytes:
    """The opening status of each leaf; of one without a row the journal knows that it is erased."""
    statuses = bytearray(outcomes[2::4])
    for index in erased:
        if index < len(statuses) and statuses[index] == _NO_ROW[2]:
            statuses[index] = OpeningStatus.ERASED
    return bytes(statuses).replace(_NO_ROW[2:3], bytes((OpeningStatus.PENDING,)))


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


def _kept(
    session: ReadSession, heads: Sequence[LogHead]
) -> tuple[Mapping[int, Mapping[int, Kept]], Mapping[Place, tuple[int, str]]]:
    """What was kept of erased statements, by log and index, and of which there is less.

    The journal has it; entries of an earlier version have state and rule alone, and what else was
    kept then stands in the row. Where that is gone too, state and rule are all there is.
    """
    kept: dict[int, dict[int, Kept]] = {head.log: {} for head in heads}
    older: dict[Place, tuple[int, str]] = {}
    after = 0
    while page := session.journal(after, _JOURNAL_PAGE):
        after = page[-1][0]
        for _, entry in page:
            if entry.kind != Erased.KIND or (said := Erased.of(entry)).log not in kept:
                continue
            if said.kept is not None:
                kept[said.log][said.index] = said.kept
                older.pop((said.log, said.index), None)
            else:
                older[said.log, said.index] = said.state, said.rule
    for row in session.rows_at(list(older)):
        if row.opening == OpeningStatus.ERASED and row.record_tag is not None:
            state, rule = older.pop((row.log, row.idx))
            kept[row.log][row.idx] = kept_of(row)._replace(state=state, rule=rule)
    return kept, older


def _put_outcomes(session: WriteSession, outcomes: Mapping[Place, tuple[int, str]]) -> None:
    """Give erased statements of which nothing else is kept the state and rule that they had."""
    session.replace_rows(
        [
            row._replace(state=outcomes[row.log, row.idx][0], rule=outcomes[row.log, row.idx][1])
            for row in session.rows_at(list(outcomes))
            if row.opening == OpeningStatus.ERASED
            and not _erased_later(row, outcomes[row.log, row.idx][0])
        ]
    )


def _erased_later(row: StatementRow, state: int) -> bool:
    """Whether the origin's ERASURE, which came after our own, decides where nothing else did."""
    return row.rule in ERASURE_RULES.values() and state in STANDING
