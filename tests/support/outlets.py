"""A store with leaves of one log that a platform is to be told of, without any node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from adapters.files.outbox import OutboxRow
from adapters.platform.acknowledging import DONE, Answer, Later, Owed, Said, word
from adapters.platform.errors import PlatformError
from adapters.sql import SqlStore, open_store
from federation.ids import Origin, Timestamp
from federation.ports.store import LogHead, ReadSession, Store
from federation.rows import StatementRow
from federation.statements import Kind
from node.log.writer import WriteThread
from node.platform.delivery import Platform, PlatformDelivery
from node.platform.demands import Demands
from node.platform.outbox_job import OutboxDelivery
from node.platform.outbox_rows import OutboxRows
from node.system.failpoints import Failpoints
from tests.contracts.examples import row
from tests.support.desks import records_of
from tests.support.invented import InlineWriter
from tests.support.simulation import SimNode

ORIGIN = Origin("510500.huxin.example/1")
ROW = OutboxRow(index=3, kind=Kind.LISTING, statement_id="00" * 16, state="active")


class PlainRows(OutboxRows):
    """Says the state of each leaf that a test has set, and `ROW` for the rest of it."""

    def __init__(self) -> None:
        self.states: dict[int, str] = {}

    def told_now(self, _session: object, head: LogHead) -> bool:
        return bool(head.origin)

    def made(
        self,
        session: ReadSession,
        head: LogHead,
        rows: Sequence[StatementRow],
        handed: Mapping[int, int],
    ) -> list[OutboxRow]:
        """See `OutboxRows.made`."""
        del session, head, handed
        return [
            replace(
                ROW,
                index=row.idx,
                statement_id=row.statement_id.hex(),
                state=self.states[row.idx],
            )
            for row in rows
            if row.idx in self.states
        ]


class Told:
    """A log of which leaves are told, and the outlet of a platform named `city`."""

    def __init__(self) -> None:
        self.store: SqlStore = open_store("sqlite://")
        self.rows = PlainRows()
        with self.store.write() as session:
            self.log = session.add_log(ORIGIN, ours=False).log
            self.outlet = session.add_outlet("city").outlet

    def say(self, states: Mapping[int, str]) -> None:
        """Let leaves be there, delivered to the files, in these states."""
        self.rows.states |= states
        with self.store.write() as session:
            head = session.head(ORIGIN)
            assert head is not None
            size = max(head.size, *(index + 1 for index in states))
            session.insert_rows([row(head.log, index) for index in range(head.size, size)])
            session.set_head(
                replace(head, size=size, applied_to=size, reconciled_to=size, delivered_to=size)
            )

    def change(self, index: int, state: str, *, relief: bool = False) -> None:
        """Let a leaf that was told be in another state."""
        self.rows.states[index] = state
        with self.store.write() as session:
            session.put_waiting(self.outlet, {(self.log, index): relief})

    def delivery(self, platform: Platform) -> PlatformDelivery:
        """The job of a platform."""
        return PlatformDelivery(
            name="city",
            outlet=self.outlet,
            platform=platform,
            store=self.store,
            writer=InlineWriter(),
            rows=self.rows,
            demands=demands_of(self.store),
            failpoints=Failpoints(),
        )


def demands_of(store: Store, now: Callable[[], Timestamp] = lambda: Timestamp(1)) -> Demands:
    """What outlets of a store owe, by a clock."""
    return Demands(store=store, writer=InlineWriter(), now=now, failpoints=Failpoints())


class RememberingPlatform:
    """A platform of a simulated node that remembers the newest row of each leaf."""

    def __init__(
        self, node: SimNode, name: str = "city", writer: WriteThread | None = None
    ) -> None:
        self.rows: dict[tuple[Origin, int], OutboxRow] = {}
        self.done: dict[tuple[Origin, int], str] = {}
        """The state of each row in which it did what the row asks for, and said so."""
        self.batches: list[list[OutboxRow]] = []
        self.fault = ""
        self.acknowledges = False
        self.loses_answers = False
        made = OutboxRows(records_of(node), node.clock.today)
        with node.store.write() as session:
            outlet = session.add_outlet(name).outlet
        self.outlet = outlet
        self._offering = OutboxDelivery(
            outbox=None,
            store=node.store,
            writer=InlineWriter(),
            rows=made,
            demands=demands_of(node.store, node.clock.now),
            failpoints=node.failpoints,
        )
        self.delivery = PlatformDelivery(
            name=name,
            outlet=outlet,
            platform=self,
            store=node.store,
            writer=writer or InlineWriter(),
            rows=made,
            demands=demands_of(node.store, node.clock.now),
            failpoints=node.failpoints,
        )

    def tell(self, origin: Origin, rows: Sequence[OutboxRow], _number: int) -> Answer:
        """See `node.platform.delivery.Platform`."""
        if self.fault:
            raise PlatformError(self.fault, "as ordered")
        self.rows |= {(origin, one.index): one for one in rows}
        self.batches.append(list(rows))
        if self.acknowledges:
            self.done |= {(origin, one.index): one.state for one in rows}
        if self.loses_answers:
            raise PlatformError("platform.unreachable", "as ordered, after it was taken")
        return Answer(done=self.acknowledges)

    def later(self, owed: Sequence[Owed], _after: int) -> Later:
        """See `node.platform.delivery.Platform`."""
        if self.fault:
            raise PlatformError(self.fault, "as ordered")
        said = []
        for one in owed if self.acknowledges else ():
            place = (Origin(one.origin), one.index)
            if place in self.rows and self.rows[place].state == one.state:
                self.done[place] = one.state
                said.append(Said(one.origin, one.index, word(one.number, DONE)))
        return Later(said, 0)

    def offer(self) -> None:
        """Let it be told from now on."""
        self._offering.run()

    def run(self) -> None:
        """Offer what there is, and tell it."""
        self.offer()
        self.delivery.run()
