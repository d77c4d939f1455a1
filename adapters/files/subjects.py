"""Tables of subjects that are to be asked about: a code and a name in each row, any other columns.

Cells are handed on as they stand, but for what programs put around a code (F35): what a subject is
a question about is decided where it is asked. A cell that a spreadsheet would take for a formula is
its row's fault; a workbook with formulas is no table (`adapters.files.tables`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.files._cells import broken, is_error, plain_code
from adapters.files.errors import MappingError
from adapters.files.faults import RowFault, shown
from adapters.files.headings import Wanted, check_once, column_name, is_aside
from adapters.files.tables import Limits, Table
from federation.spreadsheets import FORMULA_STARTS

CODE: Final = ("统一社会信用代码", "信用代码", "社会信用代码", "主体代码", "代码", "code", "uscc")
NAME: Final = (
    *("主体名称", "企业名称", "单位名称", "法人名称", "投标人名称", "供应商名称", "申请人名称"),
    *("投标人", "供应商", "名称", "name"),
)
LIMITS: Final = Limits(file_bytes=4 * 1024**3, rows=20_000_000)
"""A department's whole register; a workbook holds a million rows at most."""
_CODE_LEAST: Final = 9
"""Characters of the shortest code."""
_KNOWN: Final = frozenset(map(column_name, (*CODE, *NAME)))

_PLAIN_CODES: Final = re.compile(r"(?:[0-9A-Za-z]+\n)+").fullmatch
"""Codes to which nothing is put that programs put around one."""
_FORMULA: Final = re.compile(
    f"^[{re.escape(''.join(sorted(FORMULA_STARTS)))}]", re.MULTILINE
).search


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """Rows of a table that follow each other, column by column, each as many; and faults."""

    rows: Sequence[int]
    codes: Sequence[str]
    names: Sequence[str]
    faults: Sequence[RowFault] = ()
    """Of the rows among them that cannot be read."""

    def __len__(self) -> int:
        """How many rows there are, those that cannot be read with them."""
        return len(self.rows) + len(self.faults)


def read_subjects(path: Path, limits: Limits = LIMITS) -> Iterator[Subjects]:
    """Read a table of subjects, many rows at a time.

    Raises:
        TableError: the file is not a table within the bounds.
        MappingError: the header has no column of codes, or none of names (`header.missing`).
    """
    table = Table(path, limits)
    table.look_for(Wanted(names=_KNOWN, fits=lambda header: _places(header) is not None))
    check_once(table.header, _KNOWN)
    places = _places(table.header)
    if places is None:
        message = (
            f"表头缺少必需的列 / subjects: expected a column of {' / '.join(CODE)} and one of "
            f"{' / '.join(NAME)}"
        )
        raise MappingError("header.missing", message)
    code_at, name_at = places
    table.need(1 + max(places))
    for block in table.blocks():
        given = [item for item in block if type(item) is tuple]
        faults = (
            [item for item in block if isinstance(item, RowFault)]
            if len(given) < len(block)
            else []
        )
        rows = [row for row, _ in given]
        codes = [cells[code_at] for _, cells in given]
        names = [cells[name_at] for _, cells in given]
        said = "\n".join([*codes, ""])
        plain = _PLAIN_CODES(said) and said.count("\n") == len(codes)
        if plain and _FORMULA("\n".join(names)) is None:
            yield Subjects(rows=rows, codes=codes, names=names, faults=faults)
        elif given:
            asked = [item for item in given if not _aside(item[1], code_at)]
            told = table.header[code_at], table.header[name_at]
            rows_asked = ((row, cells[code_at], cells[name_at]) for row, cells in asked)
            yield _each(rows_asked, faults, told)
        elif faults:
            yield Subjects(rows=(), codes=(), names=(), faults=faults)


def _each(
    given: Iterable[tuple[int, str, str]], faults: Iterable[RowFault], told: tuple[str, str]
) -> Subjects:
    """Rows of which some have to be looked at one by one; `told` are headings of code and name."""
    kept: list[tuple[int, str, str]] = []
    found = [*faults]
    for row, said, name in given:
        texts = zip(told, (said.strip(), name.strip()), strict=True)
        wrong = [_broken(row, *text) for text in texts if is_error(text[1])]
        if wrong:
            found += wrong[:1]
            continue
        code = said if said.isalnum() else plain_code(said.strip())
        if code[:1] in FORMULA_STARTS or name[:1] in FORMULA_STARTS:
            found.append(_formula(row))
        elif code or name:
            kept.append((row, code, name))
    rows, codes, names = zip(*kept, strict=True) if kept else ((), (), ())
    return Subjects(rows=rows, codes=codes, names=names, faults=found)


def _aside(cells: Sequence[str], code_at: int) -> bool:
    """Whether a row is a note or sum below the table (F38), and no subject."""
    code = cells[code_at].strip()
    asks = code.isascii() and len(code) >= _CODE_LEAST
    return not asks and is_aside([cell for cell in cells if cell.strip()] or [""])


def _broken(row: int, column: str, cell: str) -> RowFault:
    error = broken(cell)
    return RowFault(
        row=row,
        column=column,
        code=error.code,
        value=shown(cell),
        expected=error.expected,
        message=error.message,
    )


def _places(header: Sequence[str]) -> tuple[int, int] | None:
    """Where code and name stand; the first of the headings known for each."""
    index = {column_name(text): at for at, text in enumerate(header) if text}
    found = [
        next((index[one] for one in map(column_name, names) if one in index), None)
        for names in (CODE, NAME)
    ]
    code, name = found
    return None if code is None or name is None else (code, name)


def _formula(row: int) -> RowFault:
    return RowFault(
        row=row,
        column="",
        code="cell.formula",
        value="",
        expected="",
        message="单元格是公式，不是代码或名称 / a formula, expected a code and a name",
    )
