"""What is held about reliefs: which members said what of them, and by when that is proved.

By the rules RP1-RP5 and RP12-RP14 of `federation.relief.progress`. Nothing of a subject is opened
here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from crypto.checkpoint import peek_checkpoint
from crypto.cosignature import claimed_time
from crypto.notes import parse_note
from federation.ids import Origin, Timestamp
from federation.life.annotations import open_annotations
from federation.life.suppression import revoked_reliefs
from federation.peers.first_notes import FirstNote
from federation.ports.findings import Place
from federation.ports.receipts import Heard
from federation.ports.store import LogHead, ReadSession
from federation.reconcile.receipts import ReceiptOutcome, may_tell
from federation.relief.progress import Said, Words
from federation.rows import LISTED_KINDS, StatementRow
from federation.statements import Kind, parse_header
from node.charters.view import TrustView
from node.log.chains import TrustChains
from node.log.first_notes import is_of_history
from node.log.head_times import signed_on

_APPLIED: Final = (ReceiptOutcome.APPLIED, ReceiptOutcome.OPENED)


class MemberWords:
    """What one snapshot has about some reliefs, by the charters of the moment."""

    def __init__(
        self,
        session: ReadSession,
        trust: TrustView,
        own: Origin,
        reliefs: Sequence[StatementRow],
        *,
        timed: bool,
        now: Timestamp,
    ) -> None:
        """Read it; without `timed` only who said what, and when the reliefs were said."""
        self._session = session
        self.trust = trust
        self.heads = {head.log: head for head in session.heads()}
        self._chains = TrustChains(trust, self.heads.values())
        epochs = [trust.chain(origin) for origin in (*trust.tellers(), *_own_teller(trust, own))]
        self._tellers = {chain[-1]: chain for chain in epochs if chain}
        self._logs = {
            member: frozenset(log for log, head in self.heads.items() if head.origin in chain)
            for member, chain in self._tellers.items()
        }
        self._mirrors = {
            member: {(key.name, key.key_id) for key in trust.trust.mirror_keys(member)}
            for member in self._tellers
        }
        self.listings = self._listings(reliefs)
        """What reliefs are about, where it is held and theirs to end; by the reliefs' places."""
        self.over = self._over(reliefs)
        """Places of those that nobody has to execute any more (RP10)."""
        self._heard = self._all_heard([*reliefs, *self.listings.values()])
        self._timed = timed
        said = [_place(row) for row in reliefs] if timed else []
        if timed:
            said += [(w.speaker, w.place) for words in self._heard.values() for w in words]
        self._notes = Notes(session, self.heads, said)
        self._heard_to = session.heard_to()
        self._now = now
        self._until: dict[Origin, Timestamp] = {}

    def published(self, row: StatementRow) -> Said:
        """When a relief was said."""
        return self._notes.said(_place(row))

    def region(self, origin: Origin) -> str:
        """The region of the member whose log this is."""
        members = self.trust.trust.members(origin)
        return next((self.trust.trust.member(ref).region for ref in members), "")

    def _listings(self, reliefs: Sequence[StatementRow]) -> dict[Place, StatementRow]:
        asked = sorted({row.about for row in reliefs if row.about is not None})
        found: dict[bytes, list[StatementRow]] = {}
        for one in self._session.rows_by_id(None, asked) if asked else ():
            if one.kind in LISTED_KINDS:
                found.setdefault(one.statement_id, []).append(one)
        return {
            (row.log, row.idx): one
            for row in reliefs
            if row.about is not None
            for one in found.get(row.about, ())
            if one.log in self._chains.speaks_for(row.log, row.idx)
        }

    def _over(self, reliefs: Sequence[StatementRow]) -> frozenset[Place]:
        places = [(row.log, row.idx) for row in reliefs]
        begun = [
            row for row in reliefs if row.kind == Kind.ANNOTATION and _place(row) in self.listings
        ]
        about = [self.listings[_place(row)] for row in begun]
        still = {
            _place(said.row)
            for found in open_annotations(self._session, about, self._chains).values()
            for said in found
        }
        ended = {_place(row) for row in begun} - still
        return revoked_reliefs(places, self._session, self._chains) | ended

    def _all_heard(self, named: Sequence[StatementRow]) -> dict[Place, list[Heard]]:
        found: dict[Place, list[Heard]] = {}
        for log, held in by_log(named).items():
            for one in self._session.heard(log, sorted({row.idx for row in held})):
                found.setdefault((log, one.idx), []).append(one)
        return found

    def members(self, row: StatementRow) -> Sequence[Origin]:
        """Who is asked (RP5), in the order of the origins."""
        origin = self.heads[row.log].origin
        others = [one for one, chain in self._tellers.items() if origin not in chain]
        if row.audience is None:
            spoke = {one.speaker for one in self._heard.get((row.log, row.idx), ())}
            return sorted(one for one in others if self._logs[one] & spoke)
        audience, trust = self._session.audience(row.audience), self.trust.trust
        return sorted(
            one
            for one in others
            if trust.entitled_reader(trust.members(one), origin, audience, row.kind)
        )

    def words(self, row: StatementRow, member: Origin) -> Words:
        """What is known of a member about a relief."""
        logs = self._logs[member]
        about = self.listings.get((row.log, row.idx))

        def first(place: Place, outcomes: Iterable[int]) -> Said | None:
            places = [
                (one.speaker, one.place)
                for one in self._heard.get(place, ())
                if one.speaker in logs and one.outcome in outcomes
            ]
            if not places:
                return None
            if not self._timed:
                return Said(None)
            found = [self._notes.said(one) for one in places]
            times = [one.by for one in found if one.by is not None]
            return Said(min(times, default=None), min(one.after for one in found))

        place = (row.log, row.idx)
        lifted = None
        if about is not None and row.kind != Kind.ANNOTATION:
            lifted = first((about.log, about.idx), (ReceiptOutcome.LIFTED,))
        return Words(
            member=member,
            city=self.trust.city(member),
            region=self.region(member),
            mirrored=self._notes.mirrored(place, self._mirrors[member]) if self._timed else None,
            applied=first(place, _APPLIED),
            lifted=lifted,
            lifts=row.kind != Kind.ANNOTATION
            and about is not None
            and about.log not in logs
            and self._was_handed(member, about),
            member_since=self.member_since(row, member),
            heard_until=self._heard_until(member),
        )

    def _heard_until(self, member: Origin) -> Timestamp:
        """Up to when a member's log is known whole, as it says itself (RP13); 0: it is not."""
        if member not in self._until:
            head = next((one for one in self.heads.values() if one.origin == member), None)
            self._until[member] = Timestamp(0) if head is None else self._whole_until(head)
        return self._until[member]

    def _whole_until(self, head: LogHead) -> Timestamp:
        begin = self._heard_to.get(head.log, 0) - 1
        if head.applied_to < head.note_size or self._session.list_rows(
            log=head.log, kinds=[Kind.RECEIPT], states=None, after=(head.log, begin), limit=1
        ):
            return Timestamp(0)
        if head.ours:
            return self._now
        return signed_on(head.note, self.trust.trust.head_keys(head.origin)) or Timestamp(0)

    def member_since(self, row: StatementRow, member: Origin) -> Timestamp:
        """Since when it is a member of an alliance that may read a relief; of any in doubt."""
        trust = self.trust.trust
        refs = trust.members(member)
        if row.audience is not None:
            charters = self._session.audience(row.audience).charters
            refs = tuple(ref for ref in refs if ref.charter in charters) or refs
        return min((trust.member_since(ref) for ref in refs), default=Timestamp(0))

    def _was_handed(self, member: Origin, about: StatementRow) -> bool:
        """Whether a member may hold a listing; in doubt it does, and has to lift it."""
        if about.audience is None:
            return True
        audience, trust = self._session.audience(about.audience), self.trust.trust
        return trust.may_keep(trust.members(member), audience, about.kind)


