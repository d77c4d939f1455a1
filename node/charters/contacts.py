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


def asked_to_join(view: TrustView, own: Origin) -> tuple[Contact, ...]:
    """The members of alliances that do not name our log yet: a newcomer asks them to be let in."""
    return tuple(
        Contact(
            peer=member.id,
            endpoints=member.endpoints,
            certificates=member.certificates,
            origins=frozenset(segment.origin for segment in member.segments),
        )
        for alliance in view.trust.alliances
        if not any(
            segment.origin == own
            for one in alliance.charter.terms.members
            for segment in one.segments
        )
        for member in alliance.charter.terms.members
        if not member.ended
    )
