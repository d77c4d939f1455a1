"""Numbers for everybody: none from which somebody could tell of which subject it is.

AR6 in public a number from 1 to 4 is not told, nor one from which another that is withheld could be
    computed: of the parts of a sum so many are withheld that together they are at least 5, which
    are two or more; where there are not so many, the sum and all its parts. No month of one city is
    told, and no leaf is named
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from federation.audit.alliance_report import AllianceReport, City, Name
from federation.audit.months import Month

THRESHOLD: Final = 5
"""The smallest number that is told, but for nought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFigure:
    """A figure as everybody may see it; None is withheld."""

    name: Name
    total: int | None
    cities: Mapping[City, int | None]
    months: Mapping[Month, int | None]


def public_figures(report: AllianceReport) -> tuple[PublicFigure, ...]:
    """What everybody may see of a report (AR6)."""
    return tuple(_public(report, name) for name in Name)


def _public(report: AllianceReport, name: Name) -> PublicFigure:
    total = report.number(name)
    cities = {city: report.number(name, city=city) for city in report.cities}
    months = {month: report.number(name, month=month) for month in report.months}
    withheld = [_withheld(list(parts.values())) for parts in (cities, months)]
    if 0 < total < THRESHOLD or None in withheld:
        return PublicFigure(
            name=name,
            total=None,
            cities={city: None if number else 0 for city, number in cities.items()},
            months={month: None if number else 0 for month, number in months.items()},
        )
    of_cities, of_months = (places or frozenset() for places in withheld)
    return PublicFigure(
        name=name,
        total=total,
        cities={c: None if n in of_cities else v for n, (c, v) in enumerate(cities.items())},
        months={m: None if n in of_months else v for n, (m, v) in enumerate(months.items())},
    )


def _withheld(numbers: Sequence[int]) -> frozenset[int] | None:
    """Places of the parts of a sum that are withheld; None: the sum has to be too."""
    withheld = [n for n, number in enumerate(numbers) if 0 < number < THRESHOLD]
    left = sorted(
        (n for n, number in enumerate(numbers) if number >= THRESHOLD), key=numbers.__getitem__
    )
    while withheld and sum(numbers[n] for n in withheld) < THRESHOLD:
        if not left:
            return None
        withheld.append(left.pop(0))
    return frozenset(withheld)
