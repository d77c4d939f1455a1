"""Lists of the trustworthy 守信名单, methods of grades and equivalences, as YAML has them.

    trust_lists:
      tax-grade-a:
        name: A级纳税人
        basis: 《纳税信用管理办法（试行）》
        authority: 税务机关              # in words; may be left out
        authorities: [SW510500]        # codes; left out: whomever the charter makes competent
        subjects: [enterprise]         # left out: every kind
        method: tax-credit             # of the grades on it; left out: it has none
        longest_months: 24             # of validity from the award; may be left out, like
        term_months: 12                # that of an award which states no last day
        struck: false                  # true: not used here
        certainty: M                   # C, P or M; always stated
        valid_from: 2014-10-01         # of awards; left out: since the edition does
        valid_until: 2030-12-31        # likewise
        source: 部分读到
    grade_methods:
      tax-credit:
        "2014":                        # the edition of the method
          name: 纳税信用级别
          basis: 《纳税信用管理办法（试行）》
          authority: 税务机关
          scale: [A, B, M, C, D]       # best first
          certainty: M
    equivalences:                      # as which grade one of another method counts here
      - method: tax-credit
        edition: "2014"
        grade: A
        own_method: public-credit-evaluation
        own_edition: "2025"
        own_grade: 优
        valid_from: 2026-01-01
        valid_until: 2027-12-31

Every equivalence states its days; an edition that has any is tried first like all others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from federation.ids import WRITTEN_CODE_FORM, Date
from federation.names import SUBJECT_KINDS
from federation.payloads import Equivalence, SubjectKind
from federation.reconcile.catalog import EVERY_KIND, FOR_EVER
from federation.reconcile.equivalences import DatedEquivalence
from federation.reconcile.sources import Certainty
from federation.reconcile.trust_lists import GradeMethod, TrustList

_Code = Annotated[str, StringConstraints(pattern=f"^(?:{WRITTEN_CODE_FORM})$")]
_Authority = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,63}$")]
MethodEdition = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,63}$")]
_Text = Annotated[str, StringConstraints(max_length=2000)]
_Required = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
_Grade = Annotated[str, StringConstraints(min_length=1, max_length=16)]
_Months = Annotated[int, Field(ge=0, le=1200)]
MAX_GRADES: Final = 16
MAX_EQUIVALENCES: Final = 1000


class TrustListModel(BaseModel):
    """A list of the trustworthy as it stands in the YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Required
    basis: _Required
    authority: _Text = ""
    authorities: tuple[_Authority, ...] | None = None
    subjects: tuple[str, ...] | None = None
    method: _Code | None = None
    longest_months: _Months = 0
    term_months: _Months = 0
    struck: bool = False
    certainty: Certainty
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    source: _Text = ""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.longest_months and self.term_months > self.longest_months:
            message = "term_months 不得超过 longest_months / expected not above longest_months"
            raise ValueError(message)
        return self


class GradeMethodModel(BaseModel):
    """An edition of a method as it stands in the YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Required
    basis: _Required
    authority: _Text = ""
    scale: Annotated[tuple[_Grade, ...], Field(min_length=2, max_length=MAX_GRADES)]
    certainty: Certainty
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    source: _Text = ""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.scale)) != len(self.scale):
            raise ValueError("scale: 等级有重复 / expected each grade once")
        return self


class EquivalenceModel(BaseModel):
    """An equivalence as it stands in the YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: _Code
    edition: MethodEdition
    grade: _Grade
    own_method: _Code
    own_edition: MethodEdition
    own_grade: _Grade
    valid_from: dt.date
    valid_until: dt.date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_until < self.valid_from:
            raise ValueError("valid_until 早于 valid_from / expected not before valid_from")
        return self


def equivalence_of(read: EquivalenceModel) -> DatedEquivalence:
    """An equivalence of an edition."""
    days = {"valid_from", "valid_until"}
    return DatedEquivalence(
        equivalence=Equivalence(**read.model_dump(exclude=days)),
        valid_from=_date(read.valid_from),
        valid_until=_date(read.valid_until),
    )


def trust_list_of(list_type: str, read: TrustListModel, since: dt.date) -> TrustList:
    """A list of an edition that is in force since a day."""
    kinds = EVERY_KIND
    if read.subjects is not None:
        kinds = frozenset(SubjectKind(SUBJECT_KINDS.code(kind)) for kind in read.subjects)
    return TrustList(
        list_type=list_type,
        name=read.name,
        basis=read.basis,
        authority=read.authority,
        authorities=None if read.authorities is None else frozenset(read.authorities),
        subjects=kinds,
        method=read.method or "",
        longest_months=read.longest_months,
        term_months=read.term_months,
        struck=read.struck,
        certainty=read.certainty,
        valid_from=_date(read.valid_from or since),
        valid_until=FOR_EVER if read.valid_until is None else _date(read.valid_until),
        source=read.source,
    )


def grade_methods_of(
    read: Mapping[str, Mapping[str, GradeMethodModel]], since: dt.date
) -> dict[tuple[str, str], GradeMethod]:
    """The methods of an edition that is in force since a day, by method and its edition."""
    return {
        (method, edition): GradeMethod(
            method=method,
            edition=edition,
            name=one.name,
            basis=one.basis,
            authority=one.authority,
            scale=one.scale,
            certainty=one.certainty,
            valid_from=_date(one.valid_from or since),
            valid_until=FOR_EVER if one.valid_until is None else _date(one.valid_until),
            source=one.source,
        )
        for method, editions in read.items()
        for edition, one in editions.items()
    }


def _date(day: dt.date) -> Date:
    return Date(day.year * 10000 + day.month * 100 + day.day)
