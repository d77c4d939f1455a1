"""What a page of cases shows of one: both sides of it, and what may be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

VERDICTS: Final = ("use", "reject", "reopen")
_SIDES: Final = (
    ("subject_name", "subject_name", "name"),
    ("subject_code", "subject_code", "code"),
)


def verdicts(case: Mapping[str, Any], person: str) -> Sequence[str]:
    """What a person can say now.

    Nothing is opened again of which no word counts, and nobody says `use` twice.
    """
    said = person in case["waits_for_second_person"]
    may = {
        "use": case["decidable"] and not said,
        "reopen": case["decided"] or case["waits_for_second_person"],
    }
    return [one for one in VERDICTS if may.get(one, case["decidable"])]


def sides(case: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    """Line by line: what the origin says, what this city's library has, and whether they agree."""
    known = case["library_says"] or {}
    said = {name: (str(case[ours]), str(known.get(theirs) or "")) for name, ours, theirs in _SIDES}
    return [
        {"name": name, "origin": ours, "library": theirs, "differ": str(int(ours != theirs))}
        for name, (ours, theirs) in said.items()
    ]
