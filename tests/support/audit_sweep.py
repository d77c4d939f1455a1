"""Random honest alliances with faults of nobody, audited and watched: nobody may be accused.

`python -m tests.support.audit_sweep SEED --seeds N`. Nodes are away for days, clocks differ by
minutes, checkpoints are kept by chance, exports are of different ages and without some logs; every
relief is executed before its last day by whoever is there. What cannot be said may be incomplete,
never a finding.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from random import Random

from federation.audit.found import Weight
from federation.payloads import ErasureGround
from federation.statements import Kind
from tests.support.audited import CITY, DAY, MEMBERS, World
from tests.support.monitored import Base, Watching

SKEW = 240
"""Seconds by which a clock may be wrong."""


def audited(seed: int, folder: Path) -> list[str]:
    """Sentences that accuse somebody, of one world."""
    random = Random(seed)
    world = World()
    watched = Watching(world, Base("one"), Base("two"))
    skew = {member: random.randint(-SKEW, SKEW) for member in MEMBERS}
    outs: list[Path] = []
    for step in range(random.randint(2, 5)):
        _events(world, random, skew)
        if random.random() < 0.5:
            outs.append(world.write(folder / str(step), _partial(world, random)))
        for base in watched.bases:
            base.down = random.random() < 0.2
            if random.random() < 0.7:
                base.files = _partial(world, random)
        watched.round()
        world.vouch(random.choice((60, 3600, DAY, 5 * DAY)))
    outs.append(world.write(folder / "last", _partial(world, random)))
    random.shuffle(outs)
    found = world.audit(*outs).found
    told = watched.round()
    accused = [*found, *told.conditions]
    return [
        *(f"{one.code} {one.message}" for one in accused if one.weight is Weight.FINDING),
        *(f"monitor: {one.code} {one.message}" for one in told.state.alerts),
        *(f"monitor: {one.origin} forked" for one in told.state.forks),
    ]


def _events(world: World, random: Random, skew: dict[str, int]) -> None:
    """One listing's life: listed, taken up, relieved, lifted, erased, as far as it comes."""
    city = world[random.choice(MEMBERS)]
    others = [one for one in MEMBERS if one != city.member]
    here = [one for one in others if random.random() < 0.8]
    index = len(city.leaves)
    statement = city.say(Kind.LISTING, world.now + skew[city.member], word=str(index))
    _vouch(world, random)
    for one in here:
        world[one].receipt(world.now + skew[one], city.origin, random.choice((1, 2)), index)
    _vouch(world, random)
    if random.random() < 0.3:
        return
    kind = random.choice((Kind.REPAIR, Kind.WITHDRAWAL))
    relief = len(city.leaves)
    city.say(kind, world.now + skew[city.member], about=statement)
    world.vouch()
    for one in here:
        world[one].receipt(world.now + skew[one], city.origin, 2, relief)
        world[one].receipt(world.now + skew[one], city.origin, 3, index)
    world.vouch()
    if random.random() < 0.5:
        ground = ErasureGround.REPAIRED if kind == Kind.REPAIR else ErasureGround.WITHDRAWN
        city.erase(world.now + skew[city.member], statement, ground)
        _vouch(world, random)


def _vouch(world: World, random: Random) -> None:
    """Others cosign some of the logs; the rest is cosigned later."""
    world.now += random.randint(1, 40)
    for log in world.logs.values():
        if random.random() < 0.7:
            log.vouched(world.now)


def _partial(world: World, random: Random) -> dict[str, bytes]:
    """What one node holds: perhaps not every log, and not every checkpoint."""
    files = world.files()
    for member in MEMBERS:
        if member != CITY and random.random() < 0.2:
            name = str(world[member].origin).replace("/", "__")
            files = {path: data for path, data in files.items() if f"/{name}" not in path}
    notes = [path for path in files if path.startswith("notes/") and random.random() < 0.2]
    return {path: data for path, data in files.items() if path not in notes}


def main() -> int:
    """Audit worlds; 1 where anybody was accused."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int)
    parser.add_argument("--seeds", type=int, default=100)
    asked = parser.parse_args()
    failed: list[int] = []
    for seed in range(asked.seed, asked.seed + asked.seeds):
        with tempfile.TemporaryDirectory() as folder:
            if said := audited(seed, Path(folder)):
                failed.append(seed)
                sys.stdout.write(f"seed {seed}: {said}\n")
    sys.stdout.write(json.dumps({"seeds": asked.seeds, "failed_seeds": failed}) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
