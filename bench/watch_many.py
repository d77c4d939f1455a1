"""A million watched subjects across a restart and a rebuild: seconds, and memory of the node.

    python -m bench.watch_many [SUBJECTS]

Not one of the benches that run together: it takes long. One case of a node on SQLite that holds a
thousand listings of a publisher. Printed are how long opening takes; how long the first reader
waits until everybody was judged, at first, after a restart and after a rebuild; and how much memory
the node has held by then.
"""

from __future__ import annotations

from node.system import tls12_off  # isort: skip - before whatever imports grpc

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import grpc
from huxin.v1 import watches_pb2 as pb
from huxin.v1.watches_pb2_grpc import WatchesStub

from bench import federations, lists
from bench.check_batch import most_held
from bench.databases import databases
from bench.reconcile import close
from bench.replicate import seconds_to_follow
from bench.watch import messages, others
from node.app.wiring import build
from node.demo.furnishing import furnish
from node.demo.members import DATA
from node.directory.config import load_config
from node.directory.presence import read_node_file

SIZE = 1_000_000
LISTED = 1000
SECONDS = 3600


def main() -> None:
    """Run it."""
    tls12_off.require()
    size = int(sys.argv[1]) if len(sys.argv) > 1 else SIZE
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        pair = federations.found(directory)
        lists.write_list(directory / "list.csv", LISTED)
        listed = [lists.short(o) for o in lists.listings(directory / "list.csv", pair.audience)]
        lists.preload(pair.publisher, listed)
        with databases("sqlite", directory) as made, made.fresh() as url:
            node = pair.new_follower(directory / "node", url)
            furnish(load_config(node), DATA, ())
            with federations.serving(pair.publisher):
                seconds_to_follow(node, url, LISTED)
            known = [(one.subject.code, one.subject.name) for one in listed]
            with federations.serving(node) as pid:
                rows = [*known, *others(size - len(known))]
                watch = _timed("opened", pid, lambda: _opened(node, rows))
                _timed("read", pid, lambda: _read(node, watch))
                _timed("read again", pid, lambda: _read(node, watch))
            with federations.serving(node) as pid:
                _timed("read after a restart", pid, lambda: _read(node, watch))
            parts = build(node)
            equal, _ = parts.rebuild(False)
            close(parts)
            print(f"rebuilt, equal: {equal}", flush=True)
            with federations.serving(node) as pid:
                _timed("read after a rebuild", pid, lambda: _read(node, watch))


def _timed(what: str, pid: int, call: Callable[[], str]) -> str:
    began = perf_counter()
    said = call()
    seconds = perf_counter() - began
    print(f"{what}: {seconds:.1f} s, at most {most_held(pid)} MiB: {said}", flush=True)
    return said


def _opened(node: Path, rows: list[tuple[str, str]]) -> str:
    with grpc.insecure_channel(f"unix:{read_node_file(node).socket}") as channel:
        opened: dict[str, Any] = json.loads(WatchesStub(channel).OpenWatch(messages(rows)).json)
        return str(opened["watch"])


def _read(node: Path, watch: str) -> str:
    """Read until everybody was judged and nothing more is to be told."""
    position, told = "", 0
    with grpc.insecure_channel(f"unix:{read_node_file(node).socket}") as channel:
        while True:
            request = pb.ReadWatchRequest(number=watch, after=position)
            (message,) = WatchesStub(channel).ReadWatch(request)
            page = json.loads(message.json)
            position, told = page["position"], told + len(page["events"])
            if not page["pending"] and not page["more"]:
                return f"{told} events"


if __name__ == "__main__":
    main()
