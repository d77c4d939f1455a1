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
from node.access.presented import Knowing, Presented
from node.network.transport import certificate_of

AUTHORIZATION: Final = "authorization"
CERTIFICATE: Final = "huxin-certificate-bin"
"""Of a call that a worker passes on: its caller's certificate, DER."""
Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

_BEARER: Final = re.compile(r"[Bb]earer +(\S{1,128})")


_CALL: ContextVar[tuple[Context, Asker] | None] = ContextVar("_CALL", default=None)
"""The call that this task answers, and who makes it: found out once, at the gate."""


def presented(context: Context) -> Presented:
    """What the caller of a call over TLS presents.

    Raises:
        RefusedError: `access.missing`: nothing, or both.
        PeerRefusedError: `peer.tls`: not TLS 1.3.
    """
    certificate, said = certificate_of(context), _said(context)
    if certificate is not None:
        if said:
            message = "证书与令牌只用其一 / expected a certificate or a token, got both"
            raise RefusedError("access.missing", message)
        return Presented(certificate=certificate)
    if said:
        return Presented(token=bearer(said))
    raise RefusedError("access.missing", "未出示凭据 / expected a credential, got none")


def passed_on(context: Context) -> Presented:
    """What the caller presents whose call a worker passes on; it has seen to the TLS.

    Raises:
        RefusedError: `access.missing`: nothing.
    """
    for key, value in context.invocation_metadata() or ():
        if key == CERTIFICATE and isinstance(value, bytes):
            return Presented(certificate=value)
    return Presented(token=token_of(context))


def to_pass_on(said: Presented) -> tuple[tuple[str, str | bytes], ...]:
    """The metadata that `passed_on` reads."""
    if said.certificate:
        return ((CERTIFICATE, said.certificate),)
    return ((AUTHORIZATION, f"Bearer {said.token}"),)


class Access(Knowing, Protocol):
    """What is needed of `node.access.admitting.Access`."""

    def local(self) -> Asker:
        """The operator."""
        ...


class Askers:
    """Says who makes a call, anew for each call."""

    def __init__(
        self,
        access: Access,
        *,
        local: bool,
        seen: Callable[[str, str], None] = lambda *_: None,
        presented: Callable[[Context], Presented] = presented,
    ) -> None:
        """Take what knows the credentials.

        Args:
            access: knows them.
            local: of the Unix socket alone.
            seen: told of the caller's address, as gRPC names it, and the id of its credential.
            presented: what a caller presents that is not local.
        """
        self._access = access
        self._local = local
        self._seen = seen
        self._presented = presented

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
        if self._local:
            said = _said(context)
            return (
                Presented(token=bearer(said)).asker(self._access) if said else self._access.local()
            )
        return self._presented(context).asker(self._access)


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
