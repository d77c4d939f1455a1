"""`huxin monitor watch|compare`: logs watched by somebody who is no member and keeps no copy."""

from __future__ import annotations

import fcntl
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated, Any, Final

import structlog
import typer
from prometheus_client import CollectorRegistry, generate_latest

from adapters.export.export_files import ExportFolder
from adapters.export.tile_source import TileSource
from adapters.files.atomic import write_atomically
from federation.errors import RefusedError
from federation.ids import ORIGIN_FORM, CharterId, Origin
from node.audit.document import CLEAN, FINDINGS
from node.audit.monitor_report import MonitorFigures, report_document, result_of
from node.audit.monitor_state import (
    MAX_STATE,
    MonitorState,
    format_seen,
    load_state,
    parse_seen,
    save_state,
)
from node.audit.monitoring import Monitor, NamedSource, Other, Round
from node.cli import render
from node.cli.charter.drafts import parse_pin
from node.cli.client import Exit, failures
from node.cli.options import Format, OutputFormat
from node.cli.proof_check import read_chain
from node.codec import ProtobufPayloads
from node.directory.config import Environment
from node.status.metrics import MetricsServer
from node.system.clock import SystemClock
from node.system.failpoints import Failpoints
from node.system.logging import set_up
from node.texts.codes import chinese

INCOMPLETE_EXIT: Final = 2
HOUR: Final = 3600
_LOOPBACK: Final = ("127.0.0.1", "[::1]", "localhost")
_SOURCES: Final = (
    "地址或目录（其下有 charters/、logs/），或 日志=地址 / "
    "Address or folder with charters/ and logs/ below it, or LOG=ADDRESS"
)
_LOGS: Final = {
    "origin": "日志 / log",
    "size": "条目 / entries",
    "vouched_until": "见证至 / vouched until",
}
_SENTENCES: Final = {
    "origin": "日志 / log",
    "index": "序号 / index",
    "code": "代码 / code",
    "what": "情况 / what",
    "source": "来源 / source",
}
_RESULTS: Final = {
    CLEAN: "未发现问题 / nothing is wrong as far as was seen",
    FINDINGS: "发现问题 / something is wrong, and proved",
    "incomplete": "有些情况不能判断，不构成指责 / not all could be seen; an accusation of nobody",
}

_log = structlog.get_logger()
app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="监视：第三方持续核验各日志 / Monitor: logs watched by a third party.",
)

Sources = Annotated[list[str] | None, typer.Argument(metavar="SOURCE", help=_SOURCES)]
StateFile = Annotated[
    Path, typer.Option("--state", metavar="FILE", help="状态文件 / The one file that is kept")
]
Pins = Annotated[
    list[str], typer.Option("--pin", metavar="ID", help="纸质文本上的联盟标识 / Id from paper")
]
Charters = Annotated[
    list[Path] | None,
    typer.Option(
        "--charter",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="章程各版本，来源没有时 / Versions of the charter, where no source has them",
    ),
]
CaFile = Annotated[
    str, typer.Option(metavar="FILE", help="服务器证书的签发者 / PEM of the servers' issuer")
]
CertFile = Annotated[
    str, typer.Option("--cert", metavar="FILE", help="成员证书 / A member's certificate, PEM")
]
KeyFile = Annotated[str, typer.Option("--key", metavar="FILE", help="其密钥 / Its key, PEM")]


