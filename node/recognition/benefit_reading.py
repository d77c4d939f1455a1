"""What is held of a subject that asks for a benefit, read in one snapshot with everything else.

What is in force, doubtful or relieved is asked of who knows: listings of `SubjectReading`, as in a
check 核查; commendations of who judges them; commitments of `Promises`. Nothing is kept from one
question to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from federation.conditions import AtLeast, CommitmentKept, Condition, OnList, asked_in
from federation.ids import Date
from federation.open_payloads import GradeScale
from federation.ports.store import ReadSession
from federation.recognition.facts import Facts, Held
from federation.recognition.obstacles import obstacles, uncertainties
from federation.reconcile.catalog import Catalog
from federation.reconcile.equivalences import equivalences_of
from federation.reconcile.held_records import Coverage, Identity, LogState
from federation.reconcile.identity import code_fault
from federation.reconcile.named_subject import Named
from federation.reconcile.trust_lists import grade_scale
from federation.regions import registered_in
from federation.uscc import kinds_of
from node.recognition.promises import Promises
from node.records.subject_reading import SubjectRead, SubjectReading


class Trust(Protocol):
    """Who judges commendations (`node.recognition.trustworthy.Trustworthy`)."""

    def of_subject(self, session: ReadSession, asked: Named) -> Sequence[Held]:
        """What counts, and what is in doubt."""
        ...


class BenefitReading:
    """Reads facts; any thread."""

    def __init__(
        self,
        *,
        reading: SubjectReading,
        trust: Trust,
        promises: Promises,
        catalog: Callable[[], Catalog],
        today: Callable[[], Date],
    ) -> None:
        """Wire it; `today` is never behind any clock that is believed."""
        self._reading = reading
        self._trust = trust
        self._promises = promises
        self._catalog = catalog
        self._today = today

    def subjects(
        self, session: ReadSession, asked: Sequence[Named]
    ) -> Sequence[SubjectRead | None]:
        """What is listed of subjects, read together; None of who has no valid code.

        Whoever has none names nobody: nothing is looked up by it.

        Raises:
            RefusedError: `check.unready`: rows cannot be found by their subjects yet.
        """
        sound = [one for one in asked if not code_fault(one.scheme, one.code)]
        read = iter(self._reading.read(session, sound) if sound else ())
        return [None if code_fault(one.scheme, one.code) else next(read) for one in asked]

    def facts(
        self,
        session: ReadSession,
        asked: Named,
        subject: SubjectRead | None,
        conditions: Iterable[Condition],
        coverage: Sequence[Coverage],
    ) -> Facts:
        """What is held of a subject, as far as conditions ask for it.

        Args:
            session: the snapshot.
            asked: who asks, as normalised.
            subject: of `subjects`.
            conditions: all that will be decided.
            coverage: how the logs stand in this snapshot.
        """
        identity = Identity(known=None) if subject is None else subject.identity
        uncertain = uncertainties(asked, identity)
        if subject is None or uncertain:
            return Facts(uncertain=uncertain)
        catalog, today = self._catalog(), self._today()
        tests = {test for condition in conditions for test in asked_in(condition)}
        earned = any(isinstance(test, OnList | AtLeast) for test in tests)
        promised = any(isinstance(test, CommitmentKept) for test in tests)
        states = {log.origin: log.state for log in coverage}
        return Facts(
            kinds=kinds_of(asked.code),
            registered_in=registered_in(asked.scheme, asked.code),
            complete=all(log.state is LogState.OK for log in coverage),
            trust=tuple(self._trust.of_subject(session, asked)) if earned else (),
            against=obstacles(asked, subject.records, subject.identity, catalog, today),
            promised=self._promises.of_subject(session, asked.code, states) if promised else (),
            equivalences=equivalences_of(catalog, today),
            scales=tuple(
                GradeScale(method=method, edition=edition, grades=grades)
                for method, edition in sorted(
                    {(test.method, test.edition) for test in tests if isinstance(test, AtLeast)}
                )
                if (grades := grade_scale(catalog, method, edition, today)) is not None
            ),
        )
