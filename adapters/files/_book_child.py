"""The child process in which a workbook is read: `python -m adapters.files._book_child …`.

It bounds itself before it touches the file, may write nothing but its standard output, and leaves
no core file. What it says there is one JSON value a line:

    [[number, [cell, …]], …]               rows, at most `ROWS` and about a mebibyte at once
    {"code": …, "message": …}              the file as a whole cannot be read; the last line
    {"notices": {code: number}}            all rows were told; the last line
"""

from __future__ import annotations

import json
import resource
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from adapters.files.errors import TableError

ROWS: Final = 256
_CHARACTERS: Final = 1024 * 1024


def main(arguments: list[str]) -> None:
    """Read a workbook.

    Arguments: path, kind (`SPARSE`: XLSX, without its blank texts), sheet, unpacked bytes,
    characters of a cell, memory bytes, CPU seconds.
    """
    path, kind, sheet = arguments[:3]
    unpacked, cell, memory, seconds = map(int, arguments[3:])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    notices: Counter[str] = Counter()
    try:
        _tell_rows(_rows(Path(path), kind, sheet, unpacked, cell, notices))
        _tell({"notices": +notices})
    except TableError as error:
        _tell({"code": error.code, "message": str(error)})
    except MemoryError:
        sys.exit(1)
    except BaseException as error:  # noqa: BLE001 - a panic of the reader is no Exception
        message = f"工作簿无法读取 / not a readable workbook ({type(error).__name__})"
        _tell({"code": "file.format", "message": message})


def _rows(
    path: Path, kind: str, sheet: str, unpacked: int, cell: int, notices: Counter[str]
) -> Iterable[tuple[int, list[str]]]:
    # Within the bounds: the reader itself is large.
    if kind == "WEB":
        from adapters.files._web_rows import web_rows  # noqa: PLC0415

        return web_rows(path, cell, notices)
    from dataclasses import replace  # noqa: PLC0415

    from adapters.files import _xls_records, _xlsx_parts  # noqa: PLC0415
    from adapters.files._blank_cells import without_blanks  # noqa: PLC0415
    from adapters.files._book_rows import book_rows  # noqa: PLC0415

    looked = (
        _xls_records.look_through(path)
        if kind == "XLS"
        else _xlsx_parts.look_through(path, unpacked)
    )
    if kind == "SPARSE":
        looked = replace(looked, source=without_blanks(looked.source))
    return book_rows(looked, sheet, cell, notices)


def _tell_rows(rows: Iterable[tuple[int, list[str]]]) -> None:
    waiting: list[Any] = []
    characters = 0
    for item in rows:
        waiting.append(item)
        characters += sum(map(len, item[1])) + len(item[1])
        if len(waiting) == ROWS or characters > _CHARACTERS:
            _tell(waiting)
            waiting, characters = [], 0
    _tell(waiting)


def _tell(value: object) -> None:
    sys.stdout.buffer.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1:])
