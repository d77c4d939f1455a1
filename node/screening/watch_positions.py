"""Positions of a watch as readers hold them: sealed, so that only what was given is taken back.

A position is of one watch. It outlives a restart and a rebuild; with new keys of the query store
nothing that was given before is taken any more, and is told so.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from federation.screening.watches import Position, position_from_text, wrong_position
from node.access.query_keys import QueryKeys

BEGIN: Final = "pos_"
"""No code of a subject begins so: a position may stand in a URL, and nothing else fits (HT2)."""
_MAC: Final = 8
"""Bytes; who guesses one only reads the own watch from elsewhere."""


class Positions:
    """Writes and reads positions; any thread."""

    def __init__(self, keys: QueryKeys) -> None:
        """Take the keys of the query store."""
        self._keys = keys

    def to_text(self, number: str, position: Position) -> str:
        """Write a position of the watch of a number: `BEGIN`, letters, digits, `-` and `_`."""
        text = position.to_text()
        sealed = urlsafe_b64encode(text.encode() + self._mac(number, text)).decode()
        return f"{BEGIN}{sealed.rstrip('=')}"

    def read(self, number: str, after: str) -> Position:
        """Read what `to_text` wrote; nothing is the beginning.

        Raises:
            RefusedError: `watch.position`.
        """
        if not after:
            return Position()
        if not after.startswith(BEGIN):
            raise wrong_position()
        after = after.removeprefix(BEGIN)
        try:
            data = urlsafe_b64decode(after.encode() + b"=" * (-len(after) % 4))
            text, mac = data[:-_MAC].decode("ascii"), data[-_MAC:]
        except ValueError:
            raise wrong_position() from None
        if mac != self._mac(number, text):
            raise wrong_position()
        return position_from_text(text)

    def _mac(self, number: str, text: str) -> bytes:
        return self._keys.mac(f"watch-position\0{number}\0{text}".encode())[:_MAC]
