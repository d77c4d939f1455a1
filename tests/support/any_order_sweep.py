"""Scripts of `any_order` from seeds: `python -m tests.support.any_order_sweep SEED --seeds 50`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import traceback
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

from tests.simulation.running import MEMORY
from tests.support.any_order import Move, Reader, Script, alike, difference, punishing

MOVES: Final = {
    "list_": (6, 2),
    "relieve": (6, 3),
    "relist": (2, 1),
    "mask": (1, 2),
    "correct": (1, 2),
    "erase": (1, 3),
    "cut": (3, 2),
    "revive": (2, 2),
    "delegate": (2, 3),
    "undelegate": (2, 3),
    "succeed": (1, 2),
}
"""Weight of each move, and how many numbers it takes."""
LONGEST: Final = 24


def moves_of(seed: int) -> list[Move]:
    """A script's moves from a seed."""
    chance = Random(seed)
    weights = [weight for weight, _ in MOVES.values()]
    names = chance.choices(list(MOVES), weights, k=chance.randint(4, LONGEST))
    return [(name, *(chance.randint(0, 11) for _ in range(MOVES[name][1]))) for name in names]


def check(seed: int, directory: Path) -> None:
    """Bring a script to three nodes: in order, in any order, and to one that erases as well.

    Raises:
        AssertionError: they come to different states, or a relieved record punishes.
    """
    script = Script(moves_of(seed))
    fresh, running, erasing = (Reader(script, directory / name) for name in "fre")
    with closing(fresh), closing(running), closing(erasing):
        fresh.in_order()
        running.at_random(Random(seed))
        erasing.at_random(Random(-seed), erasing=True)
        expected, found = fresh.rows(), running.rows()
        assert alike(expected, found), difference(expected, found)
        for node in (fresh, running, erasing):
            assert not punishing(node.rows()) & script.relieved(), seed
            node.check_rebuilt()


def main() -> None:
    """Run the seeds of the command line."""
    parser = argparse.ArgumentParser(description="Whatever comes first, there is one state.")
    parser.add_argument("seed", type=int)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    failed: list[int] = []
    memory = MEMORY if MEMORY.is_dir() else None
    for seed in range(given.seed, given.seed + given.seeds):
        with tempfile.TemporaryDirectory(prefix="huxin-any-order-", dir=memory) as name:
            try:
                check(seed, Path(name))
            except AssertionError:
                failed.append(seed)
                traceback.print_exc(file=sys.stdout)
    sys.stdout.write(json.dumps({"seeds": given.seeds, "failed_seeds": failed}))


if __name__ == "__main__":
    main()
