"""Rows of a text file: CSV (RFC 4180), or the like with another character between the cells.

A single damaged byte in a file is that row's fault, instead of turning the whole file into other
characters; so is a replacement character, which a program wrote for what it could not read. Bytes
of line ends, commas and quotes never stand inside a character of UTF-8 or GB 18030, so a line can
be decoded on its own; UTF-16, and lines that end with a carriage return, are decoded as a whole.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from adapters.files._csv_form import LINE_MAX, Form
from adapters.files.errors import TableError
from adapters.files.faults import RowFault

_BUFFER: Final = 1024 * 1024
"""Bytes read at a time: each read lets another thread run, which may take milliseconds."""
_LOST: Final = "\ufffd"


def csv_rows(path: Path, form: Form) -> Generator[tuple[int, list[str]] | RowFault]:
    """Yield row number and cells of every row, blank rows too.

    Raises:
        TableError: the file is not text, or a quoted cell never ends.
    """
    with path.open("rb", buffering=_BUFFER) as file:
        file.seek(form.skip)
        lines = _StreamedLines(file, form) if form.streamed else _Lines(file, form.encoding)
        reader = csv.reader(lines, strict=True, delimiter=form.between)
        number = 0
        while True:
            number += 1
            first_line = reader.line_num
            lines.begin_row()
            try:
                cells = next(reader, None)
            except csv.Error as error:
                if reader.line_num > first_line + 1:
                    raise _endless(number, first_line + 1) from error
                yield _malformed(number, str(error))
                continue
            if cells is None:
                return
            yield _undecodable(number, form.encoding) if lines.damaged else (number, cells)


class _Lines:
    """Lines of text; `damaged` is set when one of a row's lines could not be decoded."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self.damaged = False
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
    return RowFault(
        row=number,
        column="",
        code="row.malformed",
        value="",
        expected="RFC 4180",
        message=(
            f"引号使用不符合 CSV / the quotes are not those of CSV ({reason}): "
            "a quote inside a quoted cell is written twice"
        ),
    )


def _endless(number: int, line: int) -> TableError:
    message = (
        f"第 {number} 行（文件第 {line} 行）的引号没有结束 / "
        f"row {number} (line {line} of the file): "
        "a quoted cell that runs over line ends is not closed properly, so the rows after it "
        "cannot be told apart; mend the quote and send the whole file again"
    )
    return TableError("file.quote", message)
