"""`huxin repairs compare`: an export of 信用中国 against what stands here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import admin_pb2 as pb

from adapters.files.nation_export import KIND
from federation.relief.nation_export import STILL_SHOWN, STOPPED
from node.cli import render
from node.cli.client import Exit, failures, services
from node.cli.language import Language
from node.cli.options import Directory, Format, LanguageOption, OutputFormat, node_directory
from node.cli.publish import MuchAbsent, WhyRows, with_rows_read
from node.cli.signing import By, NoteFile, read_word_of
from node.texts.fields import with_text

_STEPS: Final = {
    "paused": ("信用中国已终止，本地已暂停", "ended there, paused here"),
    "held": ("信用中国已终止，本市待核", "ended there, held here"),
    "stopped-before": ("此前已处理", "dealt with before"),
    "agrees": ("一致", "agrees"),
    "not-here": ("本地没有", "not here"),
    "still-shown": ("本地已解除，信用中国仍公示", "relieved here, still shown there"),
}
_COUNTS: Final = {"step": ("结果", "what follows"), "rows": ("条数", "number")}
_LINES: Final = {
    "statement_id": ("声明编号", "statement"),
    "subject_name": ("主体", "subject"),
    "document": ("列入文书号", "document"),
    "step": ("结果", "what follows"),
}


def compare(  # noqa: PLR0913 - the options of the command
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            readable=True,
            resolve_path=True,
            help="信用中国导出文件 / Export of 信用中国: CSV or XLSX",
        ),
    ],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只比对，不处理 / Only compare, stop nothing")
    ] = False,
    full: Annotated[
        bool,
        typer.Option("--full", help="全量导出：缺少的视为已终止 / It has all that is shown there"),
    ] = False,
    much_absent: MuchAbsent = False,
    by: By = None,
    reason: WhyRows = "",
    note: NoteFile = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """与信用中国导出比对：错修、漏修；有差异以 1 退出 / Compare; exits with 1 where they differ."""
    with failures():
        word = read_word_of(note)
    request = pb.PublishFileRequest(
        path=str(file),
        kind=KIND,
        dry_run=dry_run,
        full_snapshot=full,
        much_absent=much_absent,
        by=by or (),
        reason=reason,
        note=word,
    )
    with services(node_directory(directory)) as node:
        result: dict[str, Any] = with_rows_read(node.admin.PublishFile(request), file.name)
    if output is Format.JSON:
        render.write_json(result)
    else:
        steps = render.pick(language, _STEPS)
        lines = [one | {"step": steps[one["step"]]} for one in result["lines"]]
        render.write_table("", render.pick(language, _LINES), lines)
        counts = [{"step": steps[step], "rows": n} for step, n in result["decisions"].items() if n]
        render.write_table("", render.pick(language, _COUNTS), counts)
        for code in sorted(result["faults"].keys() - {STOPPED, STILL_SHOWN}):
            text = code if language is Language.EN else with_text(code)
            render.write_line(f"{text}: {result['faults'][code]}")
    if result["lines"] or result["faults"]:
        raise typer.Exit(Exit.FINDINGS)
