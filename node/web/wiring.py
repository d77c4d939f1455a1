"""The HTTP server of a configuration, whoever its calls go to."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry

from node.directory.config import HttpSection
from node.web import openapi, tls
from node.web.app import Application
from node.web.calls import Calls
from node.web.figures import Figures
from node.web.server import HttpServer


def serve_http(
    section: HttpSection, directory: Path, calls: Calls, registry: CollectorRegistry
) -> HttpServer:
    """Start the server of `[http]`; the caller closes it.

    Args:
        section: with an address to listen on.
        directory: the node's, in which files are named.
        calls: the node.
        registry: for the figures.

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
    return HttpServer(
        (host.strip("[]"), int(port)),
        lambda threads: Application(
            calls, threads=threads, figures=figures, description=openapi.document()
        ),
        figures=figures,
        context=certificates.context if certificates else None,
    )
