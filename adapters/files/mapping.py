"""Mappings: what the columns of one source's layout mean, as data.

A mapping is an allow-list. A column that it does not name is dropped; a column of a natural
person is named so that its filled cells are counted when they are dropped. Keys of a file:

    format        1
    id, title     name of the mapping, and what people call it
    list_type     id of the list; list_names: what files call the list
    kind          list or commendation; default list
    tier          severe or watch
    schemes       uscc (18 characters), organisation-code (9); default uscc
    fields        field: [column, …] in order of preference; the fields are `FIELDS`
    reason        [{label, columns}, …], joined to the reason 列入事由
    required      more fields whose cell must be filled
    defaults      basis, exit_path, remedy, document_type where no cell says it
    period        [column, …] that state the period as a length or a span of days
    exits         [{kind, months}, …]: the ways out of the list as data, by the names of `ExitKind`
    publication   shortest_months, longest_months, counted from the decision; the longest also caps
    state         [{columns, stands, removed, not_yet}, …]: words that say how a row stands
    removal       {columns, kind, document, decided_on, reason}: a filled cell of `columns` says
                  that the row no longer stands; with kind (repair, withdrawal) it is relief, by the
                  decision in the columns `document` and `decided_on`
    by_hand       [column, …] a filled cell of which makes the row one for a person
    aside         [column, …] that tell neither whether a row stands nor how long
    party         {columns, natural: [word, …], organisation: [word, …]}
    persons       [column, …] dropped and counted
    row_key       {columns: the source's own id, fields: what makes the key where there is none,
                  former: columns that once were the id; a running number alone is none (F15)}
    dates         formats, of `_dates.FORMATS`; default all
    blank         words that stand for an empty cell
    header        {row, skip}: the number of the row with the columns' names, as a spreadsheet shows
                  it, and how many rows after it are no data; default: the first row with two cells
    extract       {field: {columns, pattern}}: the value stands among other words of a cell
    titles        {field: pattern}: the value stands above the header, in the worksheet's name or
                  in the file's
    grades        {columns, words: {word: {grade, shortest_months, longest_months, exchanged}}}:
                  periods that go by how grave a row is
    notice        {document, scope, decided_from, decided_to}: the authority's word for prior notice
    amount_unit   万元 or 元, of fines and what was confiscated; default 万元

A mapping whose `list_type` is `administrative-penalty` makes PENALTYs 行政处罚, which are on no
list: without tier, way out and prior notice, with the fields of `PENALTY_FIELDS` besides, and with
`grades` or a default of `grade`.

A mapping of `kind: commendation` makes COMMENDATIONs 守信 of a list of the trustworthy: with the
fields of `COMMENDED`, of which `publish_until` is the last day on which it counts, and nothing of
what is said against a subject. What such a file no longer has, or says is over, is withdrawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as Lookup
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from adapters.files._dates import FORMATS
from adapters.files._documents import document_bytes, parse_document
from adapters.files._fields import Fields
from adapters.files.errors import MappingError, TableError
from adapters.files.headings import column_name
from adapters.files.mapping_parts import (
    MONTHS_MAX,
    Extraction,
    Grades,
    Notice,
    Party,
    ReasonPart,
    Removal,
    State,
    read_exit,
    read_extractions,
    read_grades,
    read_notice,
    read_party,
    read_reason_part,
    read_removal,
    read_state,
    read_titles,
    removal_columns,
)
from federation.payloads import PENALTY_LIST_TYPE, Exit, Tier

FIELDS: Final = (
    "code",
    "name",
    "authority",
    "authority_name",
    "document",
    "document_type",
    "decided_on",
    "listed_on",
    "prior_notice_on",
    "publish_until",
    "basis",
    "exit_path",
    "remedy",
    "notice_number",
    "notice_served_on",
)
"""Fields that a column can fill; `reason` is put together from labelled parts."""

PENALTY_FIELDS: Final = (
    "violation_type",
    "facts",
    "categories",
    "content",
    "fine",
    "confiscated",
    "licence",
    "valid_until",
    "procedure",
    "data_source",
)
"""Fields besides of a mapping of penalties."""
COMMENDED: Final = (
    "code",
    "name",
    "authority",
    "authority_name",
    "document",
    "decided_on",
    "publish_until",
    "basis",
    "grade",
    "grade_method",
    "grade_edition",
)
"""Fields of a mapping of commendations."""
_AGAINST: Final = ("tier", "reason", "exits", "grades", "notice")
"""Keys of what is said against subjects."""
DEFAULTS: Final = (*FIELDS[2:], "grade", *PENALTY_FIELDS)
"""Fields that a mapping may state for all rows in which no cell does; nobody's name and code."""

