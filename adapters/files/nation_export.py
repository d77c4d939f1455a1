"""Exports of 信用中国 as a city downloads them: which records are shown there, and which ended.

A row names subject, document and maybe the list, and says by a word, or by the day of an end, how
the record stands. What it says in other words is a fault, never "ended".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.files._cell_error import CellError
from adapters.files._cells import broken, is_error, missing, read_code, read_text
from adapters.files._dates import FORMATS, DateReader
from adapters.files._nothing import filled
from adapters.files.errors import MappingError
from adapters.files.faults import RowFault, shown
from adapters.files.headings import Wanted, check_once, column_name, is_aside
from adapters.files.mapping import SCHEMES
from adapters.files.tables import DEFAULT_LIMITS, Limits, Table
from federation.ids import Date
from federation.reconcile.plausibility import in_future

KIND: Final = "comparison"
"""What such files are called where kinds of files are named."""

COLUMNS: Final = {
    "code": ("统一社会信用代码", "主体代码", "组织机构代码", "代码", "code"),
    "name": ("名称", "主体名称", "企业名称", "单位名称", "行政相对人名称", "name"),
    "list_type": ("名单类型", "名单名称", "信息类别", "信息类型", "list_type"),
    "document": (
        "列入文书号",
        "列入决定书文号",
        "列入文号",
        "行政处罚决定书文号",
        "处罚决定书文号",
        "决定书文号",
        "决定文书号",
        "文书号",
        "案号",
        "document",
    ),
    "status": ("公示状态", "信用修复状态", "修复状态", "当前状态", "状态", "status"),
    "ended_on": (
        "移出日期",
        "修复日期",
        "终止公示日期",
        "停止公示日期",
        "撤销日期",
        "退出日期",
        "ended_on",
    ),
}
"""Names of the columns; each field may be filled from any of its columns."""

_ENDED: Final = (
    "已修复",
    "修复",
    "信用修复",
    "已移出",
    "移出",
    "提前移出",
    "到期移出",
    "已撤销",
    "撤销",
    "终止公示",
    "已终止公示",
    "停止公示",
    "已停止公示",
    "不再公示",
    "已退出",
    "退出",
    "已删除",
    "已下架",
    "ended",
)
_SHOWN: Final = (
    "公示中",
    "在公示",
    "正在公示",
    "正常公示",
    "公示",
    "在列",
    "列入",
    "已列入",
    "有效",
    "未修复",
    "未移出",
    "未撤销",
    "shown",
)
STATES: Final = {
    **{column_name(word): True for word in _ENDED},
    **{column_name(word): False for word in _SHOWN},
}
"""Whether a record has ended, by the words of an export."""
_LIMITS: Final = {"document": "document", "name": "name"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRow:
    """A record as the export has it."""

    row: int
    scheme: str
    code: str
    name: str
    list_type: str
    """Id; empty where the row names none."""
    document: str
    ended: bool


def read_export(
    path: Path,
    list_types: Mapping[str, str],
    today: Date,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[ExportRow | RowFault]:
    """Read an export.

    Args:
        path: of the file.
        list_types: ids of lists by their names (`mapping.list_names`).
        today: in Asia/Shanghai; an end in the future is none.
        limits: bounds on the file.

    Raises:
        TableError: the file is not a table within the bounds.
        MappingError: the header lacks a required column (`header.missing`).
    """
    table = Table(path, limits)
    known = frozenset(column_name(name) for names in COLUMNS.values() for name in names)
    table.look_for(Wanted(names=known, fits=lambda header: not _absent(header)))
    check_once(table.header, known)
    if absent := _absent(table.header):
        wanted = "; ".join(" / ".join(COLUMNS[field]) for field in absent)
        message = (
            f"表头缺少必需的列 / an export of 信用中国: the header lacks {wanted}. "
            f"Got {', '.join(filter(None, table.header))}"
        )
        raise MappingError("header.missing", message)
    reader = _Reader(table.header, list_types, today)
    for item in table.records():
        if isinstance(item, RowFault):
            yield item
        elif not reader.none(item[1]):
            yield reader.read(*item)


def _absent(header: Sequence[str]) -> list[str]:
    names = {column_name(text) for text in header if text}
    there = {f for f, columns in COLUMNS.items() if names.intersection(map(column_name, columns))}
    absent = [field for field in ("code", "document") if field not in there]
    return absent + ([] if there & {"status", "ended_on"} else ["status"])


class _Reader:
    """Reads rows of one header."""

    def __init__(self, header: Sequence[str], list_types: Mapping[str, str], today: Date) -> None:
        self._headers = {column_name(text): text for text in header if text}
        self._names = {
            field: [name for each in columns if (name := column_name(each)) in self._headers]
            for field, columns in COLUMNS.items()
        }
        self._list_types = list_types
        self._today = today
        self._dates = DateReader(FORMATS)

    def none(self, record: Mapping[str, str]) -> bool:
        """Whether a row is none: blank, or a note below the table."""
        cells = [cell for cell in record.values() if filled(cell)]
        code = self._cell("code", record)
        return not cells or (not (code and code.isascii()) and is_aside(cells))

    def _cell(self, field: str, record: Mapping[str, str]) -> str:
        return next(filter(None, (filled(record[name]) for name in self._names[field])), "")

    def read(self, number: int, record: Mapping[str, str]) -> ExportRow | RowFault:
        """Read a row; the first thing that is wrong with it, where it cannot be."""
        cells = {field: self._cell(field, record) for field in COLUMNS}
        field = "code"
        try:
            wrong = [each for each, cell in cells.items() if cell and is_error(cell)]
            if wrong:
                field = wrong[0]
                raise broken(cells[field])
            if not cells["code"]:
                raise missing()
            scheme, code, _ = read_code(cells["code"], SCHEMES)
            texts = {}
            for field in _LIMITS:
                texts[field] = read_text(_LIMITS[field], cells[field]) if cells[field] else ""
            field = "document"
            if not texts["document"]:
                raise missing()
            field = "list_type"
            list_type = self._list(cells["list_type"])
            field = "status"
            ended = self._ended(cells["status"], cells["ended_on"])
        except CellError as error:
            return self._fault(number, field, cells[field], error)
        return ExportRow(
            row=number,
            scheme=scheme,
            code=code,
            name=texts["name"],
            list_type=list_type,
            document=texts["document"],
            ended=ended,
        )

    def _list(self, text: str) -> str:
        if not text:
            return ""
        name = column_name(text)
        found = self._list_types.get(name, "")
        if not found and name in self._list_types.values():
            return name
        return found  # of a list that is unknown here subject and document decide

    def _ended(self, status: str, ended_on: str) -> bool:
        """Whether the record has ended: by the word, or where there is none by the day."""
        day = self._dates.read(ended_on)[0] if ended_on else None
        over = day is not None and not in_future(day, self._today)
        if not status and day is None:
            raise missing()
        said = STATES.get(column_name(status)) if status else over
        if said is None or (over and not said):
            expected = "、".join((*_ENDED[:3], *_SHOWN[:2]))
            message = "状态不明，或与结束日期矛盾 / the status is not known, or contradicts the day"
            raise CellError("field.value", expected, message)
        return said

    def _fault(self, number: int, field: str, value: str, error: CellError) -> RowFault:
        names = self._names[field]
        return RowFault(
            row=number,
            column=self._headers[names[0]] if names else "",
            code=error.code,
            value="" if error.secret else shown(value),
            expected=error.expected,
            message=error.message,
        )
