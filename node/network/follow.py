"""Drives one `Follow` stream: moves frames between the network and the exchange.

The stream is symmetric, and so is this driver: the side that dialled and the side that was dialled
run the same code over a `Link`. Three tasks share one `_Talk`:

    receive  network → `Exchange.prepare` in the reader pool (of batches, but a few leaves that come
             alone) → a queue of `PREFETCH` frames, so that
             network, checking and storing overlap
    apply    queue → `Exchange.handle` on the writer thread, in order; batches that waited there
             for the writer go into one transaction, as do heads of all streams (`Heads`)
    send     `Exchange.plan` in the reader pool → network; woken by every change

The stream ends with a stable reason when either side is done, when the peer delivers something
false or makes no progress, when storing fails (nothing of the frame is kept), or when the peer is
no longer who the charter says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, TypeVar

import grpc
import structlog

from adapters.errors import AdapterError
from crypto.errors import CryptoError
from federation.errors import FederationError, ReplicationError
from federation.ids import MemberId
from federation.peers.frames import CharterFrame, Frame, HeadFrame, Subscribe
from federation.peers.replication import DeliveredBatch
from node.log.writer import WriteThread
from node.network.heads import Heads
from node.network.rate_limit import RateLimit
from node.peers.prepared import PreparedBatch, PreparedRun, in_runs
from node.peers.session import Session
from node.system.item_errors import is_ended, stray
from node.system.wakeups import Changes

_log = structlog.get_logger()
T = TypeVar("T")

PREFETCH: Final = 4
"""Frames received and checked that wait; as many again may be on their way into the store. Each is
at most a batch of about 1 MiB."""
FEW: Final = 4
"""Leaves of a batch that is not prepared beforehand where nothing else waits."""
GRACE_SECONDS: Final = 5.0
"""How long the storing of what was received may go on after sending failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Times of a stream, in seconds."""

    tick: float = 1.0
    """Looks for heads that are due, and whether the peer stays, at least this often."""
    resubscribe: float = 10.0
    """Asks this often for logs that came to be wanted of this peer."""
    stall: float = 60.0
    """One frame (at most 1.1 MiB) must be taken within this time."""
    idle: float = 300.0
    """A log asked for must show a sign of life; heads are renewed every minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why a stream ended; `code` is stable."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The network side of a stream: frames of the peer, and how to send one.

    A frame of None is a newer peer's and is ignored. `write` returns when the frame is taken.
    """

    frames: AsyncIterator[Frame | None]
    write: Callable[[Frame], Awaitable[None]]


class Following(Protocol):
    """What the driver needs of `node.peers.exchange.Exchange`."""

    def open_session(self, peer: MemberId) -> Session:
        """Begin a stream with a peer."""
        ...

    def close_session(self, session: Session) -> None:
        """Forget a stream."""
        ...

    def subscription(self, session: Session) -> Subscribe | None:
        """What is to be asked of the peer that has not been asked on this stream."""
        ...

    def plan(self, session: Session, *, read: bool = True) -> list[Frame]:
        """What to send next; without `read`, what can be said without reading the store."""
        ...

    def is_quiet(self, session: Session) -> bool:
        """Whether `plan` would have nothing to look at; cheap, on any thread."""
        ...

    def prepare(self, session: Session, frame: Frame) -> Frame | PreparedBatch | None:
        """Do beforehand what of a frame's work needs no store; on any thread.

        None where nothing is left to do.
        """
        ...

    def handle(self, session: Session, frame: Frame | PreparedBatch | PreparedRun | None) -> None:
        """Take a frame; on the writer thread."""
        ...

    def take_head_frames(
        self, heads: Sequence[tuple[Session, HeadFrame]]
    ) -> Sequence[Exception | None]:
        """Take heads of several streams; of each how it failed; on the writer thread."""
        ...

    def blame(self, peer: MemberId, error: ReplicationError) -> None:
        """Count what a peer sent that is no frame; on the writer thread."""
        ...


@dataclass(slots=True, kw_only=True)
class _Talk:
    session: Session
    link: Link
    asks: Callable[[], bool]
    stays: Callable[[], bool]
    wake: asyncio.Event
    received: asyncio.Queue[Frame | PreparedBatch | Ending]
    waiting_since: float | None = None
    """Since when the peer has been silent; None while it is we who are behind."""
    ended: bool = False
    """Whether nothing more is to be sent."""
    gathers: bool = False
    """Whether a head of it waits for those of other streams."""


class Follower:
    """Runs streams; one for the whole node."""

    def __init__(
        self,
        *,
        exchange: Following,
        writer: WriteThread,
        changes: Changes,
        readers: Executor,
        received: Callable[[MemberId, Frame], None],
        timing: Timing,
    ) -> None:
        """Wire the driver.

        Args:
            exchange: the rules.
            writer: where frames are handled.
            changes: rung when some log can be served further.
            readers: threads in which answers are read from the store.
            received: told of each frame, for the counters.
            timing: times of a stream.
        """
        self._exchange = exchange
        self._writer = writer
        self._changes = changes
        self._readers = readers
        self._received = received
        self._timing = timing
        self._heads = Heads(writer=writer, take=exchange.take_head_frames)
        self._pace = RateLimit(lambda: asyncio.get_running_loop().time())
        self._charters: dict[MemberId, asyncio.Lock] = {}
        self._stopping = False

    def stop(self) -> None:
        """End all streams, and every later one at once: the node stops."""
        self._stopping = True
        self._changes.ring()

    async def run(
        self,
        session: Session,
        link: Link,
        *,
        asks: Callable[[], bool],
        stays: Callable[[], bool],
    ) -> Ending:
        """Run a stream until it ends.

        Args:
            session: opened by the caller, and closed by it afterwards.
            link: the network side; ended by the caller afterwards.
            asks: whether logs are to be asked for on this stream; asked again and again.
            stays: whether the peer may still be spoken to; asked again and again.

        Returns:
            Why it ended.
        """
        with self._changes.listen() as wake:
            talk = _Talk(
                session=session,
                link=link,
                asks=asks,
                stays=stays,
                wake=wake,
                received=asyncio.Queue(PREFETCH),
            )
            receive = asyncio.create_task(self._receive(talk))
            apply = asyncio.create_task(_ended(self._apply(talk)))
            send = asyncio.create_task(_ended(self._send(talk)))
            tasks = (receive, apply, send)
            try:
                await asyncio.wait((apply, send), return_when=asyncio.FIRST_COMPLETED)
                if send.done() and send.result().code == "stream.lost":
                    # The peer's own reason arrives on the receiving side, after what it sent.
                    await asyncio.wait((apply,), timeout=GRACE_SECONDS)
                return apply.result() if apply.done() else send.result()
            finally:
                await _let_write_end(talk, send)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self, talk: _Talk) -> None:
        loop = asyncio.get_running_loop()
        try:
            talk.waiting_since = loop.time()
            async for frame in talk.link.frames:
                talk.waiting_since = None
                await self._slow_down(talk, frame)
                if frame is not None:
                    self._received(talk.session.peer, frame)
                    if isinstance(frame, CharterFrame):
                        await self.offer(talk.session, frame)
                    else:
                        await self._put(talk, frame)
                talk.waiting_since = loop.time()
            ending = Ending(code="stream.closed", message="the peer ended the stream")
        except asyncio.CancelledError as error:
            if is_ended():
                raise
            ending = ending_of(stray(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends this stream only
            ending = ending_of(error)
            if isinstance(error, ReplicationError):
                self._blame(talk, error)
        talk.waiting_since = None
        await talk.received.put(ending)

    async def _put(self, talk: _Talk, frame: Frame) -> None:
        """Lay a frame into the queue, with that of its work done that needs no store."""
        prepared: Frame | PreparedBatch | None = frame
        if _is_worth_preparing(frame, alone=talk.received.empty()):
            loop = asyncio.get_running_loop()
            prepared = await loop.run_in_executor(
                self._readers, self._exchange.prepare, talk.session, frame
            )
        if prepared is not None:
            await talk.received.put(prepared)
        if talk.gathers:
            self._heads.hurry()

    async def offer(self, session: Session, frame: CharterFrame) -> None:
        """Offer a charter version to the exchange; the next one may follow it.

        One after the other of each peer, so that a reader thread is all that they take; who sends
        what is refused waits for it.

        Raises:
            StoreError: the database failed; the charters are as they were.
        """
        loop = asyncio.get_running_loop()
        async with self._charters.setdefault(session.peer, asyncio.Lock()):
            new = await loop.run_in_executor(self._readers, self._exchange.prepare, session, frame)
        if session.wasted:
            self._pace.charge(session.peer, session.wasted)
            session.wasted = 0
        if new is not None:
            job = partial(self._exchange.handle, session, new)
            await asyncio.wrap_future(self._writer.submit(job))

    async def _slow_down(self, talk: _Talk, frame: Frame | None) -> None:
        """Let the frames of a peer that sends too many small ones wait."""
        peer = talk.session.peer
        if delay := self._pace.delay(peer, frame):
            if self._pace.to_be_told(peer):
                self._blame(talk, ReplicationError("stream.flood", "more small frames than due"))
            await asyncio.sleep(delay)

    def _blame(self, talk: _Talk, error: ReplicationError) -> None:
        self._writer.submit(partial(self._exchange.blame, talk.session.peer, error))

    async def _apply(self, talk: _Talk) -> Ending:
        while True:
            waiting = [await talk.received.get()]
            while not talk.received.empty():
                waiting.append(talk.received.get_nowait())
            for number, frame in enumerate(runs := in_runs(waiting), 1):
                if isinstance(frame, Ending):
                    return frame
                try:
                    await self._take(talk, frame, last=number == len(runs))
                except Exception as error:  # noqa: BLE001 - whatever it is, it ends this stream
                    return ending_of(error)
                talk.wake.set()

    async def _take(
        self, talk: _Talk, frame: Frame | PreparedBatch | PreparedRun, *, last: bool
    ) -> None:
        if not isinstance(frame, HeadFrame):
            job = partial(self._exchange.handle, talk.session, frame)
            await asyncio.wrap_future(self._writer.submit(job))
            return
        talk.gathers = True
        try:
            alone = last and talk.received.empty()
            await self._heads.take(talk.session, frame, alone=alone)
        finally:
            talk.gathers = False

    async def _send(self, talk: _Talk) -> Ending:
        loop = asyncio.get_running_loop()
        ask_at = loop.time()
        while True:
            talk.wake.clear()
            try:
                if (ending := self._due_ending(talk, loop.time())) is not None:
                    return ending
                ask = loop.time() >= ask_at and talk.asks()
                if ask:
                    ask_at = loop.time() + self._timing.resubscribe
                frames = await self._read(talk.session, ask=ask)
                await self._write(talk, frames)
            except TimeoutError:
                return Ending(code="stream.stalled", message="the peer takes no frame")
            except Exception as error:  # noqa: BLE001 - whatever it is, it ends this stream only
                return ending_of(error)
            if not frames:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._timing.tick):
                        await talk.wake.wait()

    def _due_ending(self, talk: _Talk, now: float) -> Ending | None:
        """Why nothing more is sent, if so."""
        if talk.ended:
            return Ending(code="stream.closed", message="the stream has ended")
        if self._stopping:
            return Ending(code="node.stopping", message="this node stops")
        if not talk.stays():
            return Ending(code="peer.removed", message="the charter changed")
        if self._is_idle(talk, now):
            return Ending(code="stream.idle", message="no sign of life of a log asked for")
        return None

    async def _write(self, talk: _Talk, frames: Sequence[Frame]) -> None:
        for frame in frames:
            if talk.ended:
                break
            async with asyncio.timeout(self._timing.stall):
                await talk.link.write(frame)

    async def _read(self, session: Session, *, ask: bool) -> list[Frame]:
        """What to send next; what is at hand, and nothing at all, cost no turn of a thread."""
        if not ask and (
            (frames := self._exchange.plan(session, read=False)) or self._exchange.is_quiet(session)
        ):
            return frames
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._next, session, ask)

    def _next(self, session: Session, ask: bool) -> list[Frame]:  # noqa: FBT001 - for the executor
        subscribe = self._exchange.subscription(session) if ask else None
        frames = self._exchange.plan(session)
        return frames if subscribe is None else [*subscribe.divided(), *frames]

    def _is_idle(self, talk: _Talk, now: float) -> bool:
        since = talk.waiting_since
        return (
            since is not None and now - since > self._timing.idle and bool(talk.session.subscribed)
        )


def _is_worth_preparing(frame: Frame, *, alone: bool) -> bool:
    """Whether a thread's turn is spared by it: a statement alone is read where it is stored."""
    return isinstance(frame, DeliveredBatch) and (len(frame.leaves) > FEW or not alone)


