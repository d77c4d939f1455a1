"""Sessions: all or nothing, snapshots, one writer, and what happens when a process dies."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.errors import LockedError
from adapters.sql import SqlStore, engine
from adapters.sql.sessions import SqlReadSession
from federation.errors import RefusedError
from federation.ids import CharterId
from federation.payloads import Audience
from federation.ports.store import LogHead
from tests.contracts.examples import ORIGIN, PEER, Database, opening, row
from tests.contracts.writer_process import BATCH

ROOT = Path(__file__).parents[2]


def test_an_exception_leaves_nothing(database: Database) -> None:
    with database.store.write() as session:
        head = session.add_log(ORIGIN, ours=True)
    with pytest.raises(RefusedError), database.store.write() as session:  # noqa: PT012
        session.add_log(PEER, ours=False)
        session.set_head(replace(head, size=5))
        session.put_tiles(head.log, 0, {0: b"h" * 32})
        session.put_openings(head.log, [opening(0)])
        session.insert_rows([row(head.log, 0)])
        code = "some.rule"
        raise RefusedError(code, "the caller changed its mind")
    with database.store.read() as snapshot:
        assert list(snapshot.heads()) == [head]
        assert snapshot.rows_between(head.log, 0, 9) == []
        assert snapshot.openings(head.log, [0]) == []
        with pytest.raises(KeyError):
            snapshot.tiles(head.log, 0, [0])


def test_errors_of_the_caller_pass_unchanged(database: Database) -> None:
    with pytest.raises(FileNotFoundError), database.store.write():
        Path("/nowhere/at-all").read_bytes()


def test_a_session_reads_its_own_writes_and_others_do_not(database: Database) -> None:
    with database.store.write() as session:
        session.add_log(ORIGIN, ours=True)
        assert session.head(ORIGIN) is not None
        with database.store.read() as snapshot:
            assert snapshot.head(ORIGIN) is None
    with database.store.read() as snapshot:
        assert snapshot.head(ORIGIN) is not None


def test_a_snapshot_does_not_change_while_others_write(database: Database) -> None:
    with database.store.write() as session:
        head = session.add_log(ORIGIN, ours=True)
        session.insert_rows([row(head.log, 0)])
    with database.store.read() as snapshot:
        assert snapshot.head(ORIGIN) == head
        with database.store.write() as session:
            session.set_head(replace(head, size=2))
            session.insert_rows([row(head.log, 1)])
            session.append_journal([])
        assert snapshot.head(ORIGIN) == head
        assert snapshot.rows_between(head.log, 0, 9) == [row(head.log, 0)]
        assert [n for n, _ in snapshot.header_states(head.log, 9)] == [0]
    with database.store.read() as snapshot:
        assert snapshot.rows_between(head.log, 0, 9) == [row(head.log, 0), row(head.log, 1)]


def test_what_the_writer_knows_is_what_stands(database: Database) -> None:
    """After a transaction that failed, after another writer's, and after its own."""
    one, other = database.store, database.again()
    audience = Audience(charters=(CharterId(b"c" * 32),), purposes=("credit",))

    def heads(store: SqlStore) -> list[LogHead]:
        with store.write() as session, store.read() as snapshot:
            assert list(session.heads()) == list(snapshot.heads())
            return list(session.heads())

    with one.write() as session:
        log = session.add_log(PEER, ours=False)
        number = session.audience_number(audience)
    assert heads(one) == [log]
    with other.write() as session:
        session.set_head(replace(log, size=2))
        session.add_log(ORIGIN, ours=True)
    assert [head.size for head in heads(one)] == [0, 2]
    with pytest.raises(LockedError), one.write() as session:  # noqa: PT012
        session.set_head(replace(log, size=7, ours=True, forked=True))
        assert session.head(PEER) == replace(log, size=7)
        session.audience_number(replace(audience, purposes=("other",)))
        raise LockedError
    assert [head.size for head in heads(one)] == [0, 2]
    with one.write() as session:
        session.put_fork(PEER, b"file")
        session.reconcile_anew()
    assert [head.forked for head in heads(one)] == [False, True]
    with other.write() as session:
        session.drop_rows()
        assert session.audience_number(replace(audience, purposes=("third",))) >= number
    with one.write() as session:
        assert session.audience(session.audience_number(audience)) == audience
    assert [head.applied_to for head in heads(other)] == [0, 0]
    other.close()


