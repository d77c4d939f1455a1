"""Reconciliation over the store: which findings listings have, by all that is known now.

Commendations 守信 go the same way, by a rule table of their own (CM4 to CM9), without copies: two
logs may each commend a subject, and neither says anything of the other's award.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from adapters.catalog.library import DAMAGED
from adapters.state.reading_ring import ReadingRing
from federation.errors import RefusedError
from federation.ids import Date
from federation.life.life import SIMILAR
from federation.ports.findings import Place
from federation.ports.store import LogHead, ReadSession
from federation.recognition.commendations import Commended, is_sure, judge_commendation
from federation.reconcile import plausibility
from federation.reconcile.attestation import Attested
from federation.reconcile.candidate import Candidate
from federation.reconcile.cases import (
    named_by_row,
    question_kept,
    rejected_before,
)
from federation.reconcile.catalog import Catalog
from federation.reconcile.copies import CURABLE, Copy, arrange, is_sound, stands
from federation.reconcile.findings import ATTESTABLE, Finding
from federation.reconcile.identity import BaseLibrary, BaseSubject, code_fault
from federation.reconcile.own_lists import name_said, named_otherwise
from federation.reconcile.plausibility import Doubt
from federation.reconcile.rules import judge
from federation.regions import registered_in
from federation.rows import ADVERSE_KINDS, JUDGED_KINDS, StatementRow
from federation.statements import Kind
from node.charters.view import TrustView
from node.codec.candidates import judged_from
from node.reconcile.kept_words import (
    contradicted_of,
    copies_of,
    decide,
    is_used,
    of_another_of,
)
from node.records.attestations import Attestations, Wanted

NAMED_OTHERWISE: Final = Finding.NAME_MISMATCH
"""What holds a listing of our own whose subject the base library has under other names (O3)."""


class Evidence(NamedTuple):
    """What a listing or commendation says, and what is known of its subject."""

    candidate: Candidate | Commended
    known: BaseSubject | None
    attested: Attested | None = None
    rejected: int | None = None
    """The rule for which a person rejected it, where the subject's region might now cure it."""

    def judged(self, catalog: Catalog, today: Date) -> Finding:
        """The finding of the listing by itself; a person's rejection keeps the question (H9)."""
        said, known, attested = self.candidate, self.known, self.attested
        if isinstance(said, Commended):
            finding = judge_commendation(said, catalog, known, attested, today=today)
        else:
            finding = judge(said, catalog, known, attested, today=today)
        if self.rejected is not None and finding in (Finding.ATTESTED, Finding.NOTED, *ATTESTABLE):
            return Finding(self.rejected)
        return finding


class Basis(NamedTuple):
    """By what listings are judged, beside what the store holds."""

    catalog: Catalog
    trust: TrustView
    today: Date

    def same(self, other: Basis) -> bool:
        """Whether nothing was replaced; catalogs and charters in force are objects of their own."""
        replaced = self.catalog is not other.catalog or self.trust is not other.trust
        return not replaced and self.today == other.today


