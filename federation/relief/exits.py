"""By which ways a listed subject may ask for repair 可申请修复, and from when.

X1 only typed exits of the listing say so. The words of `exit_path`, the shortest publication
   period and the catalog are never read for it: nothing is guessed to a subject
X2 a way that waits for the time listed has the day from which it is open; one that waits for a
   correction is told with its months, because the day of the correction is not known here
X3 an exit of a kind that this reader does not know is not told
"""

from __future__ import annotations

from federation.dates import add_months
from federation.ids import Date
from federation.payloads import Exit, ExitKind, Listing


def repair_possible(listing: Listing) -> tuple[str, ...]:
    """Tell in Chinese by which ways the subject may ask for repair; empty where none is typed."""
    told: list[str] = []
    for one in listing.exits:
        match one.kind:
            case ExitKind.PERFORMED:
                told.append("履行完毕后可申请修复")
            case ExitKind.CORRECTED_FOR:
                told.append(f"改正满 {one.months} 个月后可申请修复")
            case ExitKind.LISTED_FOR:
                told.append(f"列入满 {one.months} 个月，{_said(_opens(listing, one))} 起可申请修复")
            case ExitKind.PERIOD_OVER:
                told.append("公示期满移出，无须申请")
            case ExitKind.REVOKED:
                told.append("所依据的决定被撤销的，随即移出")
    return tuple(dict.fromkeys(told))


def repair_from(listing: Listing) -> Date:
    """The first day on which a typed way opens; 0 where none of them says a day (X1, X2)."""
    days = (_opens(listing, one) for one in listing.exits if one.kind is ExitKind.LISTED_FOR)
    return min(days, default=Date(0))


def _said(date: Date) -> str:
    """A day as people read it."""
    return f"{date // 10000}-{date // 100 % 100:02}-{date % 100:02}"


def _opens(listing: Listing, one: Exit) -> Date:
    """The day from which a way is open that waits for the time listed."""
    return add_months(listing.listed_on or listing.decided_on, one.months)
