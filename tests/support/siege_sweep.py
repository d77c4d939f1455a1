"""One siege of ten minutes, or `SECONDS`: `python -m tests.support.siege_sweep SEED`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from pathlib import Path

from tests.support.fresh import fresh_postgres
from tests.support.postgres import running_server
from tests.support.siege import EAST, besieged
from tests.support.siege_plan import Plan

SECONDS = 600.0
LISTINGS_MAX = 900


def main() -> None:
    """Besiege; the last line is JSON, as `soak/kinds.py` wants it."""
    parser = argparse.ArgumentParser(description="Relief under siege.")
    parser.add_argument("seed", type=int)
    seconds = float(os.environ.get("SECONDS", SECONDS))
    parser.add_argument("--seconds", type=float, default=seconds)
    given = parser.parse_args()
    plan = Plan(
        seed=given.seed,
        seconds=given.seconds,
        listings=min(LISTINGS_MAX, 100 + int(given.seconds)),
        pause=0.5,
        stay=(2, 15),
        at_once=(0, 5),
        flood=100,
        kills=True,
        arrival=240,
    )
    directory = Path(tempfile.mkdtemp(prefix="huxin-siege-"))
    begun = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - begun:7.1f} s  {line}", flush=True)

    say(f"seed {given.seed}, {given.seconds:.0f} s, {directory}")
    with (
        running_server() as server,
        fresh_postgres(server.render_as_string(hide_password=False)) as url,
        besieged(
            directory, plan, lambda region: url if region == EAST.region else "", say
        ) as siege,
    ):
        outcome = siege.run()
    for name, found in outcome.seconds.items():
        print(f"{name:24} {found['count']:5}  p50 {found['p50']:7.2f} s  p99 {found['p99']:7.2f} s")
    if outcome.faults:
        print(f"seed {given.seed} failed; see {directory}", *outcome.faults, sep="\n")
    else:
        shutil.rmtree(directory)
    print(
        json.dumps(
            {
                "seeds": 1,
                "failed_seeds": [given.seed] if outcome.faults else [],
                "shown": outcome.seconds,
                "repairs": sum(outcome.said.values()),
                **{f"by {door}": count for door, count in sorted(outcome.said.items())},
                **{f"besieged by {name}": n for name, n in sorted(outcome.besieged.items())},
            }
        )
    )


if __name__ == "__main__":
    main()
