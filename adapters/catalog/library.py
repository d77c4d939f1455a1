"""The base library 法人库 as a file of its own: what the city's registry says of every subject.

It is public registry data, and no list: it stands beside the node's database, not in it, and is
replaced as a whole. Rows come from a table (`_subject_rows`), of which only code and name are
required.

    F57 a library that is damaged is not one that knows nobody: who asks it is refused
        (`library.damaged`), with the file and what to do. Nothing is listed or judged by what it
        does not say, no relief asks it, and another one takes its place as if it had been sound.
        What takes a listing out of use needs none: a rejection, an opening, the word of a
        department or of an export of 信用中国
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from adapters.catalog._subject_rows import (
    COLUMNS,
    JOIN,
    LOST_FEW,
    LOST_SHARE,
    SHRINK_SHARE,
    TWICE,
    LeftOut,
    right_rows,
)
from adapters.catalog._whole_library import WholeLibrary
from adapters.files.atomic import sync_directory
from adapters.files.errors import TableError
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.reconcile.identity import USCC, BaseSubject
from federation.subject_names import normal_name

T = TypeVar("T")

FILE_NAME: Final = "library.db"
NONE: Final = "library.none"
DAMAGED: Final = "library.damaged"
_FORMER: Final = {
    "organisation-code": "organisation_code",
    "registration-number": "registration_number",
    USCC: "former_codes",
}
"""Columns of identifiers beside the code, by their schemes."""
_BATCH: Final = 10_000
_TOGETHER: Final = 32
"""Questions in one statement; SQLite takes 500."""
_SHOWN: Final = 10

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
CREATE TABLE regions (code TEXT PRIMARY KEY, region TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE about (digest TEXT NOT NULL, subjects INTEGER NOT NULL);
"""
_INDEXES: Final = """
CREATE INDEX subjects_by_successor ON subjects (successor) WHERE successor <> '';
CREATE INDEX formerly_by_code ON formerly (code);
"""
"""Made when all rows are in. A file of before, which has none, answers by reading all of it."""
_FIND_REUSED: Final = """
INSERT INTO reused
SELECT n.code, n.normal FROM names n JOIN (
  SELECT normal FROM names GROUP BY normal HAVING count(*) > 1 AND sum(past) > 0
) AS several ON n.normal = several.normal
"""


