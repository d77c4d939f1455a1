"""The service for the node's operator (`huxin …`), on the Unix socket only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import admin_pb2 as pb
from huxin.v1.admin_pb2_grpc import AdminServicer

from federation.errors import StatementError
from federation.ids import MemberId, Origin, StatementId, Timestamp
from federation.names import RELIEFS
from federation.peers.packets import PacketHeader
from node.intake.mapping_trial import TrialInput
from node.intake.row_words import NO_WORDS, RowWords
from node.network.errors import answering, check_request
from node.system.threads import in_thread, watched

if TYPE_CHECKING:
    from huxin.v1.admin_pb2_grpc import _ServicerContext


class Proof(Protocol):
    """A statement with what proves it; `node.records.records.ProofBundle`."""

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
    """What the service needs of `node.records.records.Records`."""

    def proof(self, statement_id: StatementId) -> Proof:
        """Prove one statement."""
        ...


class FileIntake(Protocol):
    """Takes files; blocks."""

    def publish_file(
        self,
        path: Path,
        *,
        kind: str,
        list_type: str,
        mapping: str,
        dry_run: bool,
        full_snapshot: bool,
        source: str,
        progress: Callable[[int], None],
        words: RowWords = NO_WORDS,
    ) -> dict[str, Any]:
        """Take a file; `progress` is told the rows read so far, from this thread."""
        ...

    @property
    def trial(self) -> Trial:
        """Shows what rows would become."""
        ...


class Trial(Protocol):
    """Tries mappings; blocks."""

    def run(
        self,
        tried: TrialInput,
        *,
        mapping: str,
        source: str,
        rows: int,
        progress: Callable[[int], None],
    ) -> dict[str, Any]:
        """Try a mapping; `progress` is told the rows read so far, from this thread."""
        ...


class TrialInputs(Protocol):
    """Finds what a mapping is tried on; `node.platform.desk.PlatformDesk`."""

    def file(self, path: Path) -> TrialInput:
        """Return a file."""
        ...

    def table(self, address: str, table: str, password_file: str) -> TrialInput:
        """Return a table of a database."""
        ...


class ClockConfirmation(Protocol):
    """Trusted time; `node.clocks.desk.ClockDesk`."""

    def report(self) -> dict[str, Any]:
        """What is known of the time."""
        ...

    def confirm(
        self, moment: Timestamp, by: Sequence[str], reason: str, note: str
    ) -> dict[str, Any]:
        """Set it by the word of two persons; returns the report after it."""
        ...


class CharterFolder(Protocol):
    """The charters in the node's directory."""

    def reload(self) -> list[str]:
        """Read them again; returns a line for each charter."""
        ...


class Rotated(Protocol):
    """How a rotation ended; `node.upkeep.rotation.Rotated`."""

    @property
    def number(self) -> int:
        """Of the key under which everything stands now."""
        ...

    @property
    def sealed(self) -> int:
        """Openings sealed anew."""
        ...

    @property
    def lost(self) -> int:
        """Openings that could not be read."""
        ...


class KeyRotation(Protocol):
    """Replaces the opening key; blocks."""

    def rotate(self, progress: Callable[[int], None]) -> Rotated:
        """Rotate; `progress` is told how many openings are sealed anew."""
        ...


class Refilled(Protocol):
    """How a recovery ended; `node.log.recovery.Recovered`."""

    @property
    def size(self) -> int:
        """Leaves of our own log."""
        ...

    @property
    def refilled(self) -> int:
        """Leaves that came back."""
        ...

    @property
    def openings(self) -> int:
        """Openings that came back with them."""
        ...


class LogRecovery(Protocol):
    """Refills our own log from peers, or goes on by the word of persons; blocks."""

    def recover(self, wait_seconds: float, progress: Callable[[int], None]) -> Refilled:
        """Recover; `progress` is told how many leaves are held."""
        ...

    def go_on(self, by: Sequence[str], reason: str, note: str) -> None:
        """Go on without an answer of members."""
        ...


class PacketPart(Protocol):
    """One file of a packet; `node.peers.packets.Part`."""

    @property
    def header(self) -> PacketHeader:
        """What is signed of it."""
        ...

    @property
    def data(self) -> bytes:
        """Its bytes."""
        ...


