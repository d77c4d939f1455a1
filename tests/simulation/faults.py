"""What goes wrong in a world, all of it honest: nobody lies, so nobody may be blamed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from crypto.checkpoint import peek_checkpoint
from crypto.dsse import Envelope, sign_envelope
from federation.charters.chain import advance
from federation.charters.draft import next_terms, without_member, write_terms
from federation.charters.values import Terms
from federation.charters.verification import PAYLOAD_TYPE, Cut
from federation.ids import Timestamp
from node.system.failpoints import NAMES
from tests.simulation.parts import Crash, full
from tests.support import charters as build

if TYPE_CHECKING:
    from tests.simulation.world import World

DAY = 86_400
_REACHED = tuple(
    name
    for name in NAMES
    if name.startswith(("publish.", "mark.", "follow.", "witness.", "checkpoint."))
)


def lose_frame(world: World) -> None:
    """A frame is lost, and the stream with it; perhaps only one end knows."""
    if world.network.streams:
        stream = world.chance.choice(world.network.streams)
        for side in (0, 1):
            if world.chance.random() < 0.6:
                stream.close(side)
            else:
                stream.queues[side].clear()
                stream.queues[1 - side].clear()
                stream.close(1 - side)


def notice_half_open(world: World) -> None:
    """Ends whose other end has gone notice it at last."""
    for stream in world.network.streams:
        if None in stream.sessions and world.chance.random() < 0.5:
            stream.close(0)
            stream.close(1)


def repeat_frame(world: World) -> None:
    """A frame comes twice."""
    queues = [q for stream in world.network.streams for q in stream.queues if q]
    if queues:
        queue = world.chance.choice(queues)
        queue.append(queue[0])


def part(world: World) -> None:
    """Two groups cannot reach each other until it heals."""
    inside = {m for m in world.nodes if world.chance.random() < 0.5}
    world.network.apart = {
        frozenset((one, other))
        for one in world.nodes
        for other in world.nodes
        if (one in inside) != (other in inside)
    }


def rejoin(world: World) -> None:
    """The partition is over."""
    world.network.apart = set()


def crash_now(world: World) -> None:
    """A process is killed, and comes back sooner or later; a hub perhaps only at the end."""
    world.crash(world.some_node())


def crash_at_failpoint(world: World) -> None:
    """A process dies at one of the named places, when it next comes there."""
    moment = world.chance.choice(("before", "after"))
    world.some_node().crash_points.armed = (world.chance.choice(_REACHED), moment)


def crash_in_commit(world: World) -> None:
    """A process dies while it commits."""
    world.some_node().disk.fails = Crash("commit")


def fill_disk(world: World) -> None:
    """The next commit finds no space."""
    world.some_node().disk.fails = full()


def fail_mark(world: World) -> None:
    """The mark's file cannot be written, or only its last step fails."""
    world.some_node().disk.mark_fails = world.chance.choice(("before", "after"))


def jump_clock(world: World) -> None:
    """A clock is wrong by minutes or days, or is set right."""
    offsets = (0, 0, 200, 4000, -4000, 2 * DAY, -2 * DAY, 500 * DAY)
    world.some_node().local.offset = world.chance.choice(offsets)


def slow_down(world: World) -> None:
    """One node takes frames only now and then, or is well again."""
    world.slow ^= {world.some_node().member}


def let_time_pass(world: World) -> None:
    """Nothing happens for a while; heads are renewed where nodes run."""
    world.clock.advance(world.chance.choice((1, 6, 61, 400, DAY // 4)))
    for node in world.nodes.values():
        if node.up and world.chance.random() < 0.7:
            world.attempt(node, partial(world.renew, node))


def renew_charter(world: World) -> None:
    """All voters sign the next version, which one node adopts; it travels by itself."""
    terms = next_terms(
        world.chain.latest, issued_at=_now(world), not_after=Timestamp(_now(world) + 30 * DAY)
    )
    _adopt(world, terms)


def expel(world: World) -> None:
    """A city is removed; its log is cut at the newest checkpoint that the first hub holds."""
    cities = [m for m in world.members if m not in world.hubs]
    hub = world.nodes[world.hubs[0]]
    if len(cities) < 3 or world.expelled or not hub.up:
        return
    node = world.nodes[world.chance.choice(cities)]
    served = hub.exchange.served().get(node.origin)
    if served is None:
        return
    cut = Cut(size=served.size, root=peek_checkpoint(served.note).root, note=served.note)
    terms = next_terms(
        world.chain.latest, issued_at=_now(world), not_after=Timestamp(_now(world) + 300 * DAY)
    )
    world.expelled = node.member
    world.cut = (node.origin, served.size, terms.version)
    _adopt(world, without_member(terms, node.member, cut))


FAULTS: dict[Callable[[World], None], int] = {
    lose_frame: 6,
    notice_half_open: 6,
    repeat_frame: 3,
    part: 1,
    rejoin: 2,
    crash_now: 2,
    crash_at_failpoint: 6,
    crash_in_commit: 2,
    fill_disk: 3,
    fail_mark: 2,
    jump_clock: 2,
    slow_down: 1,
    let_time_pass: 8,
    renew_charter: 1,
    expel: 1,
}
"""Every fault with its weight."""


def _now(world: World) -> Timestamp:
    return world.clock.now()


def _adopt(world: World, terms: Terms) -> None:
    envelope = Envelope(payload_type=PAYLOAD_TYPE, payload=write_terms(terms), signatures=())
    for member in world.chain.latest.terms.members:
        if member.charter_key is not None and member.id != world.expelled:
            envelope = sign_envelope(envelope, build.seed(member.id, "charter"))
    world.chain = advance(world.chain, envelope.to_bytes())
    takers = [n for n in world.nodes.values() if n.up and n.member != world.expelled]
    if takers:
        world.take_charter(world.chance.choice(takers))
