"""`huxin doctor`: reads and proves everything stored, and heals what a disk has changed."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from typing import Annotated, Final

import typer

from federation.ids import Origin
from node.cli import render
from node.cli.client import Exit, failures
from node.cli.offline_node import open_held
from node.cli.options import Directory, Format, OutputFormat, node_directory
from node.cli.peer_walk import walk_to
from node.codec import ProtobufPayloads
from node.directory.presence import locked
from node.log.ledger import Ledger
from node.log.soundness import LEAVES, ROWS, Damage
from node.system.clock import SystemClock
from node.upkeep.checkup import Finding, check_up
from node.upkeep.doctor import Doctor
from node.upkeep.row_check import check_rows

_DAMAGES: Final = {
    "origin": "日志 / log",
    "part": "部分 / part",
    "first": "起始条目 / first leaf",
    "count": "数量 / count",
    "message": "问题 / problem",
}


def doctor(
    *,
    directory: Directory = None,
    heal: Annotated[
        bool,
        typer.Option(
            "--heal",
            help="修复；节点须先停止 / Heal what is found; stop the node first",
        ),
    ] = False,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help="核对全部派生行，而非抽样 / Compare all derived rows with the log, not a sample",
        ),
    ] = False,
    peer: Annotated[
        str,
        typer.Option(
            "--peer",
            metavar="WHO",
            help="只走到该成员的路：成员编号、区划代码或 all / Walk to a member instead: its id, "
            "region or all",
        ),
    ] = "",
    output: OutputFormat = Format.TABLE,
) -> None:
    """检查全部存储，有损坏时以 1 退出 / Check all that is stored; exit 1 where damaged."""
    path = node_directory(directory)
    if peer:
        walk_to(path, peer, output)
        return
    with failures(), ExitStack() as stack:
        if heal:
            stack.enter_context(locked(path))
        held = stack.enter_context(open_held(path))
        ledger = Ledger(
            keyring=held.keyring,
            payloads=ProtobufPayloads(),
            trust=lambda: held.trust,
            now=SystemClock().now,
        )
        examined = Doctor(
            store=held.store, keyring=held.keyring, ledger=ledger, keys=held.verifiers
        )
        damages = examined.heal(_progress) if heal else examined.examine(_progress)
        rows = check_rows(held.store, ledger, whole=everything, progress=_progress)
        findings = check_up(
            held.config, held.store, held.verifiers, held.trust, SystemClock().now()
        )
    _show([*damages, *rows], findings, output, healed=heal, own=held.origin)
    if rows or findings or (damages and not heal):
        raise typer.Exit(Exit.FINDINGS)


def _progress(origin: Origin, done: int, size: int) -> None:
    render.say(f"{origin}: {done} / {size}")


def _show(
    damages: list[Damage], findings: list[Finding], output: Format, *, healed: bool, own: Origin
) -> None:
    recover = healed and any(d.origin == own and d.part == LEAVES for d in damages)
    if output is Format.JSON:
        found = [asdict(damage) for damage in damages]
        beside = [asdict(finding) for finding in findings]
        render.write_json(
            {"damages": found, "findings": beside, "healed": healed, "recover": recover}
        )
        return
    for finding in findings:
        render.write_line(f"{finding.code}: {finding.message}")
    if not damages:
        if not findings:
            render.write_line("完好 sound")
        return
    render.write_table("", _DAMAGES, [asdict(damage) for damage in damages])
    if all(damage.part == ROWS for damage in damages):
        render.say("huxin rebuild 重新派生 / huxin rebuild makes the rows anew")
    elif not healed:
        render.say("先停止节点，再 huxin doctor --heal / stop the node, then huxin doctor --heal")
    else:
        render.say("已修复；缺少的由成员补回 / healed; what is missing comes from peers")
    if recover:
        render.say("启动节点后 huxin recover / start the node, then huxin recover")
