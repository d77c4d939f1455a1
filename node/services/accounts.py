"""Accounts of people and their sessions, on the Unix socket only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import accounts_pb2 as pb
from huxin.v1.accounts_pb2_grpc import AccountsServicer

from federation.ids import Date
from federation.screening.roles import Asker
from node.access.credentials import Wanted
from node.access.provider_sessions import CameBack
from node.access.signing_in import SignIn
from node.network.errors import answering, check_request
from node.services.access import roles_of
from node.services.askers import Askers, token_of
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.accounts_pb2_grpc import _ServicerContext


class AccountDesk(Protocol):
    """What is needed of `node.access.accounts.Accounts`; blocks."""

    def made(
        self, asker: Asker, wanted: Wanted, name: str, post: str, subject: str = ""
    ) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """Make one; its document, and what is shown once."""
        ...

    def reset(
        self, asker: Asker, name: str, by: str
    ) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """Give it another first password."""
        ...

    def revoked(self, asker: Asker, name: str, by: str) -> Mapping[str, Any]:
        """End one."""
        ...

    def listed(self, asker: Asker) -> Sequence[Mapping[str, Any]]:
        """All of them."""
        ...

    def names(self) -> list[str]:
        """Whose an account is, or was."""
        ...

    def of_credential(self, credential: str) -> str:
        """The name of the account that has a credential; empty: none."""
        ...


class Sessions(Protocol):
    """What is needed of `node.access.signing_in.SigningIn`; blocks."""

    def opened(self, asked: SignIn) -> Mapping[str, Any]:
        """Open a session."""
        ...

    def closed(self, token: str) -> None:
        """End the session of a token."""
        ...


class ProviderSessions(Protocol):
    """What is needed of `node.access.provider_sessions.ProviderSignIn`; blocks."""

    def begun(self) -> Mapping[str, Any]:
        """Begin a session by the identity provider."""
        ...

    def opened(self, came: CameBack) -> Mapping[str, Any]:
        """Open the session of who came back from there."""
        ...


class AccountsService(AccountsServicer):
    """Accounts and sessions."""

    def __init__(
        self,
        *,
        desk: AccountDesk,
        sessions: Sessions,
        provider: ProviderSessions,
        askers: Askers,
        readers: Executor,
        check_known: Callable[[Wanted], None],
    ) -> None:
        """Wire the service.

        Args:
            desk: makes and ends accounts.
            sessions: opens and closes sessions.
            provider: opens those of who signs in by the identity provider.
            askers: who makes a call.
            readers: threads in which all this runs.
            check_known: refuses matters that the catalog of today lacks.
        """
        self._desk = desk
        self._sessions = sessions
        self._provider = provider
        self._askers = askers
        self._readers = readers
        self._check_known = check_known

    async def NewAccount(  # noqa: N802 - the name in the .proto file
        self, request: pb.NewAccountRequest, context: _ServicerContext
    ) -> pb.NewAccountResponse:
        """Make one."""
        async with answering(context, operator=True):
            check_request(request)
            asker = self._askers.of(context)
            wanted = Wanted(
                department=request.unit,
                roles=roles_of(request.roles),
                matters=frozenset(request.matters),
                purposes=frozenset(request.purposes),
                budget=request.budget,
                expires_on=Date(request.expires_on),
                by=request.by,
                account=True,
            )
            await in_thread(self._readers, self._check_known, wanted)
            found, once = await in_thread(
                self._readers,
                self._desk.made,
                asker,
                wanted,
                request.name,
                request.post,
                request.subject,
            )
            return pb.NewAccountResponse(json=_json(found), **once)

    async def ListAccounts(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListAccountsRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ListAccountsResponse]:
        """All of them."""
        async with answering(context, operator=True):
            check_request(request)
            asker = self._askers.of(context)
            for one in await in_thread(self._readers, self._desk.listed, asker):
                yield pb.ListAccountsResponse(json=_json(one))

    async def RevokeAccount(  # noqa: N802 - the name in the .proto file
        self, request: pb.RevokeAccountRequest, context: _ServicerContext
    ) -> pb.RevokeAccountResponse:
        """End one."""
        async with answering(context, operator=True):
            check_request(request)
            asker = self._askers.of(context)
            found = await in_thread(
                self._readers, self._desk.revoked, asker, request.name, request.by
            )
            return pb.RevokeAccountResponse(json=_json(found))

    async def ResetAccount(  # noqa: N802 - the name in the .proto file
        self, request: pb.ResetAccountRequest, context: _ServicerContext
    ) -> pb.ResetAccountResponse:
        """Give one another first password."""
        async with answering(context, operator=True):
            check_request(request)
            asker = self._askers.of(context)
            found, once = await in_thread(
                self._readers, self._desk.reset, asker, request.name, request.by
            )
            return pb.ResetAccountResponse(json=_json(found), **once)

    async def OpenSession(  # noqa: N802 - the name in the .proto file
        self, request: pb.OpenSessionRequest, context: _ServicerContext
    ) -> pb.OpenSessionResponse:
        """Open one."""
        async with answering(context):
            check_request(request)
            asked = SignIn(
                name=request.name,
                password=request.password,
                code=request.code,
                new_password=request.new_password,
                device=request.device,
            )
            found = await in_thread(self._readers, self._sessions.opened, asked)
            return pb.OpenSessionResponse(json=_json(found))

    async def BeginProviderSession(  # noqa: N802 - the name in the .proto file
        self, request: pb.BeginProviderSessionRequest, context: _ServicerContext
    ) -> pb.BeginProviderSessionResponse:
        """Begin one by the identity provider."""
        async with answering(context):
            check_request(request)
            found = await in_thread(self._readers, self._provider.begun)
            return pb.BeginProviderSessionResponse(json=_json(found))

    async def FinishProviderSession(  # noqa: N802 - the name in the .proto file
        self, request: pb.FinishProviderSessionRequest, context: _ServicerContext
    ) -> pb.FinishProviderSessionResponse:
        """Open the one of who came back from there."""
        async with answering(context):
            check_request(request)
            came = CameBack(
                ticket=request.ticket,
                state=request.state,
                code=request.code,
                issuer=request.issuer,
                error=request.error,
            )
            found = await in_thread(self._readers, self._provider.opened, came)
            return pb.FinishProviderSessionResponse(json=_json(found))

    async def CloseSession(  # noqa: N802 - the name in the .proto file
        self, request: pb.CloseSessionRequest, context: _ServicerContext
    ) -> pb.CloseSessionResponse:
        """End the one whose token comes with the call."""
        async with answering(context):
            check_request(request)
            self._sessions.closed(token_of(context))
            return pb.CloseSessionResponse()


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