class PacketFiles(Protocol):
    """Makes and takes packets; blocks."""

    def export(self, member: MemberId, since: Mapping[Origin, int]) -> Iterator[PacketPart]:
        """Make the parts of a packet."""
        ...

    def take(self, data: bytes) -> dict[str, Any]:
        """Take one part; returns what `ImportPacketResponse` holds."""
        ...


class AdminService(AdminServicer):
    """Status, files, proofs, charters, rebuilding, keys, recovery, packets."""

    def __init__(  # noqa: PLR0913 - wired once, in node.servers
        self,
        *,
        status: Callable[[], dict[str, Any]],
        intake: FileIntake,
        records: Proofs,
        charters: CharterFolder,
        rebuild: Callable[[bool], tuple[bool, list[str]]],
        rotation: KeyRotation,
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
            records: proves statements.
            charters: read again on request.
            rebuild: derives all tables again, or only compares; blocks until done.
            rotation: replaces the opening key.
            recovering: refills our own log.
            clock: shows and sets trusted time.
            packets: makes and takes packets.
            platforms: finds what a mapping is tried on.
            readers: threads in which all this runs.
            answered: waits for the answer of members (`node.network.startup_inquiry`).
        """
        self._status = status
        self._intake = intake
        self._records = records
        self._charters = charters
        self._rebuild = rebuild
        self._rotation = rotation
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
            status = await in_thread(self._readers, self._status)
            return pb.GetStatusResponse(json=json.dumps(status, ensure_ascii=False))

    async def PublishFile(  # noqa: N802 - the name in the .proto file
        self, request: pb.PublishFileRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.PublishFileResponse]:
        """Take a file; messages with progress, the last one with the result."""
        async with answering(context, operator=True):
            check_request(request)
            path = _absolute(request.path)

            def take(progress: Callable[[int], None]) -> dict[str, Any]:
                return self._intake.publish_file(
                    path,
                    kind=request.kind,
                    list_type=request.list_type,
                    mapping=request.mapping,
                    dry_run=request.dry_run,
                    full_snapshot=request.full_snapshot,
                    source=request.source,
                    progress=progress,
                    words=RowWords(
                        one_subject=request.one_subject,
                        two_records=request.two_records,
                        other_subjects=request.other_subjects,
                        by=tuple(request.by),
                        reason=request.reason,
                        note=request.note,
                    ),
                )

            if request.kind not in RELIEFS and not request.dry_run:
                await self._answered()
            async for answer in self._told(take):
                yield answer

    async def TryMapping(  # noqa: N802 - the name in the .proto file
        self, request: pb.TryMappingRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.PublishFileResponse]:
        """Try a mapping; messages with progress, the last one with the result."""
        async with answering(context, operator=True):
            check_request(request)
            path = None if request.address else _absolute(request.path)

            def take(progress: Callable[[int], None]) -> dict[str, Any]:
                tried = (
                    self._platforms.table(request.address, request.table, request.password_file)
                    if path is None
                    else self._platforms.file(path)
                )
                return self._intake.trial.run(
                    tried,
                    mapping=request.mapping,
                    source=request.source,
                    rows=request.rows,
                    progress=progress,
                )

            async for answer in self._told(take):
                yield answer

    async def _told(
        self, take: Callable[[Callable[[int], None]], dict[str, Any]]
    ) -> AsyncIterator[pb.PublishFileResponse]:
        rows = 0
        async for step in watched(self._readers, take):
            if isinstance(step, int):
                rows = step
                yield pb.PublishFileResponse(rows_read=rows)
            else:
                result = json.dumps(step, ensure_ascii=False)
                yield pb.PublishFileResponse(rows_read=rows, result_json=result)

    async def GetProof(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetProofRequest, context: _ServicerContext
    ) -> pb.GetProofResponse:
        """Give everything that proves one statement."""
        async with answering(context, operator=True):
            check_request(request)
            bundle = await in_thread(
                self._readers, self._records.proof, StatementId(request.statement_id)
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

    async def ReloadCharters(  # noqa: N802 - the name in the .proto file
        self, request: pb.ReloadChartersRequest, context: _ServicerContext
    ) -> pb.ReloadChartersResponse:
        """Read the charters in the node's directory again."""
        async with answering(context, operator=True):
            check_request(request)
            return pb.ReloadChartersResponse(
                charters=await in_thread(self._readers, self._charters.reload)
            )

    async def Rebuild(  # noqa: N802 - the name in the .proto file
        self, request: pb.RebuildRequest, context: _ServicerContext
    ) -> pb.RebuildResponse:
        """Derive all tables again, or only compare."""
        async with answering(context, operator=True):
            check_request(request)
            equal, differences = await in_thread(self._readers, self._rebuild, request.check_only)
            return pb.RebuildResponse(equal=equal, differences=differences)

    async def RotateKeys(  # noqa: N802 - the name in the .proto file
        self, request: pb.RotateKeysRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.RotateKeysResponse]:
        """Replace the opening key; messages with progress, the last one with the result."""
        async with answering(context, operator=True):
            check_request(request)
            async for step in watched(self._readers, self._rotation.rotate):
                if isinstance(step, int):
                    yield pb.RotateKeysResponse(sealed=step)
                else:
                    yield pb.RotateKeysResponse(
                        sealed=step.sealed, opening_key=step.number, lost=step.lost
                    )

    async def Recover(  # noqa: N802 - the name in the .proto file
        self, request: pb.RecoverRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.RecoverResponse]:
        """Refill our own log from peers; messages with progress, the last one with the result."""
        async with answering(context, operator=True):
            check_request(request)
            async for step in watched(
                self._readers, partial(self._recovering.recover, float(request.wait_seconds))
            ):
                if isinstance(step, int):
                    yield pb.RecoverResponse(size=step)
                else:
                    yield pb.RecoverResponse(
                        size=step.size, refilled=step.refilled, openings=step.openings, done=True
                    )

    async def ExportPacket(  # noqa: N802 - the name in the .proto file
        self, request: pb.ExportPacketRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ExportPacketResponse]:
        """Make a packet, part by part."""
        async with answering(context, operator=True):
            check_request(request)
            since = {Origin(origin): size for origin, size in request.since.items()}
            parts = await in_thread(
                self._readers, self._packets.export, MemberId(request.member), since
            )
            while (part := await in_thread(self._readers, next, parts, None)) is not None:
                yield pb.ExportPacketResponse(
                    data=part.data,
                    packet=part.header.packet.hex(),
                    part=part.header.part,
                    last=part.header.last,
                    leaves=part.header.leaves,
                )

    async def ImportPacket(  # noqa: N802 - the name in the .proto file
        self, request: pb.ImportPacketRequest, context: _ServicerContext
    ) -> pb.ImportPacketResponse:
        """Take one part of a packet."""
        async with answering(context, operator=True):
            check_request(request)
            taken = await in_thread(self._readers, self._packets.take, request.data)
            return pb.ImportPacketResponse(**taken)

    async def GoOn(  # noqa: N802 - the name in the .proto file
        self, request: pb.GoOnRequest, context: _ServicerContext
    ) -> pb.GoOnResponse:
        """Sign on without an answer of members, by the word of persons."""
        async with answering(context, operator=True):
            check_request(request)
            await in_thread(
                self._readers,
                self._recovering.go_on,
                tuple(request.by),
                request.reason,
                request.note,
            )
            return pb.GoOnResponse()

    async def ShowClock(  # noqa: N802 - the name in the .proto file
        self, request: pb.ShowClockRequest, context: _ServicerContext
    ) -> pb.ShowClockResponse:
        """Show trusted time, the machine's, and what members have signed."""
        async with answering(context, operator=True):
            check_request(request)
            return pb.ShowClockResponse(json=json.dumps(self._clock.report()))

    async def ConfirmClock(  # noqa: N802 - the name in the .proto file
        self, request: pb.ConfirmClockRequest, context: _ServicerContext
    ) -> pb.ShowClockResponse:
        """Set trusted time by the word of two persons."""
        async with answering(context, operator=True):
            check_request(request)
            report = await in_thread(
                self._readers,
                self._clock.confirm,
                Timestamp(request.time),
                tuple(request.by),
                request.reason,
                request.note,
            )
            return pb.ShowClockResponse(json=json.dumps(report))


def _absolute(text: str) -> Path:
    path = Path(text)
    if not path.is_absolute():
        raise StatementError("request.invalid", f"path: expected absolute, got {path}")
    return path
