"""The report of quality as it is handed in: one page in short, then tables that fit the paper.

What only a workbook holds well stands in the workbook alone: rows of single records and faults, and
shares day by day. Reliefs of a period are counted here by city, out of the list of reliefs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from node.documents import quality_labels as labels
from node.quality.report import Cell, Report, Sheet
from node.texts.repairs import KINDS

IN_THE_WORKBOOK: Final = ("faults", "records", "shares_by_day")
"""Titles of tables that the page leaves out."""
COUNTS: Final = ("reported", "refused", "compliant", "timely", "late", "unknown", "missed")


class InShort(NamedTuple):
    """What a source reported, or all of them together, over all lists."""

    source: str
    counts: Mapping[str, int]

    @property
    def held(self) -> int:
        """Published, and held as doubtful by who received it."""
        return self.counts["reported"] - self.counts["refused"] - self.counts["compliant"]

    @property
    def known(self) -> int:
        """Of which it is known whether they came in time."""
        return self.counts["timely"] + self.counts["late"]


class Relieved(NamedTuple):
    """Reliefs that a city decided in a period."""

    city: str
    kinds: Sequence[int]
    """How many of each kind, in the order of `KINDS`."""
    done: int
    """How many of them nobody has to execute any more (RP16)."""

    @property
    def total(self) -> int:
        """Of all kinds."""
        return sum(self.kinds)


def in_short(rows: Sequence[Mapping[str, Any]]) -> tuple[InShort, Sequence[InShort]]:
    """All rows together, and those of each source."""
    sources = dict.fromkeys(row["source"] for row in rows)
    each = [
        InShort(source, _sums([row for row in rows if row["source"] == source]))
        for source in sources
    ]
    return InShort("", _sums(rows)), [one for one in each if any(one.counts.values())]


def _sums(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
    return {name: sum(row[name] for row in rows) for name in COUNTS}


def by_city(reliefs: Sequence[Mapping[str, Any]], first: int, last: int) -> Sequence[Relieved]:
    """Reliefs decided in a period by city, and the sum of all as the last, where there are any."""
    decided = [one for one in reliefs if first <= one["decided_on"] <= last]
    cities = dict.fromkeys(one["city"] or one["origin"] for one in decided)
    rows = [_relieved(city, decided) for city in cities]
    return [*rows, _relieved("", decided)] if rows else []


def _relieved(city: str, reliefs: Sequence[Mapping[str, Any]]) -> Relieved:
    """Those of a city; of all where none is named."""
    of = [one for one in reliefs if city in ("", one["city"] or one["origin"])]
    kinds = [sum(one["kind"] == kind for one in of) for kind in KINDS]
    done = sum(not one["outstanding"] and not one["departments"] for one in of)
    return Relieved(city, kinds, done)


def on_paper(report: Report, *, english: bool, unknown: str) -> Sequence[Sheet]:
    """The tables that the page shows: codes left out, and a rate beside what it does not know.

    Args:
        report: all of it, as the workbook has it.
        english: else Chinese.
        unknown: what stands beside a rate of which more than half is unknown, with `{n}`.
    """
    left = {labels.TITLES[one][english] for one in IN_THE_WORKBOOK}
    coded = labels.ITEMS["authority"][english]
    return [
        _beside(_without(sheet, coded), english=english, unknown=unknown)
        for sheet in report.sheets
        if sheet.title not in left
    ]


def rows_of(report: Report, title: str, *, english: bool) -> int:
    """How many rows a table of the workbook has."""
    return sum(len(one.rows) for one in report.sheets if one.title == labels.TITLES[title][english])


def _without(sheet: Sheet, heading: str) -> Sheet:
    if heading not in sheet.headings:
        return sheet
    at = list(sheet.headings).index(heading)
    return sheet._replace(
        headings=[*sheet.headings[:at], *sheet.headings[at + 1 :]],
        rows=[[*row[:at], *row[at + 1 :]] for row in sheet.rows],
    )


def _beside(sheet: Sheet, *, english: bool, unknown: str) -> Sheet:
    names = [
        labels.COLUMNS[one][english] for one in ("timeliness", "unknown", "reported", "refused")
    ]
    headings = list(sheet.headings)
    if not set(names) <= set(headings):
        return sheet
    rate, not_known, reported, refused = map(headings.index, names)

    def told(row: Sequence[Cell]) -> Sequence[Cell]:
        counts = [cell if isinstance(cell, int) else 0 for cell in row]
        if 2 * counts[not_known] <= counts[reported] - counts[refused]:
            return row
        said = f"{row[rate]}{unknown.format(n=f'{counts[not_known]:,}')}"
        return [*row[:rate], said, *row[rate + 1 :]]

    return sheet._replace(rows=[told(row) for row in sheet.rows])
