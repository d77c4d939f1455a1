"""Trusted time: calls of the operator (part of `huxin.v1.Admin`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import admin_pb2 as pb
from huxin.v1.admin_pb2_grpc import AdminServicer

from federation.ids import Timestamp
from node.network.errors import answering, check_request
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.admin_pb2_grpc import _ServicerContext


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


class ClockCalls(AdminServicer):
    """Shows and sets trusted time."""

    _readers: Executor
    _clock: ClockConfirmation

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
