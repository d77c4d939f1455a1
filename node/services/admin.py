"""The service for the node's operator (`huxin …`), on the Unix socket only."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import admin_pb2 as pb

from federation.ids import CharterId, Origin, StatementId, Timestamp
from node.network.errors import answering, check_request
from node.services.clock import ClockCalls, ClockConfirmation
from node.services.files import FileCalls, FileIntake, TrialInputs
from node.services.keys_and_recovery import (
    KeyAndRecoveryCalls,
    KeyRotation,
    LogRecovery,
    LookupReplacing,
)
from node.services.packets import PacketCalls, PacketFiles
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.admin_pb2_grpc import _ServicerContext


class Status(Protocol):
    """The status document; `node.status.report.StatusReport`. Blocks."""

    def __call__(self, *, local_state: bool = False) -> dict[str, Any]:
        """Build it, with the digest of all that is held where that is wanted."""
        ...


class Proof(Protocol):
    """A statement with what proves it; `node.records.proofs.ProofBundle`."""

    @property
    def origin(self) -> Origin:
        """The log."""
        ...

    @property
    def index(self) -> int:
        """The leaf's place there."""
        ...

    @property
    def leaf(self) -> bytes:
        """Its exact bytes."""
        ...

    @property
    def proof(self) -> bytes:
        """The proof file."""
        ...

    @property
    def vkey(self) -> str:
        """Verifier keys, a line each."""
        ...

    @property
    def salt(self) -> bytes | None:
        """Of the opening, where it is held."""
        ...

    @property
    def payload(self) -> bytes | None:
        """Of the opening, where it is held."""
        ...

    @property
    def first_cosigned_at(self) -> Timestamp:
        """Of a relief or receipt: by when it was said; 0 where that is not proved."""
        ...


class Proofs(Protocol):
    """What the service needs of `node.records.proofs.Proofs`."""

    def proof(self, statement_id: StatementId) -> Proof:
        """Prove one statement."""
        ...


class Names(Protocol):
    """What the service needs of `node.records.naming.Naming`."""

    def named(self, prefix: str) -> StatementId:
        """The one statement whose id begins so."""
        ...

    def digits(self, ids: Sequence[StatementId]) -> Sequence[int]:
        """How many digits name each of these."""
        ...


class CharterFolder(Protocol):
    """The charters in the node's directory."""

    def reload(self) -> list[str]:
        """Read them again; returns a line for each charter."""
        ...

    def in_force(self, alliance: CharterId) -> bytes:
        """The envelope of the charter in force of an alliance."""
        ...


