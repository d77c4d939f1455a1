"""Rows of the tables of a web page, as many systems export them under the name `.xls`.

Runs in the child process of `_book_child`. All tables of the page are read as one, row after row:
what stands above and below a list is often a table of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from adapters.files._cells import STRUCK
from adapters.files._formulas import formula
from adapters.files.errors import TableError

_CHUNK: Final = 64 * 1024
_START: Final = 4096
_CHARSET: Final = re.compile(rb"charset=[\"']?\s*([A-Za-z0-9_-]{2,20})")
_CHINESE: Final = frozenset({"gb2312", "gbk", "gb18030", "cp936", "gb_2312-80"})
_COLUMNS_MAX: Final = 16_384
_CHARACTERS_MAX: Final = 4 * 1024 * 1024
_SPAN_MAX: Final = 65_534
_QUIET: Final = frozenset({"style", "script", "title", "xml"})
_LINES: Final = frozenset({"s", "strike", "del"})
_GRID: Final = frozenset({"table", "tr", "td", "th"})
_LINE: Final = re.compile(r"text-decoration[^;]*line-through", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)


def web_rows(path: Path, cell_max: int, notices: Counter[str]) -> Generator[tuple[int, list[str]]]:
    """Yield the number of each row, counted over all tables, and its cells.

    Args:
        path: the page.
        cell_max: a longer cell is cut one character after this.
        notices: counts what is to be said of the rows.

    Raises:
        TableError: it is no text, has formulas, or rows out of bounds.
    """
    yield 0, ["", ""]
    reader = _Reader(cell_max, notices)
    number = 0
    with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
        while True:
            chunk = file.read(_CHUNK)
            if chunk:
                reader.feed(chunk)
            else:
                reader.close()
                reader.end()
            for cells in reader.rows:
                number += 1
                if any(cells):
                    yield number, cells
            reader.rows.clear()
            if not chunk:
                return


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(_START)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if start.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    said = _CHARSET.search(start)
    name = said[1].decode("ascii").lower() if said else ""
    if name in _CHINESE:
        return "gb18030"
    return "utf-8" if name.startswith("utf") or _is_utf8(path) else "gb18030"


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(_CHUNK):
                pass
    except UnicodeDecodeError:
        return False
    return True


class _Reader(HTMLParser):
    """Collects rows as they end."""

    def __init__(self, cell_max: int, notices: Counter[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._cell_max = cell_max
        self._notices = notices
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._depth = 0
        """Of tables within a cell, whose text is that cell's."""
        self._quiet = 0
        self._span = 1
        self._down = 1
        self._hidden = False
        self._row_struck = False
        self._struck = False
        """Whether a part of the cell at hand is struck through (F61)."""
        self._below: dict[int, tuple[int, str]] = {}
        """Columns in which a cell reaches down: how many rows more, and its value."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See `HTMLParser`."""
        given = dict(attrs)
        if "x:fmla" in given:
            raise formula()
        line = tag in _LINES or _LINE.search(given.get("style") or "") is not None
        self._struck = self._struck or (line and tag not in _GRID)
        if tag in _QUIET:
            self._quiet += 1
        elif tag == "table" and self._cell is not None:
            self._depth += 1
        elif self._depth:
            return
        elif tag == "table":
            self._below.clear()
        elif tag == "tr":
            self._end_row()
            self._row = []
            self._row_struck = line
            self._hidden = _HIDDEN.search(given.get("style") or "") is not None
        elif tag in ("td", "th"):
            self._end_cell()
            self._row = [] if self._row is None else self._row
            self._cell = []
            self._struck = line or self._row_struck
            self._span = _span(given.get("colspan"))
            self._down = _span(given.get("rowspan"))
        elif tag in ("br", "p", "div") and self._cell:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """See `HTMLParser`."""
        if tag in _QUIET:
            self._quiet = max(0, self._quiet - 1)
        elif tag == "table" and self._depth:
            self._depth -= 1
        elif self._depth:
            return
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        """See `HTMLParser`."""
        if self._cell is not None and not self._quiet:
            self._cell.append(data)

    def end(self) -> None:
        """The page ended."""
        self._depth = 0
        self._end_row()

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        text = "\n".join(" ".join(line.split()) for line in "".join(self._cell).split("\n"))
        text = text.strip()[: self._cell_max + 1]
        text = STRUCK if text and self._struck else text
        self._cell = None
        self._reach()
        if self._down > 1:
            self._below[len(self._row)] = (self._down - 1, text)
        self._row += [text, *[""] * (self._span - 1)]
        if len(self._row) > _COLUMNS_MAX:
            message = f"列数过多 / expected at most {_COLUMNS_MAX} columns, got {len(self._row)}"
            raise TableError("header.columns", message)

    def _reach(self) -> None:
        """Put what reaches down from rows above where the row has got to."""
        row = self._row
        while row is not None and (below := self._below.get(len(row))) is not None:
            left, text = below
            if left > 1:
                self._below[len(row)] = (left - 1, text)
            else:
                del self._below[len(row)]
            row.append(text)
            self._notices["cell.merged"] += bool(text)

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is None:
            return
        self._reach()
        if sum(map(len, self._row)) > _CHARACTERS_MAX:
            message = f"行过长 / expected at most {_CHARACTERS_MAX} characters in a row"
            raise TableError("file.line-long", message)
        self._notices["row.hidden"] += self._hidden and any(self._row)
        self.rows.append(self._row)
        self._row = None


def _span(text: str | None) -> int:
    if not (text and text.isascii() and text.isdigit()) or len(text) > 5:
        return 1
    return min(max(1, int(text)), _SPAN_MAX)
