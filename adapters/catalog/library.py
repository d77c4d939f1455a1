"""The base library 法人库 as a file of its own: what the city's registry says of every subject.

It is public registry data, and no list: it stands beside the node's database, not in it, and is
replaced as a whole. Rows come from a CSV with the columns

    code,name,former_names,status,successor,organisation_code,registration_number

of which only `code` and `name` are required; `former_names` are joined by `|`.
"""

from __future__ import annotations

import csv
import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

from adapters.files.atomic import sync_directory
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.reconcile.identity import USCC, BaseSubject, Status, code_fault
from federation.subject_names import normal_name

FILE_NAME: Final = "library.db"
_FORMER: Final = {
    "organisation-code": "organisation_code",
    "registration-number": "registration_number",
}
_COLUMNS: Final = ("code", "name", "former_names", "status", "successor", *_FORMER.values())
_BATCH: Final = 10_000
_SHOWN: Final = 10
_JOIN: Final = "|"

_SCHEMA: Final = """
CREATE TABLE subjects (
  code TEXT PRIMARY KEY, name TEXT NOT NULL, former TEXT NOT NULL,
  status TEXT NOT NULL, successor TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE formerly (
  scheme TEXT NOT NULL, id TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (scheme, id, code)
) WITHOUT ROWID;
CREATE TABLE names (
  normal TEXT NOT NULL, code TEXT NOT NULL, past INTEGER NOT NULL, PRIMARY KEY (normal, code)
) WITHOUT ROWID;
CREATE TABLE reused (
  code TEXT NOT NULL, normal TEXT NOT NULL, PRIMARY KEY (code, normal)
) WITHOUT ROWID;
CREATE TABLE about (digest TEXT NOT NULL, subjects INTEGER NOT NULL);
"""
_FIND_REUSED: Final = """
INSERT INTO reused
SELECT n.code, n.normal FROM names n JOIN (
  SELECT normal FROM names GROUP BY normal HAVING count(*) > 1 AND sum(past) > 0
) AS several ON n.normal = several.normal
"""


