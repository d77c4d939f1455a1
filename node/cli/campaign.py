"""`huxin campaign new|add|list|show|exit-rate|sheet`: ledgers 台账 and exit rates 退出率."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import campaigns_pb2 as pb

from federation.errors import RefusedError
from federation.ids import Date
from federation.letters import LetterKind
from node.cli import render
from node.cli.client import Services, failures, services
from node.cli.language import Language
from node.cli.letter_files import LetterFile, LetterNumber, given, keep
from node.cli.naming import named
from node.cli.options import (
    MAX_COUNT,
    Directory,
    Format,
    IdPrefix,
    LanguageOption,
    OutputFormat,
    node_directory,
    parse_date,
    parse_prefix,
)
from node.system.entropy import token
from node.texts import campaigns as texts
from node.texts.fields import day as in_words

PAGE: Final = 500
AT_ONCE: Final = 1000
REQUEST_ID_SIZE: Final = 16
FILE_MAX: Final = 64 * 1024 * 1024
_CODES: Final = ("统一社会信用代码", "主体代码", "code")
"""Headings under which a file may have the codes."""

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="专项治理：台账、退出率、月报表 / Campaigns: ledger, exit rate, monthly sheet",
)
CampaignArgument = Annotated[
    int,
    typer.Argument(metavar="CAMPAIGN", min=1, max=MAX_COUNT, help="专项的编号 / Its number"),
]


@app.command("new")
def new(
    *,
    name: Annotated[str, typer.Option("--name", help="名称 / Its name")],
    document: Annotated[
        str, typer.Option("--document", metavar="NO", help="文号 / Number of its document")
    ],
    unit: Annotated[str, typer.Option("--unit", help="责任单位 / Who is responsible")],
    due: Annotated[
        Date | None,
        typer.Option("--due", parser=parse_date, metavar="DATE", help="期限 / By when"),
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """开立专项 / Open a campaign."""
    request = pb.OpenCampaignRequest(
        request_id=token(REQUEST_ID_SIZE).hex(),
        name=name,
        document=document,
        unit=unit,
        due=due or 0,
    )
    with services(node_directory(directory)) as node:
        found = json.loads(node.campaigns.OpenCampaign(request).json)
    _write_head(found, output, language)


@app.command("add")
def add(  # noqa: PLR0913 - each is an option
    campaign: CampaignArgument,
    statements: Annotated[
        list[IdPrefix] | None,
        typer.Argument(
            parser=parse_prefix, metavar="[STATEMENT_ID]…", help="列入的声明编号 / Listings"
        ),
    ] = None,
    *,
    list_type: Annotated[
        str,
        typer.Option(
            "--list",
            metavar="LIST",
            help="按条件记入：本地主体在此名单上的列入 / By query: ours on this list",
        ),
    ] = "",
    authority: Annotated[
        str,
        typer.Option(
            "--authority", metavar="CODE", help="同上，认定机关代码 / and of this authority"
        ),
    ] = "",
    origin: Annotated[
        str, typer.Option("--origin", metavar="O", help="同上，所在日志 / and in this log")
    ] = "",
    decided_until: Annotated[
        Date | None,
        typer.Option(
            "--decided-until",
            parser=parse_date,
            metavar="DATE",
            help="同上，此日及以前认定 / and decided on this day or before",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            exists=True,
            dir_okay=False,
            help="CSV，有“统一社会信用代码”列 / CSV with a column of codes",
        ),
    ] = None,
    unit: Annotated[
        str, typer.Option("--unit", help="责任单位，缺省为专项的 / Else that of the campaign")
    ] = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """把有效的列入记入台账，不可删除 / Enter listings in force; none is ever taken out."""
    with failures():
        codes = [] if file is None else _codes(file)
        query = pb.EnterCampaignRequest(
            list_type=list_type,
            authority=authority,
            origin=origin,
            decided_until=decided_until or 0,
        )
        if not (codes or statements or query.ByteSize()):
            message = (
                "须给出声明编号、--file 或条件（--list、--authority、--origin、--decided-until） / "
                "name listings, --file or a query"
            )
            raise RefusedError("campaign.empty", message)
    total: dict[str, Any] = {"added": 0, "already": 0, "unknown": []}
    with services(node_directory(directory)) as node:
        ids = [named(node, one) for one in statements or ()]
        parts = [
            pb.EnterCampaignRequest(statement_ids=ids[start : start + AT_ONCE])
            for start in range(0, len(ids), AT_ONCE)
        ]
        parts += [
            pb.EnterCampaignRequest(codes=codes[start : start + AT_ONCE])
            for start in range(0, len(codes), AT_ONCE)
        ]
        if query.ByteSize():
            parts.append(query)
        for request in parts:
            request.campaign, request.unit = campaign, unit
            said = json.loads(node.campaigns.EnterCampaign(request).json)
            total = {key: total[key] + said[key] for key in total}
    if output is Format.JSON:
        render.write_json(total)
        return
    render.say(
        f"记入 {total['added']} 条，已在台账 {total['already']} 条，没有有效列入的 "
        f"{len(total['unknown'])} 个 / entered {total['added']}, there already "
        f"{total['already']}, without a listing in force {len(total['unknown'])}"
    )
    for one in total["unknown"]:
        render.write_line(one)


@app.command("list")
def list_campaigns(
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出各专项及其退出率 / List campaigns with their exit rates."""
    with services(node_directory(directory)) as node:
        said = node.campaigns.ListCampaigns(pb.ListCampaignsRequest())
        found = [json.loads(one) for one in said.campaigns_json]
    if output is Format.JSON:
        render.write_json(found)
        return
    render.write_table("", render.pick(language, texts.HEAD), list(map(texts.head, found)))


