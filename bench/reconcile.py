"""From a verified log to findings: listings per second, against following the same log.

Nine listings in ten are plain; every tenth breaks a rule, in turn. The base library knows a
million subjects. The follower's node is stopped once it holds the log, and reconciles it in this
process; the baseline is how fast it followed the log before.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any

from adapters.catalog.library import FILE_NAME, import_library
from adapters.sql import open_store
from bench import federations, lists
from bench.databases import Databases, ReconciledOf, databases
from bench.measuring import Options, Result, Run, told
from bench.replicate import seconds_to_follow
from federation.ids import Date, Timestamp
from federation.payloads import Listing, TermQuality
from federation.uscc import make_uscc
from node.app.parts import Parts
from node.app.wiring import build
from node.reconcile.catalog_book import CatalogBook

SIZE = 100_000
RUNS = 2
SUBJECTS = 1_000_000
DIFFERENT = 100_000
"""Subjects that are listed; more listings are further documents about the same."""
EDITION = f"""
edition: bench
series: bench
layer: national
name: 目录（演示）
valid_from: 2015-01-01
lists:
  {federations.LIST_TYPE}:
    name: 名单（演示）
    basis: 演示条例
    tier: severe
    valid_from: 2015-01-01
    longest_months: 60
    certainty: C
"""


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
                    bench="reconcile",
                    database=kind,
                    unit="listings/s",
                    baseline="following the same log",
                    runs=tuple(runs),
                    size=size,
                )


@contextmanager
def published(directory: Path, size: int) -> Iterator[tuple[federations.Pair, Path]]:
    """Run a publisher that has so many mixed listings; gives it and a base library as CSV."""
    pair = federations.found(directory)
    lists.write_list(directory / "list.csv", min(DIFFERENT, size))
    some = [lists.short(one) for one in lists.listings(directory / "list.csv", pair.audience)]
    library = directory / "subjects.csv"
    write_subjects(library, some)
    lists.preload(pair.publisher, mixed(lists.many(some, size)))
    with federations.serving(pair.publisher):
        yield pair, library


def followed(
    directory: Path, pair: federations.Pair, database: str, size: int, library: Path
) -> tuple[Parts, float]:
    """Let a new follower take the log; it has catalog and base library and has judged nothing.

    Returns:
        Its parts, in this process, and the seconds that it took to follow.
    """
    follower = pair.new_follower(directory, database)
    seconds = seconds_to_follow(follower, database, size)
    import_library(library, follower / FILE_NAME, lambda _: None)
    store = open_store(database)
    CatalogBook(store=store, now=lambda: Timestamp(1)).adopt(EDITION, ("甲", "乙"))
    with store.write() as session:
        session.drop_findings()
    store.close()
    return build(follower), seconds


def seconds_to_reconcile(parts: Parts, database: str, size: int) -> float:
    """Judge a log from its beginning; says on stderr how far it has come.

    Raises:
        RuntimeError: not all of it was judged.
    """
    (job,) = [job for job in parts.jobs if job.name == "reconcile"]
    with told("reconciled", ReconciledOf(database, federations.ORIGIN), size):
        began = perf_counter()
        passed = job.run()
        seconds = perf_counter() - began
    if passed != size:
        message = f"expected {size} leaves to be judged, got {passed}"
        raise RuntimeError(message)
    return seconds


def mixed(rows: Iterable[Listing]) -> Iterator[Listing]:
    """Let every tenth listing break a rule, each rule in turn."""
    wrong: cycle[dict[str, Any]] = cycle(
        (
            {"basis": ""},
            {"prior_notice_on": Date(0)},
            {"publish_until": Date(0), "term": TermQuality.UNKNOWN},
            {"document": "——"},
            {"publish_until": Date(20991231)},
            {"name": "别的名称（演示）"},
        )
    )
    for number, row in enumerate(rows):
        plain = replace(row, basis="演示条例", prior_notice_on=row.decided_on)
        if number % 10 == 9:
            fault = dict(next(wrong))
            if name := fault.pop("name", ""):
                plain = replace(plain, subject=replace(plain.subject, name=name))
            plain = replace(plain, **fault)
        yield plain


def write_subjects(path: Path, rows: Sequence[Listing]) -> None:
    """Write a base library: the subjects of the listings, and others up to a million."""
    with path.open("w", encoding="utf-8") as file:
        file.write("code,name\n")
        for number in range(max(0, SUBJECTS - len(rows))):
            code = make_uscc("91510500", f"XX{number:06d}")
            file.write(f"{code},虚构主体{number}（演示）\n")
        for row in rows:
            file.write(f"{row.subject.code},{row.subject.name}\n")


def _run(directory: Path, pair: federations.Pair, made: Databases, size: int, library: Path) -> Run:
    with made.fresh() as database:
        parts, seconds = followed(directory, pair, database, size, library)
        reconciled = seconds_to_reconcile(parts, database, size)
        close(parts)
    return Run(value=size / reconciled, baseline=size / seconds)


def close(parts: Parts) -> None:
    """End what `followed` built."""
    parts.writer.close()
    parts.store.close()
