"""By which listings a benefit could be denied, and what leaves it undecided (BN11, BN12)."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from federation.ids import Date
from federation.payloads import Listing, Tier
from federation.recognition.facts import Against, Weight
from federation.recognition.obstacles import obstacles, uncertainties
from federation.reconcile.catalog import Catalog
from federation.reconcile.findings import Finding
from federation.reconcile.held_records import Identity, Predecessor, RecordRead
from federation.reconcile.identity import BaseSubject, Status
from federation.rows import State
from federation.screening.questions import read
from tests.support import charters as build
from tests.support.catalogs import catalog_of
from tests.support.held import KNOWN, record
from tests.support.invented import code_of, name_of
from tests.support.screened import MEASURE, asked, matters_text, screening_catalog

TODAY = Date(20261129)


def found(
    *records: RecordRead,
    catalog: Catalog | None = None,
    known: BaseSubject | None = KNOWN,
    predecessors: tuple[Predecessor, ...] = (),
    namesakes: tuple[RecordRead, ...] = (),
) -> list[tuple[Weight, str]]:
    made = read_all(
        *records,
        catalog=catalog,
        identity=Identity(known=known, predecessors=predecessors, namesakes=namesakes),
    )
    return [(one.weight, one.rule) for one in made]


def read_all(
    *records: RecordRead, catalog: Catalog | None = None, identity: Identity | None = None
) -> tuple[Against, ...]:
    identity = identity or Identity(known=KNOWN)
    return obstacles(read(asked()), records, identity, catalog or screening_catalog(), TODAY)


COUNTS = [(Weight.COUNTS, "record.recognised")]


def test_bn11_what_counts_in_a_check_stands_in_the_way() -> None:
    (one,) = read_all(record())
    assert (one.list_type, one.measures) == (build.COURT_LIST, frozenset({MEASURE}))
    assert (one.evidence.origin, one.evidence.index) == ("510500.huxin.example/1", 1)
    assert (one.weight, one.rule, one.until) == (Weight.COUNTS, "record.recognised", 20281231)
    assert found(record(ours=True, finding=Finding.NONE)) == [(Weight.COUNTS, "record.own")]


def test_bn11_what_may_not_be_used_against_anybody_is_nothing() -> None:
    content = record().content
    assert isinstance(content, Listing)
    watched = replace(content, tier=Tier.WATCH)
    for nothing in (
        record(purposes=frozenset({"joint-incentive", "audit"})),
        record(state=State.REPAIRED),
        record(state=State.MASKED),
        record(until=Date(0)),
        record(content=watched),
    ):
        assert found(nothing) == []


@pytest.mark.parametrize("field", ["measures", "certainty", "tier", "longest_months"])
def test_bn11_only_by_the_measures_of_this_region(field: str) -> None:
    values = {"measures": [], "certainty": "M", "tier": "watch", "longest_months": 6}
    document = yaml.safe_load(matters_text())
    item = document["lists"][build.COURT_LIST]
    item[field] = values[field]
    if field == "longest_months":
        item["term_months"] = 6
    document["matters"] = {}
    catalog = catalog_of(yaml.safe_dump(document, allow_unicode=True))
    assert found(record(), catalog=catalog) == []
    assert found(record(rule="log.stale"), catalog=catalog) == []


def test_bn11_it_ends_with_the_longest_time_of_its_list() -> None:
    document = yaml.safe_load(matters_text())
    document["lists"][build.COURT_LIST] |= {"longest_months": 12, "term_months": 12}
    catalog = catalog_of(yaml.safe_dump(document, allow_unicode=True))
    content = replace(record().content, decided_on=Date(20260105))
    (one,) = read_all(record(content=content), catalog=catalog)
    assert one.until == 20270105


def test_bn12_what_waits_or_is_doubtful_decides_nothing() -> None:
    for one, code in (
        (record(rule="log.stale"), "log.stale"),
        (record(finding=Finding.NONE), "reconcile.pending"),
        (record(finding=Finding.NAME_MISMATCH), "identity.name-mismatch"),
        (record(finding=999), "reconcile.pending"),
        (record(objection=True), "benefit.objection-open"),
        (record(2, 2), "identity.listed-otherwise"),
    ):
        assert found(one) == [(Weight.DOUBT, code)]


def test_bn12_what_is_rejected_or_merged_is_nothing() -> None:
    for finding in (Finding.DECIDED_REJECT, Finding.COPY):
        assert found(record(finding=finding, rule="record.copy")) == []
    assert found(record(finding=Finding.COPY, rule="record.copy"), record(2)) == COUNTS


def test_bn12_a_predecessors_listing_is_the_authoritys_to_decide() -> None:
    before = BaseSubject(code_of(2), name_of(2), (), Status.CANCELLED, code_of(1))
    listed = Predecessor(
        subject=before,
        records=(
            record(3, 2, finding=Finding.SUBJECT_CEASED, rule="identity.subject-ceased"),
            record(4, 2, rule="log.stale"),
        ),
    )
    assert found(predecessors=(listed,)) == [(Weight.DOUBT, "identity.predecessor-listed")]


def test_bn12_another_of_the_same_name_decides_nothing() -> None:
    other = record(3, 2)
    same_name = [(Weight.DOUBT, "identity.same-name")]
    assert found(namesakes=(other,)) == []
    assert found(known=None, namesakes=(other,)) == same_name
    assert found(known=None, namesakes=(record(3, 2, rule="log.stale"),)) == []
    assert found(record(), known=None, namesakes=(other,)) == COUNTS


def test_who_asks_is_certain_or_not() -> None:
    question = read(asked())
    assert uncertainties(question, Identity(known=KNOWN)) == ()
    assert uncertainties(question, Identity(known=None)) == ()
    other = KNOWN._replace(name="另一家（演示）", former_names=())
    assert uncertainties(question, Identity(known=other)) == ("identity.name-mismatch",)
    ceased = KNOWN._replace(status=Status.CANCELLED)
    assert uncertainties(question, Identity(known=ceased)) == ("identity.subject-ceased",)
