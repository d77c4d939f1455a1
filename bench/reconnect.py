"""All peers of a large hub come back at once: until each is served, the hub's memory, its answers.

Each peer fetches the certificate, makes its channel, calls GetNode, opens its stream and gets one
leaf that it lacked; who finds no way in tries again as the dialer does. Meanwhile a department
publishes one statement after the other. The baseline is the same with 20 peers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import federations, lists
from bench.guests import gathered
from bench.measuring import Options, Result, Run, watched
from bench.publications import publishing
from federation.payloads import Listing

SIZE = 1000
"""Peers."""
RUNS = 3
FEW = 20
HELD = 64
"""Statements in the log."""
PUBLISH_EVERY_SECONDS = 0.25
PUBLICATIONS = 2000
"""Prepared; more than any run takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Storm:
    seconds: float
    peak: float
    slowest: float
    tries: int
    received: int


def run(options: Options) -> Iterator[Result]:
    """Measure; the size is the number of peers."""
    peers = options.size or SIZE
    few = min(FEW, peers)
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        pair = federations.found(directory, guests=peers)
        lists.write_list(directory / "list.csv", HELD + PUBLICATIONS)
        rows = lists.listings(directory / "list.csv", pair.audience)
        lists.preload(pair.publisher, rows[:HELD])
        storms = []
        waiting = iter(rows[HELD:])
        for _ in range(options.runs or RUNS):
            with federations.serving(pair.publisher) as pid:
                calm = _storm(pair, pid, few, waiting)
                storms.append((_storm(pair, pid, peers, waiting), calm))
    for bench, unit, field in (
        ("served", "s", "seconds"),
        ("memory", "MiB at most", "peak"),
        ("publish", "ms at most for a statement", "slowest"),
        ("tries", "connections begun", "tries"),
        ("bytes", "bytes sent", "received"),
    ):
        yield Result(
            bench=f"reconnect-{bench}",
            database="sqlite",
            unit=unit,
            baseline=f"{few} peers at once",
            runs=tuple(
                Run(value=getattr(storm, field), baseline=getattr(calm, field))
                for storm, calm in storms
            ),
            size=peers,
        )


def _storm(pair: federations.Pair, pid: int, peers: int, rows: Iterator[Listing]) -> _Storm:
    with gathered(pair.publisher, pair.guests[:peers]) as guests:
        with (
            watched(pid) as memory,
            publishing(pair.publisher, rows, PUBLISH_EVERY_SECONDS) as slowest,
        ):
            answer = guests.follow(HELD - 1, HELD)
        return _Storm(
            seconds=max(answer.seconds),
            peak=max(memory),
            slowest=max(slowest),
            tries=answer.tries,
            received=answer.received,
        )
