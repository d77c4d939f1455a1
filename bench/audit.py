"""An audit of an export from its pin: leaves a second, all rules, against hashing them.

Two logs of an alliance, the larger of which has all but a few of the leaves; relief and receipts
are among them as a busy city has them. With a process for each processor.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from adapters.processes import processors
from bench.measuring import Options, Result, Run
from federation.ids import Timestamp
from federation.statements import Kind
from node.audit.log_seen import Reading
from node.audit.verifying import Auditor
from node.codec import ProtobufPayloads
from tests.support.audited import CITY, PEER, World, same_day

SIZE = 1_000_000
RUNS = 3
RELIEF_EVERY = 1000


def run(options: Options) -> Iterator[Result]:
    """Measure; no database is needed."""
    size = options.size or SIZE
    world = _world(size)
    leaves = world[CITY].leaves
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        out = world.write(Path(name) / "out")
        runs = [_run(world, out, leaves) for _ in range(options.runs or RUNS)]
    yield Result(
        bench="audit",
        database="none",
        unit=f"leaves/s, processes: {processors()}",
        baseline="SHA-256 of the leaves, processes: 1",
        runs=tuple(runs),
        size=len(leaves),
    )


def _world(size: int) -> World:
    world = World()
    city, peer = world[CITY], world[PEER]
    listings = [city.say(Kind.LISTING, world.now) for _ in range(size)]
    world.vouch()
    for place in range(0, size, RELIEF_EVERY):
        peer.receipt(world.now, city.origin, 2, place)
        city.say(Kind.REPAIR, world.now, about=listings[place])
    world.vouch()
    for place in range(0, size, RELIEF_EVERY):
        peer.receipt(world.now, city.origin, 3, place)
    world.vouch()
    return world


def _run(world: World, out: Path, leaves: list[bytes]) -> Run:
    began = perf_counter()
    auditor = Auditor(
        [world.chain.id],
        reading=Reading(payloads=ProtobufPayloads(), processes=processors()),
        due=same_day,
        now=Timestamp(world.now + 60),
    )
    audited = auditor.run([out])
    seconds = perf_counter() - began
    if audited.found or audited.logs[world[CITY].origin].size != len(leaves):
        raise RuntimeError(audited.found[:3])
    began = perf_counter()
    for leaf in leaves:
        sha256(leaf).digest()
    bare = perf_counter() - began
    return Run(value=len(leaves) / seconds, baseline=len(leaves) / bare)
