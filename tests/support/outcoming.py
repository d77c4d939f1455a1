"""A simulated node's outcomes 惩戒反馈: query store, desk, job; matches as checks leave them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from adapters.sql.checks import StoredCheck, StoredMatch, add_checks, add_matches
from adapters.sql.outcomes import MatchRow, match_of
from adapters.sql.query_store import QueryStore, open_query_store
from federation.ids import Date, StatementId
from federation.ports.findings import Place
from federation.ports.store import WriteSession
from federation.working_days import WorkingDays, WorkingYear
from node.access.query_keys import QueryKeys
from node.access.query_writer import QueryWriter
from node.reconcile.job import judge_anew
from node.screening.outcome_desk import OutcomeDesk
from node.screening.outcome_documents import OutcomeDocuments
from node.screening.outcome_job import OutcomeJob
from node.screening.outcome_origin import OutcomeReads
from node.screening.outcome_saying import OutcomeSaying
from node.system.clock import date_of
from tests.support.desks import records_of
from tests.support.invented import InlineWriter, code_of, name_of
from tests.support.screened import Screened
from tests.support.simulation import SimNode
from tests.support.telling import InlinePublishing

DENY = {
    "code": "deny-tender",
    "name": "禁止参加政府采购活动",
    "class": "block",
    "basis": "《政府采购法》第七十七条",
    "article": "第七十七条",
    "manner": "拦截",
}
WARN = DENY | {"code": "warn", "name": "提示", "class": "prompt", "manner": "提示"}
CODE, NAME = code_of(1), name_of(1)
"""As it was asked about."""
DEPARTMENT = "交易中心（演示）"
DAYS = WorkingDays(
    {
        year: WorkingYear(
            year=year, off=frozenset(), working=frozenset(), source="", confirmed_by="x"
        )
        for year in (2026, 2027)
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Who reports."""

    department: str = DEPARTMENT
    credential: str = "c1"
    local: bool = False


OPERATOR = Reports(department="", credential="", local=True)


class BothWriters(InlinePublishing, InlineWriter):
    """`node.log.writer.Writer`, on the thread that asks."""


@dataclass(slots=True, kw_only=True)
class Outcoming:
    """What a node has for outcomes."""

    node: SimNode
    queries: QueryStore
    query_writer: QueryWriter
    keys: QueryKeys
    desk: OutcomeDesk
    job: OutcomeJob
    saying: OutcomeSaying
    documents: OutcomeDocuments
    numbers: int = field(default=0)

    def checked(
        self,
        about: StatementId,
        *measures: dict[str, str],
        case: str = "案1",
        department: str = DEPARTMENT,
        due_on: int = 20261127,
        matter: str = "procurement",
    ) -> MatchRow:
        """A check of today whose one match is a listing, as `node.screening.desk` keeps it."""
        self.numbers += 1
        now = self.node.clock.now()
        with self.node.store.read() as session:
            row = session.rows_by_id(None, [about])[0]
            (head,) = (h for h in session.heads() if h.log == row.log)
        number = f"{self.node.member}-{date_of(now)}-{self.numbers:012x}"
        sealed = self.keys.seal(
            json.dumps({"case_no": case, "code": CODE, "name": NAME}, ensure_ascii=False).encode(),
            place=number.encode(),
        )
        with self.queries.write() as writes:
            add_checks(
                writes,
                [
                    StoredCheck(
                        number=number,
                        asker="c1",
                        request_key=self.keys.tag(number.encode()),
                        question_tag=b"q" * 16,
                        department=department,
                        matter=matter,
                        case_tag=self.keys.tag(case.encode()),
                        at=now,
                        result="match",
                        complete=True,
                        query_id=b"i" * 16,
                        key=sealed.key,
                        sealed=sealed.data,
                    )
                ],
            )
            add_matches(
                writes,
                [
                    StoredMatch(
                        number=number,
                        origin=head.origin,
                        idx=row.idx,
                        record_tag=row.record_tag or b"",
                        list_type=row.list_type,
                        matter=matter,
                        measures=json.dumps(list(measures), ensure_ascii=False),
                        due_on=due_on if measures else 0,
                        state="pending" if measures else "closed",
                    )
                ],
            )
        return self.at(number, head.origin, row.idx)

    def now(self, match: MatchRow) -> MatchRow:
        """A match as it stands."""
        return self.at(match.number, match.origin, match.idx)

    def at(self, number: str, origin: str, index: int) -> MatchRow:
        """The match of a check and a place."""
        with self.queries.read() as reads:
            found = match_of(reads, number, origin, index)
        assert found is not None
        return found


def outcoming_of(
    node: SimNode,
    *,
    screened: Screened | None = None,
    today: Callable[[], Date] | None = None,
) -> Outcoming:
    """Wire it as the program does; over the query store of a desk that answers, if there is one."""
    today = today or (lambda: date_of(node.clock.now()))
    if screened is None:
        store = open_query_store("sqlite:///:memory:")
        query_writer = QueryWriter(store)
        directory = node.directory / "state" / "queries"
        keys = QueryKeys(directory, now=node.clock.now, token=node.tokens)
    else:
        store, query_writer, keys = screened.store, screened.writer, screened.keys
    records = records_of(node)

    def judge(session: WriteSession, places: Sequence[Place]) -> None:
        judge_anew(node.reconciliation, session, places)

    documents = OutcomeDocuments(
        queries=store,
        keys=keys,
        store=node.store,
        records=records,
        reads=OutcomeReads(payloads=records.payloads, trust=node.trust),
        trust=node.trust,
        catalog=lambda: node.catalog,
        working_days=lambda: DAYS,
        today=today,
    )
    saying = OutcomeSaying(
        city=f"{node.member}市（演示）",
        queries=store,
        query_writer=query_writer,
        store=node.store,
        writer=BothWriters(node.run),
        registry=node.registry,
        statements=node.statements,
        judge=judge,
        now=node.clock.now,
        failpoints=node.failpoints,
    )
    desk = OutcomeDesk(
        queries=store,
        query_writer=query_writer,
        keys=keys,
        saying=saying,
        documents=documents,
        now=node.clock.now,
        today=today,
        token=node.tokens,
        failpoints=node.failpoints,
    )
    job = OutcomeJob(
        queries=store,
        query_writer=query_writer,
        store=node.store,
        saying=saying,
        documents=documents,
        catalog=lambda: node.catalog,
        working_days=lambda: DAYS,
        now=node.clock.now,
        today=today,
        relieved_on=records.relieved_on,
        failpoints=node.failpoints,
    )
    return Outcoming(
        node=node,
        queries=store,
        query_writer=query_writer,
        keys=keys,
        desk=desk,
        job=job,
        saying=saying,
        documents=documents,
    )
