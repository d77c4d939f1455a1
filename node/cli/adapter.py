"""`huxin adapter`: a mapping is tried on rows before anything is published by it; rows doubted."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import admin_pb2 as pb
from huxin.v1 import platforms_pb2

from adapters.files.mapping import read_mapping
from adapters.files.proposal import open_table, propose
from federation.intake.feed import ONE_SUBJECT
from federation.persons import Sort, mapping_body
from node.cli import render
from node.cli.client import Exit, failures, services
from node.cli.language import Language
from node.cli.options import (
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    node_directory,
)
from node.cli.publish import WhyRows, findings, with_rows_read
from node.cli.signing import By, NoteFile, note_of, read_word_of, sign_beside, tell_signers
from node.cli.totals import redeliver, totals
from node.directory.config import CONFIGURED
from node.intake.signed_mappings import signed_text
from node.system.clock import CHINA
from node.texts.expected import halves
from node.texts.fields import DECISIONS

_SHOWN: Final = {
    "row": ("行", "row"),
    "decision": ("处理", "decision"),
    "name": ("名称", "name"),
    "code": ("代码", "code"),
    "authority": ("认定机关", "authority"),
    "document": ("文书号", "document"),
    "decided_on": ("决定日期", "decided"),
    "publish_until": ("公示止", "until"),
}
_REFUSED: Final = {
    "row": ("行", "row"),
    "column": ("列", "column"),
    "code": ("错误", "fault"),
    "value": ("单元格", "cell"),
    "expected": ("应为", "expected"),
    "message": ("说明", "message"),
}
_SHOWN_UNDER: Final = {
    "code": ("name",),
    "authority": ("document",),
    "decided_on": ("publish_until",),
}
_BOTH: Final = ("expected", "message")
"""Told in both languages, one of which is shown."""
_REFUSED_UNDER: Final = {"column": ("value",), "code": ("expected", "message")}
_SUSPECTED_UNDER: Final = {"source": ("list_type", "code"), "first": ("last",)}
_SAID_UNDER: Final = {"at": ("persons",), "source": ("code",)}
_WHOLE: Final = (
    *("mapping", "list_type", "source", "rows", "refused_rows", "reach"),
    *("suspicions", "faults", "notices", "remarks"),
    *("ignored_columns", "dropped_cells"),
)

_SUSPECTED: Final = {
    "source": ("数源部门", "source"),
    "list_type": ("名单", "list"),
    "code": ("等候原因", "waits for"),
    "count": ("行数", "rows"),
    "first": ("首行", "first"),
    "last": ("末行", "last"),
}
_SAID: Final = {
    "at": ("时间", "at"),
    "persons": ("确认人", "by"),
    "source": ("数源部门", "source"),
    "code": ("等候原因", "waited for"),
    "rows": ("行数", "rows"),
    "reason": ("理由", "reason"),
}
_OUTCOMES: Final = {"outcome": ("处理", "led to"), "count": ("行数", "rows")}
_REFUSED_ROW: Final = ("被拒", "refused")

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="适配器：试用、签署字段映射，确认收件 / Adapters: mappings, inboxes.",
)


@app.callback()
def adapter() -> None:
    """适配器：试用、签署字段映射，确认收件 / Adapters: mappings, inboxes."""


@app.command("try")
def try_mapping(
    mapping: Annotated[
        str, typer.Argument(help="映射文件，或内置映射名 / Mapping file, or a built-in one's name")
    ],
    rows_of: Annotated[
        str,
        typer.Argument(
            metavar="FILE|URL",
            help="名单文件，或平台数据库地址、platform:名称 / "
            "List file (CSV, XLSX); database URL without password, or platform:NAME",
        ),
    ],
    *,
    rows: Annotated[
        int, typer.Option(min=0, max=1000, help="显示的行数 / Rows that are shown")
    ] = 5,
    source: Annotated[
        str, typer.Option(metavar="S", help="数源部门 / Source department of the configuration")
    ] = "",
    table: Annotated[
        str,
        typer.Option(metavar="NAME", help="表或视图，缺省为收件表 / Table or view; else the inbox"),
    ] = "",
    password_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            resolve_path=True,
            help="数据库口令文件，权限 0600 / Password of the database, mode 0600",
        ),
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """显示将发布的前几行与错误，不作更改；有错误时以 1 退出 / Show what would be published."""
    path = Path(mapping)
    request = pb.TryMappingRequest(
        mapping=str(path.absolute()) if path.is_file() else mapping,
        source=source,
        rows=rows,
    )
    if "://" in rows_of or rows_of.startswith(CONFIGURED):
        request.address, request.table = rows_of, table
        request.password_file = "" if password_file is None else str(password_file)
    elif table or password_file:
        message = "--table、--password-file 只用于数据库 / they are for a database, not a file"
        raise typer.BadParameter(message)
    else:
        request.path = str(_readable(Path(rows_of)))
    with services(node_directory(directory)) as node:
        result = with_rows_read(node.admin.TryMapping(request), table or Path(request.path).name)
    if output is Format.JSON:
        render.write_json(result)
    else:
        _write(result, language)
    if findings(result):
        raise typer.Exit(Exit.FINDINGS)


@app.command("new")
def new(
    table: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            metavar="FILE",
            help="名单文件 / List file (CSV, XLSX)",
        ),
    ],
    *,
    list_type: Annotated[
        str,
        typer.Option("--list", metavar="T", help="名单类型，缺省为列名最相近的 / Id of the list"),
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="写入新文件 / Write a new file")
    ] = None,
) -> None:
    """由表格提出映射文件，疑处注明；不发布 / Propose a mapping from a table."""
    with failures():
        opened = open_table(table)
        text = propose(opened, (*opened.titles, opened.sheet, table.stem), list_type=list_type)
        if out is None:
            render.write_line(text.rstrip())
            return
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    render.write_line(f"{out}: huxin adapter try {out} {table}")


@app.command("sign")
def sign(
    mapping: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="映射文件 / Mapping file"),
    ],
    *,
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="本人的签名密钥 / Own key")],
    directory: Directory = None,
) -> None:
    """在映射旁的 .note 文件上签名，两人方可发布 / Sign a mapping; two persons let it publish."""
    with failures():
        layout, data = read_mapping(mapping)
        body = mapping_body(layout.id, signed_text(data))
        note = sign_beside(node_directory(directory), key, Sort.MAPPING, str(mapping), body)
    tell_signers(note_of(str(mapping)), note)


@app.command("inbox")
def inbox(  # noqa: PLR0913 - the options of the command
    platform: Annotated[str, typer.Argument(help="配置中的平台名 / Platform of the configuration")],
    *,
    one_subject: Annotated[
        bool,
        typer.Option(
            "--one-subject", help="两人确认几乎各行都属同一主体，发布 / Two say: they are right"
        ),
    ] = False,
    release: Annotated[
        str,
        typer.Option(
            metavar="CODE", help="两人确认以此错误等候的行无误，发布 / Two say: rows are right"
        ),
    ] = "",
    source: Annotated[str, typer.Option(metavar="S", help="数源部门 / Whose rows")] = "",
    by: By = None,
    reason: WhyRows = "",
    note: NoteFile = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """收件表中等候两人确认的行：查看或确认 / Inbox rows that wait for two persons' word."""
    code = ONE_SUBJECT if one_subject else release
    whole = bool(code) == bool(source) == bool(by) and (code or not (reason or note))
    if not whole or (one_subject and release):
        message = (
            "--one-subject（或 --release）、--source、--by、--reason 须同时给出 / "
            "give --one-subject or --release with --source, --by and --reason, or none of them"
        )
        raise typer.BadParameter(message)
    with failures():
        word = read_word_of(note)
    with services(node_directory(directory)) as node:
        if code:
            say = platforms_pb2.ReleaseRowsRequest(
                platform=platform,
                source=source,
                code=code,
                by=by or (),
                reason=reason,
                note=word,
            )
            said: dict[str, Any] = json.loads(node.platforms.ReleaseRows(say).json)
        else:
            ask = platforms_pb2.GetSuspectedRequest(platform=platform)
            said = json.loads(node.platforms.GetSuspected(ask).json)
    if output is Format.JSON:
        render.write_json(said)
    elif code:
        rows = [
            {"outcome": DECISIONS.get(word, _REFUSED_ROW)[language is Language.EN], "count": count}
            for word, count in said["outcomes"].items()
        ]
        render.write_table("", render.pick(language, _OUTCOMES), rows)
    else:
        render.write_table("", render.pick(language, _SUSPECTED), said["rows"], _SUSPECTED_UNDER)
        for one in said["rows"]:  # what `huxin sign inbox` is given, whole
            render.write_line(f"{one['source']} {one['code']}  --rows {one['digest']}")
        words = [
            one
            | {
                "at": datetime.fromtimestamp(one["at"], CHINA).isoformat(sep=" "),
                "persons": "、".join(one["persons"]),
            }
            for one in said["said"]
        ]
        render.write_table("", render.pick(language, _SAID), words, _SAID_UNDER)
    if said.get("outcomes", {}).get("refused"):
        raise typer.Exit(Exit.FINDINGS)


def _readable(path: Path) -> Path:
    if not path.is_file() or not os.access(path, os.R_OK):
        message = (
            f"没有这个文件 / expected a file that can be read or a database, got {str(path)!r}"
        )
        raise typer.BadParameter(message, param_hint="FILE|URL")
    return path.resolve()


def _write(result: dict[str, Any], language: Language) -> None:
    english = language is Language.EN
    shown = [
        row
        | row["listing"]
        | row["listing"]["subject"]
        | {"decision": DECISIONS[row["decision"]][english]}
        for row in result["shown"]
    ]
    render.write_table("", render.pick(language, _SHOWN), shown, _SHOWN_UNDER)
    faults = [
        {"row": row["row"]}
        | {name: halves(text)[english] if name in _BOTH else text for name, text in fault.items()}
        for row in result["refused"]
        for fault in row["faults"]
    ]
    if faults:
        render.write_table("", render.pick(language, _REFUSED), faults, _REFUSED_UNDER)
    render.write_document(result, _WHOLE)


app.command("totals")(totals)
app.command("redeliver")(redeliver)
