"""Blank tables of what is said of listings that stand: the columns, to be filled in and imported.

A list has none: departments have tables of their own, and the page reads those.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Final

_RECORD: Final = ("统一社会信用代码", "名称", "名单类型", "认定单位", "列入文书号")
HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "repair": (*_RECORD, "修复决定文书号", "修复日期", "修复原因"),
    "withdrawal": (*_RECORD, "撤销决定文书号", "撤销日期", "撤销原因"),
    "annotation": (*_RECORD, "标注类型", "标注依据文书号", "标注日期", "说明"),
}
"""By what the rows say, as imports call it."""


def blank_table(kind: str) -> bytes:
    """Return a table of this kind without rows: CSV as spreadsheets open it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(HEADERS[kind])
    return text.getvalue().encode("utf-8-sig")
