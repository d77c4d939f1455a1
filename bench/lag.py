"""From a publication to its being stored at a follower: milliseconds, median and 99th percentile.

From the call of Publish at the publisher's socket to the follower's commit, one statement at a
time. Against the round trip of a bare gRPC stream over mutual TLS between two processes.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import quantiles
from time import perf_counter, sleep
from typing import Any

import grpc
from huxin.v1 import payload_pb2, registry_pb2
from huxin.v1.registry_pb2_grpc import RegistryStub

from bench import federations, lists
from bench.databases import Databases, SizeOf, databases
from bench.echo import METHOD
from bench.measuring import Options, Result, Run
from federation.ids import Origin
from federation.payloads import Listing
from node.codec import ProtobufPayloads
from node.entropy import token
from node.keys import load_keys
from node.presence import read_node_file
from node.transport import TlsIdentity, secure_channel

SIZE = 200
RUNS = 3
POLL_SECONDS = 0.0005
MESSAGE = 1024
"""Bytes: a batch of one statement with its opening, checkpoint and path."""


def run(options: Options) -> Iterator[Result]:
    """Measure on each database."""
    size = options.size or SIZE
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        pair = federations.found(directory)
        runs = options.runs or RUNS
        lists.write_list(directory / "list.csv", size * runs * len(options.databases))
        rows = iter(lists.listings(directory / "list.csv", pair.audience))
        published = 0
        with federations.serving(pair.publisher):
            for kind in options.databases:
                median: list[Run] = []
                tail: list[Run] = []
                with databases(kind, directory) as made:
                    for number in range(runs):
                        follower = directory / f"{kind}-{number}"
                        some = [next(rows) for _ in range(size)]
                        lags = _lags(follower, pair, made, some, published)
                        published += size
                        bare = asyncio.run(_round_trips(pair, size))
                        median.append(
                            Run(value=_percentile(lags, 50), baseline=_percentile(bare, 50))
                        )
                        tail.append(
                            Run(value=_percentile(lags, 99), baseline=_percentile(bare, 99))
                        )
                for bench, measured in (("lag-p50", median), ("lag-p99", tail)):
                    yield Result(
                        bench=bench,
                        database=kind,
                        unit="ms",
                        baseline="round trip of a bare gRPC stream",
                        runs=tuple(measured),
                        size=size,
                    )


def _lags(
    directory: Path,
    pair: federations.Pair,
    made: Databases,
    rows: Sequence[Listing],
    before: int,
) -> list[float]:
    encode = ProtobufPayloads().encode
    lags: list[float] = []
    with made.fresh() as database:
        follower = pair.new_follower(directory, database)
        with federations.serving(follower):
            socket = read_node_file(pair.publisher).socket
            stored = SizeOf(database, federations.ORIGIN)
            federations.stream_begun(follower)
            while stored() < before:
                sleep(POLL_SECONDS)
            with grpc.insecure_channel(f"unix:{socket}") as channel:
                registry = RegistryStub(channel)
                for number, listing in enumerate(rows, before + 1):
                    message = payload_pb2.Listing.FromString(encode(listing))
                    request = registry_pb2.PublishRequest(
                        request_id=token(16).hex(),
                        drafts=[registry_pb2.Draft(listing=message)],
                        source="court",
                    )
                    began = perf_counter()
                    registry.Publish(request)
                    while stored() < number:
                        sleep(POLL_SECONDS)
                    lags.append((perf_counter() - began) * 1000)
            stored.close()
    return lags


async def _round_trips(pair: federations.Pair, count: int) -> list[float]:
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


def _percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100)[percent - 1]
