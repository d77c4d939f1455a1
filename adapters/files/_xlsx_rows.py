"""Rows of the one visible sheet of an XLSX workbook, numbers and dates as undamaged text.

Runs in a child process of bounded memory and time (`_xlsx_child`): a workbook is a zip of XML, and
a few kilobytes of it can ask for any amount of either.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import Final

import python_calamine as calamine

from adapters.files.errors import TableError
from adapters.files.faults import RowFault

COLUMNS_MAX: Final = 16_384
"""The most columns that a spreadsheet has."""
ROW_CHARACTERS_MAX: Final = 4 * 1024 * 1024
_PARTS_MAX: Final = 10_000
_CHUNK: Final = 1024 * 1024
_OVERLAP: Final = 4096
"""Bytes of a part looked at again with the next ones, so that nothing hides at a seam."""
_DECLARATION: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?c(?=[\s>])[^<>]*>\s*<(?:\w+:)?f[\s/>]")
"""A cell whose first element is `f` (ECMA-376 part 1, 18.3.1.4)."""
_ERROR: Final = re.compile(rb"(<(?:\w+:)?c(?=\s)[^<>]*?\st=)([\"'])e\2")
"""A cell that holds an error (`t="e"`), up to its type; the reader gives it as empty."""
_EXACT: Final = 10**15
"""A spreadsheet keeps 15 digits of a number: from here on the last ones may be lost, and an
18-digit code typed into a number cell is not the code any more."""

_Value = int | float | str | bool | dt.time | dt.date | dt.timedelta


def xlsx_rows(
    path: Path, unpacked_max: int, cell_max: int
) -> Generator[tuple[int, list[str]] | RowFault]:
    """Yield row number (as the spreadsheet shows it) and cells of every row, blank rows too.

    Row 0, which no spreadsheet has, comes first: its one cell is the name of the worksheet.

    Args:
        path: the workbook.
        unpacked_max: bytes of all its parts together.
        cell_max: a longer cell is cut one character after this.

    Raises:
        TableError: not a workbook, too large, with formulas or declarations of its own, or not
            exactly one visible sheet with content.
    """
    has_errors = _check_parts(path, unpacked_max)
    try:
        workbook = (
            calamine.CalamineWorkbook.from_filelike(_with_errors_as_text(path))
            if has_errors
            else calamine.CalamineWorkbook.from_path(path)
        )
        sheet = _only_sheet(workbook)
    except (calamine.CalamineError, calamine.PasswordError) as error:
        message = f"工作簿无法读取 / not a readable workbook ({error}); save it again as .xlsx"
        raise TableError("file.format", message) from error
    if sheet.total_width > COLUMNS_MAX:
        message = f"列数过多 / expected at most {COLUMNS_MAX} columns, got {sheet.total_width}"
        raise TableError("header.columns", message)
    yield 0, [sheet.name]
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells: list[str] = []
        fault: RowFault | None = None
        for value in values:
            if type(value) is str:
                cells.append(value if len(value) <= cell_max else value[: cell_max + 1])
            elif type(value) is float and abs(value) >= _EXACT:
                fault = _damaged(number, len(cells))
                break
            else:
                cells.append(_text(value))
        if sum(map(len, cells)) > ROW_CHARACTERS_MAX:
            message = f"行过长 / expected at most {ROW_CHARACTERS_MAX} characters in row {number}"
            raise TableError("file.line-long", message)
        yield fault or (number, cells)


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


def _check_parts(path: Path, unpacked_max: int) -> bool:
    """Unpack every part once, believing no size that the file states of itself.

    Returns:
        Whether there are cells that hold errors.
    """
    left = unpacked_max
    errors = False
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > _PARTS_MAX:
                message = f"文件过大 / expected at most {_PARTS_MAX} parts, got {len(parts)}"
                raise TableError("file.size", message)
            if sum(part.file_size for part in parts) > unpacked_max:
                raise _too_large(unpacked_max)
            for part in parts:
                left, found = _check_part(archive, part, left, unpacked_max)
                errors |= found
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        message = f"文件损坏 / not a whole .xlsx file ({error}); send it again"
        raise TableError("file.format", message) from error
    return errors


def _check_part(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int, unpacked_max: int
) -> tuple[int, bool]:
    """Look through a part.

    Returns:
        How many bytes the other parts may still have, and whether it has cells with errors.
    """
    end = b""
    errors = False
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise _too_large(unpacked_max)
            seen = end + chunk
            if b"<!" in seen and _DECLARATION.search(seen):
                message = (
                    "工作簿含有实体声明 / the workbook declares entities, which no spreadsheet "
                    "program writes; save it again as .xlsx"
                )
                raise TableError("file.format", message)
            if (b"<f" in seen or b":f" in seen) and _FORMULA.search(seen):
                message = (
                    "单元格含有公式 / a cell holds a formula, of which the file may show another "
                    "value than it computes; paste the values and send it again"
                )
                raise TableError("file.formula", message)
            errors = errors or (_is_sheet(part) and _has_error(seen))
            end = seen[-_OVERLAP:]
    return left, errors


def _too_large(unpacked_max: int) -> TableError:
    message = f"文件过大 / expected at most {unpacked_max} bytes unpacked; split it"
    return TableError("file.size", message)


def _only_sheet(workbook: calamine.CalamineWorkbook) -> calamine.CalamineSheet:
    visible = calamine.SheetVisibleEnum.Visible
    names = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible == visible]
    sheets = [sheet for name in names if (sheet := workbook.get_sheet_by_name(name)).height]
    if len(sheets) != 1:
        message = (
            f"应只有一个有内容的工作表 / expected one visible sheet with content, "
            f"got {len(sheets)}; delete or hide the others"
        )
        raise TableError("file.sheets", message)
    return sheets[0]


def _text(value: _Value) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _damaged(number: int, at: int) -> RowFault:
    column = ""
    rest = at + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        column = chr(ord("A") + letter) + column
    return RowFault(
        row=number,
        column=column,
        code="cell.damaged-number",
        value="",
        expected="text",
        message=(
            "长数字以数值存储，末位已丢失 / a number of more than 15 digits in a number cell has "
            "lost its last digits; format the column as text and enter it again"
        ),
    )
