"""The text of a mapping file that is proposed, out of what each column is taken for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import yaml

from adapters.files._extraction import NAMED, values
from adapters.files.headings import column_name
from adapters.files.mapping import ALWAYS_REQUIRED, Mapping
from adapters.files.mapping_parts import Grade, removal_columns
from federation.names import EXIT_KINDS, PENALTY_GRADES
from federation.payloads import PENALTY_LIST_TYPE

_LACKING: Final = re.compile(r"^  # (\w+): 未找到此列", re.MULTILINE).findall


@dataclass(slots=True, kw_only=True)
class Guess:
    """What each column is taken for; columns by what they fill, in the order of preference."""

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
    by_hand: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    inside: dict[str, str] = field(default_factory=dict)
    """Field to the column in whose cells it stands."""


def mapping_text(
    guess: Guess, layout: Mapping, list_type: str, titles: Sequence[str], *, name: str = ""
) -> str:
    """Write the mapping file.

    Args:
        guess: what each column is.
        layout: a built-in one, of which its words, ways out and periods are taken.
        list_type: of the list.
        titles: what stands above the header, and the names of worksheet and file.
        name: its id; empty: the list's, with `-own`.
    """
    name = name or f"{list_type}-own"
    return "\n".join(_lines(guess, layout, list_type, titles, name)) + "\n"


def lacking(text: str) -> tuple[str, ...]:
    """The fields of which a proposed mapping says that no column was found."""
    return tuple(_LACKING(text))


def _lines(
    guess: Guess, layout: Mapping, list_type: str, titles: Sequence[str], name: str
) -> Iterator[str]:
    penal = list_type == PENALTY_LIST_TYPE
    yield "# 由 huxin adapter new 提出的映射，请逐项核对；以 huxin adapter try 试用"
    yield "# A mapping proposed from a table: look at each line, then try it"
    yield "format: 1"
    yield f"id: {_word(name)}"
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


def _defaults(guess: Guess, layout: Mapping, *, penal: bool) -> Iterator[str]:
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


def _absent(guess: Guess, titles: Sequence[str], *, penal: bool) -> Iterator[str]:
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


def _parts(guess: Guess, layout: Mapping) -> Iterator[str]:
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


def _standing(guess: Guess, layout: Mapping) -> Iterator[str]:
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
        if key == "by_hand":
            columns = [*columns, *guess.by_hand]
        if columns:
            told = _list(columns)
            yield f"{key}: {told}" if key == "by_hand" else f"{key}: {{columns: {told}}}"
    if guess.aside:
        yield f"aside: {_list(guess.aside)}"
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