ALWAYS_REQUIRED: Final = ("code", "name", "document", "decided_on")
SCHEMES: Final = ("uscc", "organisation-code")
HEADER_ROW_MAX: Final = 100
_PENALTIES: Final = "the keys of penalties 行政处罚；请在映射文件中补写或改写 / add or change:"
_GRADES: Final = """grades, 有失信程度列的 / where the table has a column of the grade:
    grades:
      columns: [失信程度]
      words:
        轻微: {exchanged: no}
        一般: {grade: ordinary, shortest_months: 3, longest_months: 12}
        严重: {grade: serious, shortest_months: 12, longest_months: 36}
  或全表同一程度的，在 defaults 中 / or, for a table of one grade:
    defaults: {grade: ordinary}   # 严重的写 serious / or serious"""
_CATEGORIES: Final = """fields.categories, 处罚类别一列 / the column of the kinds of penalty:
    fields: {categories: [处罚类别]}"""
_PROCEDURE: Final = """fields.procedure, 处罚程序；无此列的写 / where no column says it:
    defaults: {procedure: ordinary}"""
_REASON: Final = """reason, 行政处罚无列入事由，请改为 / of penalties there is none; write instead:
    fields: {violation_type: [违法行为类型], facts: [违法事实], content: [处罚内容]}"""
BUILT_IN: Final = Path(__file__).parent / "mappings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A layout. Columns are names in order of preference, compared by `column_name`."""

    id: str
    title: str
    list_type: str
    commends: bool
    """Whether it is of a list of the trustworthy."""
    list_names: tuple[str, ...]
    """What the list is called in files that name lists in words."""
    tier: Tier
    schemes: tuple[str, ...]
    fields: MappingProxyType[str, tuple[str, ...]]
    required: frozenset[str]
    """Fields whose cell must be filled; `authority` stands for either column of the authority."""
    reason: tuple[ReasonPart, ...]
    persons: tuple[str, ...]
    state: tuple[State, ...]
    removal: Removal | None
    by_hand: tuple[str, ...]
    """Columns that are filled only where a person has to look at a row."""
    aside: tuple[str, ...]
    """Columns that tell neither whether a row stands nor how long, whatever they are called."""
    period: tuple[str, ...]
    """Columns that state for how long a listing is published, other than by its last day."""
    exits: tuple[Exit, ...]
    party: Party | None
    own_key: tuple[str, ...]
    """Columns with the source's own identifier of a row."""
    former_key: tuple[str, ...]
    """Columns by which rows were known before; they count only for the same record."""
    key_fields: tuple[str, ...]
    """Fields that make the row's key where the source has none of its own."""
    dates: tuple[str, ...]
    blank: frozenset[str]
    """Words that stand for an empty cell."""
    defaults: MappingProxyType[str, str]
    """Texts of fields for which no cell is filled."""
    header_row: int
    """Number of the row with the names of the columns; 0: it is looked for."""
    header_skip: int
    """Rows after it that are no data."""
    extract: Lookup[str, Extraction]
    titles: Lookup[str, re.Pattern[str]]
    grades: Grades | None
    notice: Notice | None
    yuan: bool
    """Whether amounts are in yuan 元, not in ten thousand 万元."""
    shortest_months: int
    longest_months: int


def load_mapping(path: Path) -> Mapping:
    """Load and check a mapping file.

    Raises:
        MappingError: `mapping.invalid`; the message names file, key, expected and got.
        OSError: the file cannot be read.
    """
    return read_mapping(path)[0]


def read_mapping(path: Path) -> tuple[Mapping, bytes]:
    """Load and check a mapping file; with the bytes that it was read from, once.

    Raises:
        MappingError: `mapping.invalid`; the message names file, key, expected and got.
        OSError: the file cannot be read.
    """
    try:
        data = document_bytes(path)
        return _mapping(Fields(parse_document(path, data), "")), data
    except (MappingError, TableError) as error:
        raise MappingError("mapping.invalid", f"映射文件 / mapping {path.name}: {error}") from error


