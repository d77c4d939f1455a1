"""Tables of text from CSV and XLSX files, within bounds, nothing replaced and nothing guessed.

A CSV file is streamed. An XLSX file is a zip and is read whole, in a child process of bounded
memory and time (`_bounded`). What a cell cannot be read as without damage is that row's fault
(`cell.damaged-number`, `row.encoding`): no replacement characters, no rounded codes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from adapters.files._bounded import bounded_xlsx_rows
from adapters.files._csv_rows import csv_rows
from adapters.files.errors import TableError
from adapters.files.faults import RowFault, shown

_TITLE_ROWS_MAX: Final = 10
_MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of a table; the defaults are far above any real list and far below harm."""

    file_bytes: int = 256 * _MEBIBYTE
    unpacked_bytes: int = 1024 * _MEBIBYTE
    """What the parts of an XLSX may be unpacked to, together."""
    memory_bytes: int = 1024 * _MEBIBYTE
    """Address space of the process that reads an XLSX."""
    seconds: int = 300
    """CPU time of that process; a list of 500,000 rows takes about a tenth."""
    rows: int = 500_000
    columns: int = 128
    cell: int = 32_767
    """Characters; the most that a spreadsheet itself can hold in a cell."""


DEFAULT_LIMITS: Final = Limits()


TableRow = tuple[int, list[str]]
"""A row of data: its number as a spreadsheet shows it, and a cell for each column."""


class Tabular(Protocol):
    """What has a header and rows: a file, rows at hand, a table of a database."""

    @property
    def header(self) -> tuple[str, ...]:
        """Column headers."""
        ...

    def __iter__(self) -> Iterator[TableRow | RowFault]:
        """Yield the rows of data, each as cells or as a fault."""
        ...


def column_name(text: str) -> str:
    """Return a header in the form in which headers are compared.

    NFKC, no white space, no marks of a required column, lower case: `＊统一社会信用代码 ` and
    `统一社会信用代码` are one, `caseCode` and `CASECODE` too.
    """
    return "".join(unicodedata.normalize("NFKC", text).split()).strip("*").casefold()


