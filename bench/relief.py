"""A relief, decided at a city and acknowledged by 20 peers over a hub, and after a month's outage.

City and peers dial the hub and nobody else; the RECEIPT of a peer goes the same way back. Counted
is from the call at the city's socket to the commit in which a peer has lifted the listing, and to
the one in which the city holds the peer's RECEIPT: peers gather what they tell for some seconds
(`receipts.relief_seconds`), which is in the second figure. What no node can do without is beside
it: a row committed durably in each of two databases, and three round trips of a bare stream. Then a
month's listings and reliefs are said while one node is away, a peer or the hub: until the last of
them is acknowledged after it has come back; and the city's own node, until the first relief after
that is. All 22 nodes share this machine's processors, which in earnest they do not.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, sleep

from bench import federations, lists
from bench.databases import Databases, SizeOf, StateOf, databases
from bench.lag import percentile, place, reached, relieved, round_trips, until
from bench.measuring import Options, Result, Run
from bench.publications import publication, registry, repair
from bench.relief_one import commits
from federation.charters.verification import PURPOSES
from federation.ids import Origin
from federation.payloads import Audience, Listing
from node.demo.ports import free_ports

SIZE = 20
"""Reliefs, one at a time."""
RUNS = 1
PEERS = 20
HUB = "510000"
MONTH = 22
"""Working days of a month, each with as many listings, of which one in ten is relieved."""
A_DAY = 10
BASELINE = "two durable commits and three round trips"
QUIET_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alliance:
    hub: Path
    city: Path
    peers: tuple[Path, ...]
    audience: Audience
    pair: federations.Pair


@dataclass(slots=True, kw_only=True)
class _Running:
    """The nodes that serve; `held` are sizes of the peers' logs as the city holds them."""

    alliance: _Alliance
    database: str
    nodes: dict[str, ExitStack] = field(default_factory=dict)
    held: list[SizeOf] = field(default_factory=list)
    followed: list[SizeOf] = field(default_factory=list)
    """Of the city's log at each peer."""
    states: list[StateOf] = field(default_factory=list)

    def start(self, name: str, folder: Path) -> None:
        stack = ExitStack()
        stack.enter_context(federations.serving(folder))
        self.nodes[name] = stack

    def stop(self, name: str) -> None:
        self.nodes.pop(name).close()

    def close(self) -> None:
        for stack in self.nodes.values():
            stack.close()

    def told(self, since: Sequence[int], of: Sequence[int] = ()) -> list[Callable[[], bool]]:
        """Whether each peer has told something since its log had a size."""
        return [
            reached(self.held[number], since[number] + 1) for number in of or range(len(self.held))
        ]

    def sizes(self) -> list[int]:
        return [size() for size in self.held]

    def quiet(self) -> list[int]:
        """Wait until nobody tells anything any more; the sizes."""
        before, since = self.sizes(), perf_counter()
        while perf_counter() - since < QUIET_SECONDS:
            sleep(0.2)
            if (now := self.sizes()) != before:
                before, since = now, perf_counter()
        return before


def run(options: Options, peers: int = PEERS, month: int = MONTH) -> Iterator[Result]:
    """Measure on each database; the size is how many reliefs are said one at a time."""
    size, runs = options.size or SIZE, options.runs or RUNS
    for kind in options.databases:
        figures: dict[str, list[Run]] = {}
        for _ in range(runs):
            with (
                tempfile.TemporaryDirectory(prefix="huxin-bench-") as name,
                databases(kind, Path(name)) as made,
            ):
                for bench, run in _once(Path(name), made, peers, size, month):
                    figures.setdefault(bench, []).append(run)
        for bench, found in figures.items():
            yield Result(
                bench=bench,
                database=kind,
                unit="ms",
                baseline=BASELINE,
                runs=tuple(found),
                size=size,
            )


