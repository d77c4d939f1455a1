"""Payloads of SCENARIO, RECOGNITION and RECEIPT, which every reader may see."""

from __future__ import annotations

from dataclasses import dataclass

from federation.conditions import Condition
from federation.ids import CharterId, Date, Origin
from federation.payload_parts import Reference, SubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """What a scenario grants (免押金, 免排队); the code may be empty."""

    code: str = ""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A service window 服务窗口 where the benefit is had."""

    name: str
    address: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeScale:
    """The grades of a method, best first."""

    method: str
    edition: str
    grades: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """SCENARIO 场景: a benefit scenario 惠民便企场景, open to every reader.

    `conditions_text` is for people, `condition` for programs; `places` are regions of 2, 4 or 6
    digits, `scales` those of the grades that conditions and equivalences speak of.
    """

    min_reader: int = 1
    scenario_type: str
    title: str
    provider: str
    provider_name: str
    benefits: tuple[Benefit, ...]
    conditions_text: str
    subject_kinds: tuple[SubjectKind, ...]
    basis: str = ""
    valid_from: Date
    valid_until: Date
    charters: tuple[CharterId, ...]
    places: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    condition: Condition | None = None
    scales: tuple[GradeScale, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalence:
    """A grade of another method that counts as one of the speaker's own."""

    method: str
    edition: str
    grade: str
    own_method: str
    own_edition: str
    own_grade: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """RECOGNITION 互认: a peer's scenario accepted, declined, suspended or ended.

    `further` is asked besides the scenario's own condition; `services` are the speaker's own that
    honour it; it holds in the alliances of `charters`, or in all shared ones; from `effective_on`
    on, or at once where that is 0.
    """

    min_reader: int = 1
    scenario: Reference
    authority: str
    authority_name: str
    conditions_text: str = ""
    reason: str = ""
    decided_on: Date
    valid_until: Date = Date(0)
    further: Condition | None = None
    equivalences: tuple[Equivalence, ...] = ()
    services: tuple[str, ...] = ()
    charters: tuple[CharterId, ...] = ()
    effective_on: Date = Date(0)


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
