"""Asking the region where a foreign subject is registered 主体核验 (SPEC §9.9).

A listing whose subject our library does not know is held. Its home is asked whether code and name
agree, a few leaves at a time; the answer is kept (`node.records.attestations`) and the listing
judged again. What is certain is asked again before the catalog's days are over; what is not, a week
later; what was not answered, after a pause that doubles. What a person has decided is not asked
about.

What was asked is remembered in this process only: after a restart it is asked again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Final, NamedTuple

from crypto.merkle import inclusion_proof
from crypto.proof import ProofFile
from federation.errors import ReplicationError
from federation.ids import LeafHash, MemberId, Origin, Timestamp
from federation.payloads import Reference
from federation.ports.findings import Place
from federation.ports.store import LogHead, ReadSession, Store, WriteSession
from federation.reconcile.attestation import (
    ID_SIZE,
    Agreement,
    Asked,
    Attestation,
    Item,
    LeafDisclosure,
    Question,
    Said,
    verify_attestation,
)
from federation.reconcile.catalog import Catalog
from federation.reconcile.copies import stands
from federation.reconcile.findings import ATTESTABLE, Finding
from federation.rows import OpeningStatus
from federation.statements import Kind
from node.attestation.answers import UNOPENED, Openings
from node.charters.view import Attestor, TrustView
from node.codec.attestations import question_to_bytes
from node.log.tiles import tile_nodes
from node.reconcile.judging import Reconciliation
from node.records.attestations import Kept, KeptAttestations
from node.system.clock import date_of

ASKED: Final = 16
"""Subjects in one question: each of their listings keeps the whole answer, about a kilobyte."""
QUESTIONS: Final = 16
"""Questions to one peer in one round."""
PAGE: Final = 1024
HELD_PAGE: Final = ASKED * QUESTIONS
"""What one peer is asked in one round: of a log most subjects have one home, and to look at a
listing costs more than to ask about it."""
PAGES: Final = 32
"""Pages of held listings looked at in one round."""
FIRST_PAUSE: Final = 60
LONGEST_PAUSE: Final = 86_400
AGAIN: Final = 7 * 86_400
"""Seconds after which is asked again what the home did not confirm."""
REVIEW: Final = 3600
"""Seconds after which what is kept is looked through for what has grown old."""
_CERTAIN: Final = (Finding.ATTESTED, Finding.NOTED)
"""Findings that may rest on the word of a subject's home."""
_DAY: Final = 86_400
_EVER: Final = Timestamp(2**62)


class Pause(NamedTuple):
    """When a listing may be asked about again."""

    until: int = 0
    tries: int = 0
    shows: bool = False
    """The leaf was not open to whom was asked: next time it is shown, if that may be."""


class Named(NamedTuple):
    """A listing that was asked about, and the leaf that names its subject now."""

    origin: Origin
    listing: int
    leaf: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A question on its way."""

    peer: MemberId
    asked: Asked
    question: bytes
    named: tuple[Named, ...]
    """In the order of the items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """A listing to ask about."""

    place: Place
    named: Named
    shows: bool


