"""Following a log against PostgreSQL's own logical replication of the same rows, per second.

Twice: `logical`, where theirs promises what ours does (each transaction durable at the follower
before the next, `synchronous_commit = on`, and TLS between the servers), and `logical-defaults`.

Two servers are started here. Ours: `replicate` onto a database of the second. Theirs: the rows
that it left behind (`statements`, `openings`, `tiles`, the same tables and indexes) are written to
a publication of the first server, 1,024 leaves in a transaction, while the subscription stands and
is switched off; then it is switched on. So both sides find everything made beforehand (there the
log at the publisher, here the write-ahead log behind a slot), and on both the clock runs from the
start of the stream to the last row at the follower. The subscription has `copy_data = false`, so
nothing is an initial copy, and `streaming`. By default its apply worker has `synchronous_commit =
off`, which spares it a flush that ours does for each transaction, and nothing is encrypted. Either
way it proves, opens, seals and judges nothing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

import psycopg
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import URL, make_url

from adapters.sql import open_store
from bench import federations, lists, upserting
from bench.databases import POSTGRESQL, Databases
from bench.measuring import Options, Result, Run
from bench.replicate import seconds_to_follow
from node.directory.certificates import SERIAL_SIZE, self_signed
from node.system.clock import SystemClock
from node.system.entropy import token
from tests.support.postgres import running_server

SIZE = 200_000
RUNS = 3
POLL_SECONDS = 0.01
LIMIT_SECONDS = 600.0
NAME = "bench"
TABLES = "statements, openings, tiles"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What theirs promises."""

    bench: str
    baseline: str
    sslmode: str
    commit: str


TERMS = (
    _Terms(
        bench="logical",
        baseline="logical replication of the same rows, durable commits, TLS",
        sslmode="require",
        commit="on",
    ),
    _Terms(
        bench="logical-defaults",
        baseline="logical replication of the same rows, by default",
        sslmode="disable",
        commit="off",
    ),
)


def run(options: Options) -> Iterator[Result]:
    """Measure; nothing where PostgreSQL is not among the databases."""
    if POSTGRESQL not in options.databases:
        return
    size = options.size or SIZE
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="huxin-bench-")))
        first, second = (
            stack.enter_context(running_server(settings=("wal_level=logical",))) for _ in range(2)
        )
        pair = federations.found(directory)
        lists.write_list(directory / "list.csv", size)
        rows = lists.listings(directory / "list.csv", pair.audience)
        lists.preload(pair.publisher, map(lists.short, rows))
        stack.enter_context(federations.serving(pair.publisher))
        sources, targets = Databases(directory, first), Databases(directory, second)
        _encrypt(first)
        runs: dict[_Terms, list[Run]] = {terms: [] for terms in TERMS}
        for number in range(options.runs or RUNS):
            with targets.fresh() as database:
                follower = pair.new_follower(directory / str(number), database)
                ours = seconds_to_follow(follower, database, size)
                batches = upserting.batches_of(database, size)
            for terms in TERMS:
                with sources.fresh() as source, targets.fresh() as target:
                    theirs = _seconds_to_apply(source, target, terms, batches, size)
                runs[terms].append(Run(value=size / ours, baseline=size / theirs))
        for terms, measured in runs.items():
            yield Result(
                bench=terms.bench,
                database=POSTGRESQL,
                unit="records/s",
                baseline=terms.baseline,
                runs=tuple(measured),
                size=size,
            )


def _encrypt(server: URL) -> None:
    """Let a server speak TLS to whoever wants it, with a certificate of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = self_signed("localhost", key, token(SERIAL_SIZE), SystemClock().now())
    with _connected(server.render_as_string(hide_password=False)) as asked:
        (place,) = asked.execute("SHOW data_directory").fetchone() or ("",)
        owner = Path(str(place)).stat()
        for name, content in (
            ("server.crt", made.public_bytes(Encoding.PEM)),
            ("server.key", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())),
        ):
            path = Path(str(place), name)
            path.touch(0o600)
            path.write_bytes(content)
            os.chown(path, owner.st_uid, owner.st_gid)
        asked.execute("ALTER SYSTEM SET ssl = on")
        asked.execute("SELECT pg_reload_conf()")


def _seconds_to_apply(
    source: str, target: str, terms: _Terms, batches: list[upserting.Batch], size: int
) -> float:
    for url in (source, target):
        open_store(url).close()
    with _connected(source) as publisher, _connected(target) as subscriber:
        publisher.execute(f"CREATE PUBLICATION {NAME} FOR TABLE {TABLES}")
        subscriber.execute(
            f"CREATE SUBSCRIPTION {NAME} "
            f"CONNECTION '{_conninfo(source)} sslmode={terms.sslmode}' PUBLICATION {NAME} "
            f"WITH (copy_data = false, enabled = false, streaming = on, "
            f"synchronous_commit = {terms.commit})"
        )
        try:
            upserting.seconds_to_upsert(source, batches)
            began = perf_counter()
            subscriber.execute(f"ALTER SUBSCRIPTION {NAME} ENABLE")
            while _applied(subscriber) < size:
                if perf_counter() - began > LIMIT_SECONDS:
                    message = f"logical replication did not end within {LIMIT_SECONDS:.0f} s"
                    raise RuntimeError(message)
                sleep(POLL_SECONDS)
            seconds = perf_counter() - began
            (count,) = subscriber.execute("SELECT count(*) FROM statements").fetchone() or (0,)
            if count != size:
                raise RuntimeError(f"expected {size} rows at the subscriber, got {count}")
        finally:
            subscriber.execute(f"DROP SUBSCRIPTION {NAME}")
    return seconds


def _applied(subscriber: psycopg.Connection[tuple[int, ...]]) -> int:
    (last,) = subscriber.execute("SELECT max(idx) FROM statements").fetchone() or (None,)
    return 0 if last is None else last + 1


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[tuple[int, ...]]]:
    with psycopg.connect(_conninfo(url), autocommit=True) as connection:
        yield connection


def _conninfo(url: str) -> str:
    parsed: URL = make_url(url)
    return psycopg.conninfo.make_conninfo(
        host=parsed.host,
        port=parsed.port,
        user=parsed.username,
        password=parsed.password,
        dbname=parsed.database,
    )
