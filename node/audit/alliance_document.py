"""The alliance's report as a JSON document, and as tables for the page and the workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from federation.audit.alliance_report import (
    AllianceReport,
    City,
    Leaves,
    Name,
    alliance_report,
)
from federation.audit.months import Month
from federation.audit.small_counts import THRESHOLD, public_figures
from federation.charters.trust import Trust
from node.audit.document import moment
from node.audit.query_logs import query_logs
from node.audit.verifying import Audited
from node.texts.alliance import FIGURES, GROUPS, WORDS

FORMAT: Final = "huxin/alliance-report@v1"


def report_of(audited: Audited, trust: Trust, first: Month, last: Month) -> AllianceReport:
    """Make the report of what exports, or a node, hold.

    Args:
        audited: of one alliance, read by month.
        trust: of its charters.
        first: month of the period.
        last: month of the period.
    """
    return alliance_report(
        {origin: seen.facts for origin, seen in audited.logs.items()},
        audited.reliefs,
        query_logs(audited, trust),
        trust,
        first=first,
        last=last,
        as_of=audited.as_of,
    )


def document(
    report: AllianceReport,
    audited: Audited,
    *,
    period: str,
    deadlines: Sequence[str],
    public: bool,
) -> dict[str, Any]:
    """Write the report; who has the same logs writes the same.

    Args:
        report: the figures.
        audited: what they are of.
        period: as it was named.
        deadlines: ids of the editions by which lateness was judged.
        public: the part for everybody alone (AR6).
    """
    (chain,) = audited.chains
    head = {
        "format": FORMAT,
        "alliance": {"id": chain.id.hex(), "name": chain.latest.terms.name},
        "period": {
            "name": period,
            "first": str(report.months[0]),
            "last": str(report.months[-1]),
        },
        "public": public,
        "as_of": moment(report.as_of or None),
        "deadlines": list(deadlines),
        "cities": [_city(city) for city in report.cities],
        "not_counted": list(report.not_counted),
        "unchecked": [_city(city) for city in report.unchecked],
    }
    if public:
        return head | {"threshold": THRESHOLD, "figures": _public(report)}
    return head | {
        "totals": {name.value: report.number(name) for name in Name},
        "figures": [
            {
                "name": figure.name.value,
                **_city(figure.city),
                "month": str(figure.month),
                "number": figure.number,
                "leaves": [_leaves(one) for one in figure.leaves],
                "by": [_leaves(one) for one in figure.by],
            }
            for figure in report.figures
        ],
    }


def _public(report: AllianceReport) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name.value,
            "total": one.total,
            "cities": [_city(city) | {"number": number} for city, number in one.cities.items()],
            "months": [{"month": str(m), "number": number} for m, number in one.months.items()],
        }
        for one in public_figures(report)
    ]


def _city(city: City) -> dict[str, Any]:
    return {"region": city.region, "city": city.name}


def _leaves(leaves: Leaves) -> dict[str, Any]:
    return {"origin": leaves.origin, "ranges": [list(one) for one in leaves.ranges]}


class Table(NamedTuple):
    """One table of the report; its chart shows the same numbers."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    chart: bool = True


def tables(report: AllianceReport, *, english: bool, public: bool) -> list[Table]:
    """Every table, by city and by month, and what the figures rest on."""
    withheld = WORDS["withheld"][english]
    shown = {one.name: one for one in public_figures(report)} if public else {}

    def cell(name: Name, part: City | Month | None) -> str | int:
        if public:
            figure = shown[name]
            if part is None:
                number = figure.total
            elif isinstance(part, City):
                number = figure.cities[part]
            else:
                number = figure.months[part]
            return withheld if number is None else number
        if isinstance(part, City):
            return report.number(name, city=part)
        return report.number(name, month=part)

    found: list[Table] = []
    for title, names in GROUPS.items():
        columns = tuple(FIGURES[name][english] for name in names)
        total = (WORDS["total"][english], *(cell(name, None) for name in names))
        parts: Mapping[str, Sequence[tuple[str, City | Month]]] = {
            "city": [(city.name, city) for city in report.cities],
            "month": [(str(month), month) for month in report.months],
        }
        for by, labelled in parts.items():
            rows = tuple((label, *(cell(name, part) for name in names)) for label, part in labelled)
            found.append(
                Table(
                    title=f"{title[english]} {WORDS[f'by_{by}'][english]}",
                    headings=(WORDS[by][english], *columns),
                    rows=(*rows, total),
                )
            )
    if not public:
        found.append(_rests_on(report, english=english))
    return found


def _rests_on(report: AllianceReport, *, english: bool) -> Table:
    headings = ("figure", "city", "month", "number", "leaves", "by")
    return Table(
        title=WORDS["detail"][english],
        headings=tuple(WORDS[one][english] for one in headings),
        rows=tuple(
            (
                FIGURES[one.name][english],
                one.city.name,
                str(one.month),
                one.number,
                _places(one.leaves),
                _places(one.by),
            )
            for one in report.figures
        ),
        chart=False,
    )


SHOWN: Final = 20
"""Ranges of leaves that a cell of the page names; the JSON document names all."""


def _places(leaves: Sequence[Leaves]) -> str:
    named = [
        f"{one.origin}#{first}" if first == last else f"{one.origin}#{first}-{last}"
        for one in leaves
        for first, last in one.ranges
    ]
    more = f" … (+{len(named) - SHOWN}, JSON)" if len(named) > SHOWN else ""
    return ", ".join(named[:SHOWN]) + more
