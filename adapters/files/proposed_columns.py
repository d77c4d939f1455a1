"""A mapping proposed, and corrected column by column: what people are shown, and choose.

IM6  Of a column at most three different cells are shown, of a list's first rows; of one that is
     about persons none, and nothing that may be an ID number. What may be somebody's name, two
     to four characters in a column that may hold names, is shown by its first character alone
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.files.errors import MappingError
from adapters.files.faults import shown
from adapters.files.mapping import COMMENDED, FIELDS, PENALTY_FIELDS
from adapters.files.mapping import Mapping as Layout
from adapters.files.personal_ids import holds_personal_id
from adapters.files.proposal import guessed
from adapters.files.proposal_text import Guess, lacking, mapping_text
from adapters.files.tables import Tabular
from federation.payloads import PENALTY_LIST_TYPE

SAMPLES: Final = 3
CELL_SHOWN: Final = 40
"""Characters of a cell."""
HIDDEN: Final = "***"
PERSONS: Final = "persons"
DROPPED: Final = ""
_INSIDE: Final = "document-inside"
_PARTS: Final = ("reason", PERSONS, "key", "period", "by_hand", "aside")
_OF_LAYOUT: Final = ("party", "grades", "standing")
"""Of a list whose built-in layout has words for it."""
TARGETS: Final = (*_PARTS, *_OF_LAYOUT, _INSIDE)
"""What a column may be beside a field of its mapping."""
_SHORT_NAME: Final = re.compile(r"[\u4e00-\u9fff]{1,3}·?[\u4e00-\u9fff]{1,3}")
_NAME_MOST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    name: str
    target: str
    """What it is taken for, one of `Proposed.targets`; empty: dropped."""
    why: str
    """Why it is guessed, as `中文 / English`; empty where its name says it."""
    filled: int
    """Cells that are filled, of the rows that were looked at."""
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What is proposed for a table."""

    list_type: str
    title: str
    columns: tuple[Column, ...]
    targets: tuple[str, ...]
    """What a column may be."""
    text: str
    """The mapping file."""
    lacking: tuple[str, ...]
    """Fields without which it is none, and which no column fills."""


def read_columns(layout: Layout) -> list[dict[str, str]]:
    """What a mapping takes each column for that it names: `name` of the column, `target`."""
    said = [(name, field) for field, names in layout.fields.items() for name in names]
    said += [(name, "reason") for part in layout.reason for name in part.columns]
    parts = {
        PERSONS: layout.persons,
        "key": layout.own_key,
        "period": layout.period,
        "by_hand": layout.by_hand,
        "aside": layout.aside,
        "grades": layout.grades.columns if layout.grades else (),
    }
    said += [(name, part) for part, names in parts.items() for name in names]
    return [{"name": name, "target": target} for name, target in said]


def look(table: Tabular, titles: Sequence[str], list_type: str) -> Proposed:
    """Propose a mapping for a table; see `adapters.files.proposal.propose`."""
    guess, layout, cells = guessed(table, list_type)
    chosen = dict(_targets_of(guess))
    return _proposed(guess, layout, cells, titles, list_type or layout.list_type, chosen, "")


def corrected(
    table: Tabular,
    titles: Sequence[str],
    list_type: str,
    chosen: Mapping[str, str],
    name: str,
) -> Proposed:
    """Propose the mapping that somebody chose.

    Args:
        table: the rows.
        titles: see `look`.
        list_type: of the list.
        chosen: what each column is; one that does not stand there is dropped.
        name: id of the mapping; empty: the list's, with `-own`.

    Raises:
        MappingError: `mapping.invalid`: there is no such column, or it may not be that.
    """
    guess, layout, cells = guessed(table, list_type)
    targets = _targets(layout, list_type or layout.list_type)
    for column, target in chosen.items():
        if column not in cells or target not in (*targets, DROPPED):
            message = (
                f"没有此列或此用途 / expected columns of the table and one of "
                f"{', '.join(targets)}; got {target[:40]!r}"
            )
            raise MappingError("mapping.invalid", message)
    said = {column: chosen.get(column, DROPPED) for column in cells}
    made = _guess_of(said, guess)
    return _proposed(made, layout, cells, titles, list_type or layout.list_type, said, name)


def _proposed(
    guess: Guess,
    layout: Layout,
    cells: Mapping[str, Sequence[str]],
    titles: Sequence[str],
    list_type: str,
    chosen: Mapping[str, str],
    name: str,
) -> Proposed:
    known = {column for column, target in chosen.items() if target not in (DROPPED, "name")}
    columns = tuple(
        Column(
            name=column,
            target=chosen.get(column, DROPPED),
            why=guess.guessed.get(column, "") if column not in guess.inside.values() else "",
            filled=len(found),
            samples=()
            if chosen.get(column) == PERSONS or column in guess.persons
            else tuple(_samples(found, may_name=column not in known)),
        )
        for column, found in cells.items()
    )
    text = mapping_text(guess, layout, list_type, titles, name=name)
    return Proposed(
        list_type=list_type,
        title=layout.title,
        columns=columns,
        targets=_targets(layout, list_type),
        text=text,
        lacking=lacking(text),
    )


def _samples(cells: Iterable[str], *, may_name: bool) -> Iterable[str]:
    """The most frequent cells, of which none tells who somebody is (IM6)."""
    for cell, _ in Counter(cells).most_common(SAMPLES):
        if holds_personal_id(cell):
            yield HIDDEN
        elif may_name and len(cell) <= _NAME_MOST and _SHORT_NAME.fullmatch(cell):
            yield cell[0] + HIDDEN
        else:
            yield shown(cell[:CELL_SHOWN])


def _targets(layout: Layout, list_type: str) -> tuple[str, ...]:
    if layout.commends:
        return (*COMMENDED, PERSONS, "key", "by_hand", "aside")
    fields = (*FIELDS, *(PENALTY_FIELDS if list_type == PENALTY_LIST_TYPE else ()))
    parts = [*_PARTS]
    if layout.party:
        parts.append("party")
    if layout.grades:
        parts.append("grades")
    if layout.state or layout.removal:
        parts.append("standing")
    return (*fields, *parts, _INSIDE)


def _targets_of(guess: Guess) -> Iterable[tuple[str, str]]:
    for target, columns in guess.fields.items():
        yield from ((column, target) for column in columns)
    for part in (*_PARTS, *_OF_LAYOUT):
        yield from ((column, part) for column in getattr(guess, part))
    for column in guess.inside.values():
        if column in guess.unknown:
            yield column, _INSIDE


def _guess_of(chosen: Mapping[str, str], before: Guess) -> Guess:
    """What a person chose, in the form of what is guessed."""
    made = Guess()
    for column, target in chosen.items():
        if target == DROPPED:
            made.unknown.append(column)
        elif target == _INSIDE:
            made.inside["document"] = column
            made.guessed[column] = before.guessed.get(column, "")
        elif target in (*_PARTS, *_OF_LAYOUT):
            getattr(made, target).append(column)
        else:
            made.fields.setdefault(target, []).append(column)
    if not {"document"} & {*made.fields, *made.inside}:  # a cell may hold it beside what else it is
        inside = before.inside.get("document", "")
        if chosen.get(inside, DROPPED) != DROPPED:
            made.inside["document"] = inside
            made.guessed[inside] = before.guessed[inside]
    return made
