"""What is held of a subject at the moment of a question, and what of it counts against it.

Shared by all who ask: the check 核查 (`federation.screening.checks`) and benefits
(`federation.recognition.obstacles`). One place says what counts:

    CK5  a record counts only while it is active on this day, its last day is known (SPEC §6.1),
         nothing is doubtful about it, it is recognised by this city's catalog, library and persons
         (a listing of our own: its list has a ground), and it may be used for the purpose of the
         question (its audience)
    CK6  only a LISTING of a list of severe dishonesty counts against anybody; a PENALTY and what is
         on a watch list 重点关注 never do
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from federation.ids import Date, LeafHash, Origin, StatementId
from federation.payloads import Adverse, Listing, Tier
from federation.reconcile.findings import RULES, Finding, Outcome
from federation.reconcile.identity import BaseSubject
from federation.rows import State

PUNISHING: Final = "joint-punishment"
"""The purpose for which a measure may follow."""


class LogState(StrEnum):
    """How a log stands for a check."""

    OK = "ok"
    STALE = "stale"
    """Its origin has not signed for too long: nothing of it counts."""
    FORKED = "forked"
    REFUSED = "refused"
    """No charter names it any more, or our own log does not sign."""
    BEHIND = "behind"
    """What is held of it is not all applied or judged yet."""
    NO_HEAD = "no-head"
    """A member's log of which nothing has come yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One log that was looked at."""

    origin: Origin
    region: str
    name: str
    """Of the member, by the charter."""
    size: int
    """Leaves held."""
    head_age_s: int | None
    """Seconds since its origin signed what is held; None where it never did."""
    state: LogState


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRead:
    """One statement against a subject as it is held at the moment of the question.

    What cannot be read, because its opening is not held, is none.
    """

    origin: Origin
    index: int
    statement_id: StatementId
    leaf_hash: LeafHash
    region: str
    ours: bool
    record: bytes
    """The record's key: the same for all of its copies."""
    state: State
    """As of this day."""
    rule: str
    """Why it must not be used today, by everything that is known of it; empty for no reason."""
    finding: int
    """What this city found about it just now; `NONE` for a listing of our own without a fault."""
    content: Adverse
    """What is in force of it after corrections, copies put together."""
    until: Date
    purposes: frozenset[str]
    """Of its audience."""
    annotations: tuple[str, ...] = ()
    objection: bool = False
    """Whether an objection against it is open, at its origin or forwarded from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """A subject of the library whose place the one asked about took, and what is held of it."""

    subject: BaseSubject
    records: tuple[RecordRead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What is known of the subject asked about."""

    known: BaseSubject | None
    predecessors: tuple[Predecessor, ...] = ()
    namesakes: tuple[RecordRead, ...] = ()
    """What is held of other subjects whose listing states the name asked."""


def counts(one: RecordRead, purpose: str) -> bool:
    """Whether a record counts (CK5): the only place that decides it."""
    known = RULES.get(one.finding)
    applied = known is not None and known.outcome is Outcome.APPLIED
    recognised = applied or (one.ours and one.finding == Finding.NONE)
    return recognised and counts_as(one, purpose, "")


def counts_as(one: RecordRead, purpose: str, rule: str) -> bool:
    """Whether nothing but this rule stands against using a record."""
    stands = one.state is State.ACTIVE and bool(one.until)
    return stands and one.rule == rule and purpose in one.purposes


def is_severe(one: RecordRead) -> bool:
    """Whether it is on a list of severe dishonesty (CK6)."""
    return isinstance(one.content, Listing) and one.content.tier is Tier.SEVERE
