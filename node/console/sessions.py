"""Sessions of browsers: cookie, token of the node's session, token of forms; in memory alone (CN2).

The node ends a session by itself (AC22); here one ends no later. A restart ends all.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from federation.screening.roles import Action, Role, allowed
from node.console.batch_work import BatchWork

MOST: Final = 2000
"""Sessions; the one that was not used longest ends for one more."""
IDLE_SECONDS: Final = 30 * 60
WHOLE_SECONDS: Final = 8 * 60 * 60


@dataclass(slots=True)
class Session:
    """One person in one browser."""

    token: str
    """Of the node's session."""
    account: Mapping[str, Any]
    form_token: str
    """Stands in each of its forms (CN3)."""
    opened: float
    seen: float
    end_address: str = ""
    """Where the session at the identity provider ends; empty where there is none."""
    work: BatchWork | None = None
    """A batch of checks that goes on, or was the last."""

    @property
    def name(self) -> str:
        """Of the account."""
        return str(self.account["name"])

    def may(self, action: Action) -> bool:
        """Whether one of the account's roles may do this."""
        return any(allowed(Role(role), action) for role in self.account["roles"])

    def over(self, now: float) -> bool:
        """Whether it has ended by time."""
        return now - self.seen > IDLE_SECONDS or now - self.opened > WHOLE_SECONDS


class Sessions:
    """All of them; on the loop alone."""

    def __init__(self, token: Callable[[int], bytes], monotonic: Callable[[], float]) -> None:
        """Begin with none.

        Args:
            token: gives that many random bytes.
            monotonic: seconds that only go forward.
        """
        self._token = token
        self._monotonic = monotonic
        self._open: dict[bytes, Session] = {}

    def begin(self, token: str, account: Mapping[str, Any], end_address: str = "") -> str:
        """Open one; what its cookie holds, which is nowhere else."""
        now = self._monotonic()
        self._open = {key: one for key, one in self._open.items() if not one.over(now)}
        while len(self._open) >= MOST:
            del self._open[min(self._open, key=lambda key: self._open[key].seen)]
        cookie = self.secret()
        self._open[_key(cookie)] = Session(
            token=token,
            account=account,
            form_token=self.secret(),
            opened=now,
            seen=now,
            end_address=end_address,
        )
        return cookie

    def get(self, cookie: str) -> Session | None:
        """The session of a cookie; None where it is none's, or over."""
        found = self._open.get(_key(cookie))
        if found is None:
            return None
        now = self._monotonic()
        if found.over(now):
            self.end(cookie)
            return None
        found.seen = now
        return found

    def end(self, cookie: str) -> None:
        """End one."""
        self._open.pop(_key(cookie), None)

    def secret(self) -> str:
        """32 random bytes that nobody has, as text."""
        return urlsafe_b64encode(self._token(32)).rstrip(b"=").decode()


def same(said: str, expected: str) -> bool:
    """Whether two secrets are one, in constant time; an empty one never is."""
    return bool(expected) and hmac.compare_digest(said.encode(), expected.encode())


def _key(cookie: str) -> bytes:
    return sha256(cookie.encode()).digest()
