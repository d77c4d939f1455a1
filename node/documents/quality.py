"""Figures of quality, and of what was done with matches, as docs/quality.md describes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from node.documents import answers
from node.documents.periods import Period


def figures(pieces: Iterable[answers.Told], period: Period) -> dict[str, Any]:
    """The figures of a period, with its name as it was asked for."""
    found: dict[str, Any] = answers.joined(pieces)
    found["period"]["name"] = period.name
    return found


def in_force(pieces: Iterable[answers.Told], *, all_: bool) -> list[dict[str, Any]]:
    """Outcomes 惩戒反馈: those in force, or those as well that were corrected or undone."""
    return [one for one in answers.joined(pieces) if all_ or one["in_force"]]
