"""Two hosts that both believe to be the one: `python -m tests.support.failover_sweep SEED`.

Each seed: a city on a primary with a streaming standby, a hub that keeps what it is shown, the mark
on a third server. The city is asked to publish all the time; the standby is promoted at a random
moment, cut off some statements before in every other seed; the second host starts on it while the
first one still runs and still believes to be the one. Both are asked to publish from then on.

Looked at afterwards: every checkpoint that any of the three databases ever held lies on one
history (none contradicts another); the hub holds nothing that the log which goes on has not; both
hosts were never answered for one size; every statement that was answered stands in that log.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import grpc
import psycopg
from huxin.v1 import registry_pb2
from huxin.v1.registry_pb2_grpc import RegistryStub
from psycopg.sql import SQL
from sqlalchemy import URL, make_url

from adapters.sql import open_store
from crypto.checkpoint import peek_checkpoint
from crypto.merkle import frontier_at
from node.codec.listed import listing_to_proto
from node.demo.members import DemoMember
from node.demo.ports import free_ports
from node.demo.postgres import RunningServer, crashable_server, running_server
from node.demo.processes import Processes
from node.directory.config import load_config
from node.directory.presence import NotReadyError, read_node_file
from node.log.tiles import tile_nodes
from node.system.entropy import token
from tests.support.commands import run
from tests.support.federation_dirs import SOURCE, found, listing_of, set_key
from tests.support.fresh import fresh_postgres
from tests.support.operating import status
from tests.support.processes import eventually
from tests.support.shared_marks import name_shared_place
from tests.support.standby import NAME, Standby, standby_of

CITY: Final = DemoMember(region="510500", name="泸州")
HUB: Final = DemoMember(region="510000", name="四川", role="hub")
CALL_SECONDS: Final = 20
BEFORE, AFTER = 2.0, 4.0
"""Seconds of load, at most, until the standby is promoted, and once the second host serves."""


@dataclass
class Seen:
    """What came of one seed."""

    answered: set[str] = field(default_factory=set)
    """Statements that a host said were published."""
    refused: int = 0
    checkpoints: set[tuple[int, bytes]] = field(default_factory=set)
    refilled: int = 0
    after: int = 0
    """Statements that the second host published."""
    late: int = 0
    """Attempts at the first host once the second one had signed."""


class Asking:
    """Asks a host to publish, one listing after the other, until it is told to end."""

    def __init__(self, folder: Path, numbers: Iterator[int], seen: Seen) -> None:
        self._folder, self._numbers, self._seen = folder, numbers, seen
        self._end = threading.Event()
        self.answered = 0
        self.failed = 0
        self.last: Exception | None = None
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        while not self._end.is_set():
            try:
                with grpc.insecure_channel(f"unix:{read_node_file(self._folder).socket}") as line:
                    self._publish(RegistryStub(line))
            except (grpc.RpcError, NotReadyError, OSError) as error:
                self.failed += 1
                self.last = error
                self._end.wait(0.05)

    def _publish(self, stub: RegistryStub) -> None:
        while not self._end.is_set():
            listing = listing_of(CITY.region, next(self._numbers))
            request = registry_pb2.PublishRequest(
                request_id=token(16).hex(),
                drafts=[registry_pb2.Draft(listing=listing_to_proto(listing))],
                source=SOURCE,
            )
            (published,) = stub.Publish(request, timeout=CALL_SECONDS).published
            self._seen.answered.add(published.statement_id.hex())
            self.answered += 1
            self._end.wait(0.01)

    def end(self) -> None:
        self._end.set()
        self._thread.join(2 * CALL_SECONDS)


class Watching:
    """Reads the checkpoint of our log out of several databases, again and again."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._urls: list[str] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def add(self, url: str) -> None:
        self._urls.append(url)

    def _watch(self) -> None:
        lines: dict[str, psycopg.Connection[tuple[bytes]]] = {}
        while not self._end.wait(0.01):
            for url in list(self._urls):
                try:
                    if url not in lines:
                        lines[url] = psycopg.connect(url, autocommit=True, connect_timeout=5)
                    row = (
                        lines[url]
                        .execute("SELECT note FROM logs WHERE origin = %s", [CITY.origin])
                        .fetchone()
                    )
                except psycopg.Error:
                    lines.pop(url, None)
                    continue
                if row is not None and row[0]:
                    checkpoint = peek_checkpoint(bytes(row[0]))
                    self._seen.checkpoints.add((checkpoint.size, checkpoint.root))
        for line in lines.values():
            line.close()

    def end(self) -> None:
        self._end.set()
        self._thread.join(20)


