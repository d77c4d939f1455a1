"""Headings of columns: in which form they are compared, and which rows of a table are its header.

    F34 the header is the first row, of the first `ROWS_MAX`, that has the columns a layout
        requires; what stands above it (titles, who filled the table in, notes) counts in the row
        numbers and for nothing else. Two rows are a header together where groups (列入信息,
        移出信息) stand above: a column that a layout does not know by its own name alone, or whose
        group speaks of removal, has the group in its name
    F35 what decorates a heading, code or text is not part of it: width, case, white space, marks
        (*, ★), what cannot be seen (U+FEFF, U+200B), a number before it, a colon after it, 必填,
        选填 and forms in brackets; of a code an apostrophe, `="…"`, hyphens, its name before it

A mapping may say the row of the header itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from adapters.files.errors import TableError

ROWS_MAX: Final = 30
"""Rows, blank ones too, within which the header stands."""

_MARKS: Final = "*★☆※▲●◆■#✱∗"
_NUMBERED: Final = re.compile(r"^(?:\(?[0-9]{1,2}[.、)])+")
_REQUIRED: Final = re.compile(
    r"[(\[【〔<{][^()\[\]【】〔〕<>{}]{0,40}?"
    r"(?:必填|选填|必选|可选|必录|非必须|可为空|不能为空|不可为空|格式|年-?/?月|yyyy|下拉|文本型|字符型|日期型|如:|例:|例如|示例"
    r"|[0-9]{1,2}位|全称|盖章|公历|xx)"
    r"[^()\[\]【】〔〕<>{}]{0,40}[)\]】〕>}]"
)
_REMOVED: Final = re.compile("移出|移除|退出|撤[销銷消]|修[复復]|[删刪]除|解除")
_PROSE: Final = re.compile(r"[:：。；;，0-9０-９]")
_GROUP_MAX: Final = 16
"""Characters of a group's name; what is longer is a title or a note."""
_NOTE: Final = re.compile(
    r"[(\[【〔*※—-]*(?:(?:注|附注|说明|备注|填表说明|填报说明|填写说明|填表要求|提示|合计|总计|共计|小计|累计"
    r"|填[报表写制]|制表|审核|审批|复核|经办|联系|负责人|单位负责人|报送|上报|打印|导出|统计|数据来源|来源)"
    r"[^:]{0,8}(?::|$)|以上|以下空白|以下无正文|此页|本表|此表|第[0-9]+页|共[0-9]+"
    r"|.{0,40}[(]续表?[)]$|(?:单位|部门|机关)?[(]?(?:盖章|公章|印章|签章|签字)(?:[):]|$)|日期:|时间:"
    r"|(?:本页|总)(?:小计|合计|计|户数|数|条数|家数)(?:[:0-9]|$)|(?:完|结束|END)[—-]*$"
    r"|(?:19|20)[0-9]{2}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?$)"
)
"""How texts begin that stand above or below a table and are no row of it."""
_DIVIDES: Final = re.compile(
    r"[(\[]?[一二三四五六七八九十]{1,3}[)\]、.:]|第[一二三四五六七八九十]{1,3}(?:部分|类|批|节)"
)
_OF_A_FIRM: Final = re.compile(r"(?:公司|厂|店|社|中心|院|部|所|行|场|站|队|会|[(]演示[)])$")
_OF_LISTS: Final = re.compile("名单|以下|下列")
_NOTE_CELLS: Final = 6
"""Cells that a note below a table has at most."""
_NAMES_TOLD: Final = 4
"""Names of a column that lacks, of the many that are known."""
_EMPTY_WORDS: Final = re.compile("(?:相关)?(?:信息|情况|内容|事项|数据)$")


def plain(text: str) -> str:
    """Return a text by NFKC without white space and without what cannot be seen."""
    if text.isascii() and text.isalnum():
        return text
    normal = unicodedata.normalize("NFKC", text)
    return "".join([c for c in normal if not c.isspace() and unicodedata.category(c) != "Cf"])


@lru_cache(4096)
def column_name(text: str) -> str:
    """Return a heading in the form in which headings are compared (F35).

    `＊统一社会信用代码（必填）： ` and `统一社会信用代码` are one, `caseCode` and `CASECODE` too.
    """
    name = _REQUIRED.sub("", plain(text).casefold())
    before = ""
    while name != before:
        before = name
        name = _NUMBERED.sub("", name.strip(_MARKS)).rstrip(":")
    return name or plain(text).casefold()


def header_lacks(
    what: str,
    absent: Sequence[Sequence[str]],
    header: Iterable[str],
    advice: tuple[str, str] = ("", ""),
) -> str:
    """Say which columns a header lacks, what each may be called, and what is there instead.

    Args:
        what: what reads the table, in English.
        absent: of each column that lacks, its names; those in Chinese come first.
        header: as it was found.
        advice: what to do, as sentences in Chinese and in English.
    """
    there = [text for text in header if text]
    lacks = "；".join(_called(names) for names in absent)
    english = "; ".join(" / ".join(names) for names in absent)
    return (
        f"表头缺少必需的列：{lacks}。表头现有：{'、'.join(there) or '无'}。{advice[0]} / "
        f"{what}: the header lacks {english}. Got {', '.join(there)}. {advice[1]}"
    )


