"""Relief files: which records are repaired 修复 or withdrawn 撤销, and by which decision.

A row names its record by subject, list, determining authority and document number, or by the
statement id that the node gave the listing. Whether the file repairs or withdraws is said by the
command, not by the file.

Besides the columns of `COLUMNS` those of mappings count: what a mapping has for code, name,
authority and document of a list are those of the record, its `removal` has document, day and reason
of the relief. Where all mappings are of one list, the file need not name it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.files._authorities import Authorities
from adapters.files._cell_error import CellError
from adapters.files._cells import broken, is_ditto, is_error, missing, read_code, read_text
from adapters.files._dates import FORMATS, DateReader
from adapters.files._granting import Granting, check_titles
from adapters.files._nothing import filled
from adapters.files.errors import MappingError
from adapters.files.faults import RowFault, shown
from adapters.files.headings import (
    Wanted,
    check_once,
    column_name,
    header_lacks,
    is_aside,
)
from adapters.files.mapping import SCHEMES
from adapters.files.mapping import Mapping as Layout
from adapters.files.relief_row import ReliefRow
from adapters.files.tables import DEFAULT_LIMITS, Limits, Rows, Table
from federation.errors import StatementError
from federation.ids import WRITTEN_CODE_FORM, Date, statement_id_from_hex
from federation.reconcile.plausibility import in_future
from federation.record_key import RecordKey, normalise_document, same_subject

__all__ = ["COLUMNS", "ReliefContext", "ReliefRow", "read_reliefs", "relief_rows"]

COLUMNS: Final = {
    "code": ("统一社会信用代码", "社会信用代码", "信用代码", "组织机构代码", "code"),
    "name": ("名称", "主体名称", "企业名称", "单位名称", "name"),
    "list_type": ("名单类型", "名单名称", "list_type"),
    "authority": ("认定单位代码", "作出决定机关代码（列入）", "authority"),
    "authority_name": (
        "认定单位",
        "作出决定机关（列入）",
        "列入机关",
        "列入部门",
        "认定部门",
        "认定机关",
        "authority_name",
    ),
    "listing_document": (
        "列入文书号",
        "列入决定书文号",
        "列入文号",
        "原决定书文号",
        "原决定文书号",
        "原文书号",
        "listing_document",
    ),
    "document": (
        "修复决定文书号",
        "修复决定书文号",
        "修复决定文号",
        "修复文号",
        "撤销决定文书号",
        "撤销决定书文号",
        "撤销决定文号",
        "撤销文号",
        "移出决定书文号",
        "移出文号",
        "决定文书号",
        "document",
    ),
    "decided_on": (
        "修复日期",
        "修复时间",
        "撤销日期",
        "撤销时间",
        "移出日期",
        "移出时间",
        "决定日期",
        "decided_on",
    ),
    "reason": ("修复原因", "撤销原因", "移出原因", "原因", "reason"),
    "statement_id": ("声明编号", "statement_id"),
}
"""Names of the columns; each field may be filled from any of its columns."""

_Fail = Callable[[str, CellError], None]
"""Notes what is wrong with a field of the row at hand."""

_LIMIT_OF: Final = {
    "name": "name",
    "document": "document",
    "listing_document": "document",
    "reason": "exit_path",
}
"""The listing's field whose bounds hold for a field of a relief."""

_ID: Final = re.compile(WRITTEN_CODE_FORM).fullmatch
"""An id of a list type that no mapping names may be of a list published all the same (F23)."""

_RECORD_FIELDS: Final = ("code", "list_type", "authority", "listing_document")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefContext:
    """What the node knows of the feed.

    `authorities` as in a `FeedContext`, and those that are gone for which they may end what stands
    (AU1); `bound` are the codes of the former alone. `list_types` are list type ids by their names
    (`mapping.list_names`); `today` is the day in Asia/Shanghai.
    """

    authorities: Mapping[str, str]
    list_types: Mapping[str, str]
    today: Date
    layouts: tuple[Layout, ...] = ()
    """Mappings of the lists that the file may be about."""
    bound: frozenset[str] = frozenset()
    list_type: str = ""
    """The list that whoever brings the file chose; empty where the file, or its layout, says it."""
    authority: str = ""
    """Code of the authority of rows that name none; empty where each has to name it."""


def read_reliefs(
    path: Path, context: ReliefContext, limits: Limits = DEFAULT_LIMITS
) -> Iterator[ReliefRow | RowFault]:
    """Read a relief file.

    Raises:
        TableError: the file is not a table within the bounds.
        MappingError: the header lacks a required column (`header.missing`).
    """
    return relief_rows(Table(path, limits), context)


