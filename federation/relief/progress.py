"""How far a relief 修复、撤销, a masking or a pause has come at each member, and whether in time.

No clock of the one who speaks is asked when it spoke: times are those at which others vouched.

    RP1 a leaf was said by the time of the first checkpoint kept that covers it and that others
        than its speaker cosigned; where none is kept, it was said, and when is not proved
    RP2 a member has received a relief by its earliest mirror line over a checkpoint that covers
        the leaf; whoever applied or lifted it has received it by then
    RP3 it applied the relief by its first receipt of the leaf that says applied or opened, and
        lifted what was listed by its first receipt of the listing that says lifted
    RP4 who was handed the listing has executed a repair or withdrawal by lifting it; who was not,
        whose own listing it is, and where a masking or pause is executed, by applying it
    RP5 asked is every member that tells receipts and may read the relief, but its speaker; where
        it is not known who may read it, only who has said anything about it
    RP6 what is executed is in time where its time is proved before the end of the last day;
        without a proved time it is in time until that day is over, and not known then. A time that
        is proved later says only by when it was done: it is late where RP14 says so, else not known
    RP7 what is not executed waits until the last day is over, and is late from then on where RP13
        says so, else not known
    RP8 where the deadline is not known nothing is in time and nothing late
    RP9 into another province a repair is pushed in time, likewise, by being received; a withdrawal
        is said in time by being published
    RP10 what a RELISTING revoked, and a masking or pause that has ended, nobody has to execute any
        more: it is in no list, and nobody is late with it
    RP11 who became a member when the last day was over is to execute the relief all the same, and
        is neither in time with it nor late; so is who says what it decided before
    RP12 nobody is late with what nobody vouched for: of a member the last day is counted from the
        day on which the relief was said by an independent time, where that is after the decision;
        while none is kept, its last day is not known
    RP13 who has not executed a relief is late where its own log is without that after the last day:
        its own head key signed then, and all receipts up to there are heard here. A log that was
        not heard of since accuses nobody
    RP14 what was done by a time after the last day was done late where its speaker's log was
        without it after that day: the leaf says so itself, or a smaller checkpoint does that others
        cosigned. A node that was away sees everything late, and nobody is late for that
    RP15 who speaks late is late by name: of the speaker the last day is counted from the decision,
        and RP14 is asked. A relief that nobody vouched for makes nobody late, its speaker neither
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from federation.ids import Date, Origin, Timestamp
from federation.reconcile.deadlines import Due, day_of
from federation.reconcile.obligations import Obligation
from federation.statements import AnnotationAction, Kind

RELIEVING_ACTIONS: Final = (AnnotationAction.MASKING_BEGUN, AnnotationAction.PAUSED)
"""Annotations that relieve a subject for a time."""
_PROVINCE: Final = 2
"""Digits of a region that name its province."""


class Said(NamedTuple):
    """That something was said or done, and by when that is proved."""

    by: Timestamp | None
    """None: not proved (RP1)."""
    after: Timestamp = Timestamp(0)
    """Not before this time, as the log in which it stands shows (RP14); 0: nothing shows it."""


class Verdict(StrEnum):
    """Whether something was done in time."""

    IN_TIME = "in-time"
    LATE = "late"
    WAITING = "waiting"
    """Not done, and there is time."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is known of one member about one relief, before anything is judged."""

    member: Origin
    """Its log of today."""
    city: str
    region: str
    mirrored: Said | None
    applied: Said | None
    lifted: Said | None
    lifts: bool
    """Whether lifting the listing is its to do (RP4)."""
    member_since: Timestamp = Timestamp(0)
    """When it became a member of an alliance to which the relief was said (RP11)."""
    heard_until: Timestamp = Timestamp(0)
    """Up to when its own log is known whole (RP13); 0: it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberProgress:
    """How far a relief has come at a member."""

    member: Origin
    city: str
    region: str
    received: Said | None
    applied: Said | None
    lifted: Said | None
    lifts: bool
    executed: Said | None
    verdict: Verdict
    pushed: Verdict | None
    """Of another province: whether it received the relief in time (RP9)."""

    @property
    def late(self) -> bool:
        """Whether it is or was late."""
        return Verdict.LATE in (self.verdict, self.pushed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a relief has come."""

    published: Said
    spoken: Verdict
    """Whether its speaker said it in time (RP15)."""
    due: Due | None
    """Until when every member is to execute it (RP12); None: not known."""
    said_in_time: Verdict | None
    """Of a withdrawal (RP9)."""
    members: Sequence[MemberProgress]

    @property
    def outstanding(self) -> Sequence[MemberProgress]:
        """Who has not executed it."""
        return [one for one in self.members if one.executed is None]

    @property
    def late(self) -> bool:
        """Whether anybody is or was late, its speaker too."""
        return self.spoken is Verdict.LATE or any(one.late for one in self.members)

    @property
    def overdue(self) -> Sequence[MemberProgress]:
        """Who has not executed it although the last day is over."""
        return [one for one in self.outstanding if one.verdict is Verdict.LATE]


def is_relief(kind: int, action: int) -> bool:
    """Whether a leaf relieves a subject, for good or for a time."""
    return kind in (Kind.REPAIR, Kind.WITHDRAWAL) or (
        kind == Kind.ANNOTATION and action in RELIEVING_ACTIONS
    )