async def _let_write_end(talk: _Talk, send: asyncio.Task[Ending]) -> None:
    """Let the frame that is being written be taken, if the peer takes it soon.

    gRPC ends no write by cancelling who waits for it, and sends no status while one is under way:
    the peer would not learn why the stream ended.
    """
    talk.ended = True
    talk.wake.set()
    if not send.done() and not is_ended():
        await asyncio.wait((send,), timeout=GRACE_SECONDS)


async def _ended(work: Coroutine[None, None, Ending]) -> Ending:
    """Why work ended; a call whose channel somebody closed raises as if the task were cancelled."""
    try:
        return await work
    except asyncio.CancelledError as error:
        if is_ended():
            raise
        return ending_of(stray(error))


def ending_of(error: Exception) -> Ending:
    """Say why a stream ended by an exception.

    What is neither the peer's, the network's nor the store's is our own fault; it is logged.
    """
    match error:
        case FederationError():
            return Ending(code=error.code, message=str(error))
        case AdapterError():
            _log.error("store failed", code="store.failed", error=str(error))
            return Ending(code="store.failed", message=type(error).__name__)
        case CryptoError():
            return Ending(code="peer.malformed", message=str(error))
        case grpc.aio.AioRpcError():
            message = f"{error.code().name}: {error.details()}"
            return Ending(code="stream.lost", message=message)
        case grpc.aio.UsageError() | grpc.aio.InternalError() | asyncio.InvalidStateError():
            return Ending(code="stream.lost", message="the call has ended")
        case OSError():
            return Ending(code="peer.unreachable", message=type(error).__name__)
        case _:
            _log.error("unexpected error", code="internal", exc_info=error)
            return Ending(code="internal", message=type(error).__name__)
