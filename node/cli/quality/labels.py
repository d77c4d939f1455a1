"""What the columns of quality are called, and how figures are shown."""

from __future__ import annotations

from typing import Any, Final

COLUMNS: Final = {
    "source": ("数源部门", "source"),
    "list_type": ("名单", "list"),
    "reported": ("上报", "reported"),
    "refused": ("受理被拒", "refused"),
    "compliance": ("合规率", "compliance"),
    "timeliness": ("及时率", "timeliness"),
    "unknown": ("及时未知", "timeliness unknown"),
    "duplicates": ("重复", "duplicates"),
    "wrong_codes": ("错码", "wrong codes"),
    "wrong_code_rate": ("错码率（万分之）", "wrong codes per 10,000"),
    "corrections": ("更正", "corrections"),
    "withdrawals": ("撤销", "withdrawals"),
    "reliefs_refused": ("修复被拒", "reliefs refused"),
}
MEASURES: Final = {
    "source": ("数源部门", "source"),
    "list_type": ("名单", "list"),
    "late": ("迟报", "late"),
    "missed": ("漏报", "missed"),
    "coverage": ("覆盖率", "coverage"),
    "completeness": ("完整率", "completeness"),
    "standardness": ("规范率", "standardness"),
    "linkage": ("关联率", "linkage"),
    "gaps": ("中断", "gaps"),
    "longest_gap": ("最长间隔（天）", "longest interval (days)"),
}
UNDER: Final = {
    "source": ("list_type",),
    "reported": ("refused",),
    "compliance": ("timeliness", "unknown"),
    "duplicates": ("wrong_codes", "wrong_code_rate"),
    "corrections": ("withdrawals", "reliefs_refused"),
    "late": ("missed", "coverage"),
    "completeness": ("standardness", "linkage"),
    "gaps": ("longest_gap",),
}
"""What goes under what where a table would be too wide."""
FAULTS_UNDER: Final = {
    "source": ("list_type",),
    "row": ("platform",),
    "outcome": ("reason",),
}
FAULTS: Final = {
    "source": ("数源部门", "source"),
    "list_type": ("名单", "list"),
    "statement_id": ("声明", "statement"),
    "row": ("行", "row"),
    "platform": ("平台", "platform"),
    "by": ("接收方", "receiver"),
    "outcome": ("结果", "outcome"),
    "reason": ("原因", "reason"),
}
SUBJECT: Final = {
    "subject_code": ("主体代码", "subject's code"),
    "subject_name": ("主体名称", "subject"),
}
RECORDS: Final = {
    "source": ("数源部门", "source"),
    "list_type": ("名单", "list"),
    "figure": ("指标", "figure"),
    "statement_id": ("声明", "statement"),
}
FIGURES: Final = {
    "reported": ("上报", "reported"),
    "late": ("不及时", "late"),
    "unknown": ("及时未知", "timeliness unknown"),
    "corrections": ("更正", "corrections"),
    "withdrawals": ("撤销", "withdrawals"),
    "incomplete": ("不完整", "incomplete"),
    "irregular": ("不规范", "badly written"),
    "unlinked": ("未关联", "not linked"),
    "after_gaps": ("中断后首条", "first after a gap"),
}
"""Figures whose records are listed by themselves; faults name the others: not compliant, missed."""
TITLES: Final = {
    "figures": ("指标", "Figures"),
    "measures": ("质量控制", "Measures"),
    "reasons": ("原因", "Reasons"),
    "faults": ("问题记录", "Faults"),
    "records": ("记录", "Records"),
    "formulas": ("计算公式与说明", "Formulas and notes"),
}
REASONS: Final = {
    "source": ("数源部门", "source"),
    "list_type": ("名单", "list"),
    "reason": ("原因", "reason"),
    "count": ("数量", "number"),
}
REPORTS: Final = {
    "week": ("数据质量周调度", "Data quality of the week"),
    "month": ("数据质量月通报", "Data quality of the month"),
    "quarter": ("数据质量季评估", "Data quality of the quarter"),
}
_RATES: Final = ("compliance", "timeliness", "coverage", "completeness", "standardness", "linkage")


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row of figures with its rates as text; – where a rate is not known."""
    rate = row["wrong_code_rate"]
    return row | {
        **{name: _percent(row[name]) for name in _RATES},
        "wrong_code_rate": "–" if rate is None else f"{rate:.2f}",
    }


def faults(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The faults of all rows, each with its source and list."""
    return [
        {"source": row["source"], "list_type": row["list_type"]} | fault
        for row in found["rows"]
        for fault in row["faults"]
    ]


def notes(found: dict[str, Any], *, english: bool) -> list[str]:
    """The formulas, and what is not certain about the tables of working days."""
    lines = [line["en" if english else "zh"] for line in found["formulas"]]
    for table in found["working_days"]["years"]:
        if not table["confirmed_by"]:
            what = "not confirmed by anyone" if english else "未经人核实"
            lines.append(f"{table['year']}: {what} ({table['source']})")
    for year in found["working_days"]["not_covered"]:
        what = "no table of working days; unknown" if english else "无工作日表，记为未知"
        lines.append(f"{year}: {what}")
    return lines


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}"
