"""Publication → stored and relief → lifted at 20 followers: milliseconds, p50 and p99.

From the call at the publisher's socket to the follower's commit, one statement at a time, each
follower a node of its own that counts singly. Against the round trip of a bare gRPC stream over
mutual TLS between two processes. All nodes share this machine's processors, which in earnest they
do not: what twenty followers do with a statement is part of the figure.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles
from time import perf_counter, sleep
from typing import Any

from huxin.v1.registry_pb2_grpc import RegistryStub

from bench import federations, lists
from bench.databases import Databases, SizeOf, StateOf, databases
from bench.echo import METHOD
from bench.measuring import Options, Result, Run
from bench.publications import publication, registry, repair
from federation.ids import Origin
from federation.payloads import Listing
from federation.rows import State
from node.directory.keys import load_keys
from node.network.transport import TlsIdentity, secure_channel

SIZE = 50
RUNS = 3
FOLLOWERS = 20
POLL_SECONDS = 0.0005
LIMIT_SECONDS = 60.0
MESSAGE = 1024
"""Bytes: a batch of one statement with its opening, checkpoint and path."""


def run(options: Options, followers: int = FOLLOWERS) -> Iterator[Result]:
    """Measure on each database; the size is how many statements are published, then relieved."""
    size = options.size or SIZE
    runs = options.runs or RUNS
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        pair = federations.found(directory, followers)
        lists.write_list(directory / "list.csv", size * runs * len(options.databases))
        rows = iter(lists.listings(directory / "list.csv", pair.audience))
        held = 0
        with federations.serving(pair.publisher):
            for kind in options.databases:
                measured: dict[str, list[Run]] = {}
                with databases(kind, directory) as made:
                    for number in range(runs):
                        some = [next(rows) for _ in range(size)]
                        folder = directory / f"{kind}-{number}"
                        folder.mkdir()
                        stored, lifted = _lags(folder, pair, made, some, held)
                        held += 2 * size
                        bare = asyncio.run(round_trips(pair, max(size, 100)))
                        for what, lags in (("lag", stored), ("relief", lifted)):
                            for percent in (50, 99):
                                measured.setdefault(f"{what}-p{percent}", []).append(
                                    Run(
                                        value=percentile(lags, percent),
                                        baseline=percentile(bare, percent),
                                    )
                                )
                for bench, of_all in measured.items():
                    yield Result(
                        bench=f"{bench}-at-{followers}",
                        database=kind,
                        unit="ms",
                        baseline="round trip of a bare gRPC stream",
                        runs=tuple(of_all),
                        size=size,
                    )


def _lags(
    directory: Path,
    pair: federations.Pair,
    made: Databases,
    rows: Sequence[Listing],
    held: int,
) -> tuple[list[float], list[float]]:
    """Milliseconds from publication to stored, and from relief to lifted, at every follower."""
    with ExitStack() as stack:
        sizes: list[SizeOf] = []
        states: list[StateOf] = []
        for number in range(len(pair.followers)):
            database = stack.enter_context(made.fresh())
            follower = pair.new_follower(directory / str(number), database, number)
            stack.enter_context(federations.serving(follower))
            sizes.append(SizeOf(database, federations.ORIGIN))
            stack.callback(sizes[-1].close)
            states.append(StateOf(database, federations.ORIGIN))
            stack.callback(states[-1].close)
        until([reached(size, held) for size in sizes], perf_counter())
        stub = stack.enter_context(registry(pair.publisher))
        stored, lifted, published = [], [], []
        for number, listing in enumerate(rows, held):
            request = publication(listing)
            began = perf_counter()
            published.append(place(stub, request))
            stored += until([reached(size, number + 1) for size in sizes], began)
        for statement_id, index in published:
            relief = repair(statement_id)
            began = perf_counter()
            stub.Relieve(relief)
            lifted += until([relieved(state, index) for state in states], began)
    return stored, lifted


def place(stub: RegistryStub, request: Any) -> tuple[bytes, int]:
    """Publish one statement; its id and index."""
    (published,) = stub.Publish(request).published
    return published.statement_id, published.index


def reached(size: SizeOf, wanted: int) -> Callable[[], bool]:
    """Whether a follower has so many leaves."""
    return lambda: size() >= wanted


def relieved(state: StateOf, index: int) -> Callable[[], bool]:
    """Whether a follower has lifted a listing."""
    return lambda: state(index) == State.REPAIRED


def until(conditions: Sequence[Callable[[], bool]], began: float) -> list[float]:
    """Wait until all hold; the milliseconds after which each did."""
    left = list(conditions)
    lags: list[float] = []
    while left:
        still = []
        for condition in left:
            if condition():
                lags.append((perf_counter() - began) * 1000)
            else:
                still.append(condition)
        left = still
        if left:
            if perf_counter() - began > LIMIT_SECONDS:
                message = f"{len(left)} followers did not get it within {LIMIT_SECONDS:.0f} s"
                raise RuntimeError(message)
            sleep(POLL_SECONDS)
    return lags


async def round_trips(pair: federations.Pair, count: int) -> list[float]:
    """Milliseconds of each round trip on one stream to `bench.echo`, in a process of its own."""
    server = subprocess.Popen(  # noqa: ASYNC220 - started once, before anything is measured
        [sys.executable, "-m", "bench.echo", str(pair.publisher), str(pair.follower)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        own = load_keys(
            pair.follower / "keys", Origin(f"{federations.FOLLOWER_REGION}.huxin.example/1")
        )
        theirs = load_keys(pair.publisher / "keys", federations.ORIGIN)
        identity = TlsIdentity(key_pem=own.tls_key, certificate_pem=own.tls_certificate)
        trips: list[float] = []
        async with secure_channel(f"127.0.0.1:{port}", identity, theirs.certificate) as channel:
            call: Any = channel.stream_stream(METHOD)()
            for _ in range(count):
                began = perf_counter()
                await call.write(bytes(MESSAGE))
                await call.read()
                trips.append((perf_counter() - began) * 1000)
            call.cancel()
    return trips


def percentile(values: Sequence[float], percent: int) -> float:
    """Of at least two values."""
    return quantiles(values, n=100)[percent - 1]
