"""Engines: how each database is opened, and which of our errors its errors are."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

import psycopg
from psycopg import errors as pg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool, StaticPool

from adapters.errors import (
    ConflictError,
    CorruptError,
    EncodingError,
    FullError,
    LockedError,
    NotDurableError,
    PooledError,
    ReadOnlyError,
    StoreError,
    UnreachableError,
)

WAIT: Final = 30
"""Seconds that a writer waits for another process, and a caller for a free connection."""

WRITING: Final = "huxin_writing"
"""Execution option of the connection of the only writer."""

WRITER_CACHE: Final = "PRAGMA cache_size = -65536"
"""KiB: pages of the indexes that the next batch will change again."""

READERS: Final = 64
"""Snapshots open at one time; more wait. A thread pool of the node is smaller than this.

Who asks gets the connection used last, which knows most of what it is asked (`Seen`).
"""

_WAL_TRIES: Final = 20

_SQLITE_PRAGMAS: Final = (
    "synchronous = FULL",  # a commit is durable before anything is signed (`node.log.publisher`)
    "secure_delete = ON",  # an erased opening is overwritten (ADR 0006)
    "foreign_keys = ON",
    "temp_store = MEMORY",
    "cache_size = -8192",  # KiB for each snapshot open at a time; the system caches the file
    "wal_autocheckpoint = 8000",  # pages of 4 KiB: a page dirtied by eight batches is copied once
    "journal_size_limit = 67108864",
)


def synchronous(*, durable: bool) -> str:
    """The statement that says whether a commit of SQLite's waits for the disk.

    Without, the frames of its log are in the system's cache: the process may end, and a later
    commit that waits takes them along, in order.
    """
    return f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}"


def open_engine(url: str, *, readers: int = READERS) -> Engine:
    """Make the engine for a database URL; nothing is connected yet.

    Args:
        url: `sqlite:///PATH`, `sqlite:///:memory:`, `postgresql://…`.
        readers: sessions open at one time; more wait.

    Raises:
        StoreError: not such a URL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        message = f"database URL: expected sqlite:///PATH or postgresql://…, got {url[:20]!r}…"
        raise StoreError(message) from error
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed, readers)
        case "postgresql":
            return _postgres(parsed, readers)
        case other:
            message = f"database URL: expected sqlite or postgresql, got {other!r}"
            raise StoreError(message)


def in_memory(engine: Engine) -> bool:
    """Whether the database is one connection's memory, which all sessions must share."""
    return isinstance(engine.pool, StaticPool)


def _sqlite(url: URL, readers: int) -> Engine:
    memory = url.database in (None, "", ":memory:")
    if url.database is not None and not memory:
        _create_private(Path(url.database))
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": WAIT},
        **(
            {"poolclass": StaticPool}
            if memory
            else {
                "poolclass": QueuePool,
                "pool_size": readers,
                "max_overflow": 0,
                "pool_use_lifo": True,
            }
        ),
    )
    event.listen(engine, "connect", _sqlite_connected)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _create_private(path: Path) -> None:
    """Make the file before SQLite does, readable by its owner only; WAL and index follow it.

    Without opening it: closing a descriptor would drop the locks that another thread's connection
    has on the file by then (POSIX locks belong to the process).
    """
    try:
        with suppress(FileExistsError):
            os.mknod(path, stat.S_IFREG | 0o600)
    except OSError as error:
        raise _translate(error) from error


def _sqlite_connected(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # BEGIN is ours: see _sqlite_begin
    _enter_wal(connection)
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _enter_wal(connection: sqlite3.Connection) -> None:
    """Switch a fresh file to its write-ahead log.

    SQLite does not wait here: of several processes that open a fresh file all but one may be told
    at once that it is locked. They queue for a transaction, and look again.
    """
    for _ in range(_WAL_TRIES):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _primary_code(error) != sqlite3.SQLITE_BUSY:
                raise
        else:
            return
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    connection.execute("PRAGMA journal_mode = WAL")


def _sqlite_begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _postgres(url: URL, readers: int) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=readers,
        max_overflow=0,
        pool_timeout=WAIT,
        pool_use_lifo=True,
        pool_pre_ping=True,
        hide_parameters=True,  # of an error's text, which goes into the log
        connect_args={"connect_timeout": WAIT, "client_encoding": "UTF8"},
    )
    event.listen(engine, "connect", _postgres_connected)
    return engine


