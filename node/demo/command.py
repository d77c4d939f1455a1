"""`huxin demo`: six cities and a hub in two alliances on this machine."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Event
from typing import Annotated, Any, Final

import typer

from node.cli import render
from node.cli.client import Exit, failures
from node.cli.language import Language
from node.cli.options import Format, LanguageOption, OutputFormat
from node.demo.checks import Statuses
from node.demo.founding import check_free
from node.demo.members import DATA
from node.demo.platforms import Platforms
from node.demo.processes import DemoError
from node.demo.receiver import receiving
from node.demo.report import tell_begin, tell_step, write_report
from node.demo.run import run_demo
from node.demo.servers import install, missing_packages, platform_servers, require
from node.system.entropy import token

_TOKEN_BYTES: Final = 16


def demo(
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
        bool, typer.Option("--once", help="演示完即退出 / Exit when the story is told")
    ] = False,
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
    place = Path(tempfile.mkdtemp(prefix="huxin-demo-")) if directory is None else directory
    stays = not once and sys.stdin.isatty()
    render.say(str(place.absolute()))

    def end(document: Mapping[str, Any], statuses: Statuses) -> None:
        if output is Format.JSON:
            render.write_json(document)
        else:
            write_report(document, statuses, language, stays=stays)
        if stays:
            with suppress(KeyboardInterrupt):
                Event().wait()

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
                )
    except DemoError as error:
        render.say_error("demo.failed", str(error), f"见 see {place}/*/serve.log")
        raise typer.Exit(Exit.FINDINGS) from None


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
