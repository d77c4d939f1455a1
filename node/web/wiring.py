"""The HTTP server of a configuration, whoever its calls go to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from node.charters.join_door import JoinDoor
from node.directory.config import HttpSection, LogsSection
from node.system.clock import SystemClock, monotonic
from node.web import openapi, tls
from node.web.app import Application
from node.web.calls import Calls
from node.web.figures import Figures
from node.web.log_app import LogApplication
from node.web.log_calls import LogFiles, WitnessCalls
from node.web.node_channel import Caller
from node.web.server import HttpServer
from node.web.uploads import Uploads

UPLOADS: Final = "uploads"
"""Folder of files that come in over HTTP."""
OPERATORS: Final = 4
"""Threads on which operations call the node; departments have their own."""


def serve_http(
    section: HttpSection,
    directory: Path,
    calls: Calls,
    registry: CollectorRegistry,
    node: Caller,
    beside: Callable[[ASGIApp], ASGIApp] | None = None,
) -> HttpServer:
    """Start the server of `[http]`; the caller closes it.

    Args:
        section: with an address to listen on.
        directory: the node's, in which files are named.
        calls: the node, as departments ask it.
        registry: for the figures.
        node: the node, as operations call it.
        beside: makes, of the application, what answers at every path that is not its own.

    Raises:
        ConfigError: the certificate.
        OSError: the address.
    """
    certificates = None
    if section.cert:
        files = tls.Files(certificate=directory / section.cert, key=directory / section.key)
        certificates = tls.Certificates(files)
    figures = Figures(registry)
    host, _, port = section.listen.rpartition(":")
    operators = ThreadPoolExecutor(OPERATORS, thread_name_prefix="http-operator")
    return HttpServer(
        (host.strip("[]"), int(port)),
        lambda threads: Application(
            calls,
            threads=threads,
            figures=figures,
            description=openapi.document(),
            node=node,
            operators=operators,
            beside=beside,
            uploads=Uploads(directory / UPLOADS, section.upload_bytes),
        ),
        figures=figures,
        context=certificates.context if certificates else None,
        more=(operators,),
    )


def serve_logs(
    section: LogsSection,
    directory: Path,
    calls: tuple[LogFiles, WitnessCalls],
    registry: CollectorRegistry,
    *,
    identity: Callable[[], tls.Identity],
    members: Callable[[], Iterable[bytes]],
) -> HttpServer:
    """Start the server of `[logs]`; the caller closes it.

    Args:
        section: with an address to listen on.
        directory: the node's, in which files are named.
        calls: the node's logs, and its witness.
        registry: for the figures.
        identity: the node's own certificate, where the section names none.
        members: certificates that members may show, DER.

    Raises:
        ConfigError: the certificate.
        OSError: the address.
    """
    files = None
    if section.cert:
        files = tls.Files(certificate=directory / section.cert, key=directory / section.key)
    contexts = None if section.plain else tls.MemberContexts(identity, members, files)
    figures = Figures(registry, "huxin_logs")
    joining = JoinDoor(directory, now=SystemClock().now, monotonic=monotonic)
    host, _, port = section.listen.rpartition(":")
    return HttpServer(
        (host.strip("[]"), int(port)),
        lambda threads: LogApplication(*calls, joining, threads=threads, figures=figures),
        figures=figures,
        context=contexts.context if contexts else None,
    )