def _postgres_connected(connection: psycopg.Connection, _entry: ConnectionPoolEntry) -> None:
    """Say what the session is to be; as statements, since poolers drop options of the start."""
    connection.execute(_POSTGRES_SETTINGS)
    connection.commit()


def require_utf8(engine: Engine) -> None:
    """See that PostgreSQL holds text as UTF-8: in another encoding the first name would not fit.

    Raises:
        EncodingError: it does not.
    """
    if (
        engine.dialect.name == "postgresql"
        and (found := _setting(engine, "server_encoding")) != _UTF8
    ):
        message = (
            f"数据库的编码须为 {_UTF8}，实为 {found}：另建一个 UTF-8 的空数据库，"
            "写入 [database] url / "
            f"database: expected the encoding {_UTF8}, got {found}: make an empty database in "
            "UTF-8 and name it in [database] url"
        )
        raise EncodingError(message)


def require_durable(engine: Engine) -> None:
    """See that what PostgreSQL has committed is still there after a loss of power.

    Raises:
        NotDurableError: the server does not sync.
        PooledError: what is asked of the session does not hold for its transactions.
    """
    if engine.dialect.name != "postgresql":
        return
    if _setting(engine, "fsync") == "off":
        message = (
            "database: the server runs with fsync=off and may forget what it has committed; set "
            "fsync=on in postgresql.conf and reload it"
        )
        raise NotDurableError(message)
    with engine.connect() as one, engine.connect() as other:
        for _ in range(_POOL_TRIES):
            first = _backend(one)
            with other.begin():
                between = other.exec_driver_sql(_BACKEND).scalar_one()
                again = _backend(one)
            other.rollback()
            # Two connections that are open at one time are two sessions, and each stays one.
            if between == first or again != first:
                raise _pooled("two connections have one session, or one connection several")


def require_synchronous(setting: str) -> None:
    """See that a transaction waits for the disk; the writer asks in each, before it writes.

    Raises:
        PooledError: it does not, although the session was told to.
    """
    if setting != SYNCHRONOUS:
        raise _pooled(f"expected synchronous_commit={SYNCHRONOUS}, got {setting!r}")


def _backend(connection: Connection) -> int:
    """The process that serves one transaction of this connection."""
    with connection.begin():
        require_synchronous(_shown(connection, "synchronous_commit"))
        return int(connection.exec_driver_sql(_BACKEND).scalar_one())


def _pooled(found: str) -> PooledError:
    message = (
        f"database: {found}; a pooler gives transactions to sessions at will, and what was asked "
        "of a session (synchronous_commit=on) is lost. Connect to PostgreSQL itself, or to a pool "
        "of sessions (pool_mode=session)"
    )
    return PooledError(message)


def keeps_pages_whole(engine: Engine) -> bool:
    """Whether a page half written at a loss of power is mended; else the file system has to."""
    return engine.dialect.name != "postgresql" or _setting(engine, "full_page_writes") != "off"


def server_identifier(engine: Engine) -> str:
    """Which cluster of PostgreSQL it is, the same on its standbys; empty for a file."""
    if engine.dialect.name != "postgresql":
        return ""
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT system_identifier FROM pg_control_system()")
        return str(found.scalar_one())


def _setting(engine: Engine, name: str) -> str:
    with engine.connect() as connection:
        return _shown(connection, name)


def _shown(connection: Connection, name: str) -> str:
    return str(connection.exec_driver_sql(f"SHOW {name}").scalar_one())


@contextmanager
def translated() -> Iterator[None]:
    """Raise errors of driver and SQLAlchemy as ours; those of anybody else pass."""
    try:
        yield
    except DBAPIError as error:
        raise _translate(error.orig) from error
    except PoolTimeoutError as error:
        message = f"database: too many snapshots have been open for {WAIT} s; try again"
        raise StoreError(message) from error
    except (sqlite3.Error, psycopg.Error) as error:
        raise _translate(error) from error