class _Span(NamedTuple):
    """Leaves of a log that the same checkpoint kept covers first."""

    below: int
    """Size of the largest one kept that does not cover them; 0 where there is none."""
    first: FirstNote | None


class Notes:
    """Checkpoints kept, each compared with the history held once."""

    def __init__(
        self, session: ReadSession, heads: Mapping[int, LogHead], places: Iterable[Place]
    ) -> None:
        """Read the leaves at `places` at once; each of any others is asked for by itself."""
        self._session = session
        self._heads = heads
        self._good: dict[tuple[int, int], bool] = {}
        self._said: dict[Place, Said] = {}
        self._lines: dict[tuple[int, bytes], dict[tuple[str, bytes], Timestamp]] = {}
        self._spans: dict[int, list[_Span]] = {}
        """By log, in the order of their leaves."""
        held = sorted({(log, index) for log, index in places if index < heads[log].size})
        self._leaves = dict(zip(held, session.leaves_at(held), strict=True))

    def said(self, place: Place) -> Said:
        """By when a leaf was said (RP1), and after when (RP14)."""
        if place not in self._said:
            first = self._first(place)
            by = None if first is None else first[0]
            self._said[place] = Said(by, self._after(place))
        return self._said[place]

    def _after(self, place: Place) -> Timestamp:
        """What the leaf says itself, or the largest checkpoint kept that does not cover it."""
        log, index = place
        if index >= self._heads[log].size:
            return Timestamp(0)  # heard of before its log was set back
        if place not in self._leaves:
            (self._leaves[place],) = self._session.leaves_at([place])
        after = parse_header(self._leaves[place]).issued_at
        below = self._span(place).below
        first = self._first((log, below - 1)) if below else None
        return Timestamp(max(after, first[0] if first is not None else 0))

    def _span(self, place: Place) -> _Span:
        log, index = place
        spans = self._spans.setdefault(log, [])
        at = bisect_right(spans, index, key=_below)
        known = spans[at - 1] if at else None
        if known is not None and (known.first is None or index < known.first.size):
            return known
        below = self._session.first_note_below(log, index + 1)
        found = _Span(below, self._session.first_note(log, index))
        spans.insert(at, found)
        return found

    def mirrored(self, place: Place, keys: set[tuple[str, bytes]]) -> Said | None:
        """By when one of these keys says that it holds a leaf (RP2)."""
        log, index = place
        head, first = self._heads[log], self._first(place)
        notes = [first[1]] if first is not None else []
        if head.note and peek_checkpoint(head.note).size > index:
            notes.append(head.note)
        times = [at for note in notes for key, at in self._of(log, note).items() if key in keys]
        return Said(min(times)) if times else None

    def _first(self, place: Place) -> tuple[Timestamp, bytes] | None:
        log, note = place[0], self._span(place).first
        if note is None:
            return None
        if (log, note.size) not in self._good:
            self._good[log, note.size] = is_of_history(self._session, self._heads[log], note)
        return (note.cosigned_at, note.note) if self._good[log, note.size] else None

    def _of(self, log: int, note: bytes) -> Mapping[tuple[str, bytes], Timestamp]:
        if (log, note) not in self._lines:
            self._lines[log, note] = {
                (line.name, line.key_id): Timestamp(claimed_time(line))
                for line in parse_note(note).signatures[1:]
            }
        return self._lines[log, note]


def _below(span: _Span) -> int:
    return span.below


def _own_teller(trust: TrustView, own: Origin) -> Sequence[Origin]:
    """Our own log, where we tell receipts."""
    members = map(trust.trust.member, trust.trust.members(own))
    return [own] if may_tell(role for member in members for role in member.roles) else []


def _place(row: StatementRow) -> Place:
    return row.log, row.idx


def by_log(found: Iterable[StatementRow]) -> dict[int, list[StatementRow]]:
    """Rows by their logs."""
    found_in: dict[int, list[StatementRow]] = {}
    for row in found:
        found_in.setdefault(row.log, []).append(row)
    return found_in
