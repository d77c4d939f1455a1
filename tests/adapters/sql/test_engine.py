"""How databases are opened, and what is said when they fail."""

from __future__ import annotations

import secrets
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from psycopg import errors as pg
from sqlalchemy import create_engine, make_url, text

from adapters.errors import (
    CorruptError,
    EncodingError,
    FullError,
    LockedError,
    PooledError,
    ReadOnlyError,
    SchemaError,
    StoreError,
    UnreachableError,
)
from adapters.sql import SqlStore, open_store, turns
from adapters.sql.copies import is_empty
from adapters.sql.engine import translated
from federation.ids import Origin
from federation.ports.store import StoredOpening
from tests.support.pooler import pooled

ORIGIN = Origin("510500.huxin.example/1")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "huxin.db"


def add_log(opened: SqlStore, origin: Origin = ORIGIN) -> None:
    with opened.write() as session:
        session.add_log(origin, ours=True)


def test_the_file_is_for_its_owner_only(file: Path) -> None:
    opened = open_store(f"sqlite:///{file}")
    add_log(opened)
    for path in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    opened.close()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("secure_delete", 1), ("synchronous", 2), ("journal_mode", "wal"), ("foreign_keys", 1)],
)
def test_every_connection_to_sqlite_is_set_up(file: Path, pragma: str, value: int | str) -> None:
    opened = open_store(f"sqlite:///{file}")
    with opened.write() as writing, opened.read() as reading:
        for session in (writing, reading):
            found = session._connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()
            assert found == value
    opened.close()


def test_an_erased_opening_is_overwritten_in_the_file(file: Path) -> None:
    secret = b"what was erased must not be found again" * 10
    opened = open_store(f"sqlite:///{file}")
    with opened.write() as session:
        session.put_openings(1, [StoredOpening(index=i, key=1, sealed=secret) for i in range(50)])
    with opened.write() as session:
        session.erase_openings(1, range(50))
    opened.close()  # the last connection copies the write-ahead log into the file
    assert secret[:40] not in file.read_bytes()
    assert not Path(f"{file}-wal").exists()


def test_an_erased_opening_is_gone_from_the_write_ahead_log(file: Path) -> None:
    secret = b"what was erased must not be found again" * 10
    opened = open_store(f"sqlite:///{file}")
    with opened.write() as session:
        session.put_openings(1, [StoredOpening(index=i, key=1, sealed=secret) for i in range(50)])
    with opened.write() as session:
        session.erase_openings(1, range(50))
    log = Path(f"{file}-wal")
    assert secret[:40] in log.read_bytes()
    opened.truncate()
    assert log.stat().st_size == 0
    assert secret[:40] not in file.read_bytes()
    opened.close()


@pytest.mark.postgres
def test_postgres_waits_for_the_disk(postgres_database: str) -> None:
    opened = open_store(postgres_database)
    with opened.write() as writing, opened.read() as reading:
        for session in (writing, reading):
            found = session._connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
            assert found == "on"
        level = reading._connection.exec_driver_sql("SHOW transaction_isolation").scalar_one()
        assert level == "repeatable read"
    opened.close()


def test_a_store_in_memory_serves_several_threads_in_turn() -> None:
    opened = open_store("sqlite:///:memory:")

    def once(number: int) -> int:
        add_log(opened, Origin(f"{number}.example/1"))
        with opened.read() as snapshot:
            return len(snapshot.heads())

    with ThreadPoolExecutor(4) as pool:
        assert max(pool.map(once, range(20))) == 20
    opened.close()


def test_a_session_inside_another_of_the_same_thread_is_refused_at_once() -> None:
    opened = open_store("sqlite:///:memory:")
    with opened.write():
        with pytest.raises(LockedError, match="wait for itself"), opened.write():
            pass
        with pytest.raises(LockedError, match="wait for itself"), opened.read():
            pass
    add_log(opened)
    opened.close()


def test_a_session_that_never_ends_is_not_waited_for_for_ever(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "WAIT", 0.01)
    opened = open_store(f"sqlite:///{file}")
    with (
        ThreadPoolExecutor(1) as pool,
        opened.write(),
        pytest.raises(LockedError, match="this process"),
    ):
        pool.submit(add_log, opened).result()
    opened.close()


