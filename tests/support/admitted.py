"""A node's access alone: a query store in memory, keys in a folder, clocks that stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.sql.query_store import QueryStore, open_query_store
from crypto.keys import KeyType, Signer
from federation.ids import Date, Origin, Timestamp
from federation.screening.roles import Action, Asker, Role
from node.access.admitting import Access
from node.access.credentials import Credential, Credentials, Wanted
from node.access.query_keys import QueryKeys
from node.access.query_log import QueryLog
from node.access.query_writer import QueryWriter
from node.access.sessions import Sessions
from node.system.clock import date_of
from node.system.entropy import token

ORIGIN = Origin("queries.a.example/1")
WANTED = Wanted(
    department="政务服务局（演示）",
    roles=frozenset({Role.DEPARTMENT}),
    matters=frozenset({"procurement"}),
    purposes=frozenset({"joint-punishment"}),
    budget=1000,
    expires_on=Date(20261231),
    by="张某",
)


@dataclass
class StoppedClock:
    """A clock that is set by hand, with seconds that go forward beside it."""

    at: int = 1_795_000_000
    seconds: float = 100.0

    def now(self) -> Timestamp:
        return Timestamp(self.at)

    def today(self) -> Date:
        return date_of(Timestamp(self.at))

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Admitting:
    """Access over a store, and what it is made of."""

    store: QueryStore
    writer: QueryWriter
    clock: StoppedClock
    keys: QueryKeys
    log: QueryLog

    def __post_init__(self) -> None:
        self.access = self.again()

    def again(self) -> Access:
        """As after a restart."""
        credentials = Credentials(
            store=self.store,
            writer=self.writer,
            keys=self.keys,
            clock=self.clock,
            token=token,
            sessions=Sessions(self.clock.monotonic),
        )
        self.access = Access(
            credentials=credentials,
            store=self.store,
            writer=self.writer,
            log=self.log,
            clock=self.clock,
            monotonic=self.clock.monotonic,
        )
        return self.access

    def new(self, **changed: Any) -> tuple[Credential, str]:
        return self.new_by(self.access.local(), replace(WANTED, **changed))

    def new_by(self, asker: Asker, wanted: Wanted) -> tuple[Credential, str]:
        made, token = self.access.made(asker, wanted)
        return self.access.credentials.get(made["id"]), token

    def ask(self, asker: Asker, code: str, case: str = "1", **changed: str) -> None:
        """Ask, and be answered."""
        said = {"matter": "procurement", "purpose": "joint-punishment"} | changed
        self.access.admit(asker, Action.CHECK, case=case, subject_code=code, **said)
        self.writer.submit(lambda writes: self.access.answered(writes, asker, 1)).result()

    def close(self) -> None:
        self.writer.close()
        self.store.close()


def admitting(folder: Path) -> Admitting:
    """Access over an empty store in memory."""
    store, clock = open_query_store("sqlite:///:memory:"), StoppedClock()
    keys = QueryKeys(folder / "queries", now=clock.now, token=token)
    signer = Signer(name=ORIGIN, type=KeyType.NOTE, seed=b"q" * 32)
    log = QueryLog(origin=ORIGIN, signer=signer, keys=keys, token=token)
    return Admitting(store=store, writer=QueryWriter(store), clock=clock, keys=keys, log=log)
