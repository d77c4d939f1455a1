"""Within what time somebody has to act, as an edition says it: a closed set of obligations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from federation.ids import Date
from federation.reconcile.sources import Certainty


class Obligation(StrEnum):
    """What has to be done in time."""

    PUBLISH_PENALTY = "publish-penalty"
    """A penalty 行政处罚 is published (双公示); from the day of the decision."""
    WITHDRAW = "withdraw"
    """What lost its ground is withdrawn 撤销; from the day on which the ground went."""
    PUSH = "push-cross-province"
    """A repair is pushed to the place of registration 跨省推送; from the day of the decision."""
    ACCEPT = "accept"
    """Whether an application is accepted 受理; from the day of the application."""
    RESULT = "result"
    """The result of a repair goes to the applicant 结果告知; from the day of the application."""
    RELIEF = "relief-everywhere"
    """A relief takes effect everywhere 各地同步; from the day of the decision."""
    MASKING = "masking"
    """Masking 屏蔽 takes effect; from the day on which it is said."""
    DISPLAYS = "third-party-displays"
    """A third party 第三方 takes down what it displays; from the day on which it was told."""
    KEEP_REQUEST = "keep-request"
    """A closed request 转办 is kept no longer; from the day on which it was closed."""
    KEEP_ANSWER = "keep-answer"
    """Likewise an answer that counts for no request held; from the day on which it was said."""
    KEEP_OUTCOME = "keep-outcome"
    """Likewise the reports 惩戒反馈 of a case; from the day on which the last of them was said."""
    KEEP_COMMITMENT = "keep-commitment"
    """Likewise a commitment 承诺; from the day on which it was due or performed, else made."""
    KEEP_UNDATED = "keep-undated"
    """Likewise what is published without a last day; from the day of the decision."""
    KEEP_OTHER = "keep-other"
    """Likewise what no other row names and nobody here can read; from the day of its saying."""


KEEPING: Final = frozenset(one for one in Obligation if one.value.startswith("keep-"))
"""How long something is kept: what is over is erased, and the latest of several rows counts."""


class Unit(StrEnum):
    """In what a deadline is counted."""

    SAME_DAY = "same-day"
    """Until the end of the day on which it begins."""
    WORKING_DAYS = "working-days"
    DAYS = "days"
    YEARS = "years"
    """Of the calendar; from 29 February to the 28th where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One row of an edition: within what time an obligation is to be met."""

    obligation: Obligation
    days: int
    """Their number, or that of the years; of `SAME_DAY` none."""
    unit: Unit
    basis: str
    certainty: Certainty
    valid_from: Date
    """First day on which something may begin for which the row counts."""
    valid_until: Date
    """Last such day."""
    source: str

    @property
    def name(self) -> str:
        """Its name; what waits is confirmed under it."""
        return self.obligation.value

    def counts_on(self, day: Date) -> bool:
        """Whether it counts for what begins on a day."""
        return self.valid_from <= day <= self.valid_until
