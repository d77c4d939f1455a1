"""Lists of incentives 守信激励措施清单 as tables: each row one scenario.

    F44 a scenario file may be a table with the columns of such a list (事项, 内容, 对象, 依据,
        层级, 频次). Who offers it is the source's one authority, and it has neither beginning nor
        end, where no cell says so; level and frequency, and whom it is for in the list's own
        words, stand among its conditions
    F52 a cell of 起止 is two days, or 长期; one of 地区 is codes or names of regions; one of
        守信名单 is a plain list of codes: on any of these lists; one of 措施代码 is a code for all
        benefits of the row, or one for each. What is none of this is refused

Another column is left out, like those of lists that no mapping names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from adapters.files._documents import Document
from adapters.files._scenario_words import NAMES, OPEN_END, WORDS
from adapters.files.errors import TableError
from adapters.files.faults import RowFault, shown
from adapters.files.headings import Wanted, check_once, column_name, is_aside
from adapters.files.tables import Table

_COLUMNS: Final = {
    "action": ("操作", "action"),
    "about": ("原声明编号", "about"),
    "scenario_type": ("场景类型", "类型", "类别", "领域", "应用领域", "scenario_type"),
    "title": (
        *("场景名称", "事项", "事项名称", "激励事项", "守信激励事项", "措施名称", "服务事项"),
        "title",
    ),
    "provider": ("提供单位代码", "provider"),
    "provider_name": (
        *("提供单位", "实施单位", "实施部门", "实施主体", "责任单位", "责任部门", "牵头单位"),
        *("主管部门", "provider_name"),
    ),
    "incentives": (
        *("优惠措施", "内容", "事项内容", "激励内容", "激励措施", "措施内容", "具体措施"),
        "incentives",
    ),
    "subjects": ("适用主体", "对象", "适用对象", "激励对象", "服务对象", "subject_kinds"),
    "conditions": ("适用条件", "条件", "申请条件", "conditions"),
    "level": ("层级", "实施层级", "级别"),
    "frequency": ("频次", "频率", "实施频次", "更新频次"),
    "places": ("适用地区", "地区", "实施地区", "适用区域", "places"),
    "windows": ("服务窗口", "办理窗口", "受理窗口", "windows"),
    "lists": ("守信名单", "名单代码", "守信名单代码"),
    "codes": ("措施代码", "激励代码"),
    "period": ("起止", "起止时间", "起止日期", "有效期", "实施期限"),
    "basis": ("依据", "政策依据", "法律依据", "实施依据", "basis"),
    "valid_from": ("有效期起", "起始日期", "实施日期", "开始日期", "valid_from"),
    "valid_until": ("有效期止", "截止日期", "终止日期", "结束日期", "valid_until"),
}
"""Names of the columns; of each the first that is there counts."""
_NEEDED: Final = ("title", "incentives")
_TYPE: Final = "守信激励"
_LONGEST: Final = 128
"""Characters of one benefit."""
_KINDS: Final = (
    (re.compile("企业|公司|纳税人|经营主体|市场主体|法人"), "enterprise"),
    (re.compile("个体|经营主体|市场主体"), "sole-trader"),
    (re.compile("社会组织|社团|协会|商会|基金会"), "social-organisation"),
    (re.compile("机关|事业单位"), "public-body"),
    (re.compile("合作社"), "cooperative"),
    (re.compile("非法人组织|其他组织"), "other-organisation"),
)
_ITEMS: Final = re.compile(r"[；;\n]+")
_WORDS: Final = re.compile(r"[、,，;；/\s]+")
_SPAN: Final = re.compile(r"(.+?)\s*(?:至|到|[~～—–]+|-(?=\s*[12][0-9]{3}\D))\s*(.+)")
_WANTED: Final = Wanted(
    names=frozenset(column_name(name) for names in _COLUMNS.values() for name in names),
    fits=lambda header: not _absent(header),
)


def incentive_items(
    path: Path, authorities: Mapping[str, str]
) -> Iterator[tuple[int, Document, dict[str, str]] | RowFault]:
    """Yield row number, scenario as a document, and the headings of its fields.

    Raises:
        TableError: it is no table, or lacks the columns that every such list has.
    """
    table = Table(path)
    table.look_for(_WANTED)
    if absent := _absent(table.header):
        message = (
            f"表头缺少必需的列 / a list of incentives: the header lacks {'; '.join(absent)}. "
            f"Got {', '.join(filter(None, table.header))}"
        )
        raise TableError("header.missing", message)
    check_once(table.header, _WANTED.names)
    index = {column_name(text): at for at, text in enumerate(table.header) if text}
    at = {
        field: index[name]
        for field, names in _COLUMNS.items()
        if (name := next((n for n in map(column_name, names) if n in index), None)) is not None
    }
    called = {field: table.header[place] for field, place in at.items()}
    called["subject_kinds"] = called.get("subjects", NAMES["subject_kinds"])
    called["condition"] = called.get("lists", NAMES["condition"])
    if "period" in called:
        called |= dict.fromkeys(("valid_from", "valid_until"), called["period"])
    table.need(1 + max(at.values()))
    (only,) = authorities.values() if len(authorities) == 1 else ("",)
    for item in table:
        if isinstance(item, RowFault):
            yield item
            continue
        number, cells = item
        row = {field: cells[place].strip() for field, place in at.items()}
        if any(row.values()) and not is_aside([cell for cell in cells if cell.strip()]):
            fault = _fault_of_codes(number, row, called)
            yield fault or (number, _document(row, only), called)


def _absent(header: Sequence[str]) -> list[str]:
    there = {column_name(text) for text in header if text}
    return [
        " / ".join(_COLUMNS[field])
        for field in _NEEDED
        if there.isdisjoint(map(column_name, _COLUMNS[field]))
    ]


def _document(row: Mapping[str, str], only: str) -> Document:
    kinds, own_words = _subjects(row.get("subjects", ""))
    told = (
        ("", row.get("conditions", "")),
        ("对象：", own_words),
        ("层级：", row.get("level", "")),
        ("频次：", row.get("frequency", "")),
    )
    document: dict[str, Document] = {
        "kind": "scenario",
        "scenario_type": row.get("scenario_type") or _TYPE,
        "valid_from": row.get("valid_from") or "长期",
        "valid_until": row.get("valid_until") or "长期",
        "incentives": _incentives(row),
        "subject_kinds": list(kinds),
        "conditions": "；".join(label + text for label, text in told if text),
        **{field: row.get(field, "") for field in ("about", "title", "basis")},
        "action": row.get("action") or "opened",
    }
    for field in ("provider", "provider_name"):
        document[field] = row.get(field, "")
    for field in ("places", "windows"):
        document[field] = [*_parts(_WORDS if field == "places" else _ITEMS, row.get(field, ""))]
    document["condition"] = [*_parts(_WORDS, row.get("lists", ""))]
    document |= _period(row.get("period", ""))
    if not (document["provider"] or document["provider_name"]):
        document["provider"] = only
    return {key: value for key, value in document.items() if value}


def _incentives(row: Mapping[str, str]) -> list[Document]:
    """The benefits of a row, each with the code that it has or that all have."""
    texts, codes = [*_texts(row)], [*_parts(_WORDS, row.get("codes", ""))]
    if not codes:
        return [*texts]
    codes = codes * len(texts) if len(codes) == 1 else codes
    return [{"code": code, "text": text} for code, text in zip(codes, texts, strict=True)]


def _texts(row: Mapping[str, str]) -> Iterable[str]:
    return dict.fromkeys(_benefits(row["incentives"]))


def _fault_of_codes(
    number: int, row: Mapping[str, str], called: Mapping[str, str]
) -> RowFault | None:
    """Codes that are neither one for all benefits nor one for each."""
    codes, texts = [*_parts(_WORDS, row.get("codes", ""))], [*_texts(row)]
    if len(codes) in (0, 1, len(texts)):
        return None
    message = (
        f"措施代码应为一个，或与 {len(texts)} 项内容一一对应 / expected one code, or one for each "
        f"of the {len(texts)} benefits, got {len(codes)}"
    )
    return RowFault(
        row=number,
        column=called["codes"],
        code="field.value",
        value=shown(row["codes"]),
        expected=f"1、{len(texts)}",
        message=message,
    )


def _parts(between: re.Pattern[str], text: str) -> Iterator[str]:
    return (part.strip() for part in between.split(text) if part.strip())


def _period(text: str) -> dict[str, Document]:
    """The two days of a cell; a cell that is not understood stands as the first, and is refused."""
    if not text:
        return {}
    if text in OPEN_END:
        return {"valid_from": text, "valid_until": text}
    span = _SPAN.fullmatch(text)
    if span is None:
        return {"valid_from": text, "valid_until": text}
    first, last = span.groups()
    return {"valid_from": first.strip(), "valid_until": last.strip()}


def _benefits(text: str) -> Iterator[str]:
    """The benefits of a cell; one that is too long is parted at its full stops."""
    for part in filter(None, (part.strip() for part in _ITEMS.split(text))):
        if len(part) <= _LONGEST:
            yield part
        else:
            yield from filter(None, (one.strip() for one in part.split("。")))


def _subjects(text: str) -> tuple[tuple[str, ...], str]:
    """The kinds of subjects that a cell names, and its own words where they say more."""
    if not text:
        return ("enterprise",), ""
    words = [*_parts(_WORDS, text)]
    known = [WORDS.get(word, word) for word in words]
    if all(word in {kind for _, kind in _KINDS} for word in known):
        return tuple(dict.fromkeys(known)), ""
    found = tuple(kind for words_of, kind in _KINDS if words_of.search(text))
    return found or tuple(dict.fromkeys(words)), text
