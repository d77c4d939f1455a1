"""Whether a leaf may say what it says, by the charters (SPEC §7.5).

Each alliance judges for itself: a statement with an audience needs, in one charter of its
audience, a segment that contains its index and is entitled to its kind and, where it stands on a
list, to the list type and the determining authority. The answers are plain look-ups, made for
every record that is read:

    entitlement.audience    no charter of the audience is held here and names the origin
    entitlement.purpose     the charter is not for any purpose of the audience
    entitlement.segment     no segment there contains the index (before its start, beyond its cut)
    entitlement.kind        the segment may not issue this kind
    entitlement.list-type   … this list type
    entitlement.authority   … this list type for this authority
    entitlement.ended       the member's last segment is closed and no successor is named
    entitlement.forked      two valid charters of one version stand against each other
    entitlement.expired     the charter's time is over

The last three stop punishment, not reading. Of several charters the one that comes nearest to
allowing it gives the code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from federation.charters.values import Entitlements
from federation.errors import EntitlementError
from federation.ids import CharterId, Origin
from federation.payloads import Audience
from federation.statements import Kind

ON_A_LIST: Final = frozenset(
    {Kind.LISTING, Kind.CORRECTION, Kind.RELISTING, Kind.COMMENDATION, Kind.PENALTY}
)
"""Kinds whose payload stands on a list, by an authority."""

RELIEVING_KINDS: Final = frozenset({Kind.ANNOTATION, Kind.REPAIR, Kind.WITHDRAWAL})
"""Kinds that may stand in any charter of the reader, not only in one of their audience."""

UNIVERSAL_KINDS: Final = frozenset(
    {
        Kind.REPAIR,
        Kind.WITHDRAWAL,
        Kind.RECEIPT,
        Kind.AUDIENCE_KEY,
        Kind.CHARTER,
        Kind.ERASURE,
        Kind.CONTINUATION,
    }
)
"""Kinds that every segment may issue: relief, and what keeps a log in order."""

CODES: Final = (
    "entitlement.audience",
    "entitlement.purpose",
    "entitlement.segment",
    "entitlement.kind",
    "entitlement.list-type",
    "entitlement.authority",
    "entitlement.ended",
    "entitlement.forked",
    "entitlement.expired",
)
"""In the order in which they are asked."""

_RANK: Final = {code: rank for rank, code in enumerate(CODES)}


class AllianceState(StrEnum):
    """How a charter stands at a time."""

    IN_FORCE = "in-force"
    EXPIRED = "expired"
    FORKED = "forked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One segment prepared for look-ups; `end` is None while it is open."""

    start: int
    end: int | None
    kinds: frozenset[int]
    lists: Mapping[str, frozenset[str]]

    def contains(self, index: int) -> bool:
        """Whether the leaf at `index` is judged by this segment."""
        return self.start <= index and (self.end is None or index < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An origin in one charter: its intervals, oldest first, and what stops punishment."""

    purposes: frozenset[str]
    intervals: tuple[Interval, ...]
    stopped: str

    def fault(
        self, index: int, kind: int, list_type: str, authority: str, audience: Audience | None
    ) -> str:
        """Return the code for which this charter does not allow it, or empty; asks no clock."""
        if audience is not None and self.purposes.isdisjoint(audience.purposes):
            return "entitlement.purpose"
        for interval in self.intervals:
            if interval.contains(index):
                break
        else:
            return "entitlement.segment"
        if kind not in UNIVERSAL_KINDS and kind not in interval.kinds:
            return "entitlement.kind"
        if kind in ON_A_LIST:
            authorities = interval.lists.get(list_type)
            if authorities is None:
                return "entitlement.list-type"
            if authority not in authorities:
                return "entitlement.authority"
        return ""


class ListingRules:
    """What the charters let one origin say; made once, asked for every record."""

    __slots__ = ("_origin", "_places")

    def __init__(self, origin: Origin, places: Mapping[CharterId, Place]) -> None:
        """Take the origin's place in each charter that names it."""
        self._origin = origin
        self._places = places

    def fault(
        self, index: int, kind: int, list_type: str, authority: str, audience: Audience | None
    ) -> str:
        """Return the code for which the leaf may not say this, or empty where it may.

        Asks no clock: what stops punishment alone (expiry, fork, an ended member) is no fault.
        """
        return self._nearest(index, kind, list_type, authority, audience, punishing=False)

    def check_punishing(
        self, index: int, kind: int, list_type: str, authority: str, audience: Audience
    ) -> None:
        """Check that the leaf may say this and that its use against a subject is not stopped.

        Raises:
            EntitlementError: by one of `CODES`.
        """
        code = self._nearest(index, kind, list_type, authority, audience, punishing=True)
        if code:
            message = (
                f"{self._origin}: expected a charter in force that entitles leaf {index} to kind "
                f"{kind}, list {list_type!r}, authority {authority!r}, got {code}"
            )
            raise EntitlementError(code, message)

    def _nearest(
        self,
        index: int,
        kind: int,
        list_type: str,
        authority: str,
        audience: Audience | None,
        *,
        punishing: bool,
    ) -> str:
        bound = None if audience is None or kind in RELIEVING_KINDS else audience
        charters: Iterable[CharterId] = self._places if bound is None else bound.charters
        nearest = CODES[0]
        for charter in charters:
            place = self._places.get(charter)
            if place is None:
                continue
            code = place.fault(index, kind, list_type, authority, bound)
            if not code and punishing:
                code = place.stopped
            if not code:
                return ""
            if _RANK[code] > _RANK[nearest]:
                nearest = code
        return nearest


def make_interval(start: int, end: int | None, entitlements: Entitlements) -> Interval:
    """Prepare a segment for look-ups; two entries of one list type add up."""
    lists: dict[str, frozenset[str]] = {}
    for right in entitlements.lists:
        held = lists.get(right.list_type, frozenset())
        lists[right.list_type] = held | frozenset(right.authorities)
    return Interval(start=start, end=end, kinds=frozenset(entitlements.kinds), lists=lists)
