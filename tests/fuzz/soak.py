"""Fuzzes every parser: `python -m tests.fuzz.soak SEED`, by `make soak NAME=fuzz`.

Each target gets inputs mutated from the seed, and, where atheris is installed, as many that follow
the coverage, in a process of its own. The last line is JSON, as `soak.kinds.Module` reads it.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import traceback
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.mutating import mutate
from tests.fuzz.targets import TARGETS, Target

ROOT = Path(__file__).parents[2]
INPUTS = 40_000


def mutated(target: Target, seed: int, count: int) -> bool:
    """Run a target on mutated inputs; whether all went well."""
    chosen, seeds = random.Random(f"{seed}{target.name}"), target.seeds()
    for _ in range(count):
        data = mutate(chosen, chosen.choice(seeds), seeds)
        try:
            target.run(data)
        except BaseException:  # noqa: BLE001 - also what a library panics with
            traceback.print_exc()
            sys.stdout.write(f"{target.name}, seed {seed}: {data.hex()}\n")
            return False
    return True


def covered(target: Target, seed: int, count: int) -> bool:
    """Run a target by coverage; whether all went well."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.coverage", target.name, str(seed), str(count)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'protos' / 'gen'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.stdout.write(f"{target.name}, seed {seed}: {done.stderr[-4000:]}\n")
    return done.returncode == 0


def main() -> None:
    """Fuzz all targets with one seed."""
    seed = int(sys.argv[1])
    ways = [mutated, covered] if find_spec("atheris") else [mutated]
    inputs = 0
    good = True
    for target in TARGETS.values():
        count = INPUTS // target.cost
        for way in ways:
            good = way(target, seed, count) and good
            inputs += count
    failed = [] if good else [seed]
    sys.stdout.write(json.dumps({"seeds": 1, "failed_seeds": failed, "inputs": inputs}))


if __name__ == "__main__":
    main()
