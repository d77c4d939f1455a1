"""Reading a workbook in a child process, so that no file can take this one's memory or time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

from adapters.files.errors import TableError

_ROOT: Final = Path(__file__).parents[2]
_LINE_MAX: Final = 64 * 1024 * 1024
"""Bytes of one line of the child; a row has at most 4 Mi characters."""


def bounded_rows(
    path: Path,
    kind: str,
    sheet: str,
    notices: Counter[str],
    *,
    unpacked_max: int,
    cell_max: int,
    memory: int,
    seconds: int,
) -> Generator[tuple[int, list[str]]]:
    """Yield the rows of `_book_rows.book_rows`, or of a web page, read by a child process.

    The child is ended when this generator is closed. A workbook `.xlsx` that takes too much memory
    is read once more without its blank texts (`_blank_cells`): they may reach to the sheet's end.

    Args:
        path: the workbook.
        kind: name of its `_kinds.Kind`.
        sheet: the one to read, or empty for the only one.
        notices: is told, after the last row, what is to be said of them.
        unpacked_max: bytes that its parts may have together.
        cell_max: characters of a cell; a longer one is cut one character after this.
        memory: bytes of address space that the child may have.
        seconds: CPU time that the child may use.

    Raises:
        TableError: what the reader says of the file; `file.memory` or `file.time` where it
            exceeded its bounds.
    """
    bounds = (unpacked_max, cell_max, memory, seconds)
    begun = False
    try:
        for row in _rows(path, kind, sheet, notices, bounds):
            begun = True
            yield row
    except TableError as error:
        if begun or kind != "XLSX" or error.code != "file.memory":
            raise
        yield from _rows(path, "SPARSE", sheet, notices, bounds)


def _rows(
    path: Path, kind: str, sheet: str, notices: Counter[str], bounds: tuple[int, int, int, int]
) -> Generator[tuple[int, list[str]]]:
    """The rows that one child tells."""
    _, _, memory, seconds = bounds
    command = (
        *(sys.executable, "-P", "-m", "adapters.files._book_child"),
        *(str(path.absolute()), kind, sheet, *map(str, bounds)),
    )
    with subprocess.Popen(  # noqa: S603 - our own module; the path is an argument, not a command
        command,
        cwd="/",
        env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            if child.stdout is None:  # pragma: no cover - it was asked for
                return
            while True:
                told = _parsed(child.stdout.readline(_LINE_MAX))
                if isinstance(told, dict):
                    break
                for item in told:
                    yield item[0], item[1]
        finally:
            child.kill()
    if "code" in told:
        raise TableError(told["code"], told["message"])
    if "notices" not in told:
        raise _exceeded(child.returncode, memory, seconds)
    notices.update(told["notices"])


def _parsed(line: bytes) -> list[Any] | dict[str, Any]:
    """A line of the child; an empty object where it ended before its last one."""
    try:
        told: list[Any] | dict[str, Any] = json.loads(line)
    except ValueError:
        return {}
    return told


def _exceeded(status: int, memory: int, seconds: int) -> TableError:
    if status == -signal.SIGXCPU:
        message = (
            f"读取超时 / reading the workbook took more than {seconds} s of computing; "
            "split it, or save it as CSV"
        )
        return TableError("file.time", message)
    message = (
        "读取超出内存限制；名单之下若有空格或格式，请删去这些行 / reading the workbook takes more "
        f"than {memory // 2**20} MiB; delete the rows below the list that look empty (Ctrl+End "
        "shows how far the sheet reaches), split it, or save it as CSV"
    )
    return TableError("file.memory", message)
