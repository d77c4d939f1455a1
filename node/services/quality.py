"""Quality for the operator (`huxin quality`), on the Unix socket only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from huxin.v1 import quality_pb2 as pb
from huxin.v1.quality_pb2_grpc import QualityServicer

from federation.ids import Date
from node.network.errors import answering, check_request
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.quality_pb2_grpc import _ServicerContext

PIECE: Final = 256 * 1024
"""Characters in one message; a document with its records may be larger than any message."""


class QualityAnswers(Protocol):
    """What the service needs of `node.quality.desk.QualityDesk`; blocks."""

    def quality(
        self, first: Date, last: Date, *, records: bool, shares: bool = False, wait: bool = True
    ) -> dict[str, Any]:
        """Figures of a period."""
        ...


class QualityService(QualityServicer):
    """Figures of a period."""

    def __init__(self, *, desk: QualityAnswers, readers: Executor) -> None:
        """Wire the service; `readers` are the threads in which all this runs."""
        self._desk = desk
        self._readers = readers

    async def GetQuality(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetQualityRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.GetQualityResponse]:
        """Figures of a period, piece by piece."""
        async with answering(context, operator=True):
            check_request(request)
            ask = partial(
                self._desk.quality,
                Date(request.first),
                Date(request.last),
                records=request.records,
                shares=request.shares,
                wait=not request.at_once,
            )
            text = json.dumps(await in_thread(self._readers, ask), ensure_ascii=False)
            for start in range(0, len(text), PIECE):
                yield pb.GetQualityResponse(json=text[start : start + PIECE])
