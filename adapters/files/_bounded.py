"""Reading a workbook in a child process, so that no file can take this one's memory or time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

from adapters.files.errors import TableError
from adapters.files.faults import RowFault

_ROOT: Final = Path(__file__).parents[2]
_LINE_MAX: Final = 64 * 1024 * 1024
"""Bytes of one line of the child; a row has at most 4 Mi characters."""


def bounded_xlsx_rows(
    path: Path, *, unpacked_max: int, cell_max: int, memory: int, seconds: int
) -> Generator[tuple[int, list[str]] | RowFault]:
    """Yield the rows of `_xlsx_rows.xlsx_rows`, read by a child process.

    The child is ended when this generator is closed.

    Args:
        path: the workbook.
        unpacked_max: bytes that its parts may have together.
        cell_max: characters of a cell; a longer one is cut one character after this.
        memory: bytes of address space that the child may have.
        seconds: CPU time that the child may use.

    Raises:
        TableError: what the reader says of the file; `file.memory` or `file.time` where it
            exceeded its bounds.
    """
    bounds = (unpacked_max, cell_max, memory, seconds)
    command = (
        *(sys.executable, "-P", "-m", "adapters.files._xlsx_child"),
        *(str(path.absolute()), *map(str, bounds)),
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
                    yield RowFault(**item) if isinstance(item, dict) else (item[0], item[1])
        finally:
            child.kill()
    if "code" in told:
        raise TableError(told["code"], told["message"])
    if not told:
        raise _exceeded(child.returncode, memory, seconds)


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
        f"读取超出内存限制 / reading the workbook takes more than {memory // 2**20} MiB; "
        "split it, or save it as CSV"
    )
    return TableError("file.memory", message)