def relief_rows(
    table: Table | Rows, context: ReliefContext, *, whole: bool = True
) -> Iterator[ReliefRow | RowFault]:
    """Read the rows of a table as reliefs.

    Args:
        table: the rows.
        context: what the node knows of the feed.
        whole: the rows are one file, in which a record that is named twice is a fault.

    Raises:
        MappingError: `header.missing`, when the first row is asked for; likewise TableError.
    """
    reader = opened(table, context)
    seen: dict[tuple[str, ...], int] = {}
    for item in reader.rows(table):
        if isinstance(item, RowFault):
            yield item
            continue
        number, record = item
        result = reader.read(number, record)
        if isinstance(result, ReliefRow):
            before = seen.setdefault(_identity(result), number)
            if before == number or not whole:
                yield result
            else:
                yield _duplicate(number, before)
        else:
            yield from result


def opened(
    table: Table | Rows,
    context: ReliefContext,
    columns: Mapping[str, tuple[str, ...]] = COLUMNS,
    also: tuple[str, ...] = (),
) -> ReliefReader:
    """Find the header of a table (F34) and bind a reader to it.

    Args:
        table: the rows.
        context: what the node knows of the feed.
        columns: names by field.
        also: further fields of which a column has to be there.

    Raises:
        MappingError: `header.missing`.
        TableError: `header.duplicate`, of a column that is used.
    """

    def fits(header: Sequence[str]) -> bool:
        try:
            ReliefReader(tuple(header), context, columns, also)
        except MappingError:
            return False
        return True

    if isinstance(table, Table):
        named = _columns(columns, context.layouts).values()
        known = frozenset(column_name(name) for names in named for name in names)
        table.look_for(Wanted(names=known, fits=fits))
        check_once(table.header, known)
    reader = ReliefReader(table.header, context, columns, also)
    if isinstance(table, Table):
        table.need(reader.least)
        if columns is COLUMNS:
            check_titles((*table.titles, table.sheet))
    return reader


