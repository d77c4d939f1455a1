"""Digests by which two nodes see whether they make the same of the same statements."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from typing import Final

from federation.ids import Date, Origin
from federation.life import life
from federation.ports.store import LogHead, ReadSession
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
    """What the logs' own headers say, as a digest; remembered for each size."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._known: dict[Origin, tuple[int, str]] = {}

    def of(self, session: ReadSession, head: LogHead) -> str:
        """SHA-256 over (u64 index ‖ u8 state) of the LISTINGs as the log's own headers say.

        Depends on the leaves below the size alone, so it is computed once for each size.
        """
        known = self._known.get(head.origin)
        if known is None or known[0] != head.size:
            digest = hashlib.sha256()
            for chunk in _joined(
                _HEADER_STATE.pack(index, state)
                for index, state in session.header_states(head.log, head.size)
            ):
                digest.update(chunk)
            known = (head.size, digest.hexdigest())
            self._known[head.origin] = known
        return known[1]


def _joined(parts: Iterable[bytes]) -> Iterable[bytes]:
    """Join small parts so that the digest is not fed piece by piece."""
    buffer = bytearray()
    for part in parts:
        buffer += part
        if len(buffer) > 1 << 16:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)
