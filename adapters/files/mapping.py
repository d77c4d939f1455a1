"""Mappings: what the columns of one source's layout mean, as data.

A mapping is an allow-list. A column that it does not name is dropped; a column of a natural
person is named so that its filled cells are counted when they are dropped. Keys of a file:

    format        1
    id, title     name of the mapping, and what people call it
    list_type     id of the list; list_names: what files call the list
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
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from adapters.files._dates import FORMATS
from adapters.files._documents import document_bytes, parse_document
from adapters.files._fields import Fields
from adapters.files.errors import MappingError, TableError
from adapters.files.tables import column_name
from federation.names import EXIT_KINDS
from federation.payloads import Exit, ExitKind, Tier

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
)
"""Fields that a column can fill; `reason` is put together from labelled parts."""

ALWAYS_REQUIRED: Final = ("code", "name", "document", "decided_on")
SCHEMES: Final = ("uscc", "organisation-code")
MONTHS_MAX: Final = 120
BUILT_IN: Final = Path(__file__).parent / "mappings"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonPart:
    """A part of the reason 列入事由: `label：cell`, where the label is not empty."""

    label: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The column that tells natural persons from organisations, and its words for each."""

    columns: tuple[str, ...]
    natural: frozenset[str]
    organisation: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Columns whose word says how a row stands; another word is a fault."""

    columns: tuple[str, ...]
    stands: tuple[str, ...]
    removed: tuple[str, ...]
    not_yet: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Columns that are filled only where a row no longer stands.

    `kind` is `repair` or `withdrawal` where such rows are relief, else empty; the other columns
    are those of the relief's decision.
    """

    columns: tuple[str, ...]
    kind: str
    document: tuple[str, ...]
    decided_on: tuple[str, ...]
    reason: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A layout. Columns are names in order of preference, compared by `column_name`."""

    id: str
    title: str
    list_type: str
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
    columns = top.table("fields", FIELDS)
    publication = top.inner("publication")
    key = top.inner("row_key")
    required = set(top.texts("required", default=(), among=(*FIELDS, "reason")))
    mapping = Mapping(
        id=top.text("id", 64),
        title=top.text("title", 128),
        list_type=top.text("list_type", 64),
        list_names=top.texts("list_names", default=()),
        tier=Tier[top.one_of("tier", ("severe", "watch")).upper()],
        schemes=top.texts("schemes", default=("uscc",), among=SCHEMES),
        fields=MappingProxyType(columns),
        required=frozenset({*ALWAYS_REQUIRED, "authority", *required} - {"authority_name"}),
        reason=tuple(_reason_part(part) for part in top.many("reason")),
        persons=top.texts("persons", default=()),
        state=tuple(_state(part) for part in top.many("state")),
        removal=_removal(top),
        by_hand=top.texts("by_hand", default=()),
        aside=top.texts("aside", default=()),
        period=top.texts("period", default=()),
        exits=tuple(_exit(part) for part in top.many("exits")),
        party=_party(top),
        own_key=key.texts("columns", default=()),
        former_key=key.texts("former", default=()),
        key_fields=key.texts("fields", among=(*ALWAYS_REQUIRED, "authority")),
        dates=top.texts("dates", default=tuple(FORMATS), among=tuple(FORMATS)),
        blank=frozenset(top.texts("blank", default=())),
        defaults=MappingProxyType(
            top.words("defaults", ("basis", "exit_path", "remedy", "document_type"))
        ),
        shortest_months=publication.number("shortest_months", 0, MONTHS_MAX),
        longest_months=publication.number("longest_months", 1, MONTHS_MAX),
    )
    for part in (top, publication, key):
        part.done()
    _check(mapping, top)
    return mapping


def _reason_part(part: Fields) -> ReasonPart:
    found = ReasonPart(
        label=part.text("label", 32, default=""),
        columns=part.texts("columns"),
    )
    part.done()
    return found


def _exit(part: Fields) -> Exit:
    kind = part.one_of("kind", EXIT_KINDS.all()[1:])
    after = kind in ("corrected-for", "listed-for")
    found = Exit(
        kind=ExitKind(EXIT_KINDS.code(kind)),
        months=part.number("months", 1, MONTHS_MAX) if after else 0,
    )
    part.done()
    return found


def _state(part: Fields) -> State:
    found = State(
        columns=part.texts("columns"),
        stands=part.texts("stands", default=()),
        removed=part.texts("removed", default=()),
        not_yet=part.texts("not_yet", default=()),
    )
    part.done()
    words = [column_name(w) for w in (*found.stands, *found.removed, *found.not_yet)]
    twice = sorted({word for word in words if words.count(word) > 1})
    if twice:
        raise part.error("removed", f"other words than in `stands` and `not_yet`, got {twice}")
    return found


def _removal(top: Fields) -> Removal | None:
    if not top.has("removal"):
        return None
    part = top.inner("removal")
    kind = part.one_of("kind", ("repair", "withdrawal")) if part.has("kind") else ""
    needed = None if kind else ()
    found = Removal(
        columns=part.texts("columns"),
        kind=kind,
        document=part.texts("document", default=needed),
        decided_on=part.texts("decided_on", default=needed),
        reason=part.texts("reason", default=()),
    )
    part.done()
    return found


def _party(top: Fields) -> Party | None:
    if not top.has("party"):
        return None
    party = top.inner("party")
    found = Party(
        columns=party.texts("columns"),
        natural=frozenset(party.texts("natural")),
        organisation=frozenset(party.texts("organisation")),
    )
    party.done()
    both = found.natural & found.organisation
    if both:
        raise party.error("natural", f"other words than in `organisation`, got {sorted(both)}")
    return found


def _check(mapping: Mapping, top: Fields) -> None:
    for field in ALWAYS_REQUIRED:
        if field not in mapping.fields:
            raise top.error("fields", f"the names of the column of {field!r}, got nothing")
    if not {"authority", "authority_name"} & set(mapping.fields):
        raise top.error("fields", "`authority` or `authority_name`, got neither")
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


def _owned(mapping: Mapping) -> Iterable[tuple[str, tuple[str, ...]]]:
    for field, columns in mapping.fields.items():
        yield f"fields.{field}", columns
    for number, part in enumerate(mapping.reason):
        yield f"reason.{number}", part.columns
    yield "persons", mapping.persons
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


def removal_columns(removal: Removal) -> tuple[str, ...]:
    """Return all columns of a removal; each filled one says that the row no longer stands."""
    named = (*removal.columns, *removal.document, *removal.decided_on, *removal.reason)
    return tuple(dict.fromkeys(named))
