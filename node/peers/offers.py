"""What a peer is told when it asks: openings that it may read, and the heads of its logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from federation.errors import RefusedError
from federation.ids import MemberId, Origin
from federation.peers.openings import DeliveredOpening
from federation.peers.replica import Replica
from federation.ports.store import Store
from node.charters.view import TrustView
from node.peers.own_log_claims import first_word
from node.peers.serving import Served, Serving, fitting


class Offers:
    """Answers by the charters of the moment; only reads, beside the writer."""

    def __init__(
        self,
        *,
        store: Store,
        serving: Serving,
        trust: Callable[[], TrustView],
        served: Mapping[Origin, Served],
        replicas: Mapping[Origin, Replica],
    ) -> None:
        """Wire it; of each log `served` is what is shown, `replicas` what is held; both change."""
        self._store = store
        self._serving = serving
        self._trust = trust
        self._served = served
        self._replicas = replicas

    def openings(
        self, peer: MemberId, origin: Origin, indices: Sequence[int]
    ) -> list[DeliveredOpening]:
        """Answer GetOpenings: what the peer is entitled to, in the order asked.

        Raises:
            RefusedError: `log.unknown`: the log is not offered to this peer.
        """
        served = self._served.get(origin)
        if served is None or not self._trust().offers(origin, peer):
            raise RefusedError("log.unknown", f"{origin} is not a log offered to {peer}")
        return self._serving.openings(peer, origin, served, indices)

    def heads(self, peer: MemberId) -> tuple[list[bytes], list[bytes]]:
        """Answer ListHeads: newest notes of the logs offered to the peer, and fork files.

        As many as one message takes; the peer's own first, also what we have seen of it and do not
        hold yet. The others come on the streams.
        """
        trust = self._trust()
        offered = [origin for origin in self._served if trust.offers(origin, peer)]
        offered.sort(key=lambda origin: peer not in trust.owners(origin))
        notes = [self._served[origin].note for origin in offered]
        owns = [origin for origin in trust.followed() if peer in trust.owners(origin)]
        notes[:0] = [frame.checkpoint for frame in first_word(self._replicas, owns)]
        with self._store.read() as snapshot:
            forks = [file for _, file in snapshot.forks()]
        return fitting(notes), fitting(forks)
