"""Editions that a person proposes: one that was adopted, with one correction.

The correction is written into the edition's own text, which is what takes effect once a second
person adopts it. What was confirmed of the edition stays confirmed: its mark becomes C.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any, Final

import yaml

from adapters.catalog.editions import complete
from federation.errors import RefusedError
from federation.reconcile.entries import AUTHORITIES, DEADLINES, REGIONS
from federation.reconcile.matters import MATTERS, entry_name
from federation.reconcile.sources import Certainty
from federation.reconcile.trust_lists import list_name, method_name

LISTS: Final = "lists"
TRUST_LISTS: Final = "trust_lists"
"""Where an edition has its lists, and those of the trustworthy."""
Correct = Callable[[dict[str, Any]], None]
"""Changes an edition, as its YAML has it."""


def propose(
    text: str,
    *,
    taken: AbstractSet[str],
    confirmed: AbstractSet[str],
    person: str,
    correct: Correct,
) -> str:
    """Write an edition anew with a correction.

    Args:
        text: of the edition that was adopted.
        taken: ids of all editions adopted.
        confirmed: `edition/code` of what a person confirmed.
        person: who proposes.
        correct: the correction.

    Returns:
        The text of the proposal, whose id is a further revision (`-r02`, …).

    Raises:
        RefusedError: `catalog.persons`: nobody proposes.
    """
    if not person.strip():
        raise RefusedError("catalog.persons", "expected the name of who proposes, got none")
    document = _apart(yaml.safe_load(text))
    complete(document)
    old = document["edition"]
    for name, entry in _written(document):
        if f"{old}/{name}" in confirmed:
            entry["certainty"] = Certainty.CONFIRMED.value
    correct(document)
    base = old.rpartition("-r")[0] if old.rpartition("-r")[2].isdigit() else old
    number = next(n for n in range(2, 1000) if f"{base}-r{n:02}" not in taken)
    document["edition"] = f"{base}-r{number:02}"
    document["proposed_by"] = person.strip()
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def _apart(value: Any) -> Any:  # noqa: ANN401 - whatever a YAML file holds
    """A copy in which no two entries are one: an anchor of YAML would confirm both at once."""
    if isinstance(value, dict):
        return {key: _apart(one) for key, one in value.items()}
    return [_apart(one) for one in value] if isinstance(value, list) else value


def _written(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The entries of an edition by the names under which they are confirmed (`entries_of`)."""
    for sort in (LISTS, "measures"):
        yield from (document.get(sort) or {}).items()
    for sort in (DEADLINES, AUTHORITIES, REGIONS):
        for code, entry in (document.get(sort) or {}).items():
            yield f"{sort}/{code}", entry
    for code, matter in (document.get(MATTERS) or {}).items():
        yield entry_name(code), matter
        for measure, row in matter["rows"].items():
            if row.get("article"):
                yield entry_name(code, measure), row
    for code, entry in (document.get(TRUST_LISTS) or {}).items():
        yield list_name(code), entry
    for method, editions in (document.get("grade_methods") or {}).items():
        for edition, entry in editions.items():
            yield method_name(method, edition), entry


def add_authority(list_type: str, authority: str, *, sort: str = LISTS) -> Correct:
    """The list, of a `sort`, may be determined by one authority more."""

    def correct(document: dict[str, Any]) -> None:
        entry = document[sort][list_type]
        entry["authorities"] = [*(entry.get("authorities") or []), authority]

    return correct


def add_list(list_type: str, like: str, *, sort: str = LISTS) -> Correct:
    """A further code of a list of a `sort` that the edition has."""

    def correct(document: dict[str, Any]) -> None:
        document[sort][list_type] = copy.deepcopy(document[sort][like])

    return correct
