"""Who makes a call: the certificate or the token that came with it, or the operator.

client certificate      on a listener that asks for one: exactly a credential's (AC6)
authorization: Bearer   metadata, once; on the listener for tokens, and on the Unix socket, where
                        somebody else acts for a department (`huxin http`)
nothing                 on the Unix socket the operator, whose file it is; elsewhere refused
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final, Protocol, TypeAlias

import grpc

from federation.errors import RefusedError
from federation.screening.roles import Asker
from node.network.transport import certificate_of

AUTHORIZATION: Final = "authorization"
Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

_BEARER: Final = re.compile(r"[Bb]earer +(\S{1,128})")


_CALL: ContextVar[tuple[Context, Asker] | None] = ContextVar("_CALL", default=None)
"""The call that this task answers, and who makes it: found out once, at the gate."""


class Access(Protocol):
    """What is needed of `node.access.admitting.Access`."""

    def asker_of_token(self, token: str) -> Asker:
        """Who presents this token."""
        ...

    def asker_of_certificate(self, der: bytes) -> Asker:
        """Who presents exactly this certificate."""
        ...

    def local(self) -> Asker:
        """The operator."""
        ...


class Askers:
    """Says who makes a call, anew for each call."""

    def __init__(
        self, access: Access, *, local: bool, seen: Callable[[str, str], None] = lambda *_: None
    ) -> None:
        """Take what knows the credentials.

        Args:
            access: knows them.
            local: of the Unix socket alone.
            seen: told of the caller's address, as gRPC names it, and the id of its credential.
        """
        self._access = access
        self._local = local
        self._seen = seen

    def of(self, context: Context) -> Asker:
        """Who makes this call.

        Raises:
            RefusedError: `access.missing`, `access.unknown`, `access.expired`, `access.revoked`.
            PeerRefusedError: `peer.tls`: not TLS 1.3.
        """
        call = _CALL.get()
        if call is not None and call[0] is context:
            return call[1]
        asker = self._found(context)
        self._seen(context.peer(), asker.credential)
        _CALL.set((context, asker))
        return asker

    def _found(self, context: Context) -> Asker:
        certificate = None if self._local else certificate_of(context)
        said = _said(context)
        if certificate is not None:
            if said:
                message = "证书与令牌只用其一 / expected a certificate or a token, got both"
                raise RefusedError("access.missing", message)
            return self._access.asker_of_certificate(certificate)
        if said:
            return self._access.asker_of_token(bearer(said))
        if self._local:
            return self._access.local()
        raise RefusedError("access.missing", "未出示凭据 / expected a credential, got none")


def token_of(context: Context) -> str:
    """The token that came with a call.

    Raises:
        RefusedError: `access.missing`: none.
    """
    return bearer(_said(context))


def _said(context: Context) -> list[str]:
    return [
        value if isinstance(value, str) else value.decode("latin-1")
        for key, value in context.invocation_metadata() or ()
        if key.lower() == AUTHORIZATION
    ]


def bearer(said: list[str]) -> str:
    """The token of a call's metadata.

    Raises:
        RefusedError: `access.missing`: not exactly one of the form `Bearer hx1_…`.
    """
    found = _BEARER.fullmatch(said[0].strip()) if len(said) == 1 else None
    if found is None:
        message = "未出示凭据 / expected authorization: Bearer hx1_…, once"
        raise RefusedError("access.missing", message)
    return found[1]