class Reconciliation:
    """Judges listings by catalog, base library, copies and decisions; writes nothing."""

    def __init__(
        self,
        *,
        keyring: ReadingRing,
        trust: Callable[[], TrustView],
        catalog: Callable[[], Catalog],
        library: BaseLibrary,
        attestations: Attestations,
        today: Callable[[], Date],
    ) -> None:
        """Wire it; trust, catalog and `today`, the later of all clocks', are asked anew."""
        self._keyring = keyring
        self._trust = trust
        self._catalog = catalog
        self._library = library
        self._attestations = attestations
        self._today = today

    @property
    def today(self) -> Date:
        """The day by which listings of the future are held (M1)."""
        return self._today()

    @property
    def basis(self) -> Basis:
        """By what is judged now."""
        return Basis(catalog=self._catalog(), trust=self._trust(), today=self._today())

    def findings(self, session: ReadSession, rows: Iterable[StatementRow]) -> dict[Place, int]:
        """Find out about listings of other cities.

        Args:
            session: what is held.
            rows: of any kinds and logs; only what lists something in followed logs is judged.

        Returns:
            The finding of each listing among `rows`, `Finding.NONE` where it is not held or has
            ended, and for all of ours that are not `Finding.SIMILAR`, whose subject the library
            does not know under other names alone (O3), and of which no department said that a
            match of them was of another subject; and of all copies of the same records,
            which are judged together, so that it does not matter which of them came or changed
            last.
        """
        found, others, _ = self._found(session, rows)
        return found | others

    def page(
        self, session: ReadSession, rows: Iterable[StatementRow]
    ) -> tuple[dict[Place, int], dict[Place, Evidence]]:
        """See `findings`; and what was read for them, also of listings beside these."""
        found, others, read = self._found(session, rows)
        return found | others, read

    def _found(
        self, session: ReadSession, rows: Iterable[StatementRow]
    ) -> tuple[dict[Place, int], dict[Place, int], dict[Place, Evidence]]:
        """Findings of listings, those that departments' words give them, and what was read."""
        heads = {head.log: head for head in session.heads()}
        found, arranged, known, groups, read = self._judged(session, rows, heads)
        decide(session, arranged)
        found |= arranged
        held: dict[Place, int] = {
            place: Finding.SIMILAR
            for place in found
            if known[place].rule == SIMILAR and stands(known[place])
        }
        own = [row for p, row in known.items() if p in found and heads[row.log].ours]
        held |= dict.fromkeys(self._named_otherwise(session, own) - held.keys(), NAMED_OTHERWISE)
        decide(session, held)
        others = {place: f for place, f in found.items() if not heads[place[0]].ours}
        ours = dict.fromkeys(found.keys() - others.keys(), Finding.NONE)
        result = ours | others | held
        used = [
            place
            for place, finding in result.items()
            if is_used(finding)
            or (heads[place[0]].ours and place not in held and stands(known[place]))
        ]
        return result, of_another_of(session, used, groups), read

    def question(self, session: ReadSession, row: StatementRow) -> int:
        """The rule about which a person decides: see `_question`.

        While the library is damaged, that by which it was held or decided before (F57).

        Raises:
            RefusedError: `library.damaged`: nothing is kept of it.
        """
        try:
            return self._question(session, row)
        except RefusedError as error:
            if error.code != DAMAGED:
                raise
            place = (row.log, row.idx)
            kept = session.findings([place]).get(place, Finding.NONE)
            asked = question_kept(session.decisions([place]).get(place, ()), kept)
            if not asked:
                raise
            return asked

    def _question(self, session: ReadSession, row: StatementRow) -> int:
        """What holds a listing before anybody said anything.

        `Finding.SIMILAR` where it is held for a relieved record like its own, whatever else holds.
        `Finding.OTHER_SUBJECT` where it would be used, and a department said that its match was of
        another subject; `Finding.CONFLICT` where its copies contradict it, otherwise what it is by
        itself; `Finding.NONE` where it does not stand.
        """
        if row.rule == SIMILAR and stands(row):
            return Finding.SIMILAR
        if (row.log, row.idx) in self._found(session, [row])[1]:
            return Finding.OTHER_SUBJECT
        heads = {head.log: head for head in session.heads()}
        if heads[row.log].ours and self._named_otherwise(session, [row]):
            return NAMED_OTHERWISE
        arranged = self._judged(session, [row], heads)[1]
        place = (row.log, row.idx)
        if arranged.get(place) == Finding.CONFLICT:
            return Finding.CONFLICT
        found: dict[Place, int] = dict(self.by_itself(session, [row]))
        question = found.get(place, Finding.NONE)
        decide(session, found)
        if contradicted_of(session, found):
            return Finding.CONFLICT
        return question

    def doubt(self, session: ReadSession, row: StatementRow) -> Doubt | None:
        """What cannot be right of a standing listing, with what was expected; None for nothing."""
        standing = [row] if row.kind in JUDGED_KINDS and stands(row) else []
        heads = {head.log: head for head in session.heads()}
        candidate = self._candidates(session, standing, heads).get((row.log, row.idx))
        if candidate is None or isinstance(candidate, Commended):
            return None
        entry = self._catalog().entry(candidate.list_type, Date(candidate.decided_on))
        tier = 0 if entry is None else entry.item.tier
        return plausibility.doubt(candidate, tier, self._today())

    def _judged(
        self, session: ReadSession, rows: Iterable[StatementRow], heads: dict[int, LogHead]
    ) -> tuple[
        dict[Place, int],
        dict[Place, int],
        dict[Place, StatementRow],
        Sequence[Sequence[Place]],
        dict[Place, Evidence],
    ]:
        """Findings of listings with decisions; of copies; rows; groups of copies; what was read."""
        catalog, today = self._catalog(), self._today()
        listings = {(r.log, r.idx): r for r in rows if r.kind in JUDGED_KINDS}
        groups = copies_of(session, listings)
        others = [p for group in groups for p in group if p not in listings]
        known = listings | {(r.log, r.idx): r for r in session.rows_at(others)}
        several = {place for group in groups for place in group}
        asked = self._asked(
            session,
            [row for p, row in known.items() if p in several or not heads[row.log].ours],
        )
        found: dict[Place, int] = dict.fromkeys(listings, Finding.NONE)
        for place, evidence in asked.items():
            ours = heads[place[0]].ours
            found[place] = Finding.RECOGNISED if ours else evidence.judged(catalog, today)
        decide(session, found)
        theirs = {p: f for p, f in found.items() if not heads[p[0]].ours}
        found |= contradicted_of(session, theirs)
        arranged: dict[Place, int] = {}
        for group in groups:
            arranged |= arrange(
                [
                    self._copy(
                        known[place], heads[place[0]], found[place], catalog, today, asked[place]
                    )
                    for place in group
                    if place in asked
                ]
            )
        return found, arranged, known, groups, asked

    def by_itself(self, session: ReadSession, rows: Iterable[StatementRow]) -> dict[Place, Finding]:
        """Judge standing listings among rows without decisions and copies."""
        catalog, today = self._catalog(), self._today()
        return {
            place: evidence.judged(catalog, today)
            for place, evidence in self._asked(session, rows).items()
        }

    def compared(
        self, session: ReadSession, rows: Iterable[StatementRow], other: Catalog
    ) -> dict[Place, tuple[Finding, Finding]]:
        """Judge likewise by today's catalog and by another one, for a dry run."""
        catalog, today = self._catalog(), self._today()
        return {
            place: (evidence.judged(catalog, today), evidence.judged(other, today))
            for place, evidence in self._asked(session, rows).items()
        }

    def awards(
        self, session: ReadSession, rows: Iterable[StatementRow]
    ) -> Sequence[tuple[Commended, bool]]:
        """What the standing commendations among rows say, and whether nothing holds them here."""
        ours = {head.log for head in session.heads() if head.ours}
        catalog, today = self._catalog(), self._today()
        commended = [row for row in rows if row.kind == Kind.COMMENDATION]
        return [
            (one.candidate, place[0] in ours or is_sure(one.judged(catalog, today)))
            for place, one in self._asked(session, commended).items()
            if isinstance(one.candidate, Commended)
        ]

    def unattested(
        self, session: ReadSession, rows: Sequence[StatementRow]
    ) -> dict[Place, tuple[Wanted, str]]:
        """Of which of these the library knows no subject: its leaf, and the name that it states."""
        current = {(row.log, row.idx): row.current for row in rows}
        return {
            place: (_wanted(one.candidate, current[place]), one.candidate.name)
            for place, one in self._read(session, rows).items()
            if one.known is None
        }

    def _named_otherwise(self, session: ReadSession, own: Sequence[StatementRow]) -> set[Place]:
        """Of listings of ours, those whose subject the library has under other names (O3, O4)."""
        adverse = [row for row in own if row.kind in ADVERSE_KINDS]
        found = {
            place: self._keyring.lookup(name_said(said.scheme, said.code, said.name, known)).hex()
            for place, (said, known, *_) in self._read(session, adverse).items()
            if known is not None and named_otherwise(said.name, known)
        }
        words = session.decisions(list(found)) if found else {}
        return {p for p, said in found.items() if not named_by_row(words.get(p, ()), said)}

    def _asked(self, session: ReadSession, rows: Iterable[StatementRow]) -> dict[Place, Evidence]:
        """What each standing listing says, and what is known of its subject, here and at home."""
        rows = list(rows)
        asked = self._read(session, rows)
        current = {(row.log, row.idx): row.current for row in rows}
        foreign = {
            place: _wanted(one.candidate, current[place])
            for place, one in asked.items()
            if one.known is None
        }
        said = self._attestations.weigh(session, foreign)
        rejected = session.decisions(list(said)) if said else {}
        for place, attested in said.items():
            asked[place] = asked[place]._replace(
                attested=attested, rejected=rejected_before(rejected.get(place, ()))
            )
        return asked

    def _read(self, session: ReadSession, rows: Iterable[StatementRow]) -> dict[Place, Evidence]:
        """What each standing listing says, and what the base library says of its subject."""
        heads = {head.log: head for head in session.heads()}
        standing = [row for row in rows if row.kind in JUDGED_KINDS and stands(row)]
        candidates = self._candidates(session, standing, heads)
        known = self._known(candidates.values())
        return {
            place: Evidence(candidate, known.get((candidate.scheme, candidate.code)))
            for place, candidate in candidates.items()
        }

    def _candidates(
        self, session: ReadSession, rows: Sequence[StatementRow], heads: dict[int, LogHead]
    ) -> dict[Place, Candidate | Commended]:
        """What is in force for each of these whose payload is held."""
        by_log: dict[int, list[StatementRow]] = defaultdict(list)
        for row in rows:
            by_log[row.log].append(row)
        found: dict[Place, Candidate | Commended] = {}
        for log, listed in by_log.items():
            replaced = [(log, row.current) for row in listed if row.current != row.idx]
            kinds = {row.idx: row.kind for row in (*listed, *session.rows_at(replaced))}
            stored = session.openings(log, [row.current for row in listed])
            opened = self._keyring.held_openings(heads[log].origin, stored)
            payloads = {one.index: opening.payload for one, opening in opened}
            for row in listed:
                if row.current in payloads:
                    candidate = judged_from(kinds[row.current], payloads[row.current])
                    if candidate is not None:
                        found[log, row.idx] = candidate
        return found

    def _known(
        self, candidates: Iterable[Candidate | Commended]
    ) -> dict[tuple[str, str], BaseSubject]:
        codes: dict[str, set[str]] = defaultdict(set)
        for candidate in candidates:
            codes[candidate.scheme].add(candidate.code)
        return {
            (scheme, code): subject
            for scheme, asked in codes.items()
            for code, subject in self._library.by_code(scheme, sorted(asked)).items()
        }

    def _copy(
        self,
        row: StatementRow,
        head: LogHead,
        finding: int,
        catalog: Catalog,
        today: Date,
        asked: Evidence,
    ) -> Copy:
        candidate = asked.candidate
        if isinstance(candidate, Commended):
            raise TypeError(candidate)  # `listings_of` gives what is said against subjects
        rank = self._trust().rank(head, candidate.authority)
        return Copy(
            place=(row.log, row.idx),
            rank=(rank, head.origin, row.idx),
            decided_on=candidate.decided_on,
            until=candidate.until,
            finding=finding,
            tier=candidate.tier,
            has_basis=candidate.has_basis and not candidate.blank_basis,
            has_notice=candidate.has_notice,
            sound=finding not in CURABLE
            or is_sound(candidate, catalog, asked.known, asked.attested, today=today),
        )


def _wanted(candidate: Candidate | Commended, leaf: int) -> Wanted:
    faulty = code_fault(candidate.scheme, candidate.code)
    registered = "" if faulty else registered_in(candidate.scheme, candidate.code)
    return Wanted(leaf=leaf, registered=registered)
