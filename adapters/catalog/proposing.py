"""Editions that a person proposes: one that was adopted, with one correction.

The correction is written into the edition's own text, which is what takes effect once a second
person adopts it. What was confirmed of the edition stays confirmed: its mark becomes C.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any

import yaml

from adapters.catalog.editions import complete
from federation.errors import RefusedError
from federation.reconcile.sources import Certainty

Correct = Callable[[dict[str, Any]], None]
"""Changes the lists of an edition, as its YAML has them."""


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
    document = yaml.safe_load(text)
    complete(document)
    old = document["edition"]
    for sort in ("lists", "measures"):
        for code, entry in document.get(sort, {}).items():
            if f"{old}/{code}" in confirmed:
                entry["certainty"] = Certainty.CONFIRMED.value
    correct(document["lists"])
    base = old.rpartition("-r")[0] if old.rpartition("-r")[2].isdigit() else old
    number = next(n for n in range(2, 1000) if f"{base}-r{n:02}" not in taken)
    document["edition"] = f"{base}-r{number:02}"
    document["proposed_by"] = person.strip()
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def add_authority(list_type: str, authority: str) -> Correct:
    """The list may be determined by one authority more."""

    def correct(lists: dict[str, Any]) -> None:
        named = lists[list_type].get("authorities") or []
        lists[list_type]["authorities"] = [*named, authority]

    return correct


def add_list(list_type: str, like: str) -> Correct:
    """A further code of a list that the edition has."""

    def correct(lists: dict[str, Any]) -> None:
        lists[list_type] = copy.deepcopy(lists[like])

    return correct
