"""`huxin clock`: the time on which erasing what has expired depends."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import admin_pb2 as pb

from crypto.errors import FormatError
from crypto.strict import parse_decimal
from federation.ids import Timestamp
from federation.persons import Sort, clock_body
from node.cli import render
from node.cli.client import failures, services
from node.cli.options import Directory, Format, OutputFormat, node_directory
from node.cli.signing import sign_onto, tell_signers
from node.system.clock import CHINA

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="可信时间：查看、确认 / Trusted time: show, confirm.",
)


LATEST: Final = 253_402_271_999
"""The last second of 9999, Asia/Shanghai."""


def parse_moment(text: str) -> Timestamp:
    """Read a moment: ISO 8601 with offset, or whole seconds since 1970 UTC."""
    try:
        if text.isascii() and text.isdigit():
            return _bounded(parse_decimal(text))
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=CHINA)
        return _bounded(int(moment.timestamp()))
    except (ValueError, OverflowError, FormatError) as error:
        message = "如 2026-11-28T09:30:00+08:00 / such as 2026-11-28T09:30:00+08:00"
        raise typer.BadParameter(message) from error


def _bounded(seconds: int) -> Timestamp:
    if not 0 < seconds <= LATEST:
        message = f"expected a moment between 1970 and 9999, got {seconds} s"
        raise ValueError(message)
    return Timestamp(seconds)


Moment = Annotated[
    Timestamp,
    typer.Option(
        "--time", metavar="TIME", parser=parse_moment, help="现在的时间 / The time that it is now"
    ),
]
Reason = Annotated[str, typer.Option("--reason", help="理由 / Why")]


@app.callback()
def clock() -> None:
    """可信时间 / Trusted time."""


@app.command("show")
def show(*, directory: Directory = None, output: OutputFormat = Format.TABLE) -> None:
    """查看可信时间与各成员签署的时间 / Show trusted time and what members have signed."""
    with services(node_directory(directory)) as node:
        answer = node.admin.ShowClock(pb.ShowClockRequest())
    _write(json.loads(answer.json), output)


@app.command("confirm")
def confirm(
    *,
    moment: Moment,
    by: Annotated[
        list[str] | None, typer.Option("--by", metavar="NAME", help="两人姓名 / Two persons")
    ] = None,
    reason: Reason = "",
    note: Annotated[
        Path | None,
        typer.Option("--note", metavar="FILE", help="两人所签 / What they signed (clock sign)"),
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """由两人确认时间 / Set trusted time by the word of two persons."""
    with failures():
        word = "" if note is None else note.read_text("utf-8")
    with services(node_directory(directory)) as node:
        answer = node.admin.ConfirmClock(
            pb.ConfirmClockRequest(time=moment, by=by or (), reason=reason, note=word)
        )
    _write(json.loads(answer.json), output)


@app.command("sign")
def sign(
    note: Annotated[Path, typer.Argument(metavar="FILE", help="签名文件 / File of the word")],
    *,
    moment: Moment,
    reason: Reason,
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="本人的签名密钥 / Own key")],
    directory: Directory = None,
) -> None:
    """签署时间，第二人在同一文件上续签 / Sign the time; the second person signs the same file."""
    with failures():
        body = clock_body(moment, reason)
        word = sign_onto(note, node_directory(directory), key, Sort.CLOCK, body)
    tell_signers(note, word)


def _write(report: dict[str, Any], output: Format) -> None:
    if output is Format.JSON:
        render.write_json(report)
        return
    shown = dict(report)
    for name in ("trusted", "machine", "voted"):
        if shown[name] is not None:
            shown[name] = datetime.fromtimestamp(shown[name], CHINA).isoformat(sep=" ")
    render.write_document(shown)
