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
        tier: severe               # severe or watch
        valid_from: 2022-02-01     # of the order: what was decided before is not judged by it
        longest_months: 36
        term_months: 36            # where the decision states none; may be left out
        certainty: M               # C, P or M; always stated
    measures:
      procurement-ban:
        name: 禁止参加政府采购活动
        basis: 《中华人民共和国政府采购法》
        basis_rank: law            # a word of `federation.reconcile.sources.BasisRank`
        article: 第七十七条
        measure_class: 1           # 1, 2 or 3 of the national list; may be left out, like
        targets: 供应商            # targets, means, implementer, valid_from and valid_until
        certainty: C

    deadlines:
      publish-penalty:           # a word of `federation.reconcile.obligations.Obligation`
        days: 7                    # none where the unit is same-day; where it is years: years: 3
        unit: working-days         # same-day, working-days, days or years
        basis: 双公示
        certainty: C
        valid_from: 2022-01-01
        source: 已读

    authorities:                 # with the codes under which listings name them
      XZ510500-11:
        name: 某市原某局
        former_names: [某市某委员会]   # may be left out, like valid_from
        valid_until: 2025-03-31        # last day; left out: it stands
        successors: [XZ510500-12]      # only where it is gone
        basis: 机构改革方案
        certainty: P
        source: 部分读到

    regions:                     # likewise, by codes of GB/T 2260
      "500105": {name: 江北区, valid_until: 2025-11-05, certainty: C, source: 已读}

    matters:                     # what departments ask about: `adapters.catalog._matters`
      government-funds: {…}

    trust_lists: {…}             # of the trustworthy 守信: `adapters.catalog._trust_lists`
    grade_methods: {…}           # likewise
    equivalences: […]            # of grades; likewise

    cases: {…}                   # by what cases are counted: `adapters.catalog._case_rule`

What a province's local regulation 地方性法规 makes names it:

        regulation: {title: 某省社会信用条例, passed_by: 某省人民代表大会常务委员会}

Unknown keys are refused: a setting that is misspelt would silently not count. What would decide for
a punishment where nothing is stated has to be stated: `certainty` of every entry, `tier` and
`valid_from` of each that makes a list. Editions adopted before that was asked for are read as they
were adopted (`read_adopted`), but for an entry without `certainty`, which nobody has confirmed (M).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Annotated, Any, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic import ValidationError as PydanticError

from adapters.catalog._case_rule import CaseRuleModel, case_rule_of
from adapters.catalog._code_rows import AuthorityModel, RegionModel, code_row_of
from adapters.catalog._matters import MatterModel, fault, matter_of
from adapters.catalog._trust_lists import (
    MAX_EQUIVALENCES,
    EquivalenceModel,
    GradeMethodModel,
    MethodEdition,
    TrustListModel,
    equivalence_of,
    grade_methods_of,
    trust_list_of,
)
from federation.errors import RefusedError, StatementError
from federation.ids import WRITTEN_CODE_FORM, Date
from federation.names import SUBJECT_KINDS, TIERS
from federation.payloads import PENALTY_LIST_TYPE, SubjectKind, Tier
from federation.reconcile.catalog import (
    EVERY_KIND,
    FOR_EVER,
    Edition,
    Layer,
    ListItem,
    Measure,
    Regulation,
)
from federation.reconcile.matter_grounds import check_matters
from federation.reconcile.obligations import Deadline, Obligation, Unit
from federation.reconcile.sources import BasisRank, Certainty
from federation.reconcile.trust_lists import check_trust

MAX_BYTES: Final = 4 * 1024 * 1024
_READ_KEPT: Final = 64
"""Editions of which is kept what they say. Each adoption and confirmation reads all of a node's
again, a few dozen of them, and YAML is slow to read: 15 ms for one."""

