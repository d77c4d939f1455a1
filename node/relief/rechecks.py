"""Draws repairs to be rechecked, and keeps what the rechecks came to (`relief.recheck`).

Both stand in the journal, which is backed up and never rewritten. The documents are those of
`huxin repairs recheck`; days are numbers YYYYMMDD, moments seconds UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from federation.errors import RefusedError
from federation.ids import Date, Origin, StatementId, Timestamp
from federation.ports.journal import Rechecked, RechecksDrawn
from federation.ports.store import LogHead, ReadSession, Store
from federation.relief.recheck import (
    DONE,
    DRAWN,
    NOT_DRAWN,
    NOTE,
    Finding,
    check_persons,
    quarter_of,
    sample,
)
from federation.rows import State, StatementRow
from federation.statements import Kind
from node.log.writer import WriteThread
from node.relief.repair_documents import summary
from node.relief.repairs import Repairs

SEED_BYTES: Final = 32
_PAGE: Final = 1000
_SHOWN: Final = ("statement_id", "index", "subject_name", "list_type", "document", "decided_on")


class Rechecks:
    """Draws and keeps; any thread, blocks."""

    def __init__(
        self,
        *,
        own: Origin,
        store: Store,
        writer: WriteThread,
        repairs: Repairs,
        check_known: Callable[[str], None],
        now: Callable[[], Timestamp],
        today: Callable[[], Date],
        seed: Callable[[int], bytes],
    ) -> None:
        """Wire it.

        Args:
            own: our log.
            store: of the logs.
            writer: of the journal.
            repairs: what they are.
            check_known: refuses a name that is none of the node's persons.
            now: the moment of an entry.
            today: by which a quarter is over.
            seed: randomness of so many bytes.
        """
        self._own = own
        self._store = store
        self._writer = writer
        self._repairs = repairs
        self._check_known = check_known
        self._now = now
        self._today = today
        self._seed = seed

    def draw(self, quarter: str, person: str) -> dict[str, Any]:
        """Draw the sample of a quarter.

        Raises:
            RefusedError: `recheck.quarter`, `recheck.drawn`, `person.unknown`.
        """
        name, first, last = quarter_of(quarter, self._today())
        self._check_known(person)
        seed = self._seed(SEED_BYTES)

        def job() -> RechecksDrawn:
            with self._store.write() as session:
                if any(one.quarter == name for one in _drawn(session)):
                    raise RefusedError(DRAWN, f"{name}: expected a quarter not drawn yet")
                found = {
                    StatementId(row.statement_id): row.idx
                    for row in self._decided(session, first, last)
                }
                drawn = RechecksDrawn(
                    at=self._now(),
                    quarter=name,
                    seed=seed.hex(),
                    among=len(found),
                    indices=tuple(sorted(found[one] for one in sample(seed, found))),
                    person=person,
                )
                session.append_journal([drawn.entry()])
                return drawn

        drawn = self._writer.submit(job).result()
        return {
            "quarter": name,
            "seed": drawn.seed,
            "among": drawn.among,
            "drawn": len(drawn.indices),
            "person": person,
            "at": drawn.at,
        }

    def list_(self) -> list[dict[str, Any]]:
        """What was drawn, quarter by quarter, each with its recheck or None."""
        with self._store.read() as session:
            head = session.head(self._own)
            done = _done(session)
            found: list[dict[str, Any]] = []
            for drawn in _drawn(session) if head is not None else ():
                rows = session.rows_at([(_log(head), index) for index in drawn.indices])
                for one in self._repairs.followed(session, rows):
                    said = summary(one)
                    found.append(
                        {"quarter": drawn.quarter}
                        | {name: said[name] for name in _SHOWN}
                        | {"recheck": _document(done.get(one.row.idx))}
                    )
        return found

    def keep(
        self, statement_id: StatementId, person: str, decider: str, finding: Finding, note: str
    ) -> dict[str, Any]:
        """Keep what a recheck came to.

        Args:
            statement_id: of the repair.
            person: who rechecked it.
            decider: who decided it, by the file.
            finding: what it came to.
            note: in words, without anything of the subject.

        Raises:
            RefusedError: `recheck.not-drawn`, `recheck.done`, `recheck.same-person`,
                `person.unknown`, `recheck.note`.
        """
        if finding is Finding.DOUBT and not note.strip():
            raise RefusedError(NOTE, "a doubt: expected what it is, in words")
        person, decider = check_persons(person, decider)
        self._check_known(person)

        def job() -> Rechecked:
            with self._store.write() as session:
                head = session.head(self._own)
                row = next(
                    (
                        row
                        for row in session.rows_by_id(None, [statement_id])
                        if head is not None and row.log == head.log and row.kind == Kind.REPAIR
                    ),
                    None,
                )
                if row is None or not any(row.idx in one.indices for one in _drawn(session)):
                    message = f"{statement_id.hex()}: expected a repair that was drawn"
                    raise RefusedError(NOT_DRAWN, message)
                if row.idx in _done(session):
                    message = f"{statement_id.hex()}: expected a repair not rechecked yet"
                    raise RefusedError(DONE, message)
                said = Rechecked(
                    at=self._now(),
                    log=row.log,
                    index=row.idx,
                    person=person,
                    decider=decider,
                    finding=finding.value,
                    note=note,
                )
                session.append_journal([said.entry()])
                return said

        kept = _document(self._writer.submit(job).result())
        return {"statement_id": statement_id.hex()} | (kept or {})

    def _decided(self, session: ReadSession, first: Date, last: Date) -> list[StatementRow]:
        """Repairs of our own log that were decided in a period."""
        head, after = session.head(self._own), -1
        found: list[StatementRow] = []
        while head is not None and (
            page := session.list_rows(
                log=head.log,
                kinds=[Kind.REPAIR],
                states=[State.IN_FORCE],
                after=(head.log, after),
                limit=_PAGE,
            )
        ):
            after = page[-1].idx
            found += [row for row in page if first <= row.decided_on <= last]
        return found


def _log(head: LogHead | None) -> int:
    return -1 if head is None else head.log


def _drawn(session: ReadSession) -> list[RechecksDrawn]:
    return [RechecksDrawn.of(entry) for _, entry in session.entries(RechecksDrawn.KIND)]


def _done(session: ReadSession) -> dict[int, Rechecked]:
    """By index of our own log."""
    said = [Rechecked.of(entry) for _, entry in session.entries(Rechecked.KIND)]
    return {one.index: one for one in said}


def _document(said: Rechecked | None) -> dict[str, Any] | None:
    if said is None:
        return None
    return {
        "at": said.at,
        "person": said.person,
        "decider": said.decider,
        "finding": said.finding,
        "note": said.note,
    }
