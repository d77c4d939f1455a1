"""Equivalences 等级对照: which grade of another method counts here as which of one's own.

A table of a region, in an edition of its catalog: two persons adopt it, after a dry run.

    GE1 an equivalence counts on the days from `valid_from` to `valid_until`, while its edition is
        in force
    GE2 it reads a grade of exactly this method, edition and grade, in one step: what a grade counts
        as is never read once more
    GE3 both scales are known (CM3) and have the grades; the two are not of one edition of a method;
        nothing else in force together with it reads the grade as one of the same edition of a
        method: else the edition is refused (`catalog.equivalence`)
    GE4 one that lowers the bar, because the grade stands lower in its scale than the one as which
        it counts in the other, is adopted only by the signed word of two persons, so nowhere that
        names no persons (`catalog.equivalence-unsigned`)
    GE5 a RECOGNITION says only those that its speaker has adopted and that are in force from its
        first day on (`recognition.equivalence-unknown`)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.errors import RefusedError
from federation.ids import Date
from federation.open_payloads import Equivalence
from federation.reconcile.trust_lists import grade_scale

if TYPE_CHECKING:
    from federation.reconcile.catalog import Catalog, Edition

FAULT: Final = "catalog.equivalence"
UNSIGNED: Final = "catalog.equivalence-unsigned"
NOT_ADOPTED: Final = "recognition.equivalence-unknown"

Reading = tuple[str, str, str]
"""Method, its edition, grade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedEquivalence:
    """An equivalence with the days on which it counts."""

    equivalence: Equivalence
    valid_from: Date
    valid_until: Date

    @property
    def name(self) -> str:
        """What it reads as what, for people."""
        one = self.equivalence
        read = f"{one.method}/{one.edition} {one.grade}"
        return f"{read} → {one.own_method}/{one.own_edition} {one.own_grade}"

    def counts_on(self, day: Date) -> bool:
        """Whether it counts on a day (GE1)."""
        return self.valid_from <= day <= self.valid_until


class Shown(NamedTuple):
    """An equivalence of an edition in force on a day."""

    edition: Edition
    one: DatedEquivalence
    lowers: bool


def equivalences_of(catalog: Catalog, day: Date) -> tuple[Equivalence, ...]:
    """The equivalences that count on a day (GE1), each once."""
    found = (one.equivalence for _, one, _ in equivalences_shown(catalog, day))
    return tuple(dict.fromkeys(found))


def equivalences_shown(catalog: Catalog, day: Date) -> Sequence[Shown]:
    """The equivalences that count on a day, with their editions and whether they lower the bar."""
    return [
        Shown(edition, one, lowers(one.equivalence, catalog, day))
        for edition in catalog.in_force(day)
        for one in edition.equivalences
        if one.counts_on(day)
    ]


def read_as(
    held: Reading, method: str, edition: str, equivalences: Iterable[Equivalence]
) -> tuple[str, ...]:
    """The grades of an edition of a method as which one that is held counts (GE2).

    Args:
        held: method, edition and grade as they were awarded.
        method: by which it is read.
        edition: of that method.
        equivalences: that count.

    Returns:
        The grade itself where it is of this very edition; none where nothing reads it so.
    """
    if held[:2] == (method, edition):
        return (held[2],)
    return tuple(
        dict.fromkeys(
            one.own_grade
            for one in equivalences
            if (one.method, one.edition, one.grade) == held
            and (one.own_method, one.own_edition) == (method, edition)
        )
    )


def lowers(one: Equivalence, catalog: Catalog, day: Date) -> bool:
    """Whether an equivalence gives more than the same place in the other scale (GE4).

    Places are compared as shares of the scales, because these may be of other lengths. What cannot
    be compared lowers the bar: nobody knows that it does not.
    """
    scale = grade_scale(catalog, one.method, one.edition, day)
    own = grade_scale(catalog, one.own_method, one.own_edition, day)
    if scale is None or own is None or one.grade not in scale or one.own_grade not in own:
        return True
    place, own_place = scale.index(one.grade), own.index(one.own_grade)
    return own_place * (len(scale) - 1) < place * (len(own) - 1)


