"""How peers are reached, out of the charters."""

from __future__ import annotations

from dataclasses import dataclass

from federation.ids import MemberId, Origin
from node.charters.view import TrustView


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How a peer is reached; equal contacts need no new channel."""

    peer: MemberId
    endpoints: tuple[str, ...]
    """`host:port`; empty for a peer that only dials."""
    certificates: tuple[bytes, ...]
    """DER; exactly these are accepted of it."""
    origins: frozenset[Origin]
    """All epochs of its log that a charter names; empty for one without a log."""


def contacts_of(view: TrustView) -> tuple[Contact, ...]:
    """The contact of each peer in the charters."""
    return tuple(
        Contact(
            peer=known.id,
            endpoints=known.peer.endpoints,
            certificates=known.peer.certificates,
            origins=frozenset()
            if known.peer.origin is None
            else frozenset((*view.trust.chain(known.peer.origin), known.peer.origin)),
        )
        for known in view.peers.values()
    )
