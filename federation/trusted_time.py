"""The time on which what cannot be undone may depend (SPEC §3.6).

No single clock is believed, not this machine's and not one peer's. *Trusted time* is the latest
time that more than half of the other members, never fewer than two, have signed on a checkpoint;
between two such words the machine's monotonic clock carries it on. Rules:

    Z1  a member has one vote: the latest time in its verified head, witness and mirror lines
    Z2  the time voted is the latest that more than half of the others, at least two, have reached
    Z3  trusted time never goes back by votes; running, it goes on by the monotonic clock
    Z4  what the votes add beyond that is a step; unconfirmed steps total at most `STEP_SECONDS`
        within `WINDOW_SECONDS` of running, the rest waits for more running or for two persons
    Z5  the first time of a node is the earlier of the votes and its own clock
    Z6  two persons may set it, forwards and back; that uses up no steps and clears those taken
    Z7  destroying (erasing what has expired, ending tags, destroying and rotating keys) asks
        trusted time alone
    Z8  punishing asks the later of it and the machine's clock: one set back revives nothing
    Z9  erasure by relief asks no clock

Nothing here reads a clock; times are seconds UTC. Z7 to Z9 are obeyed where the parts of a node are
put together (`node.app.wiring`, `node.app.schedule`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from federation.ids import Timestamp

STEP_SECONDS: Final = 26 * 3600
"""A day's outage, and the hour in which somebody notices."""
WINDOW_SECONDS: Final = 30 * 86_400
LEAST_VOTES: Final = 2
"""Nothing irreversible on the word of one peer."""
STEPS_MAX: Final = 512
"""Steps remembered one by one; earlier ones of the window are put together with the oldest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that votes added: how much, and when in terms of running time (seconds)."""

    at: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedTime:
    """Trusted time at one moment; a value that is persisted and carried on.

    Attributes:
        now: seconds UTC; None where the node has never heard enough members.
        running: seconds that the node has run in all, by the monotonic clock.
        steps: unconfirmed steps within the window, oldest first.
    """

    now: Timestamp | None = None
    running: int = 0
    steps: tuple[Step, ...] = ()

    @property
    def room(self) -> int:
        """Seconds by which votes may still move it without two persons (Z4)."""
        return max(0, STEP_SECONDS - sum(step.seconds for step in self.steps))


def voted(latest: Collection[Timestamp], others: int) -> Timestamp | None:
    """Return the time that enough other members have signed (Z2), or None.

    Args:
        latest: the latest time signed by each member heard, one a member (Z1).
        others: how many other members there are, heard or not.
    """
    needed = max(others // 2 + 1, LEAST_VOTES)
    if len(latest) < needed or others < needed:
        return None
    return sorted(latest, reverse=True)[needed - 1]


def carried(time: TrustedTime, seconds: int) -> TrustedTime:
    """Carry the time on by so many seconds of the monotonic clock (Z3).

    Raises:
        ValueError: `seconds` is negative: no monotonic clock; the caller's fault.
    """
    if seconds < 0:
        message = f"seconds: expected 0 or more, got {seconds}"
        raise ValueError(message)
    running = time.running + seconds
    return replace(
        time,
        now=None if time.now is None else Timestamp(time.now + seconds),
        running=running,
        steps=tuple(step for step in time.steps if step.at > running - WINDOW_SECONDS),
    )


def stepped(time: TrustedTime, votes: Timestamp, clock: Timestamp) -> TrustedTime:
    """Take what the members have signed (Z3, Z4, Z5).

    Args:
        time: carried on to this moment.
        votes: of `voted`.
        clock: this machine's clock; asked for the first time only.
    """
    if time.now is None:
        return replace(time, now=min(votes, clock))
    step = min(votes - time.now, time.room)
    if step <= 0:
        return time
    taken = (*time.steps, Step(at=time.running, seconds=step))
    if len(taken) > STEPS_MAX:
        first, second, *rest = taken
        taken = (Step(at=second.at, seconds=first.seconds + second.seconds), *rest)
    return replace(time, now=Timestamp(time.now + step), steps=taken)


def confirmed(time: TrustedTime, moment: Timestamp) -> TrustedTime:
    """Set the time on the word of two persons (Z6); who they are is the caller's to check."""
    return replace(time, now=moment, steps=())
