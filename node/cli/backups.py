"""`huxin backup|restore|drill`: copies of a node, brought back, proved."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlalchemy import make_url

from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from node.cli import render
from node.cli.client import Exit, failures
from node.cli.given_files import read_bounded
from node.cli.offline_node import open_held
from node.cli.options import Directory, Format, OutputFormat, node_directory
from node.codec import ProtobufPayloads
from node.directory.config import load_config
from node.directory.keys import load_keys
from node.directory.presence import locked
from node.log.ledger import Ledger
from node.system.clock import SystemClock
from node.upkeep import backups
from node.upkeep.drill import drill as drilled
from node.upkeep.drill import remember

_LARGEST_URL: Final = 4096
Folder = Annotated[Path, typer.Argument(metavar="BACKUP", help="备份文件夹 / Folder of the backup")]


def backup(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="要建立的文件夹 / Folder to be made")],
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """在线备份，不含密钥与 state / Back up while the node serves; without keys and state."""
    path = node_directory(directory)
    with failures():
        config, now = load_config(path), SystemClock().now()
        made = backups.make_backup(
            config, out, now=now, version=version("huxin"), progress=render.say
        )
        _note(path, "backup", now, folder=str(out.resolve()))
    if output is Format.JSON:
        render.write_json(_document(made))
        return
    render.write_line(f"{out}: {len(made.files)} 个文件 files, {made.size} B")
    render.say(
        "密钥 keys/ 另行加密保存；密钥环由 keys.escrow 保存一份当前的；state/ 永不备份 / "
        "keep keys/ encrypted and apart, one current key ring by keys.escrow; never state/"
    )


def restore(
    folder: Folder,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """恢复备份；节点须先停止 / Bring a backup back; stop the node first."""
    path = node_directory(directory)
    with failures():
        found = backups.read_backup(folder)
        if not (path / backups.STATE).is_dir():
            raise _no_directory(path)
        with locked(path):
            brought = backups.bring_beside(path, found)
            config = load_config(path)
            load_keys(config.keys_directory, config.origin)
            aside = backups.restore(config, found, now=SystemClock().now())
    if output is Format.JSON:
        more = {"laid_aside": [str(one) for one in aside], "brought": brought}
        render.write_json(_document(found) | more)
        return
    render.write_line(f"已恢复 restored: {folder} ({found.version}, {found.size} B)")
    for name in brought:
        render.write_line(f"原来没有，自备份放回 was not there, brought back: {name}")
    for one in aside:
        render.write_line(f"原有文件改名 laid aside: {one}")
    render.say(
        "下一步：huxin serve，然后 huxin recover 从成员补回本日志；"
        "各城市有新的日志头之前，其列入不用于惩戒 / next: huxin serve, then huxin recover; "
        "until a city shows a new head, its listings do not punish"
    )


def _no_directory(path: Path) -> RefusedError:
    return RefusedError(
        "restore.no-directory",
        f"{path}: 没有 state/：先放回另行保存的 keys/，以及 state/keyring.json、state/queries/，"
        "不要 huxin init；见 docs/operations/running.md#on-another-machine / "
        "expected a directory with state/, got none: first bring back what was kept apart, keys/, "
        "state/keyring.json and state/queries/, and make no new node; "
        "docs/operations/running.md#on-another-machine",
    )


def drill(
    context: typer.Context,
    folder: Folder,
    *,
    scratch: Annotated[
        str,
        typer.Option(
            metavar="URL",
            envvar="HUXIN_SCRATCH",
            help="PostgreSQL 备份用的空数据库；有口令的写在环境变量或文件中 / Empty database for a "
            "backup of PostgreSQL; one with a password in the environment or a file",
        ),
    ] = "",
    scratch_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="首行为该数据库的地址，可含口令 / Its first line is that URL, with a password",
        ),
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """恢复演练：在临时处恢复、核验、删除 / Bring a backup back elsewhere, prove it, delete it."""
    path = node_directory(directory)
    with failures(), ExitStack() as stack:
        url = _scratch(context, scratch, scratch_file)
        found = backups.read_backup(folder)
        held = stack.enter_context(open_held(path))
        backups.check_origin(held.config, found)
        now = SystemClock().now()
        payloads = ProtobufPayloads()
        ledger = Ledger(
            keyring=held.keyring,
            payloads=payloads,
            trust=lambda: held.trust,
            now=SystemClock().now,
        )
        result = drilled(
            found,
            place=path,
            scratch=url,
            keyring=held.keyring,
            payloads=payloads,
            ledger=ledger,
            keys=held.verifiers,
            progress=_progress,
        )
        _note(path, "drill", now, passed=result.passed, of=found.made_at)
    if output is Format.JSON:
        render.write_json(
            _document(found)
            | {
                "passed": result.passed,
                "logs": [{"origin": origin, "size": size} for origin, size in result.logs],
                "damages": [asdict(one) for one in result.damages],
            }
        )
    else:
        for origin, size in result.logs:
            render.write_line(f"{origin}  {size}")
        for one in result.damages:
            render.write_line(f"{one.origin} {one.part}: {one.message}")
        render.write_line("演练通过 passed" if result.passed else "演练未通过 not passed")
    if not result.passed:
        raise typer.Exit(Exit.FINDINGS)


def _scratch(context: typer.Context, given: str, file: Path | None) -> str:
    """The URL of the empty database, from a file, the environment or the command line.

    Raises:
        RefusedError: `drill.scratch`: both are given, or a password where every process of the
            machine reads it.
    """
    source = context.get_parameter_source("scratch")
    typed = given and source is not None and source.name == "COMMANDLINE"
    if typed and file is not None:
        raise RefusedError("drill.scratch", "expected --scratch or --scratch-file, got both")
    if file is not None:
        first, *_ = read_bounded(file, _LARGEST_URL).decode().splitlines() or [""]
        return first.strip()
    if typed and make_url(given).password is not None:
        message = (
            "命令行上的口令人人可见；地址写入文件，用 --scratch-file / everybody reads a password "
            "in a command line: write the URL into a file, for --scratch-file, or HUXIN_SCRATCH"
        )
        raise RefusedError("drill.scratch", message)
    return given


def _note(directory: Path, what: str, now: Timestamp, **more: str | int | bool) -> None:
    """Remember it where that can be written: on a full disk what was made elsewhere is made."""
    try:
        remember(directory, what, now, **more)
    except OSError as error:
        said = error.strerror or str(error)
        render.say_warning(
            "backup.unnoted",
            f"已经完成，但记不进 {directory}（{said}）：体检不知道有这一次 / "
            f"done, but {directory} cannot keep that it was ({said}): the doctor will not know "
            "of it",
        )


def _progress(origin: Origin, done: int, size: int) -> None:
    render.say(f"{origin}: {done} / {size}")


def _document(found: backups.Backup) -> dict[str, object]:
    return {
        "folder": str(found.folder),
        "origin": found.origin,
        "made_at": found.made_at,
        "version": found.version,
        "database": found.database,
        "files": len(found.files),
        "bytes": found.size,
    }
