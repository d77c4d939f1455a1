"""What the logs said, as files for the city's own platform (GB/T 39443, file mode).

    outbox/<origin, / as __>/<from>-<to>-<records|penalties|relief|scenarios>.csv
    outbox/<origin, / as __>/<from>-<to>-<records|penalties|relief|scenarios>.csv.done

`from` and `to` are the first and last index of the batch, 12 digits, so that names sort in the
order of the log. The platform reads a file when its `.done` manifest is there: JSON with `file`,
`sha256`, `rows`, `origin`, `from`, `cursor` (the index after the last one) and `format`. The bytes
depend on the batch alone: a redo after a crash writes the same files again.

The platform deletes what it has read, or acknowledges it by `FILE.csv.ack` (empty, or the `sha256`
that it has read): then the node deletes file, manifest and acknowledgement.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Final

from adapters.files.atomic import sync_directory, write_atomically
from adapters.files.errors import FileAdapterError
from adapters.files.faults import csv_bytes, unescape_formula
from federation.ids import Origin
from federation.statements import Kind

_ORIGIN: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:-]*(?:/[0-9A-Za-z][0-9A-Za-z._:-]*)*")
_INDEX_DIGITS: Final = 12
_ACK: Final = ".ack"
_ACK_MAX: Final = 128
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
    outbox: Path, origin: Origin, first: int, last: int, rows: Iterable[OutboxRow]
) -> tuple[Path, ...]:
    """Write the files of one batch, each before its manifest.

    Args:
        outbox: the node's outbox directory; it must exist.
        origin: the log that the rows are of.
        first: index of the first leaf of the batch.
        last: index of its last leaf; leaves that the platform is not told of have no row.
        rows: in any order; of kinds in `STREAMS`, others are left out.

    Returns:
        The CSV files, in the order of their names; none where no kind of the batch is told.

    Raises:
        FileAdapterError: `outbox.origin`, or a row outside the batch (`outbox.index`).
        OSError: the disk is full, or the directory may not be written; write the batch again.
    """
    directory = outbox / origin_directory(origin)
    if not directory.is_dir():
        directory.mkdir(mode=0o750)
        sync_directory(outbox)
    streams: dict[str, list[OutboxRow]] = {}
    for row in sorted(rows, key=lambda row: (row.index, row.statement_id)):
        if not first <= row.index <= last:
            message = f"expected an index from {first} to {last}, got {row.index}"
            raise FileAdapterError("outbox.index", message)
        if row.kind in STREAMS:
            streams.setdefault(STREAMS[row.kind], []).append(row)
    return tuple(
        _write(directory, origin, (first, last), stream, streams[stream])
        for stream in sorted(streams)
    )


class FileOutbox:
    """The outbox directory as a place of delivery."""

    def __init__(self, outbox: Path) -> None:
        """Take the directory; it must exist."""
        self._outbox = outbox

    def put(self, origin: Origin, first: int, last: int, rows: Sequence[OutboxRow]) -> None:
        """Write the files of a batch; see `write_batch`."""
        write_batch(self._outbox, origin, first, last, rows)

    def replace(self, origin: Origin, rows: Sequence[OutboxRow]) -> None:
        """Let all files of a log that are still there say of these leaves only what rows say.

        Raises:
            OSError: a file cannot be read or written; do it again.
        """
        directory = self._outbox / origin_directory(origin)
        by_index = {row.index: row for row in rows}
        for path in sorted(directory.glob("*.csv")) if rows else ():
            first, last = (int(part) for part in path.name.split("-")[:2])
            if any(first <= index <= last for index in by_index):
                _replace(path, origin, (first, last), by_index)


def remove_acknowledged(outbox: Path) -> int:
    """Delete what the platform has acknowledged; returns the number of files.

    An acknowledgement that states another digest than the manifest is of an earlier version of
    the file, which has been written again since: it is dropped, and the file stays.

    Raises:
        OSError: something may not be read or deleted; the next call goes on.
    """
    count = 0
    for ack in sorted(outbox.glob(f"*/*.csv{_ACK}")):
        file = ack.with_name(ack.name.removesuffix(_ACK))
        manifest = file.with_name(file.name + ".done")
        if _is_of(ack, manifest):
            file.unlink(missing_ok=True)
            manifest.unlink(missing_ok=True)
            count += 1
        ack.unlink()  # last: a crash before it leaves the acknowledgement, and the rest is done
    return count


def _is_of(ack: Path, manifest: Path) -> bool:
    with ack.open("rb") as said:
        digest = said.read(_ACK_MAX).decode("ascii", "replace").strip().lower()
    if not digest or not manifest.exists():
        return True
    return bool(json.loads(manifest.read_text("utf-8"))["sha256"] == digest)


def _replace(
    path: Path, origin: Origin, span: tuple[int, int], rows: Mapping[int, OutboxRow]
) -> None:
    """Write a file again in which a line is another now; cells of the others stay as they are."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *lines = (
                [unescape_formula(cell) for cell in line] for line in csv.reader(file)
            )
    except FileNotFoundError:  # the platform has deleted it meanwhile
        return
    changed = [
        cells_of(rows[int(line[0])], header) if int(line[0]) in rows else line for line in lines
    ]
    if changed != lines:
        _put(path, origin, span, csv_bytes(header, changed), len(changed))


def cells_of(row: OutboxRow, names: Sequence[str]) -> list[str]:
    """The cells of a row in the order of a header."""
    return [_cell(row, name) for name in names]


def _write(
    directory: Path, origin: Origin, span: tuple[int, int], stream: str, rows: list[OutboxRow]
) -> Path:
    start, end = (str(index).zfill(_INDEX_DIGITS) for index in span)
    path = directory / f"{start}-{end}-{stream}.csv"
    _put(
        path, origin, span, csv_bytes(COLUMNS, (cells_of(row, COLUMNS) for row in rows)), len(rows)
    )
    return path


def _put(path: Path, origin: Origin, span: tuple[int, int], data: bytes, rows: int) -> None:
    """Write a file, then its manifest."""
    manifest = {
        "cursor": span[1] + 1,
        "file": path.name,
        "format": 1,
        "from": span[0],
        "origin": origin,
        "rows": rows,
        "sha256": sha256(data).hexdigest(),
    }
    write_atomically(path, data, _MODE)
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write_atomically(path.with_name(path.name + ".done"), text.encode(), _MODE)


def _cell(row: OutboxRow, name: str) -> str:
    value = getattr(row, name)
    if isinstance(value, Kind):
        return value.name.lower()
    return "" if name not in ("index", "action") and not value else str(value)
