"""What transactions touched is told once they are durable, whatever kind of change it was.

Covers adapters/sql/touching.py, federation/ports/touched.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.sql.store import SqlStore, open_store
from federation.ids import Origin
from federation.ports import touched as port
from federation.ports.touched import Touched
from federation.reconcile.findings import Finding
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind

ORIGIN = Origin("510500.huxin.example/1")
TAG = bytes(range(24))


def row(idx: int, kind: int = Kind.LISTING, **changed: Any) -> StatementRow:
    made = StatementRow(
        log=1,
        idx=idx,
        statement_id=bytes([idx]) * 16,
        kind=kind,
        action=0,
        flags=0,
        about=None,
        opening=OpeningStatus.PRESENT,
        tag=TAG,
        audience=None,
        list_type="x",
        authority="a",
        decided_on=20260101,
        until=0,
        state=State.ACTIVE,
        rule="",
        header_state=0,
        names=None,
        current=idx,
    )
    return made._replace(**changed)


@pytest.fixture
def store() -> Iterator[SqlStore]:
    made = open_store("sqlite:///:memory:")
    yield made
    made.close()


def heard(store: SqlStore) -> list[Touched]:
    told: list[Touched] = []
    store.listen(told.append)
    return told


def test_rows_are_told_by_subject_and_by_what_they_are_about(store: SqlStore) -> None:
    told = heard(store)
    with store.write() as session:
        session.add_log(ORIGIN, ours=True)
        session.insert_rows([row(0), row(1, Kind.ANNOTATION, tag=None, about=b"i" * 16)])
    assert [(one.tags, one.statements) for one in told] == [({TAG[:16]}, {b"i" * 16})]
    with store.write() as session:
        session.replace_rows([row(0, state=State.REPAIRED)])
    assert told[1].tags == {TAG[:16]}
    with store.write() as session:
        session.insert_rows([row(2, Kind.REQUEST, tag=None)])
    assert told[2].requests
    with store.read() as reads:
        assert reads.heads()
    assert len(told) == 3


def test_findings_due_places_and_attested_names_are_told(store: SqlStore) -> None:
    with store.write() as session:
        session.add_log(ORIGIN, ours=True)
        session.insert_rows([row(0), row(1)])
    told = heard(store)
    with store.write() as session:
        session.put_findings({(1, 0): Finding.RECOGNISED})
    with store.write() as session:
        session.put_due([(1, 1)])
    with store.write() as session:
        session.put_attested_names({(1, 0): b"n" * 16})
    with store.write() as session:
        session.erase_openings(1, [1])
    assert [(one.places, one.tags) for one in told] == [
        ({(1, 0)}, set()),
        ({(1, 1)}, set()),
        (set(), {b"n" * 16}),
        ({(1, 1)}, set()),
    ]


def test_what_is_too_much_is_everything(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.write() as session:
        session.add_log(ORIGIN, ours=True)
    told = heard(store)
    monkeypatch.setattr(port, "TOUCHED_MAX", 1)
    with store.write() as session:
        session.insert_rows([row(0), row(1, tag=bytes(24), about=b"i" * 16)])
        session.put_due([(1, 0)])
    with store.write() as session:
        session.drop_rows()
    assert [(one.everything, len(one)) for one in told] == [(True, 0), (True, 0)]


def test_what_failed_is_told_as_well_and_what_changed_nothing_is_not(store: SqlStore) -> None:
    with store.write() as session:
        session.add_log(ORIGIN, ours=True)
    told = heard(store)

    def fail() -> None:
        with store.write() as session:
            session.insert_rows([row(0)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [one.tags for one in told] == [{TAG[:16]}]
    with store.write():
        pass
    assert len(told) == 1
