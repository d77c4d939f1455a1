"""Files of commitments 信用承诺: who promised what, until when, and whether it was performed.

    F52 a row is one commitment of an organisation: code, type and the day on which it was made name
        it, and a later row of the same says how it stands now (BN13). Whether it was performed is
        stated in a word of its own; another word is a fault, an empty cell is no

Every column that is not named here is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.files._cell_error import CellError
from adapters.files._cells import broken, is_error, missing, read_code, read_text
from adapters.files._dates import FORMATS, DateReader
from adapters.files._listing_faults import future
from adapters.files._nothing import filled
from adapters.files.errors import MappingError
from adapters.files.faults import RowFault, shown
from adapters.files.headings import Wanted, check_once, column_name, is_aside
from adapters.files.tables import DEFAULT_LIMITS, Limits, Table
from federation.ids import Date
from federation.payloads import Subject, SubjectKind
from federation.reconcile.plausibility import in_future

KIND: Final = "commitment"
COLUMNS: Final = {
    "code": ("统一社会信用代码", "社会信用代码", "主体代码", "code"),
    "name": ("主体名称", "企业名称", "单位名称", "承诺主体", "承诺人", "名称", "name"),
    "commitment_type": ("承诺类型", "承诺事项", "承诺类别", "commitment_type"),
    "text": ("承诺内容", "承诺书内容", "text"),
    "made_on": ("承诺日期", "作出承诺日期", "签订日期", "made_on"),
    "due_on": ("履行期限", "应履行日期", "承诺期限", "履约期限", "due_on"),
    "performed": ("履行情况", "履约情况", "是否履行", "performed"),
    "performed_on": ("履行日期", "履约日期", "performed_on"),
}
"""Names of the columns; each field takes the first of its columns that is filled."""
NEEDED: Final = ("code", "name", "commitment_type", "made_on")
_DATES: Final = ("made_on", "due_on", "performed_on")
_PERFORMED: Final = {
    **dict.fromkeys(
        ("已履行", "已履约", "履行完毕", "已履行完毕", "已全部履行", "全部履行", "是", "已", "yes"),
        True,
    ),
    **dict.fromkeys(
        ("未履行", "未履约", "履行中", "正在履行", "逾期未履行", "未到期", "否", "未", "", "no"),
        False,
    ),
}
_SCHEMES: Final = ("uscc", "organisation-code")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentRow:
    """A commitment that may be published."""

    row: int
    subject: Subject
    commitment_type: str
    text: str
    made_on: Date
    due_on: Date
    performed: bool
    performed_on: Date


def read_commitments(
    path: Path, today: Date, limits: Limits = DEFAULT_LIMITS
) -> Iterator[CommitmentRow | RowFault]:
    """Read a file of commitments; of a bad row all its faults.

    Raises:
        TableError: the file is not a table within the bounds.
        MappingError: `header.missing`; the header lacks a needed column.
    """
    table = Table(path, limits)
    known = frozenset(column_name(name) for names in COLUMNS.values() for name in names)
    table.look_for(Wanted(names=known, fits=lambda header: not _absent(header)))
    check_once(table.header, known)
    if absent := _absent(table.header):
        message = f"表头缺少必需的列 / a file of commitments: the header lacks {'; '.join(absent)}"
        raise MappingError("header.missing", message)
    dates = DateReader(FORMATS)
    for item in table.records():
        if isinstance(item, RowFault):
            yield item
            continue
        number, record = item
        cells = {
            field: next(
                filter(None, (filled(record.get(column_name(name), "")) for name in names)), ""
            )
            for field, names in COLUMNS.items()
        }
        aside = is_aside([cell for cell in record.values() if cell.strip()] or [""])
        if any(cells.values()) and not (aside and not cells["code"].isascii()):
            yield from _read(number, cells, dates, today)


def _absent(header: Sequence[str]) -> list[str]:
    there = {column_name(text) for text in header if text}
    return [
        " / ".join(COLUMNS[field])
        for field in NEEDED
        if there.isdisjoint(map(column_name, COLUMNS[field]))
    ]


def _read(
    number: int, cells: dict[str, str], dates: DateReader, today: Date
) -> Iterator[CommitmentRow | RowFault]:
    faults: list[RowFault] = []
    read: dict[str, Date] = {}
    texts: dict[str, str] = {}
    coded: tuple[str, str, SubjectKind] | None = None
    for field, cell in cells.items():
        try:
            if cell and is_error(cell):
                raise broken(cell)
            if not cell and field in NEEDED:
                raise missing()
            if field in _DATES:
                read[field] = _day(field, cell, dates, today)
            elif field == "code":
                coded = read_code(cell, _SCHEMES)
            elif field == "performed":
                _performed(cell)
            else:
                texts[field] = read_text(field, cell)
        except CellError as error:
            faults.append(
                RowFault(
                    row=number,
                    column=COLUMNS[field][0],
                    code=error.code,
                    value="" if error.secret else shown(cell),
                    expected=error.expected,
                    message=error.message,
                )
            )
    if faults or coded is None:
        yield from faults
        return
    scheme, code, kind = coded
    subject = Subject(scheme=scheme, code=code, name=texts["name"], kind=kind)
    yield CommitmentRow(
        row=number,
        subject=subject,
        commitment_type=texts["commitment_type"],
        text=texts["text"],
        made_on=read["made_on"],
        due_on=read["due_on"],
        performed=_performed(cells["performed"]),
        performed_on=read["performed_on"],
    )


def _day(field: str, cell: str, dates: DateReader, today: Date) -> Date:
    if not cell:
        return Date(0)
    day, _ = dates.read(cell)
    if field != "due_on" and in_future(day, today):
        raise future(today)
    return day


def _performed(cell: str) -> bool:
    found = _PERFORMED.get(cell.lower())
    if found is None:
        expected = "已履行、未履行"
        message = "履行情况未知 / expected whether it was performed"
        raise CellError("field.value", expected, message)
    return found
