"""Each bench runs, at a size at which its figures mean nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bench import catch_up, fan_out, grow, lag, logical, reconnect
from bench.databases import POSTGRESQL, SQLITE
from bench.measuring import Options, Result
from bench.run import BENCHES

SMALL: dict[str, Callable[[], Iterator[Result]]] = {
    "logical": lambda: logical.run(options(2048, POSTGRESQL)),
    "grow": lambda: grow.run(options(2048, SQLITE)),
    "lag": lambda: lag.run(options(2, SQLITE), followers=2),
    "fan-out": lambda: fan_out.run(options(32, SQLITE), followers=(1, 3)),
    "reconnect": lambda: reconnect.run(options(3, SQLITE)),
    "catch-up": lambda: catch_up.run(options(32, SQLITE)),
}


def options(size: int, database: str) -> Options:
    return Options(size=size, runs=1, databases=(database,))


@pytest.mark.parametrize("name", SMALL)
def test_runs_at_a_tiny_size(name: str) -> None:
    results = list(SMALL[name]())
    assert name in BENCHES
    assert results
    for result in results:
        line = result.line()
        assert line["value"] > 0
        assert line["ratio"] > 0
