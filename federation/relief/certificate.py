"""What the evidence of a certificate of repair proves, to anyone, offline (SPEC §8.5).

    CT1  .malformed      the evidence is in its one spelling, within its bounds
    CT2  .charter        every charter verifies from its version 1 on
    CT3  .pin            with pins, only charters that are pinned count; one does
    CT4  .log            every leaf stands in a log that a charter names
    CT5  .proof          every leaf is proved, opens as disclosed, and no listed cosigner's line is
                         bad
    CT6  .not-relief     what is disclosed is a REPAIR or WITHDRAWAL that can be read
    CT7  .listing        the listing is the leaf that the relief is about
    CT8  .not-competent  the relief is of the listing's own node, or of who acts for it there,
                         within its segment
    CT9  .receipt        a receipt is of another node and tells of the listing or the relief
    CT10 .forked         no two checkpoints of one log and size have two roots
    CT11 a time is the earliest cosignature of a witness or mirror key of a node other than the
         log's; without one the time is not proved, and what it would prove is incomplete
    CT12 of one member the earliest proved `lifted` counts; `applied` proves no lifting
    CT15 with pins, what is of a log that no pinned charter names proves nothing: its regions are
         named, each "not under the pins", and the others stand as they are

    CT15 .audit          an audit that is cited is signed by a document key of a member, and looked
                         at the relief's log beyond the relief

The codes begin with `repair-certificate`. Nothing here says that an old certificate is
wrong: a key that newer charters no longer list, or a member that joined later, makes evidence
incomplete, not invalid.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

from crypto.checkpoint import SignedCheckpoint, peek_checkpoint
from crypto.cosignature import verify_cosignatures
from crypto.errors import CryptoError
from crypto.keys import VerifierKey
from crypto.merkle import leaf_hash
from crypto.proof import ProofFile, verify_disclosure, verify_proof
from federation.charters import policy
from federation.charters.chain import CharterChain, advance, begin_chain
from federation.charters.trust import Trust
from federation.charters.values import Member, Role
from federation.charters.verification import read_envelope
from federation.errors import CharterError, RefusedError, StatementError
from federation.facts import PayloadReader
from federation.ids import CharterId, Origin, Timestamp
from federation.payloads import Receipt, Relief
from federation.reconcile.receipts import ReceiptOutcome
from federation.relief.audit_note import AuditNote, CitedAudit, verify_audit
from federation.relief.evidence import Disclosed, Evidence
from federation.rows import ADVERSE_KINDS, RELIEF_KINDS
from federation.statements import Header, parse_header

_TELLING: Final = frozenset({Role.CITY, Role.COUNTY})


class Proved(StrEnum):
    """What the evidence shows of a region."""

    PROVED = "proved"
    NOT_PROVED = "not-proved"
    INCOMPLETE = "incomplete"
    NOT_PINNED = "not-pinned"
    """Of an alliance that the verifier did not pin (CT15)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a member's log says of the listing or of the relief.

    Attributes:
        said_at: as its speaker claims.
        proved_at: by when it was said at the latest; None where nobody else cosigned.
    """

    outcome: int
    said_at: Timestamp
    proved_at: Timestamp | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One member that was to execute the relief.

    Attributes:
        applied: the earliest word that the relief took effect there.
        lifted: the earliest word that it lifted the listing.
    """

    origin: Origin
    region: str
    name: str
    applied: Word | None = None
    lifted: Word | None = None
    pinned: bool = True
    """Whether it is of an alliance that counts (CT15)."""

    @property
    def status(self) -> Proved:
        """Whether lifting is proved (CT12)."""
        if not self.pinned:
            return Proved.NOT_PINNED
        if self.lifted is None:
            return Proved.NOT_PROVED
        return Proved.INCOMPLETE if self.lifted.proved_at is None else Proved.PROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What is proved, and by whom it was said.

    Attributes:
        pinned: whether the verifier named the alliances itself.
        alliances: those whose charters counted, with their names.
        issuer: name of the member whose log the relief stands in.
        relief: as it says.
        kind: REPAIR or WITHDRAWAL.
        proved_at: by when the relief was said at the latest; None where it is not proved.
        leaf_hash: of the relief.
        regions: by origin.
        last_proved_at: the latest time that anything here is proved to be of.
    """

    evidence: Evidence
    pinned: bool
    alliances: tuple[tuple[CharterId, str], ...]
    issuer: str
    maker: str
    relief_origin: Origin
    relief_index: int
    listing_origin: Origin
    listing_index: int
    kind: int
    relief: Relief
    said_at: Timestamp
    proved_at: Timestamp | None
    leaf_hash: bytes
    regions: tuple[Region, ...]
    last_proved_at: Timestamp | None
    audit: CitedAudit | None = None

    @property
    def outstanding(self) -> tuple[Region, ...]:
        """The regions of which lifting is not proved."""
        return tuple(one for one in self.regions if one.status is not Proved.PROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaf:
    """A leaf that is proved."""

    origin: Origin
    index: int
    header: Header
    proved_at: Timestamp | None


def chains_of(evidence: Evidence, pins: Collection[CharterId]) -> tuple[CharterChain, ...]:
    """Verify the charters, and leave those that nobody pinned (CT2, CT3).

    Raises:
        RefusedError: `repair-certificate.charter`, `repair-certificate.pin`.
    """
    chains: list[CharterChain] = []
    try:
        for first, *later in evidence.charters:
            chain = begin_chain(first, read_envelope_id(first))
            for envelope in later:
                chain = advance(chain, envelope)
            chains.append(chain)
    except CharterError as error:
        raise RefusedError("repair-certificate.charter", f"{error.code}: {error}") from error
    if len({chain.id for chain in chains}) != len(chains):
        raise RefusedError("repair-certificate.charter", "expected each alliance once")
    kept = tuple(chain for chain in chains if not pins or chain.id in pins)
    if not kept:
        got = ", ".join(chain.id.hex() for chain in chains)
        message = f"expected a charter of an alliance that is pinned, got {got}"
        raise RefusedError("repair-certificate.pin", message)
    return kept


def read_envelope_id(envelope: bytes) -> CharterId:
    """The alliance that an envelope of a version 1 is of, if it is good.

    Raises:
        CharterError: it is no envelope of a charter.
    """
    return CharterId(sha256(read_envelope(envelope)[0].payload).digest())


def verify_certificate(
    evidence: Evidence, payloads: PayloadReader, pins: Collection[CharterId] = ()
) -> CertificateFacts:
    """Say what the evidence proves.

    Args:
        evidence: as read.
        payloads: reads what is disclosed.
        pins: alliances that the verifier trusts; without any the evidence's own trust is used.

    Raises:
        RefusedError: by one of the codes above.
    """
    chains = chains_of(evidence, pins)
    trust = Trust(chains, evidence.at)
    relief, said = _relief(evidence, trust, payloads)
    audit, note = None, None
    if evidence.report:
        audit, note = verify_audit(evidence.report, chains, relief.origin, relief.index)
    _check_one_history(evidence, note)
    listing = _listing(evidence, trust, relief)
    words = [
        found
        for one in evidence.receipts
        if not pins or _is_named(one, trust)
        for found in _told(one, trust, payloads, relief=relief, listing=listing)
    ]
    times = [word.proved_at for _, _, word in words if word.proved_at is not None]
    if relief.proved_at is not None:
        times.append(relief.proved_at)
    regions = {
        origin: Region(
            origin=origin,
            region=member.region,
            name=member.name,
            applied=_earliest(words, trust.chain(origin), relief, ReceiptOutcome.APPLIED),
            lifted=_earliest(words, trust.chain(origin), listing, ReceiptOutcome.LIFTED),
        )
        for origin, member in executing(trust, said, listing.origin)
    }
    for origin, member in _unpinned(evidence, pins, said, listing.origin):
        region, name = member.region, member.name
        of_other = Region(origin=origin, region=region, name=name, pinned=False)
        regions.setdefault(origin, of_other)
    return CertificateFacts(
        evidence=evidence,
        pinned=bool(pins),
        alliances=tuple((chain.id, chain.latest.terms.name) for chain in chains),
        issuer=_name(trust, relief.origin),
        maker=_name(trust, evidence.by),
        relief_origin=relief.origin,
        relief_index=relief.index,
        listing_origin=listing.origin,
        listing_index=listing.index,
        kind=relief.header.kind,
        relief=said,
        said_at=relief.header.issued_at,
        proved_at=relief.proved_at,
        leaf_hash=leaf_hash(evidence.relief.leaf),
        regions=tuple(one for _, one in sorted(regions.items())),
        last_proved_at=max(times, default=None),
        audit=audit,
    )


def _is_named(one: Disclosed, trust: Trust) -> bool:
    """Whether a charter that counts names the log of a disclosure (CT15)."""
    return (
        trust.log_key(Origin(peek_checkpoint(one.disclosure.proof.checkpoint).origin)) is not None
    )


def _unpinned(
    evidence: Evidence, pins: Collection[CharterId], said: Relief, listing: Origin
) -> tuple[tuple[Origin, Member], ...]:
    """The regions of all the certificate's alliances, where only some are pinned (CT15)."""
    if not pins:
        return ()
    return executing(Trust(chains_of(evidence, ()), evidence.at), said, listing)


