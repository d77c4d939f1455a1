"""`huxin quality`: how well the sources of this city reported, and the report of a period."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import quality_pb2 as pb

from node.cli import render
from node.cli.options import (
    Directory,
    Format,
    Language,
    LanguageOption,
    OutputFormat,
    node_directory,
)
from node.cli.periods import Period, period_of
from node.cli.reaching import services

_COLUMNS: Final = {
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
}
_FAULTS: Final = {
    "source": ("数源部门", "source"),
    "list_type": ("名单", "list"),
    "statement_id": ("声明", "statement"),
    "row": ("行", "row"),
    "by": ("接收方", "receiver"),
    "outcome": ("结果", "outcome"),
    "reason": ("原因", "reason"),
}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="数据质量：指标、报告 / Quality of what the sources reported.",
)

Week = Annotated[str, typer.Option("--week", metavar="W", help="周，如 2026-W42 / Week")]
Month = Annotated[str, typer.Option("--month", metavar="M", help="月，如 2026-10 / Month")]
Quarter = Annotated[str, typer.Option("--quarter", metavar="Q", help="季，如 2026-Q3 / Quarter")]


@app.callback(invoke_without_command=True)
def quality(
    context: typer.Context,
    *,
    week: Week = "",
    month: Month = "",
    quarter: Quarter = "",
    records: Annotated[
        bool,
        typer.Option("--records", help="列出每个数字背后的记录 / Name the records behind figures"),
    ] = False,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """按数源部门和名单给出指标 / Figures by source department and list."""
    if context.invoked_subcommand is not None:
        return
    found = fetch(node_directory(directory), period_of(week, month, quarter), records=records)
    if output is Format.JSON:
        render.write_json(found)
        return
    rows = [_shown(row) for row in found["rows"]]
    render.write_table("", render.pick(language, _COLUMNS), rows)
    if records:
        faults = [
            {"source": row["source"], "list_type": row["list_type"]} | fault
            for row in found["rows"]
            for fault in row["faults"]
        ]
        render.write_table("", render.pick(language, _FAULTS), faults)
    for line in notes(found, language):
        render.write_line(line)


def fetch(directory: Path, period: Period, *, records: bool) -> dict[str, Any]:
    """Ask a node, running or not; the document of docs/quality.md."""
    request = pb.GetQualityRequest(first=period.first, last=period.last, records=records)
    with services(directory) as node:
        text = "".join(piece.json for piece in node.quality.GetQuality(request))
    found: dict[str, Any] = json.loads(text)
    found["period"]["name"] = period.name
    return found


def notes(found: dict[str, Any], language: Language) -> list[str]:
    """The formulas, and what is not certain about the tables of working days."""
    english = language is Language.EN
    lines = [line["en" if english else "zh"] for line in found["formulas"]]
    for table in found["working_days"]["years"]:
        if not table["confirmed_by"]:
            what = "not confirmed by anyone" if english else "未经人核实"
            lines.append(f"{table['year']}: {what} ({table['source']})")
    for year in found["working_days"]["not_covered"]:
        what = "no table of working days; unknown" if english else "无工作日表，记为未知"
        lines.append(f"{year}: {what}")
    return lines


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    shares = {name: _percent(row[name]) for name in ("compliance", "timeliness")}
    rate = row["wrong_code_rate"]
    return row | shares | {"wrong_code_rate": "–" if rate is None else f"{rate:.2f}"}


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}"
