"""The service between nodes (SPEC.md §9): every call begins with the caller's exact certificate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from huxin.v1 import exchange_pb2 as pb
from huxin.v1.exchange_pb2_grpc import ExchangeServicer

from federation.charters.chain import HeldVersion
from federation.errors import ReplicationError
from federation.ids import MemberId, Origin
from federation.peers.frames import Frame
from federation.peers.openings import PENDING, DeliveredOpening
from federation.peers.replication import MAX_BATCH_BYTES
from node.codec.frames import frame_from_request, frame_to_response, opening_to_proto
from node.codec.held import held_from_proto
from node.log.writer import WriteThread
from node.network.errors import InternalError, UnavailableError, answering, check_request
from node.network.follow import Ending, Follower, Following, Link
from node.network.transport import Doorman, PeerRefusedError
from node.network.witness_door import WitnessDoor

if TYPE_CHECKING:
    from huxin.v1.exchange_pb2_grpc import _ServicerContext

T = TypeVar("T")

STREAMS_OF_ONE: Final = 4
"""Streams of one peer at once: the one that lives, and those whose end was not yet noticed."""
CALLS_OF_ONE: Final = 64
"""Single calls of one peer that are answered or wait for it; a node makes them one by one."""
CALLS_AT_ONCE: Final = 2
"""Of these, answered at once: whoever asks much waits for itself, and not others for it."""
CHARTER_BYTES: Final = 3 * 1024 * 1024
"""Of charters in the answer of GetNode; a message has at most 4 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeInfo:
    """Who this node is, as it tells its peers."""

    region: str
    name: str
    origin: Origin
    version: str
    features: tuple[str, ...] = ()


class Serving(Following, Protocol):
    """What the service needs of `node.peers.exchange.Exchange`."""

    def openings_for(
        self, peer: MemberId, origin: Origin, indices: Sequence[int]
    ) -> list[DeliveredOpening]:
        """What the peer is entitled to, in the order asked."""
        ...

    def add_checkpoint(self, body: bytes) -> bytes:
        """Check, persist, cosign; on the writer thread."""
        ...

    def heads_for(self, peer: MemberId) -> tuple[list[bytes], list[bytes]]:
        """Notes and fork files offered to the peer."""
        ...


