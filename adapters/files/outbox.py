"""What the logs said, as files for the city's own platform (GB/T 39443, file mode).

    outbox/<origin, / as __>/<from>-<to>-<records|penalties|relief|scenarios>.csv
    outbox/<origin, / as __>/<from>-<to>-<records|penalties|relief|scenarios>.csv.done

`from` and `to` are the first and last index of the batch, 12 digits, so that names sort in the
order of the log. The platform reads a file when its `.done` manifest is there: JSON with `file`,
`sha256`, `rows`, `origin`, `from`, `cursor` (the index after the last one) and `format`. The bytes
depend on the batch alone: a redo after a crash writes the same files again, and only `number`, of
the telling, is another one.

The platform deletes what it has read, or lays `FILE.csv.ack`: then the node deletes file, manifest
and acknowledgement. Its first line is empty or the `sha256` that was read, which says that it was
read; `<sha256> OK` says that what the rows ask for is done, too, but for lines that follow:
`<index> REFUSED <why>`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from typing import Final

from adapters.files.errors import FileAdapterError
from adapters.files.faults import csv_bytes
from adapters.files.folders import Folder
from adapters.files.outbox_acks import MANIFEST_ENDING, MANIFEST_MAX, manifest_of, number_in
from federation.ids import Origin
from federation.spreadsheets import unescape_formula
from federation.statements import Kind

_ORIGIN: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:-]*(?:/[0-9A-Za-z][0-9A-Za-z._:-]*)*")
_INDEX_DIGITS: Final = 12
_NAME: Final = re.compile(r"([0-9]{12})-([0-9]{12})-[a-z]+\.csv")
_FILE_MAX: Final = 256 * 1024 * 1024
"""Bytes of a file that is read again; a batch has at most 1024 rows."""
_MODE: Final = 0o640
"""Group of the platform may read; the rows name subjects."""

STREAMS: Final = {
    Kind.LISTING: "records",
    Kind.CORRECTION: "records",
    Kind.RELISTING: "records",
    Kind.COMMENDATION: "records",
    Kind.PENALTY: "penalties",
    Kind.ANNOTATION: "relief",
    Kind.REPAIR: "relief",
    Kind.WITHDRAWAL: "relief",
    Kind.ERASURE: "relief",
    Kind.SCENARIO: "scenarios",
    Kind.RECOGNITION: "scenarios",
}
"""Kinds that the platform is told of, and the file in which."""
_ORDER: Final = tuple(dict.fromkeys(STREAMS.values()))
NUMBERS: Final = len(_ORDER)
"""Numbers of tellings that one batch takes: each of its files has its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """A statement as the platform reads it; the fields are the columns, in this order.

    Dates are YYYYMMDD, 0 (written as an empty cell) where there is none. `kind` is the number of
    the statement's kind and is written as its name in lower case.
    """

    index: int
    kind: Kind
    action: int = 0
    statement_id: str
    about: str = ""
    state: str
    rule: str = ""
    list_type: str = ""
    tier: str = ""
    subject_scheme: str = ""
    subject_code: str = ""
    subject_name: str = ""
    subject_kind: str = ""
    authority: str = ""
    authority_name: str = ""
    document: str = ""
    decided_on: int = 0
    publish_until: int = 0
    basis: str = ""
    reason: str = ""
    relief_document: str = ""
    relief_decided_on: int = 0
    title: str = ""
    """Title of a scenario."""
    conditions: str = ""
    """Conditions of a scenario or recognition."""
    completed: str = ""
    """Columns that another copy of the record states: `basis=ORIGIN#INDEX`, joined by `;`."""
    instruction: str = ""
    """What the platform is asked to do beside heeding `state`, in Chinese."""
    registered_here: str = ""
    """`yes` where the subject is registered in this city 属地主体 (NO2); empty else."""


def number_of(kind: Kind, first: int) -> int:
    """Number of the telling of a row, in a batch whose numbers begin at `first`."""
    return first + _ORDER.index(STREAMS[kind])


COLUMNS: Final = tuple(field.name for field in fields(OutboxRow))


