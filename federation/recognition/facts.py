"""What is held of a subject when somebody asks for a benefit: facts, each with where it stands.

Plain values: who reads them (`node.recognition`) has judged nothing but what each statement is
worth here today, and what a condition makes of them is `federation.recognition.entitlement`. Each
says whether it counts or is in doubt; what counts for nothing is not among them. Nothing here is a
score, and nothing adds up.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from federation.ids import Date, LeafHash, Origin, StatementId
from federation.open_payloads import Equivalence, GradeScale
from federation.payload_parts import SubjectKind


class Weight(StrEnum):
    """What a fact is worth here today."""

    COUNTS = "counts"
    DOUBT = "doubt"
    """It waits, or something is doubtful about it: it decides nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a fact stands: a leaf, never what it says."""

    origin: Origin
    index: int
    statement_id: StatementId
    leaf_hash: LeafHash


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A COMMENDATION 守信 of the subject: it is on a list, or has a grade."""

    list_type: str
    edition: str = ""
    """Of the list or of the grade's method; empty where none is stated."""
    grade: str = ""
    method: str = ""
    evidence: Evidence
    authority: str
    authority_name: str = ""
    document: str = ""
    until: Date = Date(0)
    """Its last day; 0: none is stated."""
    weight: Weight
    rule: str = ""
    """The code of what it is worth: by which it is recognised here, or why it is in doubt."""
    purposes: frozenset[str]
    """Those of its audience: for others it is as if it were not held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A listing by which this region's own measures could take the benefit away."""

    list_type: str
    measures: frozenset[str]
    """Codes of the measures of this region's catalog that follow from the list and may do so."""
    evidence: Evidence
    until: Date = Date(0)
    """Its last day, after which it is no obstacle."""
    weight: Weight
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A COMMITMENT 承诺 of the subject, and whether it was performed."""

    commitment_type: str
    due_on: Date = Date(0)
    """The day by which it was to be performed; 0: none is stated."""
    performed: bool
    evidence: Evidence
    weight: Weight
    rule: str = ""
    purposes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that is held of one subject; what is not known of it is empty."""

    kinds: tuple[SubjectKind, ...] = ()
    """Of which kind it is; several where its code leaves that open, none where nothing is known."""
    registered_in: str = ""
    """Six digits of GB/T 2260; empty where that is not known."""
    uncertain: tuple[str, ...] = ()
    """Codes for which it is not certain who is meant."""
    complete: bool = True
    """Whether every log was heard: what is not held might stand in one that was not."""
    trust: tuple[Held, ...] = ()
    against: tuple[Against, ...] = ()
    promised: tuple[Promised, ...] = ()
    equivalences: tuple[Equivalence, ...] = ()
    """By which this region reads grades of other methods today."""
    scales: tuple[GradeScale, ...] = ()
    """Of grades, as this region's catalog and the scenario have them."""
