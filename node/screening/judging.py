"""Questions judged: what is held of their subjects in one snapshot, and what follows (CK5 to CK12).

For whoever asks, about one subject or many. Nothing is kept from one call to the next. Any thread;
blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from federation.errors import RefusedError
from federation.ids import Date
from federation.ports.store import Store
from federation.reconcile.catalog import Catalog
from federation.reconcile.held_records import Coverage, Identity
from federation.reconcile.identity import code_fault
from federation.reconcile.matters import Matter, matter_asked
from federation.screening.checks import Match, judge
from federation.screening.questions import Question
from federation.screening.roles import Asker
from node.records.coverage import LogCoverage
from node.records.subject_reading import SubjectRead, SubjectReading
from node.screening.recording import Answered
from node.system.clock import Clock

NUMBER_BYTES: Final = 6
_NOBODY: Final = SubjectRead(records=(), identity=Identity(known=None))

Judged = Answered | RefusedError
"""An answer, or why its matter cannot be asked about."""


class Judging:
    """Judges questions."""

    def __init__(
        self,
        *,
        region: str,
        store: Store,
        reading: SubjectReading,
        coverage: LogCoverage,
        catalog: Callable[[], Catalog],
        due_on: Callable[[Date, int], Date],
        clock: Clock,
        token: Callable[[int], bytes],
    ) -> None:
        """Wire it.

        Args:
            region: of this node, in the numbers of its answers.
            store: of the statements; only read.
            reading: what is held of a subject.
            coverage: how the logs stand.
            catalog: this city's, of the moment.
            due_on: the last day for an outcome, so many working days after a day.
            clock: never behind any clock that is believed.
            token: gives that many random bytes.
        """
        self._region = region
        self._store = store
        self._reading = reading
        self._coverage = coverage
        self._catalog = catalog
        self._due_on = due_on
        self._clock = clock
        self._token = token

    def judged(self, asked: Sequence[tuple[Asker, Question]]) -> list[Judged]:
        """Judge questions in one snapshot, in their order.

        Raises:
            RefusedError: `check.unready`.
            StoreError: the store.
        """
        now, today = self._clock.now(), self._clock.today()
        catalog = self._catalog()
        matters = [_matter(catalog, question.matter, today) for _, question in asked]
        if all(isinstance(matter, RefusedError) for matter in matters):
            return [matter for matter in matters if isinstance(matter, RefusedError)]
        # Whoever has no valid code names nobody: nothing is looked up by it.
        sound = [
            question
            for (_, question), matter in zip(asked, matters, strict=True)
            if not isinstance(matter, RefusedError) and not is_faulty(question)
        ]
        with self._store.read() as session:
            coverage = self._coverage.of(session)
            read = self._reading.read(session, sound) if sound else ()
        subjects = {id(one): subject for one, subject in zip(sound, read, strict=True)}
        judged: list[Judged] = []
        for (asker, question), matter in zip(asked, matters, strict=True):
            if isinstance(matter, RefusedError):
                judged.append(matter)
                continue
            subject = subjects.get(id(question), _NOBODY)
            answer = judge(
                question,
                number=self.number(),
                at=now,
                today=today,
                matter=matter,
                records=subject.records,
                identity=subject.identity,
                coverage=coverage,
                catalog=catalog,
            )
            due_on = self._due(matter, today, answer.matches)
            judged.append(Answered(asker=asker, question=question, answer=answer, due_on=due_on))
        return judged

    def covered(self) -> tuple[Coverage, ...]:
        """How the logs stand at this moment."""
        with self._store.read() as session:
            return self._coverage.of(session)

    def number(self) -> str:
        """A number that no answer has."""
        return f"{self._region}-{self._clock.today()}-{self._token(NUMBER_BYTES).hex()}"

    def _due(self, matter: Matter, today: Date, matches: tuple[Match, ...]) -> Date:
        """The last day for outcomes, where any is due."""
        if not any(match.obliges for match in matches):
            return Date(0)
        return self._due_on(today, matter.outcome_within)


def is_faulty(question: Question) -> bool:
    """Whether a question names nobody, since its code breaks GB 32100."""
    return bool(code_fault(question.scheme, question.code))


def _matter(catalog: Catalog, code: str, today: Date) -> Matter | RefusedError:
    try:
        return matter_asked(catalog, code, today)
    except RefusedError as refusal:
        return refusal
