"""Lists of the trustworthy 守信名单 and methods of grades, as editions of a catalog have them.

Both are configuration of the region that judges: which lists of those who do well it knows, of
whom, and by which methods 评价办法 grades are awarded that it can read. Neither gives a benefit: a
scenario does, where it is recognised. Nothing here scores anybody; a grade is one that an authority
awarded by law.

    CM1 a list type is known where an edition in force on the day of the award has it, and no such
        edition strikes it; it counts once each entry that speaks of it is confirmed (B4). Entries
        of several editions narrow each other: authorities and kinds of subject the intersection,
        the longest validity and the term the shorter
    CM2 a list type is either of those who are punished or of the trustworthy: an edition that has
        one as both, by itself or beside the others, is refused (`catalog.list-both`), so is one
        under the list types of penalties
    CM3 the scale of a method's edition is known where all entries in force that have it are
        confirmed and say the same grades in the same order; else a grade of it is undecided
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.errors import RefusedError
from federation.ids import Date
from federation.payloads import PENALTY_LIST_TYPE, SubjectKind
from federation.reconcile.sources import Certainty

if TYPE_CHECKING:
    from federation.reconcile.catalog import Catalog, Edition

TRUST_LISTS: Final = "trust-lists"
"""What stands before a list of the trustworthy where an entry of an edition is named."""
GRADE_METHODS: Final = "grade-methods"
"""Likewise before a method and its edition."""
LIST_BOTH: Final = "catalog.list-both"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """A list of the trustworthy as one edition describes it, or as all in force do together."""

    list_type: str
    name: str
    basis: str
    authority: str = ""
    """Who determines it, in words."""
    authorities: frozenset[str] | None = None
    """Codes of the authorities that may; None: whomever the charter makes competent."""
    subjects: frozenset[SubjectKind]
    method: str = ""
    """Method by which the grades on it are awarded; empty: it has none."""
    longest_months: int = 0
    """Longest validity from the award's date; 0: the edition does not know one."""
    term_months: int = 0
    """Months for which an award counts that states no last day; 0: not known."""
    struck: bool = False
    """The list is not used here."""
    certainty: Certainty
    valid_from: Date
    """First day of awards for which the entry counts."""
    valid_until: Date
    """Last such day."""
    source: str = ""

    def counts_on(self, day: Date) -> bool:
        """Whether it counts for an award of a day."""
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeMethod:
    """An edition of a method by which an authority awards grades by law."""

    method: str
    edition: str
    name: str
    basis: str
    authority: str = ""
    """Who awards, in words."""
    scale: tuple[str, ...]
    """The grades, best first."""
    certainty: Certainty
    valid_from: Date
    valid_until: Date
    source: str = ""

    def counts_on(self, day: Date) -> bool:
        """Whether it counts for an award of a day."""
        return self.valid_from <= day <= self.valid_until


class TrustEntry(NamedTuple):
    """A list of the trustworthy as all editions in force on a day describe it together."""

    item: TrustList
    within: bool
    """Whether an entry of it counts for awards of the day."""
    confirmed: bool
    editions: tuple[str, ...]
    """Those that speak of it, highest layer first."""


def list_name(list_type: str) -> str:
    """The name under which a list of the trustworthy is confirmed."""
    return f"{TRUST_LISTS}/{list_type}"


def method_name(method: str, edition: str) -> str:
    """The name under which an edition of a method is confirmed."""
    return f"{GRADE_METHODS}/{method}/{edition}"


def entries_of_trust(
    lists: Iterable[TrustList], methods: Iterable[GradeMethod]
) -> dict[str, TrustList | GradeMethod]:
    """What a person may confirm of them, by the names under which it is confirmed."""
    named: dict[str, TrustList | GradeMethod] = {list_name(one.list_type): one for one in lists}
    return named | {method_name(one.method, one.edition): one for one in methods}


