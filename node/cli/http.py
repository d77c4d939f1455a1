"""`huxin http`: answer departments over HTTP in a process of its own, beside `huxin serve`.

It speaks to the node's Unix socket and holds no key, no database and no lock: what is broken into
here can at most ask as the callers do, and read what they are answered.
"""

from __future__ import annotations

import signal
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from node.system import tls12_off  # isort: skip - before whatever imports grpc

import structlog
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from node.app.collector import traced
from node.cli.client import failures
from node.cli.options import Directory, node_directory
from node.console.wiring import wire_console
from node.directory.config import ConfigError, HttpSection, load_config
from node.status.metrics import MetricsServer
from node.system.hardening import forbid_core_files
from node.system.logging import set_up
from node.web.node_channel import NodeChannel
from node.web.remote_calls import RemoteCalls
from node.web.wiring import serve_http

_log = structlog.get_logger()


def http(
    *,
    listen: Annotated[
        str,
        typer.Option(
            "--listen",
            metavar="HOST:PORT",
            help="监听地址，缺省为 [http] listen / where to listen; else [http] listen",
        ),
    ] = "",
    metrics: Annotated[
        str,
        typer.Option("--metrics", metavar="HOST:PORT", help="指标地址 / where /metrics is served"),
    ] = "",
    directory: Directory = None,
) -> None:
    """单独运行 HTTP 服务，供部门系统查询 / Serve departments over HTTP, beside the node."""
    tls12_off.require()
    forbid_core_files()
    set_up()
    with failures():
        _serve(node_directory(directory), listen, metrics)


def _serve(directory: Path, listen: str, metrics: str) -> None:
    """Serve until told to stop.

    Raises:
        ConfigError: no address, or one that may not be listened on without TLS.
        OSError: the address cannot be bound.
    """
    config = load_config(directory)
    section = _section(config.http, listen)
    registry, stopped = CollectorRegistry(), Event()
    with ExitStack() as stack:
        stack.enter_context(traced(config))
        node = NodeChannel(directory)
        stack.callback(node.close)
        if metrics:
            host, _, port = metrics.rpartition(":")
            stack.callback(MetricsServer(registry, host.strip("[]"), int(port)).close)
        console = wire_console(section, config.node.name)
        server = serve_http(section, directory, RemoteCalls(node), registry, node, console)
        stack.callback(server.close)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        # Of a reload, of a terminal that closes: nothing is read again, and nobody goes unanswered.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        _log.info("http ready", port=server.port)
        stopped.wait()
        _log.info("http stops")


def _section(configured: HttpSection, listen: str) -> HttpSection:
    chosen = listen or configured.listen
    if not chosen:
        message = "expected --listen HOST:PORT, or listen in [http] of huxin.toml"
        raise ConfigError(message)
    try:
        return HttpSection(**(configured.model_dump() | {"listen": chosen}))
    except ValidationError as error:
        reasons = "; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors())
        message = f"--listen: expected {reasons}"
        raise ConfigError(message) from error
