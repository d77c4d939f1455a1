"""The tables of a report on quality, from the document that the node gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from node.cli.quality import labels
from node.cli.quality.periods import Period
from node.quality.report import Cell, Report, Sheet


def report_of(
    found: dict[str, Any], made_by: str, period: Period, *, english: bool, names: bool
) -> Report:
    """Put a report together.

    Args:
        found: the document of docs/quality.md, with records.
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
            rows=[[_cell(row[name]) for name in columns] for row in rows],
        )

    rows = list(map(labels.shown, found["rows"]))
    title = labels.REPORTS[period.unit][english]
    fault_columns = labels.FAULTS | (labels.SUBJECT if names else {})
    formulas = [[line] for line in labels.notes(found, english=english)]
    return Report(
        title=f"{title} {period.name}",
        made=f"{made_by}: {period.first} – {period.last}",
        sheets=[
            sheet("figures", labels.COLUMNS, rows),
            sheet("measures", labels.MEASURES, rows),
            sheet("reasons", labels.REASONS, _reasons(found)),
            sheet("faults", fault_columns, labels.faults(found)),
            sheet("records", labels.RECORDS, _records(found, english=english)),
            Sheet(title=labels.TITLES["formulas"][english], headings=[], rows=formulas),
        ],
    )


def _reasons(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"source": row["source"], "list_type": row["list_type"], "reason": reason, "count": count}
        for row in found["rows"]
        for reason, count in row["reasons"].items()
    ]


def _records(found: dict[str, Any], *, english: bool) -> list[dict[str, Any]]:
    """The records behind the figures."""
    return [
        {
            "source": row["source"],
            "list_type": row["list_type"],
            "figure": pair[english],
            "statement_id": statement_id,
        }
        for row in found["rows"]
        for figure, pair in labels.FIGURES.items()
        for statement_id in row["records"][figure]
    ]


def _cell(value: object) -> Cell:
    return value if isinstance(value, int) else str(value)
