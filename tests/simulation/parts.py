"""A simulated node: all of the program but sockets, on a disk and a clock that can fail.

The database is SQLite in memory, which outlives the process that is simulated; ring, mark and
charters are files. A crash is an exception that no code of the program catches.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.errors import FullError, HighWaterError
from adapters.sql.engine import open_engine
from adapters.sql.migrating import migrate
from adapters.sql.store import SqlStore
from federation.charters.chain import CharterChain
from federation.ids import MemberId
from federation.ports.highwater import HighWater
from federation.ports.store import ReadSession, Store, WriteSession
from federation.ports.touched import Touched
from node.charters.book import CharterBook
from node.charters.files import store_chain
from node.charters.view import TrustView
from node.system.failpoints import Failpoints
from tests.support.clock import FakeClock, Tokens
from tests.support.simulation import SimNode


class Crash(BaseException):
    """The process dies here."""


class MachineError(Exception):
    """The machine on which a world runs has failed: run the seed again, it says nothing."""


class CrashPoints(Failpoints):
    """Failpoints of which the world arms one; then the process dies there."""

    def __init__(self) -> None:
        super().__init__()
        self.armed: tuple[str, str] | None = None

    def _hit(self, name: str, moment: str) -> None:
        if self.armed == (name, moment):
            self.armed = None
            raise Crash(f"{name}:{moment}")


class Disk:
    """What the world lets go wrong at the next write; it happens once."""

    def __init__(self) -> None:
        self.fails: BaseException | None = None
        self.mark_fails: str = ""

    def hit(self) -> None:
        error, self.fails = self.fails, None
        if error is not None:
            raise error


class FaultyStore:
    """A store whose commit can fail, or be the last thing that the process tries."""

    def __init__(self, inner: Store, disk: Disk) -> None:
        self._inner = inner
        self._disk = disk

    def read(self) -> AbstractContextManager[ReadSession]:
        return self._inner.read()

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[WriteSession]:
        with self._inner.write(durable=durable) as session:
            yield session
            self._disk.hit()

    def listen(self, listener: Callable[[Touched], None]) -> None:
        self._inner.listen(listener)

    @property
    def written(self) -> int:
        return self._inner.written

    def truncate(self) -> None:
        self._inner.truncate()

    def close(self) -> None:
        """The database outlives the process; the world closes it."""


class FaultyMark:
    """A mark whose last step, or first one, can fail."""

    def __init__(self, inner: HighWater, disk: Disk) -> None:
        self._inner = inner
        self._disk = disk

    def load(self) -> tuple[int, bytes] | None:
        return self._inner.load()

    def remains(self) -> tuple[int, bytes] | None:
        return self._inner.remains()

    def hold(self, expected: tuple[int, bytes]) -> None:
        self._inner.hold(expected)

    def advance(self, expected: tuple[int, bytes] | None, new: tuple[int, bytes]) -> None:
        fails, self._disk.mark_fails = self._disk.mark_fails, ""
        if fails != "before":
            self._inner.advance(expected, new)
        if fails:
            raise HighWaterError("the disk of the mark failed")


class DriftingClock(FakeClock):
    """The world's clock as one machine shows it."""

    def __init__(self, world: FakeClock) -> None:
        super().__init__()
        self.world = world
        self.offset = 0

    def now(self) -> Any:
        return type(self.world.now())(self.world.now() + self.offset)


class WorldNode(SimNode):
    """A node that can crash, keeps its charters like the program, and counts its starts."""

    asks = True

    def __init__(self, member: str, chain: CharterChain, world: FakeClock, directory: Path) -> None:
        self.disk = Disk()
        self.crash_points = CrashPoints()
        self.local = DriftingClock(world)
        self.engine = _empty_engine()
        self.driver = _driver(self.engine)
        self.database = SqlStore(self.engine)
        self.up = True
        store_chain(directory / "charters", chain)
        super().__init__(member, [chain], self.local, directory, "")

    def start(self) -> None:
        """Wire everything, as at the start of the process."""
        self.failpoints = self.crash_points
        self.tokens = Tokens(self.member) if not hasattr(self, "keyring") else self.tokens
        self.charters = CharterBook(
            directory=self.directory / "charters",
            pins=lambda: [chain.id for chain in self.chains],
            own=self.origin,
            not_direct=(),
            now=self.clock.now,
            changed=lambda: None,  # the world tells the exchange
        )
        super().start()

    def stored(self) -> bytes:
        """The whole database, byte for byte."""
        return bytes(self.driver.serialize())

    def writes(self) -> int:
        """Rows written so far, also those that were not kept."""
        return int(self.driver.total_changes)

    def release(self) -> None:
        """Give the database back, for a node of a later world."""
        _IDLE.append(self.engine)

    def disarm(self) -> None:
        """Nothing that was to go wrong goes wrong any more."""
        self.crash_points.armed = None
        self.disk.fails, self.disk.mark_fails = None, ""

    def open_store(self) -> Store:
        return FaultyStore(self.database, self.disk)

    def running(self) -> float:
        return float(self.local.world.running)

    def open_mark(self) -> HighWater:
        return FaultyMark(super().open_mark(), self.disk)

    def refresh_charters(self) -> None:
        """The book asks the clock by itself."""

    def trust(self) -> TrustView:
        return self.charters.view()

    def envelopes(self, peer: MemberId) -> Sequence[bytes]:
        return self.charters.envelopes_for(peer)

    def adopt(self, envelope: bytes) -> bool:
        return self.charters.adopt(envelope)


def of_the_world(error: BaseException) -> None:
    """Let errors pass that the world made, which have no cause of the operating system's.

    Raises:
        MachineError: the error came from the real disk or the real database.
    """
    if isinstance(error.__cause__, OSError | SQLAlchemyError | sqlite3.Error):
        message = f"the machine, not the world: {error}"
        raise MachineError(message) from error


def full() -> FullError:
    """The error of a full disk."""
    return FullError("no space left for the database")


_IDLE: list[Engine] = []
"""Databases of worlds that are over: with an engine stays what it has learnt of statements."""


def _empty_engine() -> Engine:
    engine = _IDLE.pop() if _IDLE else open_engine("sqlite:///:memory:")
    _driver(engine).deserialize(_template())
    return engine


@cache
def _template() -> bytes:
    """A migrated, empty database; made once a process."""
    engine = open_engine("sqlite:///:memory:")
    migrate(engine)
    data = bytes(_driver(engine).serialize())
    engine.dispose()
    return data


def _driver(engine: Engine) -> Any:
    """The one connection that is the database."""
    with engine.connect() as connection:
        return connection.connection.driver_connection
