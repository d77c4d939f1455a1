"""What peers delivered falsely, counted by peer and reason code."""

from __future__ import annotations

from typing import Final

import structlog

from federation.errors import ReplicationError
from federation.ids import MemberId, Origin

MISMATCH: Final = "opening.mismatch"
NOT_FOR_US: Final = "opening.not-for-us"

_log = structlog.get_logger()


class Blame:
    """Counts and logs; on the writer thread."""

    def __init__(self) -> None:
        """Begin with nobody blamed."""
        self.counts: dict[tuple[MemberId, str], int] = {}
        """How often each peer delivered something false, by reason code."""

    def peer(self, peer: MemberId, error: ReplicationError) -> ReplicationError:
        """Count what a peer delivered falsely; returns the error for raising."""
        self._count(peer, error.code)
        _log.warning("peer blamed", peer=peer, code=error.code, error=str(error))
        return error

    def opening(self, peer: MemberId, origin: Origin, index: int, code: str = MISMATCH) -> None:
        """Count an opening that a peer delivered falsely."""
        self._count(peer, code)
        _log.warning("opening not kept", code=code, peer=peer, origin=origin, index=index)

    def _count(self, peer: MemberId, code: str) -> None:
        self.counts[peer, code] = self.counts.get((peer, code), 0) + 1
