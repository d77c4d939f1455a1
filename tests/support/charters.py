"""Alliances in memory: members, charters and their signatures, the same at every run.

Every key is derived from the words that name it, so a test can make a key again where it needs
the secret (`seed("510500", "log", 1)`), and two tests see the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.dsse import Envelope, sign_envelope
from crypto.hpke import X25519_SUITE, sealing_public
from crypto.keys import KeyType, Signer
from federation.charters.chain import CharterChain, begin_chain
from federation.charters.draft import write_terms
from federation.charters.trust import Trust
from federation.charters.values import SealingKey
from federation.charters.verification import (
    PAYLOAD_TYPE,
    PURPOSES,
    Charter,
    Cut,
    Delegation,
    Entitlements,
    ListRight,
    Member,
    MemberKeys,
    Reception,
    Role,
    Segment,
    Terms,
    verify_first,
)
from federation.ids import CharterId, MemberId, Origin, Timestamp
from federation.payloads import PENALTY_LIST_TYPE
from federation.statements import Kind
from node.directory.certificates import self_signed

NOW = Timestamp(1_790_000_000)
NOT_AFTER = Timestamp(NOW + 400 * 86_400)

COURT_LIST = "judgment-defaulter"
COURT = "11510500MB0000001A"
LIST_RIGHTS = (
    ListRight(list_type=COURT_LIST, authorities=(COURT,)),
    ListRight(list_type=PENALTY_LIST_TYPE, authorities=(COURT,)),
)
ALL_KINDS = tuple(int(kind) for kind in Kind)
EVERYTHING = Entitlements(kinds=ALL_KINDS, lists=LIST_RIGHTS)
RECEIVES_ALL = (Reception(kinds=ALL_KINDS, purposes=tuple(PURPOSES)),)


_CHAINS: dict[CharterId, CharterChain] = {}
"""Alliances that were founded; tests found the same few again and again."""


def seed(*words: object) -> bytes:
    """32 bytes that belong to these words: a key's secret in tests."""
    return sha256("|".join(map(str, words)).encode()).digest()


def origin_of(member_id: str, epoch: int = 1) -> Origin:
    """The origin of a test node, e.g. `510500.huxin.example/1`."""
    return Origin(f"{member_id}.huxin.example/{epoch}")


@cache
def log_signer(member_id: str, epoch: int = 1) -> Signer:
    """The log key of a test node's epoch."""
    return Signer(
        name=origin_of(member_id, epoch), type=KeyType.NOTE, seed=seed(member_id, "log", epoch)
    )


@cache
def cosigner(member_id: str, use: str) -> Signer:
    """The `head`, `witness` or `mirror` key of a test node."""
    name = f"{member_id}.huxin.example/{use}"
    return Signer(name=name, type=KeyType.COSIGNATURE, seed=seed(member_id, use))


@cache
def document_signer(member_id: str) -> Signer:
    """The key with which a test node seals documents."""
    name = f"{member_id}.huxin.example/document"
    return Signer(name=name, type=KeyType.NOTE, seed=seed(member_id, "document"))


@cache
def query_log_signer(member_id: str, epoch: int = 1) -> Signer:
    """The key of a test node's log of questions."""
    name = f"queries.{member_id}.huxin.example/{epoch}"
    return Signer(name=name, type=KeyType.NOTE, seed=seed(member_id, "queries", epoch))


@cache
def charter_signer(member_id: str) -> Signer:
    """The charter key of a test member."""
    name = f"{member_id}.huxin.example/charter"
    return Signer(name=name, type=KeyType.NOTE, seed=seed(member_id, "charter"))


@cache
def tls_key(member_id: str, number: int = 1) -> ec.EllipticCurvePrivateKey:
    """The key of a test node's certificate."""
    secret = int.from_bytes(seed(member_id, "tls", number), "big") >> 1 | 1
    return ec.derive_private_key(secret, ec.SECP256R1())


@cache
def certificate(member_id: str, number: int = 1) -> bytes:
    """A test node's certificate, DER."""
    serial = seed(member_id, "serial", number)[:16]
    made = self_signed(f"{member_id}.huxin.example", tls_key(member_id, number), serial, NOW)
    return made.public_bytes(Encoding.DER)


def sealing_secret(member_id: str) -> bytes:
    """The secret half of a test node's sealing key."""
    return seed(member_id, "sealing")


def sealing_key(member_id: str) -> SealingKey:
    """The sealing key of a test node."""
    return SealingKey(suite=X25519_SUITE, key=sealing_public(sealing_secret(member_id)))


def make_cut(member_id: str, size: int, epoch: int = 1, *, root: bytes | None = None) -> Cut:
    """A signed cut of a test node's log at a size."""
    root = seed(member_id, "root", epoch, size) if root is None else root
    checkpoint = Checkpoint(origin=origin_of(member_id, epoch), size=size, root=root)
    note = sign_checkpoint(checkpoint, log_signer(member_id, epoch))
    return Cut(size=size, root=root, note=note.to_bytes())


