"""Replay one seed, or sweep many: `python -m tests.simulation SEED [--seeds COUNT]`.

One seed is told step by step. Many run in several processes; their last line is JSON, as
`soak/kinds.py` wants it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256

from node.system import tls12_off
from tests.simulation.running import Outcome, run_seed


def main() -> int:
    parser = argparse.ArgumentParser(description="Deterministic simulation of a federation.")
    parser.add_argument("seed", type=int)
    parser.add_argument("--seeds", type=int, default=0, help="how many, from that one on")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    tls12_off.require()
    if not given.seeds:
        outcome = run_seed(given.seed, tell=partial(print, flush=True))
        print(outcome.trouble or f"seed {given.seed} holds", outcome.digest)
        return 1 if outcome.trouble else 0
    with ProcessPoolExecutor(given.processes) as pool:
        seeds = range(given.seed, given.seed + given.seeds)
        outcomes = list(pool.map(run_seed, seeds, chunksize=8))
    return _report(outcomes)


def digest_of(outcomes: Sequence[Outcome]) -> str:
    """Of many runs together; equal for every run of the same seeds."""
    return sha256(" ".join(o.digest for o in outcomes).encode()).hexdigest()[:16]


def _report(outcomes: list[Outcome]) -> int:
    failed = [o for o in outcomes if o.trouble]
    print("digest of all", digest_of(outcomes))
    for outcome in failed:
        print(f"python -m tests.simulation {outcome.seed}", file=sys.stderr)
        print(outcome.trouble, file=sys.stderr, flush=True)
    print(
        json.dumps(
            {
                "seeds": len(outcomes),
                "failed_seeds": [o.seed for o in failed],
                "fifty_nodes": sum(o.nodes == 50 for o in outcomes),
                "faults": sum(o.faults for o in outcomes),
                "statements": sum(o.statements for o in outcomes),
                "checks": sum(o.checks for o in outcomes),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
