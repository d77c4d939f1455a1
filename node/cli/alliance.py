"""`huxin alliance report`: what the alliance did in a quarter or month, for the joint meeting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from adapters.files.atomic import write_atomically
from adapters.processes import processors
from federation.audit.months import Month
from federation.errors import RefusedError
from federation.ids import CharterId
from federation.reconcile.catalog import Edition
from node.access.checkpoints import held_checkpoints
from node.audit.alliance_document import Table, document, report_of, tables
from node.audit.alliance_page import head_of, notes_of, page, title_of
from node.audit.held import HeldSource
from node.audit.log_seen import Reading
from node.audit.verifying import Audited, Auditor
from node.charters.files import load_chains
from node.cli import render
from node.cli.auditing import (
    DeadlinesOption,
    ProcessesOption,
    due_by,
    editions_of,
    pin_of,
    progress,
)
from node.cli.client import failures
from node.cli.language import Language
from node.cli.offline_node import open_held
from node.cli.options import Directory, Format, LanguageOption, OutputFormat, node_directory
from node.cli.quality.periods import period_of
from node.codec import ProtobufPayloads
from node.system.clock import SystemClock
from node.texts.alliance import WORDS

_NO_PERIOD: Final = "请给出 --quarter 或 --month / expected --quarter or --month"
_NO_PIN: Final = "--export: 请一并给出 --pin / expected --pin beside it"

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="联盟：联席会议报告 / The alliance: report for the joint meeting.",
)


@app.callback()
def alliance() -> None:
    """联盟：联席会议报告 / The alliance: report for the joint meeting."""


@app.command("report")
def report(  # noqa: PLR0913 - options of one command
    *,
    quarter: Annotated[str, typer.Option(metavar="2026-Q4", help="季度 / Quarter")] = "",
    month: Annotated[str, typer.Option(metavar="2026-11", help="月 / Month")] = "",
    public: Annotated[
        bool, typer.Option("--public", help="公开部分：小数不公布 / The part for everybody")
    ] = False,
    exports: Annotated[
        list[Path] | None,
        typer.Option(
            "--export",
            exists=True,
            file_okay=False,
            metavar="OUT",
            help="不问节点，只凭审计导出，可多次给出 / From audit exports alone; repeatable",
        ),
    ] = None,
    pin: Annotated[str, typer.Option("--pin", metavar="ID", help="联盟标识 / Alliance id")] = "",
    deadlines: DeadlinesOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="写出网页 / Write a page")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help="写出表格 / Write a workbook")
    ] = None,
    processes: ProcessesOption = 0,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """交换、采用、修复、核查与反馈，按城市和月 / What was done, by city and month."""
    if not (quarter or month):
        raise typer.BadParameter(_NO_PERIOD)
    if exports and not pin:
        raise typer.BadParameter(_NO_PIN)
    period = period_of("", month, quarter)
    first, last = (Month(day // 10_000, day // 100 % 100) for day in (period.first, period.last))
    pinned = pin_of(pin) if pin else None
    in_english = language is Language.EN
    with failures():
        editions = editions_of(deadlines)
        if exports and pinned is not None:
            audited = _auditor([pinned], editions, processes or processors()).run(exports)
        else:
            audited = _held(directory, pinned, editions)
        if audited.trust is None:
            code = audited.found[0].code if audited.found else "charter.missing"
            raise RefusedError(code, "no charter of the alliance can be read")
        made = report_of(audited, audited.trust, first, last)
        told = document(
            made,
            audited,
            period=period.name,
            deadlines=[edition.id for edition in editions],
            public=public,
        )
        drawn = tables(made, english=in_english, public=public)
        _write(told, drawn, html, xlsx, english=in_english)
    if output is Format.JSON:
        render.write_json(told)
        return
    for table in drawn:
        if table.chart:
            columns = {str(n): heading for n, heading in enumerate(table.headings)}
            rows = [{str(n): cell for n, cell in enumerate(row)} for row in table.rows]
            render.write_table(table.title, columns, rows)
    for name, value in head_of(told, english=in_english):
        render.write_text(f"{name}: {value}")


def _auditor(pins: list[CharterId], editions: list[Edition], processes: int) -> Auditor:
    return Auditor(
        pins,
        reading=Reading(payloads=ProtobufPayloads(), processes=processes, by_month=True),
        due=due_by(editions),
        now=SystemClock().now(),
        step=progress,
    )


def _held(directory: Path | None, pinned: CharterId | None, editions: list[Edition]) -> Audited:
    """What a node holds of the one alliance that was named, or of its only one."""
    with open_held(node_directory(directory)) as held, held.store.read() as session:
        config = held.config
        chains = load_chains(config.charters_directory, config.pins)
        if pinned is None and len(chains) > 1:
            message = (
                "节点在几个联盟中，请用 --pin 指明一个 / the node is in several alliances; "
                "name one by --pin"
            )
            raise RefusedError("alliance.several", message)
        asked = [chain.id for chain in chains if pinned in (None, chain.id)]
        source = HeldSource(
            session,
            held.keyring,
            chains,
            reading=Reading(payloads=ProtobufPayloads(), by_month=True),
            queries=held_checkpoints(config),
        )
        return _auditor(asked, editions, 1).of([source])


def _write(
    told: dict[str, Any],
    drawn: list[Table],
    html: Path | None,
    xlsx: Path | None,
    *,
    english: bool,
) -> None:
    """Write the page and the workbook."""
    from node.quality.report import Report, Sheet, workbook  # noqa: PLC0415 - only here a table is drawn

    if html is not None:
        write_atomically(html, page(told, drawn, english=english))
    if xlsx is not None:
        sheets = [Sheet(one.title, one.headings, one.rows) for one in drawn]
        notes = [[line] for line in notes_of(told, english=english)]
        head = [f"{name}: {value}" for name, value in head_of(told, english=english)]
        made = Report(
            title=title_of(told, english=english),
            made="; ".join(head),
            sheets=[*sheets, Sheet(WORDS["notes"][english], [], notes)],
        )
        write_atomically(xlsx, workbook(made))
