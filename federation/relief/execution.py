"""Execution of a relief 修复结果的执行: told, done and acknowledged by the city's own platform.

The end of a listing in a node is not yet its end in the city. An *outlet* is where a platform is
told; what it was told of the end of a listing is a *demand*. Pure; rules:

    EX1 a listing is lifted when each outlet that was told of it has acknowledged its end in the
        state that it has now; an outlet that was never told of it owes nothing
    EX2 an outlet that has not come as far as the listing yet may still be told of it: until it has
        passed it, the listing is not lifted
    EX3 an acknowledgement is of one telling: of a listing told again since, it is of an older
        version (`ack.older`)
    EX4 what was never told cannot be acknowledged (`ack.never-sent`)
    EX5 the first acknowledgement counts, a second one changes nothing (`ack.twice`)
    EX6 an acknowledgement counts for the outlet that gives it; what another one was told is not its
        to acknowledge (`ack.other-platform`)
    EX7 a refusal of a row is no acknowledgement (`ack.refused`); what it says is kept, and counts
        once
    EX8 that something was read is not that it was done: an acknowledgement says so in the form of
        its outlet, any other form is none (`ack.malformed`)
    EX9 what is told again in the same state stays acknowledged; told in another state it is owed
        anew, from before the telling on
    EX10 what an outlet is to be told counts as told from before the telling on: whether it came,
        a crash or a lost answer leaves open, and who may have a listing is told of its end

EX3 to EX8 are findings: they are counted and shown, and nothing is lifted by them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from federation.ids import Timestamp
from federation.ports.demands import Demand
from federation.rows import State

OLDER: Final = "ack.older"
NEVER_SENT: Final = "ack.never-sent"
TWICE: Final = "ack.twice"
OTHER_PLATFORM: Final = "ack.other-platform"
REFUSED: Final = "ack.refused"
MALFORMED: Final = "ack.malformed"

REASON_MAX: Final = 200
"""Characters of why an outlet refuses a row that are kept."""


class Telling(NamedTuple):
    """What one outlet was told of one listing."""

    passed: bool
    """Whether it has come as far as the listing."""
    told: bool
    """Whether it was told of the listing."""
    demand: Demand | None
    """What it was told of its end."""


class Acknowledgement(NamedTuple):
    """What an outlet says of one leaf of one telling."""

    number: int
    """Of the telling."""
    done: bool
    reason: str = ""
    """Why it is not done."""


class Verdict(NamedTuple):
    """What an acknowledgement comes to."""

    demand: Demand | None
    """As it stands now, where it changed."""
    code: str
    """Of the rule by which it counts for nothing; else empty."""


def is_lifted(words: Collection[int], tellings: Iterable[Telling]) -> bool:
    """Whether a listing that has ended is lifted by all outlets of the city (EX1, EX2).

    Args:
        words: the states told, any of which is the end that the listing has now.
        tellings: one for each outlet; none where nobody outside the node has anything.
    """
    return all(
        one.passed
        and (
            not one.told
            or (
                one.demand is not None
                and one.demand.word in words
                and one.demand.acknowledged_at > 0
            )
        )
        for one in tellings
    )


def is_late(tellings: Iterable[Telling]) -> bool:
    """Whether the end of a listing had to be acknowledged by somebody."""
    return any(one.demand is not None for one in tellings)


def ends_as(state: State, undo: int) -> frozenset[int]:
    """The states told that are the end which a listing has (EX1).

    Args:
        state: of the listing.
        undo: number of the state in which those who had a withdrawn listing are told of it.
    """
    if state is State.WITHDRAWN:
        return frozenset({int(State.WITHDRAWN), undo})
    return frozenset({int(state)})


def demanded(before: Demand | None, now: Demand) -> Demand:
    """What an outlet owes that is told something anew (EX9), since when it was told of it first."""
    if before is None or before.word != now.word:
        return now
    return now._replace(told_at=before.told_at, acknowledged_at=before.acknowledged_at)


def acknowledge(
    said: Acknowledgement, demand: Demand | None, *, told: bool, elsewhere: bool, now: Timestamp
) -> Verdict:
    """Judge an acknowledgement (EX3-EX7).

    Args:
        said: by an outlet.
        demand: to this outlet, about this leaf.
        told: whether this outlet was told of the leaf, in whatever state.
        elsewhere: whether another outlet was told of the leaf's end.
        now: when it came.
    """
    if demand is None and told:  # that it stands; nothing is owed for that
        return Verdict(None, "")
    if demand is None or said.number > demand.number:
        return Verdict(None, OTHER_PLATFORM if elsewhere else NEVER_SENT)
    if said.number < demand.number:
        return Verdict(None, OLDER)
    if demand.acknowledged_at:
        return Verdict(None, TWICE)
    if not said.done:
        why = said.reason[:REASON_MAX] or REFUSED
        if why == demand.result:
            return Verdict(None, "")
        return Verdict(demand._replace(result=why), REFUSED)
    return Verdict(demand._replace(acknowledged_at=now, result=""), "")
