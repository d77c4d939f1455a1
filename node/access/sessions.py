"""Sessions: tokens of people who have signed in, in memory alone.

    AC22  a session ends 30 minutes after its last call, 8 hours after it was opened, when its
          person ends it, when the account gets another password or is revoked, and with the
          process; its token is kept as a keyed hash, and stands nowhere else

A token of a session looks like that of a credential, and is taken wherever one is: what it may do
is what the account's credential may.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

IDLE_SECONDS: Final = 30 * 60
WHOLE_SECONDS: Final = 8 * 60 * 60
OF_ONE_MAX: Final = 8
"""Sessions of one account; the oldest ends for a ninth."""


@dataclass(slots=True)
class _Session:
    credential: str
    opened: float
    seen: float

    def over(self, now: float) -> bool:
        return now - self.seen > IDLE_SECONDS or now - self.opened > WHOLE_SECONDS


class Sessions:
    """Open sessions, by the keyed hashes of their tokens; any thread."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Begin with none; `monotonic` gives seconds that only go forward."""
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._open: dict[bytes, _Session] = {}
        self._endings = 0
        self._ended: dict[str, int] = {}
        """Which of the endings was the last of an account."""

    def endings(self) -> int:
        """How often all sessions of an account were ended; see `begin`."""
        with self._lock:
            return self._endings

    def begin(self, digest: bytes, credential: str, endings: int, *, alone: bool) -> bool:
        """Open one; not where those of the account were ended since the count was `endings`.

        `alone`: all others of the account end with it.
        """
        now = self._monotonic()
        with self._lock:
            if self._ended.get(credential, 0) > endings:
                return False
            if alone:
                self._end_of(credential)
            self._open = {key: one for key, one in self._open.items() if not one.over(now)}
            own = [key for key, one in self._open.items() if one.credential == credential]
            for oldest in own[: max(0, len(own) - OF_ONE_MAX + 1)]:
                del self._open[oldest]
            self._open[digest] = _Session(credential=credential, opened=now, seen=now)
            return True

    def credential(self, digest: bytes) -> str:
        """Whose session this is; empty where it is none, or over."""
        now = self._monotonic()
        with self._lock:
            found = self._open.get(digest)
            if found is None:
                return ""
            if found.over(now):
                del self._open[digest]
                return ""
            found.seen = now
            return found.credential

    def end(self, digest: bytes) -> None:
        """End one."""
        with self._lock:
            self._open.pop(digest, None)

    def end_of(self, credential: str) -> None:
        """End all of an account, and those that are being opened with what was known before."""
        with self._lock:
            self._end_of(credential)

    def _end_of(self, credential: str) -> None:
        self._endings += 1
        self._ended[credential] = self._endings
        self._open = {k: one for k, one in self._open.items() if one.credential != credential}