@pytest.mark.parametrize("url", ["", "huxin.db", "mysql://host/name"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(StoreError, match="database URL"):
        open_store(url)


def test_a_url_with_a_password_is_not_shown() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql:/user:verysecretpassword@host/name")
    assert "verysecretpassword" not in str(caught.value)


def test_a_missing_directory_cannot_be_reached(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="check that it is there") as caught:
        open_store(f"sqlite:///{tmp_path}/missing/huxin.db")
    assert "查它是否在那里" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.postgres
def test_a_database_that_holds_no_chinese_is_refused_before_anything_is_made(
    postgres_url: str,
) -> None:
    name = f"huxin_test_latin_{secrets.token_hex(8)}"
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        made = f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
        connection.exec_driver_sql(made)
    url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    try:
        with pytest.raises(EncodingError, match="expected the encoding UTF8, got LATIN1"):
            open_store(url)
        assert is_empty(url)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


@pytest.mark.postgres
def test_a_missing_database_cannot_be_reached(postgres_url: str) -> None:
    url = make_url(postgres_url).set(database="huxin_not_there")
    with pytest.raises(UnreachableError, match="huxin_not_there"):
        open_store(url.render_as_string(hide_password=False))


def test_a_file_that_is_no_database_is_corrupt(file: Path) -> None:
    file.write_bytes(b"not a database" * 1000)
    with pytest.raises(CorruptError, match="stop the node"):
        open_store(f"sqlite:///{file}")


def test_a_full_database_keeps_nothing_and_goes_on(file: Path) -> None:
    opened = open_store(f"sqlite:///{file}")
    openings = [StoredOpening(index=i, key=1, sealed=bytes(4000)) for i in range(200)]
    with pytest.raises(FullError, match="free space"), opened.write() as session:  # noqa: PT012
        session.add_log(ORIGIN, ours=True)
        pages = session._connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        session._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 10}")
        session.put_openings(1, openings)
    with opened.write() as session:
        assert session.head(ORIGIN) is None
        session._connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        session.put_openings(1, openings)
    opened.close()


@pytest.mark.postgres
def test_a_lost_connection_is_an_error_once_and_made_anew(postgres_database: str) -> None:
    opened = open_store(postgres_database)
    add_log(opened)
    admin = create_engine(postgres_database, isolation_level="AUTOCOMMIT")
    kill = text(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with pytest.raises(UnreachableError), opened.write() as session:  # noqa: PT012
        session.put_openings(1, [StoredOpening(index=0, key=1, sealed=b"x")])
        with admin.connect() as connection:
            connection.execute(kill)
        session.put_openings(1, [StoredOpening(index=1, key=1, sealed=b"x")])
    with opened.write() as session:
        assert session.openings(1, [0, 1]) == []
    with admin.connect() as connection:
        connection.execute(kill)
    with opened.read() as snapshot:  # the pool notices by itself
        assert snapshot.head(ORIGIN) is not None
    with pytest.raises(UnreachableError):
        add_log(opened)
    add_log(opened)
    opened.close()
    admin.dispose()


def test_a_closed_store_waits_for_the_session_that_writes(file: Path) -> None:
    opened = open_store(f"sqlite:///{file}")
    with ThreadPoolExecutor(1) as pool, opened.write() as session:
        begun = threading.Event()

        def close() -> None:
            begun.set()
            opened.close()

        closing = pool.submit(close)
        assert begun.wait(30)
        session.add_log(ORIGIN, ours=True)
    closing.result()
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM logs").fetchone() == (1,)
    connection.close()


def test_another_program_s_database_is_left_alone(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    with pytest.raises(SchemaError, match="'theirs'"):
        open_store(f"sqlite:///{file}")


@pytest.mark.postgres
@pytest.mark.parametrize("sessions", [2, 5])
def test_a_pool_of_transactions_is_refused(postgres_database: str, sessions: int) -> None:
    with pooled(postgres_database, sessions) as url:
        with pytest.raises(PooledError, match="pool_mode=session") as caught:
            open_store(url)
        assert caught.value.code == "store.pooled"


@pytest.mark.postgres
def test_nothing_is_written_where_the_session_has_forgotten_what_it_was_told(
    postgres_database: str,
) -> None:
    opened = open_store(postgres_database)
    add_log(opened)
    assert opened._writer is not None
    opened._writer.exec_driver_sql("SET synchronous_commit = off")
    opened._writer.commit()
    with pytest.raises(PooledError, match="got 'off'"):
        add_log(opened, Origin("510300.huxin.example/1"))
    opened.close()


@pytest.mark.postgres
def test_what_the_server_would_do_by_itself_is_not_relied_upon(postgres_database: str) -> None:
    admin = create_engine(postgres_database, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    opened = open_store(postgres_database)
    add_log(opened)
    opened.close()
    admin.dispose()


@pytest.mark.postgres
def test_a_read_only_server_is_named(postgres_database: str) -> None:
    opened = open_store(postgres_database)
    add_log(opened)
    assert opened._writer is not None
    opened._writer.exec_driver_sql("SET default_transaction_read_only = on")
    opened._writer.commit()
    with pytest.raises(ReadOnlyError, match="writable again"):
        add_log(opened, Origin("510300.huxin.example/1"))
    opened.close()


def test_a_read_only_file_is_named(file: Path) -> None:
    opened = open_store(f"sqlite:///{file}")
    with pytest.raises(ReadOnlyError, match="writable again"), opened.write() as session:  # noqa: PT012
        session._connection.exec_driver_sql("PRAGMA query_only = ON")
        session.add_log(ORIGIN, ours=True)
    opened.close()


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        (pg.DiskFull, FullError),
        (pg.ReadOnlySqlTransaction, ReadOnlyError),
        (pg.IoError, UnreachableError),
    ],
)
def test_what_the_server_says_of_its_disk(said: type[Exception], ours: type[StoreError]) -> None:
    with pytest.raises(ours), translated():
        raise said
