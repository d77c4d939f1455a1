"""What makes a joint-punishment case qualified 合格案例, and how a province wants cases listed.

Configuration of a region: no text that was read says it for all. A rule is part of an edition, and
counts only where the edition states that its text was read (certainty C).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from federation.reconcile.sources import Certainty

FIELDS: Final = (
    "region",
    "department",
    "list_type",
    "list_name",
    "matter",
    "measure",
    "result",
    "decided_on",
    "basis",
    "origin",
    "qualified",
    "case",
)
"""What a column of the list of cases may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRule:
    """The rule of one edition."""

    results: frozenset[str]
    """Of `applied`, `prompted`: with which results a case counts."""
    within_days: int = 0
    """Working days from the decision until it was told; 0: any."""
    columns: Mapping[str, str]
    """Columns of the list of cases, in their order: field and heading."""
    basis: str
    """The text that says so."""
    certainty: Certainty
    source: str = ""
