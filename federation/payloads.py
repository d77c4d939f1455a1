"""Payloads as values: what a statement says once its commitment has been opened.

The bytes on the wire are protobuf (`protos/huxin/v1/payload.proto`); the codec in `node/` turns
them into these and back. Nothing here is signed or hashed: signatures and commitments cover the
exact bytes only. Empty text and date 0 mean "not stated".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from federation.case_payloads import (
    Answer,
    Commitment,
    Outcome,
    OutcomeResult,
    Request,
    RequestType,
    Submission,
)
from federation.ids import CharterId, Date, LeafHash, Origin, StatementId, Timestamp
from federation.open_payloads import (
    Benefit,
    Equivalence,
    GradeScale,
    Receipt,
    ReceiptBatch,
    Recognition,
    Scenario,
    Window,
)
from federation.payload_parts import (
    Audience,
    Exit,
    ExitKind,
    NoticeAttestation,
    PenaltyGrade,
    PenaltyProcedure,
    Reference,
    Source,
    Subject,
    SubjectKind,
    TermQuality,
    Tier,
)
from federation.record_key import RecordKey

__all__ = [
    "PENALTY_LIST_TYPE",
    "Adverse",
    "Annotation",
    "AnnotationGround",
    "Answer",
    "Audience",
    "AudienceKey",
    "Benefit",
    "CharterAdopted",
    "Commendation",
    "Commitment",
    "Continuation",
    "Correction",
    "Equivalence",
    "Erasure",
    "ErasureGround",
    "Exit",
    "ExitKind",
    "GradeScale",
    "Listed",
    "Listing",
    "NoticeAttestation",
    "Outcome",
    "OutcomeResult",
    "Payload",
    "Penalty",
    "PenaltyGrade",
    "PenaltyProcedure",
    "Receipt",
    "ReceiptBatch",
    "Recognition",
    "Reference",
    "Relief",
    "ReliefGround",
    "Relisting",
    "RelistingGround",
    "Request",
    "RequestType",
    "Scenario",
    "Source",
    "Subject",
    "SubjectKind",
    "Submission",
    "TermQuality",
    "Tier",
    "Window",
    "content_of",
]

PENALTY_LIST_TYPE: Final = "administrative-penalty"
"""List type in the record key of every PENALTY, and of nothing else."""


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
    notice_number: str = ""
    """Of the notice on credit repair 信用修复告知书, served with the decision 两书同达."""
    notice_served_on: Date = Date(0)
    exits: tuple[Exit, ...] = ()
    """The ways of `exit_path` that programs may count with."""
    prior_notice_attested: NoticeAttestation | None = None
    """Instead of `prior_notice_on`."""
    term: TermQuality

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

    `grade` is a grade that an authority awarded by law (纳税信用 A), as its document states it, by
    this edition of a method.
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
    grade_method: str = ""
    grade_edition: str = ""

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
class Penalty:
    """PENALTY 行政处罚 of an organisation: no listing, and never more than a note to who asks.

    `fine` and `confiscated` are in fen 分, hundredths of a yuan.
    """

    min_reader: int = 1
    audience: Audience
    subject: Subject
    authority: str
    authority_name: str
    document: str
    violation_type: str = ""
    facts: str = ""
    basis: str = ""
    categories: tuple[str, ...]
    content: str = ""
    fine: int = 0
    confiscated: int = 0
    licence: str = ""
    decided_on: Date
    valid_until: Date = Date(0)
    publish_until: Date
    term: TermQuality
    grade: PenaltyGrade
    procedure: PenaltyProcedure
    data_source: str = ""
    notice_number: str = ""
    notice_served_on: Date = Date(0)
    source: Source

    @property
    def list_type(self) -> str:
        """The list type that is reserved for penalties."""
        return PENALTY_LIST_TYPE

    @property
    def key(self) -> RecordKey:
        """The record's key."""
        return RecordKey(
            scheme=self.subject.scheme,
            code=self.subject.code,
            list_type=PENALTY_LIST_TYPE,
            authority=self.authority,
            document=self.document,
        )


Listed = Listing | Commendation | Penalty
"""What has a record of its own."""
Adverse = Listing | Penalty
"""What is said against a subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """CORRECTION 更正: replaces a payload whole; `replaces` is the leaf that it replaces."""

    min_reader: int = 1
    audience: Audience
    replaces: LeafHash
    payload: Listed
    request: Reference | None = None
    """The REQUEST that it answers."""


class AnnotationGround(IntEnum):
    """Why something is noted; a member unknown here is read as `UNSPECIFIED`."""

    UNSPECIFIED = 0
    OBJECTION = 1
    REORGANISATION = 2
    STAY_OF_EXECUTION = 3
    OTHER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """ANNOTATION 标注; the action stands in the header. `ends` is set for the even actions.

    `record` is None where the origin has lost the listing's opening.
    """

    min_reader: int = 1
    audience: Audience
    record: RecordKey | None
    authority: str
    document: str
    decided_on: Date
    ends: LeafHash | None = None
    text: str = ""
    ground: AnnotationGround = AnnotationGround.UNSPECIFIED
    authority_name: str = ""
    request: Reference | None = None
    """The REQUEST that it answers."""


class ReliefGround(IntEnum):
    """Why a listing was withdrawn; a member unknown here is read as `UNSPECIFIED`."""

    UNSPECIFIED = 0
    LISTED_IN_ERROR = 1
    REVOKED = 2
    QUASHED_ON_RECONSIDERATION = 3
    QUASHED_IN_COURT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """REPAIR 修复 or WITHDRAWAL 撤销 (the header says which); names its subject.

    `record` is None where the origin has lost the listing's opening: then it ends what `about`
    names, and those who hold that opening form the key. `ground` means nothing in a REPAIR.
    """

    min_reader: int = 1
    audience: Audience
    record: RecordKey | None
    subject_name: str
    authority: str
    document: str
    decided_on: Date
    publish_until: Date
    """The longest publication period of the listing ended by it: how long it must be kept."""
    reason: str = ""
    ground: ReliefGround = ReliefGround.UNSPECIFIED
    request: Reference | None = None
    """The REQUEST that it answers."""


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
    payload: Listing | Penalty


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
    | Penalty
)


def content_of(payload: Payload | None) -> Listed | None:
    """What is said of a record: the payload itself, or what it corrects or lists again."""
    match payload:
        case Listing() | Commendation() | Penalty():
            return payload
        case Correction() | Relisting():
            return payload.payload
        case _:
            return None
