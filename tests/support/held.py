"""Records as they are read for a question."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from federation.ids import Date, LeafHash, Origin, StatementId
from federation.payloads import Audience
from federation.reconcile.findings import Finding
from federation.reconcile.held_records import RecordRead
from federation.reconcile.identity import BaseSubject
from federation.rows import State
from tests.support.invented import code_of, name_of
from tests.support.simulation import listing

AUDIENCE = Audience(charters=(), purposes=("joint-punishment", "audit"), members=())
ORIGIN = Origin("510500.huxin.example/1")
KNOWN = BaseSubject(code_of(1), name_of(1), ("旧名（演示）",))


def record(index: int = 1, number: int = 1, **changed: Any) -> RecordRead:
    """One that counts, of firm 1."""
    content = changed.pop("content", None) or listing(number, audience=AUDIENCE)
    made = RecordRead(
        origin=ORIGIN,
        index=index,
        statement_id=StatementId(index.to_bytes(16, "big")),
        leaf_hash=LeafHash(index.to_bytes(32, "big")),
        region="510500",
        ours=False,
        record=number.to_bytes(24, "big"),
        state=State.ACTIVE,
        rule="",
        finding=Finding.RECOGNISED,
        content=content,
        until=Date(20281231),
        purposes=frozenset(AUDIENCE.purposes),
    )
    return replace(made, **changed)
