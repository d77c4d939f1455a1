"""Streams of a compound file (MS-CFB), the container of the older workbooks.

Within the child process that reads a workbook; every chain is followed at most as long as there
are sectors.
"""

from __future__ import annotations

import struct
from typing import Final

from adapters.files.errors import TableError

_HEADER: Final = 512
_END: Final = 0xFFFFFFFA
"""From here on a number of a sector is none."""
_IN_HEADER: Final = 109
_ENTRY: Final = 128
_STREAM: Final = 2
_ROOT: Final = 5


class Compound:
    """A compound file that is at hand as a whole."""

    def __init__(self, data: bytes) -> None:
        """Read its tables.

        Raises:
            TableError: `file.format`; it is damaged.
        """
        self._data = data
        try:
            self._read()
        except (struct.error, IndexError, ValueError) as error:
            message = "文件损坏 / not a whole .xls file; send it again"
            raise TableError("file.format", message) from error

    def stream(self, name: str) -> bytes | None:
        """Return a stream by its name, in any case; None where there is none."""
        for entry in self._entries:
            if entry[0] == name.casefold() and entry[1] == _STREAM:
                return self._content(entry[2], entry[3])
        return None

    @property
    def names(self) -> frozenset[str]:
        """Names of all entries, in lower case."""
        return frozenset(entry[0] for entry in self._entries)

    def _read(self) -> None:
        data = self._data
        shift, small_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or small_shift >= shift:
            raise ValueError(shift)
        self._size: int = 1 << shift
        self._small_size: int = 1 << small_shift
        directory, _, self._cutoff, small, _, more, _ = struct.unpack_from("<IIIIIII", data, 48)
        self._most = len(data) // self._size + 1
        tables = list(struct.unpack_from(f"<{_IN_HEADER}I", data, _HEADER - 4 * _IN_HEADER))
        each = self._size // 4
        while more < _END and len(tables) <= self._most + each:
            further = struct.unpack_from(f"<{each}I", data, self._at(more))
            tables += further[:-1]
            more = further[-1]
        self._next: list[int] = []
        for table in tables:
            if table < _END and len(self._next) <= self._most + each:
                self._next += struct.unpack_from(f"<{each}I", data, self._at(table))
        raw = self._chain(directory)
        self._entries = [
            _entry(raw[at : at + _ENTRY]) for at in range(0, len(raw) - _ENTRY + 1, _ENTRY)
        ]
        root = next((entry for entry in self._entries if entry[1] == _ROOT), None)
        self._small = self._chain(root[2]) if root else b""
        table = self._chain(small) if small < _END else b""
        self._small_next = list(struct.unpack(f"<{len(table) // 4}I", table))

    def _at(self, sector: int) -> int:
        return (sector + 1) * self._size

    def _chain(self, sector: int) -> bytes:
        found: list[bytes] = []
        while sector < _END and len(found) <= self._most:
            found.append(self._data[self._at(sector) : self._at(sector) + self._size])
            sector = self._next[sector]
        return b"".join(found)

    def _content(self, sector: int, size: int) -> bytes:
        if size >= self._cutoff:
            return self._chain(sector)[:size]
        found: list[bytes] = []
        while sector < min(_END, len(self._small_next)) and len(found) <= len(self._small_next):
            at = sector * self._small_size
            found.append(self._small[at : at + self._small_size])
            sector = self._small_next[sector]
        return b"".join(found)[:size]


def _entry(raw: bytes) -> tuple[str, int, int, int]:
    """Name, kind, first sector and size."""
    length, kind = struct.unpack_from("<HB", raw, 64)
    sector, size = struct.unpack_from("<II", raw, 116)
    name = raw[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    return name.casefold(), kind, sector, size