class ReliefReader:
    """Reads rows of one header; also those that say something else of a listed record."""

    def __init__(
        self,
        header: tuple[str, ...],
        context: ReliefContext,
        columns: Mapping[str, tuple[str, ...]] = COLUMNS,
        also: tuple[str, ...] = (),
    ) -> None:
        """Bind; `columns` are names by field, of the fields of `also` one has to be there.

        Raises:
            MappingError: `header.missing`.
        """
        self._context = context
        self._authorities = Authorities(context.authorities)
        self._dates = DateReader(FORMATS)
        lists = {layout.list_type for layout in context.layouts}
        self._list_type = context.list_type or (next(iter(lists)) if len(lists) == 1 else "")
        self._headers = {column_name(text): text for text in header if text}
        columns_of = _columns(columns, context.layouts)
        self._names = {
            field: [name for column in columns if (name := column_name(column)) in self._headers]
            for field, columns in columns_of.items()
        }
        needed: list[tuple[str, ...]] = [("document",), ("decided_on",), *((one,) for one in also)]
        if not self._names["statement_id"]:
            needed += [("code",), ("listing_document",)]
            needed += [] if context.authority else [("authority_name", "authority")]
            needed += [] if self._list_type else [("list_type",)]
        absent = [fields for fields in needed if not any(self._names[field] for field in fields)]
        if absent:
            names = [[column for field in one for column in columns_of[field]] for one in absent]
            raise MappingError("header.missing", header_lacks("a relief file", names, header))

        used = frozenset(name for names in self._names.values() for name in names)
        at = [position for position, text in enumerate(header) if column_name(text) in used]
        self.least = max(at, default=0) + 1
        """How many columns a row has at least: up to the last one that is used."""
        self._used = tuple(used)
        decides = columns is COLUMNS
        self._granting = Granting(self._headers, used, self._names["document"]) if decides else None

    def rows(self, table: Table | Rows) -> Iterator[tuple[int, dict[str, str]] | RowFault]:
        """Yield the rows that are any (F38): of those without code and statement id no note.

        Raises:
            TableError: the table cannot be read on.
        """
        for item in table.records():
            if isinstance(item, RowFault):
                yield item
            elif (asked := self._granting) is not None and asked.heads(item[1]):
                continue
            elif not self._none(item[1]):
                yield (asked and asked.refused(*item)) or item

    def _none(self, record: dict[str, str]) -> bool:
        if not any(filled(record[name]) for name in self._used):
            return True
        code = self.cell("code", record)
        if (code and code.isascii()) or self.cell("statement_id", record):
            return False
        return is_aside([cell for cell in record.values() if cell.strip()])

    def cell(self, field: str, record: dict[str, str]) -> str:
        """Return the first filled cell of a field."""
        return next(filter(None, (filled(record[name]) for name in self._names[field])), "")

    def read(self, number: int, record: dict[str, str]) -> ReliefRow | list[RowFault]:
        cells = {
            field: next(filter(None, (filled(record[name]) for name in names)), "")
            for field, names in self._names.items()
        }
        faults: list[RowFault] = []

        def fail(field: str, error: CellError) -> None:
            faults.append(self._fault(number, field, cells[field], error))

        if is_ditto(cells["reason"]):
            cells["reason"] = ""  # of which nothing depends: the relief arrives
        wrong = [field for field, cell in cells.items() if cell and is_error(cell)]
        if wrong:
            return [self._fault(number, f, cells[f], broken(cells[f])) for f in wrong]
        statement_id = None
        if cells["statement_id"]:
            try:
                statement_id = statement_id_from_hex(cells["statement_id"])
            except StatementError as error:
                fail("statement_id", CellError(error.code, "statement-id", f"编号 / {error}"))
        key = None
        if not cells["statement_id"] or any(cells[field] for field in _RECORD_FIELDS):
            key = self._record(cells, fail)
        texts = {
            field: self._text(field, cells[field], fail) for field in ("name", "document", "reason")
        }
        decided_on = self._date(cells["decided_on"], fail)
        if faults:
            persons = [fault for fault in faults if fault.code == "subject.natural-person"]
            return persons or faults
        return ReliefRow(
            row=number,
            record=key,
            statement_id=statement_id,
            subject_name=texts["name"],
            document=texts["document"],
            decided_on=decided_on,
            reason=texts["reason"],
        )

    def _record(self, cells: dict[str, str], fail: _Fail) -> RecordKey | None:
        scheme = code = authority = ""
        for field in ("code", "list_type", "listing_document"):
            if not cells[field] and not (field == "list_type" and self._list_type):
                fail(field, missing())
        list_type = self._list_type
        if cells["code"]:
            try:
                scheme, code, _ = read_code(cells["code"], SCHEMES)
            except CellError as error:
                fail("code", error)
        if cells["list_type"]:
            name = column_name(cells["list_type"])
            list_type = self._context.list_types.get(name, name if _ID(name) else "")
            if not list_type:
                expected = "、".join(sorted(set(self._context.list_types.values())))
                message = "名单类型未知 / no list of this name is known"
                fail("list_type", CellError("field.value", expected, message))
        try:
            authority = self._context.authority
            if cells["authority"] or cells["authority_name"] or not authority:
                authority, _ = self._authorities.find(cells["authority"], cells["authority_name"])
        except CellError as error:
            fail("authority_name" if cells["authority_name"] else "authority", error)
        document = self._text("listing_document", cells["listing_document"], fail)
        return RecordKey(
            scheme=scheme, code=code, list_type=list_type, authority=authority, document=document
        )

    def _text(self, field: str, text: str, fail: _Fail) -> str:
        if not text:
            if field == "document":
                fail(field, missing())
            return ""
        if field != "reason":
            text = "".join(text.splitlines())  # broken to fit its cell: the relief arrives
        try:
            return read_text(_LIMIT_OF[field], text)
        except CellError as error:
            fail(field, error)
            return ""

    def _date(self, text: str, fail: _Fail) -> Date:
        try:
            if not text:
                raise missing()
            date, _ = self._dates.read(text)
        except CellError as error:
            fail("decided_on", error)
            return Date(0)
        if in_future(date, self._context.today):
            message = f"日期在将来 / expected a day not after today ({self._context.today})"
            fail("decided_on", CellError("date.future", f"≤ {self._context.today}", message))
        return date

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


def _columns(
    always: Mapping[str, tuple[str, ...]], layouts: Sequence[Layout]
) -> dict[str, tuple[str, ...]]:
    """The columns of each field: the ones always known, then those of the mappings."""
    found = dict(always)
    for layout in layouts:
        fields, removal = layout.fields, layout.removal
        told = {
            "code": fields.get("code", ()),
            "name": fields.get("name", ()),
            "authority": fields.get("authority", ()),
            "authority_name": fields.get("authority_name", ()),
            "listing_document": fields.get("document", ()),
        }
        if removal is not None and always is COLUMNS:
            told |= {
                "document": removal.document,
                "decided_on": removal.decided_on,
                "reason": removal.reason,
            }
        for field, columns in told.items():
            others = {c for other, known in found.items() if other != field for c in known}
            found[field] = (*found[field], *(c for c in columns if c not in others))
    return found


def _identity(row: ReliefRow) -> tuple[str, ...]:
    if row.record is None:
        return (row.statement_id.hex() if row.statement_id else "",)
    record = row.record
    document = normalise_document(record.document)
    subject = same_subject(record.scheme, record.code)
    return (*subject, record.list_type, record.authority, document)


def _duplicate(number: int, before: int) -> RowFault:
    return RowFault(
        row=number,
        column="",
        code="row.duplicate",
        value="",
        expected="",
        message=f"与第 {before} 行重复 / the same record as row {before}; the first one counts",
    )
