"""A region that lets its departments watch: the desk of watches over a simulated node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.sql.query_store import QueryWrites
from federation.errors import RefusedError
from federation.ids import Date
from federation.ports.touched import Touched
from federation.screening.roles import Action, Asker
from node.records.coverage import LogCoverage
from node.records.subject_reading import SubjectReading
from node.screening.watch_desk import WatchDesk
from node.screening.watch_ending import WatchEnding
from node.screening.watch_judging import WatchJudging
from node.screening.watch_opening import WatchOpening
from node.screening.watch_reading import WatchReading
from tests.support.desks import records_of
from tests.support.invented import code_of, name_of
from tests.support.screened import LOCAL, MATTER, Screened

KEPT: int = 5 * 366 * 86_400
UNTIL = 20270301


class CaseAdmitting:
    """Lets everybody watch, until a test says otherwise, and keeps what was admitted."""

    def __init__(self) -> None:
        self.refusal: RefusedError | None = None
        self.cases: list[tuple[str, int, int]] = []
        self.counted = 0

    def admit(self, asker: Asker, action: Action) -> None:
        del asker
        assert action is Action.WATCH
        if self.refusal is not None:
            raise self.refusal

    def admit_rows(
        self, asker: Asker, action: Action, rows: int, *, matter: str, purpose: str, total: int
    ) -> None:
        self.admit(asker, action)
        assert matter
        assert purpose
        if rows:
            self.cases.append((asker.credential, rows, total))

    def answered(self, writes: QueryWrites, asker: Asker, count: int) -> None:
        del asker
        assert writes.connection.in_transaction()
        self.counted += count


class Watching:
    """The desk of watches beside the desk of questions of a simulated node."""

    def __init__(self, screened: Screened) -> None:
        self.screened = screened
        self.access = CaseAdmitting()
        self.seconds = 60.0
        """That one reading may take."""
        self.elapsed = 0.0
        """That pass at each look at the clock."""
        self._monotonic = 0.0
        self.restart()
        self.listen()

    def listen(self) -> None:
        """Hear of what the node's store of now touches."""
        self.screened.node.store.listen(self._touched)

    def _touched(self, touched: Touched) -> None:
        self.desk.touched(touched)

    def today(self) -> Date:
        """As the node's clock has it then."""
        return self.screened.node.clock.today()

    def monotonic(self) -> float:
        self._monotonic += self.elapsed
        return self._monotonic

    def judging(self) -> WatchJudging:
        """Build what judges over the node's parts of now."""
        screened, node = self.screened, self.screened.node
        return WatchJudging(
            reading=SubjectReading(
                records=records_of(node),
                judged=node.reconciliation.findings,
                library=node.library,
                tagger=node.keyring,
                trust=node.trust,
                refusal=lambda: screened.refusal,
                today=self.today,
            ),
            coverage=LogCoverage(
                doubts=node.doubts, trust=node.trust, refusal=lambda: screened.refusal
            ),
            doubts=node.doubts,
            trust=node.trust,
            refusal=lambda: screened.refusal,
            catalog=lambda: node.catalog,
            library=lambda: id(node.library),
            clock=node.clock,
        )

    def restart(self) -> None:
        """Build the desk anew over the node's parts of now, knowing nothing."""
        screened, node = self.screened, self.screened.node
        judging = self.judging()
        self.reading = WatchReading(
            store=node.store,
            queries=screened.store,
            writer=screened.writer,
            keys=screened.keys,
            log=screened.log,
            judging=judging,
            monotonic=self.monotonic,
            failpoints=node.failpoints,
            seconds=self.seconds,
        )
        opening = WatchOpening(
            region=node.member,
            judging=judging,
            access=self.access,
            queries=screened.store,
            writer=screened.writer,
            keys=screened.keys,
            log=screened.log,
            clock=node.clock,
            keep_seconds=KEPT,
            token=node.tokens,
            failpoints=node.failpoints,
        )
        self.counting = True
        self.expires_on = 20991231
        """Whether credentials count."""
        self.ending = WatchEnding(
            queries=screened.store,
            writer=screened.writer,
            counts=lambda _, day: self.counting and day <= self.expires_on,
            trusted=node.clock.now,
            forget=self.reading.forget,
        )
        self.desk = WatchDesk(
            opening=opening,
            reading=self.reading,
            access=self.access,
            queries=screened.store,
            writer=screened.writer,
            keys=screened.keys,
            log=screened.log,
            clock=node.clock,
            failpoints=node.failpoints,
        )

    def open(self, numbers: Iterable[int], asker: Asker = LOCAL, **changed: Any) -> dict[str, Any]:
        """Watch invented subjects."""
        rows = [{"code": code_of(number), "name": name_of(number)} for number in numbers]
        return self.open_rows(rows, asker, **changed)

    def open_rows(
        self, rows: Iterable[object], asker: Asker = LOCAL, **changed: Any
    ) -> dict[str, Any]:
        """Watch who stands in rows."""
        terms = {
            "request_id": self.screened.node.tokens(8).hex(),
            "matter": MATTER,
            "case_no": "宜财〔2026〕12号",
            "purpose": "joint-punishment",
            "until": Date(UNTIL),
        }
        return self.desk.open(asker, terms | changed, rows)

    def read(
        self, watch: str, after: str = "", asker: Asker = LOCAL, size: int = 0
    ) -> dict[str, Any]:
        """Read a page."""
        page = self.desk.read(asker, watch, after=after, size=size)
        assert page is not None
        return page

    def all(self, watch: str, after: str = "", size: int = 0) -> tuple[list[dict[str, Any]], str]:
        """All events from a position on, and the position behind them."""
        events: list[dict[str, Any]] = []
        while True:
            page = self.read(watch, after, size=size)
            events += page["events"]
            after = page["position"]
            if not page["more"] and not page["pending"]:
                return events, after
