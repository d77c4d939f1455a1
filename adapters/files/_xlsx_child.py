"""The child process in which a workbook is read: `python -m adapters.files._xlsx_child …`.

It bounds itself before it touches the file, may write nothing but its standard output, and leaves
no core file. What it says there is one JSON value a line:

    [[number, [cell, …]] | {fault}, …]     rows, at most `ROWS` and about a mebibyte at once
    {"code": …, "message": …}              the file as a whole cannot be read; the last line
    {"end": true}                          all rows were told; the last line
"""

from __future__ import annotations

import dataclasses
import json
import resource
import sys
from pathlib import Path
from typing import Any, Final

from adapters.files.errors import TableError
from adapters.files.faults import RowFault

ROWS: Final = 256
_CHARACTERS: Final = 1024 * 1024


def main(arguments: list[str]) -> None:
    """Read a workbook: path, unpacked bytes, characters of a cell, memory bytes, CPU seconds."""
    unpacked, cell, memory, seconds = map(int, arguments[1:])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        _tell_rows(Path(arguments[0]), unpacked, cell)
        _tell({"end": True})
    except TableError as error:
        _tell({"code": error.code, "message": str(error)})
    except MemoryError:
        sys.exit(1)
    except BaseException as error:  # noqa: BLE001 - a panic of the reader is no Exception
        message = f"工作簿无法读取 / not a readable workbook ({type(error).__name__})"
        _tell({"code": "file.format", "message": message})


def _tell_rows(path: Path, unpacked: int, cell: int) -> None:
    # Within the bounds: the reader itself is large.
    from adapters.files._xlsx_rows import xlsx_rows  # noqa: PLC0415

    waiting: list[Any] = []
    characters = 0
    for item in xlsx_rows(path, unpacked, cell):
        if isinstance(item, RowFault):
            waiting.append(dataclasses.asdict(item))
        else:
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
