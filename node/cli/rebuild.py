"""`huxin rebuild`: derives all tables again from logs, openings and journal."""

from __future__ import annotations

from typing import Annotated

import typer
from huxin.v1 import admin_pb2 as pb

from node.cli import render
from node.cli.client import Exit, services
from node.cli.options import Directory, Format, OutputFormat, node_directory


def rebuild(
    *,
    directory: Directory = None,
    check: Annotated[
        bool, typer.Option("--check", help="只比较，有差异时以 1 退出 / Only compare; exit 1")
    ] = False,
    output: OutputFormat = Format.TABLE,
) -> None:
    """由日志、内容和日记账重新推导全部表 / Derive all tables again."""
    with services(node_directory(directory)) as node:
        response = node.admin.Rebuild(pb.RebuildRequest(check_only=check))
    document = {"equal": response.equal, "differences": list(response.differences)}
    if output is Format.JSON:
        render.write_json(document)
    else:
        render.write_line("一致 equal" if response.equal else "不一致 not equal")
        for difference in response.differences:
            render.write_line(difference)
    if check and not response.equal:
        raise typer.Exit(Exit.FINDINGS)
