"""A region that screens: its catalog with a matter, and questions about invented subjects."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from adapters.sql.query_store import QueryWrites, open_query_store
from crypto.keys import KeyType, Signer
from federation.errors import RefusedError
from federation.ids import Date, Origin
from federation.reconcile.catalog import Catalog
from federation.screening.roles import Action, Asker, Role
from node.access.query_keys import QueryKeys
from node.access.query_log import QueryLog
from node.access.query_writer import QueryWriter
from node.records.coverage import LogCoverage
from node.records.subject_reading import SubjectReading
from node.screening.desk import ScreeningDesk
from node.screening.judging import Judging
from node.screening.recording import Recording
from tests.support import charters as build
from tests.support.catalogs import catalog_of, edition_text
from tests.support.desks import records_of
from tests.support.invented import code_of, name_of
from tests.support.simulation import SimNode

MATTER, BARE, WAITING = "government-funds", "tendering", "honours"
"""A matter with a measure, one without, one that nobody confirmed."""
MEASURE = "limit-funds"
QUERIES = Origin("queries.511500.huxin.example/1")


def matters_text(
    *, suspends: bool = True, lists: tuple[str, ...] = (build.COURT_LIST,), **row_fields: object
) -> str:
    """An edition whose lists lead to a measure in one matter, by a row with further fields."""
    document = yaml.safe_load(
        edition_text("matters-2026", lists=lists, name="失信名单（演示）", measures=[MEASURE])
    )
    document["measures"] = {
        MEASURE: {
            "name": "限制政府资金支持",
            "basis": "演示条例",
            "article": "第四十八条",
            "basis_rank": "administrative-regulation",
            "measure_class": 1,
            "certainty": "C",
        }
    }
    row = {"list_types": list(lists), "manner": "提示经办人", **row_fields}
    document["matters"] = {
        code: {
            "name": f"事项 {code}（演示）",
            "basis": "演示条例",
            "rows": {MEASURE: row} if code != BARE else {},
            "outcome_days": 5,
            "objection_suspends": suspends,
            "certainty": "M" if code == WAITING else "C",
        }
        for code in (MATTER, BARE, WAITING)
    }
    return yaml.safe_dump(document, allow_unicode=True)


@cache
def screening_catalog(*, suspends: bool = True) -> Catalog:
    """The catalog of that edition alone."""
    return catalog_of(matters_text(suspends=suspends))


def asked(number: int = 1, **changed: Any) -> dict[str, Any]:
    """A question about an invented subject."""
    return {
        "request_id": "r-1",
        "matter": MATTER,
        "case_no": "宜财〔2026〕12号",
        "purpose": "joint-punishment",
        "scheme": "uscc",
        "code": code_of(number),
        "name": name_of(number),
    } | changed


LOCAL = Asker(
    credential="",
    department="本机",
    roles=frozenset({Role.OPERATOR}),
    matters=None,
    purposes=None,
    local=True,
)
FINANCE = Asker(
    credential="k1",
    department="财政局（演示）",
    roles=frozenset({Role.DEPARTMENT}),
    matters=frozenset({MATTER}),
    purposes=frozenset({"joint-punishment"}),
)


class Admitting:
    """Lets everybody ask, until a test says otherwise, and keeps what was asked and answered."""

    def __init__(self) -> None:
        self.refusal: RefusedError | None = None
        self.asked: list[tuple[str, Action, dict[str, str]]] = []
        self.counted: list[str] = []

    def admit(self, asker: Asker, action: Action, **question: str) -> None:
        """See `node.screening.desk.Admission`."""
        self.asked.append((asker.credential, action, question))
        if self.refusal is not None:
            raise self.refusal

    def answered(self, writes: QueryWrites, asker: Asker, count: int) -> None:
        """Count answers in their unit."""
        assert writes.connection.in_transaction()
        self.counted += [asker.credential] * count


class Screened:
    """The desk of a simulated node, with a query store of its own in memory."""

    def __init__(self, node: SimNode, directory: Path, queries: str = "sqlite:///:memory:") -> None:
        self.node = node
        self.access = Admitting()
        self.store = open_query_store(queries)
        self.writer = QueryWriter(self.store)
        self.keys = QueryKeys(directory / "queries", now=node.clock.now, token=node.tokens)
        self.signer = Signer(name=QUERIES, type=KeyType.NOTE, seed=bytes(32))
        self.log = QueryLog(
            origin=QUERIES,
            signer=self.signer,
            keys=self.keys,
            token=node.tokens,
        )
        self.refusal: RefusedError | None = None
        self.desk = self.wired()

    def wired(self) -> ScreeningDesk:
        """Build the desk over the node's parts of now."""
        node = self.node
        return ScreeningDesk(
            judging=self.judging(),
            catalog=lambda: node.catalog,
            access=self.access,
            writer=self.writer,
            recording=self.recording(),
            clock=node.clock,
            failpoints=node.failpoints,
        )

    def recording(self) -> Recording:
        """What keeps answers."""
        return Recording(keys=self.keys, log=self.log, answered=self.access.answered)

    def judging(self) -> Judging:
        """What judges questions, over the node's parts of now."""
        node = self.node
        return Judging(
            region=node.member,
            store=node.store,
            reading=SubjectReading(
                records=records_of(node),
                judged=node.reconciliation.findings,
                library=node.library,
                tagger=node.keyring,
                trust=node.trust,
                refusal=lambda: self.refusal,
                today=node.clock.today,
            ),
            coverage=LogCoverage(
                doubts=node.doubts, trust=node.trust, refusal=lambda: self.refusal
            ),
            catalog=lambda: node.catalog,
            due_on=lambda day, days: Date(day + days),
            clock=node.clock,
            token=node.tokens,
        )

    def check(self, number: int = 1, asker: Asker = LOCAL, **changed: Any) -> dict[str, Any]:
        """Ask about an invented subject."""
        changed.setdefault("request_id", self.node.tokens(8).hex())
        return self.desk.check(asker, asked(number, **changed))

    def close(self) -> None:
        """Let go of the query store."""
        self.writer.close()
        self.store.close()