@cache
def built_in_mappings() -> MappingProxyType[str, Mapping]:
    """Return the mappings of this package by their id."""
    loaded = (load_mapping(path) for path in sorted(BUILT_IN.glob("*.yaml")))
    return MappingProxyType({mapping.id: mapping for mapping in loaded})


def find_mapping(list_type: str) -> Mapping:
    """Return the mapping of this package for a list type.

    Raises:
        MappingError: `mapping.unknown`; no such mapping.
    """
    for mapping in built_in_mappings().values():
        if list_type == mapping.list_type:
            return mapping
    known = ", ".join(mapping.list_type for mapping in built_in_mappings().values())
    message = (
        f"没有该名单的映射 / no mapping for the list {list_type!r}; known: {known}. "
        "Give a mapping file of your own"
    )
    raise MappingError("mapping.unknown", message)


def check_list(mapping: Mapping, list_type: str, path: Path) -> None:
    """See that a mapping file is of a list.

    Raises:
        MappingError: `mapping.other-list`.
    """
    if list_type not in ("", mapping.list_type):
        message = (
            f"映射文件与名单类型不符 / mapping {path.name}: expected list {list_type!r}, "
            f"got {mapping.list_type!r}; choose the mapping of that list"
        )
        raise MappingError("mapping.other-list", message)


def list_names(mappings: Iterable[Mapping]) -> dict[str, str]:
    """Return list type ids by every name of a list, in the form of `column_name`."""
    return {
        column_name(name): mapping.list_type
        for mapping in mappings
        for name in (mapping.list_type, mapping.title, *mapping.list_names)
    }


def _mapping(top: Fields) -> Mapping:
    top.one_of("format", ("1",))
    list_type = top.text("list_type", 64)
    penal = list_type == PENALTY_LIST_TYPE
    commends = top.has("kind") and top.one_of("kind", ("list", "commendation")) == "commendation"
    names = COMMENDED if commends else (*FIELDS, *(PENALTY_FIELDS if penal else ()))
    if commends and (against := [key for key in _AGAINST if top.has(key)]):
        raise top.error(against[0], "nothing: of a commendation 守信 there is none")
    columns = top.table("fields", names)
    publication = top.inner("publication")
    key = top.inner("row_key")
    header = top.inner("header") if top.has("header") else None
    nameable = names if commends else (*names, "reason")
    required = set(top.texts("required", default=(), among=nameable))
    mapping = Mapping(
        id=top.text("id", 64),
        title=top.text("title", 128),
        list_type=list_type,
        commends=commends,
        list_names=top.texts("list_names", default=()),
        tier=Tier.UNSPECIFIED
        if commends or (penal and not top.has("tier"))
        else Tier[top.one_of("tier", ("severe", "watch")).upper()],
        schemes=top.texts("schemes", default=("uscc",), among=SCHEMES),
        fields=MappingProxyType(columns),
        required=frozenset({*ALWAYS_REQUIRED, "authority", *required} - {"authority_name"}),
        reason=tuple(read_reason_part(part) for part in top.many("reason")),
        persons=top.texts("persons", default=()),
        state=tuple(read_state(part) for part in top.many("state")),
        removal=read_removal(top),
        by_hand=top.texts("by_hand", default=()),
        aside=top.texts("aside", default=()),
        period=top.texts("period", default=()),
        exits=tuple(read_exit(part) for part in top.many("exits")),
        party=read_party(top),
        own_key=key.texts("columns", default=()),
        former_key=key.texts("former", default=()),
        key_fields=key.texts("fields", among=(*ALWAYS_REQUIRED, "authority")),
        dates=top.texts("dates", default=tuple(FORMATS), among=tuple(FORMATS)),
        blank=frozenset(top.texts("blank", default=())),
        defaults=MappingProxyType(top.words("defaults", COMMENDED[2:] if commends else DEFAULTS)),
        header_row=0 if header is None else header.number("row", 1, HEADER_ROW_MAX),
        header_skip=header.number("skip", 0, HEADER_ROW_MAX)
        if header is not None and header.has("skip")
        else 0,
        extract=read_extractions(top, names),
        titles=read_titles(top, names),
        grades=read_grades(top),
        notice=read_notice(top),
        yuan=top.has("amount_unit") and top.one_of("amount_unit", ("万元", "元")) == "元",
        shortest_months=publication.number("shortest_months", 0, MONTHS_MAX),
        longest_months=publication.number("longest_months", 1, MONTHS_MAX),
    )
    for part in filter(None, (top, publication, key, header)):
        part.done()
    _check(mapping, top)
    return mapping


