"""Who was told of which repair, and when: the nodes, their platforms, and what `status` named.

One thread for each city asks its node and reads its platforms, as their people would. A besieged
node may answer with anything: then it is asked again.
"""

from __future__ import annotations

import csv
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from federation.ids import StatementId
from node.demo.client import NodeClient
from node.demo.members import DemoMember
from node.directory.presence import NotReadyError
from tests.support.platform_service import PlatformService

POLL_SECONDS: Final = 0.25
STATUS_SECONDS: Final = 1.0
MISSES: Final = 3
"""Records of one log that are not lifted yet: as relief comes in the order of its log, the ones
behind them are not asked for."""
PATIENCE_SECONDS: Final = 0.5
"""For a platform's database that somebody has locked."""


@dataclass(slots=True, kw_only=True)
class Repair:
    """A repair that somebody has said at one door of one city."""

    number: int
    statement_id: str
    city: str
    door: str
    said: float
    during: frozenset[str]
    """Besiegers at work when it was said."""
    acknowledged: bool = False
    seen: dict[str, float] = field(default_factory=dict)
    """When, by target."""


class Ledger:
    """All repairs, and where each must arrive: at every node, and the platforms of the others."""

    def __init__(self, targets: Mapping[str, str]) -> None:
        """Begin with none.

        Args:
            targets: city by name of the target; those of nodes begin with `node`.
        """
        self._targets = targets
        self._said: dict[str, Repair] = {}
        self._lock = threading.Lock()

    def say(self, repair: Repair) -> None:
        with self._lock:
            self._said[repair.statement_id] = repair

    def take_back(self, repair: Repair) -> None:
        """Nobody acknowledged it, and it was told so: nothing is promised."""
        with self._lock:
            del self._said[repair.statement_id]

    def all(self) -> list[Repair]:
        with self._lock:
            return list(self._said.values())

    def see(self, target: str, statement_id: str) -> None:
        with self._lock:
            repair = self._said.get(statement_id)
            if repair is not None:
                repair.seen.setdefault(target, time.monotonic())

    def wanted(self, repair: Repair) -> set[str]:
        """A city's own platform knows of its own listings by itself."""
        return {
            target
            for target, city in self._targets.items()
            if target.startswith("node") or city != repair.city
        }

    def missing(self) -> list[tuple[int, str, str]]:
        """Number, door and target; the door itself where it has not acknowledged."""
        return [
            (repair.number, repair.door, target)
            for repair in self.all()
            for target in sorted(self.wanted(repair) - set(repair.seen))
        ] + [
            (repair.number, repair.door, "door") for repair in self.all() if not repair.acknowledged
        ]

    def delays(self) -> Iterator[tuple[Repair, str, float]]:
        for repair in self.all():
            for target, at in sorted(repair.seen.items()):
                yield repair, target, at - repair.said


class Outlet:
    """A platform, or the files for one: what it was told last of each statement."""

    def __init__(self, read: Callable[[], Iterable[tuple[str, str]]]) -> None:
        """Read statement ids and states that are new, by `read`."""
        self._read = read
        self.states: dict[str, str] = {}

    def look(self) -> list[str]:
        """Repaired since the last look."""
        new = list(self._read())
        self.states.update(new)
        return [statement_id for statement_id, state in new if state == "repaired"]


def of_table(path: Path) -> Outlet:
    """The outbox table of a platform in a SQLite file."""
    last = 0

    def read() -> Iterable[tuple[str, str]]:
        nonlocal last
        with closing(sqlite3.connect(path, timeout=PATIENCE_SECONDS)) as database:
            asked = "SELECT seq, statement_id, state FROM huxin_outbox WHERE seq > ? ORDER BY seq"
            rows = database.execute(asked, (last,)).fetchall()
        last = max((seq for seq, _, _ in rows), default=last)
        return [(statement_id, state) for _, statement_id, state in rows]

    return Outlet(read)


def of_service(service: PlatformService) -> Outlet:
    """What a service took."""
    last = 0

    def read() -> Iterable[tuple[str, str]]:
        nonlocal last
        rows = service.told[last:]
        last += len(rows)
        return [(row["statement_id"], row["state"]) for _, _, row in rows]

    return Outlet(read)


def of_files(outbox: Path) -> Outlet:
    """Outbox files that are complete."""
    read_before: set[Path] = set()

    def read() -> Iterable[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for sign in sorted(set(outbox.glob("*/*.csv.done")) - read_before):
            with sign.with_suffix("").open(encoding="utf-8-sig", newline="") as file:
                found += [(row["statement_id"], row["state"]) for row in csv.DictReader(file)]
            read_before.add(sign)
        return found

    return Outlet(read)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A problem that `status` of a city showed."""

    at: float
    city: str
    code: str


class Watch:
    """One city's thread."""

    def __init__(
        self,
        directory: Path,
        member: DemoMember,
        *,
        ledger: Ledger,
        outlets: Mapping[str, Outlet],
        doors: Callable[[], None],
    ) -> None:
        """Prepare it.

        Args:
            directory: of all nodes.
            member: the city.
            ledger: is told what was seen.
            outlets: of its platforms, by target.
            doors: looks whether what was laid there is acknowledged.
        """
        self.outlets = outlets
        self.named: list[Named] = []
        self._directory = directory
        self._member = member
        self._ledger = ledger
        self._doors = doors
        self._client: NodeClient | None = None
        self._status_at = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch {member.region}")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self._close()

    def _run(self) -> None:
        while not self._over.wait(POLL_SECONDS):
            for target, outlet in self.outlets.items():
                with suppress(sqlite3.Error, OSError):  # it is down, or locked
                    for statement_id in outlet.look():
                        self._ledger.see(target, statement_id)
            with suppress(sqlite3.Error, OSError):
                self._doors()
            try:
                self._ask()
            except NotReadyError:  # as `huxin status` says then
                self._name("node.not-running")
            except Exception:  # noqa: BLE001  whatever a besieged node does, it is asked again
                self._close()

    def _ask(self) -> None:
        if self._client is None:
            self._client = NodeClient(self._directory, self._member)
        if time.monotonic() - self._status_at > STATUS_SECONDS:
            self._status_at = time.monotonic()
            for problem in self._client.status()["problems"]:
                self._name(problem["code"])
        target = f"node {self._member.region}"
        misses: dict[str, int] = {}
        for repair in self._ledger.all():
            if target in repair.seen or misses.get(repair.city, 0) >= MISSES:
                continue
            record = self._client.record(StatementId(bytes.fromhex(repair.statement_id)))
            if record is not None and record["state"] == "repaired":
                self._ledger.see(target, repair.statement_id)
            else:
                misses[repair.city] = misses.get(repair.city, 0) + 1

    def _name(self, code: str) -> None:
        self.named.append(Named(at=time.monotonic(), city=self._member.region, code=code))

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def quantiles(seconds: Iterable[float]) -> dict[str, Any]:
    """How many, and the delays in seconds within which half of them and 99 of 100 came."""
    ordered = sorted(seconds)
    return {
        "count": len(ordered),
        "p50": round(ordered[(len(ordered) - 1) // 2], 2),
        "p99": round(ordered[(len(ordered) * 99 - 1) // 100], 2),
    }
