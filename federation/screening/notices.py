"""Of which listings of others a city tells its own subjects 属地通报; reminders 失信提醒.

    NO1 a notice is about a LISTING in the log of another member, whose subject is registered here;
        about penalties and commendations there is none
    NO2 a subject is registered here if the base library has it and does not say that it moved
        away; of whom the library has nothing, characters 3-8 of a valid unified code decide:
        they lie in the node's region, or in one that is gone and whose confirmed successors all
        do. The library is asked first, so that who moved away is no longer ours, whatever its code
    NO3 nothing is told of whom neither names: no other identifier says where somebody is
        registered, and a natural person has none of these codes
    NO4 only what this node may read is told: a listing whose opening it holds, said by who may
        say it. A relief that ended a listing and that it may read is told whether the listing was
        told before or not, except of a listing that was never for it. What stands all the same is
        told by its own opening alone: a relief that does not count says of nobody that it is listed
    NO5 what was told stays in the list; each change of it (state, open annotations, correction)
        gives it the next position, by which a reader goes on. The same read again gives none
    NO6 reminded is of what is in force today and recognised or not yet decided against: never of
        what was relieved, is masked, paused, held, rejected, over, or of a subject that ceased
    NO7 a reminder is due when the listing is told, and once more from the day on which a typed way
        of its catalog opens (X1, X2); each of the two once
    NO8 a listing of which judging has just read that its subject is registered elsewhere is not
        read again while the same library and regions decide; acts, listings that were not read and
        what was told already are

A notice is no measure: it changes nothing of the record, and no answer to a question depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from enum import IntEnum
from typing import Final, NamedTuple

from federation.ids import Date
from federation.reconcile.catalog import Catalog
from federation.reconcile.identity import USCC, BaseSubject, Status, code_fault
from federation.reconcile.registers import CodeRow
from federation.reconcile.succession import region_confirmed, region_rows
from federation.regions import lies_within, registered_in
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind


class Stage(IntEnum):
    """Of what the subject was reminded last."""

    NONE = 0
    LISTED = 1
    """That it is listed, and what it may do."""
    REPAIR = 2
    """That it may ask for repair from now on."""


class Noticed(NamedTuple):
    """How a listing stood when it was told of last; names nobody."""

    state: int
    """`State`, as of the day."""
    annotations: int
    """Bits of the actions of its open annotations."""
    current: int
    """Index of the leaf whose content counts."""


REMINDED: Final = "active"
"""Of what is in no other state anybody is reminded (NO6)."""
ENDED: Final = (State.REPAIRED, State.WITHDRAWN)
"""What a relief that counts makes of a listing (NO4)."""
_UNREAD: Final = (State.SET_ASIDE, State.HELD)
"""What its speaker may not say, or this program cannot read."""


def tells(row: StatementRow) -> bool:
    """Whether a row is a listing that may be told of by its own opening (NO1, NO4)."""
    return (
        row.kind == Kind.LISTING
        and row.opening == OpeningStatus.PRESENT
        and row.state not in _UNREAD
    )


def relief_tells(listing: StatementRow) -> bool:
    """Whether a relief of this listing is told, though the listing was not (NO4)."""
    return (
        listing.kind == Kind.LISTING
        and listing.opening != OpeningStatus.NOT_FOR_US
        and listing.state not in _UNREAD
    )


def is_local(
    scheme: str, code: str, known: BaseSubject | None, region: str, former: AbstractSet[str]
) -> bool:
    """Whether a subject is registered here (NO2, NO3).

    Args:
        scheme: of the code.
        code: as the listing has it.
        known: what the base library says of it.
        region: of the node, 6 digits.
        former: regions that are gone and became part of it (`former_regions`).
    """
    if known is not None:
        return known.status != Status.MOVED
    seat = registered_in(scheme, code)
    if not (lies_within(seat, region) or any(lies_within(seat, gone) for gone in former)):
        return False
    return scheme == USCC and not code_fault(scheme, code)


def former_regions(catalog: Catalog, region: str, day: Date) -> frozenset[str]:
    """Regions gone on a day, all of whose successors lie within a region (NO2).

    A region that was divided between several is nobody's by its code.
    """
    gone: dict[str, CodeRow] = {
        row.code: row
        for edition, row in region_rows(catalog, day)
        if row.gone_on(day) and row.successors and region_confirmed(catalog, edition, row)
    }

    def within(code: str, seen: frozenset[str]) -> bool:
        row = gone.get(code)
        if row is None or code in seen:
            return lies_within(code, region)
        return all(within(one, seen | {code}) for one in row.successors)

    return frozenset(code for code in gone if within(code, frozenset()))


def bits(actions: Iterable[int]) -> int:
    """Actions of annotations as bits."""
    found = 0
    for action in actions:
        found |= 1 << action
    return found


def has_changed(before: Noticed | None, now: Noticed) -> bool:
    """Whether a listing is told of again (NO5); what ended unseen is told only by its relief."""
    return before != now


def reminder_due(
    state: str, reminded: Stage, repair_from: Date, today: Date, *, ceased: bool
) -> Stage:
    """Of what a subject is to be reminded today (NO6, NO7); NONE: of nothing.

    Args:
        state: of the record, as people read it.
        reminded: of what it was reminded last.
        repair_from: the first day on which a typed way opens; 0: none says a day.
        today: the day.
        ceased: whether the base library says that the subject ceased.
    """
    if state != REMINDED or ceased:
        return Stage.NONE
    if 0 < repair_from <= today and reminded < Stage.REPAIR:
        return Stage.REPAIR
    return Stage.LISTED if reminded < Stage.LISTED else Stage.NONE
