"""Whose name a call may bring, in whichever field: one table, and the check around all calls.

    V11 over a credential a person says only what is its own: an account speaks in the name of its
        person alone, and no other credential in that of somebody who has an account or a key here,
        nor for several persons, nor for one of two who use a held listing. Where persons have
        keys, what asks for their signed words is theirs, whoever hands it in; who works at the
        node itself types names, where nobody has keys (ADR 0018)

Asked before anything is done. Not asked are names that say of somebody else what stands on paper:
who issues a letter (GW5), whose repair is looked at again, who did it at a department 经办人.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from concurrent.futures import Executor
from typing import Any, Final

import grpc
from google.protobuf.message import Message

from federation.errors import RefusedError
from federation.persons import distinct, normal_person
from federation.reconcile.cases import Verdict
from federation.screening.roles import Asker
from node.network.errors import Context, answering
from node.services.askers import Askers
from node.services.handlers import instead
from node.system.threads import in_thread

NAMES: Final[Mapping[str, str]] = {
    "/huxin.v1.Access/NewCredential": "by",
    "/huxin.v1.Access/RevokeCredential": "by",
    "/huxin.v1.Access/LiftStop": "by",
    "/huxin.v1.Accounts/NewAccount": "by",
    "/huxin.v1.Accounts/ResetAccount": "by",
    "/huxin.v1.Accounts/RevokeAccount": "by",
    "/huxin.v1.Admin/PublishFile": "by",
    "/huxin.v1.Admin/GoOn": "by",
    "/huxin.v1.Admin/ConfirmClock": "by",
    "/huxin.v1.Cases/DecideCase": "person",
    "/huxin.v1.Cases/ProposeEdition": "person",
    "/huxin.v1.Imports/SayWord": "person",
    "/huxin.v1.Platforms/ReleaseRows": "by",
    "/huxin.v1.Queries/ListQueries": "by",
    "/huxin.v1.Registry/Relieve": "approved_by",
    "/huxin.v1.Repairs/DrawRechecks": "by",
    "/huxin.v1.Repairs/KeepRecheck": "by",
}
"""By the call, the field with who says what it does."""
NOT_ASKED: Final = frozenset(
    {
        ("/huxin.v1.Catalogs/ImportEdition", "persons"),
        ("/huxin.v1.Catalogs/ConfirmEntries", "person"),
        ("/huxin.v1.Letters/IssueLetter", "person"),
        ("/huxin.v1.Letters/IssueLetter", "prepared"),
        ("/huxin.v1.Repairs/KeepRecheck", "decided_by"),
        ("/huxin.v1.Screening/ReportOutcome", "person"),
        ("/huxin.v1.Recognitions/ReportBenefitUse", "person"),
    }
)
"""Fields that are not asked here: the catalog's are refused unsigned (AC25), the others name whom
somebody else speaks of."""
_HEARD: Final = frozenset(
    f"/huxin.v1.{name}"
    for name in (
        "Admin/PublishFile",
        "Admin/GoOn",
        "Admin/ConfirmClock",
        "Cases/DecideCase",
        "Imports/SayWord",
        "Platforms/ReleaseRows",
        "Queries/ListQueries",
        "Registry/Relieve",
    )
)
"""Whose names are heard by their signed word in `note`, where persons have keys (V1-V9)."""


class NamesCheck(grpc.aio.ServerInterceptor):
    """Refuses names that are not the caller's (V11)."""

    def __init__(
        self,
        *,
        askers: Askers,
        account: Callable[[str], str],
        accounts: Callable[[], Iterable[str]],
        keys: Collection[str],
        readers: Executor,
    ) -> None:
        """Wire it.

        Args:
            askers: who makes a call.
            account: the name of the account that has a credential; empty: none.
            accounts: names of all accounts; both are asked and block.
            keys: names of those who have a key here.
            readers: threads in which they are.
        """
        self._askers = askers
        self._account = account
        self._accounts = accounts
        self._keys = keys
        self._readers = readers

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:  # noqa: ANN401 - a handler of whatever service
        """See `grpc.aio.ServerInterceptor`."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if method not in NAMES or handler is None:
            return handler

        async def stream(request: Message, context: Context) -> AsyncIterator[Message]:
            await self._ask(method, request, context)
            async for response in handler.unary_stream(request, context):
                yield response

        async def single(request: Message, context: Context) -> Message:
            await self._ask(method, request, context)
            answer: Message = await handler.unary_unary(request, context)
            return answer

        return instead(handler, single=single, stream=stream)

    async def _ask(self, method: str, request: Message, context: Context) -> None:
        async with answering(context, operator=True):
            asker = self._askers.of(context)
            if not (asker.local or self._is_heard(method, request)):
                await in_thread(self._readers, self.check, asker, method, request)

    def check(self, asker: Asker, method: str, request: Message) -> None:
        """See that the names of an unsigned request are the caller's.

        Raises:
            RefusedError: `person.account`, `person.unsigned`.
        """
        said = getattr(request, NAMES[method])
        names = distinct([said] if isinstance(said, str) else said)
        account = self._account(asker.credential)
        if account:
            if any(normal_person(name) != normal_person(account) for name in names):
                message = (
                    f"用本人账户只能以本人名义办理：{account}；他人的由其本人登录，或附上其签名 / "
                    f"expected the name of who is signed in, {account}: others sign in themselves, "
                    "or their signed word comes with it"
                )
                raise RefusedError("person.account", message)
            return
        named = {normal_person(name) for name in (*self._accounts(), *self._keys)}
        if any(normal_person(name) in named for name in names):
            message = (
                "此人在本节点有账户或密钥：须由其本人登录办理，或者附上其签名 / this person has an "
                "account or a key here: expected that it signs in, or its signed word"
            )
            raise RefusedError("person.account", message)
        if len(names) > 1 or getattr(request, "verdict", "") == Verdict.USE:
            message = (
                "凭一个凭据写出的几个姓名不是几个人：各人须用本人的账户办理，或者附上签名 / names "
                "that one credential types are not several persons: expected that each uses an "
                "account of the own, or their signed word"
            )
            raise RefusedError("person.unsigned", message)

    def _is_heard(self, method: str, request: Message) -> bool:
        """Whether signatures say whose names these are, and are asked for where it is done."""
        # A no (IM9), and what a department asked, are taken without one, whatever comes along.
        alone = getattr(request, "refusal", "") or getattr(request, "department", "")
        return bool(self._keys) and method in _HEARD and not alone