def make_segment(
    member_id: str,
    epoch: int = 1,
    *,
    from_size: int = 0,
    cut: Cut | None = None,
    entitlements: Entitlements = EVERYTHING,
) -> Segment:
    """A segment of a test node's log, open unless a cut is given."""
    return Segment(
        origin=origin_of(member_id, epoch),
        log_key=log_signer(member_id, epoch).verifier,
        from_size=from_size,
        cut=cut,
        suite=1,
        entitlements=entitlements,
    )


def make_delegation(
    member_id: str, from_index: int = 0, to_index: int | None = None, *, epoch: int = 1
) -> Delegation:
    """A span of a test node's log."""
    return Delegation(
        member=MemberId(member_id),
        origin=origin_of(member_id, epoch),
        from_index=from_index,
        to_index=to_index,
    )


def make_member(
    member_id: str,
    *,
    roles: Sequence[Role] = (Role.CITY,),
    votes: bool = True,
    segments: Sequence[Segment] | None = None,
    entitlements: Entitlements = EVERYTHING,
    receives: Sequence[Reception] = RECEIVES_ALL,
    endpoints: Sequence[str] = (),
    delegations: Sequence[Delegation] = (),
    sealing_keys: Sequence[SealingKey] | None = None,
    successor: str | None = None,
    attests: Sequence[str] = (),
) -> Member:
    """A member with all its keys and one open segment from 0, unless said otherwise."""
    own = (make_segment(member_id, entitlements=entitlements),)
    return Member(
        id=MemberId(member_id),
        region=member_id[:6].rjust(6, "0") if member_id[:6].isdigit() else "510000",
        name=f"{member_id}结点（演示）",
        roles=tuple(roles),
        charter_key=charter_signer(member_id).verifier.public if votes else None,
        segments=own if segments is None else tuple(segments),
        keys=MemberKeys(
            head=(cosigner(member_id, "head").verifier,),
            witness=(cosigner(member_id, "witness").verifier,),
            mirror=(cosigner(member_id, "mirror").verifier,),
            document=(document_signer(member_id).verifier,),
        ),
        certificates=(certificate(member_id),),
        sealing_keys=(sealing_key(member_id),) if sealing_keys is None else tuple(sealing_keys),
        endpoints=tuple(endpoints),
        receives=tuple(receives),
        delegations=tuple(delegations),
        successor=None if successor is None else MemberId(successor),
        attests=tuple(attests),
    )


def make_terms(members: Iterable[Member], *, name: str = "川南信用联盟（演示）") -> Terms:
    """The text of version 1, without rules or signatures applied."""
    return Terms(
        name=name,
        version=1,
        issued_at=NOW,
        not_after=NOT_AFTER,
        purposes=tuple(PURPOSES),
        members=tuple(members),
    )


def sign_all(terms: Terms, member_ids: Iterable[str] | None = None) -> bytes:
    """The envelope of a text, signed by these members, or by all who vote in it."""
    who = [m.id for m in terms.members if m.charter_key] if member_ids is None else member_ids
    envelope = Envelope(payload_type=PAYLOAD_TYPE, payload=write_terms(terms), signatures=())
    for member_id in who:
        envelope = sign_envelope(envelope, seed(member_id, "charter"))
    return envelope.to_bytes()


def charter_id_of(terms: Terms) -> CharterId:
    """The alliance's id, if this is version 1."""
    return CharterId(sha256(write_terms(terms)).digest())


def make_charter(members: Iterable[Member], *, name: str = "川南信用联盟（演示）") -> Charter:
    """Version 1 of a charter, signed by all its voting members and verified."""
    terms = make_terms(members, name=name)
    return verify_first(sign_all(terms), charter_id_of(terms))


def make_chain(members: Iterable[Member], *, name: str = "川南信用联盟（演示）") -> CharterChain:
    """A chain of version 1 alone."""
    terms = make_terms(members, name=name)
    charter = charter_id_of(terms)
    if charter not in _CHAINS:
        _CHAINS[charter] = begin_chain(sign_all(terms), charter)
    return _CHAINS[charter]


def next_version(current: Charter, **changes: object) -> Terms:
    """The text of version N+1: that of N with these fields changed."""
    base = replace(
        current.terms,
        version=current.terms.version + 1,
        charter=current.id,
        previous=current.digest,
        previous_conflicting=(),
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # fields of Terms, by name


def make_trust(*chains: CharterChain, now: int = NOW) -> Trust:
    """What these chains say together."""
    return Trust(chains, Timestamp(now))


@dataclass(frozen=True, slots=True, kw_only=True)
class TestAlliance:
    """The usual alliance of four cities and a hub, for scenario tests."""

    chain: CharterChain
    trust: Trust

    __test__ = False


def southern_sichuan() -> TestAlliance:
    """自贡, 泸州, 内江, 宜宾 and the hub of 四川, each of which may say everything."""
    cities = [make_member(region) for region in ("510300", "510500", "511000", "511500")]
    chain = make_chain([*cities, make_member("510000", roles=(Role.HUB, Role.WITNESS))])
    return TestAlliance(chain=chain, trust=make_trust(chain))