class FileLibrary(WholeLibrary):
    """A base library read from `DIR/library.db`; empty where there is no such file.

    Any thread may ask; a file replaced by an import is taken at the next question. Whoever asks a
    damaged one is refused: `RefusedError`, `library.damaged` (F57).
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
            # A code that somebody has today is nobody's former one (SJ2).
            if self._ask("SELECT 1 FROM formerly WHERE scheme = ? LIMIT 1", (USCC,)):
                present = {row[0] for row in rows}
                rows += self._by_former(scheme, [code for code in codes if code not in present])
        else:
            rows = self._by_former(scheme, codes)
        reused = self._reused([row[1] for row in rows])
        return {asked: _subject(row, reused.get(row[0], ())) for asked, *row in rows}

    def _by_former(self, scheme: str, codes: Sequence[str]) -> list[tuple[str, ...]]:
        """Subjects by former identifiers; one that two subjects had names neither (SJ2)."""
        return self._ask(
            "SELECT f.id, s.code, s.name, s.former, s.status, s.successor FROM formerly f "  # noqa: S608
            "JOIN subjects s ON s.code = f.code "
            f"WHERE f.scheme = ? AND f.id IN ({_marks(codes)}) "
            "GROUP BY f.id HAVING count(*) = 1",
            (scheme, *codes),
        )

    def by_name(self, normal: str, limit: int) -> Sequence[BaseSubject]:
        """See `BaseLibrary.by_name`."""
        return self.by_names([normal], limit).get(normal, ())

    def by_names(self, normals: Sequence[str], limit: int) -> Mapping[str, Sequence[BaseSubject]]:
        """Subjects by the normal form of a name that they have or had, as many of each name."""
        rows = self._ask_each(
            "SELECT n.normal, s.code, s.name, s.former, s.status, s.successor FROM names n "
            "JOIN subjects s ON s.code = n.code WHERE n.normal = ? ORDER BY s.code LIMIT ?",
            normals,
            limit,
        )
        reused = self._reused([row[1] for row in rows])
        return _by_first(rows, lambda row: _subject(row, reused.get(row[0], ())))

    def predecessors(self, codes: Sequence[str], limit: int) -> Mapping[str, Sequence[BaseSubject]]:
        """Subjects whose place these took 合并、分立、个转企, as many of each, by code."""
        rows = self._ask_each(
            "SELECT successor, code, name, former, status, successor FROM subjects "
            "WHERE successor = ? AND successor <> '' ORDER BY code LIMIT ?",
            codes,
            limit,
        )
        return _by_first(rows, lambda row: _subject(row, ()))

    def former_identifiers(self, codes: Sequence[str]) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Scheme and former identifier by which subjects, and no others, are named too."""
        rows = self._ask(
            "SELECT f.code, f.scheme, f.id FROM formerly f "  # noqa: S608
            f"WHERE f.code IN ({_marks(codes)}) AND NOT EXISTS ("
            "SELECT 1 FROM formerly o WHERE o.scheme = f.scheme AND o.id = f.id "
            "AND o.code <> f.code) AND NOT (f.scheme = ? AND EXISTS ("
            "SELECT 1 FROM subjects p WHERE p.code = f.id)) ORDER BY f.scheme, f.id",
            (*codes, USCC),
        )
        return _by_first(rows, lambda row: (row[0], row[1]))

    def _reused(self, codes: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Names of these subjects that changed hands, by code; most subjects have none."""
        found: dict[str, tuple[str, ...]] = {}
        if not codes:
            return found
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

    def stamp(self) -> tuple[int, int]:
        """Of the file, what tells it from another one: its number and time; zeros for none."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return 0, 0
        return status.st_ino, status.st_mtime_ns

    def about(self) -> tuple[str, int]:
        """SHA-256 of the file it was made of, and the number of subjects; ("", 0) for none."""
        for digest, subjects in self._ask("SELECT digest, subjects FROM about", ()):
            return str(digest), int(subjects)
        return "", 0

    def fault(self, *, whole: bool = False) -> str:
        """What is wrong: `library.none`, `library.damaged` (F57), or empty for nothing.

        Args:
            whole: read all of it; else only its beginning, which costs nothing.
        """
        if self.as_of() is None:
            return NONE
        try:
            said = self._ask("PRAGMA quick_check(1)" if whole else "SELECT 1 FROM about", ())
        except RefusedError:
            return DAMAGED
        return DAMAGED if whole and said != [("ok",)] else ""

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._drop()

    def _ask_each(self, query: str, values: Sequence[str], limit: int) -> list[tuple[str, ...]]:
        """What a question with a limit finds for each of some values, in few statements."""
        rows: list[tuple[str, ...]] = []
        distinct = list(dict.fromkeys(values))
        for begin in range(0, len(distinct), _TOGETHER):
            chunk = distinct[begin : begin + _TOGETHER]
            united = " UNION ALL ".join([f"SELECT * FROM ({query})"] * len(chunk))  # noqa: S608
            rows += self._ask(united, [bound for value in chunk for bound in (value, limit)])
        return rows

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
            try:
                connection = self._connection or self._open()
                return connection.execute(query, values).fetchall()
            except sqlite3.DatabaseError as error:
                self._drop()
                message = (
                    f"法人库文件已损坏：{self._path}；请重新导入本市法人库：huxin catalog library "
                    f"FILE / the base library is damaged: {self._path}: {error}; expected a sound "
                    "file: import it anew, huxin catalog library FILE"
                )
                raise RefusedError(DAMAGED, message) from error

    def _open(self) -> sqlite3.Connection:
        uri = f"{self._path.absolute().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._opened = None, None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a file: subjects, rows, and the first rows that were left out."""

    subjects: int
    rows: int
    left_out: int
    first: tuple[LeftOut, ...]


def import_library(
    source: Path, target: Path, progress: Callable[[int], None], *, anyway: bool = False
) -> Imported:
    """Make a base library of a table, and put it in the place of the one before, all at once.

    Args:
        source: CSV or workbook.
        target: `DIR/library.db`.
        progress: told of the number of subjects, every ten thousand.
        anyway: somebody says that what is lost is lost rightly (F43).

    Raises:
        RefusedError: `library.file`: not such a file, or no row of it is right; `library.lost`:
            too much of it is not right, or of the subjects would be gone (F43). The library in
            place stays.
    """
    building = target.with_name(f".{target.name}.part")
    building.unlink(missing_ok=True)
    building.touch(mode=0o600)
    try:
        found = _build(source, building, progress)
        if not anyway:
            _check_loss(found, target)
        with building.open("rb+") as file:
            os.fsync(file.fileno())
        building.replace(target)
    except (OSError, TableError, sqlite3.Error) as error:
        message = (
            f"法人库文件无法读取，或磁盘空间不足 / {source}: expected a readable table, and "
            f"room for it: {error}"
        )
        raise RefusedError("library.file", message) from error
    finally:
        building.unlink(missing_ok=True)
    sync_directory(target.parent)
    return found


def _check_loss(found: Imported, target: Path) -> None:
    """See that no more is lost than files lose (F43)."""
    if found.left_out > LOST_FEW and found.left_out > LOST_SHARE * found.rows:
        codes = Counter(one.code for one in found.first)
        rows = "、".join(str(one.row) for one in found.first[:5])
        message = (
            f"{found.rows} 行中有 {found.left_out} 行不能采用（如第 {rows} 行），原库不变 / of "
            f"{found.rows} rows {found.left_out} are no subjects ({', '.join(codes)}; rows {rows} "
            "…): mend the file, or say --anyway"
        )
        raise RefusedError("library.lost", message)
    library = FileLibrary(target)
    try:
        _, before = library.about()
    except RefusedError:  # F57: what is damaged is replaced
        before = 0
    finally:
        library.close()
    if before - found.subjects > max(LOST_FEW, SHRINK_SHARE * before):
        message = (
            f"原有 {before} 户，新文件只有 {found.subjects} 户，原库不变 / the library has "
            f"{before} subjects and the file {found.subjects}: send all of them, or say --anyway"
        )
        raise RefusedError("library.lost", message)


def _build(source: Path, building: Path, progress: Callable[[int], None]) -> Imported:
    first: list[LeftOut] = []
    lost: Counter[str] = Counter()
    count = 0

    def left_out(one: LeftOut) -> None:
        lost[one.code] += 1
        if len(first) < _SHOWN:
            first.append(one)

    with closing(sqlite3.connect(building)) as connection:
        connection.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_SCHEMA}")
        with source.open("rb") as raw:
            digest = hashlib.file_digest(raw, "sha256").hexdigest()
        for batch in _batches(right_rows(source, left_out)):
            fresh = _fresh(connection, batch, left_out)
            _put(connection, fresh)
            count += len(fresh)
            progress(count)
        if not count:
            shown = "; ".join(f"{one.row}: {one.code}" for one in first) or "the file is empty"
            message = f"没有一行是主体 / {source}: no row of it is a subject: {shown}"
            raise RefusedError("library.file", message)
        connection.execute(_FIND_REUSED)
        connection.executescript(_INDEXES)
        connection.execute("INSERT INTO about VALUES (?, ?)", (digest, count))
        connection.commit()
    return Imported(
        subjects=count, rows=count + lost.total(), left_out=lost.total(), first=tuple(first)
    )


