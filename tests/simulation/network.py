"""Streams between nodes: in order like TCP, and broken like real ones.

A stream delivers its frames in order or not at all, but a pair of nodes may have two streams, an
end may not notice for long that the other one is gone, an answer to a request may come after
anything else, and a stream that was lost begins again with frames that had already arrived.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from federation.peers.frames import Frame
from node.peers.session import Session
from tests.simulation.parts import WorldNode


@dataclass(eq=False)
class Stream:
    """Two ends; an end without a session has closed."""

    ends: tuple[WorldNode, WorldNode]
    sessions: list[Session | None]
    queues: tuple[deque[Frame], deque[Frame]] = field(default_factory=lambda: (deque(), deque()))

    @property
    def pair(self) -> frozenset[str]:
        return frozenset((self.ends[0].member, self.ends[1].member))

    def close(self, side: int) -> None:
        """An end closes: nothing arrives there any more."""
        session, self.sessions[side] = self.sessions[side], None
        self.queues[side].clear()
        if session is not None and self.ends[side].up:
            self.ends[side].exchange.close_session(session)

    def can_speak(self, side: int) -> bool:
        return self.ends[side].up and self.sessions[side] is not None

    @property
    def over(self) -> bool:
        return self.sessions == [None, None]


@dataclass
class Network:
    """All streams, and who cannot reach whom."""

    streams: list[Stream] = field(default_factory=list)
    apart: set[frozenset[str]] = field(default_factory=set)
    late: list[tuple[WorldNode, Session, Callable[[], object]]] = field(default_factory=list)
    """Answers to requests that are still on the way."""

    def connect(self, one: WorldNode, other: WorldNode) -> Stream | None:
        """Open a stream if both would: they are up, can reach and know each other."""
        pair = frozenset((one.member, other.member))
        known = other.member in one.trust().peers and one.member in other.trust().peers
        there = [s for s in self.streams if s.pair == pair and None not in s.sessions]
        if not (one.up and other.up and known) or pair in self.apart or len(there) > 1:
            return None
        sessions: list[Session | None] = [
            one.exchange.open_session(other.member),
            other.exchange.open_session(one.member),
        ]
        stream = Stream(ends=(one, other), sessions=sessions)
        self.streams.append(stream)
        for side in (0, 1):
            self.ask(stream, side)
        return stream

    def ask(self, stream: Stream, side: int) -> None:
        """One end asks for what it has not asked for on this stream."""
        session = stream.sessions[side]
        if session is not None and stream.ends[side].up:
            asked = stream.ends[side].exchange.subscription(session)
            if asked is not None:
                stream.queues[1 - side].append(asked)

    def drop_dead(self) -> None:
        """Streams of which both ends are closed, or speak to a member that was removed."""
        for stream in self.streams:
            for side in (0, 1):
                node, other = stream.ends[side], stream.ends[1 - side]
                if node.up and other.member not in node.trust().peers:
                    stream.close(side)
        self.streams = [s for s in self.streams if not s.over]
