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
from dataclasses import replace
from typing import Any, Protocol, TypeAlias

from adapters.sql.query_store import QueryWrites
from federation.errors import RefusedError
from federation.reconcile.catalog import Catalog
from federation.reconcile.matters import following, matter_to_json
from federation.screening.questions import Question, read
from federation.screening.roles import Action, Asker
from node.access.query_writer import QueryWriter
from node.screening.answers import answer_to_json
from node.screening.grouped import Grouped
from node.screening.judging import Judging
from node.screening.recording import Answered, Kept, Recording, ToKeep
from node.system.clock import Clock
from node.system.failpoints import Failpoints

_Raw: TypeAlias = tuple[Asker, Mapping[str, Any]]
_Asked: TypeAlias = tuple[Asker, Question]
"""A question that was admitted."""


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
        self._grouped = Grouped(admit=self._admitted, answer=self._answers, name="check")

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
        return self._grouped.ask((asker, raw))

    def _admitted(self, group: Sequence[_Raw]) -> list[_Asked | Exception]:
        return [self._one_admitted(asker, raw) for asker, raw in group]

    def _one_admitted(self, asker: Asker, raw: Mapping[str, Any]) -> _Asked | Exception:
        try:
            return asker, self.admit(asker, raw)
        except Exception as error:  # noqa: BLE001 - its caller is told, whatever it is
            return error

    def admit(self, asker: Asker, raw: Mapping[str, Any]) -> Question:
        """Read a question, and let it be asked.

        Raises:
            QuestionError: `question.…`.
            RefusedError: `access.…`.
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
        return question

    def _answers(self, asked: Sequence[_Asked]) -> list[dict[str, Any] | Exception]:
        """Judge and keep questions.

        Raises:
            RefusedError: `check.unready`.
            StoreError: a store; nothing is answered.
        """
        judged = self._judging.judged(asked)
        found = [one for one in judged if isinstance(one, Answered)]
        kept = iter(self.keep([one.to_keep() for one in found]) if found else ())
        return [one if isinstance(one, RefusedError) else _told(one, next(kept)) for one in judged]

    def keep(
        self, answers: Sequence[ToKeep], before: Callable[[], None] = lambda: None
    ) -> Sequence[Kept | RefusedError]:
        """Keep answers durably, in one unit (CK13).

        Args:
            answers: one or several.
            before: called at the moment of keeping, on the query writer's thread; what it raises
                ends the unit, and nothing is kept.

        Raises:
            StoreError: the query store; nothing is kept.
        """

        def unit(writes: QueryWrites) -> Sequence[Kept | RefusedError]:
            before()
            return self._recording.keep(writes, answers)

        with self._failpoints.at("check.record"):
            return self._writer.submit(unit).result()

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


def _told(said: Answered, kept: Kept | RefusedError) -> dict[str, Any] | Exception:
    return kept if isinstance(kept, RefusedError) else document(said, kept)


def document(said: Answered, kept: Kept) -> dict[str, Any]:
    """An answer that was kept, as it is told."""
    return answer_to_json(
        replace(said.answer, number=kept.number),
        matter=said.question.matter,
        normalised=said.question.normalised,
        due_on=kept.due_on,
        superseded=kept.superseded,
        promise=kept.promise,
    )