class Table:
    """A file opened as a table: its header is known, its rows are read while iterating.

    Titles above the header (rows with a single filled cell, at most 10) and blank rows are
    skipped; they count in the row numbers.
    """

    def __init__(self, path: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        """Open the file and read its header.

        Raises:
            TableError: not CSV or XLSX, too large, or no usable header.
        """
        self._limits = limits
        self._rows = _open_rows(path, limits)
        self.titles: tuple[str, ...] = ()
        """The cells that stand alone above the header."""
        self.sheet = ""
        """Name of the worksheet; empty for what is none."""
        self.header: tuple[str, ...] = self._read_header()
        """Column headers as they stand in the file, without white space around them."""

    def __iter__(self) -> Iterator[TableRow | RowFault]:
        """Yield the rows of data, each as cells or as a fault.

        Raises:
            TableError: the file cannot be read on, or has too many rows.
        """
        width = len(self.header)
        longest = self._limits.cell
        count = 0
        with closing(self._rows):
            for item in self._rows:
                count += 1
                if count > self._limits.rows:
                    message = f"行数过多 / expected at most {self._limits.rows} rows; split it"
                    raise TableError("file.rows", message)
                if isinstance(item, RowFault):
                    yield item
                    continue
                number, cells = item
                if len(cells) != width:
                    if not any(cells):
                        continue
                    if len(cells) < width or any(cells[width:]):
                        yield _width_fault(number, width, len(cells))
                        continue
                    cells = cells[:width]
                if sum(map(len, cells)) > longest and max(map(len, cells)) > longest:
                    yield long_fault(number, self.header, cells, longest)
                elif any(cells):
                    yield number, cells

    def records(self) -> Iterator[tuple[int, dict[str, str]] | RowFault]:
        """Yield the rows of data by column: row number and `column_name` → cell.

        Raises:
            TableError: as when iterating.
        """
        names = [column_name(text) for text in self.header]
        for item in self:
            if isinstance(item, RowFault):
                yield item
            else:
                record = dict(zip(names, item[1], strict=True))
                record.pop("", None)
                yield item[0], record

    def _read_header(self) -> tuple[str, ...]:
        for number, item in enumerate(self._rows):
            if number > _TITLE_ROWS_MAX + bool(self.sheet):
                break
            if isinstance(item, RowFault):
                raise TableError(item.code, f"表头 / header: {item.message}")
            if item[0] == 0:
                (self.sheet,) = item[1]
                continue
            header = tuple(cell.strip() for cell in item[1])
            if sum(map(bool, header)) > 1:
                while not header[-1]:
                    header = header[:-1]
                return checked_header(header, self._limits.columns)
            self.titles += tuple(filter(None, header))
        message = (
            f"前 {_TITLE_ROWS_MAX} 行没有表头 / expected a header row with column names within "
            f"the first {_TITLE_ROWS_MAX} rows, found none; add one"
        )
        raise TableError("header.none", message)


class Rows:
    """Rows that are at hand by column, as a table: its header has the columns of them all."""

    def __init__(self, rows: Mapping[int, Mapping[str, str]]) -> None:
        """Take them.

        Args:
            rows: by their number; cells by `column_name`.
        """
        self._rows = rows
        self.header: tuple[str, ...] = tuple({name: None for row in rows.values() for name in row})

    def __iter__(self) -> Iterator[TableRow | RowFault]:
        """Yield the rows by their number; a column that a row lacks is empty."""
        for number, row in sorted(self._rows.items()):
            yield number, [row.get(name, "") for name in self.header]

    def records(self) -> Iterator[tuple[int, dict[str, str]] | RowFault]:
        """Yield the rows as `Table.records` does."""
        for number, row in sorted(self._rows.items()):
            yield number, {name: row.get(name, "") for name in self.header}


def checked_header(header: tuple[str, ...], most: int) -> tuple[str, ...]:
    """Return a header whose columns can be told apart.

    Raises:
        TableError: `header.columns` (more than `most`), `header.duplicate`.
    """
    if len(header) > most:
        message = f"列数过多 / expected at most {most}, got {len(header)}"
        raise TableError("header.columns", message)
    seen: dict[str, str] = {}
    for text in filter(None, header):
        name = column_name(text)
        if name in seen:
            message = f"列名重复 / two columns have the same name {text!r}; rename one"
            raise TableError("header.duplicate", message)
        seen[name] = text
    return header


def long_fault(number: int, header: Sequence[str], cells: Sequence[str], most: int) -> RowFault:
    """Return the fault of a row whose longest cell has more than `most` characters."""
    lengths = list(map(len, cells))
    at = lengths.index(max(lengths))
    return RowFault(
        row=number,
        column=header[at],
        code="cell.long",
        value=shown(cells[at]),
        expected=f"≤ {most}",
        message=f"单元格过长 / cell of {lengths[at]} characters, at most {most}",
    )


def _open_rows(path: Path, limits: Limits) -> Generator[TableRow | RowFault]:
    size = path.stat().st_size
    if size > limits.file_bytes:
        message = f"文件过大 / expected at most {limits.file_bytes} bytes, got {size}; split it"
        raise TableError("file.size", message)
    with path.open("rb") as file:
        magic = file.read(8)
    if magic[:4] == b"PK\x03\x04":
        return bounded_xlsx_rows(
            path,
            unpacked_max=limits.unpacked_bytes,
            cell_max=limits.cell,
            memory=limits.memory_bytes,
            seconds=limits.seconds,
        )
    if magic == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        message = (
            "不支持旧版 .xls 或加密的工作簿 / an old .xls or an encrypted workbook: "
            "save it as .xlsx without a password, or as CSV"
        )
        raise TableError("file.format", message)
    if not magic:
        raise TableError("file.empty", "文件为空 / expected a table, got an empty file")
    return csv_rows(path)


def _width_fault(number: int, width: int, got: int) -> RowFault:
    return RowFault(
        row=number,
        column="",
        code="row.width",
        value="",
        expected=str(width),
        message=(
            f"单元格数与表头不符，可能缺少引号 / expected {width} cells as in the header, "
            f"got {got}: a comma or line end inside a cell needs quotes around the cell"
        ),
    )