def _called(names: Sequence[str]) -> str:
    """A column by its first name, and in brackets others that it may have; Chinese alone."""
    chinese = [name for name in names if not name.isascii()] or list(names)
    first, others = chinese[0], chinese[1:_NAMES_TOLD]
    return f"“{first}”（或{'、'.join(others)}）" if others else f"“{first}”"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a layout looks for in a header."""

    names: frozenset[str]
    """Every column that it knows, by `column_name`."""
    fits: Callable[[Sequence[str]], bool]
    """Whether a header has all that the layout requires."""
    row: int = 0
    """Number of the row with the names; 0: it is looked for."""
    skip: int = 0
    """Rows after the header that are no data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header found among the first rows."""

    texts: tuple[str, ...]
    first: int
    """Position of its first row among those looked at."""
    end: int
    """Position of the first row after it."""


def is_note(text: str) -> bool:
    """Whether a text is about the table, and nothing of it: a note, a sum, who filled it in."""
    return _NOTE.match(plain(text)) is not None


def is_aside(filled: Sequence[str]) -> bool:
    """Whether the filled cells of a row without a code are a note or sum below a table (F38)."""
    return len(filled) <= _NOTE_CELLS and is_note(filled[0])


def divides(text: str) -> bool:
    """Whether a text alone in its row plainly divides a table (二、移出名单), and is no name."""
    plain_text = plain(text)
    return _DIVIDES.match(plain_text) is not None and _OF_A_FIRM.search(plain_text) is None


def repeats(header: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether a row is the header once more, as on each page of a printed table (F38)."""
    pairs = [(text, cells[at] if at < len(cells) else "") for at, text in enumerate(header) if text]
    return all(column_name(text) == column_name(cell) for text, cell in pairs)


def first_header(rows: Sequence[Sequence[str]]) -> Header | None:
    """Return the first row with more than one filled cell: a header, for all that is known."""
    for at, cells in enumerate(rows):
        if sum(map(bool, texts := stripped(cells))) > 1:
            return Header(texts=texts, first=at, end=at + 1)
    return None


def find_header(rows: Sequence[Sequence[str]], wanted: Wanted) -> Header | None:
    """Return the first header that fits, else the row that has most of the columns known (F34).

    None where not even two of the columns known stand in one row.
    """
    best: Header | None = None
    most = 1
    for at, cells in enumerate(rows):
        for header in _candidates(at, stripped(cells), rows, wanted):
            if wanted.fits(header.texts):
                return header
            known = sum(column_name(text) in wanted.names for text in header.texts if text)
            if known > most:
                best, most = header, known
    return best


def check_once(header: Sequence[str], names: Iterable[str]) -> None:
    """See that no column of these names stands twice; others may.

    Raises:
        TableError: `header.duplicate`.
    """
    used = frozenset(names)
    seen: set[str] = set()
    for text in filter(None, header):
        name = column_name(text)
        if name in seen and name in used:
            message = f"列名重复 / two columns have the same name {text!r}; rename one"
            raise TableError("header.duplicate", message)
        seen.add(name)


def _candidates(
    at: int, texts: tuple[str, ...], rows: Sequence[Sequence[str]], wanted: Wanted
) -> Iterable[Header]:
    if not any(texts):
        return
    lower = stripped(rows[at + 1]) if at + 1 < len(rows) else ()
    if (
        any(lower)
        and not _is_section(lower)
        and any(texts[1:])  # alone at the left it is a title
        and _are_names(texts)
        and (_continues(texts, lower, wanted.names) or not wanted.fits(texts))
    ):
        yield Header(texts=_together(texts, lower, wanted.names), first=at, end=at + 2)
    if sum(map(bool, texts)) > 1:
        yield Header(texts=texts, first=at, end=at + 1)


def _is_section(cells: Sequence[str]) -> bool:
    """Whether a row divides a table: no names of columns, but what the rows below it are."""
    said = {text for text in cells if text}
    return len(said) == 1 and all(divides(text) or _OF_LISTS.search(text) for text in said)


def _are_names(texts: Sequence[str]) -> bool:
    filled = list(filter(None, texts))
    return all(len(text) <= _GROUP_MAX and not _PROSE.search(text) for text in filled)


def _continues(upper: Sequence[str], lower: Sequence[str], names: frozenset[str]) -> bool:
    """Whether a row only has names for columns that the row above it leaves open."""
    more = [
        (upper[at] if at < len(upper) else "", text)
        for at, text in enumerate(lower)
        if text and (text,) != tuple(upper[at : at + 1])
    ]
    return _are_names([text for _, text in more]) and not any(
        column_name(over) in names for over, _ in more
    )


def _together(upper: Sequence[str], lower: Sequence[str], names: frozenset[str]) -> tuple[str, ...]:
    """The names of two rows of headings as one."""
    width = max(len(upper), len(lower))
    above, below = ([*row, *[""] * (width - len(row))] for row in (upper, lower))
    found: list[str] = []
    group = ""
    for over, under in zip(above, below, strict=True):
        if over:
            group = over
        if not under or over == under:
            group = ""  # one heading over both rows; what comes next has no group yet
            found.append(over or under)
        else:
            found.append(_in_group(group, under, names))
    return stripped(found)


def _in_group(group: str, text: str, names: frozenset[str]) -> str:
    if not group or _REMOVED.search(text):
        return text
    if column_name(text) in names and not _REMOVED.search(group):
        return text
    short = _EMPTY_WORDS.sub("", group)
    for name in (short + text, group + text):
        if column_name(name) in names:
            return name
    return short + text


def stripped(cells: Sequence[str]) -> tuple[str, ...]:
    """Return cells without blanks around them, and without empty ones at the end."""
    texts = [cell.strip() for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)
