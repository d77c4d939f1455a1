"""Answering what others ask about subjects of our region 主体核验 (SPEC §9.9).

A question names leaves. What an asker may not open, or cannot show, is not answered, so that no
library can be asked about a code and a name that somebody guessed. What is told of a subject is
only whether the two agree, and its status where they do.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from hashlib import sha256
from typing import Final

from adapters.state.keyring import KeyRing
from crypto.errors import CryptoError
from crypto.keys import Signer
from crypto.merkle import leaf_hash
from crypto.proof import Disclosure, parse_proof, verify_disclosure
from federation.errors import RefusedError
from federation.facts import PayloadReader
from federation.ids import CharterId, Date, MemberId, Origin, Timestamp
from federation.life.reading import StatementReading
from federation.payloads import Reference
from federation.peers.openings import DeliveredOpening
from federation.ports.store import Store
from federation.recognition.commendations import Commended
from federation.reconcile.attestation import (
    Attestation,
    Item,
    LeafDisclosure,
    Said,
    attest,
    not_answered,
    sign_attestation,
)
from federation.reconcile.candidate import Candidate
from federation.reconcile.identity import USCC, BaseLibrary, code_fault
from federation.regions import registered_in
from federation.rows import OpeningStatus, State
from federation.statements import Kind
from node.charters.view import TrustView
from node.codec.attestations import question_from_bytes
from node.codec.candidates import judged_from
from node.system.clock import date_of

ITEMS_A_DAY: Final = 20_000
"""Subjects that one member may ask about in a day, answered or not: more than the foreign ones of
a large city's lists; each costs a look-up here."""

_NAMING: Final = frozenset(
    {Kind.LISTING, Kind.PENALTY, Kind.COMMENDATION, Kind.CORRECTION, Kind.RELISTING}
)
"""Kinds whose payload names the subject of a listing, penalty or commendation."""
_NOT_READ: Final = frozenset({State.SET_ASIDE, State.HELD})

Named = Candidate | Commended
"""What names a subject."""

UNOPENED: Final = "attestation.unopened"
UNPROVED: Final = "attestation.unproved"
REGION: Final = "attestation.region"
BUDGET: Final = "attestation.budget"
LIBRARY: Final = "attestation.library"

Openings = Callable[[MemberId, Origin, Sequence[int]], Sequence[DeliveredOpening]]
"""What of a log a peer may have, in the order asked (`Exchange.openings_for`)."""