def executing(trust: Trust, relief: Relief, listing: Origin) -> tuple[tuple[Origin, Member], ...]:
    """The cities and counties that were to execute a relief, by origin: its whole audience."""
    found: dict[Origin, Member] = {}
    own = trust.chain(listing)
    for alliance in trust.alliances:
        if alliance.id not in relief.audience.charters:
            continue
        for member in alliance.charter.terms.members:
            origins = [one.origin for one in member.segments if one.cut is None]
            if not origins or origins[-1] in own or _TELLING.isdisjoint(member.roles):
                continue
            if trust.same_alliance(listing, trust.members(origins[-1])):
                found.setdefault(origins[-1], member)
    return tuple(sorted(found.items()))


def tlog_policy(facts: CertificateFacts, pins: Collection[CharterId] = ()) -> bytes:
    """The trust in the logs of a certificate as a C2SP `tlog-policy` file.

    It is what the times of a certificate rest on (CT11).
    """
    trust = Trust(chains_of(facts.evidence, pins), facts.evidence.at)
    proofs = (
        facts.evidence.relief.disclosure.proof,
        facts.evidence.listing.proof,
        *(one.disclosure.proof for one in facts.evidence.receipts),
    )
    origins = {Origin(peek_checkpoint(proof.checkpoint).origin) for proof in proofs}
    return policy.tlog_policy(trust, origins)


