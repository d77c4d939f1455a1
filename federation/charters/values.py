"""What a charter 章程 says, as values (SPEC §7.1).

A charter names the members of an alliance and, per member, the *segments* of its log: from which
index to which cut a leaf of an origin counts here, under which key, and what it may say there.
The JSON form is `protos/charter.schema.json`, read and written by `federation.charters.json_form`;
what makes a charter valid stands in `federation.charters.rules` and
`federation.charters.verification`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from crypto.hpke import SEALING_SUITES, sealing_key_id
from crypto.keys import VerifierKey
from federation.ids import CharterId, MemberId, Origin, Timestamp

PAYLOAD_TYPE: Final = "application/vnd.huxin.charter+json"
"""DSSE payload type of a charter."""

CHARTER_READER: Final = 1
"""The newest `min_reader` of a charter that this implementation understands."""

SUITES: Final = frozenset({1})
"""Known suites: 1 is SHA-256, HMAC-SHA-256 commitments and Ed25519."""

QUERIES: Final = "queries."
"""Begins the names of query logs, and of nothing else."""

PURPOSES: Final[Mapping[str, str]] = {
    "joint-punishment": "联合惩戒",
    "joint-incentive": "联合激励",
    "supervision": "分级分类监管",
    "credit-report": "信用报告",
    "audit": "审计",
}
"""Purposes for which a charter may let openings be received. A new one needs a new `min_reader`."""


class Role(StrEnum):
    """What a member is in its alliance."""

    CITY = "city"
    COUNTY = "county"
    HUB = "hub"
    WITNESS = "witness"
    AUDITOR = "auditor"


class Tiles(StrEnum):
    """To whom the tiles of the members' logs may be served (SPEC §4.1)."""

    MEMBERS = "members"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRight:
    """One list type and the determining authorities 认定单位 on whose behalf it may be issued."""

    list_type: str
    authorities: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlements:
    """What a leaf of a segment may say: kinds of statements, and lists with their authorities."""

    kinds: tuple[int, ...] = ()
    lists: tuple[ListRight, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where a closed segment ends: size, root (32 bytes) and the signed checkpoint, verbatim."""

    size: int
    root: bytes
    note: bytes

    @property
    def place(self) -> tuple[int, bytes]:
        """What of it never changes; its note may be written anew, with other lines."""
        return self.size, self.root


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The leaves `from_size <= index < to_size` of one origin, and what they may say.

    An open segment (`cut` is None) has no end yet. `x` is the extension object as JSON text.
    """

    origin: Origin
    log_key: VerifierKey
    from_size: int
    cut: Cut | None
    suite: int
    entitlements: Entitlements
    x: str = "{}"

    @property
    def to_size(self) -> int | None:
        """Index of the first leaf beyond the segment, or None while it is open."""
        return None if self.cut is None else self.cut.size

    def contains(self, index: int) -> bool:
        """Tell whether the leaf at `index` of this origin is judged by this segment."""
        return self.from_size <= index and (self.cut is None or index < self.cut.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberKeys:
    """The keys of a node, each thing said having its own (SPEC §3.1, §7.1).

    Attributes:
        head: cosigns its own newest checkpoint (type 0x04), as do the next two.
        witness: cosigns other logs.
        mirror: cosigns what it holds of other logs.
        document: seals documents 电子印章 and attestations; type 0x01, `<node>/document`.
        query_log: signs the log of questions asked of this node, which is only witnessed, never
            offered or followed; type 0x01, `queries.<node>/<epoch>`.
    """

    head: tuple[VerifierKey, ...] = ()
    witness: tuple[VerifierKey, ...] = ()
    mirror: tuple[VerifierKey, ...] = ()
    document: tuple[VerifierKey, ...] = ()
    query_log: tuple[VerifierKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """Kinds whose openings a member may receive, and for which purposes."""

    kinds: tuple[int, ...]
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """A span of another member's log whose statements act for this member.

    Like a segment it stays in place and number, and an open one may be closed once, so that what
    a delegate said stays judged as it was (SPEC §7.3).

    Attributes:
        member: the delegate.
        origin: one of the delegate's logs.
        from_index: first index of the span.
        to_index: first index after it; None while it is open.
    """

    member: MemberId
    origin: Origin
    from_index: int
    to_index: int | None = None

    def contains(self, index: int) -> bool:
        """Tell whether the leaf at `index` of the delegate's log acts for this member."""
        return self.from_index <= index and (self.to_index is None or index < self.to_index)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingKey:
    """A public key to which others seal for a member (SPEC §9.5); its suite may be unknown here."""

    suite: int
    key: bytes

    @property
    def id(self) -> bytes:
        """By which a sealed message names the key, 16 bytes."""
        return sealing_key_id(self.suite, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One node of the alliance.

    Attributes:
        id: unique in the charter and the same in all its versions.
        region: GB/T 2260 code, 6 digits.
        charter_key: Ed25519 public key, 32 bytes; None for a member without a vote.
        segments: in the order of the node's epochs; closed ones stay for ever.
        certificates: whole X.509 certificates, DER.
        sealing_keys: in the order in which the member wants them used.
        endpoints: `host:port`; empty where the node only dials.
        delegations: spans of other members' logs that act for this member.
        successor: the member that acts for this one once all its segments are closed.
        attests: for a hub: prefixes (2, 4 or 6 digits) of the regions for whose subjects it may
            attest.
        x: the extension object as JSON text; kept, never read.
    """

    id: MemberId
    region: str
    name: str
    roles: tuple[Role, ...]
    charter_key: bytes | None
    segments: tuple[Segment, ...]
    keys: MemberKeys
    certificates: tuple[bytes, ...]
    sealing_keys: tuple[SealingKey, ...]
    endpoints: tuple[str, ...]
    receives: tuple[Reception, ...]
    delegations: tuple[Delegation, ...] = ()
    successor: MemberId | None = None
    attests: tuple[str, ...] = ()
    x: str = "{}"

    @property
    def origins(self) -> tuple[Origin, ...]:
        """The node's chain of epochs as this charter names it, oldest first."""
        return tuple(dict.fromkeys(segment.origin for segment in self.segments))

    @property
    def sealing_key(self) -> SealingKey | None:
        """The key to seal to: the first of a known suite; None for a member without one."""
        return next((key for key in self.sealing_keys if key.suite in SEALING_SUITES), None)

    @property
    def ended(self) -> bool:
        """Whether the member had segments and all of them are closed."""
        return bool(self.segments) and all(s.cut is not None for s in self.segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A version of this charter that is not the one continued, by its payload's SHA-256."""

    version: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The signed text of one version of a charter. By itself a claim: see `Charter`.

    `charter` and `previous` are None exactly in version 1; `previous_conflicting` is set only in
    a version that settles a fork. `requests_per_day` is how many REQUESTs of one member a day
    another must take; None leaves it to each.
    """

    min_reader: int = CHARTER_READER
    name: str
    version: int
    charter: CharterId | None = None
    previous: bytes | None = None
    previous_conflicting: tuple[Conflict, ...] = ()
    issued_at: Timestamp
    not_after: Timestamp
    purposes: tuple[str, ...]
    members: tuple[Member, ...]
    tiles: Tiles = Tiles.MEMBERS
    requests_per_day: int | None = None
    x: str = "{}"

    @property
    def voters(self) -> dict[bytes, MemberId]:
        """Charter key of each voting member; keys are distinct (`charter.key-shared`)."""
        return {m.charter_key: m.id for m in self.members if m.charter_key is not None}

    def member(self, member_id: MemberId) -> Member | None:
        """Return the member with this id."""
        return next((m for m in self.members if m.id == member_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter:
    """A version whose signatures were verified against the version before, up to the pin.

    Only `federation.charters.verification` makes one.

    Attributes:
        id: the alliance: SHA-256 of the payload of version 1.
        digest: SHA-256 of this version's payload, 32 bytes.
        envelope: the DSSE envelope, exactly as received.
    """

    id: CharterId
    digest: bytes
    terms: Terms
    envelope: bytes = field(repr=False, compare=False)

    def expired(self, now: Timestamp) -> bool:
        """Tell whether punishment under this charter has stopped by the clock (SPEC §7.5)."""
        return now > self.terms.not_after
