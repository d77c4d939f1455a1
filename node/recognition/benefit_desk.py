"""The desk at which departments ask whether a firm may have a benefit here 场景适用核查.

Order of a question: who asks and whether it may (`node.access`), which scenario, one snapshot of
the store (`node.recognition.benefit_reading`), `federation.recognition.entitlement.entitled`, one
durable unit of the query store (`node.recognition.benefit_recording`), the answer. Questions about
one scenario that wait at one time go through it together (`node.access.together`). Of a scenario
that is not honoured here nothing of the subject is read. Any thread; but for `ask` every call
blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Protocol, TypeAlias

from adapters.errors import ConflictError, CorruptError, StoreError
from adapters.sql.benefits import BenefitCheck
from federation.errors import RefusedError
from federation.ids import Date, Origin, Timestamp
from federation.ports.store import ReadSession, Store
from federation.recognition.entitlement import Offered, Result, entitled, not_had, offered_as
from federation.recognition.facts import Facts
from federation.recognition.known import KnownScenario, Scenarios
from federation.recognition.recognitions import Standing
from federation.reconcile.catalog import Catalog
from federation.reconcile.held_records import Coverage, LogState
from federation.screening.roles import Action, Asker
from node.access.query_writer import QueryWriter
from node.access.together import Together
from node.charters.view import TrustView
from node.recognition.benefit_answers import Decided, decided_in_short, decided_to_json
from node.recognition.benefit_questions import BenefitQuestion, read_benefit, read_benefits
from node.recognition.benefit_reading import BenefitReading
from node.recognition.benefit_recording import Answered, BenefitRecording, Kept
from node.recognition.scenarios import ScenarioBook
from node.records.coverage import LogCoverage, coverage_to_json
from node.records.subject_reading import SubjectRead
from node.system.clock import Clock
from node.system.failpoints import Failpoints
from node.texts.catalog_names import names_of

NUMBER_BYTES: Final = 6
ID_DIGITS: Final = 32
"""Of a whole statement id; fewer are looked for among all that begin so."""
LISTED: Final = "listed"
"""Result of a question about all scenarios, as it is kept."""
_ONES: Final = (ConflictError, CorruptError)
"""What a store raises about the rows of one question."""
_Raw: TypeAlias = tuple[Asker, Mapping[str, Any]]


class Admission(Protocol):
    """Who may ask what, and how much (`node.access.admitting.Access`)."""

    def admit(
        self,
        asker: Asker,
        action: Action,
        *,
        purpose: str = "",
        case: str = "",
        subject_code: str = "",
    ) -> None:
        """Let it be asked; a question about a subject is counted.

        Raises:
            RefusedError: `access.…`; says nothing of the subject.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question that was admitted, and where its answer goes."""

    asker: Asker
    question: BenefitQuestion
    future: Future[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """What is the same for all questions of one snapshot."""

    session: ReadSession
    at: Timestamp
    today: Date
    catalog: Catalog
    coverage: tuple[Coverage, ...]
    scenarios: Scenarios
    node: Origin
    """Ours: the first log of its chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scenario:
    """A scenario, and how it stands here."""

    known: KnownScenario
    offered: Offered
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """An answer before it is kept: what is kept of it, and what is told."""

    kept: Answered
    document: dict[str, Any]


