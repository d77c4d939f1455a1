"""Runs a wired node: servers, streams to peers, the schedule, and an orderly end.

    start   lock (by the caller) → servers, HTTP → schedule → dialer → health SERVING → node.json
    stop    health NOT_SERVING → node.json gone → dialer and streams → HTTP, servers → workers
            → writer → query store → store

`SIGTERM` and `SIGINT` stop the node within `STOP_SECONDS`; `SIGHUP` reads charters and sources
again.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from functools import partial
from pathlib import Path
from typing import Final

import grpc
import structlog

from federation.ids import MemberId
from node.app.departments import serving_departments
from node.app.parts import Parts
from node.app.servers import Health, local_server, new_health, peer_server
from node.attestation.job import AttestJob
from node.console.wiring import wire_console
from node.directory.presence import NodeFile, announced, socket_path
from node.network.backoff import Backoff
from node.network.dialer import Dialer
from node.network.follow import Follower, Timing
from node.network.newcomer import Newcomer
from node.network.pull import Puller
from node.network.query_witnesses import QueryWitnesses
from node.network.startup_inquiry import expected
from node.network.transport import Doorman
from node.services.exchange import ExchangeService
from node.status.metrics import Metrics, MetricsServer
from node.system.clock import monotonic
from node.system.schedule import Job, Schedule
from node.web.node_channel import NodeChannel
from node.web.wiring import serve_http, serve_logs

_log = structlog.get_logger()

READERS: Final = 8
"""Threads that read the store for peers and people; more would only queue at two cores."""
ANSWER_SECONDS: Final = 30.0
"""After the start, requests wait so long for the first answer of members, then are refused."""
WITNESS_SECONDS: Final = 300
"""Members are asked for the query log's hourly cosignature when it is due."""
GRACE_SECONDS: Final = 5.0
"""Calls under way may take so long to end when the node stops."""
STOP_SECONDS: Final = 20.0
"""An end that takes longer is cut short; the store is safe at every moment."""


