"""The shared high-water mark against a real server: what may stand in its row, and who may step.

Covers adapters/state/mark_row.py, adapters/state/mark_server.py, adapters/state/mark_statements.py.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from adapters.errors import (
    HighWaterError,
    MarkElsewhereError,
    MarkServerError,
    MarkUnreachableError,
)
from adapters.state import mark_server
from adapters.state.mark_row import Standing
from adapters.state.mark_server import MarkServer
from adapters.state.shared_mark import SharedHighWater
from crypto.merkle import EMPTY_ROOT
from federation.errors import RefusedError
from tests.support.fresh import fresh_postgres
from tests.support.shared_marks import ORIGIN, Clock, opened, parameters, server_of

EMPTY, ONE, TWO, THREE = (0, EMPTY_ROOT), *((n, bytes([n]) * 32) for n in (1, 2, 3))
OTHER = (2, b"\x09" * 32)


@pytest.fixture(scope="module")
def database(postgres_url: str) -> Iterator[str]:
    with fresh_postgres(postgres_url) as url:
        yield url


@pytest.fixture
def db(database: str) -> Iterator[psycopg.Connection[Any]]:
    given: Any = parameters(database)
    with psycopg.connect(**given, autocommit=True) as connection:
        yield connection


@pytest.fixture(autouse=True)
def _empty(request: pytest.FixtureRequest) -> None:
    if "database" in request.fixturenames:
        request.getfixturevalue("db").execute("DROP TABLE IF EXISTS huxin_mark")


@pytest.fixture
def mark(database: str) -> SharedHighWater:
    mark = opened(database)
    mark.create_empty()
    return mark


def test_it_begins_empty_and_advances(database: str, mark: SharedHighWater) -> None:
    assert mark.load() == EMPTY
    for before, after in ((EMPTY, ONE), (ONE, TWO), (TWO, TWO), (TWO, THREE)):
        mark.advance(before, after)
        assert opened(database).load() == after
    mark.hold(THREE)
    with pytest.raises(RefusedError) as caught:
        mark.create_empty()
    assert caught.value.code == "high-water.exists"


def test_a_database_without_the_table_has_no_mark(database: str) -> None:
    mark = opened(database)
    assert (mark.load(), mark.remains(), mark.damage()) == (None, None, "")
    with pytest.raises(RefusedError, match="found none"):
        mark.advance(EMPTY, ONE)
    mark.advance(None, ONE)
    assert opened(database).load() == ONE


def test_who_may_only_use_its_own_database_has_all_that_is_needed(
    database: str, db: psycopg.Connection[Any]
) -> None:
    """No superuser: a role that owns a database with nothing in it."""
    given = parameters(database)
    role = f"{given['dbname']}_role"
    db.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'm'")
    db.execute(f"ALTER DATABASE {given['dbname']} OWNER TO {role}")
    try:
        server = MarkServer(given | {"user": role, "password": "m"}, apart_from="", clock=Clock())
        mark = SharedHighWater(server, ORIGIN, holder="one", clock=Clock())
        mark.create_empty()
        mark.advance(EMPTY, ONE)
        server.close()
    finally:
        db.execute(f"DROP OWNED BY {role} CASCADE")
        db.execute(f"ALTER DATABASE {given['dbname']} OWNER TO postgres")
        db.execute(f"DROP ROLE {role}")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("state", "'there'"),
        ("state", "'coming '"),
        ("sequence", "7"),
        ("sequence", "-1"),
        ("size", "0"),
        ("size", "-1"),
        ("root", "'\\x00'"),
        ("root", "set_byte(root, 31, 0)"),
        ("holder", "'two'"),
        ("server", "'1/00000001'"),
        ("digest", "'\\x00'"),
    ],
)
def test_each_column_counts(
    db: psycopg.Connection[Any],
    mark: SharedHighWater,
    database: str,
    column: str,
    value: str,
) -> None:
    """SM1: what is not whole is missing, and never the mark of size 0."""
    mark.advance(EMPTY, ONE)
    db.execute(f"UPDATE huxin_mark SET {column} = {value}")
    other = opened(database, "two")
    assert other.load() is None
    assert other.damage() == "its row is not whole"
    with pytest.raises(RefusedError, match="found none"):
        other.advance(EMPTY, ONE)
    with pytest.raises(HighWaterError, match="not whole"):
        mark.advance(ONE, TWO)
    with pytest.raises(HighWaterError, match="not whole"):
        mark.hold(ONE)
    other.advance(None, TWO)
    assert opened(database).load() == TWO


def test_the_databases_own_server_is_refused(db: psycopg.Connection[Any], database: str) -> None:
    """SM2"""
    row = db.execute("SELECT system_identifier FROM pg_control_system()").fetchone()
    assert row is not None
    server = MarkServer(parameters(database), apart_from=str(row[0]), clock=Clock())
    mark = SharedHighWater(server, ORIGIN, holder="one", clock=Clock())
    with pytest.raises(MarkServerError, match="another server") as caught:
        mark.load()
    assert caught.value.code == "high-water.same-server"


@pytest.mark.parametrize("expected", [EMPTY, TWO, (1, b"\x09" * 32), None])
def test_it_moves_from_the_expected_value_only(
    mark: SharedHighWater, database: str, expected: tuple[int, bytes] | None
) -> None:
    mark.advance(EMPTY, ONE)
    other = opened(database, "two")
    other.load()
    with pytest.raises(RefusedError) as caught:
        other.advance(expected, THREE)
    assert caught.value.code == "high-water.moved"
    assert mark.load() == ONE


def test_of_two_that_read_one_row_one_steps(mark: SharedHighWater, database: str) -> None:
    """SM3: also where the other one's step was to the same size and root."""
    mark.advance(EMPTY, ONE)
    other = opened(database, "two")
    assert other.load() == ONE
    other.advance(ONE, ONE)
    for new in (ONE, TWO):
        with pytest.raises(RefusedError, match="by two"):
            mark.advance(ONE, new)
    with pytest.raises(RefusedError, match="by two"):
        mark.hold(ONE)
    assert mark.load() == ONE  # it is told, and changes nothing
    with pytest.raises(RefusedError):
        mark.advance(ONE, TWO)
    other.advance(ONE, TWO)
    assert mark.load() == TWO
    with pytest.raises(RefusedError):
        mark.advance(TWO, THREE)


