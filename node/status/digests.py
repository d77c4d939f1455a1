"""Digests by which two nodes see whether they make the same of the same statements."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from typing import Any, Final

from federation.ids import Date, Origin
from federation.life import life
from federation.ports.store import STATE_PAGE, LogHead, ReadSession
from federation.rows import State

_OUTCOME: Final = struct.Struct(">QBBB")
_HEADER_STATE: Final = struct.Struct(">QB")


def local_state(session: ReadSession, today: Date) -> str:
    """SHA-256 over what this node makes of every statement it holds, as of a day.

    For each log in the order of the origins: origin, size, and for each leaf its index, its state
    by the day's date, whether its opening is held, and what was found out about it. No keyed value
    goes in.
    """
    digest = hashlib.sha256(str(today).encode())
    for head in sorted(session.heads(), key=lambda h: h.origin):
        digest.update(f"\n{head.origin}\n{head.size}\n".encode())
        found = session.findings_between(head.log, 0, head.size)
        rows = (
            _OUTCOME.pack(
                index, life.at(State(state), Date(until), today), opening, found.get(index, 0)
            )
            for index, _, state, opening, until in session.outcomes(head.log)
        )
        for chunk in _joined(rows):
            digest.update(chunk)
    return digest.hexdigest()


class LogStates:
    """What the logs' own headers say (SPEC §6.6), hashed on from the first page that has changed.

    The store keeps the states of leaves in pages of a byte each; a log of a million leaves is a
    thousand of them. What they were when they were last hashed is remembered with the digest so
    far, and nothing is asked for a size that was hashed before: leaves below it give it alone.
    """

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._known: dict[Origin, tuple[int, str]] = {}
        self._pages: dict[Origin, list[tuple[bytes, Any]]] = {}

    def of(self, session: ReadSession, head: LogHead) -> str:
        """SHA-256 over (u64 index ‖ u8 state) of the LISTINGs as the log's own headers say."""
        known = self._known.get(head.origin)
        if known is None or known[0] != head.size:
            known = (head.size, self.hashed(head.origin, session.header_pages(head.log)))
            self._known[head.origin] = known
        return known[1]

    def hashed(self, origin: Origin, pages: Sequence[bytes]) -> str:
        """Hash the pages of a log (`ReadSession.header_pages`), in hex."""
        known: list[tuple[bytes, Any]] = []
        for page, (was, digest) in zip(pages, self._pages.get(origin, ()), strict=False):
            if page != was:
                break
            known.append((was, digest))
        for number in range(len(known), len(pages)):
            digest = known[-1][1].copy() if known else hashlib.sha256()
            digest.update(_packed(number * STATE_PAGE, pages[number]))
            known.append((pages[number], digest))
        self._pages[origin] = known
        found: str = (known[-1][1] if known else hashlib.sha256()).hexdigest()
        return found


def _packed(first: int, page: bytes) -> bytes:
    return b"".join(_HEADER_STATE.pack(first + i, state) for i, state in enumerate(page) if state)


def _joined(parts: Iterable[bytes]) -> Iterable[bytes]:
    """Join small parts so that the digest is not fed piece by piece."""
    buffer = bytearray()
    for part in parts:
        buffer += part
        if len(buffer) > 1 << 16:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)
