"""Requests to join that come by HTTPS (SPEC §7.6): taken of who holds an invitation of this node.

    JN5  who shows no secret of an invitation that was given out is told nothing, and nothing that
         it sends is read
    JN6  of one invitation so many requests are looked at in a time, and no more

What comes waits for persons, as one that came as a file does: nothing here signs.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final

from federation.charters.join import INVITATION_SIZE
from federation.errors import RefusedError
from federation.ids import Timestamp
from node.charters.joining import Invitations, Pending

RATE: Final = 0.2
"""Requests a second by one invitation; there is one, made again by hand."""
BURST: Final = 10.0
REMEMBERED: Final = 1000
"""As many as invitations are."""
_ROUNDING: Final = 1e-6


class JoinDoor:
    """Takes requests; any thread, blocks."""

    def __init__(
        self, directory: Path, *, now: Callable[[], Timestamp], monotonic: Callable[[], float]
    ) -> None:
        """Use the node's directory; `now` in seconds UTC."""
        self._invitations = Invitations(directory)
        self._pending = Pending(directory)
        self._now = now
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._empty_at: OrderedDict[bytes, float] = OrderedDict()

    def secret(self, bearer: str) -> bytes:
        """The secret that a bearer is, of an invitation that this node gave out (JN5, JN6).

        Raises:
            RefusedError: `invitation.unknown`, or `http.many`.
        """
        try:
            secret = bytes.fromhex(bearer)
        except ValueError:
            secret = b""
        known = len(secret) == INVITATION_SIZE and secret.hex() == bearer
        if not known or not self._invitations.has(secret):
            raise RefusedError("invitation.unknown", "no such invitation was given out here")
        with self._lock:
            now = self._monotonic()
            full = now - BURST / RATE
            empty_at = max(self._empty_at.get(secret, full), full) + 1 / RATE
            if empty_at > now + _ROUNDING:
                message = "请求过于频繁，请稍后重试 / too many by this invitation; come again"
                raise RefusedError("http.many", message)
            self._empty_at[secret] = empty_at
            self._empty_at.move_to_end(secret)
            while len(self._empty_at) > REMEMBERED:
                self._empty_at.popitem(last=False)
        return secret

    def take(self, secret: bytes, data: bytes) -> None:
        """Keep a request of this invitation for the signers; the same again changes nothing.

        Raises:
            CharterError: `join.…`, or a code of a member's description.
            RefusedError: `invitation.…`.
            OSError: it cannot be kept.
        """
        self._invitations.take(data, self._now(), secret)
        self._pending.add(data)