class AttestationAnswers:
    """Answers questions; any thread, blocks."""

    def __init__(
        self,
        *,
        own: Origin,
        store: Store,
        keyring: KeyRing,
        payloads: PayloadReader,
        openings: Openings,
        trust: Callable[[], TrustView],
        library: BaseLibrary,
        signer: Signer | None,
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it.

        Args:
            own: our current log.
            store: rows and leaf hashes of the logs held.
            keyring: tags what is disclosed, as reading it demands.
            payloads: reads what is disclosed.
            openings: what of a log a peer may have.
            trust: the charters in force.
            library: our base library.
            signer: our document key; None where the node has none.
            now: seconds UTC.
        """
        self._own = own
        self._store = store
        self._keyring = keyring
        self._payloads = payloads
        self._openings = openings
        self._trust = trust
        self._library = library
        self._signer = signer
        self._now = now
        self._lock = threading.Lock()
        self._spent: dict[MemberId, tuple[Date, int]] = {}

    def answer(self, peer: MemberId, question: bytes) -> bytes:
        """Answer a question of a peer.

        Args:
            peer: who asks.
            question: its exact bytes.

        Returns:
            The signed note.

        Raises:
            StatementError: `request.invalid`.
            RefusedError: `attestation.charter`: not a charter in force that both are in, and that
                names our document key.
        """
        read = question_from_bytes(question)
        trust, now = self._trust(), self._now()
        signer, asker = self._between(trust, peer, read.charter)
        as_of = self._library.as_of()
        said: dict[int, Said] = {}
        candidates: dict[int, Named] = {}
        allowed = self._spend(peer, len(read.items), date_of(now))
        said |= dict.fromkeys(range(allowed, len(read.items)), not_answered(BUDGET))
        if as_of is None:
            said |= dict.fromkeys(range(allowed), not_answered(LIBRARY))
        else:
            items = dict(enumerate(read.items[:allowed]))
            opened = self._held(peer, {n: i.leaf for n, i in items.items()})
            for number, item in items.items():
                match self._candidate(trust, read.charter, item, opened.get(number)):
                    case Candidate() | Commended() as candidate:
                        candidates[number] = candidate
                    case str() as code:
                        said[number] = not_answered(code)
        said |= self._looked_up(trust, read.charter, candidates)
        attestation = Attestation(
            answerer=self._own,
            asker=asker,
            charter=read.charter,
            question=sha256(question).digest(),
            as_of=now if as_of is None else min(as_of, now),
            said=tuple(said[number] for number in range(len(read.items))),
        )
        return sign_attestation(attestation, signer)

    def _between(
        self, trust: TrustView, peer: MemberId, charter: CharterId
    ) -> tuple[Signer, Origin]:
        """Our key and the asker's log, where a charter stands between us."""
        known = trust.peers.get(peer)
        asker = None if known is None else known.peer.origin
        keys = trust.document_keys(charter, self._own)
        if (
            asker is None
            or self._signer is None
            or charter not in trust.shared_charters(peer)
            or self._signer.verifier not in keys
        ):
            message = (
                f"expected a charter in force of both, which names the document key of {self._own}"
            )
            raise RefusedError("attestation.charter", message)
        return self._signer, asker

    def _spend(self, peer: MemberId, items: int, today: Date) -> int:
        """How many of these items the peer may still ask about today."""
        with self._lock:
            day, spent = self._spent.get(peer, (today, 0))
            spent = spent if day == today else 0
            allowed = min(items, ITEMS_A_DAY - spent)
            self._spent[peer] = (today, spent + allowed)
        return allowed

    def _held(
        self, peer: MemberId, leaves: Mapping[int, Reference]
    ) -> dict[int, tuple[int, DeliveredOpening]]:
        """Kind and opening of the leaves that are held here and that the peer may have."""
        by_origin: dict[Origin, list[int]] = defaultdict(list)
        for number, leaf in leaves.items():
            by_origin[leaf.origin].append(number)
        found: dict[int, tuple[int, DeliveredOpening]] = {}
        for origin, numbers in by_origin.items():
            kinds = self._kinds(origin, {n: leaves[n] for n in numbers})
            try:
                indices = [leaves[n].index for n in kinds]
                openings = self._openings(peer, origin, indices)
            except RefusedError:  # log.unknown
                continue
            for (number, kind), opening in zip(kinds.items(), openings, strict=True):
                if opening.status == OpeningStatus.PRESENT:
                    found[number] = (kind, opening)
        return found

    def _kinds(self, origin: Origin, leaves: Mapping[int, Reference]) -> dict[int, int]:
        """Kinds of those of these leaves that stand here as they are named, and name a subject."""
        with self._store.read() as session:
            head = session.head(origin)
            if head is None:
                return {}
            named = {n: (head.log, r.index) for n, r in leaves.items() if r.index < head.size}
            rows = {(row.log, row.idx): row for row in session.rows_at(list(named.values()))}
            hashes = dict(
                zip(named.values(), session.leaf_hashes(list(named.values())), strict=True)
            )
        return {
            number: rows[place].kind
            for number, place in named.items()
            if place in rows
            and rows[place].kind in _NAMING
            and rows[place].state not in _NOT_READ
            and hashes[place] == leaves[number].leaf_hash
        }

    def _candidate(
        self,
        trust: TrustView,
        charter: CharterId,
        item: Item,
        opened: tuple[int, DeliveredOpening] | None,
    ) -> Named | str:
        """What the leaf of an item says, or why it is not looked at."""
        if opened is not None:
            kind, opening = opened
            return judged_from(kind, opening.payload) or UNOPENED
        if item.disclosure is None:
            return UNOPENED
        return self._disclosed(trust, charter, item.leaf, item.disclosure) or UNPROVED

    def _disclosed(
        self, trust: TrustView, charter: CharterId, leaf: Reference, shown: LeafDisclosure
    ) -> Named | None:
        """What a leaf that the asker shows says: proved, entitled, and meant for us as well."""
        origin = leaf.origin
        key = trust.trust.log_key(origin)
        named = any(ref.charter == charter for ref in trust.trust.members(origin))
        if key is None or not named or leaf_hash(shown.leaf) != leaf.leaf_hash:
            return None
        try:
            disclosure = Disclosure(
                proof=parse_proof(shown.proof), salt=shown.salt, payload=shown.payload
            )
            verify_disclosure(disclosure, entry=shown.leaf, log_key=key)
        except CryptoError:
            return None
        if disclosure.proof.index != leaf.index:
            return None
        opening = DeliveredOpening(OpeningStatus.PRESENT, shown.salt, shown.payload)
        reading = StatementReading(
            origin=origin, payloads=self._payloads, tagger=self._keyring, rights=trust
        )
        (one,) = reading.examine(leaf.index, [shown.leaf], [opening])
        if one.header is None or one.state in _NOT_READ or one.header.kind not in _NAMING:
            return None
        audience = one.facts.audience
        if audience is None or not trust.we_may_keep(one.header.kind, audience):
            return None
        return judged_from(one.header.kind, shown.payload)

    def _looked_up(
        self, trust: TrustView, charter: CharterId, candidates: Mapping[int, Named]
    ) -> dict[int, Said]:
        """What the library says of those that are ours to know."""
        said: dict[int, Said] = {}
        ours: dict[int, Named] = {}
        attests_for = cache(partial(trust.trust.attests_for, self._own))
        for number, one in candidates.items():
            registered = registered_in(one.scheme, one.code)
            faulty = code_fault(one.scheme, one.code)
            if faulty or charter not in attests_for(registered):
                said[number] = not_answered(REGION)
            else:
                ours[number] = one
        known = self._library.by_code(USCC, _distinct(one.code for one in ours.values()))
        return said | {n: attest(one.name, known.get(one.code)) for n, one in ours.items()}


def _distinct(codes: Iterable[str]) -> Sequence[str]:
    return sorted(set(codes))
