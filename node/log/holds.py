"""Listings that are similar to relieved records are held (L14, `federation.life.similar`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Final

from adapters.state.keyring import KeyRing
from federation.comparison import Spelt
from federation.errors import StatementError
from federation.facts import PayloadFacts, PayloadReader
from federation.life.life import SIMILAR
from federation.life.reading import ReadStatement
from federation.life.similar import may_be_held, similar_to
from federation.life.suppression import RECORD_DIFFERS, revoked_reliefs, tag_reaches
from federation.ports.findings import Place
from federation.ports.store import ReadSession
from federation.rows import (
    ADVERSE_KINDS,
    LISTED_KINDS,
    OpeningStatus,
    StatementRow,
    by_log,
)
from node.charters.view import TrustView
from node.log.chains import TrustChains

NOTHING_READ: Final[Mapping[Place, PayloadFacts]] = MappingProxyType({})


class Holds:
    """Finds out what is held; writes nothing. Any thread."""

    def __init__(
        self, keyring: KeyRing, payloads: PayloadReader, trust: Callable[[], TrustView]
    ) -> None:
        """Open what must be compared with these; `trust` is asked anew each time."""
        self._keyring = keyring
        self._payloads = payloads
        self._trust = trust

    def hold(
        self,
        session: ReadSession,
        rows: list[StatementRow],
        statements: Sequence[ReadStatement] = (),
    ) -> list[StatementRow]:
        """Give those of rows, as they were judged, that are held the rule of it.

        Args:
            session: what is held.
            rows: of any kinds and logs.
            statements: what was read for some of them; the others are opened.
        """
        if not any(map(may_be_held, rows)) or not session.has_twins():
            return rows
        said = {(s.row.log, s.row.idx): s.facts for s in statements}
        found = self.relieved(session, rows, said)
        if not found:
            return rows
        return [row._replace(rule=SIMILAR) if (row.log, row.idx) in found else row for row in rows]

    def of_subjects(
        self, session: ReadSession, said: Sequence[StatementRow]
    ) -> tuple[list[StatementRow], list[StatementRow]]:
        """Look at the listings of the subjects of reliefs and relistings.

        Returns:
            Those that are held and were not, with their rule; those that were and are not.
        """
        indirect = [
            row.record_tag
            for row in said
            if row.record_tag is not None
            and (row.opening != OpeningStatus.PRESENT or row.rule == RECORD_DIFFERS)
        ]
        named = [*said, *(session.rows_by_record(indirect, LISTED_KINDS) if indirect else ())]
        lists = {(row.subject_tag, row.list_type, row.authority) for row in named}
        subjects = sorted({row.subject_tag for row in named if row.subject_tag is not None})
        rows = [
            row
            for row in session.rows_by_subject(subjects, ADVERSE_KINDS)
            if row.rule == SIMILAR
            or (may_be_held(row) and (row.subject_tag, row.list_type, row.authority) in lists)
        ]
        found = self.relieved(session, rows)
        return (
            [
                row._replace(rule=SIMILAR)
                for row in rows
                if row.rule != SIMILAR and (row.log, row.idx) in found
            ],
            [row for row in rows if row.rule == SIMILAR and (row.log, row.idx) not in found],
        )

    def relieved(
        self,
        session: ReadSession,
        rows: Iterable[StatementRow],
        said: Mapping[Place, PayloadFacts] = NOTHING_READ,
    ) -> dict[Place, Collection[bytes]]:
        """Lookup tags of the relieved records to which listings among rows are similar."""
        listed = {(row.log, row.idx): row for row in rows if may_be_held(row)}
        if not listed:
            return {}

        def spell(places: Collection[Place]) -> Mapping[Place, Spelt]:
            known = {place: said[place].spelt for place in places if place in said}
            missing = [listed[place] for place in places if place not in known]
            return known | self.opened(session, missing)

        trust = self._trust()
        chains = TrustChains(trust, session.heads())

        @cache
        def revoked(relief: Place) -> bool:
            return bool(revoked_reliefs([relief], session, chains))

        def reaches(relief: Place, place: Place) -> bool:
            authority = listed[place].authority
            return tag_reaches(relief, place[0], authority, chains, trust) and not revoked(relief)

        tags = {
            place: (row.record_tag or b"", row.subject_tag or b"") for place, row in listed.items()
        }
        return similar_to(session, self._keyring, tags, spell, reaches)

    def records(
        self, session: ReadSession, rows: Sequence[StatementRow]
    ) -> dict[bytes, Collection[bytes]]:
        """See `relieved`; by the lookup tags of the listings' records."""
        found = self.relieved(session, rows)
        return {
            row.record_tag: found[row.log, row.idx]
            for row in rows
            if row.record_tag is not None and (row.log, row.idx) in found
        }

    def opened(self, session: ReadSession, rows: Sequence[StatementRow]) -> dict[Place, Spelt]:
        """The records of rows, by their openings; without those that cannot be read."""
        if not rows:
            return {}
        kinds = {(row.log, row.idx): row.kind for row in rows}
        origins = {head.log: head.origin for head in session.heads()}
        found: dict[Place, Spelt] = {}
        for log, indices in by_log(kinds).items():
            stored = session.openings(log, indices)
            for one, opening in self._keyring.held_openings(origins[log], stored):
                try:
                    facts = self._payloads.facts(kinds[log, one.index], opening.payload)
                except StatementError:
                    continue
                if facts.key:
                    found[log, one.index] = facts.spelt
        return found
