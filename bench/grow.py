"""Following a million statements in one run: the rate of the last hundred thousand.

Against the rate from one hundred thousand to two hundred thousand held, in the same run, so flat
is 1: both are paced by the same machine, publisher and file system. The follower's memory is noted
from its first leaf to its last (`grow-memory`); the baseline of that is its memory after the first
hundred thousand.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, sleep

from bench import federations, lists
from bench.databases import Databases, SizeOf, databases
from bench.measuring import Options, Result, Run, resident, watched
from bench.replicate import POLL_SECONDS

SIZE = 1_000_000
RUNS = 1
PART = 100_000
"""Statements of each of the two spans; at smaller sizes a quarter of all."""
DIFFERENT = 100_000
"""Subjects."""


def run(options: Options) -> Iterator[Result]:
    """Measure on each database; the size is what the follower holds in the end."""
    size = options.size or SIZE
    part = min(PART, size // 4)
    for kind in options.databases:
        speeds, memories = [], []
        with (
            tempfile.TemporaryDirectory(prefix="huxin-bench-") as name,
            databases(kind, Path(name)) as made,
        ):
            for number in range(options.runs or RUNS):
                speed, memory = _run(Path(name) / str(number), made, size, part)
                speeds.append(speed)
                memories.append(memory)
        yield Result(
            bench="grow",
            database=kind,
            unit=f"records/s up to {size}",
            baseline=f"from {part} to {2 * part}",
            runs=tuple(speeds),
            size=part,
        )
        yield Result(
            bench="grow-memory",
            database=kind,
            unit="MiB at most",
            baseline="the same early on",
            runs=tuple(memories),
            size=size,
        )


def _run(directory: Path, made: Databases, size: int, part: int) -> tuple[Run, Run]:
    directory.mkdir()
    pair = federations.found(directory)
    path = directory / "list.csv"
    lists.write_list(path, min(DIFFERENT, size))
    some = [lists.short(listing) for listing in lists.listings(path, pair.audience)]
    lists.preload(pair.publisher, lists.many(some, size))
    with made.fresh() as database:
        follower = pair.new_follower(directory / "follower", database)
        with (
            federations.serving(pair.publisher),
            federations.serving(follower) as pid,
            watched(pid) as memory,
        ):
            stored = SizeOf(database, federations.ORIGIN)
            began = _when(stored, part)
            early = resident(pid)
            first = _rate(stored, *began, 2 * part)
            last = _rate(stored, *_when(stored, size - part), size)
            stored.close()
    return Run(value=last, baseline=first), Run(value=max(memory), baseline=early)


def _rate(stored: SizeOf, held: int, since: float, size: int) -> float:
    """Statements a second from what was held at a time to a size; of no few, which come at once."""
    now, at = _when(stored, size)
    return max(now - held, 1) / max(at - since, POLL_SECONDS)


def _when(stored: SizeOf, size: int) -> tuple[int, float]:
    """Wait for a size; what is held then, and when that was."""
    while (held := stored()) < size:
        sleep(POLL_SECONDS)
    return held, perf_counter()
