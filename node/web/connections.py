"""One connection of HTTP/1.1, with bounds in time that uvicorn does not set (HT4).

A connection is in one of three states, each with its own deadline, after which it is cut:

    head   made, or an answer was given: the next request's head must be whole
    busy   a head is there: body, work, and the caller's reading of the answer
    gone   closed

uvicorn closes an idle connection itself, with what is still to be written; that waits for ever for
a caller who does not read. The deadlines here end in `abort`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

HEAD_MAX: Final = 16 * 1024
"""Bytes of a request's head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds."""

    handshake: float = 10.0
    """Of TLS."""
    head: float = 10.0
    """From a new connection to the end of its first request's head."""
    busy: float = 45.0
    """From a head to the end of its answer, read by the caller."""
    idle: int = 60
    """Between an answer and the next request."""
    flush: float = 5.0
    """For what is to be written when an idle connection is closed."""


PROLONG: Final = "prolong"
"""Name, in the state of a request, of what gives it more time."""


class Connection(H11Protocol):
    """One caller."""

    def __init__(
        self,
        config: Config,
        state: ServerState,
        patience: Patience,
        cut: Callable[[str], None],
        lost: Callable[[Connection], None],
    ) -> None:
        """Take what all connections share.

        Args:
            config: of uvicorn, loaded.
            state: of uvicorn's server.
            patience: the deadlines.
            cut: told why, where the connection is cut.
            lost: called when it is gone.
        """
        super().__init__(config, state, {})
        self._patience = patience
        self._cut = cut
        self._lost = lost
        self._deadline: asyncio.TimerHandle | None = None
        self.waits = True
        """Whether it waits for a head: it may be cut to make room."""
        self.since = 0.0
        """Since when it is in this state, by the loop's clock."""
        self.answers = 0

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - as asyncio's stubs have it
        """Begin to wait for a head."""
        tls = transport.get_extra_info("ssl_object")
        shown = None if tls is None else tls.getpeercert(binary_form=True)
        if shown:
            self.app_state["certificate"] = shown
        self.app_state[PROLONG] = self.prolong
        super().connection_made(transport)
        self._expect(self._patience.head, "head")

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._lost(self)

    def handle_events(self) -> None:
        """Read what came; where a head was among it, its request has its time."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before and not self.cycle.response_complete:
            self.waits = False
            self._expect(self._patience.busy, "busy")

    def on_response_complete(self) -> None:
        """Wait for the next head."""
        self.waits = True
        self.answers += 1
        self._expect(self._patience.idle + self._patience.flush, "idle")
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """What came is no HTTP: end without words."""
        del msg
        self.abort("malformed")

    def prolong(self, seconds: float) -> None:
        """Give the request under way more time, once its caller is known to be one who may."""
        if not self.waits:
            self._expect(seconds, "busy")

    def abort(self, why: str) -> None:
        """Cut it, with whatever is still to be written."""
        if not self.transport.is_closing():
            self._cut(why)
        self.transport.abort()

    def _expect(self, seconds: float, why: str) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self.since = self.loop.time()
        self._deadline = self.loop.call_later(seconds, self.abort, why)
