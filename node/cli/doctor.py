"""`huxin doctor`: the one command of a bad morning.

Reads and proves everything stored, heals what a disk has changed, looks at all beside it, and asks
the node where one runs. What is found stands in groups, each with what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from federation.errors import FederationError
from federation.ids import Origin
from node.cli import render
from node.cli.client import OURS, Exit, code_and_advice, failures, reached
from node.cli.language import english, say_in
from node.cli.offline_node import open_held
from node.cli.options import Directory, Format, OutputFormat, node_directory
from node.cli.peer_walk import walk_to
from node.cli.status import read_status
from node.codec import ProtobufPayloads
from node.directory.presence import NotReadyError, RunningError, locked
from node.documents.status_summary import OF_THEMSELVES, ordered
from node.log.ledger import Ledger
from node.log.soundness import LEAVES, Damage
from node.network.errors import UnavailableError
from node.status.job_runs import code_of
from node.system.clock import SystemClock
from node.texts.messages import spoken
from node.upkeep.checkup import Finding, check_up
from node.upkeep.doctor import Doctor
from node.upkeep.morning import (
    UNANSWERED,
    Group,
    Row,
    grouped,
    of_backups,
    of_catalogs,
    of_joining,
    of_provider,
    unopened,
)
from node.upkeep.row_check import check_rows

_LATER: Final = "看节点日志 / look at its log: journalctl -u huxin@…"
_NO_NODE: Final = "节点未运行，未查 / not looked at, no node runs"
_SILENT: Final = "节点未答复，未查 / not looked at, the node does not answer"
_UNOPENED: Final = "目录读不出，未查 / not looked at, for the directory cannot be read"
_GROUPS: Final = {
    "configuration": "配置 / configuration",
    "keys": "密钥与权限 / keys and modes",
    "charters": "证书与章程 / certificates and charters",
    "storage": "存储 / storage",
    "sources": "数源 / sources",
    "backups": "备份与演练 / backups and drills",
    "catalogs": "目录与法人库 / catalogs and library",
    "joining": "加入申请 / requests to join",
    "clock": "时间 / clock",
    "peers": "成员与日志 / peers and logs",
    "reliefs": "修复与转办 / reliefs and requests",
    "outcomes": "惩戒反馈 / outcomes",
    "platforms": "平台 / platforms",
    "node": "节点 / node",
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
    """检查存储与周边，分组列出、写明办法 / Check all that is stored and around it, in groups."""
    path = node_directory(directory)
    if peer:
        walk_to(path, peer, output)
        return
    with failures(), ExitStack() as stack:
        if heal:
            stack.enter_context(locked(path))
        try:
            held = stack.enter_context(open_held(path))
        except OURS as error:
            _cannot_open(path, error, output, healed=heal)
            raise typer.Exit(Exit.FINDINGS) from error
        ledger = Ledger(
            keyring=held.keyring,
            payloads=ProtobufPayloads(),
            trust=lambda: held.trust,
            now=SystemClock().now,
        )
        examined = Doctor(
            store=held.store, keyring=held.keyring, ledger=ledger, keys=held.verifiers
        )
        now = SystemClock().now()
        damages = examined.heal(_progress) if heal else examined.examine(_progress)
        rows = check_rows(held.store, ledger, whole=everything, progress=_progress)
        findings = check_up(held.config, held.store, held.verifiers, held.trust, now, held.marks)
        stated = [
            *of_backups(path, now),
            *of_catalogs(held.config, held.store, held.trust, now),
            *of_provider(held.config, SystemClock()),
            *of_joining(path, held.in_force),
        ]
        left = [*rows] if heal else [*damages, *rows]
        status = None if heal else asked(path)
        groups = grouped(findings, left, stated, status)
    silent = status is not None and UNANSWERED in status
    reason = _SILENT if silent else _NO_NODE
    _show([*damages, *rows], findings, groups, output, healed=heal, own=held.origin, reason=reason)
    if any(_needs_a_hand(row) for group in groups for row in group.rows):
        raise typer.Exit(Exit.FINDINGS)


def _cannot_open(path: Path, error: Exception, output: Format, *, healed: bool) -> None:
    """Tell what keeps the directory from being read, in its group; nothing else can be looked at.

    A node that runs there goes on by what it read when it started, and says how it is.
    """
    code, advice = code_and_advice(error)
    row = Row(code=code, message=str(error), fix=advice)
    _show([], [], unopened(row, None if healed else asked(path)), output, healed=False, own=None)


def asked(path: Path) -> dict[str, Any] | None:
    """The status of the node that runs there, or why it does not answer; None where none does."""
    try:
        with locked(path):
            return None
    except RunningError:
        pass
    try:
        with reached(path) as node:
            return read_status(node)
    except (FederationError, UnavailableError, NotReadyError) as error:
        problem = {"code": code_of(error), "message": str(error), "fix": _LATER}
        return {"problems": [problem], UNANSWERED: True}


def _needs_a_hand(row: Row) -> bool:
    return row.code not in OF_THEMSELVES


def _progress(origin: Origin, done: int, size: int) -> None:
    render.say(f"{origin}: {done} / {size}")


def _show(
    damages: list[Damage],
    findings: list[Finding],
    groups: list[Group],
    output: Format,
    *,
    healed: bool,
    own: Origin | None,
    reason: str = _UNOPENED,
) -> None:
    recover = healed and any(d.origin == own and d.part == LEAVES for d in damages)
    if output is Format.JSON:
        render.write_json(
            {
                "damages": [asdict(damage) for damage in damages],
                "findings": [asdict(finding) for finding in findings],
                "groups": [
                    {
                        "name": group.name,
                        "looked": group.looked,
                        "problems": [asdict(row) for row in group.rows],
                    }
                    for group in groups
                ],
                "healed": healed,
                "recover": recover,
            }
        )
        return
    for group in groups:
        if group.rows:
            render.write_line(f"【{say_in(_GROUPS[group.name])}】")
            problems = ordered([asdict(row) for row in group.rows], whole="huxin doctor -o json")
            render.write_problems([{**one, "message": _in_words(one)} for one in problems])
    well = [group for group in groups if group.looked and not group.rows]
    _list("正常 / well", well)
    _list(reason, [group for group in groups if not group.looked])
    if healed and damages:
        render.say("已修复；缺少的由成员补回 / healed; what is missing comes from peers")
    if recover:
        render.say("启动节点后 huxin recover / start the node, then huxin recover")


def _list(what: str, groups: list[Group]) -> None:
    if groups:
        names = (", " if english() else "、").join(say_in(_GROUPS[one.name]) for one in groups)
        render.write_text(f"{say_in(what)}{': ' if english() else '：'}{names}")


def _in_words(problem: Mapping[str, str]) -> str:
    return spoken(problem["code"], problem["message"], english=english())
