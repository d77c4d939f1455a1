"""`huxin packet export|import`: signed and sealed files, where no connection is allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import admin_pb2 as pb

from adapters.files.atomic import write_atomically
from crypto.cosignature import claimed_time
from crypto.errors import FormatError
from crypto.strict import parse_decimal
from federation.errors import RefusedError
from federation.peers.packets import MAX_PACKET, parse_header
from node.cli import render
from node.cli.client import services
from node.cli.options import Directory, Format, OutputFormat, node_directory
from node.codec.packets import packet_from_bytes

SUFFIX: Final = ".huxin-packet"

_EXPORTED: Final = {
    "part": "分包 / part",
    "leaves": "条目 / entries",
    "bytes": "字节 / bytes",
    "path": "文件 / file",
}
_IMPORTED: Final = {
    "sender": "来自 / from",
    "part": "分包 / part",
    "leaves": "条目 / entries",
    "new_leaves": "新增 / new",
    "path": "文件 / file",
}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="数据包：导出、导入（无连接之处） / Packets, where no connection is allowed.",
)


@app.command("export")
def export(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="放置文件的目录 / Folder for the files")
    ],
    *,
    to: Annotated[str, typer.Option("--to", metavar="MEMBER", help="接收成员 / Receiving member")],
    since: Annotated[
        list[str] | None,
        typer.Option(
            "--since",
            metavar="ORIGIN=SIZE",
            help="对方已持有的条数，缺省按其回执 / Leaves held there; by its receipt if not given",
        ),
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """为一个成员制作数据包，一个或多个文件 / Make a packet for a member, one file or several."""
    sizes = dict(_size(text) for text in since or ())
    rows: list[dict[str, Any]] = []
    with services(node_directory(directory)) as node:
        out.mkdir(parents=True, exist_ok=True)
        for part in node.admin.ExportPacket(pb.ExportPacketRequest(member=to, since=sizes)):
            path = out / f"{part.packet}-{part.part:05d}{SUFFIX}"
            write_atomically(path, part.data, mode=0o600)
            rows.append(
                {
                    "packet": part.packet,
                    "part": part.part,
                    "last": part.last,
                    "leaves": part.leaves,
                    "bytes": len(part.data),
                    "path": str(path),
                }
            )
            render.say(f"已写出 {path.name} written")
    _show(_EXPORTED, rows, output)


@app.command("import")
def import_packet(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", exists=True, dir_okay=False, help="数据包文件 / Files"),
    ],
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """导入数据包，可重复，按制作次序 / Take packets, also again, in the order they were made."""
    rows: list[dict[str, Any]] = []
    with services(node_directory(directory)) as node:
        for path in sorted(files, key=place):
            taken = node.admin.ImportPacket(pb.ImportPacketRequest(data=path.read_bytes()))
            rows.append(
                {
                    "packet": taken.packet,
                    "sender": taken.sender,
                    "part": taken.part,
                    "last": taken.last,
                    "created_at": taken.created_at,
                    "leaves": taken.leaves,
                    "new_leaves": taken.new_leaves,
                    "path": str(path),
                }
            )
            render.say(f"已导入 {path.name} taken")
    _show(_IMPORTED, rows, output)


def _size(text: str) -> tuple[str, int]:
    origin, _, size = text.rpartition("=")
    try:
        if origin:
            return origin, parse_decimal(size)
    except FormatError:
        pass
    raise typer.BadParameter(
        f"--since 须为 日志=条数 / --since: expected ORIGIN=SIZE, got {text[:80]!r}"
    )


def place(path: Path) -> tuple[int, str, int]:
    """When a packet says that it was made, which it is, and which part: the order to take it in.

    Raises:
        RefusedError: `packet.malformed`.
    """
    if path.stat().st_size > MAX_PACKET:
        message = f"{path}: expected at most {MAX_PACKET} bytes; this is no packet"
        raise RefusedError("packet.malformed", message)
    note, _ = packet_from_bytes(path.read_bytes())
    header = parse_header(note.text)
    return max(map(claimed_time, note.signatures)), header.packet.hex(), header.part


def _show(columns: dict[str, str], rows: list[dict[str, Any]], output: Format) -> None:
    if output is Format.JSON:
        render.write_json({"parts": rows})
    else:
        render.write_table("", columns, rows)
