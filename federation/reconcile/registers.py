"""Rows of editions about regions 行政区划 and authorities 机关: validity and successors.

Codes change: offices are merged 机构改革, districts are dissolved 区划调整. What was said under an
old code stays said; a row tells until when the code stood and whose it became. They are data like
all of an edition, dated and with their source, never constants.
"""

from __future__ import annotations

from dataclasses import dataclass

from federation.ids import Date
from federation.reconcile.sources import Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """A code of a region or of an authority, as one edition has it."""

    code: str
    name: str
    former_names: tuple[str, ...] = ()
    valid_from: Date = Date(0)
    """First day on which it stood; 0: not known."""
    valid_until: Date
    """Last such day."""
    successors: tuple[str, ...] = ()
    """Codes that came in its place; empty: not known, or none."""
    basis: str = ""
    certainty: Certainty
    source: str

    def stands_on(self, day: Date) -> bool:
        """Whether it stands on a day."""
        return self.valid_from <= day <= self.valid_until

    def gone_on(self, day: Date) -> bool:
        """Whether it stood before a day and no longer does."""
        return self.valid_until < day
