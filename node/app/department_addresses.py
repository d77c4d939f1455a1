"""Where departments are served, and how several processes of one node share it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from node.app.parts import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where departments are served; 0 for nowhere."""

    certificates: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """`host:port` for callers with a certificate, and for those with a token; empty for none."""

    certificates: str
    tokens: str

    @classmethod
    def of(cls, settings: Settings) -> Addresses:
        """Those of the configuration."""
        return cls(certificates=settings.departments, tokens=settings.department_tokens)

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self.certificates or self.tokens)

    @property
    def ports(self) -> Ports:
        """Their ports."""
        return Ports(certificates=_port(self.certificates), tokens=_port(self.tokens))

    @contextmanager
    def reserved(self) -> Iterator[Addresses]:
        """Hold both for this node's processes; yields them with the ports that they got.

        The sockets that hold them do not listen, so that the system gives them no connection.

        Raises:
            OSError: one is another program's.
        """
        with ExitStack() as stack:
            yield replace(
                self,
                certificates=_held(stack, self.certificates),
                tokens=_held(stack, self.tokens),
            )


def taken(address: str) -> OSError:
    """What is raised where an address cannot be bound."""
    message = f"{address} ([access]) cannot be listened on; is it another program's?"
    return OSError(errno.EADDRINUSE, message)


def _held(stack: ExitStack, address: str) -> str:
    if not address:
        return ""
    host, _, port = address.rpartition(":")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host.strip("[]") or None, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        holding = stack.enter_context(socket.socket(family, kind, protocol))
        holding.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holding.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holding.bind(place)
    except OSError as error:
        raise taken(address) from error
    return f"{host}:{holding.getsockname()[1]}"


def _port(address: str) -> int:
    return int(address.rpartition(":")[2] or 0)