@app.command("show")
def show(
    campaign: CampaignArgument,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """显示台账，逐个主体 / Show the ledger, subject by subject."""
    with services(node_directory(directory)) as node:
        found = _get(node, campaign)
        subjects = list(_subjects(node, campaign))
    if output is Format.JSON:
        render.write_json({**found, "ledger": subjects})
        return
    _write_head(found, output, language)
    rows = [texts.line(one, english=language is Language.EN) for one in subjects]
    render.write_table("", render.pick(language, texts.LEDGER), rows, texts.UNDER)


@app.command("exit-rate")
def exit_rate(
    campaign: CampaignArgument,
    *,
    day: Annotated[
        Date | None,
        typer.Option("--day", parser=parse_date, metavar="DATE", help="截至此日 / As of this day"),
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """退出率：已退出主体占台账主体 / Exit rate: subjects exited among those entered."""
    with services(node_directory(directory)) as node:
        found = _get(node, campaign, day)
    _write_head(found, output, language)


@app.command("sheet")
def sheet(
    campaign: CampaignArgument,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE.xlsx", help="写入的文件 / File to be made")
    ],
    *,
    month: Annotated[
        Date | None,
        typer.Option(
            "--day", parser=parse_date, metavar="DATE", help="截至此日，缺省今日 / As of a day"
        ),
    ] = None,
    directory: Directory = None,
) -> None:
    """月报表（XLSX）：退出率与台账 / The monthly sheet: the rate and the ledger."""
    from node.campaigns.sheet import report_of  # noqa: PLC0415
    from node.quality.report import workbook  # noqa: PLC0415 - loads all of openpyxl

    with services(node_directory(directory)) as node:
        found = _get(node, campaign, month)
        subjects = list(_subjects(node, campaign))
    with failures(), out.open("xb") as file:
        file.write(workbook(report_of(found, subjects)))
    render.say(f"{out}：截至 {in_words(found['day'])} / as of {in_words(found['day'])}")


@app.command("letter")
def write_letter(
    campaign: CampaignArgument,
    out: LetterFile,
    *,
    unit: Annotated[
        str, typer.Option("--unit", help="只送此责任单位 / Only what this unit answers for")
    ] = "",
    number: LetterNumber = "",
    directory: Directory = None,
) -> None:
    """出具任务函（DOCX）：台账中仍在列的主体 / The ledger as a letter, without who has exited."""
    from node.campaigns.campaign_letters import campaign_letter  # noqa: PLC0415 - python-docx

    with services(node_directory(directory)) as node:
        found = _get(node, campaign)
        subjects = list(_subjects(node, campaign))
        of = given(node, LetterKind.CAMPAIGN, str(campaign), number)
    keep(out, campaign_letter(found, subjects, of, unit))


def _get(node: Services, campaign: int, day: Date | None = None) -> dict[str, Any]:
    request = pb.GetCampaignRequest(campaign=campaign, day=day or 0)
    found: dict[str, Any] = json.loads(node.campaigns.GetCampaign(request).json)
    return found


def _subjects(node: Services, campaign: int) -> Iterator[dict[str, Any]]:
    request = pb.ListCampaignSubjectsRequest(campaign=campaign, page_size=PAGE)
    while True:
        page = node.campaigns.ListCampaignSubjects(request)
        yield from map(json.loads, page.subjects_json)
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def _codes(path: Path) -> Sequence[str]:
    """The codes of a CSV file, each once, in order.

    Raises:
        RefusedError: `campaign.file`: no UTF-8 CSV with one of the headings.
    """
    if path.stat().st_size > FILE_MAX:
        message = f"{path}：超过 {FILE_MAX} 字节 / {path}: more than {FILE_MAX} bytes"
        raise RefusedError("campaign.file", message)
    try:
        rows = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig")))
        heading = next((name for name in _CODES if name in (rows.fieldnames or ())), None)
        if heading is None:
            message = (
                f"{path}：应有“统一社会信用代码”列 / {path}: expected a column "
                f"{' or '.join(_CODES)}"
            )
            raise RefusedError("campaign.file", message)
        found = [(row[heading] or "").strip().upper() for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"{path}：不是 UTF-8 的 CSV / {path}: expected a CSV file in UTF-8"
        raise RefusedError("campaign.file", message) from error
    return list(dict.fromkeys(code for code in found if code))


def _write_head(found: Mapping[str, Any], output: Format, language: Language) -> None:
    if output is Format.JSON:
        render.write_json(found)
        return
    render.write_fields(texts.head(found), render.pick(language, texts.HEAD))
