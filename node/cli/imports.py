"""`huxin imports`: a file is brought and tried, two persons speak of it, it is published.

The same imports as in the console: what one person began there, another goes on with here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import imports_pb2 as pb

from node.cli import render
from node.cli.client import Exit, failures, services
from node.cli.language import english
from node.cli.options import MAX_COUNT, Directory, Format, OutputFormat, node_directory
from node.cli.publish import FileKind, WhyRows, findings
from node.cli.signing import NoteFile, read_word_of
from node.system.entropy import token
from node.texts.fields import Pair, day, decision_in_words, for_people, labels, moment
from node.texts.imports import SAYS, STATES

REQUEST_ID_SIZE: Final = 16
MOST: Final = 1000
"""Rows of one answer."""
_ROW: Final[Mapping[str, Pair]] = {
    "row": ("行号", "row"),
    "decision": ("处理", "decision"),
    "code": ("代码", "code"),
    "name": ("名称", "name"),
    "document": ("文书号", "document"),
    "listing_document": ("列入文书号", "listed by"),
    "decided_on": ("决定日期", "decided on"),
    "publish_until": ("公示至", "until"),
    "statement_id": ("记录", "record"),
    "act_id": ("声明", "statement"),
}
_ROW_UNDER: Final[Mapping[str, Sequence[str]]] = {
    "code": ("name", "statement_id"),
    "document": ("listing_document", "decided_on", "publish_until"),
    "decision": ("act_id",),
}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="导入：先检查，两人确认，再发布 / Imports: tried, said by two persons, published",
)


class Sort(StrEnum):
    """What two persons say."""

    ROWS = "rows"
    MAPPING = "mapping"


class Says(StrEnum):
    """What is said of rows."""

    ONE_SUBJECT = "one-subject"
    TWO_RECORDS = "two-records"
    OTHER_SUBJECTS = "other-subjects"
    OTHER_NAMES = "other-names"
    MUCH_ABSENT = "much-absent"
    CONFIRMED = "confirmed"


Number = Annotated[
    str, typer.Argument(metavar="IMPORT", help="导入的编号，32 位 / Its number, 32 digits")
]
SortArgument = Annotated[
    Sort, typer.Argument(help="rows 各行属实，mapping 采用映射 / Of rows, or of a mapping")
]
Listed = Annotated[
    str, typer.Option("--list", metavar="TYPE", help="名单类型，缺省由映射给出 / List type")
]


@app.command("new")
def new(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            readable=True,
            resolve_path=True,
            help="名单或修复文件 / File of rows: CSV or XLSX",
        ),
    ],
    *,
    kind: Annotated[
        FileKind, typer.Option("--kind", help="文件种类 / What the rows say")
    ] = FileKind.LIST,
    list_type: Listed = "",
    mapping: Annotated[
        str, typer.Option(metavar="ID", help="内置或已存的映射 / Built-in or saved mapping")
    ] = "",
    source: Annotated[
        str, typer.Option(metavar="S", help="数源部门 / Source department of the configuration")
    ] = "",
    full_snapshot: Annotated[
        bool,
        typer.Option(
            "--full-snapshot", help="全量文件：缺少的行将暂停 / Rows that are gone are paused"
        ),
    ] = False,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """导入文件并检查，不发布，存留七天 / Bring a file: tried, not published, kept for a week."""
    request = pb.NewImportRequest(
        path=str(file),
        kind=kind.value,
        list_type=list_type,
        mapping=mapping,
        source=source,
        full_snapshot=full_snapshot,
        called=file.name,
    )
    with services(node_directory(directory)) as node:
        found = _last(node.imports.NewImport(request), file.name)
    _write(found, output)


@app.command("list")
def list_imports(directory: Directory = None, output: OutputFormat = Format.TABLE) -> None:
    """各次导入，及其等候的确认 / Imports, and whose word they wait for."""
    with services(node_directory(directory)) as node:
        found = node.imports.ListImports(pb.ListImportsRequest()).imports_json
    rows = [json.loads(one) for one in found]
    if output is Format.JSON:
        render.write_json({"imports": rows})
        return
    said = labels(
        ("import", "called", "state", "at", "list_type", "rows", "persons"), english=english()
    )
    shown = [
        one
        | {
            "state": STATES[one["state"]][english()],
            "at": moment(one["at"]),
            "persons": "、".join(p for word in one["words"] for p in word["persons"]),
        }
        for one in rows
    ]
    render.write_table(
        "", said, shown, {"import": ("called",), "state": ("at",), "list_type": ("rows", "persons")}
    )


@app.command("show")
def show(number: Number, directory: Directory = None, output: OutputFormat = Format.TABLE) -> None:
    """一次导入：检查结果、须签署的原文 / What its try found, and the bytes to sign."""
    with services(node_directory(directory)) as node:
        found = json.loads(node.imports.GetImport(pb.GetImportRequest(number=number)).json)
    _write(found, output)


@app.command("rows")
def rows(
    number: Number,
    *,
    decision: Annotated[
        str,
        typer.Option(metavar="D", help="只列如此处理的，如 listed / Only what leads to this"),
    ] = "",
    after: Annotated[
        int, typer.Option(min=0, max=MAX_COUNT, help="略过的行数 / Rows that are passed over")
    ] = 0,
    limit: Annotated[
        int, typer.Option(min=1, max=MOST, help="至多几行 / At most so many rows")
    ] = 50,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """无错误的各行：主体，将如何处理或已成哪条记录 / Its rows: whom, and what of each."""
    request = pb.GetImportRowsRequest(number=number, after=after, limit=limit, decision=decision)
    with services(node_directory(directory)) as node:
        found = json.loads(node.imports.GetImportRows(request).json)
    if output is Format.JSON:
        render.write_json(found)
        return
    shown = [
        row
        | {
            "decision": decision_in_words(row["decision"], english=english()),
            "decided_on": day(row["decided_on"]),
            "publish_until": day(row["publish_until"]),
        }
        for row in found["rows"]
    ]
    columns = {name: said[english()] for name, said in _ROW.items()}
    filled = {name: columns[name] for name in columns if any(row[name] for row in shown)}
    under = {name: [one for one in of if one in filled] for name, of in _ROW_UNDER.items()}
    render.write_table("", filled or columns, shown, under)
    if found["next"]:
        more = f"--after {found['next']}"
        render.write_line(f"more: {more}" if english() else f"下一页：{more}")


@app.command("map")
def map_columns(
    number: Number,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[MAPPING]",
            exists=True,
            dir_okay=False,
            readable=True,
            help="映射文件，缺省为去掉 / Mapping file; none takes it away",
        ),
    ] = None,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """附上映射并重新检查 / Lay a mapping beside it, and try it again."""
    with failures():
        text = "" if file is None else file.read_text("utf-8")
    with services(node_directory(directory)) as node:
        request = pb.MapImportRequest(number=number, text=text)
        found = _last(node.imports.MapImport(request), number)
    _write(found, output)


@app.command("word")
def word(
    number: Number,
    sort: SortArgument,
    *,
    says: Annotated[
        list[Says] | None,
        typer.Option("--says", help="所确认的，可多次给出；缺省为收回 / What is said; repeat it"),
    ] = None,
    reason: WhyRows = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="把原文写入新文件 / Write the bytes to sign"),
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """提出由两人确认的事项 / Begin what two persons are to say."""
    request = pb.BeginWordRequest(
        number=number, sort=sort.value, says=[one.value for one in says or ()], reason=reason
    )
    with services(node_directory(directory)) as node:
        found = json.loads(node.imports.BeginWord(request).json)
    with failures():
        texts = [one["text"] for one in found["words"] if one["sort"] == sort.value]
        if out is not None and texts:
            with out.open("xb") as file:
                file.write(texts[0].encode())
    _write(found, output)


@app.command("say")
def say(
    number: Number,
    sort: SortArgument,
    *,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="确认人 / Who says it")],
    note: NoteFile = None,
    refusal: Annotated[
        str, typer.Option("--refuse", metavar="TEXT", help="不确认，退回的理由 / Say no, and why")
    ] = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """一人确认，附本人的签名文件，或者退回 / What one person says, with a signature, or no."""
    with failures():
        signed = read_word_of(note)
    request = pb.SayWordRequest(
        number=number, sort=sort.value, person=by, note=signed, refusal=refusal
    )
    with services(node_directory(directory)) as node:
        found = json.loads(node.imports.SayWord(request).json)
    _write(found, output)


@app.command("publish")
def publish(
    number: Number, directory: Directory = None, output: OutputFormat = Format.TABLE
) -> None:
    """发布检查过的文件，仅一次 / Publish the very file that was tried, once."""
    request = pb.PublishImportRequest(number=number, request_id=token(REQUEST_ID_SIZE).hex())
    with services(node_directory(directory)) as node:
        found = _last(node.imports.PublishImport(request), number)
    _write(found, output)


@app.command("drop")
def drop(number: Number, directory: Directory = None, output: OutputFormat = Format.TABLE) -> None:
    """删去一次导入 / Remove an import."""
    with services(node_directory(directory)) as node:
        found = json.loads(node.imports.DropImport(pb.GetImportRequest(number=number)).json)
    if output is Format.JSON:
        render.write_json(found)
    else:
        _write_head(found)


def _last(answers: Iterable[pb.ImportResponse], name: str) -> dict[str, Any]:
    """Show how many rows have been read, and return the document of the last answer."""
    found: dict[str, Any] = {}
    with render.rows_read() as progress:
        task = progress.add_task(name, total=None, rows=0)
        for message in answers:
            progress.update(task, rows=message.rows_read)
            if message.json:
                found = json.loads(message.json)
    return found


def _write(found: dict[str, Any], output: Format) -> None:
    if output is Format.JSON:
        render.write_json(found)
    else:
        _write_head(found)
        result = found["result"]
        render.write_fields(
            for_people(result, english=english()), labels(result, english=english())
        )
        for one in found["awaited"]:
            said = SAYS[one["word"]][english()]
            render.write_line(f"--says {one['word']}  {said} ({one['code']}, {one['rows']})")
        for one in found["words"]:
            render.write_line(f"{one['sort']}: {'、'.join(one['persons'])} {len(one['persons'])}/2")
            render.write_line(one["text"].rstrip("\n"))
    if found["fault"] or findings(found["result"]):
        raise typer.Exit(Exit.FINDINGS)


def _write_head(found: Mapping[str, Any]) -> None:
    names = ("import", "state", "at", "until", "sha256", "list_type", "source", "mapping")
    shown = {name: found[name] for name in names if name in found} | found.get("fault", {})
    shown["state"] = STATES[found["state"]][english()]
    shown |= {name: moment(shown[name]) for name in ("at", "until") if name in shown}
    render.write_fields(shown, labels(shown, english=english()))