Code = Annotated[str, StringConstraints(pattern=f"^(?:{WRITTEN_CODE_FORM})$")]
Authority = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,63}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{5}$")]
Text = Annotated[str, StringConstraints(max_length=2000)]
Required = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Months = Annotated[int, Field(ge=0, le=1200)]
_CONGRESS: Final = r"人民代表大会(常务委员会)?$"
"""Who passes a local regulation; a government's rules 规章 are none."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Regulation(_Model):
    title: Required
    passed_by: Annotated[str, StringConstraints(pattern=_CONGRESS, max_length=100)]
    articles: Text = ""


class _Item(_Model):
    name: Required
    basis: Required
    basis_rank: BasisRank | None = None
    authority: Text = ""
    authorities: tuple[Authority, ...] | None = None
    subjects: tuple[str, ...] | None = None
    tier: str = ""
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    shortest_months: Months = 0
    longest_months: Months = 0
    term_months: Months = 0
    early_exit: Text = ""
    measures: tuple[Code, ...] | None = None
    department: Text = ""
    struck: bool = False
    certainty: Certainty | None = None
    regulation: _Regulation | None = None
    source: Text = ""


class _Measure(_Model):
    name: Required
    basis: Required
    basis_rank: BasisRank | None = None
    article: Text = ""
    measure_class: Annotated[int, Field(ge=1, le=3)] | None = None
    targets: Text = ""
    means: Text = ""
    implementer: Text = ""
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    certainty: Certainty | None = None
    regulation: _Regulation | None = None
    source: Text = ""


class _Deadline(_Model):
    days: Annotated[int, Field(ge=1, le=366)] | None = None
    years: Annotated[int, Field(ge=1, le=30)] | None = None
    unit: Unit
    basis: Required
    certainty: Certainty
    valid_from: dt.date
    valid_until: dt.date | None = None
    source: Required

    @model_validator(mode="after")
    def _counted(self) -> Self:
        if (self.days is None) is not (self.unit in (Unit.SAME_DAY, Unit.YEARS)):
            message = "days: expected a number, and none where the unit is same-day or years"
            raise ValueError(message)
        if (self.years is None) is (self.unit is Unit.YEARS):
            message = "years: expected a number where the unit is years, and none elsewhere"
            raise ValueError(message)
        return self


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
    deadlines: dict[Obligation, _Deadline] = {}
    authorities: dict[Authority, AuthorityModel] = {}
    regions: dict[Region, RegionModel] = {}
    matters: dict[Code, MatterModel] = {}
    trust_lists: dict[Code, TrustListModel] = {}
    grade_methods: dict[Code, dict[MethodEdition, GradeMethodModel]] = {}
    equivalences: Annotated[list[EquivalenceModel], Field(max_length=MAX_EQUIVALENCES)] = []
    cases: CaseRuleModel | None = None


def read_edition(text: str) -> Edition:
    """Read an edition that would be adopted.

    Args:
        text: YAML.

    Raises:
        RefusedError: `catalog.file`: not an edition; the message names the place.
            `catalog.entry-incomplete`: an entry leaves open what has to be stated.
            `catalog.regulation`: another edition than a province's names a local regulation.
            `catalog.matter-list`, `catalog.matter-block`: see `check_matters`.
            `catalog.list-both`: see `check_trust`.
    """
    return _read(text, adopted=False)[0]


def read_proposal(text: str) -> tuple[Edition, str]:
    """Read an edition, and the name of who proposed it; empty where nobody did.

    Raises:
        RefusedError: see `read_edition`.
    """
    return _read(text, adopted=False)


def read_adopted(text: str) -> Edition:
    """Read an edition that was adopted, maybe by a version that asked for less.

    Raises:
        RefusedError: `catalog.file`.
    """
    return _read(text, adopted=True)[0]


def complete(document: dict[str, Any]) -> None:
    """Write into an edition, as its YAML has it, how it is read once adopted."""
    edition = _edition(_Edition.model_validate(document), adopted=True)
    for code, entry in (document.get("lists") or {}).items():
        item = edition.lists[code]
        entry["certainty"] = item.certainty.value
        if edition.makes(item):
            entry["tier"] = TIERS.name(item.tier)
            entry["valid_from"] = dt.date.fromisoformat(str(item.valid_from))
    for code, entry in (document.get("measures") or {}).items():
        entry["certainty"] = edition.measures[code].certainty.value


@lru_cache(maxsize=_READ_KEPT)
def _read(text: str, *, adopted: bool) -> tuple[Edition, str]:
    if len(text.encode()) > MAX_BYTES:
        raise RefusedError("catalog.file", f"expected at most {MAX_BYTES} bytes")
    document = None
    try:
        document = yaml.safe_load(text)
        read = _Edition.model_validate(document)
        return _edition(read, adopted=adopted), read.proposed_by.strip()
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        place = f"line {where.line + 1}" if where is not None else "the file"
        raise RefusedError("catalog.file", f"{place}: expected YAML") from error
    except PydanticError as error:
        raise fault(document, error) from error
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


@cache
def starter_names() -> Mapping[str, str]:
    """Names of the editions that come with the program, by id; read once in a process."""
    return {key: read_edition(text).name for key, text in starter_editions().items()}


def _edition(read: _Edition, *, adopted: bool) -> Edition:
    if not adopted:
        _check_stated(read)
    edition = Edition(
        id=read.edition,
        series=read.series,
        layer=read.layer,
        name=read.name,
        valid_from=_date(read.valid_from),
        valid_to=FOR_EVER if read.valid_to is None else _date(read.valid_to),
        lists={code: _item(code, item, read) for code, item in read.lists.items()},
        measures={code: _measure(code, measure) for code, measure in read.measures.items()},
        deadlines={name: _deadline(name, row) for name, row in read.deadlines.items()},
        authorities={code: code_row_of(code, row) for code, row in read.authorities.items()},
        regions={code: code_row_of(code, row) for code, row in read.regions.items()},
        matters={code: matter_of(code, row, read.valid_from) for code, row in read.matters.items()},
        trust_lists={
            code: trust_list_of(code, one, read.valid_from)
            for code, one in read.trust_lists.items()
        },
        grade_methods=grade_methods_of(read.grade_methods, read.valid_from),
        equivalences=tuple(map(equivalence_of, read.equivalences)),
        attestation_days=read.attestation_days or 0,
        cases=None if read.cases is None else case_rule_of(read.cases),
    )
    if not adopted:
        check_matters(edition, [edition])
        check_trust(edition, [edition])
    return edition


def _check_stated(read: _Edition) -> None:
    """Check that what would decide for a punishment is stated, and said by whom it may be."""
    for place, entry in _entries(read):
        missing = [] if entry.certainty else [("certainty", "C, P 或 / or M")]
        if entry.regulation is not None and read.layer is not Layer.PROVINCE:
            raise RefusedError(
                "catalog.regulation",
                f"{place}.regulation: 得到 {read.layer.value} 版本；地方性法规只由省级版本"
                "（layer: province）写明，联合、市级版本不得新设名单和措施；请删去此项 / "
                f"got an edition of layer {read.layer.value}; expected a province's: no other "
                "makes a list or measure by a local regulation; strike it",
            )
        if isinstance(entry, _Item) and _makes(read, entry):
            tiered = not place.startswith(f"lists.{PENALTY_LIST_TYPE}")
            missing += [("tier", "severe 或 / or watch")] if tiered and not entry.tier else []
            missing += [] if entry.valid_from else [("valid_from", "2022-02-01")]
        for field, expected in missing:
            raise RefusedError(
                "catalog.entry-incomplete",
                f"{place}.{field}: 未写明；应为 {expected}；不作默认，请按正式文本补上 / "
                f"nothing stated; expected {expected}; nothing is taken for granted, state it "
                "by the official text",
            )


def _entries(read: _Edition) -> Iterator[tuple[str, _Item | _Measure]]:
    for code, item in read.lists.items():
        yield f"lists.{code}", item
    for code, measure in read.measures.items():
        yield f"measures.{code}", measure


def _makes(read: _Edition, entry: _Item) -> bool:
    """Whether an entry makes a list (B1)."""
    if read.layer is Layer.PROVINCE:
        return entry.regulation is not None
    return read.layer is Layer.NATIONAL


def _item(list_type: str, item: _Item, read: _Edition) -> ListItem:
    tier = Tier(TIERS.code(item.tier)) if item.tier else Tier.UNSPECIFIED
    if item.tier and tier is Tier.UNSPECIFIED:
        raise StatementError("catalog.file", f"{list_type}.tier: expected severe or watch")
    if _makes(read, item) and not item.tier:
        tier = Tier.SEVERE  # adopted before it had to be stated: so it was read then
    return ListItem(
        list_type=list_type,
        name=item.name,
        basis=item.basis,
        basis_rank=item.basis_rank,
        authority=item.authority,
        authorities=None if item.authorities is None else frozenset(item.authorities),
        subjects=EVERY_KIND
        if item.subjects is None
        else frozenset(SubjectKind(SUBJECT_KINDS.code(kind)) for kind in item.subjects),
        tier=tier,
        shortest_months=item.shortest_months,
        longest_months=item.longest_months,
        term_months=item.term_months,
        early_exit=item.early_exit,
        measures=None if item.measures is None else frozenset(item.measures),
        department=item.department,
        struck=item.struck,
        certainty=item.certainty or Certainty.MEMORY,
        regulation=_regulation(item),
        valid_from=_date(item.valid_from or read.valid_from),
        valid_until=FOR_EVER if item.valid_until is None else _date(item.valid_until),
        source=item.source,
    )


def _measure(code: str, measure: _Measure) -> Measure:
    return Measure(
        code=code,
        name=measure.name,
        basis=measure.basis,
        basis_rank=measure.basis_rank,
        article=measure.article,
        measure_class=measure.measure_class or 0,
        targets=measure.targets,
        means=measure.means,
        implementer=measure.implementer,
        certainty=measure.certainty or Certainty.MEMORY,
        regulation=_regulation(measure),
        valid_from=Date(0) if measure.valid_from is None else _date(measure.valid_from),
        valid_until=FOR_EVER if measure.valid_until is None else _date(measure.valid_until),
        source=measure.source,
    )


def _deadline(obligation: Obligation, row: _Deadline) -> Deadline:
    return Deadline(
        obligation=obligation,
        days=row.days or row.years or 0,
        unit=row.unit,
        basis=row.basis,
        certainty=row.certainty,
        valid_from=_date(row.valid_from),
        valid_until=FOR_EVER if row.valid_until is None else _date(row.valid_until),
        source=row.source,
    )


def _regulation(entry: _Item | _Measure) -> Regulation | None:
    if entry.regulation is None:
        return None
    return Regulation(**entry.regulation.model_dump())


def _date(day: dt.date) -> Date:
    return Date(day.year * 10000 + day.month * 100 + day.day)