def _relief(evidence: Evidence, trust: Trust, payloads: PayloadReader) -> tuple[_Leaf, Relief]:
    leaf = _disclosed(evidence.relief, trust)
    if leaf.header.kind not in RELIEF_KINDS:
        message = f"expected a REPAIR or WITHDRAWAL, got a statement of kind {leaf.header.kind}"
        raise RefusedError("repair-certificate.not-relief", message)
    try:
        payload = payloads.decode(leaf.header.kind, evidence.relief.disclosure.payload)
    except StatementError as error:
        raise RefusedError("repair-certificate.not-relief", f"{error.code}: {error}") from error
    if not isinstance(payload, Relief):
        message = f"expected the payload of a relief, got a {type(payload).__name__}"
        raise RefusedError("repair-certificate.not-relief", message)
    return leaf, payload


def _listing(evidence: Evidence, trust: Trust, relief: _Leaf) -> _Leaf:
    leaf = _proved(evidence.listing.leaf, evidence.listing.proof, trust)
    if leaf.header.kind not in ADVERSE_KINDS or leaf.header.statement_id != relief.header.about:
        message = (
            f"expected the listing {relief.header.about.hex()}, got the statement "
            f"{leaf.header.statement_id.hex()} of kind {leaf.header.kind}"
        )
        raise RefusedError("repair-certificate.listing", message)
    own = relief.origin in trust.chain(leaf.origin)
    acting = leaf.origin in trust.acts_for(relief.origin, relief.index)
    if not (own or acting) or not trust.within_cut(relief.origin, relief.index):
        message = f"{relief.origin} may not end the listings of {leaf.origin} at {relief.index}"
        raise RefusedError("repair-certificate.not-competent", message)
    return leaf


