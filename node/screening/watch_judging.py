"""What is answered about watched subjects now, and what of all that is held the answer depends on.

The same reading and the same `federation.screening.checks.judge` as for a question of a department:
a watch knows nothing that a question would not be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from federation.errors import RefusedError
from federation.ids import Date, Timestamp
from federation.ports.store import ReadSession
from federation.reconcile.catalog import Catalog
from federation.reconcile.held_records import Coverage, Identity, RecordRead
from federation.reconcile.identity import code_fault
from federation.reconcile.matters import Matter, matter_asked
from federation.screening.checks import Answer, judge
from federation.screening.questions import Question
from federation.screening.watches import Seen, Subject, seen_of
from node.charters.view import TrustView
from node.records.coverage import LogCoverage
from node.records.doubts import Doubts
from node.records.subject_reading import SubjectRead, SubjectReading
from node.system.clock import Clock

_NOBODY: Final = SubjectRead(records=(), identity=Identity(known=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """For what a watch is."""

    matter: str
    case_no: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """All but what is held of a subject on which its answer depends."""

    at: Timestamp
    today: Date
    catalog: Catalog
    matter: Matter
    coverage: tuple[Coverage, ...]
    library: object
    """Which base library it is."""
    basis: tuple[object, ...]
    """While it is the same, an answer changes by what is held of the subject, or by an attestation
    that grows old; compared with `==`, but catalog and charters by what object they are."""
    trust: TrustView

    def same(self, other: Moment | None) -> bool:
        """Whether nothing but the time of day differs."""
        return (
            other is not None
            and self.basis == other.basis
            and self.catalog is other.catalog
            and self.trust is other.trust
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Depends:
    """What is held of a subject; of most there is nothing."""

    places: tuple[tuple[str, int], ...]
    """Origins and indices of the listings that were read."""
    statements: tuple[bytes, ...]
    """Their ids: what is said about one of them may change the answer."""
    ages: bool
    """Whether the answer depends on how old an attestation is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is answered about a subject, and on what it depends."""

    subject: Subject
    answer: Answer
    seen: Seen
    looked_for: tuple[bytes, ...]
    """Tags: while none of them is touched, nothing is held of a subject of which nothing is."""
    depends: Depends


NOTHING: Final = Depends(places=(), statements=(), ages=False)


class WatchJudging:
    """Judges subjects in a snapshot; any thread."""

    def __init__(
        self,
        *,
        reading: SubjectReading,
        coverage: LogCoverage,
        doubts: Doubts,
        trust: Callable[[], TrustView],
        refusal: Callable[[], RefusedError | None],
        catalog: Callable[[], Catalog],
        library: Callable[[], object],
        clock: Clock,
    ) -> None:
        """Wire it.

        Args:
            reading: what is held of a subject.
            coverage: how the logs stand.
            doubts: for which logs nothing counts.
            trust: the charters of the moment.
            refusal: why nothing is signed here, or None.
            catalog: this city's, of the moment.
            library: which base library it is; another one is not equal.
            clock: never behind any clock that is believed.
        """
        self._reading = reading
        self._coverage = coverage
        self._doubts = doubts
        self._trust = trust
        self._refusal = refusal
        self._catalog = catalog
        self._library = library
        self._clock = clock

    def matter(self, code: str) -> Matter:
        """The matter, as it can be asked for today.

        Raises:
            RefusedError: `matter.…`.
        """
        return matter_asked(self._catalog(), code, self._clock.today())

    def moment(self, session: ReadSession, matter: str) -> Moment:
        """What holds for all subjects in a snapshot.

        Raises:
            RefusedError: `matter.…`: it cannot be asked for any more.
        """
        catalog, today, trust = self._catalog(), self._clock.today(), self._trust()
        refusal, library = self._refusal(), self._library()
        doubts = tuple((head.log, self._doubts.of_log(head)) for head in session.heads())
        return Moment(
            at=self._clock.now(),
            today=today,
            catalog=catalog,
            matter=matter_asked(catalog, matter, today),
            coverage=self._coverage.of(session),
            library=library,
            basis=(today, doubts, "" if refusal is None else refusal.code, library),
            trust=trust,
        )

    def judged(
        self, session: ReadSession, moment: Moment, terms: Terms, subjects: Sequence[Subject]
    ) -> Iterator[Judged]:
        """Judge subjects, in their order.

        Raises:
            RefusedError: `check.unready`.
        """
        questions = [
            Question(
                request_id="",
                matter=terms.matter,
                case_no=terms.case_no,
                purpose=terms.purpose,
                scheme=one.scheme,
                code=one.code,
                name=one.name,
            )
            for one in subjects
        ]
        # Whoever has no valid code names nobody: nothing is looked up by it.
        sound = [one for one in questions if not code_fault(one.scheme, one.code)]
        read = iter(self._reading.read(session, sound) if sound else ())
        known = {id(one): next(read) for one in sound}
        for subject, question in zip(subjects, questions, strict=True):
            held = known.get(id(question), _NOBODY)
            answer = judge(
                question,
                number="",
                at=moment.at,
                today=moment.today,
                matter=moment.matter,
                records=held.records,
                identity=held.identity,
                coverage=moment.coverage,
                catalog=moment.catalog,
            )
            records = tuple(_records(held))
            unknown = held.identity.known is None
            yield Judged(
                subject=subject,
                answer=answer,
                seen=seen_of(answer),
                looked_for=held.looked_for,
                depends=Depends(
                    places=tuple((one.origin, one.index) for one in records),
                    statements=tuple(one.statement_id for one in records),
                    ages=unknown and any(not one.ours for one in records),
                )
                if records
                else NOTHING,
            )


def _records(held: SubjectRead) -> Iterator[RecordRead]:
    """All that was read, of the subject and of those that are told with it."""
    yield from held.records
    for predecessor in held.identity.predecessors:
        yield from predecessor.records
    yield from held.identity.namesakes