def _translate(error: BaseException | None) -> StoreError:
    """Say what happened, and what to do."""
    kind: type[StoreError] = StoreError
    advice = "见数据库自己的日志", "see the database's own log"
    match error:
        case sqlite3.Error():
            kind, advice = _SQLITE_ERRORS.get(_primary_code(error), (kind, advice))
        case psycopg.Error():
            kind, advice = next(
                (ours for theirs, ours in _POSTGRES_ERRORS if isinstance(error, theirs)),
                (kind, advice),
            )
        case OSError():
            kind, advice = _UNREACHABLE
    chinese, english = advice
    said = " ".join(str(error).split())  # a server's words come in lines
    return kind(f"数据库（{said}）：{chinese} / database: {said}; {english}")


def _primary_code(error: sqlite3.Error) -> int:
    """Low byte of the extended result code; 0 where the driver itself raised."""
    code: Any = getattr(error, "sqlite_errorcode", 0)
    return int(code) & 0xFF


_UTF8: Final = "UTF8"
SYNCHRONOUS: Final = "on"
_POOL_TRIES: Final = 3
_BACKEND: Final = "SELECT pg_backend_pid()"
_POSTGRES_SETTINGS: Final = (
    f"SET synchronous_commit = {SYNCHRONOUS}; "  # durable before anything is signed
    f"SET lock_timeout = '{WAIT}s'; "
    # A plan kept from when a table was empty would go on scanning it at a million rows.
    "SET plan_cache_mode = force_custom_plan; "
    # Statistics of a table that grows by 40,000 rows a second are never true, and a plan made
    # from them reads whole tables. Every question of ours is a look-up by an index.
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; "
    "SET jit = off"  # the costs that stand for "off" would set it going: 40 ms for a small table
)

_Advised: TypeAlias = tuple[type[StoreError], tuple[str, str]]
"""Which of our errors it is, and what to do, in Chinese and in English."""
_UNREACHABLE: Final[_Advised] = (
    UnreachableError,
    (
        "查它是否在那里、是否运行、本程序可否使用；恢复后节点自动继续",
        "check that it is there, that it runs, and that this program may use it",
    ),
)
_FULL: Final[_Advised] = (
    FullError,
    ("什么也没有保存；腾出空间后再办", "nothing was kept; free space, then go on"),
)
_READ_ONLY: Final[_Advised] = (
    ReadOnlyError,
    (
        "什么也没有保存；恢复文件系统、文件或服务器的写权限，并查清为何变为只读",
        (
            "nothing was kept; make the file system, file or server writable again, and see why it "
            "was not"
        ),
    ),
)
_LOCKED: Final[_Advised] = (
    LockedError,
    (
        f"另一进程已持续写入 {WAIT} 秒；停止它，或经运行中的节点办理",
        (
            f"another process has been writing for {WAIT} s; stop it, or use the running server's "
            "socket"
        ),
    ),
)
_CORRUPT: Final[_Advised] = (
    CorruptError,
    (
        "停止节点，恢复数据库；见 docs/operations/running.md#backup",
        "stop the node and restore the database; see docs/operations/running.md#backup",
    ),
)
_CONFLICT: Final[_Advised] = (
    ConflictError,
    (
        "内容与预期不符：是否有另一节点使用这个数据库",
        "rows are not as expected: is a second node running on this database?",
    ),
)

_SQLITE_ERRORS: Final[dict[int, _Advised]] = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CORRUPT: _CORRUPT,
    sqlite3.SQLITE_NOTADB: _CORRUPT,
    sqlite3.SQLITE_CANTOPEN: _UNREACHABLE,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _UNREACHABLE,
    sqlite3.SQLITE_IOERR: _UNREACHABLE,
    sqlite3.SQLITE_CONSTRAINT: _CONFLICT,
}

_POSTGRES_ERRORS: Final[tuple[tuple[type[psycopg.Error], _Advised], ...]] = (
    (pg.DiskFull, _FULL),
    (pg.LockNotAvailable, _LOCKED),
    (pg.DataCorrupted, _CORRUPT),
    (pg.IndexCorrupted, _CORRUPT),
    (pg.IntegrityError, _CONFLICT),
    (pg.InsufficientPrivilege, _UNREACHABLE),
    (pg.ReadOnlySqlTransaction, _READ_ONLY),
    (pg.OperationalError, _UNREACHABLE),
    (pg.InterfaceError, _UNREACHABLE),
)
