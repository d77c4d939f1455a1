"""The tables of a report on quality, from the document that the node gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from node.documents import quality_labels as labels
from node.documents.periods import Period
from node.quality.chart import chart
from node.quality.report import DECIMAL, PERCENT, Cell, Number, Report, Sheet, workbook
from node.texts.fields import day

_SHARES: Final = ("share", "timely", "same_day_share")


def report_of(
    found: dict[str, Any], made_by: str, period: Period, *, english: bool, names: bool
) -> Report:
    """Put a report together.

    Args:
        found: the document of docs/quality.md, with records and `repairs`, the rates of the
            period's reliefs.
        made_by: the node and the day.
        period: of which it tells.
        english: else Chinese.
        names: whether the faults name their subjects.
    """

    def sheet(
        title: str, columns: Mapping[str, tuple[str, str]], rows: Sequence[Mapping[str, Any]]
    ) -> Sheet:
        return Sheet(
            title=labels.TITLES[title][english],
            headings=[pair[english] for pair in columns.values()],
            rows=[[_cell(name, row[name]) for name in columns] for row in rows],
        )

    rows = labels.rows(found)
    title = labels.REPORTS[period.unit][english]
    fault_columns = labels.FAULTS | (labels.SUBJECT if names else {})
    formulas = [[line] for line in labels.notes(found, english=english)]
    return Report(
        title=f"{title} {period.name}",
        made=f"{made_by}: {day(period.first)} – {day(period.last)}",
        sheets=[
            sheet("figures", labels.COLUMNS, rows),
            sheet("measures", labels.MEASURES, rows),
            sheet("collection", labels.ITEMS, labels.items(found, english=english)),
            sheet("districts", labels.DISTRICTS, labels.districts(found, english=english)),
            sheet("shares", labels.SHARES, labels.shares(found, english=english)),
            sheet("shares_by_day", labels.SHARES_BY_DAY, labels.by_day(found, english=english)),
            sheet("repairs", labels.REPAIRS, [found["repairs"]]),
            sheet("reasons", labels.REASONS, _reasons(rows, english=english)),
            sheet("faults", fault_columns, labels.faults(found, english=english)),
            sheet("records", labels.RECORDS, _records(rows, english=english)),
            Sheet(title=labels.TITLES["formulas"][english], headings=[], rows=formulas),
        ],
        charts=_charts(found, english=english),
    )


def _charts(found: dict[str, Any], *, english: bool) -> list[str]:
    """The shares of districts on any list, and of all districts on each list, over time."""
    rows = found.get("shares_by_day", ())
    named = labels.by_day(found, english=english)
    days = sorted({one["day"] for one in rows})
    made = []
    for title, fixed, line in (
        ("by_district", "list_type", "region"),
        ("by_list", "region", "list_type"),
    ):
        lines: dict[str, dict[int, float]] = {}
        for one, shown in zip(rows, named, strict=True):
            if not one[fixed] and one["subjects"]:
                share = one["listed"] / one["subjects"]
                lines.setdefault(shown[line], {})[one["day"]] = share
        if lines:
            made.append(chart(labels.TITLES[title][english], days, lines))
    return made


def workbook_of(report: Report) -> bytes:
    """A report as XLSX; takes a thread's time."""
    return workbook(report)


def _reasons(rows: Sequence[dict[str, Any]], *, english: bool) -> list[dict[str, Any]]:
    return [
        {
            "source": row["source"],
            "list_type": row["list_type"],
            "reason": labels.reason(code, english=english),
            "count": count,
        }
        for row in rows
        for code, count in row["reasons"].items()
    ]


def _records(rows: Sequence[dict[str, Any]], *, english: bool) -> list[dict[str, Any]]:
    """The records behind the figures."""
    return [
        {
            "source": row["source"],
            "list_type": row["list_type"],
            "figure": pair[english],
            "statement_id": statement_id,
        }
        for row in rows
        for figure, pair in labels.FIGURES.items()
        for statement_id in row["records"][figure]
    ]


def _cell(name: str, value: object) -> Cell:
    """A value as a cell: numbers are numbers, rates with their form; – where none is known."""
    if value is None:
        return "–"
    if name in labels.RATES or name in _SHARES:
        return Number(cast("float", value), PERCENT)
    if isinstance(value, float):
        return Number(value, DECIMAL)
    return value if isinstance(value, int) else str(value)
