"""Rows of regions and authorities in an edition, as its YAML has them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from federation.ids import Date
from federation.reconcile.catalog import FOR_EVER
from federation.reconcile.registers import CodeRow
from federation.reconcile.sources import Certainty

_Authority = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,63}$")]
_Region = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{5}$")]
_Text = Annotated[str, StringConstraints(max_length=2000)]
_Required = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class _CodeRow(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Required
    former_names: tuple[_Required, ...] = ()
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    basis: _Text = ""
    certainty: Certainty
    source: _Required

    def _check(self, successors: tuple[str, ...]) -> None:
        if successors and self.valid_until is None:
            message = "successors: expected none of what stands; state valid_until, its last day"
            raise ValueError(message)


class AuthorityModel(_CodeRow):
    """An authority as it stands in the YAML."""

    successors: tuple[_Authority, ...] = ()

    @model_validator(mode="after")
    def _gone(self) -> Self:
        self._check(self.successors)
        return self


class RegionModel(_CodeRow):
    """A region as it stands in the YAML."""

    successors: tuple[_Region, ...] = ()

    @model_validator(mode="after")
    def _gone(self) -> Self:
        self._check(self.successors)
        return self


def code_row_of(code: str, row: AuthorityModel | RegionModel) -> CodeRow:
    """The row of an edition."""
    return CodeRow(
        code=code,
        name=row.name,
        former_names=row.former_names,
        valid_from=Date(0) if row.valid_from is None else _date(row.valid_from),
        valid_until=FOR_EVER if row.valid_until is None else _date(row.valid_until),
        successors=row.successors,
        basis=row.basis,
        certainty=row.certainty,
        source=row.source,
    )


def _date(day: dt.date) -> Date:
    return Date(day.year * 10000 + day.month * 100 + day.day)
