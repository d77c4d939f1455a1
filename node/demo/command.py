"""`huxin demo`: six cities and a hub in two alliances on this machine."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Annotated, Any, Final

import typer

from node.cli import render
from node.cli.client import Exit, failures, services
from node.cli.language import Language
from node.cli.options import Format, LanguageOption, OutputFormat
from node.demo.checks import Statuses
from node.demo.console import address, make_logins, told
from node.demo.faults import BREAK, HEAL, Faults, listening, order
from node.demo.founding import check_free
from node.demo.members import DATA, YIBIN
from node.demo.platforms import Platforms
from node.demo.processes import DemoError, Processes
from node.demo.receiver import receiving
from node.demo.report import tell_begin, tell_step, write_report
from node.demo.run import run_demo
from node.demo.servers import install, missing_packages, platform_servers, require
from node.demo.simulated import CLOCK, DISK
from node.demo.words import Words
from node.system.clock import SystemClock
from node.system.entropy import token

_TOLD_SECONDS: Final = 30
_TOKEN_BYTES: Final = 16
_BROKEN: Final = {
    "宜宾": ("宜宾的节点已停。看别的城市怎么说：", "Yibin's node is down. What others say of it:"),
    "hub": (
        "四川的枢纽已停：自贡与宜宾之间没有直连。看它们怎么说：",
        "Sichuan's hub is down; Zigong and Yibin have no direct line. What they say:",
    ),
    CLOCK: ("内江的时钟快了两小时。看它怎么说：", "Neijiang's clock is two hours ahead. Look:"),
    DISK: ("内江的磁盘几乎已满。看它怎么说：", "Neijiang's disk is nearly full. Look:"),
}
_LOOK: Final = (
    "huxin doctor --dir 511000",
    "huxin status --dir 510300",
    "huxin demo heal 宜宾|hub|clock|disk",
)


class Action(StrEnum):
    """What is to happen to a demo that stays up."""

    BREAK = BREAK
    HEAL = HEAL


def demo(
    action: Annotated[
        Action | None,
        typer.Argument(help="break 使演示出故障，heal 恢复 / Break a running demo, or heal it"),
    ] = None,
    what: Annotated[
        str,
        typer.Argument(metavar="[宜宾|hub|clock|disk]", help="哪一种故障 / Which fault"),
    ] = "",
    *,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--dir",
            metavar="DIR",
            help="演示目录，缺省新建临时目录 / A new temporary one by default",
        ),
    ] = None,
    once: Annotated[
        bool | None,
        typer.Option(
            "--once/--stay",
            help="演示完即退出或不退出，缺省看有无终端 / Exit when told, or stay, as at a terminal",
            show_default=False,
        ),
    ] = None,
    platforms: Annotated[
        bool,
        typer.Option(
            "--platforms",
            help="三市平台用两种数据库与 HTTP 服务 / Platforms: two databases, a service",
        ),
    ] = False,
    install_servers: Annotated[
        bool,
        typer.Option(
            "--install",
            help="缺少数据库服务器时用 apt-get 安装（需 root）/ Install missing servers, as root",
        ),
    ] = False,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """在本机演示两个联盟、六市与省级枢纽：列入、交换、修复 / Six cities and a hub here."""
    if action is not None:
        _order(action, what, directory or Path(), output, language)
        return
    place = Path(tempfile.mkdtemp(prefix="huxin-demo-")) if directory is None else directory
    stays = sys.stdin.isatty() if once is None else not once
    render.say(str(place.absolute()))

    def end(document: Mapping[str, Any], statuses: Statuses, processes: Processes) -> None:
        if output is Format.JSON:
            render.write_json(document)
        else:
            stop = ("Ctrl-C" if sys.stdin.isatty() else f"kill {os.getpid()}") if stays else ""
            write_report(document, statuses, language, stop=stop)
        if stays:
            faults = Faults(processes)
            with suppress(KeyboardInterrupt), listening(place, faults.act):
                _keep_telling(place, Words(language), on_screen=output is not Format.JSON)

    try:
        with failures():
            check_free(place)
            with (
                _databases(install_servers=install_servers) if platforms else nullcontext() as found
            ):
                run_demo(
                    place.absolute(),
                    DATA,
                    begins=lambda name: tell_begin(name, language),
                    step=lambda step: tell_step(step, language),
                    end=end,
                    platforms=found,
                    console=stays,
                )
    except DemoError as error:
        render.say_error("demo.failed", str(error), f"见 see {place}/*/serve.log")
        raise typer.Exit(Exit.FINDINGS) from None


def _keep_telling(directory: Path, words: Words, *, on_screen: bool) -> None:
    """Tell how one signs in to the console, again at each Enter; does not return.

    Without a terminal nobody presses Enter or Ctrl-C: it is told again while a code still opens,
    and SIGTERM ends it as Ctrl-C does.
    """
    terminal = sys.stdin.isatty()
    if not terminal:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    tell = render.write_line if on_screen else render.say
    where = address(directory)
    with services(directory / YIBIN.region) as node:
        logins = make_logins(node)
    while True:
        for line in told(where, logins, SystemClock().now(), words, terminal=terminal):
            tell(line)
        if not terminal:
            Event().wait(_TOLD_SECONDS)
        elif not sys.stdin.readline():
            Event().wait()


def _order(action: Action, what: str, directory: Path, output: Format, language: Language) -> None:
    try:
        with failures():
            done = order(directory, action.value, what)
    except DemoError as error:
        render.say_error("demo.absent", str(error), "make demo")
        raise typer.Exit(Exit.UNREACHABLE) from None
    if output is Format.JSON:
        render.write_json({"action": action.value, "fault": what, **done})
        return
    broken = action is Action.BREAK
    told = _BROKEN[what] if broken else (f"{done['name']}已恢复", f"{done['node']} is well again")
    render.write_line(told[0] if language is Language.ZH else told[1])
    if broken:
        for command in _LOOK:
            render.write_line(f"  {command}")


@contextmanager
def _databases(*, install_servers: bool) -> Iterator[Platforms]:
    missing = missing_packages()
    if install_servers and missing:
        render.say(f"apt-get install {' '.join(missing)}")
        install(missing)
        missing = missing_packages()
    require(missing)
    secret = token(_TOKEN_BYTES).hex()
    with platform_servers() as owners, receiving(secret) as receiver:
        yield Platforms(owners, receiver, secret)