@app.command("watch")
def watch(  # noqa: PLR0913 - the options of a command
    sources: Sources = None,
    *,
    state: StateFile,
    pin: Pins,
    charter: Charters = None,
    once: Annotated[
        bool, typer.Option("--once", help="只看一轮，以退出码说明 / One round; tells by exit code")
    ] = False,
    interval: Annotated[
        int, typer.Option(metavar="SECONDS", min=1, max=86_400, help="间隔秒数 / Between rounds")
    ] = 60,
    silent_hours: Annotated[
        int,
        typer.Option(metavar="HOURS", min=1, max=8760, help="多久无人见证为沉默 / Silent after"),
    ] = 24,
    source_seconds: Annotated[
        int,
        typer.Option(
            metavar="SECONDS",
            min=10,
            max=86_400,
            help="每轮每个来源最多用时 / Of a round, a source",
        ),
    ] = 600,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="每轮写出报告 JSON / Report of each round")
    ] = None,
    publish: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="写出所见，供其他监视者比对 / What was seen, for others"),
    ] = None,
    metrics: Annotated[
        Path | None, typer.Option(metavar="FILE", help="指标文本文件 / Figures as a text file")
    ] = None,
    listen: Annotated[
        str,
        typer.Option(metavar="HOST:PORT", help="指标端口，仅本机 / /metrics, this machine only"),
    ] = "",
    other: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE|URL", help="其他监视者的所见 / What other monitors saw"),
    ] = None,
    ca_file: CaFile = "",
    cert: CertFile = "",
    key: KeyFile = "",
    output: OutputFormat = Format.TABLE,
) -> None:
    """持续核验各日志：0 正常，1 有问题，2 不能判断 / Watch logs; --once tells by exit code."""
    set_up("warning")
    if listen and listen.rpartition(":")[0] not in _LOOPBACK:
        message = "--listen: expected 127.0.0.1:PORT, [::1]:PORT or localhost:PORT"
        raise typer.BadParameter(message)
    opening = _Opening(ca_file, cert, key)
    with failures(), ExitStack() as stack:
        stack.enter_context(_alone(state))
        monitor = Monitor(
            _begun(state, pin, charter or []),
            [opening.source(one) for one in sources or ()],
            others=[opening.other(one) for one in other or ()],
            payloads=ProtobufPayloads(),
            now=SystemClock().now,
            silent_seconds=silent_hours * HOUR,
            source_seconds=source_seconds,
        )
        registry = CollectorRegistry()
        figures = MonitorFigures(registry)
        if listen:
            host, _, port = listen.rpartition(":")
            server = MetricsServer(registry, host.strip("[]"), int(port))
            stack.callback(server.close)
        tell = _Telling(state, report, publish, metrics, registry, figures)
        told = _rounds(monitor, tell, interval=interval, once=once)
    if not once:
        return
    _show(told, output)


@app.command("compare")
def compare(
    mine: Annotated[Path, typer.Argument(metavar="STATE", help="本监视者的状态 / Our own state")],
    other: Annotated[
        str,
        typer.Argument(
            metavar="OTHER",
            help="对方的状态或其发布的所见 / The other's state, or what it publishes",
        ),
    ],
    *,
    pin: Pins,
    source: Annotated[list[str] | None, typer.Option(metavar="SOURCE", help=_SOURCES)] = None,
    ca_file: CaFile = "",
    cert: CertFile = "",
    key: KeyFile = "",
    output: OutputFormat = Format.TABLE,
) -> None:
    """比对两个监视者所见：1 发现两段历史，2 不能比对 / Compare what two monitors saw."""
    opening = _Opening(ca_file, cert, key)
    with failures(), _alone(mine):
        held = _begun(mine, pin, [])
        monitor = Monitor(
            held,
            [opening.source(one) for one in source or ()],
            payloads=ProtobufPayloads(),
            now=SystemClock().now,
        )
        told = monitor.compare_now(other, parse_seen(opening.other(other).read()))
        if told.state != held:
            save_state(mine, told.state)
    _show(told, output)


class _Opening:
    """Sources by what was typed."""

    def __init__(self, ca_file: str, cert: str, key: str) -> None:
        if bool(cert) != bool(key):
            message = "--cert, --key: expected both, or neither"
            raise typer.BadParameter(message)
        self._ca_file = ca_file
        self._certificate = (cert, key) if cert else None

    def source(self, text: str) -> NamedSource:
        log, divider, rest = text.partition("=")
        named = bool(divider) and ORIGIN_FORM.fullmatch(log) is not None
        place = rest if named else text
        return NamedSource(name=place, files=self._files(place), log=Origin(log if named else ""))

    def other(self, text: str) -> Other:
        if "://" not in text:
            return Other(name=text, read=lambda: _read(Path(text)))
        files = self._files(text)

        def read() -> bytes:
            data = files.read("", MAX_STATE)
            if data is None:
                message = f"{text}: no such file"
                raise RefusedError("monitor.seen", message)
            return data

        return Other(name=text, read=read)

    def _files(self, place: str) -> ExportFolder | TileSource:
        if "://" not in place:
            return ExportFolder(Path(place))
        return TileSource(place, ca_file=self._ca_file, certificate=self._certificate)