class Attesting:
    """Decides whom to ask about what, and takes the answers."""

    def __init__(
        self,
        *,
        own: Origin,
        store: Store,
        reconciliation: Reconciliation,
        attestations: KeptAttestations,
        openings: Openings,
        trust: Callable[[], TrustView],
        catalog: Callable[[], Catalog],
        now: Callable[[], Timestamp],
        token: Callable[[int], bytes],
    ) -> None:
        """Wire it.

        Args:
            own: our current log.
            store: findings, rows, openings.
            reconciliation: says of which listings the library knows no subject.
            attestations: keeps the answers.
            openings: what of a log a peer may have.
            trust: the charters in force.
            catalog: says for how many days an answer counts.
            now: seconds UTC.
            token: the source of randomness.
        """
        self._own = own
        self._store = store
        self._reconciliation = reconciliation
        self._attestations = attestations
        self._openings = openings
        self._trust = trust
        self._catalog = catalog
        self._now = now
        self._token = token
        self._pauses: dict[Place, Pause] = {}
        self._held: Place | None = None
        self._aged: Place | None = None
        self._view: TrustView | None = None
        self._reviewed = 0

    # ---- asking

    def questions(self, peers: Collection[MemberId], most: int = QUESTIONS) -> list[Sent]:
        """Make the questions of one round; reads only, on one thread at a time.

        Args:
            peers: who can be asked now.
            most: questions to one peer.
        """
        now = self._now()
        wishes: dict[Attestor, list[_Wish]] = defaultdict(list)
        with self._store.read() as session:
            heads = {head.log: head for head in session.heads()}
            for places in self._pages(session, now):
                self._wish(session, peers, heads, places, wishes, ASKED * most)
                if any(len(wished) >= ASKED * most for wished in wishes.values()):
                    break
            return [
                self._sent(session, heads, one, wished[start : start + ASKED])
                for one, wished in wishes.items()
                for start in range(0, len(wished), ASKED)
            ]

    def _pages(self, session: ReadSession, now: Timestamp) -> Iterator[list[Place]]:
        """Listings held for want of a word, and those whose word grows old; some each round."""
        for _ in range(PAGES):
            page = session.places_found(ATTESTABLE, self._held, HELD_PAGE)
            self._held = page[-1] if len(page) == HELD_PAGE else None
            yield self._rested(page, now)
            if self._held is None:
                break
        half = self._days(now) * _DAY // 2
        page = session.attestations_before(Timestamp(now - half), self._aged, PAGE)
        self._aged = page[-1] if len(page) == PAGE else None
        found = session.findings(page)
        yield self._rested([p for p in page if found.get(p) in _CERTAIN], now)

    def _rested(self, places: Sequence[Place], now: Timestamp) -> list[Place]:
        return [p for p in places if self._pauses.get(p, Pause()).until <= now]

    def _wish(
        self,
        session: ReadSession,
        peers: Collection[MemberId],
        heads: Mapping[int, LogHead],
        places: Sequence[Place],
        wishes: dict[Attestor, list[_Wish]],
        most: int,
    ) -> None:
        """Add listings to what each of those who can attest is to be asked."""
        now = self._now()
        attestors = cache(self._trust().attestors)  # of a page most subjects have one home
        rows = session.rows_at(places)
        for place, (wanted, _) in self._reconciliation.unattested(session, rows).items():
            before = self._pauses.get(place, Pause())
            homes = attestors(wanted.registered)
            asked = [one for one in homes if one.peer in peers]
            if not homes:  # nobody may attest it, until a charter says otherwise
                self._pauses[place] = before._replace(until=now + REVIEW)
            if not asked:
                continue
            one = asked[before.tries % len(asked)]
            if len(wishes[one]) >= most:
                continue
            pause = min(FIRST_PAUSE << min(before.tries, 16), LONGEST_PAUSE)
            self._pauses[place] = Pause(now + pause, before.tries + 1, before.shows)
            named = Named(heads[place[0]].origin, place[1], wanted.leaf)
            wishes[one].append(_Wish(place=place, named=named, shows=before.shows))

    def _sent(
        self,
        session: ReadSession,
        heads: Mapping[int, LogHead],
        one: Attestor,
        wished: Sequence[_Wish],
    ) -> Sent:
        leaves = [(wish.place[0], wish.named.leaf) for wish in wished]
        hashes = session.leaf_hashes(leaves)
        items = tuple(
            Item(
                leaf=Reference(
                    origin=wish.named.origin,
                    index=wish.named.leaf,
                    leaf_hash=LeafHash(leaf_hash),
                ),
                disclosure=self._shown(session, heads[wish.place[0]], one.peer, wish.named.leaf)
                if wish.shows
                else None,
            )
            for wish, leaf_hash in zip(wished, hashes, strict=True)
        )
        question = question_to_bytes(
            Question(question_id=self._token(ID_SIZE), charter=one.charter, items=items)
        )
        asked = Asked(
            answerer=one.origin,
            asker=self._own,
            charter=one.charter,
            question=sha256(question).digest(),
            items=len(items),
        )
        named = tuple(wish.named for wish in wished)
        return Sent(peer=one.peer, asked=asked, question=question, named=named)

    def _shown(
        self, session: ReadSession, head: LogHead, peer: MemberId, leaf: int
    ) -> LeafDisclosure | None:
        """The leaf with its opening and proof, where the peer may have it."""
        (opening,) = self._openings(peer, head.origin, [leaf])
        if opening.status != OpeningStatus.PRESENT or leaf >= head.note_size:
            return None
        nodes = tile_nodes(session, head.log, head.note_size)
        proof = ProofFile(
            index=leaf,
            proof=tuple(inclusion_proof(leaf, head.note_size, nodes)),
            checkpoint=head.note,
        )
        (data,) = session.leaves(head.log, leaf, leaf + 1)
        return LeafDisclosure(
            leaf=data, salt=opening.salt, payload=opening.payload, proof=proof.to_bytes()
        )

    # ---- answers

    def take(self, sent: Sent, note: bytes) -> int:
        """Take an answer; on the writer thread.

        Returns:
            The number of listings to be judged again.

        Raises:
            ReplicationError: `attestation.…`: it is no answer to this question.
        """
        answer = verify_attestation(note, sent.asked, self._trust().document_keys, self._now())
        return self._take([(sent, answer, note)])

    def take_all(self, answers: Sequence[tuple[Sent, bytes]]) -> Sequence[ReplicationError]:
        """Take answers in one write; on the writer thread.

        Returns:
            `attestation.…`: of each that is no answer to its question; the others are taken.
        """
        good: list[tuple[Sent, Attestation, bytes]] = []
        faults: list[ReplicationError] = []
        for sent, note in answers:
            keys = self._trust().document_keys
            try:
                good.append((sent, verify_attestation(note, sent.asked, keys, self._now()), note))
            except ReplicationError as error:
                faults.append(error)
        self._take(good)
        return faults

    def _take(self, answers: Sequence[tuple[Sent, Attestation, bytes]]) -> int:
        now = self._now()
        taken: dict[Place, Said] = {}
        with self._store.write() as session:
            for sent, answer, note in answers:
                for origin in dict.fromkeys(named.origin for named in sent.named):
                    head = session.head(origin)
                    if head is not None:
                        kept = self._kept(session, head, sent, answer, note)
                        names = self._names(session, kept)
                        self._attestations.keep(session, origin, kept, answer.as_of, names)
                        taken |= {place: answer.said[one.number] for place, one in kept.items()}
            session.put_due(list(taken))
        for place, said in taken.items():
            self._rest(place, said, now)
        return len(taken)

    def _kept(
        self,
        session: WriteSession,
        head: LogHead,
        sent: Sent,
        answer: Attestation,
        note: bytes,
    ) -> dict[Place, Kept]:
        """What of an answer is kept of one log: of listings that say today what was asked about.

        A word that is not given, or is of an earlier day, takes no other one's place.
        """
        named = {
            (head.log, one.listing): Kept(
                leaf=one.leaf, number=number, question=answer.question, note=note
            )
            for number, one in enumerate(sent.named)
            if one.origin == head.origin
        }
        rows = {(row.log, row.idx): row for row in session.rows_at(list(named))}
        before = self._attestations.kept(session, head.origin, list(named))
        kept: dict[Place, Kept] = {}
        for place, one in named.items():
            row, older = rows.get(place), before.get(place)
            if row is None or not stands(row) or row.current != one.leaf:
                continue
            if older is not None and older[0].leaf == one.leaf:
                silent = answer.said[one.number].agreement is Agreement.NOT_ANSWERED
                if silent or older[1] > answer.as_of:
                    self._rest(place, answer.said[one.number], self._now())
                    continue
            kept[place] = one
        return kept

    def _names(self, session: WriteSession, kept: Mapping[Place, Kept]) -> dict[Place, str]:
        """The names that these listings state today; of subjects that the library knows none.

        Nor of commendations: a firm of the same name is looked for because it may be listed (CK10),
        and few places are looked at.
        """
        rows = session.rows_at(list(kept)) if kept else []
        rows = [row for row in rows if row.kind != Kind.COMMENDATION]
        asked = self._reconciliation.unattested(session, rows)
        return {place: name for place, (_, name) in asked.items()}

    def _rest(self, place: Place, said: Said, now: Timestamp) -> None:
        """When to ask again, after this answer."""
        before = self._pauses.get(place, Pause())
        match said.agreement:
            case Agreement.NOT_ANSWERED:
                self._pauses[place] = before._replace(shows=said.code == UNOPENED)
            case Agreement.CURRENT | Agreement.FORMER:
                self._pauses[place] = Pause(until=now + _DAY)
            case _:
                self._pauses[place] = Pause(until=now + AGAIN)

    # ---- what grows old

    def review(self) -> None:
        """Have judged again what has grown old, and everything once the charters are others.

        On the writer thread.
        """
        now, view = self._now(), self._trust()
        changed = view is not self._view
        if not changed and now < self._reviewed + REVIEW:
            return
        before = _EVER if changed else Timestamp(now - self._days(now) * _DAY)
        after: Place | None = None
        with self._store.write() as session:
            while page := session.attestations_before(before, after, PAGE):
                after = page[-1]
                found = session.findings(page)
                session.put_due([p for p in page if changed or found.get(p) in _CERTAIN])
        self._view, self._reviewed = view, now
        rested = now - LONGEST_PAUSE
        self._pauses = {
            place: pause
            for place, pause in list(self._pauses.items())
            if pause.until > rested and not changed
        }

    def _days(self, now: Timestamp) -> int:
        return self._catalog().attestation_days(date_of(now))
