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
from adapters.files.errors import TableError

_FORMULAS: Final = frozenset({0x0006, 0x0206, 0x0406, 0x0221, 0x04BC})
_PASSWORD: Final = 0x002F
_SHEET: Final = 0x0085
_ROW: Final = 0x0208
_ERROR: Final = 0x0205
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
    sheet = ""
    for at, kind, body in _records(stream):
        sheet = names.get(at, sheet)
        if kind == _PASSWORD:
            raise _locked()
        if kind in _FORMULAS:
            message = (
                "单元格含有公式 / a cell holds a formula, of which the file may show another "
                "value than it computes; paste the values and send it again"
            )
            raise TableError("file.formula", message)
        if kind == _SHEET and len(body) > 8:
            names[struct.unpack_from("<I", body)[0]] = _name(body)
        elif kind == _ROW and len(body) >= 16 and body[12] & _HIDDEN:
            hidden.setdefault(sheet, set()).add(struct.unpack_from("<H", body)[0] + 1)
        elif kind == _ERROR and len(body) >= 8 and body[7]:
            row, column = struct.unpack_from("<HH", body)
            found = errors.setdefault(sheet, {})
            found[row + 1, column] = _ERRORS.get(body[6], "#N/A")
    return Looked(
        source=data,
        hidden={name: frozenset(rows) for name, rows in hidden.items()},
        errors=errors,
    )


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
