"""Requests 转办: objections and repair applications that one member forwards to a listing's origin.

The state of a request is a function of the *set* of statements about it, never of their order:
whatever log or packet brought them, all readers come to the same. Rules (SPEC.md §6.7):

    J1  a request is known by origin, index and leaf hash; an answer counts only if all three agree
    J2  `withdrawn` is said by the chain of the request's own speaker alone
    J3  `received`, `accepted`, `declined` and `done` are said by the chain of the origin of the
        listing that the request names, by its delegate or by its successor alone
    J4  done outweighs withdrawn, withdrawn outweighs declined, declined accepted, accepted received
    J5  of the open requests of one member at most `OPEN_PER_DAY`, or as many as a charter says, are
        taken up on one day; the others wait (`request.limit`) until some of these are closed, the
        next day comes, or a person takes them up

An answer by anybody else says nothing, and neither does an answer to an answer. What a request asks
for is never granted by its state: only an ANNOTATION, CORRECTION, REPAIR or WITHDRAWAL of the
origin does that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from federation.ids import Date, Origin
from federation.payload_parts import Reference
from federation.statements import RequestAction

LIMIT: Final = "request.limit"
OPEN_PER_DAY: Final = 1000
"""Open requests of one member that are taken up on a day (J5): people answer each of them."""


_BY_DEFAULT: Final[Mapping[str, int]] = MappingProxyType({})


class RequestState(StrEnum):
    """How a request stands."""

    FORWARDED = "forwarded"
    """转办: nothing has been said of it yet."""
    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"
    WITHDRAWN = "withdrawn"


OPEN_STATES: Final = frozenset(
    {RequestState.FORWARDED, RequestState.RECEIVED, RequestState.ACCEPTED}
)
"""States in which somebody still has to act."""

_WEIGHT: Final = (
    RequestAction.DONE,
    RequestAction.WITHDRAWN,
    RequestAction.DECLINED,
    RequestAction.ACCEPTED,
    RequestAction.RECEIVED,
)
"""What outweighs what follows it (J4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request and who may answer it."""

    leaf: Reference
    speaker: Collection[Origin]
    """Logs of the chain of the node that forwarded it."""
    answerers: Collection[Origin]
    """Logs of the chain of the listing's origin, and of its delegate and successor."""


class Said(NamedTuple):
    """A statement of kind 16 with an action above 1, in force."""

    origin: Origin
    action: int
    request: Reference


def judge(asked: Asked, answers: Iterable[Said]) -> RequestState:
    """Say how a request stands (J1-J4)."""
    counted = {said.action for said in answers if _counts(asked, said)}
    for action in _WEIGHT:
        if action in counted:
            return RequestState(action.name.lower())
    return RequestState.FORWARDED


def _counts(asked: Asked, said: Said) -> bool:
    """Whether an answer is to this request, and by one who may say it."""
    if said.request != asked.leaf:
        return False
    by = asked.speaker if said.action == RequestAction.WITHDRAWN else asked.answerers
    return said.origin in by


class Came(NamedTuple):
    """A request as it came here."""

    member: str
    """The node that forwarded it, `<node>` of its origin."""
    day: Date
    """Day on which it was taken up here, Asia/Shanghai; today, where it was not."""
    state: RequestState


def waiting(came: Iterable[Came], limits: Mapping[str, int] = _BY_DEFAULT) -> list[bool]:
    """Say of each request whether it waits by J5.

    Args:
        came: requests, those that were taken up before the others, in the order of their logs.
        limits: of members, where a charter says another number than `OPEN_PER_DAY`.
    """
    taken: Counter[tuple[str, Date]] = Counter()
    result: list[bool] = []
    for member, day, state in came:
        is_open = state in OPEN_STATES
        limit = limits.get(member, OPEN_PER_DAY)
        result.append(is_open and taken[member, day] >= limit)
        taken[member, day] += is_open
    return result
