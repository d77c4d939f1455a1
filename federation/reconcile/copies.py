"""Copies of one record 记录: which of them counts, and what the record says field by field.

Copies come from our own departments, from the determining authority's city, from other cities and
from hubs. Those that are sound are one record:

1. *Contradiction.* Where two state another decision date, last day or tier, all are held
   (`record.conflict`).
2. *Completion.* What one lacks and another states is not lacking: basis, prior notice, last day. A
   copy that lacks what nobody states stays held, and takes no part.
3. *Counting.* Of the others one counts, the first in the order of authority (`Rank`) that states
   the last day of publication, because without it nothing would end it; the rest are merged.
4. *Fields.* Each field of the record is that of the first copy in the order of authority that
   states it (`merge`). Nothing is stored of it: copies stay as their origins sealed them.

All of it is a function of the set of copies, so the order of their arrival does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Final, NamedTuple, TypeVar

from federation.ids import Date
from federation.life.life import STANDING
from federation.payloads import Listing
from federation.reconcile.attestation import Attested
from federation.reconcile.candidate import Candidate
from federation.reconcile.catalog import Catalog
from federation.reconcile.findings import Finding
from federation.reconcile.identity import BaseSubject
from federation.reconcile.plausibility import is_blank
from federation.reconcile.rules import judge
from federation.regions import lies_within, seat_of
from federation.rows import OpeningStatus, StatementRow

Place = tuple[int, int]
"""(log, index) in a store."""
Key = TypeVar("Key")

_RECOGNISABLE: Final = frozenset(
    {
        Finding.CONFLICT,
        Finding.COPY,
        Finding.RECOGNISED,
        Finding.ATTESTED,
        Finding.DECIDED_USE,
        Finding.COMPLETED,
    }
)
"""What is distributed among copies that `judge` or two persons recognised."""
CURABLE: Final = frozenset({Finding.BASIS_MISSING, Finding.NOTICE_MISSING, Finding.PERIOD_MISSING})
"""What a copy lacks and another one may state."""

MERGED: Final = (
    "authority_name",
    "tier",
    "document_type",
    "listed_on",
    "prior_notice_on",
    "basis",
    "reason",
    "exit_path",
    "remedy",
    "publish_shortest_months",
    "publish_longest_months",
    "measures",
    "notice_number",
    "notice_served_on",
    "exits",
    "prior_notice_attested",
)
"""Fields of a LISTING that are taken one by one; the others are the record's key, or must agree,
or belong to one that must (`term` to the last day)."""


class Rank(IntEnum):
    """Order of authority 权威顺序 of the logs in which copies stand."""

    OWN = 0
    """本市: our own log."""
    OF_AUTHORITY = 1
    """认定单位所在地: the city of the determining authority."""
    CITY = 2
    """其他城市"""
    HUB = 3
    """枢纽"""


def rank_of(*, ours: bool, hub: bool, regions: Iterable[str], authority: str) -> Rank:
    """Rank of a log for the records of an authority.

    Args:
        ours: it is our own log.
        hub: its node is a hub.
        regions: those of the members whose log it is (GB/T 2260, six digits).
        authority: code of the determining authority. One that begins with a region, or is a
            unified code, names its seat; a district's is that of its city, but no city's that of
            the province's hub.
    """
    if ours:
        return Rank.OWN
    seat = seat_of(authority)
    for region in regions:
        if seat == region or (not hub and lies_within(seat, region)):
            return Rank.OF_AUTHORITY
    return Rank.HUB if hub else Rank.CITY


class Copy(NamedTuple):
    """One copy of a record, as `arrange` compares it; 0 is "not stated"."""

    place: Place
    rank: tuple[int, str, int]
    """`Rank`, then origin and index, so that all nodes choose alike."""
    decided_on: int
    until: int
    finding: int
    """What it is by itself, decisions included."""
    tier: int = 0
    has_basis: bool = True
    has_notice: bool = True
    sound: bool = True
    """It breaks no rule but those of `CURABLE`."""


def is_sound(
    candidate: Candidate,
    catalog: Catalog,
    known: BaseSubject | None,
    attested: Attested | None = None,
    *,
    today: Date,
) -> bool:
    """Whether a listing breaks no rule but that it lacks what another copy may state."""
    whole = candidate._replace(
        has_basis=True,
        notice_on=candidate.notice_on or candidate.decided_on,
        until=candidate.until or max(candidate.decided_on, candidate.listed_on),
    )
    sound = (Finding.RECOGNISED, Finding.ATTESTED)
    return judge(whole, catalog, known, attested, today=today) in sound


def arrange(copies: Sequence[Copy]) -> dict[Place, int]:
    """Compare the copies of one record: which counts, which are merged into it.

    Args:
        copies: every listing with one record key that no relief ended.

    Returns:
        The finding of each copy, by place.
    """
    found = {copy.place: copy.finding for copy in copies}
    sound = [c for c in copies if c.finding in _RECOGNISABLE or _curable(c)]
    stated = _stated(sound)
    taking = [c for c in sound if not _curable(c) or stated >= _lacks(c)]
    if not taking:
        return found
    if any(len(values - {0}) > 1 for values in _compared(taking)):
        return found | {copy.place: Finding.CONFLICT for copy in taking}
    counting = min(taking, key=_turn)
    for copy in taking:
        found[copy.place] = Finding.COPY if copy is not counting else _counted(copy.finding)
    return found


def merge(copies: Sequence[tuple[Key, Listing]], counting: Key) -> tuple[Listing, dict[str, Key]]:
    """Put a record together, field by field.

    Args:
        copies: what the copies say, in the order of authority.
        counting: the copy that counts, one of them.

    Returns:
        The record, and of each field that the counting copy does not state itself, or that one of
        more authority states otherwise, where it was taken from.
    """
    said = dict(copies)
    record = said[counting]
    taken: dict[str, Key] = {}
    for field in MERGED:
        stating = [key for key, listing in copies if _states(listing, field)]
        if not stating:
            continue
        value = getattr(said[stating[0]], field)
        if value != getattr(said[counting], field):
            record = replace(record, **{field: value})
            taken[field] = stating[0]
    return record, taken


def _states(listing: Listing, field: str) -> bool:
    """Whether a listing states a field; a basis of blanks is none (M3)."""
    value = getattr(listing, field)
    return bool(value) and not (field == "basis" and is_blank(value))


def _curable(copy: Copy) -> bool:
    return copy.finding in CURABLE and copy.sound


def _turn(copy: Copy) -> tuple[bool, bool, tuple[int, str, int]]:
    """Our own counts always: it punishes here whatever others say; else who states the end."""
    own = copy.rank[0] == Rank.OWN
    return not own, not copy.until, copy.rank


def _lacks(copy: Copy) -> frozenset[str]:
    """What a copy needs of others."""
    has = {"basis": copy.has_basis, "notice": copy.has_notice, "until": bool(copy.until)}
    return frozenset(name for name, stated in has.items() if not stated)


def _stated(copies: Sequence[Copy]) -> frozenset[str]:
    """What at least one of them states."""
    every = frozenset({"basis", "notice", "until"})
    return frozenset().union(*(every - _lacks(copy) for copy in copies))


def _compared(copies: Sequence[Copy]) -> tuple[set[int], ...]:
    """What copies must not state differently."""
    return (
        {copy.decided_on for copy in copies},
        {copy.until for copy in copies},
        {copy.tier for copy in copies},
    )


def _counted(finding: int) -> int:
    """What becomes of the copy that counts."""
    if finding in (Finding.DECIDED_USE, Finding.ATTESTED):
        return finding
    return Finding.COMPLETED if finding in CURABLE else Finding.RECOGNISED


def stands(row: StatementRow) -> bool:
    """Whether it matters what a listing says: it is not ended, and what it says is held."""
    return row.state in STANDING and row.opening == OpeningStatus.PRESENT
