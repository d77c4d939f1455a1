"""A city whose platforms acknowledge when they are let to, and who lists."""

from __future__ import annotations

from collections.abc import Callable

from federation.ids import StatementId
from federation.rows import State, StatementRow
from federation.statements import AnnotationAction, Kind
from node.relief.erasure import Erasures
from tests.support.outlets import RememberingPlatform
from tests.support.simulation import Federation, listing
from tests.support.telling import receipt_job, said_of

Federate = Callable[..., Federation]
CITY, PEER = "510300", "510500"


class City:
    """A city with two platforms, of which each acknowledges when it is let to."""

    def __init__(self, federate: Federate) -> None:
        self.federation = federate(CITY, PEER)
        self.federation.connect(CITY, PEER)
        self.origin, self.node = self.federation[CITY], self.federation[PEER]
        self.names = ["one", "two"]
        self.platforms: list[RememberingPlatform] = []
        self.restart()

    def restart(self) -> None:
        """The jobs as at the start of a process; what platforms have stays theirs."""
        had = self.platforms
        self.platforms = [RememberingPlatform(self.node, name) for name in self.names]
        for platform, before in zip(self.platforms, had, strict=False):
            platform.rows, platform.done = before.rows, before.done
        self.receipts = receipt_job(self.node, outlets=tuple(self.names))

    def join(self, name: str) -> RememberingPlatform:
        """Another platform is put into the configuration."""
        self.names.append(name)
        self.restart()
        return self.platforms[-1]

    def leave(self, name: str) -> None:
        """A platform is taken out of the configuration."""
        index = self.names.index(name)
        del self.names[index], self.platforms[index]
        self.restart()

    def list_(self, number: int) -> StatementId:
        return self.origin.list_(listing(number, audience=self.origin.audience()))

    def size(self) -> int:
        """Of the origin's log."""
        with self.origin.store.read() as session:
            head = session.head(self.origin.origin)
            return 0 if head is None else head.size

    def relieve(self, index: int, kind: Kind = Kind.REPAIR) -> StatementId:
        """End a listing of the origin, which the city hears of; the relief's id."""
        relief = self.origin.relieve(kind, StatementId(self._row(index).statement_id))
        self.follow()
        return relief

    def mask(self, index: int) -> None:
        """Begin to mask a listing of the origin, or end it, of which the city hears."""
        row = self._row(index)
        begin = row.state != State.MASKED
        asked = self.origin.registry.annotate(
            self.origin.tokens(16).hex(),
            statement_id=StatementId(row.statement_id),
            action=AnnotationAction.MASKING_BEGUN if begin else AnnotationAction.MASKING_ENDED,
            document="川屏〔2026〕1号",
            decided_on=self.origin.clock.today(),
        )
        self.origin.run(asked.unit)
        self.follow()

    def _row(self, index: int) -> StatementRow:
        with self.origin.store.read() as session:
            head = session.head(self.origin.origin)
            assert head is not None
            (row,) = session.rows_at([(head.log, index)])
        return row

    def follow(self) -> None:
        self.federation.settle()
        self.node.reconcile()

    def tell(self) -> list[tuple[int, str]]:
        """Tell receipts; what was said so far of the origin's leaves, but for reliefs."""
        self.receipts.run()
        self.federation.settle()
        said = said_of(self.node, self.origin.origin)
        return [(index, word) for index, word, reason in said if reason]

    def erase(self) -> None:
        node = self.node
        erasures = Erasures(
            own=node.origin,
            registry=node.registry,
            now=node.clock.now,
            today=node.clock.today,
            failpoints=node.failpoints,
        )
        node.run(erasures.unit())

    def done(self, number: int) -> None:
        """A platform does what it was told, and says so."""
        self.platforms[number].acknowledges = True
        self.platforms[number].delivery.ask()
        self.platforms[number].acknowledges = False