def one(seed: int, directory: Path, mark_server: URL) -> Seen:
    """Fail over once.

    Args:
        seed: chooses how far the standby lags, and when.
        directory: new or empty.
        mark_server: maintenance database of the server that has the mark.

    Raises:
        AssertionError: two histories, or something that a peer had is missing.
    """
    random, seen = Random(seed), Seen()
    lags = bool(seed % 2)
    with ExitStack() as stack:
        primary = stack.enter_context(crashable_server(settings=["wal_keep_size=512MB"]))
        hub_url = stack.enter_context(_fresh(mark_server))
        mark = stack.enter_context(_fresh(mark_server))
        city_url = _text(primary.url)
        found(directory, (CITY, HUB), lambda region: city_url if region == CITY.region else hub_url)
        first = directory / CITY.region
        name_shared_place(first, mark)
        assert run("mark", "move", "--dir", first).code == 0
        standby = stack.enter_context(standby_of(primary))
        if not lags:
            _synchronous(primary.url, NAME)
        second = directory / "second" / CITY.region
        shutil.copytree(first, second)
        set_key(second, "url", json.dumps(_text(standby.url)))
        set_key(second, "exchange", json.dumps(f"127.0.0.1:{free_ports(1)[0]}"))
        hosts = Processes(directory)
        stack.callback(hosts.stop_all)
        for member in (HUB, CITY):
            hosts.start(member)
        for member in (HUB, CITY):
            hosts.wait_ready(member)
        watching = Watching(seen)
        stack.callback(watching.end)
        for url in (city_url, hub_url):
            watching.add(_libpq(url))
        _fail_over(random, directory, (primary, standby), seen, watching, stack, lags=lags)
        watching.end()
        _check(seen, second, directory / HUB.region)
    return seen


def _fail_over(
    random: Random,
    directory: Path,
    servers: tuple[RunningServer, Standby],
    seen: Seen,
    watching: Watching,
    stack: ExitStack,
    *,
    lags: bool,
) -> None:
    numbers = iter(range(1, 1_000_000))
    primary, standby = servers
    first, second = directory / CITY.region, directory / "second" / CITY.region
    asking = Asking(first, numbers, seen)
    stack.callback(asking.end)
    eventually("the first host signs", lambda: asking.answered < 3 and (asking.last or "waits"))
    time.sleep(random.random() * BEFORE)
    if lags:
        standby.cut_off()
        held = asking.answered
        eventually("some statements the standby never had", lambda: asking.answered < held + 5)
    else:
        asking.end()
    standby.promote()
    watching.add(_libpq(_text(standby.url)))
    if lags:
        time.sleep(random.random())  # it signs on over the former primary
        asking.end()
        # What no peer had could be given back by nobody: here the hub has it all.
        eventually("the hub has all that was signed", lambda: _behind(directory, HUB, first))
    others = Processes(directory / "second")
    stack.callback(others.stop_all)
    others.start(CITY)
    others.wait_ready(CITY)
    if lags:
        recovered = run("recover", "--dir", second, "-o", "json")
        assert recovered.code == 0, recovered.err
        seen.refilled = recovered.json["refilled"]
    _synchronous(primary.url, "")  # it takes commits alone, and its host believes to be the one
    still = Asking(first, numbers, seen)
    stack.callback(still.end)
    new = Asking(second, numbers, seen)
    stack.callback(new.end)
    eventually("the second host signs", lambda: new.answered < 3 and (new.last or "waits"))
    before, failed = still.answered, still.failed  # whoever stepped last goes on
    time.sleep(random.random() * AFTER)
    new.end()
    still.end()
    assert still.answered == before, "the first host was answered after the second one signed"
    seen.after, seen.late = new.answered, still.failed - failed
    eventually("the hub has all of it", lambda: _behind(directory, HUB, second))


