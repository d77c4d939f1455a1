"""TLS of the HTTP listener: version 1.3 alone, with the city's own certificate (HT6).

Departments know no charter; their systems check an ordinary certificate, issued by the city's
authority for the name that they call. It is read again where its files change, so that a renewal
needs no restart; while the new files cannot be used, the old ones go on.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import structlog

from node.directory.config import ConfigError

_log = structlog.get_logger()

UNUSABLE: Final = "http.certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """A certificate with its chain, and its key; PEM."""

    certificate: Path
    key: Path


class Identity(Protocol):
    """`node.network.transport.TlsIdentity`."""

    @property
    def key_pem(self) -> bytes:
        """Its key."""
        ...

    @property
    def certificate_pem(self) -> bytes:
        """Its certificate."""
        ...


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
        context = new_context()
        # A key that is encrypted would be asked for on the terminal; here it is a fault.
        context.load_cert_chain(self._files.certificate, self._files.key, password="")
        return context

    def _stamps(self) -> tuple[tuple[int, int, int], ...]:
        return tuple(map(_stamp, (self._files.certificate, self._files.key)))


class MemberContexts:
    """Contexts of a listener that asks for a member's certificate; who has none is let in too.

    The certificates that are let in are those of today's charters; which member has one is asked
    again for each request, byte for byte (`node.network.transport`, T1).
    """

    def __init__(
        self,
        identity: Callable[[], Identity],
        members: Callable[[], Iterable[bytes]],
        files: Files | None,
    ) -> None:
        """Wire it.

        Args:
            identity: the node's own key and certificate, shown where `files` is None.
            members: certificates of members, DER; asked for each connection.
            files: the certificate of the name that others call, read again where it changes.

        Raises:
            ConfigError: the files cannot be used.
        """
        self._identity = identity
        self._members = members
        self._files = None if files is None else Certificates(files)
        self._made_of: object = None
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext:
        """Return the context for a connection that is made now."""
        members = tuple(self._members())
        own = self._identity() if self._files is None else self._files.context()
        if self._context is None or self._made_of != (own, members):
            self._context = self._made(own, members)
            self._made_of = (own, members)
        return self._context

    def _made(self, own: Identity | ssl.SSLContext, members: tuple[bytes, ...]) -> ssl.SSLContext:
        if isinstance(own, ssl.SSLContext):
            context = own
        else:
            context = new_context()
            _load(context, own)
        # A certificate of a member is trusted as itself: what it would issue has no other's bytes.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_mode = ssl.CERT_OPTIONAL
        if members:
            context.load_verify_locations(cadata=b"".join(members))
        return context


def new_context() -> ssl.SSLContext:
    """A server's context without a certificate yet (HT6)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["http/1.1"])
    return context


def _load(context: ssl.SSLContext, own: Identity) -> None:
    """Load a key that is in memory; OpenSSL takes files alone, and this one has no name."""
    descriptor = os.memfd_create("tls")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(own.key_pem + own.certificate_pem)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}", password="")
    finally:
        os.close(descriptor)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _reason(error: OSError) -> str:
    return getattr(error, "reason", None) or error.strerror or type(error).__name__
