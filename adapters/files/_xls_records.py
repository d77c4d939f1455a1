"""Records of an older workbook (BIFF 5 to 8), looked through before a reader opens it.

Runs in the child process of `_book_child`. The reader tells values of cells only: a password, a
formula, an error and a hidden row are seen here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from adapters.files._book_rows import Looked
from adapters.files._compound import Compound
from adapters.files._formulas import formula
from adapters.files._shown_cells import STRUCK, shows
from adapters.files.errors import TableError

_FORMULAS: Final = frozenset({0x0006, 0x0206, 0x0406, 0x0221, 0x04BC})
_PASSWORD: Final = 0x002F
_SHEET: Final = 0x0085
_ROW: Final = 0x0208
_ERROR: Final = 0x0205
_FONT, _FORMAT, _STYLE = 0x0031, 0x041E, 0x00E0
_STYLES: Final = frozenset({_FONT, _FORMAT, _STYLE})
_CELLS: Final = frozenset({0x0203, 0x0204, 0x027E, 0x00FD, 0x00D6})
"""Records of one cell: NUMBER, LABEL, RK, LABELSST, RSTRING."""
_NUMBERS: Final = 0x00BD
_NO_FONT: Final = 4
"""The number that no font has: those after it are counted one too high."""
_LINE: Final = 0x0008
_HIDDEN: Final = 0x20
_ERRORS: Final = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


def look_through(path: Path) -> Looked:
    """Say what is in an older workbook that a reader does not tell.

    Raises:
        TableError: no such workbook, one with a password, or with formulas.
    """
    data = path.read_bytes()
    file = Compound(data)
    if "encryptedpackage" in file.names:
        raise _locked()
    stream = file.stream("Workbook") or file.stream("Book")
    if stream is None:
        message = (
            "不能读取：不是工作簿（可能是旧版 Word 文档），请提供表格 / "
            "no workbook, perhaps a Word document: send the table"
        )
        raise TableError("file.format", message)
    return _looked(data, stream)


def _looked(data: bytes, stream: bytes) -> Looked:
    names: dict[int, str] = {}
    hidden: dict[str, set[int]] = {}
    errors: dict[str, dict[tuple[int, int], str]] = {}
    shown: dict[str, dict[tuple[int, int], str]] = {}
    styles = _Styles()
    sheet = ""
    for at, kind, body in _records(stream):
        sheet = names.get(at, sheet)
        if kind == _PASSWORD:
            raise _locked()
        if kind in _FORMULAS:
            raise formula(_place(body))
        if kind == _SHEET and len(body) > 8:
            names[struct.unpack_from("<I", body)[0]] = _name(body)
        elif kind == _ROW and len(body) >= 16 and body[12] & _HIDDEN:
            hidden.setdefault(sheet, set()).add(struct.unpack_from("<H", body)[0] + 1)
        elif kind == _ERROR and len(body) >= 8 and body[7]:
            row, column = struct.unpack_from("<HH", body)
            found = errors.setdefault(sheet, {})
            found[row + 1, column] = _ERRORS.get(body[6], "#N/A")
        elif kind in _STYLES:
            styles.take(kind, body)
        else:
            for row, column, style in _cells(kind, body):
                if told := styles.told(style):
                    shown.setdefault(sheet, {})[row + 1, column] = told
    return Looked(
        source=data,
        hidden={name: frozenset(rows) for name, rows in hidden.items()},
        errors=errors,
        shown=shown,
    )


class _Styles:
    """What the styles of cells show, as their records came (F61)."""

    def __init__(self) -> None:
        self._struck: list[bool] = []
        self._codes: dict[int, str] = {}
        self._styles: list[tuple[int, int]] = []

    def take(self, kind: int, body: bytes) -> None:
        """Take a record of a font, a format or a style."""
        if kind == _FONT and len(body) >= 4:
            self._struck.append(bool(struct.unpack_from("<H", body, 2)[0] & _LINE))
        elif kind == _FORMAT and len(body) >= 5:
            self._codes[struct.unpack_from("<H", body)[0]] = _text(body[2:])
        elif kind == _STYLE and len(body) >= 4:
            self._styles.append(struct.unpack_from("<HH", body))

    def told(self, style: int) -> str:
        """What a style shows of a value, as `_shown_cells.shows`; empty where it is the value."""
        if style >= len(self._styles):
            return ""
        font, number = self._styles[style]
        at = font - (font > _NO_FONT)
        if font != _NO_FONT and at < len(self._struck) and self._struck[at]:
            return STRUCK
        return shows(number, self._codes.get(number, ""))


def _cells(kind: int, body: bytes) -> Iterator[tuple[int, int, int]]:
    """Row, column and style of each cell of a record."""
    if kind in _CELLS and len(body) >= 6:
        row, column, style = struct.unpack_from("<HHH", body)
        yield row, column, style
    elif kind == _NUMBERS and len(body) >= 12:
        row, column = struct.unpack_from("<HH", body)
        for more, at in enumerate(range(4, len(body) - 7, 6)):
            yield row, column + more, struct.unpack_from("<H", body, at)[0]


def _text(body: bytes) -> str:
    """A text with its length before it: of two bytes (BIFF 8), else of one."""
    length = struct.unpack_from("<H", body)[0]
    if len(body) == 3 + length * (1 + (body[2] & 1)):
        return body[3:].decode("utf-16-le" if body[2] & 1 else "latin-1", "replace")
    return body[1 : 1 + body[0]].decode("gb18030", "replace")


def _place(body: bytes) -> str:
    """Where the cell of a record stands, as `B5`; empty where it does not say."""
    if len(body) < 4:
        return ""
    row, column = struct.unpack_from("<HH", body)
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(ord("A") + letter) + name
    return f"{name}{row + 1}"


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Place, kind and body of each record."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _name(body: bytes) -> str:
    """The name of a sheet: one byte a character (BIFF 5, compressed) or two."""
    length, wide = body[6], body[7] & 1
    if body[7] > 1:  # BIFF 5: no flags, the name begins here
        return body[7 : 7 + length].decode("gb18030", "replace")
    return body[8 : 8 + length * (2 if wide else 1)].decode(
        "utf-16-le" if wide else "latin-1", "replace"
    )


def _locked() -> TableError:
    message = (
        "工作簿有密码，请去掉密码后另存 / the workbook has a password: save it again without one"
    )
    return TableError("file.format", message)
