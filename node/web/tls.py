"""TLS of the HTTP listener: version 1.3 alone, with the city's own certificate (HT6).

Departments know no charter; their systems check an ordinary certificate, issued by the city's
authority for the name that they call. It is read again where its files change, so that a renewal
needs no restart; while the new files cannot be used, the old ones go on.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from node.directory.config import ConfigError

_log = structlog.get_logger()

UNUSABLE: Final = "http.certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """A certificate with its chain, and its key; PEM."""

    certificate: Path
    key: Path


class Certificates:
    """The context of new connections; used by one thread."""

    def __init__(self, files: Files) -> None:
        """Read the files.

        Raises:
            ConfigError: they cannot be used.
        """
        self._files = files
        self._read_at = self._stamps()
        try:
            self._context = self._read()
        except OSError as error:  # ssl.SSLError is one
            message = (
                f"[http] cert, key: expected a certificate and its key, PEM, in "
                f"{files.certificate} and {files.key}, got: {_reason(error)}"
            )
            raise ConfigError(message) from error

    def context(self) -> ssl.SSLContext:
        """Return the context for a connection that is made now."""
        stamps = self._stamps()
        if stamps != self._read_at:
            self._read_at = stamps
            try:
                self._context = self._read()
            except OSError as error:
                _log.warning("certificate not read", code=UNUSABLE, error=_reason(error))
        return self._context

    def _read(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.set_alpn_protocols(["http/1.1"])
        # A key that is encrypted would be asked for on the terminal; here it is a fault.
        context.load_cert_chain(self._files.certificate, self._files.key, password="")
        return context

    def _stamps(self) -> tuple[tuple[int, int, int], ...]:
        return tuple(map(_stamp, (self._files.certificate, self._files.key)))


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _reason(error: OSError) -> str:
    return getattr(error, "reason", None) or error.strerror or type(error).__name__