def _check(mapping: Mapping, top: Fields) -> None:
    told = {*mapping.fields, *mapping.extract, *mapping.titles, *mapping.defaults}
    for field in ALWAYS_REQUIRED:
        if field not in told:
            raise top.error("fields", f"the names of the column of {field!r}, got nothing")
    if not {"authority", "authority_name"} & told:
        raise top.error("fields", "`authority` or `authority_name`, got neither")
    _check_kind(mapping, top)
    if "basis" not in {*mapping.defaults, *mapping.required}:
        raise top.error("defaults.basis", "a legal basis, or `basis` among `required`, got neither")
    if mapping.shortest_months > mapping.longest_months:
        raise top.error("publication", "shortest_months not above longest_months")
    owners: dict[str, str] = {}
    for owner, columns in _owned(mapping):
        for column in columns:
            if owners.setdefault(column_name(column), owner) != owner:
                other = owners[column_name(column)]
                raise top.error(owner, f"columns of its own, got {column!r}, also of {other}")


def _check_kind(mapping: Mapping, top: Fields) -> None:
    """Check what only a mapping of penalties, or only one of a list, may say."""
    if mapping.commends:
        if mapping.list_type.startswith(PENALTY_LIST_TYPE):
            raise top.error("kind", f"`list` in mappings of {PENALTY_LIST_TYPE}")
        return
    grades = mapping.grades
    if mapping.list_type != PENALTY_LIST_TYPE:
        if grades and any(one.grade for one in grades.words.values()):
            raise top.error("grades", f"`grade` in mappings of {PENALTY_LIST_TYPE} only")
        if wrong := sorted({"grade", *PENALTY_FIELDS} & set(mapping.defaults)):
            raise top.error(f"defaults.{wrong[0]}", f"it in mappings of {PENALTY_LIST_TYPE} only")
        return
    if mapping.notice:
        raise top.error("notice", "nothing: of penalties no prior notice is asked for")
    if lacking := _lacking(mapping):
        raise top.error(lacking[0][0], "\n".join([_PENALTIES, *(text for _, text in lacking)]))
    if grades and any(one.exchanged and not one.grade for one in grades.words.values()):
        raise top.error(
            "grades.words", "`grade` of each word: ordinary or serious, or `exchanged: no`"
        )


def _lacking(mapping: Mapping) -> list[tuple[str, str]]:
    """Keys and lines that a mapping of penalties still needs, or has to lose."""
    there = {*mapping.fields, *mapping.defaults, *mapping.extract, *mapping.titles}
    return [
        (key, f"  {text}")
        for key, wrong, text in (
            ("grades", mapping.grades is None and "grade" not in mapping.defaults, _GRADES),
            ("fields.categories", "categories" not in there, _CATEGORIES),
            ("defaults.procedure", "procedure" not in there, _PROCEDURE),
            ("reason", bool(mapping.reason), _REASON),
        )
        if wrong
    ]


def _owned(mapping: Mapping) -> Iterable[tuple[str, tuple[str, ...]]]:
    for field, columns in mapping.fields.items():
        yield f"fields.{field}", columns
    for number, part in enumerate(mapping.reason):
        yield f"reason.{number}", part.columns
    yield "persons", mapping.persons
    if mapping.grades:
        yield "grades.columns", mapping.grades.columns
    yield "row_key.columns", mapping.own_key
    yield "row_key.former", mapping.former_key
    if mapping.party:
        yield "party.columns", mapping.party.columns
    for number, state in enumerate(mapping.state):
        yield f"state.{number}", state.columns
    if mapping.removal:
        yield "removal", removal_columns(mapping.removal)
    yield "by_hand", mapping.by_hand
    yield "period", mapping.period
    yield "aside", mapping.aside