def test_writing_is_counted_whether_it_ends_well_or_not(database: Database) -> None:
    store = database.store
    before = store.written
    with store.read() as snapshot:
        assert snapshot.heads() == []
    assert store.written == before
    with store.write() as session:
        session.add_log(ORIGIN, ours=True)
        assert store.written == before, "it is seen by nobody yet"
    assert store.written == before + 1
    with pytest.raises(ZeroDivisionError), store.write():
        raise ZeroDivisionError
    assert store.written == before + 2


def test_what_readers_saw_is_asked_anew_once_anybody_has_written(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node at rest asks for the heads of hundreds of logs once, whoever wants them."""
    one, other = database.store, database.again()
    asked: list[int] = []
    ask = SqlReadSession._ask_heads

    def noted(session: SqlReadSession) -> Sequence[LogHead]:
        asked.append(1)
        return ask(session)

    monkeypatch.setattr(SqlReadSession, "_ask_heads", noted)

    def seen() -> list[int]:
        with one.read() as snapshot:
            return [head.size for head in snapshot.heads()]

    with one.write() as session:
        head = session.add_log(ORIGIN, ours=True)
    assert seen() == [0]
    asked.clear()
    assert [seen() for _ in range(8)] == [[0]] * 8
    # PostgreSQL's marks are of the whole server, where others write as well.
    assert len(asked) == 0 or database.url.startswith("postgres")
    for number, store in enumerate((one, other, one, other), 1):
        with store.write() as session:
            session.set_head(replace(head, size=number))
            assert seen() == [number - 1]  # not committed yet
        assert seen() == [number]
    with one.read() as earlier:
        earlier.heads()
        with other.write() as session:
            session.add_log(PEER, ours=False)
        assert seen() == [4, 0]
        assert [head.size for head in earlier.heads()] == [4]
    with pytest.raises(LockedError), one.write() as session:  # noqa: PT012
        session.set_head(replace(head, size=7))
        raise LockedError
    assert seen() == [4, 0]
    other.close()


def increment(store: SqlStore) -> None:
    with store.write() as session:
        head = session.add_log(ORIGIN, ours=True)
        session.set_head(replace(head, size=head.size + 1))


def test_writers_wait_for_each_other_so_no_change_is_lost(database: Database) -> None:
    other = database.again()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, [database.store, other] * 40))
    with other.read() as snapshot:
        head = snapshot.head(ORIGIN)
    other.close()
    assert head is not None
    assert head.size == 80


def test_a_second_writer_starts_when_the_first_is_done(database: Database) -> None:
    other = database.again()
    order: list[str] = []
    started = threading.Event()

    def second() -> None:
        started.set()
        with other.write() as session:
            order.append("second")
            assert session.head(ORIGIN) is not None

    with ThreadPoolExecutor(1) as pool, database.store.write() as session:
        waiting = pool.submit(second)
        assert started.wait(30)
        session.add_log(ORIGIN, ours=True)
        order.append("first")
    waiting.result()
    other.close()
    assert order == ["first", "second"]


def test_a_writer_that_waits_too_long_is_told_who_is_to_blame(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second of waiting is as good as half a minute: it is what a connection is told to wait."""
    settings = engine._POSTGRES_SETTINGS.replace(f"'{engine.WAIT}s'", "'1s'")
    assert settings != engine._POSTGRES_SETTINGS
    monkeypatch.setattr(engine, "_POSTGRES_SETTINGS", settings)
    monkeypatch.setattr(engine, "WAIT", 1)
    other = database.again()
    with database.store.write() as session:
        with pytest.raises(LockedError, match="another process"), other.write():
            pass
        session.add_log(ORIGIN, ours=True)
    increment(other)
    other.close()


def test_readers_of_many_threads_share_a_store(database: Database) -> None:
    with database.store.write() as session:
        head = session.add_log(ORIGIN, ours=True)
        session.insert_rows([row(head.log, i) for i in range(100)])

    def count(_: int) -> int:
        with database.store.read() as snapshot:
            return len(snapshot.rows_between(head.log, 0, 100))

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(count, range(64))) == {100}


@pytest.mark.process
def test_a_killed_writer_leaves_whole_transactions(database: Database) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.contracts.writer_process", database.url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"in the middle\n"
        process.kill()
    with database.store.write() as session:  # the dead process no longer holds the turn
        head = session.head(ORIGIN)
        assert head is not None
        assert head.size == BATCH
        assert len(session.rows_between(head.log, 0, 2 * BATCH)) == BATCH
        assert len(session.openings_between(head.log, 0, 2 * BATCH)) == BATCH
