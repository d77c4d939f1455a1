"""uvicorn in a thread of its own, with its own event loop and its own threads for calls.

Neither TLS nor parsing of what departments send runs on the loop of the exchange. Connections are
accepted here and not by uvicorn, which sets no bound on their number and none on the time of a TLS
handshake. Where as many stand as may, the one that has waited longest for a request is cut for the
new one: who only holds connections keeps nobody out.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Final, cast

import structlog
import uvicorn
from starlette.types import ASGIApp

from node.web.connections import HEAD_MAX, Connection, Patience
from node.web.figures import Figures

_log = structlog.get_logger()

CONNECTIONS_MAX: Final = 512
BACKLOG: Final = 128
THREADS: Final = 8
"""For calls; more would only queue at two cores."""
GRACE_SECONDS: Final = 5
"""Requests under way may take so long to end when the server stops."""
_REST_SECONDS: Final = 0.1
"""After an accept that failed for want of descriptors."""


class HttpServer:
    """A listening server; `close` ends it."""

    def __init__(
        self,
        address: tuple[str, int],
        make: Callable[[ThreadPoolExecutor], ASGIApp],
        *,
        figures: Figures,
        context: Callable[[], ssl.SSLContext] | None = None,
        patience: Patience | None = None,
        connections: int = CONNECTIONS_MAX,
        more: Sequence[Executor] = (),
    ) -> None:
        """Bind and start.

        Args:
            address: host and port, port 0 for any.
            make: makes the application, with the threads on which calls run.
            figures: what is counted.
            context: of TLS for a new connection; None: plain.
            patience: deadlines of connections.
            connections: how many may stand.
            more: further threads of the application, which end with the server.

        Raises:
            OSError: the address cannot be bound.
        """
        self._more = more
        self._listener = _bound(address)
        self.port = int(self._listener.getsockname()[1])
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="http-call")
        config = uvicorn.Config(
            make(self._threads),
            http="h11",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            h11_max_incomplete_event_size=HEAD_MAX,
            timeout_keep_alive=(patience or Patience()).idle,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        config.load()
        self._server = _Server(
            config, self._listener, context, patience or Patience(), connections, figures
        )
        self._thread = threading.Thread(target=self._run, name="http")
        self._thread.start()

    def close(self) -> None:
        """Take no new requests, let those under way end, and stop; blocks."""
        self._server.should_exit = True
        self._thread.join()
        for threads in (self._threads, *self._more):
            threads.shutdown(cancel_futures=True)

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve(sockets=[self._listener]))
        except Exception as error:  # noqa: BLE001 - the node goes on without it
            _log.error("http ended", code="http.internal", exc_info=error)


class _Server(uvicorn.Server):
    """uvicorn's server, with connections accepted and bounded here."""

    def __init__(
        self,
        config: uvicorn.Config,
        listener: socket.socket,
        context: Callable[[], ssl.SSLContext] | None,
        patience: Patience,
        connections: int,
        figures: Figures,
    ) -> None:
        super().__init__(config)
        self._listener = listener
        self._context = context
        self._patience = patience
        self._most = connections
        self._figures = figures
        self._standing: dict[Connection, None] = {}
        self._greeted: dict[asyncio.Task[None], socket.socket] = {}
        """Connections that are not made yet, the oldest first."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept."""
        del sockets
        # What uvicorn says at each bad request would let callers fill the log.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        self.servers = []
        self._accepting = asyncio.create_task(self._accept())
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, and end as uvicorn does; then cut what is left."""
        self._accepting.cancel()
        for task in self._greeted:
            task.cancel()
        await super().shutdown(sockets)
        for connection in list(self._standing):
            connection.abort("stop")

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, _ = await loop.sock_accept(self._listener)
            except OSError as error:
                _log.warning("no connection taken", code="http.accept", error=error.strerror)
                await asyncio.sleep(_REST_SECONDS)
                continue
            if not self._room():
                self._figures.cut("full")
                accepted.close()
                continue
            task = loop.create_task(self._greet(accepted))
            self._greeted[task] = accepted
            task.add_done_callback(self._greeting_over)
            # Else a flood would leave the loop no turn: what waits is accepted without a pause.
            await (asyncio.sleep(0) if self._context else asyncio.wait((task,)))

    def _room(self) -> bool:
        """Make room for one more; false where all that stand are at work.

        First goes who has asked nothing yet, then who has waited longest since an answer.
        """
        if len(self._standing) + len(self._greeted) < self._most:
            return True
        if self._greeted and self._context:
            oldest = next(iter(self._greeted))
            oldest.cancel()
            self._greeting_over(oldest)
            return True
        waiting = [one for one in self._standing if one.waits]
        if not waiting:
            return False
        longest = min(waiting, key=lambda one: (one.answers > 0, one.since))
        longest.abort("room")
        self._gone(longest)
        return True

    async def _greet(self, accepted: socket.socket) -> None:
        """Make a connection of a socket, with TLS where it is spoken."""
        loop = asyncio.get_running_loop()
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(
            self.config, self.server_state, self._patience, self._figures.cut, self._gone
        )
        context = self._context() if self._context else None
        try:
            await loop.connect_accepted_socket(
                lambda: connection,
                accepted,
                ssl=context,
                ssl_handshake_timeout=self._patience.handshake if context else None,
                ssl_shutdown_timeout=self._patience.flush if context else None,
            )
        except (OSError, TimeoutError):  # no TLS, or none in time, or the caller has gone
            self._figures.cut("handshake")
            return
        del self._greeted[cast("asyncio.Task[None]", asyncio.current_task())]
        if connection in self.server_state.connections:
            self._standing[connection] = None
            self._figures.connections(len(self._standing))

    def _greeting_over(self, task: asyncio.Task[None]) -> None:
        """Close what did not become a connection."""
        accepted = self._greeted.pop(task, None)
        if accepted is not None:
            accepted.close()

    def _gone(self, connection: Connection) -> None:
        self._standing.pop(connection, None)
        self._figures.connections(len(self._standing))


def _bound(address: tuple[str, int]) -> socket.socket:
    host, port = address
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        message = f"{host}:{port} ([http] listen) cannot be listened on: {error.strerror}"
        raise OSError(error.errno, message) from error
    listener.settimeout(0)
    return listener
