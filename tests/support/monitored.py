"""A monitor over alliances made by hand (`tests.support.audited`), without network and disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.export.tile_source import OtherwiseError, SourceError
from federation.ids import CharterId, Timestamp
from node.audit.monitor_state import MonitorState
from node.audit.monitoring import Monitor, NamedSource, Other, Round
from node.codec import ProtobufPayloads
from tests.support.audited import World


@dataclass
class Base:
    """A source with charters and logs; remembers what it was asked for."""

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    down: bool = False
    hidden: str = ""
    """Below this prefix it refuses."""
    asked: list[str] = field(default_factory=list)

    def read(self, path: str, limit: int) -> bytes | None:
        self.asked.append(path)
        if self.down:
            message = f"{path}: ReadTimeoutError"
            raise SourceError(message)
        if self.hidden and path.startswith(self.hidden):
            message = f"{path}: expected 200, got 403"
            raise OtherwiseError(message)
        data = self.files.get(path)
        return None if data is None else data[: limit + 1]


class Watching:
    """A monitor of some sources, at the time of a world."""

    def __init__(
        self, world: World, *bases: Base, others: Sequence[Other] = (), pin: CharterId | None = None
    ) -> None:
        self.world = world
        self.bases = bases
        self.now: int | None = None
        self.running = 0.0
        """Seconds on a clock that only goes forward."""
        self.monitor = Monitor(
            MonitorState(pins=(pin or world.chain.id,)),
            [NamedSource(name=base.name, files=base) for base in bases],
            others=others,
            payloads=ProtobufPayloads(),
            now=lambda: Timestamp(self.world.now + 60 if self.now is None else self.now),
            source_seconds=60,
            monotonic=lambda: self.running,
        )

    def show(self, **files: bytes) -> None:
        """All sources show the world as it is now."""
        for base in self.bases:
            base.files = self.world.files() | files

    def round(self) -> Round:
        for base in self.bases:
            base.asked = []
        return self.monitor.round()


def codes(told: Round) -> dict[str, set[str]]:
    """Codes by weight, of what stays and of what is so at the moment."""
    found: dict[str, set[str]] = {}
    for alert in told.state.alerts:
        found.setdefault("finding", set()).add(alert.code)
    for _ in told.state.forks:
        found.setdefault("finding", set()).add("log.forked")
    for one in told.conditions:
        found.setdefault(one.weight.value, set()).add(one.code)
    return found