class BenefitDesk:
    """Answers departments about benefits."""

    def __init__(  # noqa: PLR0913 - wired once, in node.recognition.wiring
        self,
        *,
        region: str,
        store: Store,
        book: ScenarioBook,
        reading: BenefitReading,
        coverage: LogCoverage,
        trust: Callable[[], TrustView],
        catalog: Callable[[], Catalog],
        access: Admission,
        writer: QueryWriter,
        recording: BenefitRecording,
        clock: Clock,
        token: Callable[[int], bytes],
        failpoints: Failpoints,
    ) -> None:
        """Wire it.

        Args:
            region: of this node, which decides for itself alone.
            store: of the statements; only read.
            book: scenarios and how they stand.
            reading: what is held of a subject.
            coverage: how the logs stand.
            trust: the charters of the moment; they name cities.
            catalog: this city's, of the moment.
            access: who may ask.
            writer: of the query store.
            recording: what is kept of an answer.
            clock: never behind any clock that is believed.
            token: gives that many random bytes.
            failpoints: for the crash tests.
        """
        self._region = region
        self._store = store
        self._book = book
        self._reading = reading
        self._coverage = coverage
        self._trust = trust
        self._catalog = catalog
        self._access = access
        self._writer = writer
        self._recording = recording
        self._clock = clock
        self._token = token
        self._failpoints = failpoints
        self._together = Together(self._answer, name="benefit")

    def check(self, asker: Asker, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Answer whether a subject may have one benefit.

        Raises:
            QuestionError: `question.…`.
            RefusedError: `access.…`, `recognition.no-scenario`, `record.ambiguous`,
                `check.unready`, `request.reused`.
            StoreError: a store; nothing was answered, and a second question is judged anew.
        """
        return self.ask(asker, raw).result()

    def ask(self, asker: Asker, raw: Mapping[str, Any]) -> Future[dict[str, Any]]:
        """Let a question be answered as `check` does; the future raises what `check` raises."""
        return self._together.ask((asker, raw))

    def list(self, asker: Asker, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Answer which benefits of all that are honoured here a subject may have.

        Raises:
            As `check`, but for the scenario.
        """
        question = read_benefits(raw, self._region)
        self._admit(asker, question)
        with self._store.read() as session:
            moment = self._moment(session)
            judged = self._all(moment, asker, question)
        with self._failpoints.at("benefit.record"):
            (done,) = self._keep([judged])
        if isinstance(done, RefusedError):
            raise done
        return _told(judged, done)

    # ------------------------------------------------------------------ one of several questions

    def _answer(self, group: Sequence[tuple[_Raw, Future[dict[str, Any]]]]) -> None:
        asked = [one for raw, future in group if (one := self._admitted(*raw, future)) is not None]
        if not asked:
            return
        try:
            self._judge_and_keep(asked)
        except Exception as error:
            everybodys = isinstance(error, StoreError) and not isinstance(error, _ONES)
            if len(asked) == 1 or everybodys:
                raise
            for one in asked:
                if not one.future.done():
                    self._alone(one)

    def _alone(self, one: _Asked) -> None:
        try:
            self._judge_and_keep([one])
        except Exception as error:  # noqa: BLE001 - its caller is told, whatever it is
            one.future.set_exception(error)

    def _admitted(
        self, asker: Asker, raw: Mapping[str, Any], future: Future[dict[str, Any]]
    ) -> _Asked | None:
        """A question that may be asked; None where it may not, and its caller was told."""
        try:
            question = read_benefit(raw, self._region)
            self._admit(asker, question)
        except Exception as error:  # noqa: BLE001 - its caller is told, whatever it is
            future.set_exception(error)
            return None
        return _Asked(asker=asker, question=question, future=future)

    def _admit(self, asker: Asker, question: BenefitQuestion) -> None:
        self._access.admit(
            asker,
            Action.BENEFIT,
            purpose=question.purpose,
            case=question.case_no,
            subject_code=question.code,
        )

    def _judge_and_keep(self, asked: Sequence[_Asked]) -> None:
        """Answer questions.

        Raises:
            StoreError: a store; nothing more is answered.
        """
        judged = []
        with self._store.read() as session:
            moment = self._moment(session)
            opened = [(one, of) for one in asked if (of := self._of(moment, one)) is not None]
            had = [one for one, of in opened if self._is_had(moment, one.question, of.offered)]
            read = self._reading.subjects(session, [one.question for one in had])
            subjects = dict(zip(map(id, had), read, strict=True))
            for one, of in opened:
                facts = Facts()
                if id(one) in subjects:
                    facts = self._facts(moment, one.question, subjects[id(one)], [of.offered])
                judged.append((one, self._one(moment, one, of, facts)))
        if not judged:
            return
        with self._failpoints.at("benefit.record"):
            kept = self._keep([said for _, said in judged])
        told = [
            done if isinstance(done, RefusedError) else _told(said, done)
            for (_, said), done in zip(judged, kept, strict=True)
        ]
        for (one, _), answer in zip(judged, told, strict=True):
            if isinstance(answer, RefusedError):
                one.future.set_exception(answer)
            else:
                one.future.set_result(answer)

    def _keep(self, judged: Sequence[_Judged]) -> Sequence[Kept | RefusedError]:
        keep = partial(self._recording.keep, answered=[said.kept for said in judged])
        return self._writer.submit(keep).result()

    # ------------------------------------------------------------------ deciding

    def _moment(self, session: ReadSession) -> _Moment:
        ours = [head.origin for head in session.heads() if head.ours]
        return _Moment(
            session=session,
            at=self._clock.now(),
            today=self._clock.today(),
            catalog=self._catalog(),
            coverage=self._coverage.of(session),
            scenarios=self._book.read(session),
            node=self._book.node(Origin(ours[-1])) if ours else Origin(""),
        )

    def _of(self, moment: _Moment, one: _Asked) -> _Scenario | None:
        """The scenario that is asked about; None where there is none, and its caller was told."""
        try:
            return self._scenario(moment, _named(moment.scenarios, one.question.scenario))
        except RefusedError as error:
            one.future.set_exception(error)
            return None

    def _scenario(self, moment: _Moment, known: KnownScenario) -> _Scenario:
        standing = self._book.standing_at(known, moment.node, moment.today)
        offered = offered_as(known.newest.scenario, standing)
        return _Scenario(known=known, offered=offered, standing=standing)

    def _one(self, moment: _Moment, one: _Asked, of: _Scenario, facts: Facts) -> _Judged:
        question, word = one.question, of.known.newest
        decided = self._decided(moment, question, of, facts)
        kept = self._answered(
            moment, one.asker, question, decided.entitlement.result.value, [decided]
        )
        check = BenefitCheck(
            number=kept.number,
            scenario=of.known.id,
            origin=word.origin,
            idx=word.index,
            place=question.place,
        )
        document = decided_to_json(decided, names_of(moment.catalog, moment.today))
        return _Judged(
            kept=replace(kept, of=check),
            document=_document(moment, question, kept) | document,
        )

    def _all(self, moment: _Moment, asker: Asker, question: BenefitQuestion) -> _Judged:
        """All scenarios that are honoured here, or about which this region is asked again."""
        found = [self._scenario(moment, known) for known in moment.scenarios.all]
        shown = [of for of in found if not of.offered.refused or of.offered.unsettled]
        had = [of.offered for of in shown if self._is_had(moment, question, of.offered)]
        facts = Facts()
        if had:  # nothing is read where nobody has any of it (BN1)
            (subject,) = self._reading.subjects(moment.session, [question])
            facts = self._facts(moment, question, subject, had)
        decided = [self._decided(moment, question, of, facts) for of in shown]
        kept = self._answered(moment, asker, question, LISTED, decided)
        rows = [decided_in_short(one) for one in decided]
        rows.sort(key=lambda row: (_ORDER[row["result"]], row["title"], row["scenario"]))
        return _Judged(kept=kept, document=_document(moment, question, kept) | {"benefits": rows})

    @staticmethod
    def _is_had(moment: _Moment, question: BenefitQuestion, offered: Offered) -> bool:
        return not not_had(offered, question.place, moment.today)

    def _facts(
        self,
        moment: _Moment,
        question: BenefitQuestion,
        subject: SubjectRead | None,
        had: Sequence[Offered],
    ) -> Facts:
        conditions = [
            condition
            for one in had
            for condition in (one.scenario.condition, one.further)
            if condition is not None
        ]
        return self._reading.facts(moment.session, question, subject, conditions, moment.coverage)

    def _decided(
        self,
        moment: _Moment,
        question: BenefitQuestion,
        of: _Scenario,
        facts: Facts,
    ) -> Decided:
        trust, origin = self._trust(), of.known.newest.origin
        return Decided(
            known=of.known,
            region=trust.region(origin),
            city=trust.city(origin) or origin,
            standing=of.standing,
            entitlement=entitled(
                of.offered,
                facts,
                place=question.place,
                purpose=question.purpose,
                day=moment.today,
            ),
        )

    def _answered(
        self,
        moment: _Moment,
        asker: Asker,
        question: BenefitQuestion,
        result: str,
        decided: Sequence[Decided],
    ) -> Answered:
        number = f"{self._region}-{moment.today}-{self._token(NUMBER_BYTES).hex()}"
        return Answered(
            asker=asker,
            question=question,
            number=number,
            at=moment.at,
            result=str(result),
            complete=all(log.state is LogState.OK for log in moment.coverage),
            evidence=[one for each in decided for one in each.evidence],
        )


def _document(moment: _Moment, question: BenefitQuestion, kept: Answered) -> dict[str, Any]:
    """What every answer says beside what was decided."""
    return {
        "at": kept.at,
        "place": question.place,
        "complete": kept.complete,
        "coverage": [coverage_to_json(log) for log in moment.coverage],
        "normalised": list(question.normalised),
    }


_ORDER: Final = {Result.ENTITLED.value: 0, Result.UNDECIDED.value: 1, Result.NOT.value: 2}


def _named(scenarios: Scenarios, digits: str) -> KnownScenario:
    """The scenario of which a text has an id that begins so.

    Raises:
        RefusedError: `recognition.no-scenario`, `record.ambiguous`.
    """
    whole = scenarios.find(bytes.fromhex(digits)) if len(digits) == ID_DIGITS else None
    if whole is not None:
        return whole
    found = [
        known
        for known in scenarios.all
        if any(word.statement_id.hex().startswith(digits) for word in known.words)
    ]
    if not found:
        message = f"没有这个场景，见 huxin scenarios list / no scenario {digits!r} is held here"
        raise RefusedError("recognition.no-scenario", message)
    if len(found) > 1:
        message = f"{digits!r}: 请多写几位 / expected more digits; several begin so"
        raise RefusedError("record.ambiguous", message)
    return found[0]


def _told(judged: _Judged, kept: Kept) -> dict[str, Any]:
    return {"number": kept.number, **judged.document, "promise": dict(kept.promise)}