@pytest.mark.parametrize("new", [EMPTY, ONE, OTHER])
def test_it_never_goes_back(
    mark: SharedHighWater,
    db: psycopg.Connection[Any],
    database: str,
    new: tuple[int, bytes],
) -> None:
    """SM4: neither the mark, nor one that is made again over what is left of it."""
    mark.advance(EMPTY, TWO)
    with pytest.raises(HighWaterError, match="does not go back"):
        mark.advance(TWO, new)
    moved = mark._base
    assert moved is not None
    db.execute(
        "UPDATE huxin_mark SET server = '1/00000001', digest = %s",
        [
            type(moved)(
                state=moved.state,
                sequence=moved.sequence,
                size=2,
                root=moved.root,
                holder=moved.holder,
                server="1/00000001",
            ).digest(ORIGIN)
        ],
    )
    other = opened(database, "two")
    assert (other.load(), other.remains()) == (None, TWO)
    with pytest.raises(HighWaterError, match="does not go back"):
        other.advance(None, new)


def test_a_row_of_another_server_is_damaged(
    mark: SharedHighWater, db: psycopg.Connection[Any], database: str
) -> None:
    """SM6: a promoted standby is at another timeline; what it lost nobody knows."""
    mark.advance(EMPTY, ONE)
    base = mark._base
    assert base is not None
    identifier, timeline = base.server.split("/")
    assert timeline == "00000001"
    former = f"{identifier}/00000000"
    row = type(base)(
        state=base.state,
        sequence=base.sequence,
        size=1,
        root=base.root,
        holder=base.holder,
        server=former,
    )
    db.execute("UPDATE huxin_mark SET server = %s, digest = %s", [former, row.digest(ORIGIN)])
    other = opened(database, "two")
    assert other.load() is None
    assert "what it lost is unknown" in other.damage()
    with pytest.raises(HighWaterError, match="is unknown"):
        mark.advance(ONE, TWO)
    other.advance(None, TWO)
    assert opened(database).load() == TWO


