"""What peers say and show of our own log: more than we hold, another history, or nothing new.

Any of these answers the question that stands after each start (`node.log.startup_check`): the
checkpoint that a peer shows at the beginning of a stream, the cursor with which it asks for our
log, and its list of heads. What it merely says may only end our waiting; what stops us carries our
signature.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from crypto.checkpoint import SignedCheckpoint
from federation.errors import ReplicationError
from federation.ids import MemberId, Origin
from federation.peers.frames import Cursor, HeadFrame
from federation.peers.replica import ForkError, Replica
from federation.peers.replication import DeliveredBatch
from node.log.publisher import Publisher
from node.log.recovery import Recovery
from node.peers.blame import Blame
from node.peers.forks import Forks
from node.peers.mirrors import Mirrors


class OwnLogClaims:
    """Takes what concerns our own log; on the writer thread."""

    def __init__(
        self,
        *,
        own: Origin,
        mirrors: Mirrors,
        forks: Forks,
        blame: Blame,
        publisher: Publisher,
        recovery: Recovery,
        published: Callable[[], None],
    ) -> None:
        """Wire it for the log `own`."""
        self._own = own
        self._mirrors = mirrors
        self._forks = forks
        self._blame = blame
        self._publisher = publisher
        self._recovery = recovery
        self._published = published

    def cursors(self, peer: MemberId, cursors: Iterable[Cursor]) -> None:
        """A peer asks for logs, each from what it holds on."""
        for cursor in cursors:
            if cursor.origin == self._own:
                self._answered(peer, cursor.size)

    def heads(self, peer: MemberId, origins: Iterable[Origin]) -> None:
        """A peer has listed what it holds; where our log is not among it, it holds nothing."""
        if self._own not in origins:
            self._answered(peer, 0)

    def head(self, peer: MemberId, note: bytes) -> SignedCheckpoint | None:
        """A peer shows a checkpoint of our log; it is returned where we hold as much.

        Raises:
            ReplicationError: the peer's fault.
        """
        served = self._mirrors.served.get(self._own)
        signed = None
        if served is not None:
            try:
                signed = self._mirrors.take_head(peer, self._own, note)
            except ReplicationError:
                # Whatever stands beside it: what our own key signed stops us.
                with suppress(ReplicationError):
                    self._recovery.saw(peer, note)
                raise
            if signed is None:
                return None
        if signed is None or served is None or signed.checkpoint.size > served.size:
            self._more(peer, note)
            return None
        self._mirrors.compare_own(self._own, signed)
        self.heed_fork()
        self._answered(peer, signed.checkpoint.size)
        return signed

    def take_back(self, peer: MemberId, batch: DeliveredBatch) -> None:
        """Take leaves of our own log; show it when all that was signed is back.

        Raises:
            ReplicationError: the peer's fault.
        """
        try:
            head = self._recovery.receive(peer, batch)
        except ForkError as error:
            self._forks.accuse(self._own, error.proof)
            self.heed_fork()
        except ReplicationError as error:
            raise self._blame.peer(peer, error) from error
        else:
            if head is not None:
                self._mirrors.show(head)

    def heed_fork(self) -> None:
        """Whoever proved that our own log has two histories, we sign it no more."""
        if self._own in self._forks.origins:
            self._publisher.shown_forked()

    def _answered(self, peer: MemberId, size: int) -> None:
        """Let a peer's answer end our waiting, and show what waited for it."""
        if self._publisher.heard(peer, size):
            self._published()

    def _more(self, peer: MemberId, note: bytes) -> None:
        """A peer shows more of our own log than is shown here."""
        try:
            self._recovery.saw(peer, note)
        except ReplicationError as error:
            raise self._blame.peer(peer, error) from error


def first_word(replicas: Mapping[Origin, Replica], owns: Iterable[Origin]) -> list[HeadFrame]:
    """The farthest checkpoint that we have seen of a peer's logs, where we do not hold it yet.

    It is the first that the peer is told: it may have been set back.
    """
    return [
        HeadFrame(origin=origin, checkpoint=replicas[origin].beyond[-1].note.to_bytes())
        for origin in owns
        if origin in replicas and replicas[origin].beyond
    ]
