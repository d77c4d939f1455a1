"""Enumeration 批量套取: a credential that walks through subjects is slowed, then stopped.

One `Watched` for each credential; it is a state machine that decides without doing. It remembers a
bounded part of what was asked, in memory alone, and is told each question before it is answered.

    EN1 codes in sequence: of the last 48 codes, 32 have a neighbour (another code whose
        organisation code body is at most 4 away) or lie one constant stride apart: stopped
        (`enumeration.sequence`). From 12 on, slowed
    EN2 ever new subjects under one case: beyond as many as a case may have (120, or what the
        credential says) slowed; 40 beyond, stopped (`enumeration.case`)
    EN3 bursts: who asks faster than an allowance of 300 that fills up at one a second (both grow
        with the budget of the day) waits; who asks 50 times more before its wait is over is
        stopped (`enumeration.burst`). The same holds for each wait
    EN4 where outcomes are overdue and none was ever reported, a sequence is stopped at half of its
        figure. That alone neither slows nor stops anybody: reporting is owed, and no condition of
        the next question
    EN5 a stop stays until a person lifts it. The same code again is no new subject, in a case or
        in sequence

What is slowed is answered later, with the same answer. A stop says nothing about any subject, and
nothing here knows whether one is listed.

    ok      a question            → ok, or a sign is there: slowed from the next question on
    slowed  before its time       → slowed, and too often → stopped
    slowed  at its time           → ok (answered), and slowed again while the sign is there
    any     a figure is reached   → stopped, which it stays

Normal work stays far below: 40 bidders under one case, or 300 cases a day at a counter, also where
all firms of a county have codes from one block.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from operator import or_, sub
from typing import Final, TypeAlias

from federation.uscc import ALPHABET

SEQUENCE: Final = "enumeration.sequence"
CASE: Final = "enumeration.case"
BURST: Final = "enumeration.burst"

WINDOW: Final = 48
"""Codes among which a sequence is looked for (EN1): a walk ends within 50 answers."""
NEAR: Final = 4
"""How far apart neighbours are; a walk may leave out some."""
SLOW_SEQUENCE: Final = 12
STOP_SEQUENCE: Final = 32
STOP_SILENT: Final = 16
CASE_SUBJECTS: Final = 120
"""Subjects under one case before it is slowed (EN2); large tenders say more in their credential."""
CASE_BEYOND: Final = 40
CASES_KEPT: Final = 512
"""Cases remembered, the last ones asked about."""
BURST_SIZE: Final = 300
BURST_SHARE: Final = 10
"""The allowance is at least this part of a day's budget."""
WORKING_SECONDS: Final = 8 * 3600
"""In which a day's budget fills the allowance once."""
IMPATIENT: Final = 50
"""Questions before a wait is over (EN3)."""
LONGEST_WAIT: Final = 30.0

_BODY: Final = slice(8, 16)
_VALUES: Final = {char: value for value, char in enumerate(ALPHABET)}


@dataclass(frozen=True, slots=True)
class Ok:
    """It is answered."""


@dataclass(frozen=True, slots=True)
class Slow:
    """It is answered when asked again after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing is answered until a person lifts it."""

    code: str


Verdict: TypeAlias = Ok | Slow | Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is usual for one credential."""

    budget: int
    """Questions a day."""
    case_subjects: int = CASE_SUBJECTS

    @property
    def burst(self) -> int:
        """Questions at once (EN3)."""
        return max(BURST_SIZE, self.budget // BURST_SHARE)

    @property
    def per_second(self) -> float:
        """How fast the allowance fills up (EN3)."""
        return max(1.0, self.budget / WORKING_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is looked at of a question."""

    code: str
    """As normalised."""
    case: str
    silent: bool = False
    """Outcomes are overdue from this credential, and it never reported any (EN4)."""


class Watched:
    """What one credential asked of late. Not for several threads at once."""

    def __init__(self, limits: Limits) -> None:
        """Begin with an allowance that is full."""
        self._limits = limits
        self._codes: OrderedDict[str, int] = OrderedDict()
        self._cases: OrderedDict[str, set[str]] = OrderedDict()
        self._allowance = float(limits.burst)
        self._filled_at: float | None = None
        self._not_before = 0.0
        self._impatient = 0
        self._stopped: Stop | None = None

    def asked(self, question: Asked, moment: float) -> Verdict:
        """Decide about a question before it is answered.

        Args:
            question: what is looked at of it.
            moment: of a clock that never goes back, in seconds.
        """
        if self._stopped is not None:
            return self._stopped
        self._fill(moment)
        if moment < self._not_before or self._allowance < 1:
            return self._waits(moment)
        self._impatient = 0
        self._allowance -= 1
        sequence = self._sequence(question.code)
        if sequence >= (STOP_SILENT if question.silent else STOP_SEQUENCE):
            return self._stop(SEQUENCE)
        beyond = self._new_in_case(question) - self._limits.case_subjects
        if beyond > CASE_BEYOND:
            return self._stop(CASE)
        signs = max(sequence - SLOW_SEQUENCE + 1, beyond, 0)
        if signs:
            self._not_before = moment + min(LONGEST_WAIT, signs)
        return Ok()

    def _fill(self, moment: float) -> None:
        passed = moment - (moment if self._filled_at is None else self._filled_at)
        self._filled_at = moment
        full = self._limits.burst
        self._allowance = min(full, self._allowance + passed * self._limits.per_second)

    def _waits(self, moment: float) -> Verdict:
        self._impatient += 1
        if self._impatient > IMPATIENT:
            return self._stop(BURST)
        missing = max(0.0, 1 - self._allowance) / self._limits.per_second
        return Slow(max(self._not_before - moment, missing))

    def _stop(self, code: str) -> Stop:
        self._stopped = Stop(code)
        return self._stopped

    def _sequence(self, code: str) -> int:
        """How many of the last codes are in sequence, this one among them (EN1)."""
        body = body_of(code)
        if body is None:
            return 0
        if code in self._codes:
            self._codes.move_to_end(code)
        else:
            self._codes[code] = body
            if len(self._codes) > WINDOW:
                self._codes.popitem(last=False)
        return max(_near(self._codes.values()), _stride(self._codes.values()))

    def _new_in_case(self, question: Asked) -> int:
        """How many subjects were asked about under this case (EN2)."""
        subjects = self._cases.setdefault(question.case, set())
        self._cases.move_to_end(question.case)
        if len(self._cases) > CASES_KEPT:
            self._cases.popitem(last=False)
        subjects.add(question.code)
        return len(subjects)


def body_of(code: str) -> int | None:
    """The organisation code of a unified code as a number; None where it is none.

    An old organisation code of 9 characters is read as well.
    """
    body = code[_BODY] if len(code) == 18 else code[:8] if len(code) == 9 else ""
    number = 0
    for char in body:
        value = _VALUES.get(char)
        if value is None:
            return None
        number = number * len(ALPHABET) + value
    return number if body else None


def _near(bodies: Collection[int]) -> int:
    """How many have a neighbour."""
    ordered = sorted(bodies)
    apart = list(map(sub, ordered[1:], ordered))
    if not apart or min(apart) > NEAR:
        return 0  # as in nearly all work that is none
    close = [one <= NEAR for one in apart]
    return sum(map(or_, [False, *close], [*close, False]))


def _stride(bodies: Iterable[int]) -> int:
    """How many lie the same stride after the one before, the first among them."""
    asked = list(bodies)
    return 1 + max(Counter(map(sub, asked[1:], asked)).values(), default=0)
