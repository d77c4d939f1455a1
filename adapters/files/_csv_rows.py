"""Rows of a text file: CSV (RFC 4180), or the like with another character between the cells.

A single damaged byte in a file is that row's fault, instead of turning the whole file into other
characters; so is a replacement character, which a program wrote for what it could not read. Bytes
of line ends, commas and quotes never stand inside a character of UTF-8 or GB 18030, so lines can
be decoded on their own; UTF-16, and lines that end with a carriage return, are decoded as a whole.

Some thousand lines in which nothing is quoted or damaged, as nearly all are, are split together; of
all others each row is read by itself.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from adapters.files._csv_form import LINE_MAX, Form
from adapters.files.errors import TableError
from adapters.files.faults import RowFault

_BUFFER: Final = 1024 * 1024
"""Bytes read at a time: each read lets another thread run, which may take milliseconds."""
_TOGETHER: Final = 64 * 1024
"""Bytes of lines that are split together, but for the end of the last one."""
_CELL_MAX: Final = csv.field_size_limit()
_LOST: Final = "\ufffd"

Block = list[tuple[int, list[str]] | RowFault]
"""Rows that follow each other: number and cells of each, or what is wrong with it."""


class CsvRows:
    """The rows of a file, one by one or in blocks; blank rows too."""

    def __init__(self, path: Path, form: Form) -> None:
        """Begin at the first row."""
        self._blocks = _blocks(path, form)
        self._waiting: deque[tuple[int, list[str]] | RowFault] = deque()

    def __iter__(self) -> Iterator[tuple[int, list[str]] | RowFault]:
        return self

    def __next__(self) -> tuple[int, list[str]] | RowFault:
        """Give a row.

        Raises:
            TableError: the file is not text, or a quoted cell never ends.
        """
        while not self._waiting:
            self._waiting.extend(next(self._blocks))
        return self._waiting.popleft()

    def blocks(self) -> Iterator[Block]:
        """Give the rows that are left, many at once; raises as `__next__` does."""
        if self._waiting:
            yield list(self._waiting)
            self._waiting.clear()
        yield from self._blocks

    def close(self) -> None:
        """Close the file."""
        self._blocks.close()


def _blocks(path: Path, form: Form) -> Generator[Block]:
    with path.open("rb", buffering=_BUFFER) as file:
        file.seek(form.skip)
        if form.streamed:
            text = _StreamedLines(file, form)
            yield from _each(text, form, 0, 0, None)
            return
        number = line = 0
        while block := _whole_lines(file):
            rows = _split(block, form)
            if rows is not None:
                yield list(enumerate(rows, number + 1))
                number, line = number + len(rows), line + len(rows)
                continue
            file.seek(-len(block), io.SEEK_CUR)
            lines = _Lines(file, form.encoding)
            number, line = yield from _each(lines, form, number, line, len(block))


def _whole_lines(file: BinaryIO) -> bytes:
    """Lines that are looked at together; the last one may be cut off where it is too long."""
    block = file.read(_TOGETHER)
    if block and not block.endswith(b"\n"):
        block += file.readline(LINE_MAX + 1)
    return block


def _split(block: bytes, form: Form) -> list[list[str]] | None:
    """The cells of lines that have nothing but cells; None where they have to be read one by one.

    What `csv.reader` gives of them: it takes quotes, carriage returns and long cells otherwise.
    """
    if b'"' in block or b"\0" in block:
        return None
    try:
        text = block.decode(form.encoding)
    except UnicodeDecodeError:
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\r" in text or _LOST in text or len(text) > _CELL_MAX:
        return None
    between = form.between
    lines = text.removesuffix("\n").split("\n")
    return [line.split(between) if line else [] for line in lines]


def _each(
    lines: _Lines, form: Form, number: int, line: int, most: int | None
) -> Generator[Block, None, tuple[int, int]]:
    """Read row by row.

    Args:
        lines: from the beginning of a row.
        form: how they are read.
        number: of the row before.
        line: likewise.
        most: bytes after which a row ends it; None: read all.

    Returns:
        The number of the last row, and of its last line.
    """
    reader = csv.reader(lines, strict=True, delimiter=form.between)
    while most is None or lines.bytes_read < most:
        number += 1
        first_line = reader.line_num
        lines.begin_row()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if reader.line_num > first_line + 1:
                raise _endless(number, line + first_line + 1) from error
            yield [_malformed(number, str(error))]
            continue
        if cells is None:
            break
        yield [_undecodable(number, form.encoding) if lines.damaged else (number, cells)]
    return number, line + reader.line_num


class _Lines:
    """Lines of text; `damaged` is set when one of a row's lines could not be decoded."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self.damaged = False
        self.bytes_read = 0
        self._row_bytes = 0

    def begin_row(self) -> None:
        """The next line is the first of a row."""
        self.damaged = False
        self._row_bytes = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LINE_MAX + 1)
        if not line:
            raise StopIteration
        self.bytes_read += len(line)
        self._row_bytes += len(line)
        if self._row_bytes > LINE_MAX:
            raise _long_line()
        try:
            text = line.decode(self._encoding)
        except UnicodeDecodeError:
            self.damaged = True
            # Only so that quotes and commas are still seen; the row's text is never used.
            return line.decode(self._encoding, "replace")
        if _LOST in text:
            self.damaged = True
        return text


class _StreamedLines(_Lines):
    """Lines of a file that is decoded as a whole."""

    def __init__(self, file: BinaryIO, form: Form) -> None:
        super().__init__(file, form.encoding)
        self._text = io.TextIOWrapper(
            file, form.encoding, "replace", newline="\r" if form.returns else "\n"
        )

    def __next__(self) -> str:
        text = self._text.readline(LINE_MAX + 1)
        if not text:
            raise StopIteration
        self._row_bytes += len(text)
        if self._row_bytes > LINE_MAX:
            raise _long_line()
        self.damaged = self.damaged or _LOST in text
        return text


def _long_line() -> TableError:
    message = f"行过长 / expected rows of at most {LINE_MAX} bytes; is it a CSV file?"
    return TableError("file.line-long", message)


def _undecodable(number: int, encoding: str) -> RowFault:
    return RowFault(
        row=number,
        column="",
        code="row.encoding",
        value="",
        expected=encoding,
        message=(
            f"该行含有无法按 {encoding} 解码的字节 / the row has bytes that are not {encoding}, "
            "the encoding of the rest of the file; export it again"
        ),
    )


def _malformed(number: int, reason: str) -> RowFault:
    message = (
        "该行中有单独的回车符（0x0D），可能是几行连在了一起，请统一换行符后重新报送 / a single "
        "carriage return stands within the row, which may be several rows: write the file with one "
        "kind of line ends"
        if "new-line" in reason
        else f"引号使用不符合 CSV / the quotes are not those of CSV ({reason}): "
        "a quote inside a quoted cell is written twice"
    )
    return RowFault(
        row=number,
        column="",
        code="row.malformed",
        value="",
        expected="RFC 4180",
        message=message,
    )


def _endless(number: int, line: int) -> TableError:
    message = (
        f"第 {number} 行（文件第 {line} 行）的引号没有结束 / "
        f"row {number} (line {line} of the file): "
        "a quoted cell that runs over line ends is not closed properly, so the rows after it "
        "cannot be told apart; mend the quote and send the whole file again"
    )
    return TableError("file.quote", message)
