"""`huxin log publish`: logs and charters as a folder that grows, for any server of files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.export.copies import FolderCopy
from adapters.export.publication import Published, publish
from federation.audit.export_names import CHARTERS, LOGS, charter_name, directory_name
from federation.charters.values import Tiles
from federation.errors import RefusedError
from federation.ids import Origin
from node.audit.shown_logs import is_public
from node.charters.files import load_chains
from node.cli import render
from node.cli.client import failures
from node.cli.offline_node import open_held
from node.cli.options import Directory, Format, OutputFormat, node_directory

_PUBLISHED: Final = {
    "origin": "日志 / log",
    "size": "条目 / entries",
    "before": "此前 / before",
    "openings": "新增公开内容 / openings added",
}


def publish_logs(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="发布目录，逐次增长 / Folder, which grows")
    ],
    *,
    directory: Directory = None,
    members: Annotated[
        bool,
        typer.Option(
            "--members",
            help="包括章程只向成员提供的日志 / Also logs that charters keep for members",
        ),
    ] = False,
    output: OutputFormat = Format.TABLE,
) -> None:
    """把日志发布为静态文件，只写新增部分 / Publish logs as static files; adds what is new."""
    with failures(), open_held(node_directory(directory)) as held, held.store.read() as session:
        heads = [
            head
            for head in session.heads()
            if head.note
            and held.trust.trust.members(head.origin)
            and (members or is_public(held.trust, head.origin))
        ]
        if not heads:
            message = "no log held here is public by its charters; see --members"
            raise RefusedError("publish.nothing", message)
        for chain in load_chains(held.config.charters_directory, held.config.pins):
            if members or chain.latest.terms.tiles is Tiles.PUBLIC:
                copy = FolderCopy(out / CHARTERS / chain.id.hex())
                for version in chain.versions:
                    copy.put(charter_name(version.terms.version), version.envelope)
        done: list[Published] = []
        for head in heads:
            origin = Origin(head.origin)
            copy = FolderCopy(out / LOGS / directory_name(origin))
            key = held.trust.log_key(origin)
            done.append(publish(session, head, copy, key, held.keyring.held_openings))
    rows = [asdict(one) for one in done]
    if output is Format.JSON:
        render.write_json({"logs": rows})
    else:
        render.write_table("", _PUBLISHED, rows)