class FileLibrary:
    """A base library read from `DIR/library.db`; empty where there is no such file.

    Any thread may ask; a file replaced by an import is taken at the next question.
    """

    def __init__(self, path: Path) -> None:
        """Read from a file, which need not exist yet."""
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None

    def by_code(self, scheme: str, codes: Sequence[str]) -> Mapping[str, BaseSubject]:
        """See `BaseLibrary.by_code`."""
        if scheme == USCC:
            rows = self._ask(
                "SELECT code, code, name, former, status, successor FROM subjects "  # noqa: S608
                f"WHERE code IN ({_marks(codes)})",
                codes,
            )
        else:
            # An identifier that two subjects had names neither.
            rows = self._ask(
                "SELECT f.id, s.code, s.name, s.former, s.status, s.successor FROM formerly f "  # noqa: S608
                "JOIN subjects s ON s.code = f.code "
                f"WHERE f.scheme = ? AND f.id IN ({_marks(codes)}) "
                "GROUP BY f.id HAVING count(*) = 1",
                (scheme, *codes),
            )
        reused = self._reused([row[1] for row in rows])
        return {asked: _subject(row, reused.get(row[0], ())) for asked, *row in rows}

    def by_name(self, normal: str, limit: int) -> Sequence[BaseSubject]:
        """See `BaseLibrary.by_name`."""
        rows = self._ask(
            "SELECT s.code, s.name, s.former, s.status, s.successor FROM names n "
            "JOIN subjects s ON s.code = n.code WHERE n.normal = ? ORDER BY s.code LIMIT ?",
            (normal, limit),
        )
        reused = self._reused([row[0] for row in rows])
        return [_subject(row, reused.get(row[0], ())) for row in rows]

    def _reused(self, codes: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Names of these subjects that changed hands, by code; most subjects have none."""
        found: dict[str, tuple[str, ...]] = {}
        query = f"SELECT code, normal FROM reused WHERE code IN ({_marks(codes)})"  # noqa: S608
        for code, normal in self._ask(query, codes):
            found[code] = (*found.get(code, ()), normal)
        return found

    def as_of(self) -> Timestamp | None:
        """See `BaseLibrary.as_of`: when the file was made of a CSV."""
        try:
            return Timestamp(int(self._path.stat().st_mtime))
        except FileNotFoundError:
            return None

    def about(self) -> tuple[str, int]:
        """SHA-256 of the file it was made of, and the number of subjects; ("", 0) for none."""
        for digest, subjects in self._ask("SELECT digest, subjects FROM about", ()):
            return str(digest), int(subjects)
        return "", 0

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._drop()

    def _ask(self, query: str, values: Sequence[object]) -> list[tuple[str, ...]]:
        with self._lock:
            try:
                status = self._path.stat()
            except FileNotFoundError:
                self._drop()
                return []
            if self._opened != (status.st_ino, status.st_mtime_ns):
                self._drop()
                self._opened = (status.st_ino, status.st_mtime_ns)
            connection = self._connection or self._open()
            return connection.execute(query, values).fetchall()

    def _open(self) -> sqlite3.Connection:
        uri = f"{self._path.absolute().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._opened = None, None


def import_library(
    source: Path, target: Path, progress: Callable[[int], None]
) -> tuple[int, list[str]]:
    """Make a base library of a CSV, and put it in the place of the one before, all at once.

    Args:
        source: CSV, UTF-8 with or without a byte order mark.
        target: `DIR/library.db`.
        progress: told of the number of subjects, every ten thousand.

    Returns:
        The number of subjects, and the first rows that were left out, with the reason.

    Raises:
        RefusedError: `library.file`: not such a file, or no row of it is right; the library in
            place stays.
    """
    building = target.with_name(f".{target.name}.part")
    building.unlink(missing_ok=True)
    building.touch(mode=0o600)
    try:
        count, faults = _build(source, building, progress)
        with building.open("rb+") as file:
            os.fsync(file.fileno())
        building.replace(target)
    except (OSError, UnicodeDecodeError, csv.Error, sqlite3.Error) as error:
        message = f"{source}: expected a CSV in UTF-8 and room for it: {error}"
        raise RefusedError("library.file", message) from error
    finally:
        building.unlink(missing_ok=True)
    sync_directory(target.parent)
    return count, faults


def _build(source: Path, building: Path, progress: Callable[[int], None]) -> tuple[int, list[str]]:
    faults: list[str] = []
    count = 0
    with closing(sqlite3.connect(building)) as connection:
        connection.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_SCHEMA}")
        with source.open("rb") as raw:
            digest = hashlib.file_digest(raw, "sha256").hexdigest()
        with source.open(encoding="utf-8-sig", newline="") as file:
            for batch in _batches(_rows(csv.DictReader(file), faults)):
                _put(connection, batch)
                count += len(batch)
                progress(count)
        (count,) = connection.execute("SELECT count(*) FROM subjects").fetchone()
        if not count:
            shown = "; ".join(faults) or "the file is empty"
            raise RefusedError("library.file", f"{source}: no row of it is a subject: {shown}")
        connection.execute(_FIND_REUSED)
        connection.execute("INSERT INTO about VALUES (?, ?)", (digest, count))
        connection.commit()
    return count, faults


def _rows(reader: csv.DictReader[str], faults: list[str]) -> Iterator[dict[str, str]]:
    """The rows that are right; of the others the first few are named, without their content."""
    for number, row in enumerate(reader, 2):
        filled = {name: (row.get(name) or "").strip() for name in _COLUMNS}
        fault = code_fault(USCC, filled["code"])
        if not filled["name"]:
            fault = "library.name"
        if filled["status"] not in ("", *Status):
            fault = f"library.status (one of {', '.join(Status)})"
        if not fault:
            yield filled
        elif len(faults) < _SHOWN:
            faults.append(f"row {number}: {fault}")


def _batches(rows: Iterator[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _put(connection: sqlite3.Connection, batch: Sequence[dict[str, str]]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO subjects VALUES (?, ?, ?, ?, ?)",
        [
            (r["code"], r["name"], r["former_names"], r["status"] or Status.LIVE, r["successor"])
            for r in batch
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO formerly VALUES (?, ?, ?)",
        [
            (scheme, r[column], r["code"])
            for r in batch
            for scheme, column in _FORMER.items()
            if r[column]
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO names VALUES (?, ?, ?)",
        [
            (normal, r["code"], past)
            for r in batch
            for name, past in _named(r)
            if (normal := normal_name(name))
        ],
    )


def _named(row: Mapping[str, str]) -> list[tuple[str, bool]]:
    """Names of a subject, the present one first, and whether each is one of the past."""
    subject = _subject([row[column] for column in _COLUMNS[:5]], ())
    return [(subject.name, subject.ceased), *((name, True) for name in subject.former_names)]


def _subject(row: Sequence[str], reused: tuple[str, ...]) -> BaseSubject:
    code, name, former, status, successor = row
    formerly = tuple(former.split(_JOIN)) if former else ()
    return BaseSubject(code, name, formerly, status, successor, reused)


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
