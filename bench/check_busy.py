"""The slowest checks while statements arrive and reliefs pass, against those of the idle node.

The node that is asked is a follower, by eight callers: while nothing else happens, and then while
it takes and judges as many listings again of its only peer, which repairs some meanwhile. Once by
the node alone, and once by a worker beside it.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import count, product
from pathlib import Path
from time import perf_counter

from bench import askers, federations, lists
from bench.check import Asked, permitted, prepared
from bench.check_workers import until_ready, use_workers
from bench.databases import ReconciledOf, SizeOf, databases
from bench.lag import percentile, place, reached, until
from bench.measuring import Options, Result, Run
from bench.publications import publication, registry, repair
from node.directory.config import load_config

SIZE = 200_000
"""Listings that arrive after as many that are held."""
RUNS = 1
CALLERS = 8
WORKERS = (0, 1)
QUESTIONS = 50
"""For each caller, asked again and again while statements arrive."""
REPAIRED = 100


def run(options: Options) -> Iterator[Result]:
    """Measure on each database; each run has nodes of its own."""
    size, runs = options.size or SIZE, options.runs or RUNS
    for kind, workers in product(options.databases, WORKERS):
        measured = []
        for _ in range(runs):
            with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
                directory = Path(name)
                with (
                    databases(kind, directory) as server,
                    server.fresh() as theirs,
                    server.fresh() as ours,
                ):
                    measured.append(_measure(directory, size, theirs, ours, workers))
        yield Result(
            bench=f"check-busy-workers-{workers}" if workers else "check-busy",
            database=kind,
            unit=f"ms (p99 at {CALLERS} callers)",
            baseline="the same idle",
            runs=tuple(measured),
            size=size,
        )


def _measure(directory: Path, size: int, theirs: str, ours: str, workers: int) -> Run:
    pair = federations.found(directory, guests=1)
    federations.use_database(pair.publisher, theirs)
    federations.use_database(pair.follower, ours)
    asked = prepared(directory, pair.follower, pair.guests[0], pair, 0)
    rows = [*map(lists.short, lists.listings(directory / "list.csv", pair.audience))]
    lists.preload(pair.publisher, lists.many(rows, size))
    use_workers(asked.node, workers)
    database = load_config(pair.follower).database_url
    held, judged = SizeOf(database, federations.ORIGIN), ReconciledOf(database, federations.ORIGIN)
    repaired = list(lists.many(rows, min(REPAIRED, size), 2 * size))
    with ExitStack() as stack:
        stack.callback(held.close)
        stack.callback(judged.close)
        client = stack.enter_context(askers.asking())
        stack.enter_context(federations.serving(pair.follower))
        permitted(asked)
        until_ready(asked.node, workers)
        with federations.serving(pair.publisher), registry(pair.publisher) as stub:
            said = [place(stub, publication(listing))[0] for listing in repaired]
            until([reached(held, size + len(said))], perf_counter())
            until([lambda: judged() >= size + len(said)], perf_counter())
        seeds = count(1)
        idle = _asked(client, asked, seeds, lambda: False)
        lists.preload(pair.publisher, lists.many(rows, size, size))
        stack.enter_context(federations.serving(pair.publisher))
        repairing = threading.Thread(target=_repair, args=(pair.publisher, said))
        repairing.start()
        try:
            busy = _asked(client, asked, seeds, lambda: judged() < 2 * size)
        finally:
            repairing.join()
    return Run(value=percentile(busy, 99), baseline=percentile(idle, 99))


def _asked(
    client: askers.Askers, asked: Asked, seeds: count[int], goes_on: Callable[[], bool]
) -> list[float]:
    """Milliseconds of each question, asked at least once for each caller."""
    took: list[float] = []
    while True:
        took += client.ask(asked.task(CALLERS, next(seeds), QUESTIONS)).took
        if not goes_on():
            return took


def _repair(publisher: Path, said: Sequence[bytes]) -> None:
    with registry(publisher) as stub:
        for statement_id in said:
            stub.Relieve(repair(statement_id))
