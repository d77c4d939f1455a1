"""Tables of text from files, within bounds, nothing replaced and nothing guessed.

    F38 only columns that are used can spoil a row: rows may end before the others, others may have
        one name twice or numbers that a spreadsheet rounded. A row that has nothing in any column
        that is used is none, and a note or sum below the table is none
    F40 the value of merged cells stands in each of their rows that has any other cell
    F41 rows that are hidden or filtered away are read like all others, and their number is said
    F42 a file is what its bytes say, not its name: text with any of the characters that people put
        between cells, in UTF-8, GB 18030 or UTF-16; workbooks .xlsx and .xls, with the one sheet
        that is the list; a web page called .xls. Anything else is named in one sentence

A text file is streamed. A workbook is read whole, in a child process of bounded memory and time
(`_bounded`). What a cell cannot be read as without damage is that row's fault
(`cell.damaged-number`, `row.encoding`): no replacement characters, no rounded codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final, Protocol

from adapters.files._bounded import bounded_rows
from adapters.files._csv_form import form_of
from adapters.files._csv_rows import Block, CsvRows
from adapters.files._kinds import Kind, kind_of
from adapters.files.errors import TableError
from adapters.files.faults import RowFault, shown
from adapters.files.headings import (
    ROWS_MAX,
    Header,
    Wanted,
    check_once,
    column_name,
    find_header,
    first_header,
    is_note,
    repeats,
    stripped,
)

_MEBIBYTE: Final = 1024 * 1024
_TOGETHER: Final = 8
"""Rows of a workbook that are looked at together."""


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


class Table:
    """A file opened as a table: its first rows are known, the others are read while iterating.

    The header is the first row with more than one filled cell, until a layout says what it wants
    (`look_for`). Blank rows are skipped; they count in the row numbers.
    """

    def __init__(self, path: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        """Open the file and read its first rows.

        Raises:
            TableError: not a table, too large, or no usable header.
        """
        self._limits = limits
        self._path = path
        self._kind = kind_of(path)
        self.notices: Counter[str] = Counter()
        """What is to be said of the rows read so far, by the code of the notice."""
        self.sheet = ""
        """Name of the worksheet; empty for what is none."""
        self._heads: dict[str, list[TableRow | RowFault]] = {}
        """The first rows of each sheet, where there are several and none was chosen."""
        self._open("")

    def _open(self, sheet: str) -> None:
        """Open the file, at the one sheet or a chosen one, and read its first rows."""
        self._rows, self._exact = self._begun(sheet)
        self._head = self._read_head()
        """The first rows, as far as a header may stand there."""
        found = first_header(self._first_cells())
        if found is None:
            self._raise_fault()
            message = (
                f"前 {ROWS_MAX} 行没有表头 / expected a header row with column names within "
                f"the first {ROWS_MAX} rows, found none; add one, and see that its cells are "
                "parted by commas, tabs or semicolons"
            )
            raise TableError("header.none", message)
        self._set(found)
        self._least = len(self.header)

    def _begun(self, sheet: str) -> tuple[CsvRows | Generator[TableRow], bool]:
        """The rows of the file, and whether each of them has as many cells as the header."""
        path, limits = self._path, self._limits
        size = path.stat().st_size
        if size > limits.file_bytes:
            message = f"文件过大 / expected at most {limits.file_bytes} bytes, got {size}; split it"
            raise TableError("file.size", message)
        if self._kind is Kind.TEXT:
            form = form_of(path)
            return CsvRows(path, form), form.exact
        rows = bounded_rows(
            path,
            self._kind.name,
            sheet,
            self.notices,
            unpacked_max=limits.unpacked_bytes,
            cell_max=limits.cell,
            memory=limits.memory_bytes,
            seconds=limits.seconds,
        )
        return rows, False

    def look_for(self, wanted: Wanted) -> None:
        """Take as the header what a layout wants, where it stands among the first rows (F34).

        Of several sheets the one that has it.

        Raises:
            TableError: `header.columns`; `file.sheets`: not exactly one sheet has it.
        """
        if self._heads:
            self._choose(wanted)
        if wanted.row:
            self._set(self._stated(wanted.row))
        elif (found := find_header(self._first_cells(), wanted)) is not None:
            self._set(found)
        self._begin += wanted.skip
        self._least = len(self.header)

    def _choose(self, wanted: Wanted) -> None:
        """Choose the one of several sheets that has what a layout wants."""
        fitting = [
            name
            for name, head in self._heads.items()
            if (found := find_header(_cells_of(head), wanted)) and wanted.fits(found.texts)
        ]
        if len(fitting) != 1:
            which = "、".join(fitting or self._heads)
            message = (
                f"{'多张' if fitting else '没有一张'}工作表符合该名单的列：{which} / expected one "
                f"visible sheet with the columns of the list, got {len(fitting)}; delete or hide "
                "the others"
            )
            raise TableError("file.sheets", message)
        self.notices["sheet.left"] = len(self._heads) - 1
        self._heads = {}
        self._open(fitting[0])

    def _stated(self, row: int) -> Header:
        """The header in a row of this number."""
        for at, item in enumerate(self._head):
            if not isinstance(item, RowFault) and item[0] == row and any(item[1]):
                return Header(texts=stripped(item[1]), first=at, end=at + 1)
        message = f"第 {row} 行没有表头 / expected the header in row {row}, as the mapping says"
        raise TableError("header.none", message)

    def need(self, columns: int) -> None:
        """Let rows end after so many columns: none of those after them is used (F38)."""
        self._least = len(self.header) if self._exact else columns

    def _set(self, found: Header) -> None:
        width = len(found.texts)
        if self._kind is not Kind.TEXT:
            # All rows of a sheet are equally wide; a cell beside the table has no heading.
            cells = max(map(len, self._first_cells()), default=0)
            width = max(width, min(cells, self._limits.columns))
        self.header: tuple[str, ...] = (*found.texts, *[""] * (width - len(found.texts)))
        """Column headers as they stand in the file, without white space around them."""
        self._begin = found.end
        above = [[c.strip() for c in cells] for cells in self._first_cells()[: found.first]]
        self.titles: tuple[str, ...] = tuple(
            cell for cells in above for cell in cells if cell and not is_note(cell)
        )
        """What stands above the header and is no note: titles, who filled it in and when."""
        if len(found.texts) > self._limits.columns:
            message = f"列数过多 / expected at most {self._limits.columns}, got {len(found.texts)}"
            raise TableError("header.columns", message)

    def __iter__(self) -> Iterator[TableRow | RowFault]:
        """Yield the rows of data, each as cells or as a fault.

        Raises:
            TableError: the file cannot be read on, or has too many rows.
        """
        for block in self.blocks():
            yield from block

    def blocks(self) -> Iterator[Block]:
        """Yield the rows of data as iterating does, many at once; raises as that does."""
        if self._heads:
            self._choose(Wanted(names=frozenset(), fits=lambda _: False))
        count = 0
        with closing(self._rows):
            for block in chain((self._head[self._begin :],), self._further()):
                rows = self._fitting(block)
                if count + len(rows) > self._limits.rows:
                    yield rows[: self._limits.rows - count]
                    raise _too_many(self._limits.rows, rows[self._limits.rows - count])
                count += len(rows)
                yield rows

    def _further(self) -> Iterator[Block]:
        """The rows that were not read yet."""
        if isinstance(self._rows, CsvRows):
            yield from self._rows.blocks()
        while block := list[TableRow | RowFault](islice(self._rows, _TOGETHER)):
            yield block

    def _fitting(self, block: Block) -> Block:
        """The rows of a block that have anything in them, each as wide as the header."""
        width, longest = len(self.header), self._limits.cell
        block = self._without_headers(block)
        whole = [item[1] for item in block if type(item) is tuple]
        if len(whole) == len(block) and set(map(len, whole)) == {width}:
            texts = list(map("".join, whole))
            if all(texts) and max(map(len, texts)) <= longest:  # as nearly all are
                return block
        rows: Block = []
        for item in block:
            row = item
            if not isinstance(item, RowFault):
                number, cells = item
                if not any(cells):
                    continue
                if len(cells) != width:
                    if len(cells) < self._least or any(cells[width:]):
                        row = _width_fault(number, width, len(cells))
                    else:
                        cells = [*cells[:width], *[""] * (width - len(cells))]
                        row = number, cells
                if sum(map(len, cells)) > longest and max(map(len, cells)) > longest:
                    row = long_fault(number, self.header, cells[:width], longest)
            rows.append(row)
        return rows

    def _without_headers(self, block: Block) -> Block:
        """The rows of a block that do not say the header once more."""
        at = next((at for at, text in enumerate(self.header) if text), 0)
        mark = self.header[at]
        again = [
            item
            for item in block
            if type(item) is tuple and len(item[1]) > at and mark in item[1][at]
        ]
        if not again:
            return block
        headers = {item[0] for item in again if repeats(self.header, item[1])}
        if not headers:
            return block
        self.notices["row.note"] += len(headers)
        return [item for item in block if type(item) is not tuple or item[0] not in headers]

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

    def _read_head(self) -> list[TableRow | RowFault]:
        head: list[TableRow | RowFault] = []
        for item in self._rows:
            if not isinstance(item, RowFault) and item[0] == 0:
                self.sheet, several = item[1]
                if several:
                    head = self._heads.setdefault(self.sheet, [])
                continue
            head.append(item)
            if len(head) == ROWS_MAX and not self._heads:
                break
        if self._heads:
            self.sheet = ""
            return [row for rows in self._heads.values() for row in rows]
        return head

    def _first_cells(self) -> list[list[str]]:
        return _cells_of(self._head)

    def _raise_fault(self) -> None:
        """Raise what is wrong with a row that may have been the header."""
        for item in self._head:
            if isinstance(item, RowFault):
                raise TableError(item.code, f"表头 / header: {item.message}")


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
    check_once(header, map(column_name, header))
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


def _cells_of(rows: Sequence[TableRow | RowFault]) -> list[list[str]]:
    return [[] if isinstance(item, RowFault) else item[1] for item in rows]


def _too_many(most: int, row: TableRow | RowFault) -> TableError:
    number = row.row if isinstance(row, RowFault) else row[0]
    message = (
        f"行数过多：第 {number} 行已是第 {most + 1} 个有内容的行 / expected at most {most} filled "
        f"rows, and row {number} is one more; split the file, or delete the rows below the list"
    )
    return TableError("file.rows", message)


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