def _behind(directory: Path, member: DemoMember, host: Path) -> str:
    """How the hub's copy differs from the log as a host has signed it; empty where it does not."""
    signed = _log(status(host.parent, CITY))
    copied = _log(status(directory, member))
    same = signed.get("size") == copied.get("size") and signed.get("root") == copied.get("root")
    return "" if same else f"{copied} {signed}"


def _log(document: dict[str, object]) -> dict[str, object]:
    logs = document["logs"]
    assert isinstance(logs, list)
    return next((log for log in logs if log["origin"] == CITY.origin), {})


def _check(seen: Seen, second: Path, hub: Path) -> None:
    """One history, and in it all that was answered."""
    sizes: dict[int, set[bytes]] = {}
    for size, root in seen.checkpoints:
        sizes.setdefault(size, set()).add(root)
    assert all(len(roots) == 1 for roots in sizes.values()), "two roots at one size"
    for folder in (second, hub):
        store = open_store(load_config(folder).database_url)
        try:
            with store.read() as session:
                head = session.head(load_config(second).origin)
                assert head is not None
                assert not head.forked
                nodes = tile_nodes(session, head.log, head.size)
                for size, root in seen.checkpoints:
                    assert size <= head.size, (folder, size, head.size)
                    assert frontier_at(size, nodes).root() == root, (folder, size)
                held = {
                    row.statement_id.hex()
                    for begin in range(0, head.size, 1024)
                    for row in session.rows_between(head.log, begin, min(begin + 1024, head.size))
                }
                assert seen.answered <= held, f"{len(seen.answered - held)} answered are missing"
        finally:
            store.close()


@contextmanager
def _fresh(server: URL) -> Iterator[str]:
    with fresh_postgres(_text(server)) as url:
        yield url


def _synchronous(primary: URL, names: str) -> None:
    """Let every commit wait for a standby of this name, or for none."""
    with psycopg.connect(_libpq(_text(primary)), autocommit=True) as connection:
        connection.execute(SQL("ALTER SYSTEM SET synchronous_standby_names = {}").format(names))
        connection.execute("SELECT pg_reload_conf()")


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def main() -> None:
    """Replay one seed, or sweep many; the last line is JSON, as `soak/kinds.py` wants it."""
    parser = argparse.ArgumentParser(description="Two hosts that both believe to be the one.")
    parser.add_argument("seed", type=int)
    parser.add_argument("--seeds", type=int, default=1, help="how many, from that one on")
    given = parser.parse_args()
    failed: list[int] = []
    done: list[Seen] = []
    with running_server() as mark_server:
        for seed in range(given.seed, given.seed + given.seeds):
            with tempfile.TemporaryDirectory(prefix="huxin-failover-") as name:
                try:
                    done.append(one(seed, Path(name), mark_server))
                except Exception:  # noqa: BLE001  whatever it is, the sweep goes on and tells it
                    failed.append(seed)
                    print(f"python -m tests.support.failover_sweep {seed}", file=sys.stderr)
                    traceback.print_exc()
    print(json.dumps({"seeds": given.seeds, "failed_seeds": failed, **_counts(done)}))


def _counts(done: Sequence[Seen]) -> dict[str, int]:
    return {
        "checkpoints": sum(len(seen.checkpoints) for seen in done),
        "answered": sum(len(seen.answered) for seen in done),
        "by_the_second_host": sum(seen.after for seen in done),
        "refilled": sum(seen.refilled for seen in done),
        "refused_at_the_first": sum(seen.late for seen in done),
    }


if __name__ == "__main__":
    main()
