"""Values with which the contracts of the stores are tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapters.sql import SqlStore, open_store
from federation.ids import Origin
from federation.ports.store import StoredOpening
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind

ORIGIN = Origin("510500.huxin.example/1")
PEER = Origin("510300.huxin.example/1")


def statement_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def row(log: int, idx: int, **changes: Any) -> StatementRow:
    """A LISTING as reading leaves it, its tags and id made from its index."""
    plain = StatementRow(
        log=log,
        idx=idx,
        statement_id=statement_id(1000 * log + idx),
        kind=Kind.LISTING,
        action=0,
        flags=0,
        about=None,
        opening=OpeningStatus.PRESENT,
        tag=b"s" + bytes(11) + (idx // 2).to_bytes(4, "big") + idx.to_bytes(8, "big"),
        audience=1,
        list_type="SXBZXR",
        authority="510500-court",
        decided_on=20260301,
        until=20310301,
        state=State.ACTIVE,
        rule="",
        header_state=State.ACTIVE,
        names=None,
        current=idx,
    )
    return plain._replace(**changes)


def opening(index: int, *, key: int = 1, sealed: bytes = b"sealed") -> StoredOpening:
    return StoredOpening(index=index, key=key, sealed=sealed)


@dataclass(frozen=True)
class Database:
    """An empty database and the store over it."""

    url: str
    store: SqlStore

    def again(self) -> SqlStore:
        """Open it a second time, as another process would."""
        return open_store(self.url)
