"""A watched subject is relieved: from the command at the publisher to the event at its reader.

The follower watches a hundred thousand subjects of one case, and somebody at its socket follows the
watch. Some of them are listed by the publisher, one by one, and relieved, one at a time. Against
the time until the same relief has lifted the listing at the follower, as `relief-one` counts it.
"""

from __future__ import annotations

import csv
import json
import queue
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import grpc
from huxin.v1 import watches_pb2 as pb
from huxin.v1.watches_pb2_grpc import WatchesStub

from adapters.catalog.library import FILE_NAME, import_library
from bench import federations, lists
from bench.askers import MATTER, PURPOSE
from bench.databases import Databases, ReconciledOf, StateOf, databases
from bench.lag import percentile, place, relieved, until
from bench.measuring import Options, Result, Run
from bench.publications import publication, registry, repair
from federation.payloads import Listing
from federation.uscc import make_uscc
from node.demo.furnishing import furnish
from node.demo.members import DATA
from node.directory.config import load_config
from node.directory.presence import read_node_file
from node.system.entropy import token

SIZE = 100_000
"""Subjects that are watched."""
RUNS = 3
RELIEVED = 40
CHUNK = 500
UNTIL = 20271130


def run(options: Options) -> Iterator[Result]:
    """Measure on each database; the size is how many subjects are watched."""
    size, runs = options.size or SIZE, options.runs or RUNS
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        pair = federations.found(directory)
        lists.write_list(directory / "list.csv", RELIEVED * runs * len(options.databases))
        rows = iter(lists.listings(directory / "list.csv", pair.audience))
        held = 0
        with federations.serving(pair.publisher):
            for kind in options.databases:
                of_all: list[Run] = []
                with databases(kind, directory) as made:
                    for number in range(runs):
                        some = [_named(next(rows), n) for n in range(RELIEVED)]
                        folder = directory / f"{kind}-{number}"
                        of_all.append(_measure(folder, pair, made, some, held, size))
                        held += 2 * RELIEVED
                yield Result(
                    bench="watch",
                    database=kind,
                    unit="ms",
                    baseline="until the same relief is lifted at the follower",
                    runs=tuple(of_all),
                    size=size,
                )


def _measure(
    directory: Path,
    pair: federations.Pair,
    made: Databases,
    listed: Sequence[Listing],
    held: int,
    size: int,
) -> Run:
    with ExitStack() as stack:
        database = stack.enter_context(made.fresh())
        follower = pair.new_follower(directory, database)
        furnish(load_config(follower), DATA, ())
        known = [(one.subject.code, one.subject.name) for one in listed]
        _know(follower, known)
        stack.enter_context(federations.serving(follower))
        judged = ReconciledOf(database, federations.ORIGIN)
        state = StateOf(database, federations.ORIGIN)
        stack.callback(judged.close)
        stack.callback(state.close)
        stub = stack.enter_context(registry(pair.publisher))
        published = [place(stub, publication(listing)) for listing in listed]
        until([lambda: judged() >= held + len(listed)], perf_counter())
        events = stack.enter_context(_followed(follower, [*known, *others(size - len(known))]))
        told, lifted = [], []
        for row, (statement_id, index) in enumerate(published, 1):
            relief = repair(statement_id)
            began = perf_counter()
            stub.Relieve(relief)
            lifted += until([relieved(state, index)], began)
            told.append((_clear(events, row) - began) * 1000)
    return Run(value=percentile(told, 50), baseline=percentile(lifted, 50))


def _clear(events: queue.Queue[tuple[float, dict[str, Any]]], row: int) -> float:
    """When a subject was told of that is clear now."""
    while True:
        at, page = events.get(timeout=60)
        if (row, "clear") in {(one["row"], one["result"]) for one in page["events"]}:
            return at


@contextmanager
def _followed(
    node: Path, subjects: Sequence[tuple[str, str]]
) -> Iterator[queue.Queue[tuple[float, dict[str, Any]]]]:
    """Watch subjects and follow what is told; begins once all were judged."""
    pages: queue.Queue[tuple[float, dict[str, Any]]] = queue.Queue()
    with grpc.insecure_channel(f"unix:{read_node_file(node).socket}") as channel:
        stub = WatchesStub(channel)
        opened = json.loads(stub.OpenWatch(messages(subjects)).json)
        following = stub.ReadWatch(pb.ReadWatchRequest(number=opened["watch"], follow=True))

        def follow() -> None:
            try:
                for message in following:
                    pages.put((perf_counter(), json.loads(message.json)))
            except grpc.RpcError:
                return

        thread = threading.Thread(target=follow)
        thread.start()
        try:
            while pages.get(timeout=600)[1]["pending"]:
                pass
            yield pages
        finally:
            following.cancel()
            thread.join()


def messages(subjects: Sequence[tuple[str, str]]) -> Iterator[pb.OpenWatchRequest]:
    """What opens a watch of subjects."""
    terms = {"matter": MATTER, "case_no": "1", "purpose": PURPOSE, "until": UNTIL}
    yield pb.OpenWatchRequest(request_id=token(16).hex(), terms_json=json.dumps(terms))
    for begin in range(0, len(subjects), CHUNK):
        some = [{"code": code, "name": name} for code, name in subjects[begin : begin + CHUNK]]
        yield pb.OpenWatchRequest(rows_json=json.dumps(some))


def others(count: int) -> Iterator[tuple[str, str]]:
    """Subjects that nobody lists."""
    for number in range(count):
        yield make_uscc("91510500", f"YY{number:06}"), f"无名示例{number}有限公司（演示）"


def _know(node: Path, subjects: Sequence[tuple[str, str]]) -> None:
    """Give a node a base library that has these subjects."""
    path = node / "subjects.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("code", "name"), *subjects])
    import_library(path, node / FILE_NAME, lambda _: None, anyway=True)


def _named(listing: Listing, number: int) -> Listing:
    """Of a name that no other subject has: the makers of the demo's lists repeat theirs."""
    name = f"{number}号{listing.subject.name}"
    return replace(listing, subject=replace(listing.subject, name=name))
