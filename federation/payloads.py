"""Payloads as values: what a statement says once its commitment has been opened.

The bytes on the wire are protobuf (`protos/huxin/v1/payload.proto`); the codec in `node/` turns
them into these and back. Nothing here is signed or hashed: signatures and commitments cover the
exact bytes only. Empty text and date 0 mean "not stated".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from federation.ids import CharterId, Date, LeafHash, Origin, StatementId, Timestamp
from federation.record_key import RecordKey


class SubjectKind(IntEnum):
    """Kinds of credit subjects 信用主体; natural persons have no value here."""

    UNSPECIFIED = 0
    ENTERPRISE = 1
    SOLE_TRADER = 2
    SOCIAL_ORGANISATION = 3
    PUBLIC_BODY = 4
    COOPERATIVE = 5
    OTHER_ORGANISATION = 6


class Tier(IntEnum):
    """The two tiers of lists: severe 严重失信 and watch 重点关注."""

    UNSPECIFIED = 0
    SEVERE = 1
    WATCH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who may receive a closed opening, and for what; binds whoever forwards it.

    `members` are names of nodes; where there are any, they only narrow what the rest allows.
    """

    charters: tuple[CharterId, ...]
    purposes: tuple[str, ...]
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An organisation. `scheme` is `uscc`, `organisation-code` or `registration-number`."""

    scheme: str
    code: str
    name: str
    kind: SubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a row came from, so that a fault is traced to it 溯源.

    `key` is the source's own identifier of the row; it lets a later file be compared with this.
    """

    department: str
    batch: str
    row: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A leaf of any log."""

    origin: Origin
    index: int
    leaf_hash: LeafHash


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """LISTING 列入: this subject is on this list, by this document, of this date."""

    min_reader: int = 1
    audience: Audience
    subject: Subject
    list_type: str
    tier: Tier
    authority: str
    authority_name: str
    document: str
    document_type: str = ""
    decided_on: Date
    listed_on: Date
    prior_notice_on: Date = Date(0)
    basis: str
    reason: str = ""
    exit_path: str = ""
    remedy: str = ""
    publish_shortest_months: int = 0
    publish_longest_months: int = 0
    publish_until: Date
    measures: tuple[str, ...] = ()
    source: Source

    @property
    def key(self) -> RecordKey:
        """The record's key."""
        return RecordKey(
            scheme=self.subject.scheme,
            code=self.subject.code,
            list_type=self.list_type,
            authority=self.authority,
            document=self.document,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Commendation:
    """COMMENDATION 守信: this subject is on this trustworthiness list, or holds this grade.

    `grade` is a grade that an authority awarded by law (纳税信用 A), as its document states it.
    """

    min_reader: int = 1
    audience: Audience
    subject: Subject
    list_type: str
    grade: str = ""
    authority: str
    authority_name: str
    document: str = ""
    decided_on: Date
    valid_until: Date
    basis: str = ""
    source: Source

    @property
    def key(self) -> RecordKey:
        """The record's key."""
        return RecordKey(
            scheme=self.subject.scheme,
            code=self.subject.code,
            list_type=self.list_type,
            authority=self.authority,
            document=self.document,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """CORRECTION 更正: replaces a payload whole; `replaces` is the leaf that it replaces."""

    min_reader: int = 1
    audience: Audience
    replaces: LeafHash
    payload: Listing | Commendation


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """ANNOTATION 标注; the action stands in the header. `ends` is set for the even actions."""

    min_reader: int = 1
    audience: Audience
    record: RecordKey
    authority: str
    document: str
    decided_on: Date
    ends: LeafHash | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """REPAIR 修复 or WITHDRAWAL 撤销 (the header says which); names its subject."""

    min_reader: int = 1
    audience: Audience
    record: RecordKey
    subject_name: str
    authority: str
    document: str
    decided_on: Date
    publish_until: Date
    """The longest publication period of the listing ended by it: how long it must be kept."""
    reason: str = ""


class RelistingGround(IntEnum):
    """Why a relief was revoked."""

    UNSPECIFIED = 0
    FRAUD = 1
    ERROR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Relisting:
    """RELISTING 恢复列入: these reliefs of this log were obtained by fraud or made in error.

    `approvals` counts the persons who decided at the origin (at least two); their names stay in
    its journal.
    """

    min_reader: int = 1
    audience: Audience
    reliefs: tuple[StatementId, ...]
    document: str
    decided_on: Date
    ground: RelistingGround
    approvals: int
    listing: Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """SCENARIO 场景: a benefit scenario 惠民便企场景, open to every reader."""

    min_reader: int = 1
    scenario_type: str
    title: str
    provider: str
    provider_name: str
    incentives: tuple[str, ...]
    conditions: str
    subject_kinds: tuple[SubjectKind, ...]
    basis: str = ""
    valid_from: Date
    valid_until: Date
    charters: tuple[CharterId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """RECOGNITION 互认: a peer's scenario accepted, declined, suspended or ended."""

    min_reader: int = 1
    scenario: Reference
    authority: str
    authority_name: str
    conditions: str = ""
    reason: str = ""
    decided_on: Date
    valid_until: Date = Date(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptBatch:
    """Leaves (by index) with one outcome; `reason` is a stable code, set when rejected or held."""

    outcome: int
    reason: str = ""
    indices: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """RECEIPT 回执 for leaves of one other origin."""

    min_reader: int = 1
    origin: Origin
    batches: tuple[ReceiptBatch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """OUTCOME 惩戒反馈: what was done with a match, or why nothing was."""

    min_reader: int = 1
    audience: Audience
    listing: Reference
    department: str
    matter: str
    measure: str = ""
    measure_basis: str = ""
    applied: bool
    reason: str = ""
    decided_on: Date


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceKey:
    """AUDIENCE KEY: announces a key's id and validity; never the key."""

    min_reader: int = 1
    key_id: bytes
    audience: Audience
    not_before: Timestamp
    not_after: Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class CharterAdopted:
    """CHARTER: this charter version was adopted."""

    min_reader: int = 1
    charter: CharterId
    version: int
    digest: bytes


class ErasureGround(IntEnum):
    """Why an opening was erased."""

    UNSPECIFIED = 0
    REPAIRED = 1
    WITHDRAWN = 2
    EXPIRED = 3
    ORDERED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """ERASURE 删除: the origin erased the opening of `about`, by this ground."""

    min_reader: int = 1
    ground: ErasureGround
    erased_at: Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuation:
    """CONTINUATION: first leaf (what it continues) or closing leaf (what comes next)."""

    min_reader: int = 1
    origin: Origin
    size: int
    root: bytes
    log_key: str
    suite: int


class RequestType(IntEnum):
    """What is forwarded to the listing's origin."""

    UNSPECIFIED = 0
    OBJECTION = 1
    REPAIR_APPLICATION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """REQUEST 转办: an objection or repair application received here, forwarded."""

    min_reader: int = 1
    audience: Audience
    request_type: RequestType
    listing: Reference
    record: RecordKey
    received_on: Date
    due_on: Date
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """COMMITMENT 承诺: a credit commitment 信用承诺 and its performance."""

    min_reader: int = 1
    audience: Audience
    subject: Subject
    commitment_type: str
    text: str
    made_on: Date
    due_on: Date = Date(0)
    performed: bool = False
    performed_on: Date = Date(0)
    self_declared: bool
    authorisation: str = ""
    source: Source


Payload = (
    Listing
    | Correction
    | Annotation
    | Relief
    | Relisting
    | Scenario
    | Recognition
    | Commendation
    | Receipt
    | Outcome
    | AudienceKey
    | CharterAdopted
    | Erasure
    | Continuation
    | Request
    | Commitment
)
