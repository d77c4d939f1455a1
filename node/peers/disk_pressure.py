"""Following while the disk has little room: what can wait stays with the peer.

Reliefs stand in one order with everything else, so a log is never followed past what was left out.
While less than half of the reserve is free (`node.system.disk`), of each log:

    a batch with what may not wait     is taken, and all before it
    any other batch                    is looked through and dropped; the checkpoint to which it
                                       leads is compared as ever

What was dropped is asked for again, from where the log stands here, when there is room, or when a
batch behind it was found to hold what may not wait. Batches that are looked through are proved
like all others (`Mirrors.prepare`), so nobody can make a node take more by a relief that does not
exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import structlog

from federation.ids import Origin
from federation.peers.replica import Replica
from federation.peers.replication import DeliveredBatch
from federation.statements import HEADER_SIZE, Kind, parse_header
from node.peers.prepared import PreparedBatch, PreparedRun
from node.peers.session import Session

_log = structlog.get_logger()

NEVER_WAITS: Final = frozenset(
    {Kind.CORRECTION, Kind.ANNOTATION, Kind.REPAIR, Kind.WITHDRAWAL, Kind.ERASURE}
)
"""Kinds by which a subject is better off, or content goes."""


class DiskPressure:
    """Says what of followed logs is taken; `admitted` on the writer thread, the rest on any."""

    def __init__(self, tight: Callable[[], bool], replicas: Mapping[Origin, Replica]) -> None:
        """Ask `tight` for the disk, and `replicas` for where each log stands."""
        self._tight = tight
        self._replicas = replicas
        self._taken_to: dict[Origin, int] = {}
        """End of the farthest batch of a log that was seen to hold what may not wait."""

    def admitted(
        self, session: Session, delivered: DeliveredBatch | PreparedBatch | PreparedRun
    ) -> DeliveredBatch | PreparedBatch | PreparedRun | None:
        """What is taken now of what came; the rest is left with the peer and asked for again.

        The same object where all is taken.
        """
        if not isinstance(delivered, PreparedRun):
            return delivered if self._admits(session, delivered) else None
        taken = tuple(one for one in delivered.batches if self._admits(session, one))
        if len(taken) == len(delivered.batches):
            return delivered
        return PreparedRun(batches=taken) if taken else None

    def _admits(self, session: Session, delivered: DeliveredBatch | PreparedBatch) -> bool:
        proved = isinstance(delivered, PreparedBatch)
        batch = delivered.batch if isinstance(delivered, PreparedBatch) else delivered
        origin, held = batch.origin, self._held(batch.origin)
        if batch.first_index > held and origin in session.left:
            if proved and _never_waits(batch):
                end = batch.first_index + len(batch.leaves)
                self._taken_to[origin] = max(self._taken_to.get(origin, 0), end)
            return False
        was_left = session.left.pop(origin, None) is not None
        if session.carried or self._may_go_on(origin) or _never_waits(batch):
            return True
        session.left[origin] = False
        if not was_left:
            _log.warning("log waits for room", code="disk.following", origin=origin, size=held)
        return False

    def again(self, session: Session) -> list[Origin]:
        """Logs to be asked for again on a stream, once each until their leaves come."""
        due = [o for o, asked in list(session.left.items()) if not asked and self._may_go_on(o)]
        session.left.update(dict.fromkeys(due, True))
        return due

    def _may_go_on(self, origin: Origin) -> bool:
        return not self._tight() or self._held(origin) < self._taken_to.get(origin, 0)

    def _held(self, origin: Origin) -> int:
        replica = self._replicas.get(origin)
        return 0 if replica is None else replica.size


def _never_waits(batch: DeliveredBatch) -> bool:
    headers = (parse_header(leaf) for leaf in batch.leaves if len(leaf) >= HEADER_SIZE)
    return any(
        header.kind in NEVER_WAITS if header.known else header.suspends_if_unknown
        for header in headers
    )