def obligation_of(kind: int, action: int) -> Obligation | None:
    """What a member owes by this relief; None where no deadline is named for it (RP8)."""
    if kind in (Kind.REPAIR, Kind.WITHDRAWAL):
        return Obligation.RELIEF
    if kind == Kind.ANNOTATION and action == AnnotationAction.MASKING_BEGUN:
        return Obligation.MASKING
    return None


def begins_on(decided_on: Date, published: Said) -> Date | None:
    """The day from which a member's last day is counted (RP12); None where it is not proved.

    Args:
        decided_on: YYYYMMDD; 0 where it is not known here, which stays so.
        published: when the relief was said.
    """
    if not decided_on:
        return decided_on
    return None if published.by is None else max(decided_on, day_of(published.by))


def owed(due: Due | None, member_since: Timestamp) -> Due | None:
    """The deadline of who has been a member since a time (RP11)."""
    return due if due is None or member_since < due.ends_at else None


def judged(
    done: Said | None, due: Due | None, now: Timestamp, heard_until: Timestamp = Timestamp(0)
) -> Verdict:
    """Whether something was done in time (RP6-RP8, RP13, RP14).

    Args:
        done: None where it is not done.
        due: None where it is not known until when.
        now: a time that is not behind any clock that is believed.
        heard_until: up to when the log of who is to do it is known whole.
    """
    if due is None:
        return Verdict.UNKNOWN
    over = now >= due.ends_at
    if done is None:
        if not over:
            return Verdict.WAITING
        return Verdict.LATE if heard_until >= due.ends_at else Verdict.UNKNOWN
    if done.by is None:
        return Verdict.UNKNOWN if over else Verdict.IN_TIME
    if done.by < due.ends_at:
        return Verdict.IN_TIME
    return Verdict.LATE if done.after >= due.ends_at else Verdict.UNKNOWN


def progress(
    kind: int,
    region: str,
    published: Said,
    words: Iterable[Words],
    *,
    due: Due | None,
    push_due: Due | None,
    said_due: Due | None,
    spoken_due: Due | None,
    now: Timestamp,
) -> Progress:
    """Judge how far a relief has come.

    Args:
        kind: of the relief.
        region: of its speaker, 6 digits.
        published: when it was said.
        words: of each member that is asked (RP5).
        due: until when a member is to execute it, counted from `begins_on`.
        push_due: until when other provinces are to have received a repair, likewise.
        said_due: until when a withdrawal is to be said, counted from its decision.
        spoken_due: until when any relief is to be executed, counted from its decision (RP15).
        now: see `judged`.
    """

    def of(word: Words) -> MemberProgress:
        told = _earliest(word.applied, word.lifted)
        received = _earliest(word.mirrored, told)
        if received is not None:  # silent in its own log for so long
            received = received._replace(after=word.heard_until if told is None else told.after)
        executed = word.lifted if word.lifts else told
        asked, pushed = owed(due, word.member_since), owed(push_due, word.member_since)
        far = kind == Kind.REPAIR and word.region[:_PROVINCE] != region[:_PROVINCE]
        return MemberProgress(
            member=word.member,
            city=word.city,
            region=word.region,
            received=received,
            applied=word.applied,
            lifted=word.lifted,
            lifts=word.lifts,
            executed=executed,
            verdict=judged(executed, asked, now, word.heard_until),
            pushed=judged(received, pushed, now, word.heard_until) if far else None,
        )

    return Progress(
        published=published,
        spoken=judged(published, spoken_due, now),
        due=due,
        said_in_time=judged(published, said_due, now) if kind == Kind.WITHDRAWAL else None,
        members=[of(word) for word in words],
    )


def _earliest(*said: Said | None) -> Said | None:
    """The first of what was done; a proved time goes before one that is not."""
    done = [one for one in said if one is not None]
    if not done:
        return None
    proved = [one.by for one in done if one.by is not None]
    return Said(min(proved, default=None), min(one.after for one in done))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Shares of what members were to execute, each relief counted once for each member."""

    executed: int
    in_time: int
    late: int
    """Executed late, or not executed although it is over."""
    waiting: int
    unknown: int
    same_day: int
    """Executed, as is proved, on the day of the decision in China."""
    spoken_late: int
    """Reliefs that were said after their own last day: late is who said them (RP15)."""

    @property
    def timely(self) -> float | None:
        """修复及时率: the share of those of whom it is known; None of nobody."""
        known = self.in_time + self.late
        return self.in_time / known if known else None

    @property
    def same_day_share(self) -> float | None:
        """The share executed on the day of the decision, of all that are not waiting."""
        asked = self.in_time + self.late + self.unknown
        return self.same_day / asked if asked else None


def rates(found: Iterable[tuple[Timestamp | None, Progress]]) -> Rates:
    """Count over reliefs, each with the end of the day of its decision (None: not known)."""
    counts = dict.fromkeys(Verdict, 0)
    executed = same_day = spoken_late = 0
    for day_ends, one in found:
        spoken_late += one.spoken is Verdict.LATE
        for member in one.members:
            counts[member.verdict] += 1
            by = member.executed and member.executed.by
            executed += member.executed is not None
            same_day += day_ends is not None and by is not None and by < day_ends
    return Rates(
        executed=executed,
        in_time=counts[Verdict.IN_TIME],
        late=counts[Verdict.LATE],
        waiting=counts[Verdict.WAITING],
        unknown=counts[Verdict.UNKNOWN],
        same_day=same_day,
        spoken_late=spoken_late,
    )
