"""Following a log with and without notices 属地通报: records per second, until all is told.

The base library knows a hundred thousand firms, among them every twentieth that the log lists. The
follower takes the log and is stopped; then it judges it (not measured) and goes through it for
notices in this process. Counted is following and going through, one after the other, though a node
does both at once; the baseline is following alone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from adapters.catalog.library import FILE_NAME, import_library
from bench import federations, lists
from bench.databases import Databases, databases
from bench.measuring import Options, Result, Run
from bench.reconcile import close
from bench.replicate import seconds_to_follow
from federation.payloads import Listing
from federation.uscc import make_uscc
from node.app.wiring import build

SIZE = 200_000
RUNS = 2
SUBJECTS = 100_000
DIFFERENT = 100_000
"""Subjects that are listed; more listings are further documents about the same."""
LOCAL = 20
"""One of so many of them is registered here."""


def run(options: Options) -> Iterator[Result]:
    """Measure on each database."""
    size = options.size or SIZE
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        pair = federations.found(directory)
        lists.write_list(directory / "list.csv", min(DIFFERENT, size))
        some = [lists.short(one) for one in lists.listings(directory / "list.csv", pair.audience)]
        library = directory / "subjects.csv"
        _write_subjects(library, some[::LOCAL])
        lists.preload(pair.publisher, lists.many(some, size))
        with federations.serving(pair.publisher):
            for kind in options.databases:
                with databases(kind, directory) as made:
                    runs = [
                        _run(directory / f"{kind}-{number}", pair, made, size, library)
                        for number in range(options.runs or RUNS)
                    ]
                yield Result(
                    bench="notices",
                    database=kind,
                    unit="records/s",
                    baseline="following the same log",
                    runs=tuple(runs),
                    size=size,
                )


def _write_subjects(path: Path, ours: Sequence[Listing]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("code,name\n")
        for number in range(max(0, SUBJECTS - len(ours))):
            file.write(f"{make_uscc('91511000', f'XX{number:06d}')},虚构主体{number}（演示）\n")
        for one in ours:
            file.write(f"{one.subject.code},{one.subject.name}\n")


def _run(directory: Path, pair: federations.Pair, made: Databases, size: int, library: Path) -> Run:
    with made.fresh() as database:
        follower = pair.new_follower(directory, database)
        followed = seconds_to_follow(follower, database, size)
        import_library(library, follower / FILE_NAME, lambda _: None)
        parts = build(follower)
        jobs = {job.name: job for job in parts.jobs}
        jobs["reconcile"].run()
        began = perf_counter()
        passed = jobs["notices"].run()
        told = perf_counter() - began
        close(parts)
    if passed != size:
        message = f"expected {size} leaves to be gone through, got {passed}"
        raise RuntimeError(message)
    return Run(value=size / (followed + told), baseline=size / followed)
