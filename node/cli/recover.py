"""`huxin recover`: refills our own log from peers, or goes on by the word of persons."""

from __future__ import annotations

from typing import Annotated

import typer
from huxin.v1 import admin_pb2 as pb

from node.cli import render
from node.cli.client import failures, services
from node.cli.options import Directory, Format, OutputFormat, node_directory
from node.cli.signing import By, NoteFile, read_word_of
from node.directory.presence import NODE_FILE, NotReadyError

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
    go_on: Annotated[
        bool,
        typer.Option(
            "--go-on",
            help="不等成员答复，由具名人员负责继续签名 / Sign on without an answer of members",
        ),
    ] = False,
    by: By = None,
    note: NoteFile = None,
    reason: Annotated[str, typer.Option("--reason", help="理由，记入日志 / Why; journalled")] = "",
    output: OutputFormat = Format.TABLE,
) -> None:
    """数据库回退后从成员补回本日志 / Refill our own log from peers; the node must be running."""
    node_path = node_directory(directory)
    if go_on:
        with failures():
            word = read_word_of(note)
        with services(node_path) as node:
            node.admin.GoOn(pb.GoOnRequest(by=by or (), reason=reason, note=word))
        render.write_line("已记录，恢复签名 / written down; everything is signed again")
        return
    with failures():
        if not (node_path / NODE_FILE).exists():  # only a running node has peers to ask
            message = f"{node_path}: expected a running node; start huxin serve, then try again"
            raise NotReadyError("node.not-ready", message)
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
