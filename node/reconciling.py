"""Reconciliation over the store: which findings listings have, by all that is known now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from adapters.keyring import KeyRing
from federation.case_ports import Place
from federation.cases import decided
from federation.catalog import Catalog
from federation.copies import CURABLE, Copy, Rank, arrange, is_sound, rank_of
from federation.identity import BaseLibrary, BaseSubject
from federation.ids import Origin
from federation.ports import LogHead, ReadSession
from federation.reconciliation import DECIDABLE, Candidate, Finding, judge
from federation.rows import ADVERSE_KINDS, OpeningStatus, State, StatementRow
from node.codec.candidates import candidate_from
from node.peers import TrustView

STANDING: Final = (State.ACTIVE, State.MASKED, State.PAUSED)
"""States in which it matters whether a listing is recognised; an ended one is used nowhere."""


class Reconciliation:
    """Judges listings by catalog, base library, copies and decisions; writes nothing."""

    def __init__(
        self,
        *,
        keyring: KeyRing,
        trust: Callable[[], TrustView],
        catalog: Callable[[], Catalog],
        library: BaseLibrary,
    ) -> None:
        """Wire it; trust and catalog are asked anew for each batch."""
        self._keyring = keyring
        self._trust = trust
        self._catalog = catalog
        self._library = library

    def findings(self, session: ReadSession, rows: Iterable[StatementRow]) -> dict[Place, int]:
        """Find out about listings of other cities.

        Args:
            session: what is held.
            rows: of any kinds and logs; only listings of followed logs are judged.

        Returns:
            The finding of each listing among `rows`, `Finding.NONE` where it is not held or has
            ended; and of all copies of the same records, which are judged together, so that it
            does not matter which of them came or changed last.
        """
        heads = {head.log: head for head in session.heads()}
        found, arranged = self._judged(session, rows, heads)
        self._decide(session, arranged)
        found |= arranged
        return {place: f for place, f in found.items() if not heads[place[0]].ours}

    def question(self, session: ReadSession, row: StatementRow) -> int:
        """The rule about which a person decides: what holds a listing before they said anything.

        `Finding.CONFLICT` where its copies contradict it, otherwise what it is by itself;
        `Finding.NONE` where it does not stand.
        """
        heads = {head.log: head for head in session.heads()}
        _, arranged = self._judged(session, [row], heads)
        place = (row.log, row.idx)
        if arranged.get(place) == Finding.CONFLICT:
            return Finding.CONFLICT
        return self.by_itself(session, [row]).get(place, Finding.NONE)

    def _judged(
        self, session: ReadSession, rows: Iterable[StatementRow], heads: dict[int, LogHead]
    ) -> tuple[dict[Place, int], dict[Place, int]]:
        """Findings of listings by themselves, decisions included; and what copies make of them."""
        catalog = self._catalog()
        listings = {(r.log, r.idx): r for r in rows if r.kind in ADVERSE_KINDS}
        groups = self._copies(session, listings)
        others = [p for group in groups for p in group if p not in listings]
        known = listings | {(r.log, r.idx): r for r in session.rows_at(others)}
        several = {place for group in groups for place in group}
        asked = self._asked(
            session,
            [row for p, row in known.items() if p in several or not heads[row.log].ours],
        )
        found: dict[Place, int] = dict.fromkeys(listings, Finding.NONE)
        for place, (candidate, subject) in asked.items():
            ours = heads[place[0]].ours
            found[place] = Finding.RECOGNISED if ours else judge(candidate, catalog, subject)
        self._decide(session, found)
        arranged: dict[Place, int] = {}
        for group in groups:
            arranged |= arrange(
                [
                    self._copy(known[place], heads[place[0]], found[place], catalog, asked[place])
                    for place in group
                    if place in asked
                ]
            )
        return found, arranged

    def by_itself(self, session: ReadSession, rows: Iterable[StatementRow]) -> dict[Place, Finding]:
        """Judge standing listings among rows without decisions and copies."""
        catalog = self._catalog()
        return {
            place: judge(candidate, catalog, known)
            for place, (candidate, known) in self._asked(session, rows).items()
        }

    def compared(
        self, session: ReadSession, rows: Iterable[StatementRow], other: Catalog
    ) -> dict[Place, tuple[Finding, Finding]]:
        """Judge likewise by today's catalog and by another one, for a dry run."""
        catalog = self._catalog()
        return {
            place: (judge(candidate, catalog, known), judge(candidate, other, known))
            for place, (candidate, known) in self._asked(session, rows).items()
        }

    def _asked(
        self, session: ReadSession, rows: Iterable[StatementRow]
    ) -> dict[Place, tuple[Candidate, BaseSubject | None]]:
        """What each standing listing says, and what the base library says of its subject."""
        heads = {head.log: head for head in session.heads()}
        standing = [row for row in rows if row.kind in ADVERSE_KINDS and stands(row)]
        candidates = self._candidates(session, standing, heads)
        known = self._known(candidates.values())
        return {
            place: (candidate, known.get((candidate.scheme, candidate.code)))
            for place, candidate in candidates.items()
        }

    def _candidates(
        self, session: ReadSession, rows: Sequence[StatementRow], heads: dict[int, LogHead]
    ) -> dict[Place, Candidate]:
        """What is in force for each listing whose payload is held."""
        by_log: dict[int, list[StatementRow]] = defaultdict(list)
        for row in rows:
            by_log[row.log].append(row)
        found: dict[Place, Candidate] = {}
        for log, listed in by_log.items():
            replaced = [(log, row.current) for row in listed if row.current != row.idx]
            kinds = {row.idx: row.kind for row in (*listed, *session.rows_at(replaced))}
            stored = session.openings(log, [row.current for row in listed])
            opened = self._keyring.open_openings(heads[log].origin, stored)
            payloads = {
                one.index: opening.payload for one, opening in zip(stored, opened, strict=True)
            }
            for row in listed:
                if row.current in payloads:
                    candidate = candidate_from(kinds[row.current], payloads[row.current])
                    if candidate is not None:
                        found[log, row.idx] = candidate
        return found

    def _known(self, candidates: Iterable[Candidate]) -> dict[tuple[str, str], BaseSubject]:
        codes: dict[str, set[str]] = defaultdict(set)
        for candidate in candidates:
            codes[candidate.scheme].add(candidate.code)
        return {
            (scheme, code): subject
            for scheme, asked in codes.items()
            for code, subject in self._library.by_code(scheme, sorted(asked)).items()
        }

    @staticmethod
    def _decide(session: ReadSession, found: dict[Place, int]) -> None:
        """Put in what persons decided about what is held."""
        held = [place for place, finding in found.items() if finding in DECIDABLE]
        if held:
            for place, said in session.decisions(held).items():
                found[place] = decided(said, found[place]) or found[place]

    @staticmethod
    def _copies(
        session: ReadSession, listings: Mapping[Place, StatementRow]
    ) -> Sequence[Sequence[Place]]:
        """The places of each record that has several copies, of records that are among these."""
        tags = {row.record_tag for row in listings.values()}
        copies: dict[bytes, list[Place]] = defaultdict(list)
        for tag, place in session.listings_of([tag for tag in tags if tag is not None]):
            copies[tag].append(place)
        return [places for places in copies.values() if len(places) > 1]

    def _copy(
        self,
        row: StatementRow,
        head: LogHead,
        finding: int,
        catalog: Catalog,
        asked: tuple[Candidate, BaseSubject | None],
    ) -> Copy:
        candidate, subject = asked
        rank = rank_in(self._trust(), head, candidate.authority)
        return Copy(
            place=(row.log, row.idx),
            rank=(rank, head.origin, row.idx),
            decided_on=candidate.decided_on,
            until=candidate.until,
            finding=finding,
            tier=candidate.tier,
            has_basis=candidate.has_basis,
            has_notice=candidate.has_notice,
            sound=finding not in CURABLE or is_sound(candidate, catalog, subject),
        )


def rank_in(trust: TrustView, head: LogHead, authority: str) -> Rank:
    """Order of authority of a log for the records of an authority, by the charters."""
    origin = Origin(head.origin)
    return rank_of(
        ours=head.ours,
        hub=any(trust.mirrors(peer) for peer in trust.owners(origin)),
        regions=[trust.trust.member(ref).region for ref in trust.trust.members(origin)],
        authority=authority,
    )


def stands(row: StatementRow) -> bool:
    """Whether it matters what a listing says: it is not ended, and what it says is held."""
    return row.state in STANDING and row.opening == OpeningStatus.PRESENT
