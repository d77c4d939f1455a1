"""One statement at a node that holds 300 logs: processor µs, against the same node with three.

Published by the node itself, and taken from a peer, each in a transaction of its own; without
network. A mark of 1 is flat.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

from bench import federations, lists, many_members
from bench.databases import databases
from bench.measuring import Options, Result, Run
from federation.statements import Kind
from tests.support.federation_dirs import WiredNode

SIZE = 50
"""Statements of each sort in a round."""
RUNS = 3
FEW, MANY = 3, 300
MICROSECONDS = 1_000_000


def run(options: Options, few: int = FEW, many: int = MANY) -> Iterator[Result]:
    """Measure on each database, both nodes in turn."""
    size = options.size or SIZE
    runs = options.runs or RUNS
    for kind in options.databases:
        measured: dict[str, list[Run]] = {"publish": [], "follow": []}
        with (
            tempfile.TemporaryDirectory(prefix="huxin-bench-") as name,
            databases(kind, Path(name)) as made,
            made.fresh() as first,
            made.fresh() as second,
        ):
            directory = Path(name)
            pair = federations.found(directory / "files")
            lists.write_list(directory / "list.csv", many + 2 * size * (runs + 1))
            listings = lists.listings(directory / "list.csv", pair.audience)
            held = [
                many_members.found(directory / str(count), count, url, listings)
                for count, url in ((few, first), (many, second))
            ]
            with held[0].wired() as one, held[1].wired() as other:
                nodes = list(zip(held, (one, other), strict=True))
                for number in range(runs + 1):
                    for what, measure in (("publish", _publish), ("follow", _follow)):
                        small, large = (measure(many, node, size) for many, node in nodes)
                        if number:  # the first round warms what is kept of charters
                            measured[what].append(Run(value=large, baseline=small))
        for what, results in measured.items():
            yield Result(
                bench=f"many-{what}",
                database=kind,
                unit=f"µs a statement at {many} logs",
                baseline=f"at {few} logs",
                runs=tuple(results),
                size=size,
            )


def _publish(held: many_members.Many, node: WiredNode, size: int) -> float:
    drafts = [(int(Kind.LISTING), 0, b"", next(held.listings)) for _ in range(size)]
    began = process_time()
    for number, draft in enumerate(drafts):
        node.submit(node.registry.publish(f"{began}-{number}", [draft], ""))
    return (process_time() - began) / size * MICROSECONDS


def _follow(held: many_members.Many, node: WiredNode, size: int) -> float:
    log = held.logs[0]
    batches = [many_members.said(log, next(held.listings)) for _ in range(size)]
    return many_members.deliver(node, log, batches) / size * MICROSECONDS