@pytest.mark.parametrize("setting", ["off", "local", "remote_write"])
def test_a_commit_that_may_be_forgotten_is_none(mark: SharedHighWater, setting: str) -> None:
    """SM5: asked of the transaction itself; a pooler may have dropped what the session was told."""
    mark.advance(EMPTY, ONE)
    server_of(mark).ask(f"SET synchronous_commit = {setting}")
    with pytest.raises(MarkServerError) as caught:
        mark.advance(ONE, TWO)
    assert caught.value.code == "high-water.not-durable"
    with pytest.raises(MarkServerError):
        mark.load()
    server_of(mark).close()
    assert mark.load() == ONE
    mark.advance(ONE, TWO)


@pytest.mark.parametrize("lost", ["unsent", "done", "later"])
def test_a_step_whose_answer_was_lost_is_ours(
    mark: SharedHighWater, database: str, lost: str
) -> None:
    """SM7: nothing is signed for it; the next step finds out."""
    mark.advance(EMPTY, ONE)
    server_of(mark).loses = lost
    mark._server.close()  # a connection of its own: it is not tried again
    with pytest.raises(MarkUnreachableError):
        mark.advance(ONE, TWO)
    server_of(mark)._failed_at = None
    if lost == "later":
        server_of(mark).late()
    mark.advance(ONE, THREE)
    mark.hold(THREE)
    assert opened(database).load() == THREE


def test_a_step_that_comes_after_the_next_one_was_sent_is_ours_too(
    mark: SharedHighWater, database: str
) -> None:
    mark.advance(EMPTY, ONE)
    server_of(mark).loses = "later"
    server_of(mark).close()
    with pytest.raises(MarkUnreachableError):
        mark.advance(ONE, TWO)
    inner = server_of(mark)
    asked = inner.ask

    def first(statement: Any, values: Any = None) -> Any:
        if values and "new_state" in values:
            inner.ask = asked  # type: ignore[method-assign]
            inner.late()
        return asked(statement, values)

    inner.ask = first  # type: ignore[method-assign]
    inner.close()
    with pytest.raises(MarkUnreachableError, match="only now"):
        mark.advance(ONE, TWO)
    assert mark.load() == TWO
    mark.advance(TWO, THREE)
    assert opened(database).load() == THREE


def test_anothers_step_after_a_lost_answer_is_not_ours(
    mark: SharedHighWater, database: str
) -> None:
    mark.advance(EMPTY, ONE)
    server_of(mark).loses = "unsent"
    server_of(mark).close()
    with pytest.raises(MarkUnreachableError):
        mark.advance(ONE, TWO)
    other = opened(database, "two")
    other.load()
    other.advance(ONE, TWO)  # the very same size and root
    assert mark.load() == TWO
    for expected in (ONE, TWO):
        with pytest.raises(RefusedError):
            mark.advance(expected, THREE)


def test_a_connection_that_broke_is_made_again(
    mark: SharedHighWater, db: psycopg.Connection[Any]
) -> None:
    """The server was started again: the step is not refused for it."""
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
    db.execute(ended, ["huxin-mark"])
    mark.advance(EMPTY, ONE)
    assert mark.load() == ONE


