"""The baseline of publishing: the cells of a file, read and inserted with nothing around them.

`csv.reader` over the file, and each row under its number into a table of one index, 1024 rows in
a durable transaction, by the fastest way of each database. It is fixed: whatever the node's own
tables become, this stays what it is compared with.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg

from adapters.sql.engine import open_engine

BATCH = 1024
Row = tuple[Any, ...]


def seconds_to_insert(file: Path, url: str) -> float:
    """Read a CSV file and insert its rows; seconds from the first byte to the last commit."""
    engine = open_engine(url)
    pooled = engine.raw_connection()
    driver: Any = pooled.driver_connection
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text)
        columns = len(next(reader))
        names = ", ".join(f"c{number} TEXT" for number in range(columns))
        create = f"CREATE TABLE bare_rows (id INTEGER PRIMARY KEY, {names})"
        insert = _with_postgres if isinstance(driver, psycopg.Connection) else _with_sqlite
        driver.execute(create)
        driver.commit()
        began = perf_counter()
        insert(driver, _batches(reader), columns + 1)
        seconds = perf_counter() - began
    driver.execute("DROP TABLE bare_rows")
    driver.commit()
    pooled.close()
    engine.dispose()
    return seconds


def _batches(rows: Iterator[list[str]]) -> Iterator[list[Row]]:
    numbered = ((number, *cells) for number, cells in enumerate(rows))
    while batch := list(islice(numbered, BATCH)):
        yield batch


def _with_sqlite(connection: sqlite3.Connection, batches: Iterator[list[Row]], width: int) -> None:
    marks = ", ".join("?" * width)
    for batch in batches:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO bare_rows VALUES ({marks})", batch)
        connection.execute("COMMIT")


def _with_postgres(
    connection: psycopg.Connection[Any], batches: Iterator[list[Row]], width: int
) -> None:
    del width
    cursor = connection.cursor()
    for batch in batches:
        with cursor.copy("COPY bare_rows FROM STDIN") as copy:
            for row in batch:
                copy.write_row(row)
        connection.commit()
