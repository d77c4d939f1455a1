"""A mapping proposed from a table: columns that are known are named, doubts stand as comments.

A name of a column is known from the built-in layouts, of the list that is named or of the one that
fits best; else the cells say what they hold: unified codes, document numbers, days. What is guessed
is marked, what nobody knows is listed. A person looks at it and tries it (`huxin adapter try`); a
proposal publishes nothing. It holds names of columns and never a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import yaml

from adapters.files._cell_error import CellError
from adapters.files._cells import read_code
from adapters.files._columns import wanted
from adapters.files._dates import FORMATS, DateReader
from adapters.files._extraction import NAMED, values
from adapters.files.faults import RowFault
from adapters.files.headings import Wanted, column_name
from adapters.files.mapping import ALWAYS_REQUIRED, SCHEMES, Mapping, built_in_mappings
from adapters.files.mapping_parts import Grade, removal_columns
from adapters.files.standing import tells
from adapters.files.tables import Table, Tabular
from federation.names import EXIT_KINDS, PENALTY_GRADES
from federation.payloads import PENALTY_LIST_TYPE

ROWS: Final = 200
"""Rows that are looked at."""
KNOWN_MIN: Final = 3
"""Names of columns by which a row is seen to be the header."""
SHARE: Final = 0.8
"""Of the filled cells of a column have to hold what it is guessed to hold."""

_PERSONS: Final = re.compile(
    "法定代表人|法人代表|负责人|身份证|证件|电话|手机|性别|年龄|住址|联系人|姓名$"
).search
_NAMES: Final = re.compile("(公司|厂|店|社|中心|学校|医院|集团|合作社|（演示）)$").search


@dataclass(slots=True, kw_only=True)
class _Guess:
    fields: dict[str, list[str]] = field(default_factory=dict)
    guessed: dict[str, str] = field(default_factory=dict)
    """Why, by the column."""
    reason: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    key: list[str] = field(default_factory=list)
    party: list[str] = field(default_factory=list)
    period: list[str] = field(default_factory=list)
    grades: list[str] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    inside: dict[str, str] = field(default_factory=dict)
    """Field to the column in whose cells it stands."""


def open_table(path: Path) -> Table:
    """Open a file; its header is the first row with several names that a built-in layout knows.

    Raises:
        TableError: it is not a table within the bounds.
    """
    table = Table(path)
    names = frozenset().union(*(wanted(one).names for one in built_in_mappings().values()))

    def fits(header: Sequence[str]) -> bool:
        return sum(column_name(text) in names for text in header if text) >= KNOWN_MIN

    table.look_for(Wanted(names=names, fits=fits))
    return table


def propose(table: Tabular, titles: Sequence[str], *, list_type: str = "") -> str:
    """Return the text of a mapping file for a table.

    Args:
        table: the rows; the first `ROWS` are looked at.
        titles: what stands above the header, and the names of worksheet and file.
        list_type: of a built-in layout to begin with; empty: the one that knows most columns.
    """
    header = [text for text in table.header if text]
    layout = _layout(header, list_type)
    cells = _columns(table)
    guess = _named(header, layout)
    _look(guess, cells)
    return _text(guess, layout, list_type or layout.list_type, titles)


def _layout(header: Sequence[str], list_type: str) -> Mapping:
    built_in = built_in_mappings()
    if list_type in built_in:
        return built_in[list_type]
    names = set(map(column_name, header))

    def known(one: Mapping) -> int:
        columns = [c for cs in one.fields.values() for c in cs]
        columns += [c for part in one.reason for c in part.columns]
        return len(names & set(map(column_name, columns)))

    return max(built_in.values(), key=known)


def _columns(table: Tabular) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {text: [] for text in table.header if text}
    for item in islice(table, ROWS):
        if isinstance(item, RowFault):
            continue
        for text, cell in zip(table.header, item[1], strict=False):
            if text and cell.strip():
                found[text].append(cell.strip())
    return found


def _named(header: Sequence[str], layout: Mapping) -> _Guess:
    """Sort the columns by what the layout, or else any built-in one, calls them."""
    guess = _Guess()
    layouts = [layout, *(one for one in built_in_mappings().values() if one is not layout)]
    for text in header:
        name = column_name(text)
        of_persons = any(name in _names(one.persons) for one in layouts) or _PERSONS(text)
        if of_persons and not any(name in _names(one.fields["name"]) for one in layouts):
            guess.persons.append(text)
        elif not _by_layouts(guess, text, name, layouts):
            (guess.standing if tells(text) else guess.unknown).append(text)
    return guess


def _by_layouts(guess: _Guess, text: str, name: str, layouts: Sequence[Mapping]) -> bool:
    for one in layouts:
        for target, columns in one.fields.items():
            if name in _names(columns):
                guess.fields.setdefault(target, []).append(text)
                if one is not layouts[0]:
                    guess.guessed[text] = f"因 {one.title} 如此称呼 / as another list calls it"
                return True
        if any(name in _names(part.columns) for part in one.reason):
            guess.reason.append(text)
            return True
        for columns, into in (
            (one.own_key, guess.key),
            (one.party.columns if one.party else (), guess.party),
            (one.period, guess.period),
            (one.grades.columns if one.grades else (), guess.grades),
        ):
            if name in _names(columns):
                into.append(text)
                return True
    return False


def _look(guess: _Guess, cells: dict[str, list[str]]) -> None:
    """Guess by the cells what no name says."""
    dates = DateReader(FORMATS)
    looks: tuple[tuple[str, Callable[[str], object], str], ...] = (
        ("code", _is_code, "单元格为统一社会信用代码 / its cells are unified codes"),
        ("document", _is_document, "单元格为文号 / its cells are document numbers"),
        ("name", _NAMES, "单元格像单位名称 / its cells look like names of organisations"),
        ("decided_on", lambda cell: _is_date(dates, cell), "单元格为日期 / its cells are days"),
    )
    for target, holds, why in looks:
        if target in guess.fields:
            continue
        for text in list(guess.unknown):
            if _share(cells[text], holds) >= SHARE:
                guess.fields[target] = [text]
                guess.guessed[text] = why
                guess.unknown.remove(text)
                break
    if "document" not in guess.fields:
        shares = {
            text: _share(found, _has_document)
            for text, found in cells.items()
            if text not in guess.persons
        }
        best = max(shares, key=lambda text: shares[text], default="")
        if best and shares[best] > 0:
            guess.inside["document"] = best
            count = len(cells[best])
            guess.guessed[best] = f"{round(shares[best] * count)}/{count}"


def _share(cells: Sequence[str], holds: Callable[[str], object]) -> float:
    return sum(bool(holds(cell)) for cell in cells) / len(cells) if cells else 0.0


def _is_code(cell: str) -> bool:
    try:
        read_code(cell, SCHEMES)
    except CellError:
        return False
    return True


def _is_document(cell: str) -> bool:
    return values(NAMED["document-number"], cell) == (cell,)


def _has_document(cell: str) -> bool:
    return len(values(NAMED["document-number"], cell)) == 1


def _is_date(dates: DateReader, cell: str) -> bool:
    try:
        dates.read(cell)
    except CellError:
        return False
    return True


def _names(columns: Iterable[str]) -> set[str]:
    return set(map(column_name, columns))


def _text(guess: _Guess, layout: Mapping, list_type: str, titles: Sequence[str]) -> str:
    return "\n".join(_lines(guess, layout, list_type, titles)) + "\n"


def _lines(guess: _Guess, layout: Mapping, list_type: str, titles: Sequence[str]) -> Iterator[str]:
    penal = list_type == PENALTY_LIST_TYPE
    yield "# 由 huxin adapter new 提出的映射，请逐项核对；以 huxin adapter try 试用"
    yield "# A mapping proposed from a table: look at each line, then try it"
    yield "format: 1"
    yield f"id: {_word(list_type)}-own"
    yield f"title: {_word(layout.title)}"
    yield f"list_type: {_word(list_type)}"
    if layout.commends:
        yield "kind: commendation   # 守信名单 / a list of the trustworthy"
    else:
        yield from () if penal else ("tier: severe   # 或 watch / or watch",)
    yield "schemes: [uscc, organisation-code]"
    yield "fields:"
    for target, columns in guess.fields.items():
        why = next((guess.guessed[c] for c in columns if c in guess.guessed), "")
        yield f"  {target}: {_list(columns)}" + (f"   # 猜测 guessed: {why}" if why else "")
    yield from _absent(guess, titles, penal=penal)
    yield from _parts(guess, layout)
    yield from _standing(guess, layout)
    for number, way in enumerate(layout.exits):
        yield from () if number else ("exits:",)
        months = f", months: {way.months}" if way.months else ""
        yield f"  - {{kind: {EXIT_KINDS.name(way.kind)}{months}}}"
    yield "row_key:"
    yield from (f"  columns: {_list(guess.key)}",) if guess.key else ()
    yield f"  fields: {_list(layout.key_fields)}"
    yield from _defaults(guess, layout, penal=penal)
    shortest, longest = layout.shortest_months, layout.longest_months
    yield f"publication: {{shortest_months: {shortest}, longest_months: {longest}}}"
    for text in guess.unknown:
        yield f"# 未采用的列 / a column that is dropped: {_word(text)}"


def _defaults(guess: _Guess, layout: Mapping, *, penal: bool) -> Iterator[str]:
    defaults = layout.defaults
    stated = {t: v for t, v in defaults.items() if t == "basis" or t not in guess.fields}
    if stated:
        yield "defaults:   # 单元格为空时采用 / where no cell says it"
    for target, text in stated.items():
        yield f"  {target}: {_word(text)}"
    if "basis" not in stated:
        yield "required: [basis]"
    if penal and not guess.grades:
        yield "# defaults.grade: 无失信程度列，请按程度分表并写明 / state it, a table a grade"


def _absent(guess: _Guess, titles: Sequence[str], *, penal: bool) -> Iterator[str]:
    """What is said of needed fields that stand in no column of their own."""
    title = " ".join(titles)
    patterns = {"document": "document-number", "decided_on": "date"}
    in_title = {
        target: pattern
        for target, pattern in patterns.items()
        if target not in {*guess.fields, *guess.inside} and values(NAMED[pattern], title)
    }
    told = {*guess.fields, *guess.inside, *in_title}
    always = (*ALWAYS_REQUIRED, "categories", "facts") if penal else ALWAYS_REQUIRED
    for target in (one for one in always if one not in told):
        yield f"  # {target}: 未找到此列，请补 / no column was found: name it, or ask for it"
    if not {"authority", "authority_name"} & told:
        yield "  # authority_name: 未找到此列，请补，或写入 defaults / or state it in defaults"
    for target, column in guess.inside.items():
        rows = guess.guessed[column]
        yield f"extract:   # 值在单元格文字之中 / the value stands inside a cell; {rows} 行 rows"
        yield f"  {target}: {{columns: {_list([column])}, pattern: {patterns[target]}}}"
    for number, (target, pattern) in enumerate(in_title.items()):
        head = "titles:   # 值在标题或文件名中 / the value stands in the title or the file's name"
        yield from () if number else (head,)
        yield f"  {target}: {pattern}"


def _parts(guess: _Guess, layout: Mapping) -> Iterator[str]:
    for number, text in enumerate(guess.reason):
        yield from () if number else ("reason:",)
        yield f"  - {{label: {_word(text)}, columns: {_list([text])}}}"
    if guess.party and layout.party:
        yield "party:   # 请核对用词 / look at its words"
        yield f"  columns: {_list(guess.party)}"
        yield f"  natural: {_list(sorted(layout.party.natural))}"
        yield f"  organisation: {_list(sorted(layout.party.organisation))}"
    if guess.persons:
        yield f"persons: {_list(guess.persons)}   # 自然人，计数后丢弃 / counted and dropped"
    if guess.period:
        yield f"period: {_list(guess.period)}"
    if guess.grades and layout.grades:
        yield f"grades:\n  columns: {_list(guess.grades)}\n  words:"
        for word, one in layout.grades.words.items():
            yield f"    {word}: {{{_grade(one)}}}"


def _grade(one: Grade) -> str:
    if not one.exchanged:
        return "exchanged: no"
    named = f"grade: {PENALTY_GRADES.name(one.grade)}, " if one.grade else ""
    return f"{named}shortest_months: {one.shortest_months}, longest_months: {one.longest_months}"


def _standing(guess: _Guess, layout: Mapping) -> Iterator[str]:
    """What says that a row does not stand: by the words of the layout, else left to a person."""
    here = {column_name(text): text for text in guess.standing}
    known: set[str] = set()
    states = [(one, _here(one.columns, here)) for one in layout.state]
    for number, (state, columns) in enumerate((one, found) for one, found in states if found):
        known |= set(columns)
        yield from () if number else ("state:   # 请核对用词 / look at its words",)
        yield f"  - columns: {_list(columns)}"
        for key in ("stands", "removed", "not_yet"):
            yield f"    {key}: {_list(getattr(state, key))}"
    removal = removal_columns(layout.removal) if layout.removal else ()
    for key, names in (("removal", removal), ("by_hand", layout.by_hand)):
        columns = _here(names, here)
        known |= set(columns)
        if columns:
            told = _list(columns)
            yield f"{key}: {told}" if key == "by_hand" else f"{key}: {{columns: {told}}}"
    if rest := [text for text in guess.standing if text not in known]:
        yield "# 可能表示该行是否在列或期限，须归入 state、removal、by_hand、period 或 aside："
        yield "# these may tell whether a row stands, or how long: name each"
        yield f"# {_list(rest)}"


def _here(names: Iterable[str], here: dict[str, str]) -> list[str]:
    return [here[name] for name in map(column_name, names) if name in here]


def _list(words: Iterable[str]) -> str:
    return "[" + ", ".join(map(_word, words)) + "]"


def _word(text: str) -> str:
    dumped = yaml.safe_dump([text], allow_unicode=True, default_flow_style=True, width=10_000)
    return dumped.strip().removeprefix("[").removesuffix("]")
