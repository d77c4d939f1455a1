"""Rows of the registry's file as subjects of the base library: columns, words, codes as written.

    F43 a row that is no subject is left out and counted: a bad code, no name, a status of no known
        word, a code that stood above already (the first row counts). A file of which more than
        `LOST_SHARE` is left out, and more than `LOST_FEW` rows, changes nothing; nor does one that
        would take away more than `SHRINK_SHARE` of the subjects, until somebody says that it is
        right

What is lost from the library is a subject whose listings are held: nobody is punished by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.files._cells import plain_code
from adapters.files.errors import TableError
from adapters.files.faults import RowFault
from adapters.files.headings import Wanted, check_once, column_name
from adapters.files.tables import Limits, Table
from federation.reconcile.identity import USCC, Status, code_fault

COLUMNS: Final = {
    "code": ("code", "统一社会信用代码", "社会信用代码", "统一代码", "uniscid"),
    "name": (
        "name",
        "名称",
        "企业名称",
        "单位名称",
        "主体名称",
        "机构名称",
        "市场主体名称",
        "entname",
    ),
    "former_names": ("former_names", "曾用名", "曾用名称", "历史名称", "原名称", "变更前名称"),
    "status": ("status", "状态", "登记状态", "经营状态", "企业状态", "存续状态", "主体状态"),
    "successor": ("successor", "承继主体代码", "承继主体统一社会信用代码", "承继单位代码"),
    "organisation_code": ("organisation_code", "组织机构代码", "组织机构代码证号"),
    "registration_number": ("registration_number", "注册号", "工商注册号", "营业执照注册号"),
    "former_codes": (
        "former_codes",
        "原统一社会信用代码",
        "曾用统一社会信用代码",
        "变更前统一社会信用代码",
        "原统一代码",
    ),
    "region": ("region", "登记区划", "登记区划代码", "行政区划代码", "登记机关区划代码"),
}
"""Names of the columns; of each the first that is there counts."""
JOIN: Final = "|"
"""Between the former names of a subject, likewise its former codes."""
LOST_FEW: Final = 10
LOST_SHARE: Final = 0.05
SHRINK_SHARE: Final = 0.2
NAME: Final = "library.name"
STATUS: Final = "library.status"
TWICE: Final = "library.twice"

_LIMITS: Final = Limits(file_bytes=8 << 30, rows=50_000_000)
"""A province has some millions of subjects."""
_PARTED: Final = re.compile(r"[|｜、；;\n]+")
_REGION: Final = re.compile(r"[1-9][0-9]{5}").fullmatch
_STATUSES: Final = (
    (re.compile(r"(?<!未)注销|除名|撤销登记"), Status.CANCELLED),
    (re.compile("吊销"), Status.REVOKED),
    (re.compile("迁出|迁往|迁移至"), Status.MOVED),
    (
        re.compile("存续|在业|开业|在营|在册|正常|营业|有效|歇业|停业|清算|设立"),
        Status.LIVE,
    ),
)
"""Words of registries, the first that is in a cell counts: 吊销后注销 is no more, 吊销未注销 is."""
_WANTED: Final = Wanted(
    names=frozenset(name for names in COLUMNS.values() for name in map(column_name, names)),
    fits=lambda header: not _absent(header),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A row that is no subject: its number and a code that says why."""

    row: int
    code: str


def subject_rows(source: Path) -> Iterator[dict[str, str] | LeftOut]:
    """Yield the rows of a registry's file, by the names of `COLUMNS`.

    Raises:
        TableError: it is no table, or lacks the columns of code and name.
    """
    table = Table(source, _LIMITS)
    table.look_for(_WANTED)
    if absent := _absent(table.header):
        message = (
            f"表头缺少必需的列 / a base library: the header lacks {'; '.join(absent)}. "
            f"Got {', '.join(filter(None, table.header))}"
        )
        raise TableError("header.missing", message)
    check_once(table.header, _WANTED.names)
    index = {column_name(text): at for at, text in enumerate(table.header) if text}
    at = {
        field: next((index[n] for n in map(column_name, names) if n in index), None)
        for field, names in COLUMNS.items()
    }
    table.need(1 + max(place for place in at.values() if place is not None))
    for item in table:
        if isinstance(item, RowFault):
            yield LeftOut(row=item.row, code=item.code)
            continue
        number, cells = item
        row = {f: "" if place is None else cells[place].strip() for f, place in at.items()}
        if any(row.values()):
            fault = _normalise(row)
            yield LeftOut(row=number, code=fault) if fault else row | {"row": str(number)}


def _absent(header: Sequence[str]) -> list[str]:
    there = {column_name(text) for text in header if text}
    return [
        " / ".join(COLUMNS[field])
        for field in ("code", "name")
        if there.isdisjoint(map(column_name, COLUMNS[field]))
    ]


def _normalise(row: dict[str, str]) -> str:
    """Put a row's values in the form of the library; the code of what is wrong with it."""
    if fault := code_fault(USCC, row["code"]):
        row["code"] = plain_code(row["code"])
        fault = code_fault(USCC, row["code"])
    if not row["name"]:
        fault = NAME
    status = _status(row["status"])
    if status is None:
        fault = STATUS
    else:
        row["status"] = status
    if row["former_names"]:
        names = (name.strip() for name in _PARTED.split(row["former_names"]))
        row["former_names"] = JOIN.join(filter(None, names))
    if row["organisation_code"]:
        row["organisation_code"] = plain_code(row["organisation_code"]).replace("-", "")
    if row["former_codes"]:
        codes = (plain_code(code.strip()) for code in _PARTED.split(row["former_codes"]))
        row["former_codes"] = JOIN.join(code for code in codes if code not in ("", row["code"]))
    if row["successor"]:
        row["successor"] = plain_code(row["successor"])
    if not _REGION(row["region"]):  # of a statistic only: no reason to leave a subject out
        row["region"] = ""
    return fault


def _status(text: str) -> Status | None:
    if not text:
        return Status.LIVE
    if text in set(Status):
        return Status(text)
    return next((status for words, status in _STATUSES if words.search(text)), None)


def right_rows(path: Path, left_out: Callable[[LeftOut], None]) -> Iterator[dict[str, str]]:
    """The rows of a file that are subjects; `left_out` is told of the others.

    Raises:
        TableError: as of `subject_rows`.
    """
    for row in subject_rows(path):
        if isinstance(row, LeftOut):
            left_out(row)
        else:
            yield row
