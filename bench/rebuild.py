"""Deriving all rows and findings again from leaves, openings and journal, against the first run.

The first run is following the log from a running publisher and then judging it, as in `reconcile`.
The rebuild must find the same `local_state`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bench import federations
from bench.databases import Databases, databases
from bench.measuring import Options, Result, Run
from bench.reconcile import close, followed, published, seconds_to_reconcile

SIZE = 100_000
RUNS = 1


def run(options: Options) -> Iterator[Result]:
    """Measure on each database."""
    size = options.size or SIZE
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        with published(directory, size) as (pair, library):
            for kind in options.databases:
                with databases(kind, directory) as made:
                    runs = [
                        _run(directory / f"{kind}-{number}", pair, made, size, library)
                        for number in range(options.runs or RUNS)
                    ]
                yield Result(
                    bench="rebuild",
                    database=kind,
                    unit="records/s",
                    baseline="following and reconciling the same log",
                    runs=tuple(runs),
                    size=size,
                )


def _run(directory: Path, pair: federations.Pair, made: Databases, size: int, library: Path) -> Run:
    with made.fresh() as database:
        parts, seconds = followed(directory, pair, database, size, library)
        first = seconds + seconds_to_reconcile(parts, database, size)
        before = parts.status(local_state=True)["local_state"]
        print(f"  first run: {first:.0f} s; rebuilding", file=sys.stderr, flush=True)
        began = perf_counter()
        equal, differences = parts.rebuild(False)
        rebuilt = perf_counter() - began
        after = parts.status(local_state=True)["local_state"]
        close(parts)
    if not equal or before != after:
        message = f"the rebuild found another state: {before}, {after}; {differences[:3]}"
        raise RuntimeError(message)
    return Run(value=size / rebuilt, baseline=size / first)
