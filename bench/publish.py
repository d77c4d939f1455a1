"""A department's file becomes durable, checkpointed statements: rows per second.

Through the intake and the writer of a wired node, in one process.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bench import federations, lists
from bench.bare_rows import seconds_to_insert
from bench.databases import Databases, databases
from bench.measuring import Options, Result, Run
from bench.reconcile import EDITION
from node.app.wiring import build
from node.system import interpreter

SIZE = 100_000
RUNS = 3
TERM = "    term_months: 24\n"
"""The rows state no last day; the catalog does."""


def run(options: Options) -> Iterator[Result]:
    """Measure on each database."""
    size = options.size or SIZE
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        file = directory / "list.csv"
        lists.write_list(file, size)
        for kind in options.databases:
            with databases(kind, directory) as made:
                runs = [
                    _run(directory / f"{kind}-{number}", file, made, size)
                    for number in range(options.runs or RUNS)
                ]
            yield Result(
                bench="publish",
                database=kind,
                unit="rows/s",
                baseline="csv.reader and a bare insert by row number",
                runs=tuple(runs),
                size=size,
            )


def _run(directory: Path, file: Path, made: Databases, size: int) -> Run:
    pair = federations.found(directory)
    interpreter.tune()  # as in a serving process, where files are taken
    with made.fresh() as database:
        federations.use_database(pair.publisher, database)
        parts = build(pair.publisher)
        lists.go_on(parts)
        parts.catalogs.take(EDITION + TERM, ("甲", "乙"), lambda _: None)
        began = perf_counter()
        result = parts.intake.publish_file(
            file,
            kind="list",
            list_type=federations.LIST_TYPE,
            mapping="",
            dry_run=False,
            full_snapshot=False,
            source="court",
            progress=lambda _: None,
        )
        seconds = perf_counter() - began
        parts.writer.close()
        parts.store.close()
    if result["published"] != size:
        raise RuntimeError(json.dumps(result, ensure_ascii=False)[:2000])
    with made.fresh() as database:
        return Run(value=size / seconds, baseline=size / seconds_to_insert(file, database))
