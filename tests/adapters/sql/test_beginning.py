"""Transactions of PostgreSQL begin with one message, and connections are looked at, not asked.

Covers adapters/sql/beginning.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from adapters.errors import LockedError
from adapters.sql import SqlStore, open_store
from adapters.sql.query_store import QueryStore, open_query_store
from federation.ids import Origin

ORIGIN = Origin("510500.huxin.example/1")


@pytest.fixture
def server(postgres_database: str) -> Iterator[psycopg.Connection[Any]]:
    """Another client of the same database."""
    url = make_url(postgres_database).set(drivername="postgresql")
    address = url.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture
def store(postgres_database: str) -> Iterator[SqlStore]:
    opened = open_store(postgres_database)
    with opened.write() as session:
        session.add_log(ORIGIN, ours=True)
    with opened.read() as session:
        session.heads()
    yield opened
    opened.close()


@pytest.fixture
def queries(postgres_database: str) -> Iterator[QueryStore]:
    opened = open_query_store(postgres_database)
    with opened.write():
        pass
    with opened.read():
        pass
    yield opened
    opened.close()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Grows by one with each message that is answered: a round trip."""
    real: Callable[..., Any] = psycopg.Connection.wait
    waited: list[object] = []

    def wait(self: psycopg.Connection[Any], gen: Any, *args: Any, **named: Any) -> Any:
        idle = self.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        if not (idle and gen.__name__ == "_rollback_gen"):  # of nothing: the pool is being careful
            waited.append(gen)
        return real(self, gen, *args, **named)

    monkeypatch.setattr(psycopg.Connection, "wait", wait)
    return waited


def processes(server: psycopg.Connection[Any]) -> set[int]:
    """Those that serve the store at rest."""
    asked = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    return {pid for (pid,) in server.execute(asked)}


def end(server: psycopg.Connection[Any], ended: set[int]) -> None:
    for pid in ended:
        server.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_snapshot_is_begun_asked_and_ended_with_three_messages(
    store: SqlStore, queries: QueryStore, sent: list[object]
) -> None:
    """What was seen of the same snapshot before is not asked at all."""
    with store.read() as session:
        assert len(session.heads()) == 1
    assert len(sent) == 3
    sent.clear()
    with store.read() as session:
        assert len(session.heads()) == 1
    assert len(sent) == 2
    sent.clear()
    with queries.read():
        pass
    assert len(sent) == 2


def test_a_turn_is_waited_for_marked_and_ended_with_two_messages(
    store: SqlStore, queries: QueryStore, sent: list[object]
) -> None:
    for opened in (store, queries):
        sent.clear()
        with opened.write():
            pass
        assert len(sent) == 2


def test_a_reader_s_snapshot_stays_and_writes_nothing(
    store: SqlStore, server: psycopg.Connection[Any]
) -> None:
    with store.read() as session:
        server.execute("DELETE FROM state_counts")
        server.execute("UPDATE logs SET size = 7")
        head = session.head(ORIGIN)
        assert head is not None
        assert head.size == 0
        driver: Any = session._connection.connection.driver_connection
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            driver.execute("DELETE FROM logs")
    with store.read() as session:
        head = session.head(ORIGIN)
        assert head is not None
        assert head.size == 7


def test_what_another_wrote_before_the_turn_is_seen_in_it(
    store: SqlStore, server: psycopg.Connection[Any]
) -> None:
    server.execute("UPDATE logs SET size = 7")
    server.execute("UPDATE last_writer SET token = uuid_send(gen_random_uuid())")
    with store.write() as session:
        assert [head.size for head in session.heads()] == [7]


def test_connections_that_the_server_ended_at_rest_are_made_anew(
    store: SqlStore, server: psycopg.Connection[Any]
) -> None:
    writer: Any = store._writer
    with writer.begin():
        own = {writer.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()}
    readers = processes(server) - own
    assert readers
    end(server, readers)
    with store.read() as session:
        assert session.head(ORIGIN) is not None
    assert not processes(server) & readers


def test_a_connection_that_has_something_to_say_is_asked_and_kept(
    store: SqlStore, server: psycopg.Connection[Any], sent: list[object]
) -> None:
    with store.read() as session:
        driver: Any = session._connection.connection.driver_connection
        driver.execute("LISTEN news")
    kept = processes(server)
    server.execute("NOTIFY news")
    sent.clear()
    with store.read() as session:
        assert session.head(ORIGIN) is not None
    assert (len(sent), processes(server)) == (4, kept)


def test_a_turn_that_does_not_come_leaves_nothing_begun(
    store: SqlStore, server: psycopg.Connection[Any]
) -> None:
    writer: Any = store._writer
    with writer.begin():
        writer.exec_driver_sql("SET lock_timeout = '20ms'")
    with server.transaction():
        server.execute("SELECT pg_advisory_xact_lock(%s)", [0x68757869])
        with pytest.raises(LockedError), store.write():
            pass
    with store.write() as session:
        assert len(session.heads()) == 1
    assert store._writer is writer