def _fresh(
    connection: sqlite3.Connection,
    batch: Sequence[dict[str, str]],
    left_out: Callable[[LeftOut], None],
) -> list[dict[str, str]]:
    """The rows whose code did not stand above; of the others the first one counts."""
    codes = [row["code"] for row in batch]
    query = f"SELECT code FROM subjects WHERE code IN ({_marks(codes)})"  # noqa: S608
    known = {code for (code,) in connection.execute(query, codes)}
    fresh = []
    for row in batch:
        if row["code"] in known:
            left_out(LeftOut(row=int(row["row"]), code=TWICE))
        else:
            known.add(row["code"])
            fresh.append(row)
    return fresh


def _batches(rows: Iterator[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _put(connection: sqlite3.Connection, batch: Sequence[dict[str, str]]) -> None:
    connection.executemany(
        "INSERT INTO subjects VALUES (?, ?, ?, ?, ?)",
        [(r["code"], r["name"], r["former_names"], r["status"], r["successor"]) for r in batch],
    )
    connection.executemany(
        "INSERT INTO regions VALUES (?, ?)",
        [(r["code"], r["region"]) for r in batch if r["region"]],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO formerly VALUES (?, ?, ?)",
        [
            (scheme, former, r["code"])
            for r in batch
            for scheme, column in _FORMER.items()
            for former in r[column].split(JOIN)
            if former
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
    subject = _subject([row[column] for column in tuple(COLUMNS)[:5]], ())
    return [(subject.name, subject.ceased), *((name, True) for name in subject.former_names)]


def _subject(row: Sequence[str], reused: tuple[str, ...]) -> BaseSubject:
    code, name, former, status, successor = row
    formerly = tuple(former.split(JOIN)) if former else ()
    return BaseSubject(code, name, formerly, status, successor, reused)


def _by_first(
    rows: Iterable[tuple[str, ...]], made: Callable[[Sequence[str]], T]
) -> dict[str, list[T]]:
    """Rows by their first value; of each is made what the others say."""
    found: dict[str, list[T]] = {}
    for first, *row in rows:
        found.setdefault(first, []).append(made(row))
    return found


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
