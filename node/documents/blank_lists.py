"""Blank tables 空白名单表 of lists: the columns that the program reads, and one row filled in.

The blank table has headings alone; the filled row stands in a table, or worksheet, of its own, so
that nobody publishes it by oversight. Its subject is invented (ADR 0003).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from collections.abc import Mapping as Table
from typing import Final

from openpyxl import Workbook

from adapters.files.mapping import Mapping, find_mapping
from federation.uscc import make_uscc

_NOT_ASKED: Final = frozenset({"authority"})
"""Fields of which a person knows no code: the name of the authority stands beside."""
_VALUES: Final[Table[str, str]] = {
    "code": make_uscc("91510500", "YY999901"),
    "name": "泸州示例填表有限公司（演示）",
    "authority_name": "泸州市某局（演示）",
    "document": "泸示例〔2026〕1号",
    "decided_on": "2026-01-05",
    "listed_on": "2026-01-06",
    "prior_notice_on": "2025-12-20",
    "publish_until": "2027-01-05",
    "valid_until": "2027-01-05",
    "basis": "《某办法》第一条（演示）",
    "facts": "写明违法事实（演示）",
    "violation_type": "写明违法行为类型（演示）",
    "categories": "罚款",
    "content": "罚款1万元",
    "fine": "1",
    "confiscated": "0",
    "procedure": "普通程序",
    "grade": "A",
    "grade_method": "public-credit-evaluation",
    "grade_edition": "2024",
}
_ORGANISATIONS: Final = ("企业", "法人", "单位", "用人单位")
_GRADES: Final = ("一般",)
_REASON: Final = "写明列入的具体事由（演示）"


def columns(mapping: Mapping) -> dict[str, str]:
    """The columns of a list by their headings, each with what the filled row has there."""
    found: dict[str, str] = {}
    for field, headings in mapping.fields.items():
        if field not in _NOT_ASKED:
            found[headings[0]] = _VALUES.get(field, "")
    for part in mapping.reason:
        found[part.columns[0]] = _REASON
    if mapping.party is not None:
        found[mapping.party.columns[0]] = _one_of(_ORGANISATIONS, mapping.party.organisation)
    if mapping.grades is not None:
        found[mapping.grades.columns[0]] = _one_of(_GRADES, mapping.grades.words)
    return found


def _one_of(preferred: Collection[str], words: Collection[str]) -> str:
    """A word of a layout, one of those that are preferred where it has one."""
    return next((one for one in preferred if one in words), min(words))


def csv_table(list_type: str, *, filled: bool) -> bytes:
    """A table as spreadsheets open it: the headings, or the filled row below them.

    Raises:
        MappingError: `mapping.unknown`.
    """
    found = columns(find_mapping(list_type))
    text = io.StringIO()
    written = csv.writer(text, lineterminator="\r\n")
    written.writerow(found)
    if filled:
        written.writerow(found.values())
    return text.getvalue().encode("utf-8-sig")


def xlsx_table(list_type: str) -> bytes:
    """A workbook: the headings on the first sheet, on the second what is filled in below each.

    Raises:
        MappingError: `mapping.unknown`.
    """
    found = columns(find_mapping(list_type))
    book = Workbook(write_only=True)
    book.create_sheet("填报").append(tuple(found))
    example = book.create_sheet("填写示例")  # a line for each column: it is no list that is read
    example.append(("列", "怎样填（主体是虚构的）"))
    for column in found.items():
        example.append(column)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