def trust_list(catalog: Catalog, list_type: str, day: Date) -> TrustEntry | None:
    """How a list of the trustworthy stands for an award of a day (CM1); None: not known here."""
    speaking = [
        (edition, edition.trust_lists[list_type])
        for edition in catalog.in_force(day)
        if list_type in edition.trust_lists
    ]
    counting = [(edition, item) for edition, item in speaking if item.counts_on(day)]
    if not speaking or any(item.struck for _, item in counting):
        return None
    shown = counting or speaking
    return TrustEntry(
        item=reduce(_narrow, (item for _, item in shown)),
        within=bool(counting),
        confirmed=all(
            catalog.counts(edition, list_name(list_type), item.certainty) for edition, item in shown
        ),
        editions=tuple(edition.id for edition, _ in shown),
    )


def trust_lists(catalog: Catalog, day: Date) -> tuple[TrustEntry, ...]:
    """All lists of the trustworthy that are known for awards of a day, in the order of types."""
    types = sorted({name for edition in catalog.in_force(day) for name in edition.trust_lists})
    found = (trust_list(catalog, name, day) for name in types)
    return tuple(entry for entry in found if entry is not None)


def award_months(catalog: Catalog, list_type: str, day: Date) -> int:
    """Months for which an award of a day counts that states no last day; 0: not known.

    Only an entry that counts and is confirmed says so: our own intake invents no period.
    """
    entry = trust_list(catalog, list_type, day)
    return entry.item.term_months if entry and entry.within and entry.confirmed else 0


def methods_of(catalog: Catalog, day: Date) -> Sequence[tuple[Edition, GradeMethod, bool]]:
    """Editions of methods in force on a day: who has them, and whether each is confirmed."""
    return [
        (edition, one, catalog.counts(edition, method_name(*key), one.certainty))
        for edition in catalog.in_force(day)
        for key, one in sorted(edition.grade_methods.items())
        if one.counts_on(day)
    ]


def grade_scale(catalog: Catalog, method: str, edition: str, day: Date) -> tuple[str, ...] | None:
    """The grades of an edition of a method, best first (CM3); None: not known here."""
    said = [
        (one.scale, confirmed)
        for _, one, confirmed in methods_of(catalog, day)
        if (one.method, one.edition) == (method, edition)
    ]
    scales = {scale for scale, _ in said}
    if len(scales) != 1 or not all(confirmed for _, confirmed in said):
        return None
    return scales.pop()


def known_as_trust(catalog: Catalog, list_type: str) -> bool:
    """Whether any edition has a list type as one of the trustworthy."""
    return any(list_type in edition.trust_lists for edition in catalog.editions)


def check_trust(edition: Edition, beside: Iterable[Edition]) -> None:
    """Check that no list type is both of those who are punished and of the trustworthy (CM2).

    Args:
        edition: that would be adopted.
        beside: the editions in force together with it, itself among them.

    Raises:
        RefusedError: `catalog.list-both`.
    """
    beside = list(beside)
    for name in sorted(edition.trust_lists):
        if name.startswith(PENALTY_LIST_TYPE) or any(name in one.lists for one in beside):
            raise _both(edition, f"trust_lists.{name}")
    for name in sorted(edition.lists):
        if any(name in one.trust_lists for one in beside):
            raise _both(edition, f"lists.{name}")


def _both(edition: Edition, place: str) -> RefusedError:
    return RefusedError(
        LIST_BOTH,
        f"{edition.id}: {place}: 同一名单类型不得兼为失信名单和守信名单；应为另一名单类型；请改名 "
        "/ one list type is never both of those who are punished and of the trustworthy; expected "
        "another list type: rename it",
    )


def _narrow(higher: TrustList, lower: TrustList) -> TrustList:
    longest = [months for months in (higher.longest_months, lower.longest_months) if months]
    terms = [months for months in (higher.term_months, lower.term_months) if months]
    authorities = higher.authorities
    if authorities is None or lower.authorities is None:
        authorities = lower.authorities if authorities is None else authorities
    else:
        authorities &= lower.authorities
    return replace(
        higher,
        name=lower.name,
        authorities=authorities,
        subjects=higher.subjects & lower.subjects,
        method=higher.method or lower.method,
        longest_months=min(longest, default=0),
        term_months=min(terms, default=0),
    )