class _Telling:
    """Writes what a round brought: the state first, then what is told of it (MO7)."""

    def __init__(
        self,
        state: Path,
        report: Path | None,
        publish: Path | None,
        metrics: Path | None,
        registry: CollectorRegistry,
        figures: MonitorFigures,
    ) -> None:
        self._state = state
        self._report, self._publish, self._metrics = report, publish, metrics
        self._registry, self._figures = registry, figures
        self._kept: MonitorState | None = None
        self._said: dict[Path, bytes] = {}
        self._failpoints = Failpoints(Environment().failpoint)

    def __call__(self, told: Round) -> None:
        if told.state != self._kept:
            with self._failpoints.at("monitor.save"):
                save_state(self._state, told.state)
            self._kept = told.state
        self._figures.told(told)
        if self._report is not None:
            self._write(self._report, _json(report_document(told)))
        if self._publish is not None:
            self._write(self._publish, format_seen(told.state))
        if self._metrics is not None:
            self._write(self._metrics, generate_latest(self._registry))

    def _write(self, path: Path, data: bytes) -> None:
        if self._said.get(path) != data:
            write_atomically(path, data)
            self._said[path] = data


def _rounds(monitor: Monitor, tell: Callable[[Round], None], *, interval: int, once: bool) -> Round:
    stopped = Event()
    if not once:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
    before = ""
    while True:
        told = monitor.round()
        tell(told)
        result = result_of(told)
        if not once and result != before:
            _log.warning("monitor", code=f"monitor.{result}", result=result)
            before = result
        if once or stopped.wait(interval):
            return told


def _begun(path: Path, pins: list[str], charters: list[Path]) -> MonitorState:
    """The state, with the charters that were handed over where it has none.

    Raises:
        RefusedError: see `load_state`.
        CharterError: the charters do not verify.
    """
    parsed: list[CharterId] = [one for pin in pins if (one := parse_pin(pin)) is not None]
    state = load_state(path, parsed)
    if not charters:
        return state
    if len(parsed) != 1:
        message = "--charter: expected one --pin"
        raise typer.BadParameter(message)
    chain = read_chain(charters, parsed[0])
    held = state.chains.get(parsed[0])
    if chain is None or (held is not None and len(held.versions) >= len(chain.versions)):
        return state
    return MonitorState(
        pins=state.pins,
        chains={**state.chains, parsed[0]: chain},
        logs=state.logs,
        alerts=state.alerts,
        more=state.more,
        forks=state.forks,
    )


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Hold a state for this process; the lock ends with it.

    Raises:
        RefusedError: `monitor.running`: another one works with it.
    """
    path = state.with_name(f".{state.name}.lock")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"{state}: another monitor works with this state"
            raise RefusedError("monitor.running", message) from None
        yield
    finally:
        os.close(descriptor)


def _show(told: Round, output: Format) -> None:
    document = report_document(told)
    if output is Format.JSON:
        render.write_json(document)
    else:
        render.write_table("", _LOGS, document["logs"])
        for part in ("findings", "incomplete"):
            if document[part]:
                render.write_table("", _SENTENCES, [_in_words(one) for one in document[part]])
        render.say(_RESULTS[document["result"]])
    if document["result"] == FINDINGS:
        raise typer.Exit(Exit.FINDINGS)
    if document["result"] != CLEAN:
        raise typer.Exit(INCOMPLETE_EXIT)


def _in_words(one: dict[str, Any]) -> dict[str, Any]:
    said = chinese(one["code"])
    return {**one, "what": f"{said} / {one['message']}" if said else one["message"]}


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_STATE)


def _json(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
