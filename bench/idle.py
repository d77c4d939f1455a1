"""A node at rest: processor ms a second, at 6 and at 300 logs held, no peer of which answers.

Every member is named with an endpoint where nobody listens, and dialled again and again. Against
the node of six; a mark of 1 is flat. `idle-status` is what one `huxin status` costs the node.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import sleep

from huxin.v1 import admin_pb2 as pb

from bench import federations, lists, many_members
from bench.databases import databases
from bench.measuring import Options, Result, Run, cpu_seconds
from node.cli.client import reached

SIZE = 60
"""Seconds of rest."""
RUNS = 1
FEW, MANY = 6, 300
SETTLING_SECONDS = 15.0
STATUSES = 5
MILLISECONDS = 1000


def run(options: Options, few: int = FEW, many: int = MANY) -> Iterator[Result]:
    """Measure on each database; the size is how long each node rests."""
    seconds = options.size or SIZE
    for kind in options.databases:
        with (
            tempfile.TemporaryDirectory(prefix="huxin-bench-") as name,
            databases(kind, Path(name)) as made,
            made.fresh() as first,
            made.fresh() as second,
        ):
            directory = Path(name)
            pair = federations.found(directory / "files")
            lists.write_list(directory / "list.csv", many)
            listings = lists.listings(directory / "list.csv", pair.audience)
            nodes = [
                many_members.found(directory / str(count), count, url, listings).directory
                for count, url in ((few, first), (many, second))
            ]
            measured = [
                [_rest(node, seconds) for node in nodes] for _ in range(options.runs or RUNS)
            ]
        for place, (what, unit) in enumerate((("idle", "ms a second"), ("idle-status", "ms"))):
            yield Result(
                bench=what,
                database=kind,
                unit=f"processor {unit} at {many} logs",
                baseline=f"at {few} logs",
                runs=tuple(
                    Run(value=large[place], baseline=small[place]) for small, large in measured
                ),
                size=seconds,
            )


def _rest(directory: Path, seconds: int) -> tuple[float, float]:
    """Processor ms of a second at rest, and of one status."""
    with federations.serving(directory) as pid:
        sleep(min(SETTLING_SECONDS, seconds))
        before = cpu_seconds(pid)
        sleep(seconds)
        rested = cpu_seconds(pid)
        with reached(directory) as services:
            for _ in range(STATUSES):
                services.admin.GetStatus(pb.GetStatusRequest())
        asked = cpu_seconds(pid) - rested
    return (rested - before) / seconds * MILLISECONDS, asked / STATUSES * MILLISECONDS
