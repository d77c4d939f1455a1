"""The report on outcomes 惩戒反馈 of a period as tables, for the page and the workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from node.quality.report import Cell, Report, Sheet
from node.texts.fields import day

FIGURES: Final = {
    "region": ("反馈地区", "region"),
    "list_name": ("名单", "list"),
    "matter_name": ("事项", "matter"),
    "measure": ("措施", "measure"),
    "department": ("部门", "department"),
    "cases": ("案例", "cases"),
    "applied": ("已采取", "applied"),
    "prompted": ("已提示", "prompted"),
    "not_applied": ("未采取", "not applied"),
    "proceeded": ("继续办理", "proceeded"),
    "undone": ("已解除", "undone"),
    "wrong": ("命中错误", "wrong"),
    "qualified": ("合格", "qualified"),
}
CASES: Final = {
    "region": ("反馈地区", "region"),
    "department": ("部门", "department"),
    "list_name": ("名单", "list"),
    "origin": ("认定地区", "origin"),
    "matter": ("事项", "matter"),
    "measure": ("措施", "measure"),
    "result": ("结果", "result"),
    "decided_on": ("日期", "date"),
    "basis": ("依据", "basis"),
    "qualified": ("合格", "qualified"),
    "case": ("案例编号", "case"),
}
_SUMMED: Final = tuple(FIGURES)[5:]


BENEFITS: Final = {
    "title": ("场景", "scenario"),
    "owner": ("提供地区", "offered by"),
    "region": ("使用地区", "used in"),
    "department": ("部门", "department"),
    "uses": ("使用次数", "uses"),
}


def report_of(found: Mapping[str, Any], made_by: str, name: str, *, english: bool) -> Report:
    """Put the report together.

    Args:
        found: the document of OutcomeReport.
        made_by: which node, when.
        name: of the period.
        english: the language.
    """
    title = f"Outcomes {name}" if english else f"联合惩戒反馈情况 {name}"
    rule = found["rule"]
    columns = (rule or {}).get("columns") or {field: pair[english] for field, pair in CASES.items()}
    figures = {field: pair[english] for field, pair in FIGURES.items()}
    rows = [*found["rows"], total(found["rows"], english=english)] if found["rows"] else []
    return Report(
        title=title,
        made=made_by,
        sheets=[
            _sheet("Figures" if english else "统计", figures, rows, english=english),
            _sheet("Cases" if english else "案例", columns, found["cases"], english=english),
            _sheet(
                "Benefits" if english else "场景使用",
                {field: pair[english] for field, pair in BENEFITS.items()},
                found["benefits"],
                english=english,
            ),
            Sheet("Rule" if english else "合格标准", ["", ""], _rule(rule, english=english)),
        ],
    )


def total(rows: Sequence[Mapping[str, Any]], *, english: bool) -> dict[str, Any]:
    """All rows together."""
    known = [row["qualified"] for row in rows if row["qualified"] is not None]
    sums: dict[str, Any] = {field: sum(row[field] or 0 for row in rows) for field in _SUMMED}
    head = {"region": "total" if english else "合计"}
    return dict.fromkeys(FIGURES, "") | head | sums | {"qualified": sum(known) if known else None}


def _sheet(
    title: str,
    columns: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
    *,
    english: bool,
) -> Sheet:
    cells = [[_cell(field, row[field], english=english) for field in columns] for row in rows]
    return Sheet(title, list(columns.values()), cells)


def _rule(rule: Mapping[str, Any] | None, *, english: bool) -> Sequence[Sequence[Cell]]:
    if rule is None:
        unknown = (
            "no edition in force says which cases are qualified"
            if english
            else "现行目录未写明合格案例的标准，合格数不详"
        )
        return [[unknown, ""]]
    return [
        ["basis" if english else "依据", rule["basis"]],
        ["results" if english else "计入的结果", "、".join(rule["results"])],
        ["within working days" if english else "工作日内反馈", rule["within_days"] or "–"],
    ]


def _cell(field: str, value: object, *, english: bool) -> Cell:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return ("yes" if value else "no") if english else ("是" if value else "否")
    if field == "decided_on" and isinstance(value, int):
        return day(value)
    return value if isinstance(value, int) else str(value)
