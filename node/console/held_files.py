"""Files that somebody dropped and has not yet published: in memory alone, for some minutes.

CN11  a file that was tried is published as the very bytes that were tried, by the session that
      brought it, within fifteen minutes; what is held is bounded for one session and in all,
      and lies on no disk
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

FILE_MAX: Final = 32 * 1024 * 1024
"""Bytes of one; larger ones go into the inbox folder of their source."""
ALL_MAX: Final = 128 * 1024 * 1024
SECONDS: Final = 15 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """One file with what is to be done with it."""

    owner: str
    """The form token of the session that brought it."""
    name: str
    media: str
    query: dict[str, str]
    content: bytes
    since: float


class HeldFiles:
    """All of them; on the loop alone."""

    def __init__(
        self, number: Callable[[int], bytes], monotonic: Callable[[], float], most: int = ALL_MAX
    ) -> None:
        """Begin with none.

        Args:
            number: gives that many random bytes.
            monotonic: seconds that only go forward.
            most: bytes of all.
        """
        self._number = number
        self._monotonic = monotonic
        self._most = most
        self._files: dict[str, HeldFile] = {}

    def hold(self, owner: str, name: str, media: str, query: dict[str, str], content: bytes) -> str:
        """Keep one; an earlier one of its owner goes, and the oldest ones where there is no room.

        Returns:
            Its number.
        """
        self._drop_old()
        for number in [one for one, held in self._files.items() if held.owner == owner]:
            del self._files[number]
        while self._files and self._size() + len(content) > self._most:
            del self._files[next(iter(self._files))]
        number = self._number(16).hex()
        self._files[number] = HeldFile(
            owner=owner,
            name=name,
            media=media,
            query=query,
            content=content,
            since=self._monotonic(),
        )
        return number

    def take(self, number: str, owner: str) -> HeldFile | None:
        """Give one up to the session that brought it; None where there is none."""
        self._drop_old()
        found = self._files.get(number)
        if found is None or found.owner != owner:
            return None
        return self._files.pop(number)

    def _size(self) -> int:
        return sum(len(one.content) for one in self._files.values())

    def _drop_old(self) -> None:
        since = self._monotonic() - SECONDS
        self._files = {number: one for number, one in self._files.items() if one.since >= since}
