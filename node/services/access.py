"""Who may ask, for the node's own people (`huxin access`), on the Unix socket only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import access_pb2 as pb
from huxin.v1.access_pb2_grpc import AccessServicer

from federation.errors import RefusedError
from federation.ids import Date
from federation.screening.enumeration import CASE_SUBJECTS
from federation.screening.roles import Action, Asker, Role
from node.access.credentials import Wanted
from node.access.presenting import certificate_of
from node.network.errors import answering, check_request
from node.services.askers import Access, Askers
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.access_pb2_grpc import _ServicerContext


class AccessDesk(Access, Protocol):
    """What the services need of `node.access.admitting.Access`; the rest blocks."""

    def certificates(self) -> Sequence[bytes]:
        """Client certificates (DER) that count today."""
        ...

    def counts(self, credential: str) -> bool:
        """Whether a credential counts at this moment."""
        ...

    def admit(
        self,
        asker: Asker,
        action: Action,
        *,
        matter: str = "",
        purpose: str = "",
        case: str = "",
        subject_code: str = "",
    ) -> None:
        """Let it be asked."""
        ...

    def made(self, asker: Asker, wanted: Wanted) -> tuple[Mapping[str, Any], str]:
        """Make a credential; the document of it, and its token."""
        ...

    def listed(self, asker: Asker) -> Sequence[Mapping[str, Any]]:
        """All of them."""
        ...

    def shown(self, asker: Asker, credential: str) -> Mapping[str, Any]:
        """One of them."""
        ...

    def revoked(self, asker: Asker, credential: str, by: str) -> Mapping[str, Any]:
        """End one."""
        ...

    def lifted(self, asker: Asker, credential: str, by: str, reason: str) -> Mapping[str, Any]:
        """Let one that was stopped ask again."""
        ...

    def exposed(self, token: str, place: str) -> None:
        """Keep that a token came where others can read it."""
        ...


class AccessService(AccessServicer):
    """Credentials."""

    def __init__(
        self,
        *,
        desk: AccessDesk,
        askers: Askers,
        readers: Executor,
        matters: Callable[[], Mapping[str, str]],
    ) -> None:
        """Wire the service.

        Args:
            desk: makes and ends credentials.
            askers: who makes a call.
            readers: threads in which all this runs.
            matters: names of those of this city's catalog of today, by code.
        """
        self._matters = matters
        self._desk = desk
        self._askers = askers
        self._readers = readers

    async def NewCredential(  # noqa: N802 - the name in the .proto file
        self, request: pb.NewCredentialRequest, context: _ServicerContext
    ) -> pb.NewCredentialResponse:
        """Make one."""
        async with answering(context, operator=True):
            check_request(request)
            asker, wanted = self._askers.of(context), _wanted(request)
            await in_thread(self._readers, self.check_known, wanted)
            found, token = await in_thread(self._readers, self._desk.made, asker, wanted)
            return pb.NewCredentialResponse(json=await self._named(found), token=token)

    def check_known(self, wanted: Wanted) -> None:
        """See that the catalog has the matters: of one that it lacks nobody could ask (AC4).

        Raises:
            RefusedError: `access.value`.
        """
        if not wanted.matters:
            return
        known = self._matters()
        unknown = sorted(wanted.matters - frozenset(known))
        if unknown:
            message = (
                f"目录中没有此事项：{unknown[0]!a}；现有 {'、'.join(sorted(known)) or '无'}；"
                "见 huxin catalog matters / "
                f"expected matters of the catalog, got {unknown[0]!a}: huxin catalog matters"
            )
            raise RefusedError("access.value", message)

    async def ListCredentials(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListCredentialsRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ListCredentialsResponse]:
        """All of them."""
        async with answering(context, operator=True):
            check_request(request)
            asker = self._askers.of(context)
            for one in await in_thread(self._readers, self._desk.listed, asker):
                yield pb.ListCredentialsResponse(json=_json(one))

    async def GetCredential(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetCredentialRequest, context: _ServicerContext
    ) -> pb.GetCredentialResponse:
        """One of them."""
        async with answering(context, operator=True):
            check_request(request)
            asker = self._askers.of(context)
            found = await in_thread(self._readers, self._desk.shown, asker, request.credential)
            return pb.GetCredentialResponse(json=await self._named(found))

    async def RevokeCredential(  # noqa: N802 - the name in the .proto file
        self, request: pb.RevokeCredentialRequest, context: _ServicerContext
    ) -> pb.RevokeCredentialResponse:
        """End one."""
        async with answering(context, operator=True):
            check_request(request)
            asker = self._askers.of(context)
            found = await in_thread(
                self._readers, self._desk.revoked, asker, request.credential, request.by
            )
            return pb.RevokeCredentialResponse(json=await self._named(found))

    async def LiftStop(  # noqa: N802 - the name in the .proto file
        self, request: pb.LiftStopRequest, context: _ServicerContext
    ) -> pb.LiftStopResponse:
        """Let one that was stopped ask again."""
        async with answering(context, operator=True):
            check_request(request)
            asker = self._askers.of(context)
            found = await in_thread(
                self._readers,
                self._desk.lifted,
                asker,
                request.credential,
                request.by,
                request.reason,
            )
            return pb.LiftStopResponse(json=await self._named(found))

    async def _named(self, found: Mapping[str, Any]) -> str:
        """One credential, with what its matters are called by the catalog of today."""
        known = await in_thread(self._readers, self._matters) if found["matters"] else {}
        names = {code: known.get(code, "") for code in found["matters"]}
        return _json({**found, "matter_names": names})


def roles_of(said: Iterable[str]) -> frozenset[Role]:
    """Read roles.

    Raises:
        RefusedError: `access.roles`: no such role.
    """
    named = frozenset(said)
    unknown = sorted(named - set(Role))
    if unknown:
        message = f"没有此角色 / expected one of {', '.join(Role)}, got {unknown[0][:40]!r}"
        raise RefusedError("access.roles", message)
    return frozenset(map(Role, named))


def _wanted(request: pb.NewCredentialRequest) -> Wanted:
    """Read what a credential shall be.

    Raises:
        RefusedError: `access.roles`: no such role.
        RefusedError: `access.certificate`: not one certificate.
    """
    return Wanted(
        department=request.department,
        roles=roles_of(request.roles),
        matters=frozenset(request.matters),
        purposes=frozenset(request.purposes),
        budget=request.budget,
        expires_on=Date(request.expires_on),
        by=request.by,
        case_subjects=request.case_subjects or CASE_SUBJECTS,
        certificate=certificate_of(request.certificate) if request.certificate else b"",
    )


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
