"""Watches 跟踪核查: departments are told when an answer about a subject of their case changes.

On the Unix socket and over TLS. A stream that follows is woken by whatever is written, and looks
now and then besides, since an answer may change by time alone; a page that tells nothing is not
sent. At the doors of departments it ends with the time of a call, and the caller goes on from its
position.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from huxin.v1 import watches_pb2 as pb
from huxin.v1.watches_pb2_grpc import WatchesServicer

from federation.errors import StatementError
from federation.screening.roles import Asker
from federation.screening.watches import FORM
from node.network.errors import answering, check_request
from node.services.askers import Askers
from node.system.threads import in_thread
from node.system.wakeups import Changes

if TYPE_CHECKING:
    from huxin.v1.watches_pb2_grpc import _ServicerContext

LOOK_SECONDS: Final = 10.0
"""How often it is looked for what changes by time alone."""
PAUSE: Final = 2.0
"""Between two looks, as many times as long as the look took, however much is written: who follows
takes at most a third of a processor."""
OPENING_MAX: Final = 256 * 1024 * 1024
"""Bytes of the rows of one opening: a million have room. They are kept until all have come, so that
who sends slowly holds no thread."""


class WatchAnswers(Protocol):
    """What the service needs of `node.screening.watch_desk.WatchDesk`; blocks."""

    @property
    def changes(self) -> Changes:
        """Rings whenever an answer may have changed."""
        ...

    def open(self, asker: Asker, raw: Mapping[str, Any], rows: Iterable[object]) -> dict[str, Any]:
        """Begin to watch subjects; rows are read as they come."""
        ...

    def read(
        self, asker: Asker, number: str, *, after: str = "", size: int = 0, quiet: bool = False
    ) -> dict[str, Any] | None:
        """Read a page; None for one that tells nothing, where that is asked so."""
        ...

    def list(self, asker: Asker) -> list[dict[str, Any]]:
        """The asker's watches."""
        ...

    def close(self, asker: Asker, number: str) -> dict[str, Any]:
        """End a watch."""
        ...


class WatchesService(WatchesServicer):
    """Watches of cases."""

    def __init__(
        self,
        *,
        desk: WatchAnswers,
        askers: Askers,
        readers: Executor,
        follow_seconds: float | None = None,
        most: int | None = None,
    ) -> None:
        """Wire the service.

        Args:
            desk: answers.
            askers: who makes a call.
            readers: threads in which all this runs.
            follow_seconds: after which a stream ends of itself; None: never.
            most: bytes of the rows of one opening; None: `OPENING_MAX`.
        """
        self._desk = desk
        self._askers = askers
        self._readers = readers
        self._follow_seconds = follow_seconds
        self._most = OPENING_MAX if most is None else most

    async def OpenWatch(  # noqa: N802 - the name in the .proto file
        self, request_iterator: AsyncIterator[pb.OpenWatchRequest], context: _ServicerContext
    ) -> pb.OpenWatchResponse:
        """Begin to watch subjects."""
        async with answering(context):
            asker = self._askers.of(context)
            messages = aiter(request_iterator)
            first = await anext(messages, pb.OpenWatchRequest())
            check_request(first)
            terms = _object(first.terms_json) | {"request_id": first.request_id}
            chunks, size = [first.rows_json], 0
            async for message in messages:
                check_request(message)
                size += len(message.rows_json)
                if size > self._most:
                    said = f"至多 {self._most} 字节 / expected rows of at most {self._most} bytes"
                    raise StatementError("watch.subjects", said)
                chunks.append(message.rows_json)
            ask = partial(self._desk.open, asker, terms, _rows(chunks))
            return pb.OpenWatchResponse(json=_json(await in_thread(self._readers, ask)))

    async def ListWatches(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListWatchesRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ListWatchesResponse]:
        """The caller's own watches."""
        async with answering(context):
            check_request(request)
            asker = self._askers.of(context)
            for one in await in_thread(self._readers, self._desk.list, asker):
                yield pb.ListWatchesResponse(json=_json(one))

    async def ReadWatch(  # noqa: N802 - the name in the .proto file
        self, request: pb.ReadWatchRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ReadWatchResponse]:
        """Pages of events from a position on."""
        async with answering(context):
            check_request(request)
            asker, loop = self._askers.of(context), asyncio.get_running_loop()
            ends = None if self._follow_seconds is None else loop.time() + self._follow_seconds
            position, first = request.after, True
            with self._desk.changes.listen() as wake:
                while True:
                    wake.clear()
                    looked = loop.time()
                    look = partial(
                        self._desk.read,
                        asker,
                        request.number,
                        after=position,
                        size=request.page_size,
                        quiet=not first,
                    )
                    page = await in_thread(self._readers, look)
                    pause = PAUSE * (loop.time() - looked)
                    first = False
                    if page is not None:
                        position = page["position"]
                        yield pb.ReadWatchResponse(json=_json(page))
                    if not request.follow:
                        return
                    if page is not None and (page["more"] or page["pending"]):
                        continue
                    if ends is not None and loop.time() >= ends:
                        return
                    with suppress(TimeoutError):
                        await asyncio.wait_for(wake.wait(), _left(ends, loop.time()))
                    await asyncio.sleep(looked + pause - loop.time())

    async def CloseWatch(  # noqa: N802 - the name in the .proto file
        self, request: pb.CloseWatchRequest, context: _ServicerContext
    ) -> pb.CloseWatchResponse:
        """End a watch."""
        async with answering(context):
            check_request(request)
            asker = self._askers.of(context)
            closed = await in_thread(self._readers, self._desk.close, asker, request.number)
            return pb.CloseWatchResponse(json=_json(closed))


def _left(ends: float | None, now: float) -> float:
    """Seconds until it is looked again, whether or not anything was written."""
    return LOOK_SECONDS if ends is None else max(0.0, min(LOOK_SECONDS, ends - now))


def _object(text: str) -> dict[str, Any]:
    """Read one JSON object.

    Raises:
        StatementError: `watch.form`.
    """
    found = _parsed(text)
    if not isinstance(found, dict):
        raise StatementError(FORM, "应为一个 JSON 对象 / expected one JSON object")
    return found


def _rows(chunks: Sequence[str]) -> Iterator[object]:
    """The rows of an opening.

    Raises:
        StatementError: `watch.form`.
    """
    for text in filter(None, chunks):
        found = _parsed(text)
        if not isinstance(found, list):
            raise StatementError(FORM, "各行应为 JSON 数组 / expected an array of rows")
        yield from found


def _parsed(text: str) -> object:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
