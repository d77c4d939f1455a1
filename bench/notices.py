"""What notices 属地通报 cost a node that follows and judges a log: records by processor time.

The base library knows a hundred thousand firms, among them every twentieth that the log lists. The
follower takes the log and is stopped; what it spent is noted. Then its jobs judge and go through
the log in this process, each as far as a node's do before others have their turn; what each spent
is noted too. Counted is following, judging and telling; the baseline is following and judging,
without what judging spends on keeping whose listings were read. Processor time alone: a node does
all three at once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from typing import TypeVar
from unittest.mock import patch

from adapters.catalog.library import FILE_NAME, import_library
from bench import federations, lists
from bench.databases import Databases, databases
from bench.measuring import Options, Result, Run
from bench.reconcile import close
from bench.replicate import seconds_to_follow
from bench.spending import Spent
from federation.payloads import Listing
from federation.uscc import make_uscc
from node.app.wiring import build
from node.records.judged_pages import JudgedPages

T = TypeVar("T")

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
                    unit="records per second of processors",
                    baseline="following and judging the same log, by processor time",
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
        spending: list[Spent] = []
        seconds_to_follow(follower, database, size, spending=spending)
        import_library(library, follower / FILE_NAME, lambda _: None)
        parts = build(follower)
        jobs = {job.name: job for job in parts.jobs}
        spent = {"reconcile": 0.0, "notices": 0.0}
        passed = dict.fromkeys(spent, 0)
        with _keeping() as kept:
            while passed["notices"] < size:
                for name in spent:
                    began = process_time()
                    done = jobs[name].run()
                    assert isinstance(done, int)
                    passed[name] += done
                    spent[name] += process_time() - began
        close(parts)
    followed, noticed = spending[0].seconds, sum(kept) + spent["notices"]
    judged = spent["reconcile"] - sum(kept)
    of_each = {"following": followed, "judging": judged, "notices": noticed, "kept": sum(kept)}
    shown = ", ".join(f"{name} {seconds / size * 1e6:.1f}" for name, seconds in of_each.items())
    print(f"  µs of a record: {shown} (of the notices, while judging)", flush=True)
    return Run(value=size / (followed + judged + noticed), baseline=size / (followed + judged))


@contextmanager
def _keeping() -> Iterator[list[float]]:
    """Seconds that judging spends on keeping whose listings it read."""
    seconds: list[float] = []

    def timed(plain: Callable[..., T]) -> Callable[..., T]:
        def call(*given: object) -> T:
            began = process_time()
            made = plain(*given)
            seconds.append(process_time() - began)
            return made

        return call

    with (
        patch.object(JudgedPages, "put", timed(JudgedPages.put)),
        patch.object(JudgedPages, "basis", timed(JudgedPages.basis)),
    ):
        yield seconds
