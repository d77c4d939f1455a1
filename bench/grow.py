"""Following a log of which two million statements are held already: the last 200,000 per second.

The follower first takes the two million and is stopped; its database is copied for the baseline,
the log grows, and both nodes are started again. The baseline upserts the last rows into the copy,
so both write into tables and indexes of the same size. The follower's memory is noted from its
first leaf to its last (`grow-memory`); the baseline of that is its memory after the first 100,000,
so flat is 1.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import sleep

from bench import federations, lists, upserting
from bench.databases import Databases, SizeOf, databases
from bench.measuring import Options, Result, Run, resident, watched
from bench.replicate import POLL_SECONDS, seconds_to_follow

SIZE = 2_000_000
"""Held before; a tenth of it is what is measured."""
RUNS = 1
PART = 10
EARLY = 100_000
DIFFERENT = 100_000
"""Subjects."""


def run(options: Options) -> Iterator[Result]:
    """Measure on each database; the size is what is held before."""
    held = (options.size or SIZE) // upserting.BATCH * upserting.BATCH
    more = max(held // PART // upserting.BATCH, 1) * upserting.BATCH
    for kind in options.databases:
        speeds, memories = [], []
        with (
            tempfile.TemporaryDirectory(prefix="huxin-bench-") as name,
            databases(kind, Path(name)) as made,
        ):
            for number in range(options.runs or RUNS):
                speed, memory = _run(Path(name) / str(number), made, held, more)
                speeds.append(speed)
                memories.append(memory)
        yield Result(
            bench="grow",
            database=kind,
            unit="records/s",
            baseline=f"bare bulk upsert into {held} rows",
            runs=tuple(speeds),
            size=more,
        )
        yield Result(
            bench="grow-memory",
            database=kind,
            unit="MiB at most",
            baseline="the same early on",
            runs=tuple(memories),
            size=held + more,
        )


def _run(directory: Path, made: Databases, held: int, more: int) -> tuple[Run, Run]:
    directory.mkdir()
    pair = federations.found(directory)
    path = directory / "list.csv"
    lists.write_list(path, min(DIFFERENT, held))
    some = [lists.short(listing) for listing in lists.listings(path, pair.audience)]
    lists.preload(pair.publisher, lists.many(some, held))
    with made.fresh() as database:
        follower = pair.new_follower(directory / "follower", database)
        with federations.serving(pair.publisher):
            early, first = _fill(follower, database, held)
        with made.fresh(like=database) as bare:
            lists.preload(pair.publisher, lists.many(some, more, held))
            with federations.serving(pair.publisher):
                # Its log would be read from the first start on.
                (follower / federations.SERVE_LOG).unlink()
                second: list[float] = []
                seconds = seconds_to_follow(follower, database, held + more, second)
            baseline = upserting.seconds_to_upsert(
                bare, upserting.batches_of(database, held + more, held)
            )
    return (
        Run(value=more / seconds, baseline=more / baseline),
        Run(value=max(*first, *second), baseline=early),
    )


def _fill(follower: Path, database: str, held: int) -> tuple[float, list[float]]:
    """Let a follower take what is there; its memory early on, and all along."""
    with federations.serving(follower) as pid, watched(pid) as memory:
        stored = SizeOf(database, federations.ORIGIN)
        while stored() < min(EARLY, held):
            sleep(POLL_SECONDS)
        early = resident(pid)
        while stored() < held:
            sleep(POLL_SECONDS)
        stored.close()
    return early, memory