def _once(
    directory: Path, made: Databases, peers: int, size: int, month: int
) -> Iterator[tuple[str, Run]]:
    alliance = _found(directory, peers)
    away = 3 * month * A_DAY
    lists.write_list(directory / "list.csv", size + away)
    rows = iter(lists.listings(directory / "list.csv", alliance.audience))
    with _serving(alliance, made) as running:
        lifted, acknowledged = _reliefs(running, [next(rows) for _ in range(size)])
        bare = commits(made, max(size, 20)) + 3 * percentile(
            asyncio.run(round_trips(alliance.pair, 100)), 50
        )
        for percent in (50, 99):
            for what, lags in (("lifted", lifted), ("acknowledged", acknowledged)):
                took = percentile(lags, percent)
                yield f"relief-{what}-p{percent}-at-{peers}", Run(value=took, baseline=bare)
        for name, folder in (
            ("peer-0", alliance.peers[0]),
            ("hub", alliance.hub),
            ("city", alliance.city),
        ):
            some = [next(rows) for _ in range(month * A_DAY)]
            took = _outage(running, name, folder, some)
            yield f"relief-after-outage-of-{name.partition('-')[0]}", Run(value=took, baseline=bare)


def _reliefs(running: _Running, rows: Sequence[Listing]) -> tuple[list[float], list[float]]:
    """Milliseconds from each relief to each peer's lifting, and to its RECEIPT."""
    with registry(running.alliance.city) as stub:
        published = [place(stub, publication(one)) for one in rows]
        until([reached(one, len(rows)) for one in running.followed], perf_counter())
        lifted: list[float] = []
        acknowledged: list[float] = []
        for statement_id, index in published:
            before = running.quiet()
            began = perf_counter()
            stub.Relieve(repair(statement_id))
            lifted += until([relieved(one, index) for one in running.states], began)
            acknowledged += until(running.told(before), began)
    return lifted, acknowledged


def _outage(running: _Running, name: str, folder: Path, rows: Sequence[Listing]) -> float:
    """Milliseconds from a node's return until its absence is made up for.

    A month of listings and reliefs goes on without it; without the city nothing does, and its first
    relief is measured when it is back.
    """
    if name == "city":
        running.quiet()
        running.stop(name)
        began = perf_counter()
        running.start(name, folder)
        with registry(folder) as stub:
            statement_id, _ = place(stub, publication(rows[0]))
            before = running.quiet()
            paused = perf_counter()
            stub.Relieve(repair(statement_id))
            until(running.told(before), paused)
        return (perf_counter() - began - QUIET_SECONDS) * 1000
    before = running.quiet()
    running.stop(name)
    with registry(running.alliance.city) as stub:
        published = [place(stub, publication(one)) for one in rows]
        for statement_id, _ in published[::10]:
            stub.Relieve(repair(statement_id))
    if name != "hub":
        running.quiet()
    began = perf_counter()
    running.start(name, folder)
    until(running.told(before, [0] if name != "hub" else ()), began)
    running.quiet()
    return (perf_counter() - began - QUIET_SECONDS) * 1000


@contextmanager
def _serving(alliance: _Alliance, made: Databases) -> Iterator[_Running]:
    with ExitStack() as stack:
        database = stack.enter_context(made.fresh())
        federations.use_database(alliance.city, database)
        running = _Running(alliance=alliance, database=database)
        stack.callback(running.close)
        running.start("hub", alliance.hub)
        running.start("city", alliance.city)
        for number, folder in enumerate(alliance.peers):
            its = stack.enter_context(made.fresh())
            federations.use_database(folder, its)
            running.start(f"peer-{number}", folder)
            origin = Origin(f"{folder.name}.huxin.example/1")
            running.held.append(SizeOf(database, origin))
            running.followed.append(SizeOf(its, federations.ORIGIN))
            running.states.append(StateOf(its, federations.ORIGIN))
            for one in (running.held[-1], running.followed[-1], running.states[-1]):
                stack.callback(one.close)
        yield running


def _found(directory: Path, peers: int) -> _Alliance:
    """A hub that listens, a city that lists, peers that follow; all dial the hub alone."""
    (port,) = free_ports(1)
    regions = [str(int(federations.FOLLOWER_REGION) + number) for number in range(peers)]
    hub = federations.new_member(directory, HUB, f"127.0.0.1:{port}", role="hub")
    city = federations.new_member(directory, federations.REGION, "")
    nodes = [federations.new_member(directory, region, "") for region in regions]
    pin = federations.ally(directory, (hub, city, *nodes), 0)
    federations.bind(directory / federations.REGION)
    audience = Audience(charters=(pin,), purposes=tuple(PURPOSES))
    folders = tuple(directory / region for region in regions)
    return _Alliance(
        hub=directory / HUB,
        city=directory / federations.REGION,
        peers=folders,
        audience=audience,
        pair=federations.Pair(
            publisher=directory / federations.REGION,
            followers=folders,
            guests=(),
            audience=audience,
        ),
    )
