"""Rows whose code the base library has under other names: who they are, and what was said of them.

F53  they wait for two persons (`federation.intake.feed`)
O4   what the two say is kept with the listing, so that the same is not asked once more as a
     case (`federation.reconcile.own_lists`)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from federation.ids import StatementId, Timestamp
from federation.intake.feed import Decision
from federation.own_log import Draft
from federation.ports.findings import Place
from federation.ports.journal import Decision as Word
from federation.ports.journal import LibraryInForce
from federation.ports.store import FeedRow, Tagger, WriteSession
from federation.reconcile.cases import ROW_NAMED
from federation.reconcile.findings import Finding
from federation.reconcile.identity import BaseSubject
from federation.reconcile.own_lists import name_said, named_otherwise
from node.intake.known_rows import FileRow
from node.intake.planned import Planned, listing_id
from node.log.units import Placed

Subjects = Callable[[str, Sequence[str]], Mapping[str, BaseSubject]]
"""The base library's subjects by scheme and codes; see `BaseLibrary.by_code`."""


class OtherNames:
    """Finds such rows, and keeps what persons say of them."""

    def __init__(self, *, subjects: Subjects, tagger: Tagger, now: Callable[[], Timestamp]) -> None:
        """Wire it."""
        self._subjects = subjects
        self._tagger = tagger
        self._now = now

    def otherwise(
        self, rows: Sequence[FileRow], known: Mapping[bytes, FeedRow]
    ) -> Mapping[bytes, BaseSubject]:
        """Of rows that say something new, those that the library has under other names only (O3).

        By the row's tag what the library has.

        Raises:
            RefusedError: `library.damaged` (F57).
        """
        codes: dict[str, dict[str, list[FileRow]]] = {}
        for row in rows:
            before = known.get(row.tag)
            if before is None or before.content_tag != row.content_tag:
                facts = row.written.facts
                codes.setdefault(facts.scheme, {}).setdefault(facts.code, []).append(row)
        return {
            row.tag: subject
            for scheme, asked in codes.items()
            for code, subject in self._subjects(scheme, sorted(asked)).items()
            for row in asked[code]
            if named_otherwise(row.name, subject)
        }

    def said(self, row: FileRow, known: BaseSubject) -> bytes:
        """Tag of what persons look at: the name that the row states, and what the library has."""
        facts = row.written.facts
        return self._tagger.lookup(name_said(facts.scheme, facts.code, row.name, known))

    def keep(
        self,
        session: WriteSession,
        log: int,
        plan: Sequence[tuple[Planned, list[Draft]]],
        placed: Sequence[Placed],
        persons: Sequence[str],
        said_at: Timestamp,
    ) -> None:
        """Keep with the listings what persons said of the names that they state (O4).

        Args:
            session: the transaction that publishes them.
            log: our own.
            plan: of the rows, with what was drafted of each.
            placed: where that stands.
            persons: who said so; nobody where they were not asked.
            said_at: up to when they may have looked; 0: at this moment. What a younger library says
                they have not seen, and of it nothing is kept.
        """
        entry = session.last_entry(LibraryInForce.KIND) if persons and said_at else None
        if entry is not None and LibraryInForce.of(entry).at > said_at:
            return
        named = {
            StatementId(listing_id(planned, drafted)): planned
            for planned, drafted in plan
            if persons and planned.named and drafted
        }
        places: dict[bytes, Place] = {one.statement_id: (log, one.index) for one in placed}
        corrected = [one for one, plan in named.items() if plan.decision is Decision.CORRECT]
        if corrected:
            ours = [head.log for head in session.heads() if head.ours]
            rows = session.rows_by_id(ours, corrected)
            places |= {row.statement_id: (row.log, row.idx) for row in rows}
        for about, planned in named.items():
            where, index = places[about]
            for person in persons:
                said = Word(
                    at=self._now(),
                    log=where,
                    index=index,
                    finding=Finding.NAME_MISMATCH,
                    verdict=ROW_NAMED,
                    person=person,
                    reason=planned.named.hex(),
                )
                session.put_decision(said)
