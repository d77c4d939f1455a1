"""Matters 事项 of an edition, as its YAML has them.

    matters:
      government-funds:
        name: 政府资金支持
        department: 市财政部门                # may be left out
        basis: 《保障农民工工资支付条例》第四十八条
        basis_rank: administrative-regulation  # may be left out
        rows:                              # {} where no measure follows; never left out
          wages-government-funds:          # a measure that follows from the lists
            list_types: [unpaid-migrant-wages]
            manner: 提示经办人，由其依法决定
            block: false                   # may be left out; true needs an article, and may have
                                           # block_months: 12, after which it prompts
            article: 《某办法》第五条          # the matter's own; may be left out, with its
            certainty: P                   # certainty, which is stated where there is one
            source: 部分读到
        outcome_days: 5                    # working days; may be left out
        undo_months: 24                    # left out: without end
        objection_suspends: true
        certainty: C
        valid_from: 2026-01-01             # may be left out: since the edition does
        valid_until: 2030-12-31            # likewise
        source: 已读

What would decide about a measure is stated: `rows`, `objection_suspends`, `certainty`. A fault
names the edition, the matter, the key, and what stands there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from federation.errors import RefusedError
from federation.ids import WRITTEN_CODE_FORM, Date
from federation.reconcile.catalog import FOR_EVER
from federation.reconcile.matters import MATTERS, Matter, MatterRow
from federation.reconcile.sources import BasisRank, Certainty

_Code = Annotated[str, StringConstraints(pattern=f"^(?:{WRITTEN_CODE_FORM})$")]
_Text = Annotated[str, StringConstraints(max_length=2000)]
_Required = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
MAX_OUTCOME_DAYS: Final = 60
"""Nobody waits longer for an outcome: by then a case is forgotten."""
MAX_MONTHS: Final = 1200
MAX_ROWS: Final = 100
_SHOWN: Final = 60


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class RowModel(_Model):
    """A row of a matter as it stands in the YAML."""

    list_types: Annotated[list[_Code], Field(min_length=1, max_length=100)]
    manner: _Required
    block: bool = False
    block_months: Annotated[int | None, Field(ge=1, le=MAX_MONTHS)] = None
    article: _Text = ""
    certainty: Annotated[Certainty | None, Field(strict=False)] = None
    source: _Text = ""

    @model_validator(mode="after")
    def _supported(self) -> Self:
        if self.block and not self.article:
            message = "block: true 须写明本事项自己的条款 article / needs the matter's own article"
            raise ValueError(message)
        if self.block_months and not self.block:
            message = "block_months 只用于 block: true / of what does not block there are none"
            raise ValueError(message)
        if bool(self.article) is not (self.certainty is not None):
            message = (
                "article 与 certainty（C、P、M）须同时写明或同时不写 / an article states its "
                "certainty C, P or M, and without one there is none"
            )
            raise ValueError(message)
        if len(set(self.list_types)) != len(self.list_types):
            message = "list_types: 有重复 / expected each once"
            raise ValueError(message)
        return self


class MatterModel(_Model):
    """A matter as it stands in the YAML."""

    name: _Required
    department: _Text = ""
    basis: _Required
    basis_rank: Annotated[BasisRank | None, Field(strict=False)] = None
    rows: Annotated[dict[_Code, RowModel], Field(max_length=MAX_ROWS)]
    outcome_days: Annotated[int | None, Field(ge=1, le=MAX_OUTCOME_DAYS)] = None
    undo_months: Annotated[int | None, Field(ge=1, le=MAX_MONTHS)] = None
    objection_suspends: bool
    certainty: Annotated[Certainty, Field(strict=False)]
    valid_from: Annotated[dt.date | None, Field(strict=False)] = None
    valid_until: Annotated[dt.date | None, Field(strict=False)] = None
    source: _Text = ""


def matter_of(code: str, read: MatterModel, since: dt.date) -> Matter:
    """A matter of an edition that is in force since a day."""
    return Matter(
        code=code,
        name=read.name,
        department=read.department,
        basis=read.basis,
        basis_rank=read.basis_rank,
        rows=tuple(_row(measure, row) for measure, row in sorted(read.rows.items())),
        outcome_days=read.outcome_days or 0,
        undo_months=read.undo_months or 0,
        objection_suspends=read.objection_suspends,
        certainty=read.certainty,
        valid_from=_date(read.valid_from or since),
        valid_until=FOR_EVER if read.valid_until is None else _date(read.valid_until),
        source=read.source,
    )


def fault(document: object, error: ValidationError) -> RefusedError:
    """What is wrong with an edition: the place; of a matter its edition and what stands there."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"])) or "the file"
    if first["loc"][:1] != (MATTERS,) or not isinstance(document, Mapping):
        return RefusedError("catalog.file", f"{place}: {first['msg']}")
    edition = str(document.get("edition"))[:_SHOWN]
    message = f"{edition}: {place}: {first['msg']}；得到 / got {_shown(document, first['loc'])}"
    return RefusedError("catalog.file", message)


def _shown(document: object, place: Sequence[str | int]) -> str:
    """The value at a place of a document, shortened; a dash where there is none of its own."""
    found: Any = document
    for part in place:
        try:
            found = found[part]
        except (KeyError, IndexError, TypeError):
            return "—"
    return "—" if isinstance(found, Mapping | list) else repr(found)[:_SHOWN]


def _row(measure: str, row: RowModel) -> MatterRow:
    return MatterRow(
        measure=measure,
        list_types=frozenset(row.list_types),
        manner=row.manner,
        block=row.block,
        block_months=row.block_months or 0,
        article=row.article,
        certainty=row.certainty or Certainty.MEMORY,
        source=row.source,
    )


def _date(day: dt.date) -> Date:
    return Date(day.year * 10000 + day.month * 100 + day.day)
