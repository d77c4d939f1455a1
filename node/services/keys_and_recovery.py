"""The opening key, and our own log come back: calls of the operator (part of `huxin.v1.Admin`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from huxin.v1 import admin_pb2 as pb
from huxin.v1.admin_pb2_grpc import AdminServicer

from node.network.errors import answering, check_request
from node.system.threads import in_thread, watched

if TYPE_CHECKING:
    from huxin.v1.admin_pb2_grpc import _ServicerContext


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


class LookupReplacing(Protocol):
    """Makes the next lookup key ready; blocks."""

    def replace(self, progress: Callable[[int], None]) -> int:
        """Make its tags; `progress` is told how many. Returns its number."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The lookup key whose tags are ready."""

    number: int


class KeyAndRecoveryCalls(AdminServicer):
    """Replaces keys, recovers, goes on."""

    _readers: Executor
    _rotation: KeyRotation
    _lookup_keys: LookupReplacing
    _recovering: LogRecovery

    async def RotateKeys(  # noqa: N802 - the name in the .proto file
        self, request: pb.RotateKeysRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.RotateKeysResponse]:
        """Replace the opening or lookup key; messages with progress, the last with the result."""
        async with answering(context, operator=True):
            check_request(request)
            if request.lookup:
                async for made, done in self._lookup():
                    yield pb.RotateKeysResponse(tags=made, lookup_key=done)
                return
            async for step in watched(self._readers, self._rotation.rotate):
                if isinstance(step, int):
                    yield pb.RotateKeysResponse(sealed=step)
                else:
                    yield pb.RotateKeysResponse(
                        sealed=step.sealed, opening_key=step.number, lost=step.lost
                    )

    async def _lookup(self) -> AsyncIterator[tuple[int, int]]:
        """Make the next lookup key ready: tags made, then its number."""
        made = 0

        def replace(progress: Callable[[int], None]) -> Ready:
            return Ready(number=self._lookup_keys.replace(progress))

        async for step in watched(self._readers, replace):
            if isinstance(step, int):
                made = step
                yield made, 0
            else:
                yield made, step.number

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
