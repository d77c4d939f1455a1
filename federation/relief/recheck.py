"""Rechecks of repairs 修复复查: a sample of each quarter is looked at by somebody else.

Pure; rules:

    RX1 a quarter is drawn once it is over, and once: from the repairs of our own log that were
        decided in it (`recheck.quarter`, `recheck.drawn`)
    RX2 drawn is one in twenty, but five at least and all where there are fewer: those of which the
        SHA-256 of seed and statement id is least. The seed is of the draw and is recorded with it,
        so that nobody chooses, and everybody can draw the same again
    RX3 what was drawn is rechecked once (`recheck.not-drawn`, `recheck.done`), by another person
        than decided it (`recheck.same-person`)
    RX4 a doubt says in words what it is (`recheck.note`)

A recheck changes nothing: what was obtained by fraud the authority relists (SPEC §6.3).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256
from typing import Final

from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.persons import distinct

QUARTER: Final = "recheck.quarter"
DRAWN: Final = "recheck.drawn"
NOTE: Final = "recheck.note"
NOT_DRAWN: Final = "recheck.not-drawn"
DONE: Final = "recheck.done"
SAME_PERSON: Final = "recheck.same-person"

ONE_IN: Final = 20
LEAST: Final = 5
NOTE_MAX: Final = 500
"""Characters of a note; it says nothing of the subject."""
_FORM: Final = re.compile(r"([0-9]{4})-?Q([1-4])", re.IGNORECASE | re.ASCII)


class Finding(StrEnum):
    """What a recheck comes to."""

    OK = "ok"
    DOUBT = "doubt"


def quarter_of(text: str, today: Date) -> tuple[str, Date, Date]:
    """Name, first and last day of a quarter that is over (RX1).

    Raises:
        RefusedError: `recheck.quarter`.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise RefusedError(QUARTER, f"expected a quarter as 2026-Q3, got {text[:20]!r}")
    year, number = int(match[1]), int(match[2])
    month = 3 * number
    last = Date(year * 10000 + month * 100 + monthrange(year, month)[1])
    if last >= today:
        raise RefusedError(QUARTER, f"expected a quarter that is over, got {text[:20]!r}")
    return f"{year:04}-Q{number}", Date(year * 10000 + (month - 2) * 100 + 1), last


def sample(seed: bytes, repairs: Iterable[StatementId]) -> list[StatementId]:
    """Draw from repairs, whatever their order (RX2)."""
    ordered = sorted(set(repairs), key=lambda one: (sha256(seed + one).digest(), one))
    return ordered[: max(LEAST, -(-len(ordered) // ONE_IN))]


def check_persons(person: str, decider: str) -> tuple[str, str]:
    """Who rechecks and who decided, two persons (RX3, V8).

    Raises:
        RefusedError: `recheck.same-person`.
    """
    both = distinct((person, decider))
    if len(both) != 2:
        message = "expected the person who rechecks and another one who decided"
        raise RefusedError(SAME_PERSON, message)
    return both[0], both[1]
