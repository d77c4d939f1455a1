"""An outage is made up for: how much faster the log is replayed than it had arrived.

A node that was down for so many days finds 100,000 statements of each; from its stream's beginning
to its last commit. The baseline is the rate at which they arrived. Without a size this replays two
days; a month of a province is N=3000000.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import federations, lists
from bench.databases import databases
from bench.measuring import Options, Result, Run
from bench.replicate import seconds_to_follow

SIZE = 200_000
RUNS = 1
A_DAY = 100_000
DAY_SECONDS = 86_400
DIFFERENT = 100_000
"""Subjects."""


def run(options: Options) -> Iterator[Result]:
    """Measure on each database."""
    size = options.size or SIZE
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        pair = federations.found(directory)
        lists.write_list(directory / "list.csv", min(DIFFERENT, size))
        rows = lists.listings(directory / "list.csv", pair.audience)
        some = [lists.short(listing) for listing in rows]
        lists.preload(pair.publisher, lists.many(some, size))
        arrived = A_DAY / DAY_SECONDS
        with federations.serving(pair.publisher):
            for kind in options.databases:
                runs = []
                with databases(kind, directory) as made:
                    for number in range(options.runs or RUNS):
                        with made.fresh() as database:
                            follower = pair.new_follower(directory / f"{kind}-{number}", database)
                            seconds = seconds_to_follow(follower, database, size)
                        runs.append(Run(value=size / seconds, baseline=arrived))
                yield Result(
                    bench="catch-up",
                    database=kind,
                    unit="records/s",
                    baseline=f"arrival of {A_DAY} a day",
                    runs=tuple(runs),
                    size=size,
                )
