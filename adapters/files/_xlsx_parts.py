"""Parts of an XLSX workbook, looked through before a reader opens it.

Runs in a child process of bounded memory and time (`_book_child`): a workbook is a zip of XML, and
a few kilobytes of it can ask for any amount of either.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from xml.etree import ElementTree as ET

from adapters.files._book_rows import Looked
from adapters.files._formulas import formula
from adapters.files._xlsx_styles import shown_otherwise
from adapters.files.errors import TableError

_PARTS_MAX: Final = 10_000
_CHUNK: Final = 1024 * 1024
_OVERLAP: Final = 4096
"""Bytes of a part looked at again with the next ones, so that nothing hides at a seam."""
_DECLARATION: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?c(?=[\s>])([^<>]*)>\s*<(?:\w+:)?f[\s/>]")
"""A cell whose first element is `f` (ECMA-376 part 1, 18.3.1.4)."""
_REFERENCE: Final = re.compile(rb"\sr=[\"']([A-Z]{1,3}[0-9]{1,7})[\"']")
_ERROR: Final = re.compile(rb"(<(?:\w+:)?c(?=\s)[^<>]*?\st=)([\"'])e\2")
"""A cell that holds an error (`t="e"`), up to its type; the reader gives it as empty."""
_HIDDEN: Final = re.compile(
    rb"<(?:\w+:)?row(?=\s)(?=[^<>]*?\shidden=[\"'](?:1|true)[\"'])"
    rb"[^<>]*?\sr=[\"']([0-9]{1,7})[\"']"
)
"""A row that is hidden, by hand or by a filter, and its number."""
_BY_NAME: Final = frozenset({".xls", ".xla", ".xlsb", ".ods", ".ot"})
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_SAVE: Final = "用 Excel 或 WPS 另存为 .xlsx / save it as .xlsx"
_OTHERS: Final = (
    ("xl/workbook.bin", f"二进制工作簿 .xlsb / a binary workbook: {_SAVE}"),
    ("word/document.xml", "Word 文档，不是表格，请提供原始表格 / a Word document, no table"),
    ("content.xml", f"OpenDocument 文件 / an OpenDocument file: {_SAVE}"),
    ("OFD.xml", "OFD 文件，不是表格，请提供原始表格 / an OFD document, no table"),
)
"""Zips that are no such workbook, by a part of each."""


@dataclass(slots=True)
class _Seen:
    """What was seen in the parts so far."""

    left: int
    errors: bool = False
    hidden: dict[str, set[int]] | None = None


def look_through(path: Path, unpacked_max: int) -> Looked:
    """Unpack every part once, and say what is in it that a reader does not tell.

    Args:
        path: the workbook.
        unpacked_max: bytes of all its parts together.

    Raises:
        TableError: not a workbook, too large, with formulas or declarations of its own.
    """
    has_errors, hidden = _check_parts(path, unpacked_max)
    source: Path | bytes = path
    if has_errors:
        source = _with_errors_as_text(path).getvalue()
    elif path.suffix.lower() in _BY_NAME:
        source = path.read_bytes()  # the reader would go by the name
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = _sheets(archive)
            shown = shown_otherwise(archive, sheets)
    except ET.ParseError as error:
        message = f"文件损坏 / not a whole .xlsx file ({error}); send it again"
        raise TableError("file.format", message) from error
    return Looked(
        source=source,
        hidden={name: frozenset(hidden[part]) for part, name in sheets.items() if part in hidden},
        shown={name: shown[part] for part, name in sheets.items() if part in shown},
    )


def _with_errors_as_text(path: Path) -> io.BytesIO:
    """Return the workbook with its error cells as texts, which the reader does not lose (F24)."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(made, "w") as copy:
        for part in archive.infolist():
            data = archive.read(part)
            if _is_sheet(part):
                data = _ERROR.sub(rb"\1\2str\2", data)
            copy.writestr(part.filename, data)
    made.seek(0)
    return made


def _has_error(seen: bytes) -> bool:
    if b't="e"' not in seen and b"t='e'" not in seen:
        return False  # nearly always, and several times faster than the whole pattern
    return _ERROR.search(seen) is not None


def _is_sheet(part: zipfile.ZipInfo) -> bool:
    return part.filename.lower().endswith(".xml")


def _check_parts(path: Path, unpacked_max: int) -> tuple[bool, dict[str, set[int]]]:
    """Unpack every part once, believing no size that the file states of itself.

    Returns:
        Whether there are cells that hold errors, and the hidden rows of each part.
    """
    seen = _Seen(left=unpacked_max)
    hidden: dict[str, set[int]] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > _PARTS_MAX:
                message = f"文件过大 / expected at most {_PARTS_MAX} parts, got {len(parts)}"
                raise TableError("file.size", message)
            if sum(part.file_size for part in parts) > unpacked_max:
                raise _too_large(unpacked_max)
            _check_kind({part.filename for part in parts})
            for part in parts:
                rows = _check_part(archive, part, seen, unpacked_max)
                if rows:
                    hidden[part.filename] = rows
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        message = f"文件损坏 / not a whole .xlsx file ({error}); send it again"
        raise TableError("file.format", message) from error
    return seen.errors, hidden


def _check_kind(names: set[str]) -> None:
    """See that a zip is not something else that people send."""
    for mark, text in _OTHERS:
        if mark in names:
            raise TableError("file.format", f"不能读取：{text}")
    if names and "[Content_Types].xml" not in names and "xl/workbook.xml" not in names:
        message = "不能读取：zip 压缩文件，请先解压 / a zip archive: unpack it, and send each table"
        raise TableError("file.format", message)


def _check_part(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, seen: _Seen, unpacked_max: int
) -> set[int]:
    """Look through a part; its hidden rows."""
    end = b""
    hidden: set[int] = set()
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            seen.left -= len(chunk)
            if seen.left < 0:
                raise _too_large(unpacked_max)
            text = end + chunk
            if b"<!" in text and _DECLARATION.search(text):
                message = (
                    "工作簿含有实体声明 / the workbook declares entities, which no spreadsheet "
                    "program writes; save it again as .xlsx"
                )
                raise TableError("file.format", message)
            if (b"<f" in text or b":f" in text) and (found := _FORMULA.search(text)):
                place = _REFERENCE.search(found[1])
                raise formula(place[1].decode() if place else "")
            if _is_sheet(part):
                seen.errors = seen.errors or _has_error(text)
                if b"hidden=" in text:
                    hidden.update(map(int, _HIDDEN.findall(text)))
            end = text[-_OVERLAP:]
    return hidden


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Names of the sheets by their parts; none where the parts do not say which it is."""
    try:
        # No part declares entities (`_check_part`), so that parsing makes nothing larger.
        book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
        related = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ET.ParseError):
        return {}
    targets = {one.get("Id"): one.get("Target", "") for one in related}
    found: dict[str, str] = {}
    for one in book.iter():
        if one.tag.rpartition("}")[2] == "sheet":
            target = targets.get(one.get(_RELATION) or one.get(_STRICT), "")
            part = (
                target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl", target))
            )
            found[part] = one.get("name", "")
    return found


def _too_large(unpacked_max: int) -> TableError:
    message = f"文件过大 / expected at most {unpacked_max} bytes unpacked; split it"
    return TableError("file.size", message)