def origin_directory(origin: Origin) -> str:
    """Return the name of an origin's directory.

    Raises:
        FileAdapterError: `outbox.origin`; the name, which a peer chose, could leave the directory
            or stand for another one.
    """
    if _ORIGIN.fullmatch(origin) is None or "__" in origin or ".." in origin:
        message = f"origin 不能用作目录名 / cannot be a directory's name: {origin[:80]!r}"
        raise FileAdapterError("outbox.origin", message)
    return origin.replace("/", "__")


def write_batch(
    outbox: Path, origin: Origin, first: int, last: int, rows: Iterable[OutboxRow], number: int = 0
) -> tuple[Path, ...]:
    """Write the files of one batch, each before its manifest.

    Args:
        outbox: the node's outbox directory; it must exist.
        origin: the log that the rows are of.
        first: index of the first leaf of the batch.
        last: index of its last leaf; leaves that the platform is not told of have no row.
        rows: in any order; of kinds in `STREAMS`, others are left out.
        number: first of the `NUMBERS` of this telling; 0 for none.

    Returns:
        The CSV files, in the order of their names; none where no kind of the batch is told.

    Raises:
        FileAdapterError: `outbox.origin`, or a row outside the batch (`outbox.index`).
        OSError: the disk is full, or the directory may not be written; write the batch again.
    """
    name = origin_directory(origin)
    streams: dict[str, list[OutboxRow]] = {}
    for row in sorted(rows, key=lambda row: (row.index, row.statement_id)):
        if not first <= row.index <= last:
            message = f"expected an index from {first} to {last}, got {row.index}"
            raise FileAdapterError("outbox.index", message)
        if row.kind in STREAMS:
            streams.setdefault(STREAMS[row.kind], []).append(row)
    # The platform may write below: nothing that it lays there leads elsewhere (F26).
    with Folder.at(outbox.resolve()) as top:
        new = top.status(name) is None
        with top.inner(name, make=0o750) as directory:
            if new:
                top.sync()
            return tuple(
                outbox
                / name
                / _write(
                    directory,
                    origin,
                    (first, last),
                    stream,
                    streams[stream],
                    number and number + _ORDER.index(stream),
                )
                for stream in sorted(streams)
            )


