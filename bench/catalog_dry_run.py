"""A new edition tried on all listings held, against a bare scan of them.

The listings are those of `reconcile`, judged before; the new edition shortens the longest period,
so that most of them would change. The scan reads rows and sealed openings in the same batches, and
opens nothing.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from adapters.sql import open_store
from bench import federations
from bench.databases import Databases, databases
from bench.measuring import Options, Result, Run
from bench.reconcile import EDITION, close, followed, published, seconds_to_reconcile
from node.reconcile.catalog_desk import BATCH

SIZE = 100_000
RUNS = 2
TRIED = EDITION.replace("longest_months: 60", "longest_months: 12")
TOLD_EVERY = 100 * BATCH


def run(options: Options) -> Iterator[Result]:
    """Measure on each database."""
    size = options.size or SIZE
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        with published(directory, size) as (pair, library):
            for kind in options.databases:
                with databases(kind, directory) as made:
                    runs = _runs(directory / kind, pair, made, size, library, options.runs or RUNS)
                yield Result(
                    bench="catalog-dry-run",
                    database=kind,
                    unit="listings/s",
                    baseline="bare scan of rows and sealed openings",
                    runs=runs,
                    size=size,
                )


def _runs(
    directory: Path,
    pair: federations.Pair,
    made: Databases,
    size: int,
    library: Path,
    count: int,
) -> tuple[Run, ...]:
    """A dry run changes nothing: all runs are of one follower."""
    with made.fresh() as database:
        parts, _ = followed(directory, pair, database, size, library)
        seconds_to_reconcile(parts, database, size)
        runs = []
        for _ in range(count):
            scanned = _seconds_to_scan(database, size)
            began = perf_counter()
            result = parts.catalogs.take(TRIED, (), lambda judged: _tell(judged, size))
            seconds = perf_counter() - began
            if not any(change["listings"] for change in result["changes"]):
                raise RuntimeError("expected the edition to change something, got no change")
            runs.append(Run(value=size / seconds, baseline=size / scanned))
        close(parts)
    return tuple(runs)


def _seconds_to_scan(database: str, size: int) -> float:
    store = open_store(database)
    began = perf_counter()
    with store.read() as session:
        (head,) = [head for head in session.heads() if head.origin == federations.ORIGIN]
        rows = sum(
            len(session.rows_between(head.log, start, start + BATCH))
            + len(session.openings_between(head.log, start, start + BATCH))
            for start in range(0, head.size, BATCH)
        )
    seconds = perf_counter() - began
    store.close()
    if rows != 2 * size:
        message = f"expected {size} rows and openings, got {rows} together"
        raise RuntimeError(message)
    return seconds


def _tell(judged: int, size: int) -> None:
    if judged % TOLD_EVERY == 0:
        print(f"  tried: {judged} of {size}", file=sys.stderr, flush=True)
