"""Packets on carried media: calls of the operator (part of `huxin.v1.Admin`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import admin_pb2 as pb
from huxin.v1.admin_pb2_grpc import AdminServicer

from federation.ids import MemberId, Origin
from federation.peers.packets import PacketHeader
from node.network.errors import answering, check_request
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.admin_pb2_grpc import _ServicerContext


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


class PacketCalls(AdminServicer):
    """Makes and takes packets."""

    _readers: Executor
    _packets: PacketFiles

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