class FileOutbox:
    """The outbox directory as a place of delivery."""

    def __init__(self, outbox: Path) -> None:
        """Take the directory; it must exist."""
        self._outbox = outbox
        self._torn = True
        """Whether a write may have ended between a file and its manifest: at the start, whose
        process may have been killed, and after one that failed."""

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Agree what was torn before writing on: the redo of a batch may span other leaves."""
        if self._torn:
            agree_manifests(self._outbox)
        self._torn = True
        yield
        self._torn = False

    def put(
        self, origin: Origin, first: int, last: int, rows: Sequence[OutboxRow], number: int = 0
    ) -> None:
        """Write the files of a batch; see `write_batch`."""
        with self._writing():
            write_batch(self._outbox, origin, first, last, rows, number)

    def replace(self, origin: Origin, rows: Sequence[OutboxRow]) -> None:
        """Let all files of a log that are still there say of these leaves only what rows say.

        Raises:
            OSError: a file cannot be read or written; do it again.
        """
        name = origin_directory(origin)
        by_index = {row.index: row for row in rows}
        with self._writing(), Folder.at(self._outbox.resolve()) as top:
            if not rows or top.status(name) is None:
                return
            with top.inner(name) as directory:
                for named in filter(None, map(_NAME.fullmatch, directory.names())):
                    span = int(named[1]), int(named[2])
                    if any(span[0] <= index <= span[1] for index in by_index):
                        _replace(directory, named[0], origin, span, by_index)


def agree_manifests(outbox: Path) -> None:
    """Write anew the manifest of each file that has none, or one of an earlier version of it.

    Raises:
        OSError: something cannot be read or written; do it again.
    """
    with Folder.at(outbox.resolve()) as top:
        for name in top.names():
            try:
                directory = top.inner(name)
            except NotADirectoryError:
                continue  # a file, or a link, which is not followed (F26)
            with directory:
                for named in filter(None, map(_NAME.fullmatch, directory.names())):
                    span = int(named[1]), int(named[2])
                    _agree(directory, named[0], Origin(name.replace("__", "/")), span)


def _agree(directory: Folder, name: str, origin: Origin, span: tuple[int, int]) -> None:
    data = _contents(directory, name, _FILE_MAX)
    if data is None:
        return
    said = _contents(directory, f"{name}{MANIFEST_ENDING}", MANIFEST_MAX)
    if said is None or not _states(said, sha256(data).hexdigest()):
        lines = csv.reader(io.StringIO(data.decode("utf-8-sig", "replace"), newline=""))
        try:
            rows = sum(1 for _ in lines) - 1
        except csv.Error:
            return  # not as it was written: the platform's own
        number = number_in(manifest_of(said or b""))
        _put_manifest(directory, name, origin, span, data, max(rows, 0), number)


def _contents(directory: Folder, name: str, most: int) -> bytes | None:
    """The bytes of a plain file; None of none, of another thing, and of what is too large."""
    status = directory.status(name)
    if status is None or not S_ISREG(status.st_mode) or status.st_size > most:
        return None
    with directory.open_file(name) as file:
        return file.read(most)


def _states(manifest: bytes, digest: str) -> bool:
    try:
        return bool(json.loads(manifest)["sha256"] == digest)
    except (ValueError, LookupError, TypeError, RecursionError):
        return False


def _replace(
    directory: Folder,
    name: str,
    origin: Origin,
    span: tuple[int, int],
    rows: Mapping[int, OutboxRow],
) -> None:
    """Write a file again in which a line is another now; cells of the others stay as they are.

    What the platform has laid there in its place, or written into it, is its own.
    """
    status = directory.status(name)
    if status is None or not S_ISREG(status.st_mode) or status.st_size > _FILE_MAX:
        return
    with directory.open_file(name) as file:
        text = file.read(_FILE_MAX).decode("utf-8-sig", "replace")
    try:
        lines = [
            [unescape_formula(cell) for cell in line]
            for line in csv.reader(io.StringIO(text, newline=""))
        ]
    except csv.Error:
        return
    header, lines = (lines[0], lines[1:]) if lines else ([], [])
    if not set(header) <= set(COLUMNS):
        return
    changed = [
        cells_of(rows[int(line[0])], header)
        if line and line[0].isdecimal() and int(line[0]) in rows
        else line
        for line in lines
    ]
    if changed != lines:
        number = 0
        if directory.status(f"{name}{MANIFEST_ENDING}") is not None:
            with directory.open_file(f"{name}{MANIFEST_ENDING}") as file:
                number = number_in(manifest_of(file.read(MANIFEST_MAX)))
        _put(directory, name, origin, span, csv_bytes(header, changed), len(changed), number)


def cells_of(row: OutboxRow, names: Sequence[str]) -> list[str]:
    """The cells of a row in the order of a header."""
    return [_cell(row, name) for name in names]


def _write(
    directory: Folder,
    origin: Origin,
    span: tuple[int, int],
    stream: str,
    rows: list[OutboxRow],
    number: int,
) -> str:
    start, end = (str(index).zfill(_INDEX_DIGITS) for index in span)
    name = f"{start}-{end}-{stream}.csv"
    data = csv_bytes(COLUMNS, (cells_of(row, COLUMNS) for row in rows))
    _put(directory, name, origin, span, data, len(rows), number)
    return name


def _put(
    directory: Folder,
    name: str,
    origin: Origin,
    span: tuple[int, int],
    data: bytes,
    rows: int,
    number: int,
) -> None:
    """Write a file, then its manifest."""
    directory.write(name, data, _MODE)
    _put_manifest(directory, name, origin, span, data, rows, number)


def _put_manifest(
    directory: Folder,
    name: str,
    origin: Origin,
    span: tuple[int, int],
    data: bytes,
    rows: int,
    number: int,
) -> None:
    manifest = {
        "cursor": span[1] + 1,
        "file": name,
        "format": 1,
        "from": span[0],
        "number": number,
        "origin": origin,
        "rows": rows,
        "sha256": sha256(data).hexdigest(),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    directory.write(f"{name}{MANIFEST_ENDING}", text.encode(), _MODE)


def _cell(row: OutboxRow, name: str) -> str:
    value = getattr(row, name)
    if isinstance(value, Kind):
        return value.name.lower()
    return "" if name not in ("index", "action") and not value else str(value)