def check_equivalences(edition: Edition, catalog: Catalog) -> None:
    """Check the equivalences of an edition (GE3).

    Args:
        edition: that would be adopted.
        catalog: as it would be with it.

    Raises:
        RefusedError: `catalog.equivalence`.
    """
    for one in edition.equivalences:
        for message in _faults(one, edition, catalog):
            raise RefusedError(FAULT, f"{edition.id}: equivalences: {one.name}: {message}")


def lowering(edition: Edition, catalog: Catalog) -> tuple[DatedEquivalence, ...]:
    """Those of an edition that lower the bar on their first day (GE4)."""
    return tuple(
        one
        for one in edition.equivalences
        if lowers(one.equivalence, catalog, _first(one, edition))
    )


def check_said(said: Iterable[Equivalence], catalog: Catalog, day: Date) -> None:
    """Check that what a RECOGNITION would say of equivalences is what this region adopted (GE5).

    Args:
        said: by it.
        catalog: of the region that says it.
        day: its first day.

    Raises:
        RefusedError: `recognition.equivalence-unknown`.
    """
    adopted = frozenset(equivalences_of(catalog, day))
    for one in said:
        if one not in adopted:
            raise RefusedError(
                NOT_ADOPTED,
                f"{one.method}/{one.edition} {one.grade}: 此等级对照未经本市采用，或者生效之日不在"
                "有效期内；应为 `huxin catalog equivalences` 所列；请先由两人采用 / this region "
                "has adopted no such equivalence, or it does not count on that day; expected one "
                "that `huxin catalog equivalences` lists: have two persons adopt it first",
            )


def _faults(one: DatedEquivalence, edition: Edition, catalog: Catalog) -> Iterator[str]:
    said = one.equivalence
    if (said.method, said.edition) == (said.own_method, said.own_edition):
        yield "两边是同一办法的同一版本；应为不同的办法或者版本 / both are one edition of a method"
    day = _first(one, edition)
    for method, version, grade in (
        (said.method, said.edition, said.grade),
        (said.own_method, said.own_edition, said.own_grade),
    ):
        scale = grade_scale(catalog, method, version, day)
        if scale is None:
            yield (
                f"{method}/{version}: 目录在 {day} 没有此办法经核实的等级；请先采用并核实 "
                f"grade_methods / on {day} no confirmed edition has its grades; adopt it first"
            )
        elif grade not in scale:
            yield f"{grade}: 不是 {'、'.join(scale)} 之一 / none of its grades"
    for other in catalog.editions:
        for beside in other.equivalences:
            if beside != one and _contradicts(one, edition, beside, other):
                yield (
                    f"与 {other.id} 的 {beside.name} 矛盾；同一等级同时只能对照一个等级 / "
                    "contradicts another one; a grade counts as one grade at a time"
                )


def _contradicts(
    one: DatedEquivalence, edition: Edition, other: DatedEquivalence, beside: Edition
) -> bool:
    """Whether two of editions that may be in force together read a grade as two of one scale."""
    if beside.series == edition.series and beside.layer == edition.layer and beside != edition:
        return False  # one takes the other's place
    a, b = one.equivalence, other.equivalence
    together = max(_first(one, edition), _first(other, beside)) <= min(
        _last(one, edition), _last(other, beside)
    )
    return (
        together
        and (a.method, a.edition, a.grade) == (b.method, b.edition, b.grade)
        and (a.own_method, a.own_edition) == (b.own_method, b.own_edition)
        and a.own_grade != b.own_grade
    )


def _first(one: DatedEquivalence, edition: Edition) -> Date:
    return max(one.valid_from, edition.valid_from)


def _last(one: DatedEquivalence, edition: Edition) -> Date:
    return min(one.valid_until, edition.valid_to)
