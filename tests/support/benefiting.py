"""The desks of benefits of a simulated node, with a query store of their own in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from federation.errors import RefusedError
from federation.ids import Date
from federation.ports.store import ReadSession
from federation.recognition.facts import Held
from federation.reconcile.named_subject import Named
from federation.screening.roles import Asker
from node.recognition.benefit_desk import BenefitDesk
from node.recognition.benefit_reading import BenefitReading, Trust
from node.recognition.benefit_recording import BenefitRecording
from node.recognition.promises import Promises
from node.recognition.use_desk import UseDesk
from node.recognition.use_job import UseJob
from node.recognition.use_saying import UseSaying
from node.records.coverage import LogCoverage
from node.records.subject_codes import SubjectCodes
from node.records.subject_reading import SubjectReading
from tests.support.desks import records_of
from tests.support.invented import code_of, name_of
from tests.support.outcoming import BothWriters
from tests.support.screened import LOCAL, Screened
from tests.support.simulation import SimNode

WINDOW = "政务服务中心（演示）"


class Earned:
    """What subjects have earned, as tests say."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[Held, ...]] = {}
        self.asked = 0

    def of_subject(self, session: ReadSession, asked: Named) -> Sequence[Held]:
        """See `node.recognition.benefit_reading.Trust`."""
        assert session.heads()
        self.asked += 1
        return self.held.get(asked.code, ())


class Benefiting:
    """Asks and reports at one node."""

    def __init__(
        self, node: SimNode, directory: Path, *, trust: Trust, queries: str = "sqlite:///:memory:"
    ) -> None:
        self.node = node
        self.screened = Screened(node, directory, queries)
        self.access = self.screened.access
        records, today = records_of(node), node.trusted.latest.today
        self.refusal: RefusedError | None = None
        self.desk = BenefitDesk(
            region=str(node.member),
            store=node.store,
            book=node.scenarios,
            reading=BenefitReading(
                reading=SubjectReading(
                    records=records,
                    judged=node.reconciliation.findings,
                    library=node.library,
                    tagger=node.keyring,
                    trust=node.trust,
                    refusal=lambda: self.refusal,
                    today=today,
                ),
                trust=trust,
                promises=Promises(
                    payloads=records.payloads,
                    codes=SubjectCodes(library=node.library, tagger=node.keyring),
                    trust=node.trust,
                ),
                catalog=lambda: node.catalog,
                today=today,
            ),
            coverage=LogCoverage(
                doubts=node.doubts, trust=node.trust, refusal=lambda: self.refusal
            ),
            trust=node.trust,
            catalog=lambda: node.catalog,
            access=self.access,
            writer=self.screened.writer,
            recording=BenefitRecording(
                keys=self.screened.keys, log=self.screened.log, answered=self.access.answered
            ),
            clock=node.trusted.latest,
            token=node.tokens,
            failpoints=node.failpoints,
        )
        saying = UseSaying(
            city=f"{node.member}市（演示）",
            queries=self.screened.store,
            query_writer=self.screened.writer,
            writer=BothWriters(node.run),
            registry=node.registry,
            statements=node.statements,
            failpoints=node.failpoints,
        )
        self.uses = UseDesk(
            queries=self.screened.store,
            query_writer=self.screened.writer,
            keys=self.screened.keys,
            store=node.store,
            book=node.scenarios,
            payloads=records.payloads,
            trust=node.trust,
            saying=saying,
            now=node.clock.now,
            today=today,
            token=node.tokens,
            failpoints=node.failpoints,
        )
        self.job = UseJob(saying=saying, waiting=self.uses.waiting)

    def asked(self, number: int, **changed: Any) -> dict[str, Any]:
        """A question about an invented subject."""
        return {
            "request_id": self.node.tokens(8).hex(),
            "case_no": "政务〔2026〕12号",
            "purpose": "joint-incentive",
            "code": code_of(number),
            "name": name_of(number),
        } | changed

    def check(
        self, number: int, scenario: bytes, asker: Asker = LOCAL, **changed: Any
    ) -> dict[str, Any]:
        """Ask about one scenario."""
        return self.desk.check(asker, self.asked(number, scenario=scenario.hex(), **changed))

    def listed(self, number: int, asker: Asker = LOCAL, **changed: Any) -> dict[str, Any]:
        """Ask about all."""
        return self.desk.list(asker, self.asked(number, **changed))

    def used(self, number: str, asker: Asker = LOCAL, **changed: Any) -> dict[str, Any]:
        """Report a use of today."""
        report = {"check": number, "used_on": self.node.clock.today(), "person": "李某"}
        return self.uses.report(asker, report | changed)

    def counted(self) -> list[dict[str, Any]]:
        """Uses of all time."""
        return self.uses.figures(Date(20200101), Date(20991231))

    def close(self) -> None:
        """Let go of the query store."""
        self.screened.close()
