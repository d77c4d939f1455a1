"""Uses of benefits become OUTCOMEs of our own log, each once, for the scenario's owner.

A use is durable in the query store before it is said. Its statement id was chosen then, so that
what was published before a crash is found and not said again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from adapters.sql.benefits import (
    BenefitUse,
    benefit_check,
    set_uses_published,
    unpublished_uses,
)
from adapters.sql.checks import check_by_number
from adapters.sql.query_store import QueryReads, QueryStore
from federation.errors import RefusedError
from federation.ids import Date, LeafHash, Origin, StatementId, node_of
from federation.own_log import Draft
from federation.payloads import Audience, Outcome, OutcomeResult, Reference
from federation.ports.store import WriteSession
from federation.statements import Kind
from node.access.query_writer import QueryWriter
from node.log.units import Unit
from node.log.writer import UnitWriter
from node.publishing.own_statements import OwnStatements
from node.publishing.registry import Registry
from node.system.failpoints import Failpoints

DEPARTMENT_MAX: Final = 64
TRIED: Final = 16
"""Uses that are refused in one run before it ends: then it is rather all of them."""


class StatementWriter(UnitWriter, Protocol):
    """`node.log.writer.Writer`, for whoever publishes."""


class UseSaying:
    """Says what was reported; any thread, blocks."""

    def __init__(
        self,
        *,
        city: str,
        queries: QueryStore,
        query_writer: QueryWriter,
        writer: StatementWriter,
        registry: Registry,
        statements: OwnStatements,
        failpoints: Failpoints,
    ) -> None:
        """Wire it.

        Args:
            city: who used it where the operator reports without a department.
            queries: where uses are kept.
            query_writer: of that store.
            writer: of the store of the logs.
            registry: drafts.
            statements: our own.
            failpoints: of the process.
        """
        self._city = city
        self._queries = queries
        self._query_writer = query_writer
        self._writer = writer
        self._registry = registry
        self._statements = statements
        self._failpoints = failpoints
        self._refused: frozenset[bytes] = frozenset()
        """What could not be said the last time."""

    def run(self) -> int:
        """Say all that is not said yet; what cannot be said keeps nothing else waiting.

        Returns:
            The number of uses said.

        Raises:
            RefusedError: some cannot be said now; the next run tries again.
            StoreError: a database.
        """
        said = 0
        refused: dict[bytes, RefusedError] = {}
        while len(refused) < TRIED:
            with self._queries.read() as reads:
                waiting = [u for u in unpublished_uses(reads) if u.statement_id not in refused]
            uses = sorted(waiting, key=lambda use: use.statement_id in self._refused)
            if not uses:
                break
            said += self._say(uses, refused)
        self._refused = frozenset(refused)
        if refused:
            raise next(iter(refused.values()))
        return said

    def _say(self, uses: Sequence[BenefitUse], refused: dict[bytes, RefusedError]) -> int:
        """Say them together, or where that is refused each for itself; how many were said."""
        try:
            self._publish(uses)
        except RefusedError as error:
            if len(uses) == 1:
                refused[uses[0].statement_id] = error
                return 0
            return sum(self._say([use], refused) for use in uses if len(refused) < TRIED)
        return len(uses)

    def _publish(self, uses: Sequence[BenefitUse]) -> None:
        def drafts(session: WriteSession) -> list[Draft]:
            ours = sorted(self._statements.chain(session))
            ids = [use.statement_id for use in uses]
            there = {row.statement_id for row in session.rows_by_id(ours, ids)}
            with self._queries.read() as reads:
                return [
                    self._draft(session, reads, use)
                    for use in uses
                    if use.statement_id not in there
                ]

        self._writer.publish(Unit(drafts=drafts, record=lambda _session, _placed: None)).result()
        with self._failpoints.at("benefit.said"):
            self._query_writer.submit(
                lambda writes: set_uses_published(writes, [use.statement_id for use in uses])
            ).result()

    def _draft(self, session: WriteSession, reads: QueryReads, use: BenefitUse) -> Draft:
        """The OUTCOME of a use.

        Raises:
            RefusedError: `record.unknown`: the scenario's text is not held here; `charter.none`,
                `entitlement.…`.
        """
        of, check = benefit_check(reads, use.number), check_by_number(reads, use.number)
        head = None if of is None else session.head(Origin(of.origin))
        if of is None or head is None or of.idx >= head.size:
            message = f"the scenario of {use.number} is not held here"
            raise RefusedError("record.unknown", message)
        (leaf_hash,) = session.leaf_hashes([(head.log, of.idx)])
        origin = Origin(of.origin)
        payload = Outcome(
            audience=Audience(charters=(), purposes=(), members=(node_of(origin),)),
            case_id=use.case_id,
            result=OutcomeResult.BENEFIT_USED,
            scenario=Reference(origin=origin, index=of.idx, leaf_hash=LeafHash(leaf_hash)),
            department=self._department("" if check is None else check.department),
            decided_on=Date(use.used_on),
        )
        draft = self._registry.checked_draft(session, Kind.OUTCOME, 0, b"", payload)
        return draft._replace(statement_id=StatementId(use.statement_id))

    def _department(self, department: str) -> str:
        return (department or self._city)[:DEPARTMENT_MAX]
