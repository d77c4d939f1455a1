"""One stream with one peer, as `node.peers.exchange` knows it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from crypto.merkle import Frontier
from federation.ids import MemberId, Origin, Timestamp
from federation.peers.frames import Frame
from node.peers.serving import Served

HEAD_INTERVAL_SECONDS: Final = 5
"""Cosignatures alone are passed on at most this often on one stream; new sizes at once."""
AT_ONCE: Final = Timestamp(0)
NEVER: Final = Timestamp(2**63 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A note sent to a peer, or received from it.

    `size` is 0 where it came with leaves, and the peer has not told yet that it has them.
    """

    note: bytes
    size: int
    at: Timestamp


@dataclass(slots=True, kw_only=True)
class Session:
    """One stream with one peer: what the peer wants of us, and what we sent of it."""

    peer: MemberId
    cursors: dict[Origin, int] = field(default_factory=dict)
    sent: dict[Origin, Sent] = field(default_factory=dict)
    """The note that the peer has of each log, as far as we know."""
    owns: tuple[Origin, ...] = ()
    """The peer's own logs."""
    outbox: deque[Frame] = field(default_factory=deque)
    subscribed: set[Origin] = field(default_factory=set)
    """Logs that we asked this peer for."""
    due: dict[Origin, None] = field(default_factory=dict)
    """Logs of which there may be something to say, the next turn first."""
    later: dict[Origin, Timestamp] = field(default_factory=dict)
    """Logs of which nothing but new cosignatures is to be said, and from when on."""
    look_at: Timestamp = NEVER
    """The earliest time of `later`, or before it."""
    known: set[Origin] = field(default_factory=set)
    """Logs of this stream that were due once; later only what changes them makes them so."""
    seen: int = 0
    """Changes of what is shown (`ServedLogs.since`) that are among the due."""
    left: dict[Origin, bool] = field(default_factory=dict)
    """Logs of which batches were left with the peer, and whether they were asked for again."""
    mending: dict[Origin, int] = field(default_factory=dict)
    """Logs asked for again from a damaged tile on, and for which want: `tile_refetch`."""
    other: set[Origin] = field(default_factory=set)
    """Forked logs that are looked through for relief (`node.peers.fork_relief`)."""
    carried: bool = False
    """Whether the frames come in a packet, which brings what it has only once."""
    wasted: int = 0
    """Bytes of charters that the peer sent and that were refused, until it has waited for them."""
    ahead: dict[Origin, Frontier] = field(default_factory=dict)
    """Where each log will stand when what was prepared is stored; `prepare` alone uses it."""

    def speaks_of(self, origin: Origin) -> bool:
        """Whether what is shown of a log is said on this stream."""
        return origin in self.cursors or origin in self.owns or origin in self.subscribed

    def note_due(self, origin: Origin, served: Served) -> Timestamp:
        """From when on the checkpoint of a log of which the peer has all leaves is to be sent.

        A new size is shown at once, new cosignatures on a known size only now and then; `NEVER`
        where the peer has it.
        """
        sent = self.sent.get(origin)
        if sent is None:
            return AT_ONCE
        if sent.note == served.note:
            return NEVER
        return AT_ONCE if sent.size < served.size else Timestamp(sent.at + HEAD_INTERVAL_SECONDS)