class Runtime:
    """One run of a node."""

    def __init__(self, parts: Parts, *, timing: Timing | None = None) -> None:
        """Take the wired parts; the caller holds the directory's lock."""
        self._parts = parts
        self._stop = asyncio.Event()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._metrics = Metrics(status=parts.status, blamed=parts.exchange.blamed, live=self._live)
        self._follower = Follower(
            exchange=parts.exchange,
            writer=parts.writer,
            changes=parts.changes,
            readers=self._readers,
            received=self._metrics.received,
            timing=timing or Timing(),
        )
        self._dialer = Dialer(
            contacts=lambda: () if parts.publisher.replaced else parts.charters.contacts(),
            identities=parts.identities,
            held=parts.charters.held_with,
            exchange=parts.exchange,
            follower=self._follower,
            random=self._random,
            connect_seconds=parts.settings.connect_seconds,
            longest_seconds=parts.settings.retry_longest_seconds,
        )
        self._newcomer = Newcomer(
            chains=lambda: parts.charters.chains,
            own=parts.info().origin,
            identities=parts.identities,
            exchange=parts.exchange,
            writer=parts.writer,
            connect_seconds=parts.settings.connect_seconds,
        )
        self._puller = Puller(
            exchange=parts.exchange,
            writer=parts.writer,
            readers=self._readers,
            live=self._dialer.live,
            backoff=Backoff(clock=monotonic, first_seconds=parts.settings.pull_seconds),
        )

        self._attest = AttestJob(
            attesting=parts.attesting,
            writer=parts.writer,
            readers=self._readers,
            live=self._dialer.live,
            blame=parts.exchange.blame,
        )

        self._query_witnesses = QueryWitnesses(
            cosigned=parts.cosigned, readers=self._readers, live=self._dialer.live
        )

    def stop(self) -> None:
        """Ask the node to end; from the loop's thread."""
        self._stop.set()

    async def run(self, ready: Callable[[NodeFile], None] = lambda _: None) -> None:
        """Run until stopped.

        Args:
            ready: called when everything answers.

        Raises:
            OSError: an address cannot be bound.
            ConfigError: the certificate of `[http]` or `[logs]`.
        """
        directory = self._parts.settings.directory
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._close_parts)
            metrics_port = self._serve_metrics(stack)
            health = await new_health()
            path = stack.enter_context(socket_path(directory))
            port = await self._serve(stack, path, health)
            http_port = self._serve_http(stack)
            logs_port = self._serve_logs(stack)
            departments = await stack.enter_async_context(serving_departments(self._parts))
            await stack.enter_async_context(self._schedule())
            dialing = await stack.enter_async_context(self._dialing())
            stack.enter_context(self._signals())
            node = NodeFile(
                pid=os.getpid(),
                exchange_port=port,
                metrics_port=metrics_port,
                departments_port=departments.certificates,
                department_tokens_port=departments.tokens,
                socket=str(path),
                version=self._parts.info().version,
                http_port=http_port,
                logs_port=logs_port,
            )
            self._parts.asking.expect(ANSWER_SECONDS)
            await health.ready()
            stack.push_async_callback(health.stopping)
            with announced(directory, node):
                _log.info("node ready", member=self._parts.me, port=port)
                ready(node)
                stopping = asyncio.create_task(self._stop.wait())
                await asyncio.wait((stopping, dialing), return_when=asyncio.FIRST_COMPLETED)
                stopping.cancel()
                if dialing.done():
                    dialing.result()
            _log.info("node stops", member=self._parts.me)

    # ------------------------------------------------------------------ the network

    def _serve_metrics(self, stack: AsyncExitStack) -> int:
        address = self._parts.settings.metrics
        if not address:
            return 0
        host, _, port = address.rpartition(":")
        server: MetricsServer = self._metrics.serve(host.strip("[]"), int(port))
        stack.callback(server.close)
        return server.port

    async def _serve(self, stack: AsyncExitStack, path: Path, health: Health) -> int:
        """Start both servers; returns the port for peers."""
        parts = self._parts
        answered = partial(expected, parts.asking)
        local = await local_server(parts, path, self._readers, self._metrics, health, answered)
        stack.push_async_callback(local.stop, GRACE_SECONDS)
        if not parts.settings.listen:
            return 0
        doorman = Doorman(parts.charters.identify)
        service = ExchangeService(
            info=parts.info,
            envelopes=parts.charters.envelopes_for,
            exchange=parts.exchange,
            writer=parts.writer,
            follower=self._follower,
            doorman=doorman,
            asks=self._dialer.must_be_asked_back,
            readers=self._readers,
            attest=parts.attest,
            query_witness=parts.query_witness,
            replaced=lambda: parts.publisher.replaced,
        )
        server, port = peer_server(parts, service, doorman, health)
        await server.start()
        stack.push_async_callback(self._end_peers, server)
        return port

    def _serve_http(self, stack: AsyncExitStack) -> int:
        """Start HTTP in a thread of its own, where it is configured; returns its port."""
        section = self._parts.settings.http
        if not section.listen:
            return 0
        directory = self._parts.settings.directory
        node = NodeChannel(directory)
        stack.callback(node.close)
        server = serve_http(
            section,
            directory,
            self._parts.calls,
            self._metrics.registry,
            node,
            wire_console(section, self._parts.info().name),
        )
        stack.push_async_callback(asyncio.to_thread, server.close)
        return server.port

    def _serve_logs(self, stack: AsyncExitStack) -> int:
        """Show logs to strangers in a thread of its own, where configured; returns its port."""
        parts = self._parts
        section = parts.settings.logs
        if not section.listen:
            return 0
        server = serve_logs(
            section,
            parts.settings.directory,
            parts.shown,
            self._metrics.registry,
            identity=lambda: parts.identities()[0],
            members=lambda: (
                der for contact in parts.charters.contacts() for der in contact.certificates
            ),
        )
        stack.push_async_callback(asyncio.to_thread, server.close)
        return server.port

    async def _end_peers(self, server: grpc.aio.Server) -> None:
        self._follower.stop()
        await server.stop(GRACE_SECONDS)

    @asynccontextmanager
    async def _dialing(self) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(self._dial())
        try:
            yield task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _dial(self) -> None:
        """Keep streams with peers; beside, ask to be let in where no charter names us yet."""
        await asyncio.gather(self._dialer.run(), self._newcomer.run())

    async def _close_parts(self) -> None:
        """Last of all: what was submitted is finished, then the store is closed."""
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await asyncio.to_thread(self._parts.workers.close)
                await asyncio.to_thread(self._parts.writer.close)
                await asyncio.to_thread(self._parts.runs.close)
                await asyncio.to_thread(partial(self._readers.shutdown, cancel_futures=True))
        except TimeoutError:
            _log.warning("stop cut short", code="node.stop-timeout")
        self._parts.queries.close()
        self._parts.store.close()

    def _random(self) -> float:
        return int.from_bytes(self._parts.token(6), "big") / 2**48

    def _live(self) -> tuple[MemberId, ...]:
        return tuple(self._dialer.live())

    # ------------------------------------------------------------------ schedule and signals

    def _schedule(self) -> AbstractAsyncContextManager[None]:
        parts, settings = self._parts, self._parts.settings
        own = (
            # At once: the head has aged while we were away.
            Job(name="head", seconds=settings.head_seconds, run=self._renew_head, at_once=True),
            Job(name="pull", seconds=settings.pull_seconds, run=self._puller.pull),
            Job(name="attest", seconds=settings.pull_seconds, run=self._attest.run),
            Job(name="query-witnesses", seconds=WITNESS_SECONDS, run=self._query_witnesses.run),
        )
        return Schedule(
            jobs=(*own, *parts.jobs),
            runs=parts.runs,
            clock=monotonic,
            wall=parts.clock.now,
            random=self._random,
        ).running()

    async def _renew_head(self) -> None:
        def renew() -> None:
            if self._parts.publisher.renew_head() is not None:
                self._parts.exchange.published()

        await asyncio.wrap_future(self._parts.writer.submit(renew))

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        reloads: set[asyncio.Task[None]] = set()

        def reload() -> None:
            task = asyncio.create_task(self.reload())
            reloads.add(task)
            task.add_done_callback(reloads.discard)

        handlers = {signal.SIGTERM: self.stop, signal.SIGINT: self.stop, signal.SIGHUP: reload}
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        try:
            yield
        finally:
            for number in handlers:
                loop.remove_signal_handler(number)
            for task in reloads:
                task.cancel()

    async def reload(self) -> None:
        """Read charters and sources again; connections follow within a second."""
        try:
            if await asyncio.to_thread(self._parts.reloading.reload):
                _log.info("sources taken")
        except Exception as error:  # noqa: BLE001 - the sources in use stay in use
            code = getattr(error, "code", "config.invalid")
            _log.error("sources not taken", code=code, error=str(error))
        try:
            await asyncio.to_thread(self._parts.charters.reload)
        except Exception as error:  # noqa: BLE001 - the charters in force stay in force
            _log.error("charters not read", code="charter.reload", exc_info=error)
        self._parts.changes.ring()
