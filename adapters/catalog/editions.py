"""Editions of catalogs as YAML files, and the starter editions that come with the program.

    edition: national-lists-2024
    series: national-lists
    layer: national            # national, joint, province or city
    name: 国家层面严重失信主体名单（启动版）
    valid_from: 2022-01-01
    attestation_days: 90       # of a subject's region is believed for; may be left out
    lists:
      major-tax-violation:
        name: 重大税收违法失信主体
        basis: 国家税务总局令第54号
        authority: 税务机关
        longest_months: 36
        term_months: 36            # where the decision states none; may be left out
        certainty: M
    measures:
      bid-restriction:
        name: 限制参与政府采购活动
        basis: 政府采购法
        certainty: M

Unknown keys are refused: a setting that is misspelt would silently not count.
"""

from __future__ import annotations

import datetime as dt
from importlib.resources import files
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic import ValidationError as PydanticError

from federation.catalog import FOR_EVER, Certainty, Edition, Layer, ListItem, Measure
from federation.errors import RefusedError, StatementError
from federation.ids import Date
from federation.names import SUBJECT_KINDS, TIERS
from federation.payloads import SubjectKind, Tier

MAX_BYTES: Final = 4 * 1024 * 1024

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
Authority = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,63}$")]
Text = Annotated[str, StringConstraints(max_length=2000)]
Required = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Months = Annotated[int, Field(ge=0, le=1200)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Item(_Model):
    name: Required
    basis: Required
    authority: Text = ""
    authorities: tuple[Authority, ...] | None = None
    subjects: tuple[str, ...] | None = None
    tier: str = "severe"
    shortest_months: Months = 0
    longest_months: Months = 0
    term_months: Months = 0
    early_exit: Text = ""
    measures: tuple[Code, ...] | None = None
    department: Text = ""
    struck: bool = False
    certainty: Certainty = Certainty.CONFIRMED
    source: Text = ""


class _Measure(_Model):
    name: Required
    basis: Required
    implementer: Text = ""
    certainty: Certainty = Certainty.CONFIRMED
    source: Text = ""


class _Edition(_Model):
    edition: Code
    series: Code
    layer: Layer
    name: Required
    valid_from: dt.date
    valid_to: dt.date | None = None
    proposed_by: Annotated[str, StringConstraints(max_length=100)] = ""
    attestation_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    lists: dict[Code, _Item] = {}
    measures: dict[Code, _Measure] = {}


def read_edition(text: str) -> Edition:
    """Read an edition.

    Args:
        text: YAML.

    Raises:
        RefusedError: `catalog.file`: not an edition; the message names the place.
    """
    return _checked(text)[0]


def read_proposal(text: str) -> tuple[Edition, str]:
    """Read an edition, and the name of who proposed it; empty where nobody did.

    Raises:
        RefusedError: see `read_edition`.
    """
    return _checked(text)


def _checked(text: str) -> tuple[Edition, str]:
    if len(text.encode()) > MAX_BYTES:
        raise RefusedError("catalog.file", f"expected at most {MAX_BYTES} bytes")
    try:
        read = _Edition.model_validate(yaml.safe_load(text))
        return _edition(read), read.proposed_by.strip()
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        place = f"line {where.line + 1}" if where is not None else "the file"
        raise RefusedError("catalog.file", f"{place}: expected YAML") from error
    except PydanticError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise RefusedError("catalog.file", f"{place}: {first['msg']}") from error
    except StatementError as error:
        raise RefusedError("catalog.file", str(error)) from error


def starter_editions() -> dict[str, str]:
    """Texts of the editions that come with the program, by id.

    They carry only what public texts were found to support; what was read in part or not at all
    is marked and counts only once a person has confirmed it.
    """
    folder = files("adapters.catalog") / "starter"
    return {
        entry.name.removesuffix(".yaml"): entry.read_text("utf-8")
        for entry in sorted(folder.iterdir(), key=lambda e: e.name)
        if entry.name.endswith(".yaml")
    }


def _edition(read: _Edition) -> Edition:
    return Edition(
        id=read.edition,
        series=read.series,
        layer=read.layer,
        name=read.name,
        valid_from=_date(read.valid_from),
        valid_to=FOR_EVER if read.valid_to is None else _date(read.valid_to),
        lists={code: _item(code, item) for code, item in read.lists.items()},
        measures={
            code: Measure(
                code=code,
                name=measure.name,
                basis=measure.basis,
                implementer=measure.implementer,
                certainty=measure.certainty,
                source=measure.source,
            )
            for code, measure in read.measures.items()
        },
        attestation_days=read.attestation_days or 0,
    )


def _item(list_type: str, item: _Item) -> ListItem:
    every = frozenset(SubjectKind) - {SubjectKind.UNSPECIFIED}
    return ListItem(
        list_type=list_type,
        name=item.name,
        basis=item.basis,
        authority=item.authority,
        authorities=None if item.authorities is None else frozenset(item.authorities),
        subjects=every
        if item.subjects is None
        else frozenset(SubjectKind(SUBJECT_KINDS.code(kind)) for kind in item.subjects),
        tier=Tier(TIERS.code(item.tier)),
        shortest_months=item.shortest_months,
        longest_months=item.longest_months,
        term_months=item.term_months,
        early_exit=item.early_exit,
        measures=None if item.measures is None else frozenset(item.measures),
        department=item.department,
        struck=item.struck,
        certainty=item.certainty,
        source=item.source,
    )


def _date(day: dt.date) -> Date:
    return Date(day.year * 10000 + day.month * 100 + day.day)
