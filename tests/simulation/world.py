"""A world: nodes, network, clock, and a chance that decides everything from one seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from adapters.errors import AdapterError
from federation.charters.chain import CharterChain, begin_chain
from federation.charters.values import Role
from federation.errors import FederationError, RefusedError
from federation.ids import Timestamp
from federation.own_log import Draft
from node.log.units import Unit
from node.peers.session import Session
from tests.simulation.actions import ACTIONS
from tests.simulation.faults import DAY, FAULTS, renew_charter
from tests.simulation.invariants import Invariants
from tests.simulation.model import Meaning, Model
from tests.simulation.network import Network, Stream
from tests.simulation.parts import Crash, WorldNode, of_the_world
from tests.support import charters as build
from tests.support.clock import START, FakeClock

BIG_EVERY = 2000
"""One seed in so many is a world of fifty nodes."""
ASKED = 64
HEADS_ASKED = 8
"""Peers of whom one pull asks the heads: all in a small world."""
ROUNDS = 30


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a world is."""

    cities: int
    hubs: int
    steps: int
    days: int
    """Until the first charter ends."""


def size_of(seed: int) -> Size:
    """Fifty nodes now and then; small worlds otherwise, many of them with one hub."""
    chance = random.Random(f"size {seed}")
    if seed % BIG_EVERY == BIG_EVERY - 1:
        return Size(cities=48, hubs=2, steps=400, days=400)
    return Size(
        cities=chance.choice((2, 2, 2, 3, 3, 4)),
        hubs=1,
        steps=chance.randint(30, 100),
        days=chance.choice((400, 400, 2)),
    )


