"""Workbooks of the older format (.xls, BIFF 8 in a compound file), written record by record."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

_SECTOR = 512
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_LEAST = 4096
"""A stream from this size on lies in sectors of its own."""

Value = str | float | None


def record(kind: int, body: bytes) -> bytes:
    """A record."""
    return struct.pack("<HH", kind, len(body)) + body


def _cell(row: int, column: int, value: Value) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return record(0x0204, place + struct.pack("<HB", len(text) // 2, 1) + text)
    return record(0x0203, place + struct.pack("<d", value)) if value is not None else b""


def _begin(kind: int) -> bytes:
    return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0))


def sheet_records(rows: Sequence[Sequence[Value]], more: bytes = b"") -> bytes:
    """The records of a sheet; `more` stand after its cells."""
    cells = b"".join(
        _cell(row, column, value)
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
    )
    width = max(map(len, rows), default=0)
    size = record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    return _begin(0x10) + size + cells + more + record(0x000A, b"")


def merged(top: int, bottom: int, column: int) -> bytes:
    """The record of cells merged downwards; rows are counted from 0."""
    return record(0x00E5, struct.pack("<HHHHH", 1, top, bottom, column, column))


def hidden(row: int) -> bytes:
    """The record of a row that is hidden."""
    return record(0x0208, struct.pack("<HHHHHHI", row, 0, 9, 255, 0, 0, 0x0120))


def error(row: int, column: int) -> bytes:
    """The record of a cell that holds #N/A."""
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, 0x2A, 1))


def formula(row: int, column: int) -> bytes:
    """The record of a cell that holds a formula, 1."""
    tokens = struct.pack("<BH", 0x1E, 1)
    body = struct.pack("<HHHdHIH", row, column, 0, 1.0, 0, 0, len(tokens)) + tokens
    return record(0x0006, body)


def write_old_book(path: Path, sheets: Mapping[str, bytes], styles: bytes = b"") -> Path:
    """Write a workbook of these sheets, by name; `styles` are records of fonts and formats."""

    def globals_of(places: Sequence[int]) -> bytes:
        bound = b"".join(
            record(
                0x0085,
                struct.pack("<IBBBB", place, 0, 0, len(name), 1) + name.encode("utf-16-le"),
            )
            for name, place in zip(sheets, places, strict=True)
        )
        return _begin(0x05) + styles + bound + record(0x000A, b"")

    at = len(globals_of([0] * len(sheets)))
    places = []
    for content in sheets.values():
        places.append(at)
        at += len(content)
    stream = globals_of(places) + b"".join(sheets.values())
    path.write_bytes(compound("Workbook", stream))
    return path


def compound(name: str, stream: bytes) -> bytes:
    """A compound file with one stream."""
    stream = stream.ljust(_LEAST, b"\0")
    count = -(-len(stream) // _SECTOR)
    tables = 1
    while tables * 128 < count + 1 + tables:
        tables += 1
    chain = [*range(1, count), _END, _END, *[_TABLE] * tables]
    chain += [_FREE] * (tables * 128 - len(chain))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6xIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, count, 0)
    header += struct.pack("<IIIII", _LEAST, _END, 0, _END, 0)
    inside = [count + 1 + number for number in range(tables)]
    header += struct.pack("<109I", *inside, *[_FREE] * (109 - tables))
    directory = _entry("Root Entry", 5, 1, _END, 0) + _entry(name, 2, _FREE, 0, len(stream))
    return b"".join(
        (
            header,
            stream.ljust(count * _SECTOR, b"\0"),
            directory.ljust(_SECTOR, b"\0"),
            struct.pack(f"<{len(chain)}I", *chain),
        )
    )


def _entry(name: str, kind: int, child: int, sector: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text) + 2, kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + struct.pack("<IQ", sector, size)
    )
