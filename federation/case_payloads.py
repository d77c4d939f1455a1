"""Payloads of OUTCOME, REQUEST and COMMITMENT: what is done about subjects, asked and promised."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from federation.ids import Date, LeafHash
from federation.payload_parts import Audience, Reference, Source, Subject
from federation.record_key import RecordKey


class OutcomeResult(IntEnum):
    """What was done with a match."""

    UNSPECIFIED = 0
    APPLIED = 1
    NOT_APPLIED = 2
    PROCEEDED = 3
    PROMPTED = 4
    BENEFIT_USED = 5
    UNDONE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """OUTCOME 惩戒反馈: what was done with a match, or why nothing was; names no official.

    Of `listing` and `scenario` exactly one is set. `case_id` is 16 random bytes; `replaces` the
    leaf of the speaker's own earlier OUTCOME that this one corrects or undoes.
    """

    min_reader: int = 1
    audience: Audience
    case_id: bytes
    result: OutcomeResult
    listing: Reference | None = None
    scenario: Reference | None = None
    department: str
    matter: str = ""
    measure: str = ""
    measure_basis: str = ""
    reason: str = ""
    decided_on: Date
    replaces: LeafHash | None = None


class RequestType(IntEnum):
    """What is forwarded to the listing's origin."""

    UNSPECIFIED = 0
    OBJECTION = 1
    REPAIR_APPLICATION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was received here and is forwarded to the listing's origin."""

    request_type: RequestType
    listing: Reference
    record: RecordKey
    received_on: Date
    due_on: Date = Date(0)
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a REQUEST; `result` is the statement that grants it."""

    request: Reference
    reason: str = ""
    result: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """REQUEST 转办: forwarded (a submission), or answered; the action stands in the header."""

    min_reader: int = 1
    audience: Audience
    body: Submission | Answer


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