def test_a_made_mark_whose_answer_was_lost_is_ours(database: str) -> None:
    mark = opened(database)
    mark.load()
    server_of(mark).loses = "done"
    mark.advance(None, ONE)  # tried again at once
    mark.hold(ONE)


@contextmanager
def silent() -> Iterator[int]:
    """A port at which somebody listens and says nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    """SM8; and the next call fails at once, until some time has passed."""
    clock = Clock()
    with silent() as port:
        given = {"host": "127.0.0.1", "port": str(port), "user": "x", "dbname": "x"}
        server = MarkServer(given, apart_from="", clock=clock)
        mark = SharedHighWater(server, ORIGIN, holder="one", clock=clock)
        with pytest.raises(MarkUnreachableError, match="does not answer"):
            mark.load()
        with pytest.raises(MarkUnreachableError, match="a moment ago"):
            mark.load()
    clock.time += mark_server.PAUSE_SECONDS
    with pytest.raises(MarkUnreachableError, match="refused"):
        mark.load()


def test_a_server_that_falls_silent_is_not_waited_for(
    mark: SharedHighWater, db: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here the row is locked by somebody for longer than a call may last."""
    monkeypatch.setattr(mark_server, "ANSWER_SECONDS", 0.2)
    mark.load()
    with db.transaction():
        db.execute("SELECT * FROM huxin_mark FOR UPDATE")
        with pytest.raises(MarkUnreachableError) as caught:
            mark.advance(EMPTY, ONE)
    assert "lock timeout" not in str(caught.value)  # the server did not end it: we did


def test_who_never_stepped_holds_nothing(mark: SharedHighWater, database: str) -> None:
    """SM9: that the value is the expected one is not enough."""
    mark.advance(EMPTY, ONE)
    other = opened(database, "two")
    assert other.load() == ONE
    with pytest.raises(RefusedError) as caught:
        other.hold(ONE)
    assert caught.value.code == "high-water.moved"


def test_it_says_since_when_it_is_not_confirmed(database: str) -> None:
    clock = Clock()
    mark = opened(database, clock=clock)
    mark.create_empty()
    seconds = [mark.unconfirmed]
    for step in (mark.load, lambda: mark.advance(EMPTY, ONE), lambda: mark.hold(ONE)):
        clock.time += 7
        seconds.append(mark.unconfirmed)
        step()
        seconds.append(mark.unconfirmed)
    other = opened(database, "two")
    other.load()
    other.advance(ONE, TWO)
    clock.time += 7
    assert mark.load() == TWO
    seconds.append(mark.unconfirmed)  # what another process wrote confirms nothing
    assert seconds == [None, None, 0, 7, 0, 7, 0, 7]


@pytest.mark.parametrize("state", [Standing.COMING, Standing.GONE])
def test_a_mark_that_is_not_here_is_an_error_and_not_a_missing_one(
    mark: SharedHighWater, database: str, state: Standing
) -> None:
    """SM10: answers of members must not make a second one."""
    mark.advance(EMPTY, ONE)
    mark.leave(ONE)
    if state is Standing.COMING:
        mark.prepare(ONE)
    other = opened(database, "two")
    attempts = (
        other.load,
        other.remains,
        other.damage,
        lambda: other.advance(None, TWO),
        lambda: mark.advance(ONE, TWO),
        lambda: mark.hold(ONE),
    )
    for attempt in attempts:
        with pytest.raises((MarkElsewhereError, RefusedError)):
            attempt()
    assert other.standing() == (state, ONE)


def test_of_many_threads_one_advances(mark: SharedHighWater, database: str) -> None:
    barrier = threading.Barrier(8)

    def step(number: int) -> int:
        one = opened(database, str(number))
        one.load()
        barrier.wait()
        try:
            one.advance(EMPTY, ONE)
        except RefusedError:
            return 0
        finally:
            server_of(one).close()
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(step, range(8))) == 1
    assert mark.load() == ONE
