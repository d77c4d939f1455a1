"""What a peer is asked for on a stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from federation.ids import MemberId, Origin
from federation.peers.frames import Cursor, Subscribe
from federation.peers.replica import Replica
from federation.peers.replication import DeliveredBatch
from node.charters.view import TrustView
from node.log.recovery import Recovery
from node.peers.disk_pressure import DiskPressure
from node.peers.prepared import PreparedBatch, PreparedRun
from node.peers.session import Session


class Beside(Protocol):
    """Looks at what comes beside following: `node.peers.tile_refetch`, `node.peers.fork_relief`."""

    def cursors(self, session: Session) -> Sequence[Cursor]:
        """What of the logs followed on a stream is to be sent once more."""
        ...

    def take(
        self, session: Session, delivered: DeliveredBatch | PreparedBatch | PreparedRun
    ) -> None:
        """Look at what came, before it is followed; on the writer thread.

        Raises:
            StoreError: the database failed.
        """
        ...


class Subscriptions:
    """Puts together what follows from charters, from what is held, and from what is missing."""

    def __init__(
        self,
        *,
        own: Origin,
        trust: Callable[[], TrustView],
        replicas: Mapping[Origin, Replica],
        recovery: Recovery,
        room: DiskPressure,
        beside: Sequence[Beside],
    ) -> None:
        """Wire it for a node whose own log is `own`; `beside` are asked what they want again."""
        self._own = own
        self._trust = trust
        self._replicas = replicas
        self._recovery = recovery
        self._room = room
        self._beside = beside

    def subscription(self, session: Session, near: AbstractSet[MemberId]) -> Subscribe | None:
        """What to ask this peer for: its own logs, and those that nobody nearer delivers.

        A log is asked of its own node where we have a stream with it, else of any peer that
        serves mirrors.

        Args:
            session: the stream; it remembers what was asked.
            near: peers with whom there is a stream.
        """
        trust = self._trust()
        wanted: list[Cursor] = []
        for origin in trust.followed():
            owners = trust.owners(origin)
            direct = session.peer in owners
            relayed = trust.mirrors(session.peer) and not owners & near
            if origin not in session.subscribed and (direct or relayed):
                wanted.append(self._cursor(origin))
                session.subscribed.add(origin)
        wanted += map(self._cursor, self._room.again(session))
        for one in self._beside:
            wanted += one.cursors(session)
        if self._recovery.active and self._own not in session.subscribed:
            wanted.append(Cursor(origin=self._own, size=self._recovery.size))
            session.subscribed.add(self._own)
        return Subscribe(cursors=tuple(wanted)) if wanted else None

    def _cursor(self, origin: Origin) -> Cursor:
        replica = self._replicas.get(origin)
        return Cursor(origin=origin, size=0 if replica is None else replica.size)
