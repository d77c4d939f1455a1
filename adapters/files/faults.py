"""What was wrong with a row, and the file that says so to whoever sent it.

`FILE.errors.csv` stands beside the input, with the columns `row,column,code,value,expected,
message`. It is for people with a spreadsheet: UTF-8 with a byte order mark, line ends CRLF
(RFC 4180), and no cell that a spreadsheet would take for a formula.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from adapters.files.atomic import write_atomically
from adapters.files.folders import with_ending
from adapters.files.personal_ids import holds_personal_id
from federation.spreadsheets import escape_formula, unescape_formula
from federation.visible import visible

COLUMNS: Final = ("row", "column", "code", "value", "expected", "message")
KEPT_MAX: Final = 50_000
"""Faults of one file that are kept and written; of a file of garbage every row has one."""
VALUE_MAX: Final = 200
"""Characters of a refused value that are shown: enough to find the cell, not a copy of it."""

ERRORS: Final = ".errors.csv"
BOM: Final = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """One thing that is wrong with one row; the row is not published.

    `row` counts as a spreadsheet does: the header is row 1 where nothing stands above it. `column`
    is the header's own text, empty where the fault is the row's. `value` is empty where the cell
    may hold personal data. `expected` is of no language: a bound, a day, words of a mapping with 、
    between them, or nothing; `node.texts.expected` puts it into words. `message` is Chinese and
    English.
    """

    row: int
    column: str
    code: str
    value: str
    expected: str
    message: str


class Faults:
    """The faults of one file: all are counted by code, the first `KEPT_MAX` are kept."""

    def __init__(self, faults: Iterable[RowFault] = ()) -> None:
        self.codes: Counter[str] = Counter()
        self.kept: list[RowFault] = []
        self.extend(faults)

    def append(self, fault: RowFault) -> None:
        """Note one more."""
        self.codes[fault.code] += 1
        if len(self.kept) < KEPT_MAX:
            self.kept.append(fault)

    def extend(self, faults: Iterable[RowFault]) -> None:
        """Note several."""
        for fault in faults:
            self.append(fault)

    def told(self) -> list[RowFault]:
        """Those kept, by row, and as the last one how many more there are."""
        told = sorted(self.kept, key=lambda fault: fault.row)
        more = self.codes.total() - len(told)
        if more:
            message = f"另有 {more} 处错误未列出 / {more} more faults are not listed"
            told.append(
                RowFault(
                    row=0, column="", code="faults.more", value="", expected="", message=message
                )
            )
        return told


def shown(value: str) -> str:
    """Return what a fault may repeat of a value: shortened, what cannot be seen written out.

    Nothing with an ID number.
    """
    if holds_personal_id(value) or value == "\0":  # a number that lost its digits is not known
        return ""
    text = visible(value.encode("utf-8", "backslashreplace").decode())
    return text if len(text) <= VALUE_MAX else text[: VALUE_MAX - 1] + "…"


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """Return a CSV file: UTF-8 with a byte order mark, CRLF, formulas escaped."""
    text = io.StringIO()
    text.write(BOM)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([escape_formula(cell) if type(cell) is str else cell for cell in row])
    return text.getvalue().encode()


def errors_path(path: Path) -> Path:
    """Return the name of the errors file of an input: `FILE.errors.csv`."""
    return path.with_name(with_ending(path.name, ERRORS))


def fault_bytes(faults: Iterable[RowFault]) -> bytes:
    """Return the content of an errors file."""
    rows = (
        (fault.row, fault.column, fault.code, fault.value, fault.expected, fault.message)
        for fault in faults
    )
    return csv_bytes(COLUMNS, rows)


def read_faults(path: Path, most: int) -> list[dict[str, str]]:
    """Read the errors file of an input back: the first `most` faults, by the names of `COLUMNS`.

    None where there is no such file.
    """
    beside = errors_path(path)
    if not beside.exists():
        return []
    with beside.open(encoding="utf-8-sig", newline="") as file:
        return [
            {name: unescape_formula(cell) for name, cell in row.items()}
            for row in islice(csv.DictReader(file), most)
        ]


def write_faults(path: Path, faults: Iterable[RowFault]) -> Path | None:
    """Write the errors file of an input, or take an old one away when there is nothing to say.

    Args:
        path: the input file.
        faults: in the order of the rows.

    Returns:
        The errors file, or None when there are no faults.
    """
    target = errors_path(path)
    told = list(faults)
    if not told:
        target.unlink(missing_ok=True)
        return None
    write_atomically(target, fault_bytes(told))
    return target
