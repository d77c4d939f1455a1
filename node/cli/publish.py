"""`huxin publish`: a department's file becomes statements of our log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import admin_pb2 as pb
from huxin.v1 import catalogs_pb2

from node.cli import render
from node.cli.client import Exit, Services, failures, services
from node.cli.language import english
from node.cli.letter_files import keep
from node.cli.options import Directory, Format, OutputFormat, ShownOption, node_directory
from node.cli.signing import By, NoteFile, read_word_of
from node.documents import answers
from node.texts.fields import for_people, labels

FINDING_FIELDS: Final = ("refused_rows", "held", "faults", "suspicions")
"""Fields of the result that name or count what was not taken as it stands, or would not be."""


OneSubject = Annotated[
    bool,
    typer.Option(
        "--one-subject", help="两人确认几乎各行都属同一主体 / Two say: nearly all rows are of one"
    ),
]
TwoRecords = Annotated[
    bool,
    typer.Option(
        "--two-records",
        help="两人确认与已解除的记录不是同一记录 / Two say: rows are no relieved record",
    ),
]
OtherSubjects = Annotated[
    bool,
    typer.Option(
        "--other-subjects", help="两人确认多行已改指其他主体 / Two say: many rows name others now"
    ),
]
OtherNames = Annotated[
    bool,
    typer.Option(
        "--other-names",
        help="两人确认主体名称无误，虽与法人库不一致 / Two say: names are right, not the library's",
    ),
]
Confirmed = Annotated[
    bool,
    typer.Option(
        "--confirmed",
        help="两人确认发布须第二人确认的各行 / Two say: publish rows that wait for a second",
    ),
]
MuchAbsent = Annotated[
    bool,
    typer.Option(
        "--much-absent",
        help="两人确认全量导出确实缺少很多 / Two say: much is rightly absent from a full export",
    ),
]
WhyRows = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="确认的理由 / Why they say so")
]


class FileKind(StrEnum):
    """What the rows of a file say."""

    LIST = "list"
    REPAIR = "repair"
    WITHDRAWAL = "withdrawal"
    ANNOTATION = "annotation"
    SCENARIO = "scenario"
    RECOGNITION = "recognition"
    COMMITMENT = "commitment"


def publish(  # noqa: PLR0913 - the options of the command
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
    directory: Directory = None,
    list_type: Annotated[
        str, typer.Option("--list", metavar="TYPE", help="名单类型，缺省由映射给出 / List type")
    ] = "",
    kind: Annotated[
        FileKind | None,
        typer.Option(
            "--kind", help="文件种类，缺省为名单；文件名含移出等字样时须写明 / What the rows say"
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", exists=True, resolve_path=True, help="映射文件 / Mapping of columns"
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查，不发布 / Only check, publish nothing")
    ] = False,
    full_snapshot: Annotated[
        bool,
        typer.Option(
            "--full-snapshot", help="全量文件：缺少的行将暂停 / Rows that are gone are paused"
        ),
    ] = False,
    source: Annotated[
        str, typer.Option(metavar="S", help="数源部门 / Source department of the configuration")
    ] = "",
    one_subject: OneSubject = False,
    two_records: TwoRecords = False,
    other_subjects: OtherSubjects = False,
    other_names: OtherNames = False,
    confirmed: Confirmed = False,
    by: By = None,
    reason: WhyRows = "",
    note: NoteFile = None,
    shown: ShownOption = "",
    approval: Annotated[
        Path | None,
        typer.Option(
            "--approval",
            metavar="FILE.docx",
            help="试行后写入发布审批单 / After --dry-run: the form for those who approve it",
        ),
    ] = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """发布文件中的名单、修复或场景；有行被拒绝或搁置时以 1 退出 / Publish the rows of a file."""
    if list_type and kind not in (None, FileKind.LIST):
        message = "--list 与 --kind 只能给一个 / give --list or --kind, not both"
        raise typer.BadParameter(message)
    said = (one_subject, two_records, other_subjects, other_names, confirmed)
    if (by or reason or note) and not any(said):
        message = (
            "--by、--reason、--note 须与所确认的事项同给 / "
            "--by, --reason and --note go with what is said of the rows"
        )
        raise typer.BadParameter(message)
    if approval is not None and not dry_run:
        message = "--approval 与 --dry-run 同用 / --approval goes with --dry-run"
        raise typer.BadParameter(message)
    with failures():
        word = read_word_of(note)
    request = pb.PublishFileRequest(
        path=str(file),
        kind="" if kind is None else kind.value,
        list_type=list_type,
        mapping="" if mapping is None else str(mapping),
        dry_run=dry_run,
        full_snapshot=full_snapshot,
        source=source,
        one_subject=one_subject,
        two_records=two_records,
        other_subjects=other_subjects,
        other_names=other_names,
        confirmed=confirmed,
        by=by or (),
        reason=reason,
        note=word,
        shown=shown,
    )
    with services(node_directory(directory)) as node:
        result = with_rows_read(node.admin.PublishFile(request), file.name)
        if approval is not None:
            _write_approval(approval, result, node)
    if output is Format.JSON:
        render.write_json(result)
    else:
        explained = result.pop("explained", ())
        render.write_fields(
            for_people(result, english=english()), labels(result, english=english())
        )
        _write_explained(explained)
    if findings(result):
        raise typer.Exit(Exit.FINDINGS)


def _write_approval(path: Path, result: dict[str, Any], node: Services) -> None:
    from node.intake.approval_forms import approval_form  # noqa: PLC0415 - python-docx

    catalog = answers.document(node.catalogs.ShowCatalog(catalogs_pb2.ShowCatalogRequest()))
    sources = {one["source"]: one["name"] for one in catalog["sources"]}
    keep(path, approval_form(result, sources))


def _write_explained(rows: Sequence[dict[str, Any]]) -> None:
    """What programs would decide by, of each row of a scenario file that is only tried."""
    said = "en" if english() else "zh"
    columns = {"row": "行 / row", "title": "场景名称 / title", said: "判定条件 / decided by"}
    if rows:
        render.write_table("", columns, rows)


def findings(result: dict[str, Any]) -> bool:
    """Whether rows were refused or held."""
    return any(result.get(name) for name in FINDING_FIELDS)


def with_rows_read(answers: Iterable[pb.PublishFileResponse], name: str) -> dict[str, Any]:
    """Show how many rows of a file have been read, and return the result of the last answer."""
    result: dict[str, Any] = {}
    with render.rows_read() as progress:
        task = progress.add_task(name, total=None, rows=0)
        for message in answers:
            progress.update(task, rows=message.rows_read)
            if message.result_json:
                result = json.loads(message.result_json)
    return result