class World:
    """One run from a seed; `run` raises AssertionError where a rule is broken."""

    def __init__(self, seed: int, directory: Path, tell: Callable[[str], None]) -> None:
        self.seed = seed
        self.tell = tell
        self.size = size_of(seed)
        self.chance = random.Random(seed)
        self.clock = FakeClock()
        self.digest = sha256()
        cities = [f"51{number:02}00" for number in range(3, 3 + self.size.cities)]
        self.hubs = [f"5100{number:02}" for number in range(self.size.hubs)]
        self.members = [*self.hubs, *cities]
        self.records = self.chance.randint(1, 4)
        self.chain = _chain(tuple(self.members), tuple(self.hubs), self.size.days)
        self.nodes = {
            member: WorldNode(member, self.chain, self.clock, directory / member)
            for member in self.members
        }
        self.speakers = list(self.nodes.values())[: 1 + max(self.size.hubs, 6)]
        self.network = Network()
        self.model = Model()
        self.slow: set[str] = set()
        self.expelled: str | None = None
        self.cut: tuple[Any, int, int] | None = None
        self.stopped: set[str] = set()
        self.invariants = Invariants(self)
        city_pairs = [(a, b) for i, a in enumerate(cities) for b in cities[:i]]
        direct = [p for p in city_pairs if self.size.cities < 10 and self.chance.random() < 0.6]
        self.pairs = [(h, m) for h in self.hubs for m in self.members if h != m] + direct

    # ------------------------------------------------------------------ the run

    def run(self) -> None:
        """Let chance work, heal everything, and look whether all came to rest."""
        for one, other in self.pairs:
            self.connect(one, other)
        for step in range(self.size.steps):
            self.clock.advance(self.chance.choice((0, 0, 0, 1)))
            self._step(step)
        self.heal()
        self.invariants.healed()
        for node in self.nodes.values():
            self.digest.update(node.stored())

    def close(self) -> None:
        """Let go of the databases."""
        for node in self.nodes.values():
            node.release()

    def _step(self, step: int) -> None:
        what = self.chance.random()
        if what < 0.62:
            for _ in range(self.chance.randint(1, 8)):
                self._turn()
        elif what < 0.76:
            node = self.chance.choice(self.speakers)
            action = self._drawn(ACTIONS)
            if node.up:
                self.log(f"{step} {node.member} {action.__name__}")
                self.attempt(node, lambda: action(self, node))
        elif what < 0.86:
            fault = self._drawn(FAULTS)
            self.log(f"{step} fault {fault.__name__}")
            fault(self)
        elif what < 0.95:
            self._mend_something()
        else:
            self._pull(self.some_node())

    def _drawn(self, weighted: dict[Any, int]) -> Any:
        return self.chance.choices(list(weighted), list(weighted.values()))[0]

    def log(self, line: str) -> None:
        """Note what happens: for who replays the seed, and for the digest of the run."""
        self.digest.update(line.encode())
        self.tell(line)

    def some_node(self) -> WorldNode:
        return self.chance.choice(list(self.nodes.values()))

    # ------------------------------------------------------------------ processes

    def attempt(self, node: WorldNode, job: Callable[[], object]) -> bool:
        """Let a running node do something; it may die, or its disk may fail.

        Whatever it was, everything that must hold is looked at afterwards.

        Raises:
            MachineError: what failed is the machine on which this runs, not the world.
        """
        if not node.up:
            return False
        try:
            job()
        except Crash as crash:
            self.log(f"  {node.member} dies at {crash}")
            self.crash(node)
        except (AdapterError, FederationError) as error:
            of_the_world(error)
            self.log(f"  {node.member}: {type(error).__name__} {error}")
            self._look(node)
            return False
        else:
            self._look(node)
        return node.up

    def _look(self, node: WorldNode) -> None:
        if node.up:
            self.invariants.node(node)

    def crash(self, node: WorldNode) -> None:
        """The process is gone; who spoke with it may notice or not."""
        if not node.up:
            return
        node.up = False
        node.disarm()
        for stream in self.network.streams:
            if node in stream.ends:
                side = stream.ends.index(node)
                stream.sessions[side] = None
                stream.queues[side].clear()
                if self.chance.random() < 0.5:
                    stream.close(1 - side)
        self.network.drop_dead()
        if node.member in self.hubs and self.chance.random() < 0.3:
            self.stopped.add(node.member)

    def start(self, node: WorldNode) -> None:
        """The process starts again; it may die at that, or end because its disk fails."""
        self.log(f"  {node.member} starts")
        node.up = True
        try:
            node.start()
        except (Crash, AdapterError) as error:
            of_the_world(error)
            self.log(f"  {node.member} does not start: {error}")
            self.crash(node)
        else:
            self.invariants.started(node)
            self._look(node)

    def _learn(self, node: WorldNode) -> None:
        with node.database.read() as session:
            head = session.head(node.origin)
            if head is not None:
                known = self.model.size(node.origin)
                self.model.learn(node.origin, session.leaves(head.log, known, head.size))

    # ------------------------------------------------------------------ speaking

    def say(self, node: WorldNode, draft: Draft, meaning: Meaning) -> None:
        """Publish a draft as it is."""
        self.publish(node, Unit(drafts=lambda _: [draft], record=lambda _s, _p: None), meaning)

    def publish(self, node: WorldNode, unit: Unit, meaning: Meaning) -> None:
        """Publish a unit, all of whose statements mean the same."""

        def drafts(session: Any) -> Any:
            made = unit.drafts(session)
            self.model.meanings |= dict.fromkeys([d.statement_id for d in made], meaning)
            return made

        try:
            node.run(replace(unit, drafts=drafts))
        except RefusedError as error:
            self.log(f"  refused: {error.code}")
        finally:
            self._learn(node)

    def renew(self, node: WorldNode) -> None:
        """The job that signs on."""
        node.publisher.renew_head()
        node.exchange.published()

    def take_charter(self, node: WorldNode) -> None:
        """An operator adopts the newest version: its streams begin again, as in the program."""

        def adopt() -> None:
            for envelope in self.chain.envelopes:
                node.charters.adopt(envelope)
            node.exchange.charters_changed()

        self.attempt(node, adopt)
        for stream in self.network.streams:
            if node in stream.ends:
                stream.close(0)
                stream.close(1)
        self.network.drop_dead()

    # ------------------------------------------------------------------ the network

    def connect(self, one: str, other: str) -> None:
        """Open a stream, if it can be."""
        self.network.connect(self.nodes[one], self.nodes[other])

    def _turn(self) -> None:
        """An end of some stream sends, and another takes a frame."""
        if self.network.streams:
            stream, side = self.chance.choice(self.network.streams), self.chance.randrange(2)
            self._send(stream, side)
            if stream.ends[side].member not in self.slow or self.chance.random() < 0.1:
                self._take(stream, side)

    def _send(self, stream: Stream, side: int) -> bool:
        session = stream.sessions[side]
        node = stream.ends[side]
        if session is None or not node.up:
            return False
        frames = node.exchange.plan(session)
        for frame in frames:
            self.invariants.sent(frame)
        if stream.sessions[1 - side] is not None:
            stream.queues[1 - side].extend(frames)
        return bool(frames)

    def _take(self, stream: Stream, side: int) -> bool:
        session, node = stream.sessions[side], stream.ends[side]
        if session is None or not (node.up and stream.queues[side]):
            return False
        if stream.pair in self.network.apart:
            return False
        frame = stream.queues[side].popleft()
        self.digest.update(f"{node.member} {frame!r}".encode())
        prepared = node.exchange.prepare(session, frame)
        if not self.attempt(node, lambda: node.exchange.handle(session, prepared)):
            stream.close(side)
        self.network.drop_dead()
        return True

    def _mend_something(self) -> None:
        """A process comes back, or a pair finds each other again, or an end asks again."""
        down = [n for n in self.nodes.values() if not n.up and n.member not in self.stopped]
        if down and self.chance.random() < 0.6:
            self.start(self.chance.choice(down))
        elif self.chance.random() < 0.7:
            self.connect(*self.chance.choice(self.pairs))
        elif self.network.streams:
            self.network.ask(self.chance.choice(self.network.streams), self.chance.randrange(2))

    def _pull(self, node: WorldNode) -> None:
        """Ask for heads and openings; the answers come now or much later."""
        asked = 0
        for stream in list(self.network.streams):
            if node not in stream.ends or None in stream.sessions:
                continue
            other = stream.ends[1 - stream.ends.index(node)]
            session = stream.sessions[stream.ends.index(node)]
            if node.up and other.up and session and stream.pair not in self.network.apart:
                asked += 1
                if asked <= HEADS_ASKED:
                    self._ask_heads(node, other, session)
                self._ask_openings(node, other, session)
        self.chance.shuffle(self.network.late)
        self._answer(self.chance.randint(0, len(self.network.late)))

    def _answer(self, count: int) -> None:
        """So many of the answers on the way arrive; those to streams that are gone are lost."""
        for _ in range(count):
            asker, session, answer = self.network.late.pop()
            if any(session in stream.sessions for stream in self.network.streams):
                self.attempt(asker, answer)

    def _ask_heads(self, node: WorldNode, other: WorldNode, session: Session) -> None:
        notes, forks = other.exchange.heads_for(node.member)
        answer = partial(node.exchange.take_heads, session, notes, forks)
        self.network.late.append((node, session, answer))

    def _ask_openings(self, node: WorldNode, other: WorldNode, session: Session) -> None:
        for origin, indices in node.exchange.missing_openings(ASKED).items():
            try:
                answers = other.exchange.openings_for(node.member, origin, indices)
            except RefusedError:
                continue
            found = list(zip(indices, answers, strict=True))
            answer = partial(node.exchange.take_openings, origin, found, other.member)
            self.network.late.append((node, session, answer))

    # ------------------------------------------------------------------ healing

    def heal(self) -> None:
        """No more faults; every process runs and every line works, until all is at rest."""
        self.log("heal")
        self.network.apart, self.slow, self.stopped = set(), set(), set()
        self.network.late.clear()
        for node in self.nodes.values():
            node.disarm()
            node.local.offset = 0
            if not node.up:
                self.start(node)
        if self.chain.latest.expired(self.clock.now()):
            renew_charter(self)
        for stream in self.network.streams:
            stream.close(0)
            stream.close(1)
        self.network.streams.clear()
        for node in self.nodes.values():
            self.attempt(node, partial(self.renew, node))
        for _ in range(ROUNDS):
            before = self.digest.digest()
            if not self._exchange_all() and before == self.digest.digest():
                return
        raise AssertionError(f"no rest after {ROUNDS} rounds of healing")

    def _exchange_all(self) -> bool:
        """Connect who is not, let all frames arrive, and pull; whether a frame arrived."""
        for one, other in self.pairs:
            if all(stream.pair != {one, other} for stream in self.network.streams):
                self.connect(one, other)
        for stream in self.network.streams:
            self.network.ask(stream, 0)
            self.network.ask(stream, 1)
        moved = self._settle()
        for node in self.nodes.values():
            self._pull(node)
        self._answer(len(self.network.late))
        return moved

    def _settle(self) -> bool:
        moved = False
        for _ in range(10_000):
            again = False
            for stream in list(self.network.streams):
                for side in (0, 1):
                    again |= self._send(stream, side)
                    again |= self._take(stream, side)
            if not again:
                return moved
            moved = True
        raise AssertionError("frames go to and fro without end")


@cache
def _chain(members: tuple[str, ...], hubs: tuple[str, ...], days: int) -> CharterChain:
    made = [
        build.make_member(m, roles=(Role.HUB, Role.WITNESS) if m in hubs else (Role.CITY,))
        for m in members
    ]
    terms = replace(build.make_terms(made), not_after=Timestamp(START + days * DAY))
    return begin_chain(build.sign_all(terms), build.charter_id_of(terms))
