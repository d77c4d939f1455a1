"""Uses of benefits 场景使用: what a report has to be, and how uses are counted in both cities.

BU1  a use is reported of an answer that was no `not`: entitled, or undecided and then decided
     by people; by the department that asked, once for an answer
BU2  it is dated from the day of the answer to that of the report
BU3  of one speaker and case the newest OUTCOME counts, and it counts once
BU4  an OUTCOME of another node's counts only where it names a leaf of a scenario of the
     reader's own by origin, index and leaf hash; our own counts where the leaf is held so
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from federation.errors import RefusedError
from federation.ids import Date
from federation.recognition.entitlement import Result

NOT_ENTITLED: Final = "benefit.not-entitled"
TWICE: Final = "benefit.used-twice"
DATE: Final = "benefit.date"


def check_use(result: str, answered_on: Date, used_on: Date, today: Date) -> None:
    """Check a report of a use by itself (BU1, BU2).

    Args:
        result: of the answer by which it was used.
        answered_on: its day, in China.
        used_on: that of the use.
        today: that of the report.

    Raises:
        RefusedError: `benefit.not-entitled`, `benefit.date`.
    """
    if result not in (Result.ENTITLED, Result.UNDECIDED):
        message = (
            "该答复为不符合，不能报告使用；情况有变的请重新查询 / the answer was that nobody is "
            "entitled by it; ask again where something has changed"
        )
        raise RefusedError(NOT_ENTITLED, message)
    if not answered_on <= used_on <= today:
        message = (
            f"使用日期应为 {answered_on} 至 {today}，实为 {used_on} / expected a day from "
            f"{answered_on}, that of the answer, to {today}, got {used_on}"
        )
        raise RefusedError(DATE, message)


class Group(NamedTuple):
    """What uses are counted by."""

    scenario: str
    """Id of the statement that opened it, in hexadecimal digits."""
    region: str
    """Where it was used."""
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseTold:
    """One OUTCOME that says that a benefit was used, in the order of its speaker's chain."""

    speaker: str
    """Of the same node the same, whatever epoch of its log."""
    case_id: bytes
    group: Group
    used_on: Date


def count_uses(told: Iterable[UseTold], first: Date, last: Date) -> Mapping[Group, int]:
    """Count the uses of a period (BU3).

    Args:
        told: what counts (BU4), of each speaker in the order of its chain.
        first: first day.
        last: last day.
    """
    newest = {(one.speaker, one.case_id): one for one in told}
    counted: dict[Group, int] = {}
    for one in newest.values():
        if first <= one.used_on <= last:
            counted[one.group] = counted.get(one.group, 0) + 1
    return dict(sorted(counted.items()))
