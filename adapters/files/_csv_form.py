"""How a text file is a table: encoding, line ends, and what stands between its cells (F42).

The encoding is decided once, by the first lines that are not ASCII: UTF-8 if most of them are
UTF-8, else GB 18030; UTF-16 by its byte order mark, or by the zero bytes that no other has. What
stands between the cells is what parts most of the first lines into the same number of them; of two
the one that people use rather (comma, tab, semicolon, bar, full-width comma), unless a first line
`sep=;` says it.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.files.errors import TableError

LINE_MAX: Final = 1024 * 1024
"""Bytes of a line, and of all the lines of a row whose cells run over line ends."""
_SAMPLE_LINES: Final = 200
_SAMPLE: Final = 64 * 1024
_FORM_LINES: Final = 40
BOM: Final = b"\xef\xbb\xbf"
_FULL_WIDTH: Final = ("，", "；")
_BETWEEN: Final = (",", "\t", ";", "|", *_FULL_WIDTH)
_LONG_WORDS: Final = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
"""Byte order marks of UTF-32."""
_WIDE: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a text file is read."""

    encoding: str
    """Of each line; `utf-16-le` and `utf-16-be` are of the file as a whole."""
    skip: int
    """Bytes of its byte order mark."""
    returns: bool
    """Whether lines end with a carriage return alone."""
    between: str
    """The character between cells."""

    @property
    def exact(self) -> bool:
        """Whether the character between cells also stands in texts.

        Then a row of another width than the header is none.
        """
        return self.between in _FULL_WIDTH

    @property
    def streamed(self) -> bool:
        """Whether it is decoded as a whole, and not line by line."""
        return self.returns or self.encoding.startswith("utf-16")


def form_of(path: Path) -> Form:
    """Look at the beginning of a file.

    Raises:
        TableError: it is no text.
    """
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
    if start.startswith(_LONG_WORDS):
        message = "UTF-32 编码，请另存为 CSV UTF-8 / text in UTF-32: save it as CSV UTF-8"
        raise TableError("file.format", message)
    wide = _WIDE.get(start[:2]) or _wide_without_mark(start)
    if wide:
        skip = 2 if start[:2] in _WIDE else 0
        text = start[skip:].decode(wide, "replace")
        encoding = wide
    else:
        if b"\0" in start and not _is_utf8(start):
            raise not_text()
        encoding = _encoding(path)
        skip = len(BOM) if start.startswith(BOM) else 0
        text = start[skip:].decode(encoding, "replace")
    returns = "\r" in text and "\n" not in text
    return Form(
        encoding=encoding,
        skip=skip,
        returns=returns,
        between=_between(text, "\r" if returns else "\n"),
    )


def not_text() -> TableError:
    """The error of a file that is neither text nor a workbook."""
    message = (
        "不是表格文本，也不是工作簿 / neither a workbook nor text in UTF-8, GB 18030 or UTF-16; "
        "save it as .xlsx or as CSV UTF-8"
    )
    return TableError("file.format", message)


def _wide_without_mark(start: bytes) -> str:
    """UTF-16 by the half of its bytes that are zero wherever a letter, digit or comma stands."""
    zeros = (start[0::2].count(0), start[1::2].count(0))
    few, many = sorted(zeros)  # a few characters, as 一, have a zero in the other half
    if many <= 2 * few or (_is_utf8(start) and 4 * many < len(start)):
        return ""
    encoding = "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    text = start[: len(start) // 2 * 2].decode(encoding, "replace")
    return encoding if text.count("\ufffd") <= 1 and {"\n", "\r"} & set(text) else ""


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _encoding(path: Path) -> str:
    utf8 = others = 0
    with path.open("rb") as file:
        if file.read(len(BOM)) == BOM:
            return "utf-8"
        file.seek(0)
        while utf8 + others < _SAMPLE_LINES:
            line = file.readline(LINE_MAX + 1)
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


def _between(text: str, end: str) -> str:
    """The character between cells, by the first lines."""
    lines = text.split(end)[: _FORM_LINES + 1]
    if len(lines) > 1 and len(text) >= _SAMPLE // 4:
        lines.pop()  # may be cut off
    first = lines[0].strip().strip('"')
    if first.lower().startswith("sep=") and len(first) == len("sep=") + 1:
        return first[-1]
    best, most = ",", (0, 0)
    for char in _BETWEEN:
        widths = Counter(
            width for line in lines if line.strip() and (width := _cells(line, char)) > 1
        )
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        if (count, width) > most and (count > most[0] or width >= 2 * most[1]):
            best, most = char, (count, width)
    return best


def _cells(line: str, char: str) -> int:
    try:
        return len(next(csv.reader(io.StringIO(line), delimiter=char), []))
    except csv.Error:
        return line.count(char) + 1
