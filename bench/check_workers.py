"""Checks answered by workers beside the node: questions a second, p99, and processor time of each.

The node of `bench.check` with `[access] workers` of 0, 1 and 2, by 8 and 64 callers, in turn; what
workers bring stands against the same node without. Callers share this machine's processors.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, sleep

import grpc
from huxin.v1 import admin_pb2
from huxin.v1.admin_pb2_grpc import AdminStub

from bench import askers, federations
from bench.check import Asked, permitted, prepared
from bench.databases import databases
from bench.lag import percentile
from bench.measuring import Options, Result, Run
from bench.spending import spent
from node.directory.config import FILE_NAME
from node.directory.presence import read_node_file

SIZE = 20_000
RUNS = 3
WORKERS = (0, 1, 2)
CALLERS = (8, 64)
QUESTIONS = 200
READY_SECONDS = 60.0


def run(options: Options) -> Iterator[Result]:
    """Measure on each database; the size is how many listings the node holds."""
    for kind in options.databases:
        with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
            directory = Path(name)
            with databases(kind, directory) as server, server.fresh() as url:
                pair = federations.found(directory, guests=1)
                federations.use_database(pair.publisher, url)
                size = options.size or SIZE
                asked = prepared(directory, pair.publisher, pair.guests[0], pair, size)
                found = _measured(asked, options.runs or RUNS)
            for (bench, unit), runs in found.items():
                yield Result(
                    bench=bench,
                    database=kind,
                    unit=unit,
                    baseline="the node itself",
                    runs=tuple(runs),
                    size=size,
                )


def _measured(asked: Asked, runs: int) -> dict[tuple[str, str], list[Run]]:
    found: dict[tuple[str, str], list[Run]] = {}
    with askers.asking() as client:
        for number in range(runs):
            alone: dict[tuple[int, str], float] = {}
            for workers in WORKERS:
                use_workers(asked.node, workers)
                with federations.serving(asked.node) as pid:
                    if number == 0 and workers == 0:
                        permitted(asked)
                    until_ready(asked.node, workers)
                    client.ask(asked.task(8, 7 + number * 100 + workers, 20))
                    for callers in CALLERS:
                        seed = 1 + number * 10_000 + workers * 1000 + callers
                        before = spent(pid)
                        answer = client.ask(asked.task(callers, seed, QUESTIONS))
                        used = spent(pid) - before
                        for unit, value in (
                            ("questions per second", len(answer.took) / answer.seconds),
                            ("ms (p99)", percentile(answer.took, 99)),
                            ("ms of processor a question", used.seconds * 1e3 / len(answer.took)),
                        ):
                            base = alone.setdefault((callers, unit), value)
                            bench = f"check-workers-{workers}-at-{callers}"
                            one = Run(value=value, baseline=base)
                            found.setdefault((bench, unit), []).append(one)
    return found


def use_workers(node: Path, count: int) -> None:
    """Let a node have so many workers from its next start on."""
    path = node / FILE_NAME
    before, title, after = path.read_text("utf-8").partition("\n[access]\n")
    changed = re.sub(r"\nworkers = \d+", f"\nworkers = {count}", after, count=1)
    path.write_text(f"{before}{title}{changed}", "utf-8")


def until_ready(node: Path, count: int) -> None:
    """Wait until as many workers answer."""
    until = perf_counter() + READY_SECONDS
    with grpc.insecure_channel(f"unix:{read_node_file(node).socket}") as channel:
        stub = AdminStub(channel)
        while perf_counter() < until:
            said = json.loads(stub.GetStatus(admin_pb2.GetStatusRequest()).json)
            if said["access"]["workers"]["ready"] >= count:
                sleep(0.5)  # the node's own listener ends
                return
            sleep(0.05)
    raise TimeoutError(node)