class ExchangeService(ExchangeServicer):
    """Serves logs to peers."""

    def __init__(  # noqa: PLR0913 - wired once, in node.app.runtime
        self,
        *,
        info: Callable[[], NodeInfo],
        envelopes: Callable[[MemberId, Sequence[HeldVersion]], Sequence[bytes]],
        exchange: Serving,
        writer: WriteThread,
        follower: Follower,
        doorman: Doorman,
        asks: Callable[[MemberId], bool],
        readers: Executor,
        attest: Callable[[MemberId, bytes], bytes],
        query_witness: Callable[[bytes], bytes] | None = None,
        replaced: Callable[[], bool] = lambda: False,
    ) -> None:
        """Wire the service.

        Args:
            info: who we are.
            envelopes: versions of the charters shared with a peer, without what it holds.
            exchange: the rules.
            writer: where what changes the store runs.
            follower: runs the streams.
            doorman: says who calls.
            asks: whether we ask for a peer's logs on the stream that it dialled.
            readers: threads in which answers are read from the store.
            attest: answers a peer's question about subjects.
            query_witness: cosigns query logs, in such a thread; None: nobody's.
            replaced: whether another host is this node now; then peers are to go there.
        """
        self._info = info
        self._envelopes = envelopes
        self._exchange = exchange
        self._follower = follower
        self._doorman = doorman
        self._asks = asks
        self._readers = readers
        self._attest = attest
        self._replaced = replaced
        self._witness = WitnessDoor(
            statements=exchange.add_checkpoint,
            writer=writer,
            query_logs=query_witness,
        )
        self._streams: dict[MemberId, int] = {}
        self._calls: dict[MemberId, int] = {}
        self._turns: dict[MemberId, asyncio.Semaphore] = {}

    async def GetNode(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetNodeRequest, context: _ServicerContext
    ) -> pb.GetNodeResponse:
        """Say who this node is, with the charters that it shares with the caller."""
        async with answering(context), self._turn(context) as peer:
            check_request(request)
            info = self._info()
            held = [held_from_proto(one) for one in request.held]
            return pb.GetNodeResponse(
                region=info.region,
                name=info.name,
                origin=info.origin,
                version=info.version,
                features=info.features,
                charters=_newest(await self._read(self._envelopes, peer, held)),
            )

    # The stub knows generators only; this is the read/write interface of grpc.aio.
    async def Follow(  # type: ignore[override]  # noqa: N802 - the name in the .proto file
        self, request_iterator: AsyncIterable[pb.FollowRequest], context: _ServicerContext
    ) -> None:
        """Serve and receive logs until one side is done."""
        async with answering(context):
            peer = self._doorman.member(context)
            certificate = self._doorman.certificate(context)
            self._stays(certificate, peer)
            if self._streams.get(peer, 0) >= STREAMS_OF_ONE:
                message = f"expected at most {STREAMS_OF_ONE} streams of one peer"
                raise UnavailableError("stream.many", message)
            self._streams[peer] = self._streams.get(peer, 0) + 1
            try:
                session = await self._read(self._exchange.open_session, peer)
                try:
                    ending = await self._follower.run(
                        session,
                        _link(request_iterator, context),
                        asks=lambda: self._asks(peer),
                        stays=lambda: self._stays(certificate, peer),
                    )
                finally:
                    self._exchange.close_session(session)
            finally:
                self._streams[peer] -= 1
            _raise(ending)

    def _stays(self, certificate: bytes, peer: MemberId) -> bool:
        """Whether a call goes on.

        Raises:
            UnavailableError: `node.stopping`: another host is this node now.
        """
        if self._replaced():
            raise UnavailableError("node.stopping", "another host is this node now")
        return self._doorman.still(certificate, peer)

    async def GetOpenings(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetOpeningsRequest, context: _ServicerContext
    ) -> pb.GetOpeningsResponse:
        """Hand out openings of single leaves; those beyond 1 MiB are pending for the next call."""
        async with answering(context), self._turn(context) as peer:
            check_request(request)
            openings = await self._read(
                self._exchange.openings_for, peer, Origin(request.origin), tuple(request.indices)
            )
            response, total = pb.GetOpeningsResponse(), 0
            for opening in openings:
                total += len(opening.payload)
                fits = total <= MAX_BATCH_BYTES
                response.openings.append(opening_to_proto(opening if fits else PENDING))
            return response

    async def AddCheckpoint(  # noqa: N802 - the name in the .proto file
        self, request: pb.AddCheckpointRequest, context: _ServicerContext
    ) -> pb.AddCheckpointResponse:
        """Cosign a checkpoint as a witness (C2SP tlog-witness)."""
        async with answering(context), self._turn(context) as peer:
            self._stays(self._doorman.certificate(context), peer)
            check_request(request)
            lines = await asyncio.wrap_future(self._witness.submit(request.body, self._readers))
            return pb.AddCheckpointResponse(cosignatures=lines)

    async def ListHeads(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListHeadsRequest, context: _ServicerContext
    ) -> pb.ListHeadsResponse:
        """Show the newest checkpoints of the logs offered to the caller, and the fork files."""
        async with answering(context), self._turn(context) as peer:
            check_request(request)
            checkpoints, forks = await self._read(self._exchange.heads_for, peer)
            return pb.ListHeadsResponse(checkpoints=checkpoints, forks=forks)

    async def AttestSubjects(  # noqa: N802 - the name in the .proto file
        self, request: pb.AttestSubjectsRequest, context: _ServicerContext
    ) -> pb.AttestSubjectsResponse:
        """Say whether codes and names of subjects agree with our base library."""
        async with answering(context), self._turn(context) as peer:
            check_request(request)
            attestation = await self._read(self._attest, peer, request.question)
            return pb.AttestSubjectsResponse(attestation=attestation)

    @asynccontextmanager
    async def _turn(self, context: _ServicerContext) -> AsyncIterator[MemberId]:
        """Who calls, once it is this peer's turn.

        Raises:
            PeerRefusedError: nobody that we know.
            UnavailableError: `calls.many`: it has too many calls waiting already.
        """
        peer = self._doorman.member(context)
        if self._calls.get(peer, 0) >= CALLS_OF_ONE:
            message = f"expected at most {CALLS_OF_ONE} calls of one peer at once"
            raise UnavailableError("calls.many", message)
        self._calls[peer] = self._calls.get(peer, 0) + 1
        try:
            async with self._turns.setdefault(peer, asyncio.Semaphore(CALLS_AT_ONCE)):
                yield peer
        finally:
            self._calls[peer] -= 1

    async def _read(self, ask: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, ask, *arguments)


def _newest(envelopes: Sequence[bytes]) -> list[bytes]:
    """The last envelopes, in order, that fit into the answer; the stream brings all of them."""
    lengths = accumulate(map(len, reversed(envelopes)))
    return list(envelopes[len(envelopes) - sum(total <= CHARTER_BYTES for total in lengths) :])


def _link(requests: AsyncIterable[pb.FollowRequest], context: _ServicerContext) -> Link:
    async def frames() -> AsyncIterator[Frame | None]:
        async for message in requests:
            yield frame_from_request(message)

    async def write(frame: Frame) -> None:
        await context.write(frame_to_response(frame))

    return Link(frames=frames(), write=write)


def _raise(ending: Ending) -> None:
    """Tell the caller why the stream ended; nothing where the caller itself ended it.

    Raises:
        PeerRefusedError: the caller is not who it was.
        UnavailableError: we could not go on; the caller may dial again.
        InternalError: our own fault, of which the caller is told nothing.
        ReplicationError: the caller delivered something that we do not take.
    """
    match ending.code:
        case "stream.closed" | "stream.lost" | "peer.unreachable":
            return
        case "peer.removed":
            raise PeerRefusedError(ending.code, ending.message)
        case "node.stopping" | "stream.idle" | "stream.stalled" | "store.failed":
            raise UnavailableError(ending.code, ending.code)
        case "internal" | "peer.malformed":
            raise InternalError(ending.code, ending.message)
        case _:
            raise ReplicationError(ending.code, ending.message)
