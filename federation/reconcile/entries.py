"""What a person may confirm of an edition, by the names under which it is confirmed."""

from __future__ import annotations

from typing import Final

from federation.reconcile.catalog import Edition, ListItem, Measure
from federation.reconcile.matters import Matter, MatterRow, entries_of_matters
from federation.reconcile.obligations import Deadline
from federation.reconcile.registers import CodeRow
from federation.reconcile.trust_lists import GradeMethod, TrustList, entries_of_trust

DEADLINES: Final = "deadlines"
"""What stands before the name of a deadline where an entry of an edition is named."""
AUTHORITIES: Final = "authorities"
REGIONS: Final = "regions"
"""Likewise before the code of an authority, of a region."""

Confirmable = ListItem | Measure | Deadline | CodeRow | Matter | MatterRow | TrustList | GradeMethod


def entries_of(edition: Edition) -> dict[str, Confirmable]:
    """All that a person may confirm of an edition, by the name under which it is confirmed."""
    deadlines = {f"{DEADLINES}/{row.name}": row for row in edition.deadlines.values()}
    authorities = {f"{AUTHORITIES}/{row.code}": row for row in edition.authorities.values()}
    regions = {f"{REGIONS}/{row.code}": row for row in edition.regions.values()}
    return {
        **edition.lists,
        **edition.measures,
        **deadlines,
        **authorities,
        **regions,
        **entries_of_matters(edition.matters.values()),
        **entries_of_trust(edition.trust_lists.values(), edition.grade_methods.values()),
    }


def items_changed(before: Edition, after: Edition) -> frozenset[str]:
    """`edition/code` of what an edition says otherwise than before under the same id.

    What a person confirmed of it was compared with the text of then.
    """
    old, new = entries_of(before), entries_of(after)
    return frozenset(f"{before.id}/{code}" for code in old if old[code] != new.get(code))
