"""Each bench runs, at a size at which its figures mean nothing.

`make test` runs two that between them use all of what the others are made of but PostgreSQL's
replication; `HUXIN_SOAK` runs every one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from bench import (
    attacked,
    benefit,
    benefits,
    catalog_dry_run,
    catch_up,
    check,
    check_batch,
    check_busy,
    check_http,
    fan_out,
    grow,
    idle,
    lag,
    logical,
    many,
    monitor,
    pages,
    rebuild,
    reconnect,
    relief_one,
)
from bench.databases import POSTGRESQL, SQLITE
from bench.measuring import Options, Result
from bench.run import BENCHES

SMALL: dict[str, Callable[[], Iterator[Result]]] = {
    "logical": lambda: logical.run(options(2048, POSTGRESQL)),
    "grow": lambda: grow.run(options(2048, SQLITE)),
    "lag": lambda: lag.run(options(2, SQLITE), followers=2),
    "relief-one": lambda: relief_one.run(options(2, SQLITE), followers=(1, 2)),
    "fan-out": lambda: fan_out.run(options(32, SQLITE), followers=(1, 3)),
    "reconnect": lambda: reconnect.run(options(3, SQLITE)),
    "catch-up": lambda: catch_up.run(options(32, SQLITE)),
    "check": lambda: check.run(options(64, SQLITE), callers=(1, 2)),
    "benefit": lambda: benefit.run(options(64, SQLITE), callers=(1, 2)),
    "benefits": lambda: benefits.run(options(64, SQLITE)),
    "check-http": lambda: check_http.run(options(64, SQLITE), callers=(1, 2)),
    "check-batch": lambda: check_batch.run(options(3000, SQLITE)),
    "check-busy": lambda: check_busy.run(options(64, SQLITE)),
    "attacked": lambda: attacked.run(options(2, SQLITE)),
    "rebuild": lambda: rebuild.run(options(32, SQLITE)),
    "many": lambda: many.run(options(2, SQLITE), few=1, many=2),
    "idle": lambda: idle.run(options(1, SQLITE), few=1, many=2),
    "monitor": lambda: monitor.run(options(1, SQLITE), interval=1),
    "pages": lambda: pages.run(options(200, SQLITE)),
    "catalog-dry-run": lambda: catalog_dry_run.run(options(32, SQLITE)),
}

IN_TEST = ("reconnect",)


def options(size: int, database: str) -> Options:
    return Options(size=size, runs=1, databases=(database,))


@pytest.mark.parametrize("name", SMALL if os.environ.get("HUXIN_SOAK") else IN_TEST)
def test_runs_at_a_tiny_size(name: str) -> None:
    results = list(SMALL[name]())
    assert name in BENCHES
    assert results
    for result in results:
        line = result.line()
        assert line["value"] > 0
        assert line["ratio"] > 0
