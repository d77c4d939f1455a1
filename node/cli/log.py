"""`huxin log export|verify|follow`: logs as folders of files, for anyone to verify offline."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from adapters.export.copies import FolderCopy
from adapters.export.export_files import ExportFolder, exported_logs, strays
from adapters.export.tile_export import ExportedLog, TileExport
from adapters.export.tile_source import TileSource
from adapters.files.atomic import write_atomically
from adapters.processes import processors, spread
from crypto.checkpoint import peek_checkpoint
from crypto.errors import CryptoError, FormatError
from crypto.keys import VerifierKey
from crypto.notes import MAX_NOTE_SIZE
from crypto.strict import b64
from federation.audit.export_names import CHECKPOINT
from federation.audit.following import Source, What, follow
from federation.audit.verification import Finding, LogAudit
from federation.charters.trust import Trust
from federation.errors import RefusedError
from federation.ids import MemberId, Origin, Timestamp
from federation.ports.store import LogHead, ReadSession
from node.cli import render
from node.cli.charter.drafts import Pin, parse_pin
from node.cli.client import Exit, failures
from node.cli.language import english
from node.cli.log_publish import publish_logs
from node.cli.offline_node import open_held
from node.cli.options import Directory, Format, OutputFormat, node_directory
from node.cli.proof_check import read_chain
from node.records.exporting import closed_openings
from node.texts.messages import spoken

_EXPORTED: Final = {
    "origin": "日志 / log",
    "size": "条目 / entries",
    "root": "根 / root",
    "openings": "公开内容 / openings",
    "missing": "未持有 / not held",
    "path": "目录 / folder",
}
_VERIFIED: Final = {
    "origin": "日志 / log",
    "size": "条目 / entries",
    "root": "根 / root",
    "cosigners": "联署 / cosigned by",
    "openings": "内容 / openings",
    "ok": "完好 / ok",
}
_FOLLOWED: Final = {
    "origin": "日志 / log",
    "what": "结果 / result",
    "size": "副本条目 / entries of the copy",
    "shown": "源条目 / entries of the source",
    "missing": "缺少的公开内容 / openings missing",
}
_BECAME: Final = {
    What.GROWN: "已增长并核验 / grown, verified",
    What.SAME: "无变化 / the same",
    What.OLDER: "源较旧 / the source is older",
    What.FORKED: "分叉，证明已写出 / two histories are signed; the proof is written",
}
_OWN_KEYS: Final = (
    "密钥取自导出本身，未与任何他处核对；用 --charter、--key，或 huxin audit verify / "
    "the keys are the export's own, compared with nothing; use --charter, --key, or huxin audit "
    "verify"
)
_FINDINGS: Final = {
    "log": "日志 / log",
    "code": "代码 / code",
    "path": "文件 / file",
    "message": "问题 / problem",
}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="日志：导出、发布、离线核验 / Logs: export, publish, verify offline.",
)
app.command("publish")(publish_logs)


@app.command("export")
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="导出目录 / Folder of the export")],
    *,
    directory: Directory = None,
    origin: Annotated[
        str, typer.Option(metavar="ORIGIN", help="日志，缺省为全部 / Log; all where not given")
    ] = "",
    flat: Annotated[
        bool, typer.Option("--flat", help="单个日志也直接放在 OUT 下 / Also directly in OUT")
    ] = False,
    with_openings: Annotated[
        bool,
        typer.Option(
            "--with-openings",
            help=(
                "包括非公开内容，限定成员的除外 / "
                "Also openings of closed kinds, but none that are for certain members"
            ),
        ),
    ] = False,
    reader: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="MEMBER",
            help="包括该成员有权接收的非公开内容 / Also the closed openings that a member may have",
        ),
    ] = "",
    output: OutputFormat = Format.TABLE,
) -> None:
    """把日志导出为 tlog-tiles 文件 / Export logs as files (C2SP tlog-tiles)."""
    with failures(), open_held(node_directory(directory)) as held, held.store.read() as session:
        heads = _chosen(session, origin)
        if flat and len(heads) != 1:
            message = f"--flat: expected one log, got {len(heads)}; name it with --origin"
            raise typer.BadParameter(message)
        closed = None
        if with_openings or reader:
            closed = closed_openings(session, held.trust, MemberId(reader) if reader else None)
        exporter = TileExport(session, out, held.keyring.held_openings, closed=closed)
        exporter.check([head.origin for head in heads], flat=flat)
        exported = [
            exporter.write(head, held.verifier_keys(head.origin), flat=flat) for head in heads
        ]
    rows = [_row(log) for log in exported]
    if output is Format.JSON:
        render.write_json({"logs": rows})
    else:
        render.write_table("", _EXPORTED, rows)


@app.command("verify")
def verify(
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", exists=True, file_okay=False, help="导出目录 / Folder of an export"
        ),
    ],
    *,
    key: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            metavar="VKEY",
            help="从别处得知的日志验证密钥 / Log keys known from elsewhere, to be compared",
        ),
    ] = None,
    charter: Annotated[
        list[Path] | None,
        typer.Option(
            "--charter",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="章程各版本，自第一版起 / Versions of the charter, from the first on",
        ),
    ] = None,
    processes: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            max=1024,
            help="进程数，0 为全部处理器 / Processes; 0: one a processor",
        ),
    ] = 0,
    output: OutputFormat = Format.TABLE,
) -> None:
    """逐字节核验导出的日志，有问题时以 1 退出 / Verify every byte of an export; exit 1 if not."""
    trusted = [_trusted(text) for text in key or ()]
    with failures():
        trusted += _of_charter(charter or [])
        document = verify_export(out, trusted, processes=processes or processors())
    if output is Format.JSON:
        render.write_json(document)
    else:
        render.write_table("", _VERIFIED, document["logs"])
        if not trusted and not charter:
            render.say(_OWN_KEYS)
        if document["findings"]:
            render.write_table("", _FINDINGS, [_in_words(found) for found in document["findings"]])
    if document["findings"]:
        raise typer.Exit(Exit.FINDINGS)


@app.command("follow")
def follow_log(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="地址或目录 / Address (https://…) or folder of a log's files"
        ),
    ],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="本地副本 / Folder of the copy, which grows")
    ],
    *,
    charter: Annotated[
        list[Path],
        typer.Option(
            "--charter",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="章程各版本，自第一版起 / Versions of the charter, from the first on",
        ),
    ],
    pin: Pin = None,
    origin: Annotated[
        str, typer.Option(metavar="ORIGIN", help="日志，缺省取自源 / Log; the source's own")
    ] = "",
    ca_file: Annotated[
        str, typer.Option(metavar="FILE", help="服务器证书的签发者 / PEM of the server's issuer")
    ] = "",
    cert: Annotated[
        str, typer.Option(metavar="FILE", help="成员证书，只向成员提供时 / A member's certificate")
    ] = "",
    key_file: Annotated[str, typer.Option("--key", metavar="FILE", help="其密钥 / Its key")] = "",
    output: OutputFormat = Format.TABLE,
) -> None:
    """从静态文件跟随一个日志：0 已核验，1 分叉，4 源不可用 / Follow a log from static files."""
    if bool(cert) != bool(key_file):
        message = "--cert, --key: expected both, or neither"
        raise typer.BadParameter(message)
    shows = (cert, key_file) if cert else None
    with failures():
        chain = read_chain(charter, parse_pin(pin))
        trust = Trust([] if chain is None else [chain], Timestamp(0))
        folder = Path(source)
        files = (
            ExportFolder(folder)
            if folder.is_dir()
            else TileSource(source, ca_file=ca_file, certificate=shows)
        )
        name = Origin(origin or _shown_origin(files))
        key = trust.log_key(name)
        if key is None:
            message = f"no version of the charter names the log {name}"
            raise RefusedError("log.unknown", message)
        cosigners = [*trust.head_keys(name), *trust.witness_keys(), *trust.mirror_keys()]
        found = follow(FolderCopy(out), files, key, list(dict.fromkeys(cosigners)))
        if found.fork is not None:
            write_atomically(out.with_name(f"{out.name}.fork"), found.fork.to_bytes())
    document = {
        "origin": name,
        "what": found.what.value,
        "size": found.size,
        "shown": found.shown,
        "missing": found.missing,
    }
    if output is Format.JSON:
        render.write_json(document)
    else:
        words = _BECAME[found.what]
        render.write_fields(document | {"what": words}, _FOLLOWED)
    if found.what is What.FORKED:
        raise typer.Exit(Exit.FINDINGS)


def _shown_origin(source: Source) -> str:
    data = source.read(CHECKPOINT, MAX_NOTE_SIZE)
    if data is None:
        message = f"{CHECKPOINT}: the source has no such file"
        raise FormatError(message)
    return peek_checkpoint(data).origin


def verify_export(out: Path, trusted: list[VerifierKey], *, processes: int) -> dict[str, Any]:
    """Verify everything in a folder; returns the JSON document of `huxin log verify`."""
    shared = partial(spread, processes=processes)
    logs: list[dict[str, Any]] = []
    findings = [
        _finding("", Finding(code="file.unexpected", path=name, message="belongs to no log"))
        for name in strays(out)
    ]
    for name, files in exported_logs(out):
        audit = LogAudit(files, directory=name, trusted=trusted, spread=shared)
        found = [_finding(name or ".", finding) for finding in audit.run()]
        findings += found
        checkpoint = audit.checkpoint
        logs.append(
            {
                "path": name or ".",
                "origin": "" if checkpoint is None else checkpoint.origin,
                "size": 0 if checkpoint is None else checkpoint.size,
                "root": "" if checkpoint is None else b64(checkpoint.root),
                "cosigners": list(audit.cosigners),
                "openings": audit.openings,
                "ok": not found,
            }
        )
    return {"logs": logs, "findings": findings}


def _of_charter(files: list[Path]) -> list[VerifierKey]:
    """The keys of all logs that a charter names.

    Raises:
        CharterError: it does not verify.
    """
    chain = read_chain(files, None)
    trust = Trust([] if chain is None else [chain], Timestamp(0))
    return [key for origin in trust.origins() if (key := trust.log_key(origin)) is not None]


def _trusted(text: str) -> VerifierKey:
    try:
        return VerifierKey.parse(text)
    except CryptoError as error:
        raise typer.BadParameter(f"--key: {error}") from None


def _chosen(session: ReadSession, origin: str) -> list[LogHead]:
    heads = [head for head in session.heads() if not origin or head.origin == origin]
    if origin and not heads:
        message = f"no log {origin} is held here; see `huxin status`"
        raise RefusedError("log.unknown", message)
    # A log that is known but of which nothing was received yet has nothing to export.
    chosen = [head for head in heads if head.note or origin]
    if not chosen:
        message = "no log with a checkpoint is held here yet; run `huxin serve`"
        raise RefusedError("own-log.missing", message)
    return chosen


def _row(log: ExportedLog) -> dict[str, Any]:
    origin: Origin = log.origin
    return asdict(log) | {"origin": origin, "root": b64(log.root), "path": str(log.path)}


def _in_words(finding: dict[str, str]) -> dict[str, str]:
    return finding | {"message": spoken(finding["code"], finding["message"], english=english())}


def _finding(log: str, finding: Finding) -> dict[str, str]:
    return {"log": log, **asdict(finding)}
