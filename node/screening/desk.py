"""The desk at which departments ask: admitted, judged at this moment, recorded, answered.

Order of a check: who asks and whether it may (`node.access`), the matter, one snapshot of the store
and `federation.screening.checks.judge` (`node.screening.judging`), one durable unit of the query
store (`node.screening.recording`), the answer. Questions that wait at one time go through it
together (`node.access.together`): the snapshot begins when all of them have been asked, and what
one is refused or breaks is none of the others'. Nothing of it is kept for the next question. Any
thread; but for `ask` every call blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Protocol, TypeAlias

from adapters.errors import ConflictError, CorruptError, StoreError
from federation.errors import RefusedError
from federation.reconcile.catalog import Catalog
from federation.reconcile.matters import following, matter_to_json
from federation.screening.questions import Question, read
from federation.screening.roles import Action, Asker
from node.access.query_writer import QueryWriter
from node.access.together import Together
from node.screening.answers import answer_to_json
from node.screening.judging import Judging
from node.screening.recording import Answered, Kept, Recording
from node.system.clock import Clock
from node.system.failpoints import Failpoints

_ONES: Final = (ConflictError, CorruptError)
"""What a store raises about the rows of one question."""
_Raw: TypeAlias = tuple[Asker, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question that was admitted, and where its answer goes."""

    asker: Asker
    question: Question
    future: Future[dict[str, Any]]


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

    def __init__(
        self,
        *,
        judging: Judging,
        catalog: Callable[[], Catalog],
        access: Admission,
        writer: QueryWriter,
        recording: Recording,
        clock: Clock,
        failpoints: Failpoints,
    ) -> None:
        """Wire it.

        Args:
            judging: judges questions.
            catalog: this city's, of the moment.
            access: who may ask.
            writer: of the query store.
            recording: what is kept of an answer.
            clock: never behind any clock that is believed.
            failpoints: for the crash tests.
        """
        self._judging = judging
        self._catalog = catalog
        self._access = access
        self._writer = writer
        self._recording = recording
        self._clock = clock
        self._failpoints = failpoints
        self._together = Together(self._answer, name="check")

    def check(self, asker: Asker, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a question about one subject.

        Raises:
            QuestionError: `question.…`.
            RefusedError: `access.…`, `matter.…`, `check.unready`, `request.reused`.
            StoreError: a store; nothing was answered, and a second question is judged anew.
        """
        return self.ask(asker, raw).result()

    def ask(self, asker: Asker, raw: Mapping[str, Any]) -> Future[dict[str, Any]]:
        """Let a question be answered as `check` does; the future raises what `check` raises."""
        return self._together.ask((asker, raw))

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
            question = read(raw)
            self._access.admit(
                asker,
                Action.CHECK,
                matter=question.matter,
                purpose=question.purpose,
                case=question.case_no,
                subject_code=question.code,
            )
        except Exception as error:  # noqa: BLE001 - its caller is told, whatever it is
            future.set_exception(error)
            return None
        return _Asked(asker=asker, question=question, future=future)

    def _judge_and_keep(self, asked: Sequence[_Asked]) -> None:
        """Answer questions.

        Raises:
            StoreError: a store; nothing more is answered.
        """
        judged = self._judged(asked)
        if not judged:
            return
        keep = partial(self._recording.keep, answered=[said for _, said in judged])
        with self._failpoints.at("check.record"):
            kept = self._writer.submit(keep).result()
        told = [
            done if isinstance(done, RefusedError) else _answer_to_json(said, done)
            for (_, said), done in zip(judged, kept, strict=True)
        ]
        for (one, _), answer in zip(judged, told, strict=True):
            if isinstance(answer, RefusedError):
                one.future.set_exception(answer)
            else:
                one.future.set_result(answer)

    def _judged(self, asked: Sequence[_Asked]) -> list[tuple[_Asked, Answered]]:
        """Judge questions in one snapshot; whose matter cannot be asked for is told so."""
        judged = self._judging.judged([(one.asker, one.question) for one in asked])
        found = []
        for one, said in zip(asked, judged, strict=True):
            if isinstance(said, RefusedError):
                one.future.set_exception(said)
            else:
                found.append((one, said))
        return found

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


def _answer_to_json(said: Answered, kept: Kept) -> dict[str, Any]:
    return answer_to_json(
        replace(said.answer, number=kept.number),
        matter=said.question.matter,
        normalised=said.question.normalised,
        due_on=kept.due_on,
        superseded=kept.superseded,
        promise=kept.promise,
    )
