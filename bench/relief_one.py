"""One relief, from the command to lifted at a peer, against two durable commits and a round trip.

One at a time, from the call at the publisher's socket to the follower's commit. What no node can do
without is measured beside: a row committed durably in each of two databases of the same settings,
and the round trip of a bare gRPC stream over mutual TLS. Then the processor time that a relief
costs each node, with one follower and with twenty, against the same sum.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from sqlalchemy import text

from adapters.sql.engine import open_engine
from bench import federations, lists
from bench.databases import Databases, SizeOf, StateOf, databases
from bench.lag import percentile, place, reached, relieved, round_trips, until
from bench.measuring import Options, Result, Run, cpu_seconds
from bench.publications import publication, registry, repair
from federation.payloads import Listing

SIZE = 60
RUNS = 3
FOLLOWERS = (1, 20)
BASELINE = "two durable commits and one round trip"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """Milliseconds of each relief."""

    lifted: list[float]
    """Until each follower had it."""
    publisher: float
    """Of processor time, on average."""
    follower: float


@dataclass(slots=True, kw_only=True)
class _Figures:
    runs: dict[str, list[Run]] = field(default_factory=dict)

    def add(self, bench: str, value: float, baseline: float) -> None:
        self.runs.setdefault(bench, []).append(Run(value=value, baseline=baseline))


def run(options: Options, followers: Sequence[int] = FOLLOWERS) -> Iterator[Result]:
    """Measure on each database; the size is how many statements are relieved."""
    size, runs = options.size or SIZE, options.runs or RUNS
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        pair = federations.found(directory, max(followers))
        count = size * runs * len(options.databases) * len(followers)
        lists.write_list(directory / "list.csv", count)
        rows = iter(lists.listings(directory / "list.csv", pair.audience))
        held = 0
        with federations.serving(pair.publisher) as publisher:
            for kind in options.databases:
                figures = _Figures()
                with databases(kind, directory) as made:
                    for number in range(runs):
                        for many in followers:
                            some = [next(rows) for _ in range(size)]
                            folder = directory / f"{kind}-{number}-{many}"
                            folder.mkdir()
                            found = _measure(folder, pair, made, some, held, publisher, many)
                            held += 2 * size
                            bare = commits(made, size) + percentile(
                                asyncio.run(round_trips(pair, max(size, 100))), 50
                            )
                            if many == followers[0]:
                                figures.add("relief-one", percentile(found.lifted, 50), bare)
                            at = f"processor-at-{many}"
                            figures.add(f"relief-one-publisher-{at}", found.publisher, bare)
                            figures.add(f"relief-one-follower-{at}", found.follower, bare)
                for bench, of_all in figures.runs.items():
                    yield Result(
                        bench=bench,
                        database=kind,
                        unit="ms",
                        baseline=BASELINE,
                        runs=tuple(of_all),
                        size=size,
                    )


def _measure(
    directory: Path,
    pair: federations.Pair,
    made: Databases,
    rows: Sequence[Listing],
    held: int,
    publisher: int,
    followers: int,
) -> _Measured:
    with ExitStack() as stack:
        pids, sizes, states = [], [], []
        for number in range(followers):
            database = stack.enter_context(made.fresh())
            follower = pair.new_follower(directory / str(number), database, number)
            pids.append(stack.enter_context(federations.serving(follower)))
            sizes.append(SizeOf(database, federations.ORIGIN))
            states.append(StateOf(database, federations.ORIGIN))
            stack.callback(sizes[-1].close)
            stack.callback(states[-1].close)
        stub = stack.enter_context(registry(pair.publisher))
        published = [place(stub, publication(listing)) for listing in rows]
        until([reached(size, held + len(rows)) for size in sizes], perf_counter())
        before = cpu_seconds(publisher), sum(map(cpu_seconds, pids))
        lifted: list[float] = []
        for statement_id, index in published:
            relief = repair(statement_id)
            began = perf_counter()
            stub.Relieve(relief)
            lifted += until([relieved(state, index) for state in states], began)
        spent = cpu_seconds(publisher) - before[0], sum(map(cpu_seconds, pids)) - before[1]
    return _Measured(
        lifted=lifted,
        publisher=spent[0] * 1000 / len(rows),
        follower=spent[1] * 1000 / len(rows) / followers,
    )


def commits(made: Databases, count: int) -> float:
    """Milliseconds of two durable commits of a row, one after the other, in two databases (p50)."""
    with ExitStack() as stack:
        connections = []
        for _ in range(2):
            engine = open_engine(stack.enter_context(made.fresh()))
            stack.callback(engine.dispose)
            connection = stack.enter_context(engine.connect())
            with connection.begin():
                connection.execute(text("CREATE TABLE bare (id INTEGER PRIMARY KEY, leaf TEXT)"))
            connections.append(connection)
        took = []
        for number in range(max(count, 2)):
            began = perf_counter()
            for connection in connections:
                with connection.begin():
                    values = {"id": number, "leaf": "x" * 300}
                    connection.execute(text("INSERT INTO bare VALUES (:id, :leaf)"), values)
            took.append((perf_counter() - began) * 1000)
    return percentile(took, 50)
