"""The rule of an edition by which joint-punishment cases 联合惩戒案例 are counted.

    cases:
      results: [applied, prompted]   # with which a case counts
      within_days: 10                # working days from decision to report; left out: any
      columns: {region: 报送地区, department: 实施部门, measure: 惩戒措施, decided_on: 实施日期}
      basis: 某省联合惩戒案例报送办法
      certainty: C                   # anything else counts for nothing: adopt it anew as C
      source: 已读

The names of columns are those of `federation.reconcile.case_rule.FIELDS`, in the order in which
they are listed.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from federation.reconcile.case_rule import FIELDS, CaseRule
from federation.reconcile.sources import Certainty

Heading = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class CaseRuleModel(BaseModel):
    """As the YAML has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    results: Annotated[tuple[Literal["applied", "prompted"], ...], Field(min_length=1)]
    within_days: Annotated[int, Field(ge=1, le=366)] | None = None
    columns: dict[str, Heading] = {}
    basis: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    certainty: Certainty
    source: Annotated[str, StringConstraints(max_length=2000)] = ""

    @field_validator("columns")
    @classmethod
    def known(cls, value: dict[str, str]) -> dict[str, str]:
        """Only what a case has."""
        if unknown := set(value) - set(FIELDS):
            message = f"expected of {', '.join(FIELDS)}, got {', '.join(sorted(unknown))}"
            raise ValueError(message)
        return value


def case_rule_of(read: CaseRuleModel) -> CaseRule:
    """The value."""
    return CaseRule(
        results=frozenset(read.results),
        within_days=read.within_days or 0,
        columns=dict(read.columns),
        basis=read.basis,
        certainty=read.certainty,
        source=read.source,
    )
