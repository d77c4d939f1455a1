"""What regions said of subjects 主体核验, kept beside the openings of the listings (SPEC §9.9).

An answer is kept whole, for each listing that it is about: it is the evidence for a penalty. It is
sealed under the opening key and erased with the listing's opening. Nothing of it stands in the
journal or in a log. What is kept is weighed anew each time: signature, region and age, by the
charters of the moment; what does not hold any more counts as not said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from adapters.errors import KeyRingError
from adapters.state.keyring import KeyRing
from adapters.state.reading_ring import ReadingRing
from crypto.errors import SealError
from federation.errors import ReplicationError
from federation.ids import Origin, Timestamp
from federation.ports.findings import Place, StoredAttestation
from federation.ports.store import Lookup, ReadSession, StoredOpening, WriteSession
from federation.reconcile.attestation import AHEAD_SECONDS, Attestation, Attested, read_attestation
from federation.subject_names import normal_name
from node.charters.view import TrustView
from node.system.clock import date_of

_BESIDE: Final = b"attestation"
_NAME: Final = b"attested-name\0"
_INDEX: Final = slice(0, 8)
_NUMBER: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer as it concerns one listing."""

    leaf: int
    """Index of the leaf asked about: the listing's own, or that which corrects it."""
    number: int
    """Which item of the question."""
    question: bytes
    """SHA-256 of the question."""
    note: bytes

    def to_bytes(self) -> bytes:
        """Write what is sealed, but for the digest, which takes the salt's place."""
        return self.leaf.to_bytes(8, "big") + bytes((self.number,)) + self.note


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Of which leaf's subject a word is wanted, and where it is registered."""

    leaf: int
    registered: str


class Attestations:
    """Reads the answers that are kept, and weighs them."""

    def __init__(
        self,
        *,
        keyring: ReadingRing,
        trust: Callable[[], TrustView],
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it; `trust` is asked anew each time."""
        self._keyring = keyring
        self._trust = trust
        self._now = now

    def kept(
        self, session: ReadSession, origin: Origin, places: Sequence[Place]
    ) -> dict[Place, tuple[Kept, Timestamp]]:
        """What is kept for listings of one log, and as of when it was said."""
        found: dict[Place, tuple[Kept, Timestamp]] = {}
        for place, one in session.attestations(places).items():
            kept = _open(self._keyring, origin, one)
            if kept is not None:
                found[place] = (kept, one.as_of)
        return found

    def weigh(
        self, session: ReadSession, subjects: Mapping[Place, Wanted]
    ) -> dict[Place, Attested]:
        """What counts of that which was said of these listings' subjects."""
        if not subjects:
            return {}
        stored = session.attestations(list(subjects))
        origins = {head.log: head.origin for head in session.heads()}
        trust, now = self._trust(), self._now()
        attests, today = cache(trust.attests), date_of(now)
        read: dict[bytes, Attestation | None] = {}
        found: dict[Place, Attested] = {}
        for place, one in stored.items():
            subject = subjects[place]
            kept = _open(self._keyring, origins[place[0]], one)
            if kept is None or kept.leaf != subject.leaf:
                continue
            if kept.note not in read:
                read[kept.note] = _read(trust, kept.note, now)
            answer = read[kept.note]
            if answer is None or answer.question != kept.question:
                continue
            if not attests(answer.charter, answer.answerer, subject.registered):
                continue
            said = answer.said[kept.number]
            found[place] = Attested(
                agreement=said.agreement,
                registration=said.registration,
                succeeded=said.successor is not None,
                as_of=answer.as_of,
                now=now,
                today=today,
            )
        return found

    def shown(self, session: ReadSession, place: Place) -> dict[str, Any] | None:
        """What is kept for a listing, for people; None where nothing is that reads."""
        stored = session.attestations([place]).get(place)
        if stored is None:
            return None
        origin = next(head.origin for head in session.heads() if head.log == place[0])
        kept = _open(self._keyring, origin, stored)
        answer = None if kept is None else _read(self._trust(), kept.note, self._now())
        if kept is None or answer is None:
            return None
        said = answer.said[kept.number]
        return {
            "from": answer.answerer,
            "as_of": answer.as_of,
            "agreement": said.agreement.value,
            "status": said.registration.value,
            "successor": "" if said.successor is None else said.successor[1],
            "code": said.code,
            "note": kept.note.decode(),
        }


class KeptAttestations(Attestations):
    """Keeps answers beside."""

    def __init__(
        self,
        *,
        keyring: KeyRing,
        trust: Callable[[], TrustView],
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it; the ring seals what is kept."""
        super().__init__(keyring=keyring, trust=trust, now=now)
        self._sealing = keyring

    def keep(
        self,
        session: WriteSession,
        origin: Origin,
        kept: Mapping[Place, Kept],
        as_of: Timestamp,
        names: Mapping[Place, str],
    ) -> None:
        """Keep one answer for listings of one log, and by which name each is found again."""
        openings = [(place[1], one.question, one.to_bytes()) for place, one in kept.items()]
        sealed = self._sealing.seal_openings(origin, openings, beside=_BESIDE)
        session.put_attestations(
            [
                StoredAttestation(place=place, as_of=as_of, key=one.key, sealed=one.sealed)
                for place, one in zip(kept, sealed, strict=True)
            ]
        )
        session.put_attested_names(
            {place: name_tag(self._sealing, names[place]) for place in kept if place in names}
        )


def name_tag(tagger: Lookup, name: str) -> bytes:
    """The tag by which listings of attested subjects of this name are found."""
    return tagger.lookup(_NAME + normal_name(name).encode())


def reseal(
    session: WriteSession, keyring: KeyRing, origin: Origin, stored: Iterable[StoredAttestation]
) -> None:
    """Seal answers about listings of one log under the newest key; one that is lost is left."""
    for one in stored:
        kept = _open(keyring, origin, one)
        if kept is not None:
            opening = (one.place[1], kept.question, kept.to_bytes())
            (sealed,) = keyring.seal_openings(origin, [opening], beside=_BESIDE)
            session.put_attestations(
                [
                    StoredAttestation(
                        place=one.place, as_of=one.as_of, key=sealed.key, sealed=sealed.sealed
                    )
                ]
            )


def _open(keyring: ReadingRing, origin: Origin, stored: StoredAttestation) -> Kept | None:
    """Open what is kept; what cannot be read is not there, and is asked again."""
    sealed = StoredOpening(index=stored.place[1], key=stored.key, sealed=stored.sealed)
    try:
        (opened,) = keyring.open_openings(origin, [sealed], beside=_BESIDE)
    except (SealError, KeyRingError):
        return None
    data = opened.payload
    return Kept(
        leaf=int.from_bytes(data[_INDEX], "big"),
        number=data[_NUMBER],
        question=opened.salt,
        note=data[_NUMBER + 1 :],
    )


def _read(trust: TrustView, note: bytes, now: Timestamp) -> Attestation | None:
    """Read an answer under the document keys that the charters name now."""
    try:
        answer = read_attestation(note, trust.document_keys)
    except ReplicationError:
        return None
    return answer if answer.as_of <= now + AHEAD_SECONDS else None