def _told(
    one: Disclosed, trust: Trust, payloads: PayloadReader, *, relief: _Leaf, listing: _Leaf
) -> list[tuple[Origin, tuple[Origin, int], Word]]:
    """What a receipt says of the listing and of the relief, with its speaker (CT9)."""
    leaf = _disclosed(one, trust)
    try:
        receipt = payloads.decode(leaf.header.kind, one.disclosure.payload)
    except StatementError as error:
        raise RefusedError("repair-certificate.receipt", f"{error.code}: {error}") from error
    found: list[tuple[Origin, tuple[Origin, int], Word]] = []
    if isinstance(receipt, Receipt) and receipt.origin not in trust.chain(leaf.origin):
        for about in dict.fromkeys(
            ((relief.origin, relief.index), (listing.origin, listing.index))
        ):
            found += [
                (
                    leaf.origin,
                    about,
                    Word(
                        outcome=batch.outcome,
                        said_at=leaf.header.issued_at,
                        proved_at=leaf.proved_at,
                    ),
                )
                for batch in receipt.batches
                if receipt.origin == about[0] and about[1] in batch.indices
            ]
    if not found:
        message = (
            f"expected a receipt of another node about {relief.origin} {relief.index} or "
            f"{listing.origin} {listing.index}, got leaf {leaf.index} of {leaf.origin}"
        )
        raise RefusedError("repair-certificate.receipt", message)
    return found


def _earliest(
    words: Sequence[tuple[Origin, tuple[Origin, int], Word]],
    speaker: Collection[Origin],
    about: _Leaf,
    outcome: ReceiptOutcome,
) -> Word | None:
    """The earliest proved word of one outcome; one that is not proved where none is (CT12)."""
    said = [
        word
        for origin, leaf, word in words
        if origin in speaker and leaf == (about.origin, about.index) and word.outcome == outcome
    ]
    proved = [(word.proved_at, word) for word in said if word.proved_at is not None]
    if proved:
        return min(proved, key=lambda one: one[0])[1]
    return min(said, key=lambda word: word.said_at, default=None)


def _disclosed(one: Disclosed, trust: Trust) -> _Leaf:
    key = _log_key(one.disclosure.proof, trust)
    try:
        signed = verify_disclosure(one.disclosure, entry=one.leaf, log_key=key)
        return _leaf(one.leaf, one.disclosure.proof, signed, trust)
    except (CryptoError, StatementError) as error:
        raise RefusedError("repair-certificate.proof", f"{key.name}: {error}") from error


def _proved(leaf: bytes, proof: ProofFile, trust: Trust) -> _Leaf:
    key = _log_key(proof, trust)
    try:
        signed = verify_proof(proof, entry=leaf, log_key=key)
        return _leaf(leaf, proof, signed, trust)
    except (CryptoError, StatementError) as error:
        raise RefusedError("repair-certificate.proof", f"{key.name}: {error}") from error


def _leaf(leaf: bytes, proof: ProofFile, signed: SignedCheckpoint, trust: Trust) -> _Leaf:
    origin = Origin(signed.checkpoint.origin)
    lines = verify_cosignatures(signed.note, trust.independent_keys(origin))
    return _Leaf(
        origin=origin,
        index=proof.index,
        header=parse_header(leaf),
        proved_at=min((Timestamp(one.timestamp) for one in lines), default=None),
    )


def _log_key(proof: ProofFile, trust: Trust) -> VerifierKey:
    origin = Origin(peek_checkpoint(proof.checkpoint).origin)
    key = trust.log_key(origin)
    if key is None:
        message = f"expected a log that the charters name, got {origin}"
        raise RefusedError("repair-certificate.log", message)
    return key


def _check_one_history(evidence: Evidence, audit: AuditNote | None) -> None:
    """Check that no log shows two roots of one size (CT10)."""
    logs = {} if audit is None else audit.logs
    roots: dict[tuple[str, int], bytes] = {(log, size): root for log, (size, root) in logs.items()}
    proofs = [one.disclosure.proof for one in (evidence.relief, *evidence.receipts)]
    for proof in (*proofs, evidence.listing.proof):
        checkpoint = peek_checkpoint(proof.checkpoint)
        place = checkpoint.origin, checkpoint.size
        if roots.setdefault(place, checkpoint.root) != checkpoint.root:
            message = f"two checkpoints of {place[0]} of size {place[1]} have two roots"
            raise RefusedError("repair-certificate.forked", message)


def _name(trust: Trust, origin: Origin) -> str:
    names = (trust.member(ref).name for ref in trust.members(origin))
    return next((name for name in names if name), origin)
