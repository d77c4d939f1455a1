"""The baseline of replication: the rows that it left behind, upserted with nothing around it.

The same schema, indexes and durability, 1024 leaves in a transaction, and the fastest way of each
database: `executemany` on the bare driver, or COPY into a staging table and one upsert from there.
Or the schema of `bench.reference`, which stays as it is.
"""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import psycopg
from sqlalchemy import Table, select

from adapters.sql import open_store, schema
from adapters.sql.engine import WRITER_CACHE, open_engine
from bench import reference

BATCH = 1024
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The rows of 1024 leaves, by table."""

    rows: dict[Table, list[Row]]


def batches_of(url: str, leaves: int, start: int = 0) -> list[Batch]:
    """Read what a follower's database holds from leaf `start`, a multiple of 1024, up to `leaves`.

    Each tile is in the batch that completes it.
    """
    first = start // BATCH
    count = -(-leaves // BATCH) - first
    batches = [
        Batch(rows={schema.statements: [], schema.openings: [], schema.tiles: []})
        for _ in range(count)
    ]
    engine = open_engine(url)
    with engine.connect() as connection:
        for table in (schema.statements, schema.openings):
            for row in connection.execute(
                select(table).where(table.c.idx >= start).order_by(table.c.idx)
            ):
                batches[row.idx // BATCH - first].rows[table].append(tuple(row))
        for row in connection.execute(select(schema.tiles)):
            last = (row.n + 1) * 256 ** (max(row.level, 0) + 1) - 1
            if last >= start:
                number = min(last // BATCH - first, count - 1)
                batches[number].rows[schema.tiles].append(tuple(row))
    engine.dispose()
    return batches


def as_of_then(batches: list[Batch]) -> list[Batch]:
    """The same rows for the tables of the fixed reference."""
    return [Batch(rows=reference.rows_as_of_then(batch.rows)) for batch in batches]


def seconds_to_upsert(url: str, batches: list[Batch]) -> float:
    """Upsert batches into a database; seconds from the first to the last commit."""
    engine = open_engine(url)
    if reference.statements in batches[0].rows:
        reference.metadata.create_all(engine)
    else:
        open_store(url).close()
    pooled = engine.raw_connection()
    driver: Any = pooled.driver_connection
    upsert = _with_postgres if isinstance(driver, psycopg.Connection) else _with_sqlite
    gc.collect()
    gc.freeze()  # the rows in memory would be looked through again and again
    began = perf_counter()
    upsert(driver, batches)
    seconds = perf_counter() - began
    gc.unfreeze()
    pooled.close()
    engine.dispose()
    return seconds


def _with_sqlite(connection: sqlite3.Connection, batches: list[Batch]) -> None:
    connection.execute(WRITER_CACHE)
    for batch in batches:
        connection.execute("BEGIN IMMEDIATE")
        for table, rows in batch.rows.items():
            marks = ", ".join("?" * len(table.columns))
            connection.executemany(
                f"INSERT INTO {table.name} VALUES ({marks}) {_on_conflict(table)}", rows
            )
        connection.execute("COMMIT")


def _with_postgres(connection: psycopg.Connection[Any], batches: list[Batch]) -> None:
    cursor = connection.cursor()
    types = {table: _types(cursor, table) for table in batches[0].rows}
    for table in types:
        cursor.execute(
            f"CREATE TEMP TABLE staging_{table.name} (LIKE {table.name}) ON COMMIT DELETE ROWS"
        )
    connection.commit()
    for batch in batches:
        for table, rows in batch.rows.items():
            staging = f"staging_{table.name}"
            with cursor.copy(f"COPY {staging} FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(types[table])
                write: Callable[[Row], None] = copy.write_row
                for row in rows:
                    write(row)
            cursor.execute(
                f"INSERT INTO {table.name} SELECT * FROM {staging} {_on_conflict(table)}"
            )
        connection.commit()


def _types(cursor: psycopg.Cursor[Any], table: Table) -> list[int]:
    cursor.execute(f"SELECT * FROM {table.name} LIMIT 0")
    return [column.type_code for column in cursor.description or ()]


def _on_conflict(table: Table) -> str:
    key = [column.name for column in table.primary_key.columns]
    changes = ", ".join(
        f'"{c.name}" = excluded."{c.name}"' for c in table.columns if c.name not in key
    )
    return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"
