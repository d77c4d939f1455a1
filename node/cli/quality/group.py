"""`huxin quality`: how well the sources of this city reported, and the report of a period."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import quality_pb2 as pb
from huxin.v1 import registry_pb2, repairs_pb2

from adapters.files.atomic import write_atomically
from node.cli import render
from node.cli.client import Services, failures, services
from node.cli.language import Language
from node.cli.naming import abbreviated
from node.cli.options import (
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    node_directory,
)
from node.cli.quality.periods import period_of
from node.codec import record_from_proto, record_to_json
from node.directory.config import load_config
from node.documents import answers
from node.documents import quality_labels as labels
from node.documents.periods import Period, last_month
from node.documents.quality import figures
from node.system.clock import SystemClock
from node.texts.fields import day

REPORTS: Final = "reports"
"""Folder of a node's directory into which reports are written."""

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
    shares: Annotated[
        bool,
        typer.Option(
            "--shares", help="另计列入主体占法人库的比重 / Count the share of listed subjects"
        ),
    ] = False,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """按数源部门和名单给出指标 / Figures by source department and list."""
    if context.invoked_subcommand is not None:
        return
    english = language is Language.EN
    period = period_of(week, month, quarter)
    found = fetch(node_directory(directory), period, records=records, shares=shares)
    if output is Format.JSON:
        render.write_json(found)
        return
    rows = list(map(labels.shown, labels.rows(found)))
    render.write_table("", render.pick(language, labels.COLUMNS), rows, labels.UNDER)
    render.write_table("", render.pick(language, labels.MEASURES), rows, labels.UNDER)
    items = labels.items(found, english=english)
    title = labels.TITLES["collection"][english]
    render.write_table(title, render.pick(language, labels.ITEMS), items, labels.ITEMS_UNDER)
    if shares:
        counted = labels.shares(found, english=english)
        told = [one | {"share": labels.percent(one["share"])} for one in counted]
        title = labels.TITLES["shares"][english]
        render.write_table(title, render.pick(language, labels.SHARES), told)
    if records:
        with services(node_directory(directory)) as node:
            faults = abbreviated(node, labels.faults(found, english=english))
        render.write_table("", render.pick(language, labels.FAULTS), faults, labels.FAULTS_UNDER)
    for line in labels.notes(found, english=english):
        render.write_text(line)


@app.command("report")
def report(
    *,
    week: Week = "",
    month: Month = "",
    quarter: Quarter = "",
    names: Annotated[
        bool,
        typer.Option("--names", help="写出主体名称和代码 / Say names and codes of subjects"),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="缺省为节点目录下 reports / Folder"),
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """写出周调度、月通报或季评估（HTML、XLSX），缺省为上月 / Report of a period."""
    from node.documents.quality_tables import report_of  # noqa: PLC0415 - only this command draws tables
    from node.quality.report import page, workbook  # noqa: PLC0415

    if not (week or month or quarter):
        month = last_month(SystemClock().today())
    period = period_of(week, month, quarter)
    node = node_directory(directory)
    found = fetch(node, period, records=True, shares=True, names=names)
    found["repairs"] = rates_of(node, period)
    made = report_of(found, _made_by(node), period, english=language is Language.EN, names=names)
    folder = (out or node / REPORTS).absolute()
    with failures():
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        paths = [folder / f"quality-{period.name}.{ending}" for ending in ("html", "xlsx")]
        for path, content in zip(paths, (page(made, language), workbook(made)), strict=True):
            write_atomically(path, content, mode=0o640)
    if output is Format.JSON:
        render.write_json({"files": list(map(str, paths))})
    else:
        for path in paths:
            render.write_line(str(path))


def _made_by(directory: Path) -> str:
    with failures():
        section = load_config(directory).node
    return f"{section.name} {section.region}, {day(SystemClock().today())}"


def fetch(
    directory: Path, period: Period, *, records: bool, shares: bool, names: bool = False
) -> dict[str, Any]:
    """Ask a node, running or not; the document of docs/quality.md.

    Args:
        directory: the node's.
        period: of which figures are told.
        records: name the records behind them.
        shares: count also which share of the base library stands on lists.
        names: say also the subjects of the faults, as far as they are still held.
    """
    request = pb.GetQualityRequest(
        first=period.first, last=period.last, records=records, shares=shares
    )
    with services(directory) as node:
        found = figures(node.quality.GetQuality(request), period)
        if names:
            for row in found["rows"]:
                for fault in row["faults"]:
                    fault.update(_subject(node, fault["statement_id"]))
    return found


def rates_of(directory: Path, period: Period) -> dict[str, Any]:
    """Ask a node how its own reliefs of a period were executed; see `huxin repairs rates`."""
    request = repairs_pb2.GetRepairRatesRequest(first=period.first, last=period.last)
    with services(directory) as node:
        return answers.document(node.repairs.GetRepairRates(request))


def _subject(node: Services, statement_id: str) -> dict[str, str]:
    subject: dict[str, str] = {}
    if statement_id:
        asked = registry_pb2.GetRecordRequest(statement_id=bytes.fromhex(statement_id))
        record = record_to_json(record_from_proto(node.registry.GetRecord(asked)))
        subject = record["subject"] or {}
    return {
        "subject_code": subject.get("code", ""),
        "subject_name": subject.get("name", ""),
    }
