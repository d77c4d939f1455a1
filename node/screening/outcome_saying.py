"""Reports of departments become OUTCOMEs of our own log, each once; who is meant wrongly is held.

A report is durable in the query store before it is said. Its statement id was chosen then, so that
what was published before a crash is found and not said again. What was found to be another
subject's is held here first, in a transaction of its own: that waits for no signature.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

from adapters.sql.checks import check_by_number
from adapters.sql.outcomes import OutcomeRow, match_of, set_published, unpublished
from adapters.sql.query_store import QueryReads, QueryStore
from federation.errors import RefusedError
from federation.ids import Date, LeafHash, Origin, StatementId, Timestamp, node_of
from federation.own_log import Draft
from federation.payloads import Audience, Outcome, OutcomeResult, Reference
from federation.ports.findings import Place
from federation.ports.journal import Decision
from federation.ports.store import ReadSession, Store, WriteSession
from federation.reconcile.cases import FOUND_OTHER
from federation.reconcile.findings import Finding
from federation.screening.outcomes import Result
from federation.statements import Kind
from node.access.query_writer import QueryWriter
from node.log.units import Unit
from node.log.writer import UnitWriter, WriteThread
from node.publishing.own_statements import OwnStatements
from node.publishing.registry import Registry
from node.system.failpoints import Failpoints

BASIS_MAX: Final = 1024
DEPARTMENT_MAX: Final = 64
TRIED: Final = 16
"""Reports that are refused in one run before it ends: then it is rather all of them."""


class StatementWriter(UnitWriter, WriteThread, Protocol):
    """`node.log.writer.Writer`, for whoever publishes and decides."""


class Acts(NamedTuple):
    """Who acted, in what matter, on what basis."""

    department: str
    matter: str
    basis: str


class OutcomeSaying:
    """Says what was reported; any thread, blocks."""

    def __init__(  # noqa: PLR0913 - wired once, in node.screening.wire_outcomes
        self,
        *,
        city: str,
        queries: QueryStore,
        query_writer: QueryWriter,
        store: Store,
        writer: StatementWriter,
        registry: Registry,
        statements: OwnStatements,
        judge: Callable[[WriteSession, Sequence[Place]], None],
        now: Callable[[], Timestamp],
        failpoints: Failpoints,
    ) -> None:
        """Wire it.

        Args:
            city: who acts where the operator reports without a department.
            queries: where reports are kept.
            query_writer: of that store.
            store: of the logs.
            writer: of that store.
            registry: drafts.
            statements: our own.
            judge: judges listings anew, in a transaction.
            now: the clock.
            failpoints: of the process.
        """
        self._city = city
        self._queries = queries
        self._query_writer = query_writer
        self._store = store
        self._writer = writer
        self._registry = registry
        self._statements = statements
        self._judge = judge
        self._now = now
        self._failpoints = failpoints
        self._refused: frozenset[bytes] = frozenset()
        """What could not be said the last time."""

    def run(self) -> int:
        """Say all that is not said yet, in the order in which it was reported.

        What cannot be said keeps nothing else waiting; it is tried last the next time.

        Returns:
            The number of reports said.

        Raises:
            RefusedError: some cannot be said now; the next run tries again.
            StoreError: a database.
        """
        said = 0
        refused: dict[bytes, RefusedError] = {}
        while len(refused) < TRIED:
            with self._queries.read() as reads:
                waiting = [row for row in unpublished(reads) if row.statement_id not in refused]
            rows = sorted(waiting, key=lambda row: row.statement_id in self._refused)
            if not rows:
                break
            for row in rows:
                if row.result == Result.WRONG_SUBJECT:
                    self._writer.submit(partial(self._hold, row)).result()
            said += self._say(_group(rows), refused)
        self._refused = frozenset(refused)
        if refused:
            raise next(iter(refused.values()))
        return said

    def _say(self, group: Sequence[OutcomeRow], refused: dict[bytes, RefusedError]) -> int:
        """Say them together, or where that is refused each for itself; how many were said."""
        try:
            self._publish(group)
        except RefusedError as error:
            if len(group) == 1:
                refused[group[0].statement_id] = error
                return 0
            return sum(self._say([row], refused) for row in group if len(refused) < TRIED)
        return len(group)

    def _publish(self, rows: Sequence[OutcomeRow]) -> None:
        with self._queries.read() as reads:
            acts = {row.statement_id: _acts(reads, row) for row in rows}

        def drafts(session: WriteSession) -> list[Draft]:
            ours = sorted(self._statements.chain(session))
            ids = [row.statement_id for row in rows]
            there = {row.statement_id for row in session.rows_by_id(ours, ids)}
            new = [row for row in rows if row.statement_id not in there]
            return [self._draft(session, row, acts[row.statement_id]) for row in new]

        self._writer.publish(Unit(drafts=drafts, record=lambda _session, _placed: None)).result()
        with self._failpoints.at("outcome.said"):
            self._query_writer.submit(
                lambda writes: set_published(writes, [row.statement_id for row in rows])
            ).result()

    def _hold(self, row: OutcomeRow) -> None:
        """Hold the record here until persons decide (OC1), once for a report."""
        with self._store.write() as session:
            head = session.head(Origin(row.origin))
            place = None if head is None else (head.log, row.idx)
            if place is None or not session.rows_at([place]):
                return
            reason = f"部门反馈：命中的是另一主体；核查 {row.number}，反馈 {row.turn}"
            said = session.decisions([place]).get(place, ())
            if any(one.verdict == FOUND_OTHER and one.reason == reason for one in said):
                return
            session.put_decision(
                Decision(
                    at=self._now(),
                    log=place[0],
                    index=place[1],
                    finding=Finding.OTHER_SUBJECT,
                    verdict=FOUND_OTHER,
                    person="",
                    reason=reason,
                )
            )
            session.put_due([place])
            self._judge(session, [place])

    def _draft(self, session: WriteSession, row: OutcomeRow, acts: Acts) -> Draft:
        """The OUTCOME of a report.

        Raises:
            RefusedError: `record.unknown`, `outcome.unsaid`: the listing, or the OUTCOME that it
                replaces, is not held here; `charter.none`, `entitlement.…`.
        """
        payload = Outcome(
            audience=Audience(charters=(), purposes=(), members=(node_of(Origin(row.origin)),)),
            case_id=row.case_id,
            result=OutcomeResult(row.said),
            listing=self._listing(session, row),
            department=(acts.department or self._city)[:DEPARTMENT_MAX],
            matter=acts.matter,
            measure=row.measure,
            measure_basis=acts.basis[:BASIS_MAX],
            reason=row.said_reason,
            decided_on=Date(row.decided_on),
            replaces=self._replaced(session, row),
        )
        draft = self._registry.checked_draft(session, Kind.OUTCOME, 0, b"", payload)
        return draft._replace(statement_id=StatementId(row.statement_id))

    def _listing(self, session: ReadSession, row: OutcomeRow) -> Reference:
        head = session.head(Origin(row.origin))
        if head is None or row.idx >= head.size:
            message = f"{row.origin}#{row.idx} is not held here"
            raise RefusedError("record.unknown", message)
        (leaf_hash,) = session.leaf_hashes([(head.log, row.idx)])
        return Reference(origin=Origin(row.origin), index=row.idx, leaf_hash=LeafHash(leaf_hash))

    def _replaced(self, session: ReadSession, row: OutcomeRow) -> LeafHash | None:
        if row.replaces is None:
            return None
        ours = sorted(self._statements.chain(session))
        found = session.rows_by_id(ours, [row.replaces])
        if not found:
            message = f"the OUTCOME {row.replaces.hex()} that is corrected is not in our log"
            raise RefusedError("outcome.unsaid", message)
        (leaf_hash,) = session.leaf_hashes([(found[0].log, found[0].idx)])
        return LeafHash(leaf_hash)


def _acts(reads: QueryReads, row: OutcomeRow) -> Acts:
    check = check_by_number(reads, row.number)
    match = match_of(reads, row.number, row.origin, row.idx)
    named = {} if match is None else {one["code"]: one for one in json.loads(match.measures)}
    measure: dict[str, Any] = named.get(row.measure, {})
    return Acts(
        department="" if check is None or not check.asker else check.department,
        matter="" if match is None else match.matter,
        basis=str(measure.get("basis", "")),
    )


def _group(rows: Sequence[OutcomeRow]) -> Sequence[OutcomeRow]:
    """As many of the first as replace none of each other: a leaf has its hash once it is there."""
    taken: list[OutcomeRow] = []
    ids: set[bytes] = set()
    for row in rows:
        if row.replaces in ids:
            break
        taken.append(row)
        ids.add(row.statement_id)
    return taken
