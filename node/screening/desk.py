"""The desk at which departments ask: admitted, judged at this moment, recorded, answered.

Order of a check: who asks and whether it may (`node.access`), the matter, one snapshot of the store
(`node.screening.reading`), `federation.screening.checks.judge`, one durable unit of the query store
(`node.screening.recording`), the answer. Nothing of it is kept for the next question. Every call
blocks; any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, Protocol

from federation.ids import Date
from federation.ports.store import Store
from federation.reconcile.catalog import Catalog
from federation.reconcile.identity import code_fault
from federation.reconcile.matters import Matter, following, matter_asked, matter_to_json
from federation.screening.checks import Identity, Match, judge
from federation.screening.questions import read
from federation.screening.roles import Action, Asker
from node.access.query_writer import QueryWriter
from node.screening.answers import answer_to_json
from node.screening.coverage import LogCoverage
from node.screening.reading import SubjectRead, SubjectReading
from node.screening.recording import Recording
from node.system.clock import Clock
from node.system.failpoints import Failpoints

NUMBER_BYTES: Final = 6
_NOBODY: Final = SubjectRead(records=(), identity=Identity(known=None))


class Admission(Protocol):
    """Who may ask what, and how much (`node.access.admitting.Access`)."""

    def admit(
        self,
        asker: Asker,
        action: Action,
        *,
        matter: str = "",
        purpose: str = "",
        case: str = "",
        subject_code: str = "",
    ) -> None:
        """Let it be asked; a check is counted.

        Raises:
            RefusedError: `access.…`; says nothing of the subject.
        """
        ...


class ScreeningDesk:
    """Answers departments."""

    def __init__(  # noqa: PLR0913 - wired once, in node.screening.wiring
        self,
        *,
        region: str,
        store: Store,
        reading: SubjectReading,
        coverage: LogCoverage,
        catalog: Callable[[], Catalog],
        access: Admission,
        writer: QueryWriter,
        recording: Recording,
        due_on: Callable[[Date, int], Date],
        clock: Clock,
        token: Callable[[int], bytes],
        failpoints: Failpoints,
    ) -> None:
        """Wire it.

        Args:
            region: of this node, in the numbers of its answers.
            store: of the statements; only read.
            reading: what is held of a subject.
            coverage: how the logs stand.
            catalog: this city's, of the moment.
            access: who may ask.
            writer: of the query store.
            recording: what is kept of an answer.
            due_on: the last day for an outcome, so many working days after a day.
            clock: never behind any clock that is believed.
            token: gives that many random bytes.
            failpoints: for the crash tests.
        """
        self._region = region
        self._store = store
        self._reading = reading
        self._coverage = coverage
        self._catalog = catalog
        self._access = access
        self._writer = writer
        self._recording = recording
        self._due_on = due_on
        self._clock = clock
        self._token = token
        self._failpoints = failpoints

    def check(self, asker: Asker, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a question about one subject.

        Raises:
            QuestionError: `question.…`.
            RefusedError: `access.…`, `matter.…`, `check.unready`, `request.reused`.
            StoreError: a store; nothing was answered, and a second question is judged anew.
        """
        question = read(raw)
        self._access.admit(
            asker,
            Action.CHECK,
            matter=question.matter,
            purpose=question.purpose,
            case=question.case_no,
            subject_code=question.code,
        )
        now, today = self._clock.now(), self._clock.today()
        catalog = self._catalog()
        matter = matter_asked(catalog, question.matter, today)
        with self._store.read() as session:
            coverage = self._coverage.of(session)
            # Whoever has no valid code names nobody: nothing is looked up by it.
            faulty = bool(code_fault(question.scheme, question.code))
            subject = _NOBODY if faulty else self._reading.read(session, question)
        answer = judge(
            question,
            number=self._number(today),
            at=now,
            today=today,
            matter=matter,
            records=subject.records,
            identity=subject.identity,
            coverage=coverage,
            catalog=catalog,
        )
        due_on = self._due(matter, today, answer.matches)
        keep = partial(
            self._recording.keep, asker=asker, question=question, answer=answer, due_on=due_on
        )
        with self._failpoints.at("check.record"):
            kept = self._writer.submit(keep).result()
        return answer_to_json(
            replace(answer, number=kept.number),
            matter=question.matter,
            normalised=question.normalised,
            due_on=kept.due_on,
            superseded=kept.superseded,
            promise=kept.promise,
        )

    def matters(self, asker: Asker) -> list[dict[str, Any]]:
        """The matters about which the asker may ask today.

        Raises:
            RefusedError: `access.…`.
        """
        self._access.admit(asker, Action.MATTERS)
        catalog, today = self._catalog(), self._clock.today()
        return [
            matter_to_json(matter, catalog, today)
            for matter in catalog.matters(today)
            if asker.matters is None or matter.code in asker.matters
        ]

    def measures(self, asker: Asker) -> list[dict[str, Any]]:
        """The measures that may follow here today, and from which lists.

        Raises:
            RefusedError: `access.…`.
        """
        self._access.admit(asker, Action.MATTERS)
        catalog, today = self._catalog(), self._clock.today()
        return [
            {
                "code": measure.code,
                "name": measure.name,
                "basis": f"{measure.basis}{measure.article}",
                "measure_class": measure.measure_class,
                "implementer": measure.implementer,
                "list_types": list(list_types),
            }
            for measure, list_types in following(catalog, today)
        ]

    def _number(self, today: Date) -> str:
        return f"{self._region}-{today}-{self._token(NUMBER_BYTES).hex()}"

    def _due(self, matter: Matter, today: Date, matches: tuple[Match, ...]) -> Date:
        """The last day for outcomes, where any is due."""
        if not any(match.obliges for match in matches):
            return Date(0)
        return self._due_on(today, matter.outcome_within)
