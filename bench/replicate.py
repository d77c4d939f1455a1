"""Following a log over mutual TLS, two processes: verified, opened and stored, per second.

From the moment at which the follower's stream stands to its last commit. The publisher's log is
made beforehand, on SQLite; the database named is the follower's. The baseline goes into the tables
of `bench.reference`. Of both it is said what they spent: processor time of the follower, of its
workers and of its database's server, and bytes written to disks, for each record.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from os import getpid
from pathlib import Path
from time import sleep, time

from bench import federations, lists, upserting
from bench.databases import Databases, SizeOf, databases
from bench.measuring import Options, Result, Run, watched
from bench.spending import Spent, server_of, spent

SIZE = 200_000
RUNS = 3
POLL_SECONDS = 0.01


def run(options: Options) -> Iterator[Result]:
    """Measure on each database."""
    size = options.size or SIZE
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        pair = federations.found(directory)
        lists.write_list(directory / "list.csv", size)
        rows = lists.listings(directory / "list.csv", pair.audience)
        lists.preload(pair.publisher, [lists.short(listing) for listing in rows])
        with federations.serving(pair.publisher):
            for kind in options.databases:
                with databases(kind, directory) as made:
                    runs = [
                        _run(directory / f"{kind}-{number}", pair, made, size)
                        for number in range(options.runs or RUNS)
                    ]
                yield Result(
                    bench="replicate",
                    database=kind,
                    unit="records/s",
                    baseline="bare bulk upsert of the same rows into the tables of 0d2f266",
                    runs=tuple(runs),
                    size=size,
                )


def seconds_to_follow(
    follower: Path,
    database: str,
    size: int,
    memory: list[float] | None = None,
    spending: list[Spent] | None = None,
) -> float:
    """Run a follower until it has `size` leaves; seconds from its stream's beginning.

    Args:
        follower: directory of a node that does not run.
        database: its database.
        size: leaves that its publisher, which runs, has.
        memory: gets the node's resident MiB.
        spending: gets what the node, its workers and its database's server spent from the first
            leaf that is seen stored on.
    """
    with federations.serving(follower) as pid, watched(pid) as seen:
        stored = SizeOf(database, federations.ORIGIN)
        while not stored():
            sleep(POLL_SECONDS)
        servers = server_of(database)
        before = spent(pid, *servers)
        while stored() < size:
            sleep(POLL_SECONDS)
        ended = time()
        if spending is not None:
            spending.append(spent(pid, *servers) - before)
        stored.close()
    if memory is not None:
        memory += seen
    return ended - federations.stream_begun(follower)


def _run(directory: Path, pair: federations.Pair, made: Databases, size: int) -> Run:
    with made.fresh() as database, made.fresh() as bare:
        follower = pair.new_follower(directory, database)
        spending: list[Spent] = []
        seconds = seconds_to_follow(follower, database, size, spending=spending)
        batches = upserting.as_of_then(upserting.batches_of(database, size))
        servers = server_of(bare)
        before = spent(getpid(), *servers)
        baseline = upserting.seconds_to_upsert(bare, batches)
        bare_spent = spent(getpid(), *servers) - before
    return Run(
        value=size / seconds,
        baseline=size / baseline,
        spent=spending[0],
        baseline_spent=bare_spent,
    )
