"""Parts that several payloads share: who is meant, for whom it is, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from federation.ids import CharterId, Date, LeafHash, Origin


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


class TermQuality(IntEnum):
    """Where the last day of publication comes from; `UNKNOWN` where there is none."""

    UNSPECIFIED = 0
    STATED = 1
    BY_CATALOG = 2
    UNKNOWN = 3


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


class ExitKind(IntEnum):
    """How a listing may end 退出方式."""

    UNSPECIFIED = 0
    PERFORMED = 1
    CORRECTED_FOR = 2
    LISTED_FOR = 3
    PERIOD_OVER = 4
    REVOKED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """A way out of a listing; `months` (1-120) for what waits for a time, else 0."""

    kind: ExitKind
    months: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeAttestation:
    """The authority's word that all whom this concerns had the prior notice 告知.

    It holds for decisions of the days from `decided_from` to `decided_to`, both inclusive.
    """

    authority: str
    document: str
    scope: str
    decided_from: Date
    decided_to: Date


class PenaltyGrade(IntEnum):
    """How grave the offence was; `MINOR` 轻微 is never exchanged."""

    UNSPECIFIED = 0
    MINOR = 1
    ORDINARY = 2
    SERIOUS = 3


class PenaltyProcedure(IntEnum):
    """By which procedure it was decided; `SIMPLE` 简易程序 is never exchanged."""

    UNSPECIFIED = 0
    SIMPLE = 1
    ORDINARY = 2
