"""What the rules ask of a listing before it is used or published: its facts, without its texts."""

from __future__ import annotations

from typing import NamedTuple

from federation.payloads import PENALTY_LIST_TYPE


class Candidate(NamedTuple):
    """What is asked of a LISTING or PENALTY; empty text and date 0 mean "not stated"."""

    scheme: str
    code: str
    name: str
    subject_kind: int
    list_type: str
    """Of a PENALTY the entry of its grade, `administrative-penalty-<grade>`."""
    authority: str
    has_document: bool
    has_basis: bool
    decided_on: int
    listed_on: int
    notice_on: int
    until: int
    tier: int = 0
    attested_from: int = 0
    attested_to: int = 0
    """Days of decision for which the authority attests the prior notice; 0 where it does not."""
    blank_basis: bool = False
    """Something stands where the basis should, and it says nothing (M3)."""

    @property
    def is_penalty(self) -> bool:
        """Whether it is a PENALTY: never on a list, a note at most."""
        return self.list_type.startswith(PENALTY_LIST_TYPE)

    @property
    def has_notice(self) -> bool:
        """Whether the prior notice is dated, or attested for the day of the decision."""
        attested = 0 < self.attested_from <= self.decided_on <= self.attested_to
        return bool(self.notice_on) or attested
