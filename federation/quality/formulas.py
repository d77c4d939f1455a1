"""What the operator may choose of the formulas of quality, and what codes say of a row (G1-G13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

WRONG_CODE: Final = "identity.code-"
"""Codes of all rules about the form of a subject's code begin so."""
INCOMPLETE: Final = (
    "field.missing",
    "document.missing",
    "basis.missing",
    "notice.missing",
    "period.missing",
)
IRREGULAR: Final = (WRONG_CODE, "date.", "field.control", "field.long", "field.value")
UNLINKED: Final = (
    "identity.subject-unknown",
    "identity.attested-unknown",
    "identity.attested-differs",
    "identity.name-mismatch",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formulas:
    """What the operator may choose of the formulas."""

    working_days: int = 7
    compliance_of: Literal["reported", "judged"] = "reported"
    """Denominator of the compliance rate: all, or those refused here or judged elsewhere."""
    timeliness_of: Literal["known", "published"] = "known"
    """Denominator of the timeliness rate: listings of which it is known, or all published."""
    ignore_held: bool = False
    """Whether a listing that a receiver holds is compliant all the same."""
    ignored_reasons: tuple[str, ...] = ("catalog.",)
    """Beginnings of reason codes for which the source is not answerable."""
    incomplete_reasons: tuple[str, ...] = INCOMPLETE
    """Beginnings of reason codes that say that something is missing (G10)."""
    irregular_reasons: tuple[str, ...] = IRREGULAR
    """Beginnings of reason codes that say that something is badly written (G11)."""
    unlinked_reasons: tuple[str, ...] = UNLINKED
    """Beginnings of reason codes that say that the subject was not found (G12)."""
    gap_days: int = 30
    """The most days from one publication to the next (G13)."""
