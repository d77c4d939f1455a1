"""What a file is, by its first bytes and not by its name (F42).

Tables come as text, as workbooks of two kinds, and as web pages that a system calls `.xls`. What
else people send is named in one sentence, with the way to make a table of it.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from pathlib import Path
from typing import Final

from adapters.files.errors import TableError

_START: Final = 4096
_SAVE: Final = (
    "用 Excel 或 WPS 打开后另存为 .xlsx 或 CSV UTF-8 / open it and save it as .xlsx or CSV"
)
_ASK: Final = "不是表格，请提供原始表格 / no table: ask for the one that it was made of"
_BY_MAGIC: Final = (
    (
        b"%PDF",
        f"PDF 文件 / a PDF, {_ASK}",
    ),
    (b"{\\rtf", f"RTF 文档 / an RTF document, {_ASK}"),
    (b"\x1f\x8b", "gzip 压缩文件，请先解压 / compressed with gzip: unpack it"),
    (b"PK\x05\x06", "空的 zip 压缩文件 / an empty zip archive: send the table"),
    (b"Rar!", "RAR 压缩文件，请先解压 / a RAR archive: unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩文件，请先解压 / a 7z archive: unpack it"),
    (b"\x89PNG", f"图片 / an image, {_ASK}"),
    (b"\xff\xd8\xff", f"图片 / an image, {_ASK}"),
    (b"GIF8", f"图片 / an image, {_ASK}"),
    (b"SQLite format 3", "SQLite 数据库，请导出为 CSV / a database of SQLite: export it as CSV"),
    *(
        (bytes([9, version]), f"Excel 4 或更早的工作簿 / a workbook of Excel 4 or before: {_SAVE}")
        for version in (0, 2, 4)
    ),
)
_BY_TEXT: Final = (
    (b'progid="excel.sheet"', f"XML 电子表格 / an XML spreadsheet: {_SAVE}"),
    (
        b"urn:schemas-microsoft-com:office:spreadsheet",
        f"XML 电子表格 / an XML spreadsheet: {_SAVE}",
    ),
    (b"content-type: multipart/related", f"网页存档（MHTML） / a web archive: {_SAVE}"),
)
_JSON: Final = re.compile(rb"\s*[\[{][\s\[]*(?:\{\s*)?\"[^\"]{0,200}\"\s*:")
_WEB: Final = (b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<body")


class Kind(Enum):
    """Kinds of files that are read."""

    TEXT = auto()
    XLSX = auto()
    XLS = auto()
    WEB = auto()


def kind_of(path: Path) -> Kind:
    """Return what a file is.

    Raises:
        TableError: `file.empty`, or `file.format` for what is no table.
    """
    with path.open("rb") as file:
        start = file.read(_START)
    if not start:
        raise TableError("file.empty", "文件为空 / expected a table, got an empty file")
    if start.startswith(b"PK\x03\x04"):
        return Kind.XLSX
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Kind.XLS
    for magic, text in _BY_MAGIC:
        if start.startswith(magic):
            raise _no_table(text)
    plain = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    for mark, text in _BY_TEXT:
        if mark in plain:
            raise _no_table(text)
    return _kind_of_text(plain)


def _kind_of_text(plain: bytes) -> Kind:
    """What a text is, by its beginning in small letters."""
    if plain.startswith(_WEB) or (plain.startswith(b"<?xml") and b"<html" in plain):
        return Kind.WEB
    if plain.startswith(b"<?xml"):
        raise _no_table(f"XML 文件 / XML: {_SAVE}")
    if _JSON.match(plain):
        raise _no_table("JSON 文件，请另存为 .xlsx 或 CSV UTF-8 / JSON: save it as .xlsx or CSV")
    return Kind.TEXT


def _no_table(text: str) -> TableError:
    return TableError("file.format", f"不能读取：{text}")
