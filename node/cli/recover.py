"""`huxin recover`: refills our own log from peers, after the database was set back."""

from __future__ import annotations

from typing import Annotated

import typer
from huxin.v1 import admin_pb2 as pb

from node.cli import render
from node.cli.options import Directory, Format, OutputFormat, node_directory
from node.cli.reaching import failures, services
from node.presence import read_node_file

WAIT_SECONDS = 60


def recover(
    *,
    directory: Directory = None,
    wait: Annotated[
        int,
        typer.Option(
            "--wait", min=1, max=86_400, help="无进展多少秒后放弃 / Give up after so many idle s"
        ),
    ] = WAIT_SECONDS,
    output: OutputFormat = Format.TABLE,
) -> None:
    """数据库回退后从成员补回本日志 / Refill our own log from peers; the node must be running."""
    node_path = node_directory(directory)
    with failures():
        read_node_file(node_path)  # only a running node has peers to ask
    last = pb.RecoverResponse()
    with services(node_path) as node:
        for last in node.admin.Recover(pb.RecoverRequest(wait_seconds=wait)):
            if not last.done:
                render.say(f"已有 {last.size} 条 leaves held")
    document = {"size": last.size, "refilled": last.refilled, "openings": last.openings}
    if output is Format.JSON:
        render.write_json(document)
    else:
        render.write_line(
            f"补回 {last.refilled} 条，其中 {last.openings} 条有内容；"
            f"日志共 {last.size} 条，已恢复签名 / "
            f"{last.refilled} leaves came back, {last.openings} with their opening; the log has "
            f"{last.size}, and is signed again"
        )