class AdminService(FileCalls, KeyAndRecoveryCalls, PacketCalls, ClockCalls):
    """One gRPC service: status, proofs, charters and rebuilding here, the rest by topic."""

    def __init__(  # noqa: PLR0913 - wired once, in node.app.servers
        self,
        *,
        status: Status,
        intake: FileIntake,
        proofs: Proofs,
        names: Names,
        charters: CharterFolder,
        pending: Callable[[], dict[str, Any]],
        rebuild: Callable[[bool], tuple[bool, list[str]]],
        rotation: KeyRotation,
        lookup_keys: LookupReplacing,
        recovering: LogRecovery,
        clock: ClockConfirmation,
        packets: PacketFiles,
        platforms: TrialInputs,
        readers: Executor,
        answered: Callable[[], Awaitable[None]],
    ) -> None:
        """Wire the service.

        Args:
            status: builds the status document.
            intake: takes files.
            proofs: proves statements.
            names: finds statements by the beginning of their ids.
            charters: read again on request.
            pending: builds the document of requests to join that wait.
            rebuild: derives all tables again, or only compares; blocks until done.
            rotation: replaces the opening key.
            lookup_keys: makes the next lookup key ready.
            recovering: refills our own log.
            clock: shows and sets trusted time.
            packets: makes and takes packets.
            platforms: finds what a mapping is tried on.
            readers: threads in which all this runs.
            answered: waits for the answer of members (`node.network.startup_inquiry`).
        """
        self._status = status
        self._intake = intake
        self._proofs = proofs
        self._names = names
        self._charters = charters
        self._pending = pending
        self._rebuild = rebuild
        self._rotation = rotation
        self._lookup_keys = lookup_keys
        self._recovering = recovering
        self._clock = clock
        self._packets = packets
        self._platforms = platforms
        self._readers = readers
        self._answered = answered

    async def GetStatus(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetStatusRequest, context: _ServicerContext
    ) -> pb.GetStatusResponse:
        """Give the status document."""
        async with answering(context, operator=True):
            check_request(request)
            status = await in_thread(
                self._readers, partial(self._status, local_state=request.local_state)
            )
            return pb.GetStatusResponse(json=json.dumps(status, ensure_ascii=False))

    async def GetProof(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetProofRequest, context: _ServicerContext
    ) -> pb.GetProofResponse:
        """Give everything that proves one statement."""
        async with answering(context, operator=True):
            check_request(request)
            bundle = await in_thread(
                self._readers, self._proofs.proof, StatementId(request.statement_id)
            )
            return pb.GetProofResponse(
                origin=bundle.origin,
                index=bundle.index,
                leaf=bundle.leaf,
                proof=bundle.proof,
                vkey=bundle.vkey,
                salt=bundle.salt or b"",
                payload=bundle.payload or b"",
                first_cosigned_at=bundle.first_cosigned_at,
            )

    async def FindStatement(  # noqa: N802 - the name in the .proto file
        self, request: pb.FindStatementRequest, context: _ServicerContext
    ) -> pb.FindStatementResponse:
        """Name the statement whose id begins so."""
        async with answering(context, operator=True):
            check_request(request)
            named = await in_thread(self._readers, self._names.named, request.prefix)
            return pb.FindStatementResponse(statement_id=named)

    async def CountDigits(  # noqa: N802 - the name in the .proto file
        self, request: pb.CountDigitsRequest, context: _ServicerContext
    ) -> pb.CountDigitsResponse:
        """Say how many digits name each of these statements."""
        async with answering(context, operator=True):
            check_request(request)
            ids = [StatementId(one) for one in request.statement_ids]
            digits = await in_thread(self._readers, self._names.digits, ids)
            return pb.CountDigitsResponse(digits=digits)

    async def ReloadCharters(  # noqa: N802 - the name in the .proto file
        self, request: pb.ReloadChartersRequest, context: _ServicerContext
    ) -> pb.ReloadChartersResponse:
        """Read the charters in the node's directory again."""
        async with answering(context, operator=True):
            check_request(request)
            return pb.ReloadChartersResponse(
                charters=await in_thread(self._readers, self._charters.reload)
            )

    async def ListPending(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListPendingRequest, context: _ServicerContext
    ) -> pb.ListPendingResponse:
        """Tell which requests to join wait."""
        async with answering(context, operator=True):
            check_request(request)
            waiting = await in_thread(self._readers, self._pending)
            return pb.ListPendingResponse(json=json.dumps(waiting, ensure_ascii=False))

    async def GetCharter(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetCharterRequest, context: _ServicerContext
    ) -> pb.GetCharterResponse:
        """Hand out the charter in force of an alliance, as its members signed it."""
        async with answering(context, operator=True):
            check_request(request)
            asked = CharterId(request.alliance)
            charter = await in_thread(self._readers, self._charters.in_force, asked)
            return pb.GetCharterResponse(charter=charter)

    async def Rebuild(  # noqa: N802 - the name in the .proto file
        self, request: pb.RebuildRequest, context: _ServicerContext
    ) -> pb.RebuildResponse:
        """Derive all tables again, or only compare."""
        async with answering(context, operator=True):
            check_request(request)
            equal, differences = await in_thread(self._readers, self._rebuild, request.check_only)
            return pb.RebuildResponse(equal=equal, differences=differences)
