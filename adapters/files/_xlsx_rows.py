"""Rows of the one visible sheet of an XLSX workbook, numbers and dates as undamaged text."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import Final

import python_calamine as calamine

from adapters.files.errors import TableError
from adapters.files.faults import RowFault

_EXACT: Final = 10**15
"""A spreadsheet keeps 15 digits of a number: from here on the last ones may be lost, and an
18-digit code typed into a number cell is not the code any more."""

_Value = int | float | str | bool | dt.time | dt.date | dt.timedelta


def xlsx_rows(path: Path, unpacked_max: int) -> Generator[tuple[int, list[str]] | RowFault]:
    """Yield row number (as the spreadsheet shows it) and cells of every row, blank rows too.

    Raises:
        TableError: not a workbook, too large, or not exactly one visible sheet with content.
    """
    _check_size(path, unpacked_max)
    try:
        workbook = calamine.CalamineWorkbook.from_path(path)
        sheet = _only_sheet(workbook)
    except (calamine.CalamineError, calamine.PasswordError) as error:
        message = f"工作簿无法读取 / not a readable workbook ({error}); save it again as .xlsx"
        raise TableError("file.format", message) from error
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells: list[str] = []
        fault: RowFault | None = None
        for value in values:
            if type(value) is str:
                cells.append(value)
            elif type(value) is float and abs(value) >= _EXACT:
                fault = _damaged(number, len(cells))
                break
            else:
                cells.append(_text(value))
        yield fault or (number, cells)


def _check_size(path: Path, unpacked_max: int) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        message = f"文件损坏 / not a whole .xlsx file ({error}); send it again"
        raise TableError("file.format", message) from error
    if size > unpacked_max:
        message = f"文件过大 / expected at most {unpacked_max} bytes unpacked, got {size}"
        raise TableError("file.size", message)


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
