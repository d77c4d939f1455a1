"""Rows of a CSV file (RFC 4180) in UTF-8, with or without byte order mark, or in GB 18030.

The encoding is decided once, by the first lines that are not ASCII: UTF-8 if most of them are
UTF-8. A single damaged byte in a UTF-8 file is then that row's fault, instead of turning the whole
file into other characters. Bytes of line ends, commas and quotes never stand inside a character
of either encoding, so a line can be decoded on its own.
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from adapters.files.errors import TableError
from adapters.files.faults import RowFault

_LINE_MAX: Final = 1024 * 1024
"""Bytes of a line, and of all the lines of a row whose cells run over line ends."""
_BUFFER: Final = 1024 * 1024
"""Bytes read at a time: each read lets another thread run, which may take milliseconds."""
_SAMPLE_LINES: Final = 200
_BOM: Final = b"\xef\xbb\xbf"
_NOT_TEXT: Final = (b"\xff\xfe", b"\xfe\xff", b"%PDF", b"PK")


def csv_rows(path: Path) -> Generator[tuple[int, list[str]] | RowFault]:
    """Yield row number and cells of every row, blank rows too.

    Raises:
        TableError: the file is not text, or a quoted cell never ends.
    """
    encoding = _encoding(path)
    with path.open("rb", buffering=_BUFFER) as file:
        lines = _Lines(file, encoding)
        reader = csv.reader(lines, strict=True)
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
            yield _undecodable(number, encoding) if lines.damaged else (number, cells)


class _Lines:
    """Lines of text; `damaged` is set when one of a row's lines could not be decoded."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self.damaged = False
        self._row_bytes = 0
        if file.read(3) != _BOM:
            file.seek(0)

    def begin_row(self) -> None:
        """The next line is the first of a row."""
        self.damaged = False
        self._row_bytes = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(_LINE_MAX + 1)
        if not line:
            raise StopIteration
        self._row_bytes += len(line)
        if self._row_bytes > _LINE_MAX:
            message = f"行过长 / expected rows of at most {_LINE_MAX} bytes; is it a CSV file?"
            raise TableError("file.line-long", message)
        try:
            return line.decode(self._encoding)
        except UnicodeDecodeError:
            self.damaged = True
            # Only so that quotes and commas are still seen; the row's text is never used.
            return line.decode(self._encoding, "replace")


def _encoding(path: Path) -> str:
    utf8 = others = 0
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith(_NOT_TEXT):
            message = "不是 CSV 或 XLSX / expected UTF-8 or GB 18030 text; save it as CSV UTF-8"
            raise TableError("file.format", message)
        if start.startswith(_BOM):
            return "utf-8"
        file.seek(0)
        while utf8 + others < _SAMPLE_LINES:
            line = file.readline(_LINE_MAX + 1)
            if not line:
                break
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                others += 1
            else:
                utf8 += 1
    return "utf-8" if utf8 >= others else "gb18030"


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
