"""A penalty 行政处罚 is judged by its own few rules, and is a note at most."""

from __future__ import annotations

from typing import Any

import pytest

from federation.ids import Date
from federation.payloads import SubjectKind
from federation.reconcile.candidate import Candidate
from federation.reconcile.findings import RULES, Finding, Outcome
from federation.reconcile.receipts import ReceiptOutcome, outcome
from federation.reconcile.rules import judge
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind
from tests.support.catalogs import catalog_of, edition_text
from tests.support.invented import code_of, invented_library, name_of

ENTRY = "administrative-penalty-ordinary"
NOTE = Candidate(
    scheme="uscc",
    code=code_of(1),
    name=name_of(1),
    subject_kind=SubjectKind.ENTERPRISE,
    list_type=ENTRY,
    authority="510500-market",
    has_document=True,
    has_basis=True,
    decided_on=20260105,
    listed_on=0,
    notice_on=0,
    until=20270105,
)
KNOWN = invented_library().by_code("uscc", [code_of(1)])[code_of(1)]


def found(lists: tuple[str, ...] = (ENTRY,), **changed: Any) -> Finding:
    catalog = catalog_of(edition_text(lists=lists, longest_months=12, **changed.pop("item", {})))
    known = changed.pop("known", KNOWN)
    return judge(NOTE._replace(**changed), catalog, known, today=Date(20261121))


@pytest.mark.parametrize(
    ("expected", "changed"),
    [
        (Finding.NOTED, {}),
        (Finding.CODE_INVALID, {"code": "91510500YY0000000X"}),
        (Finding.DATE_ORDER, {"until": 20260104}),
        (Finding.DOCUMENT_MISSING, {"has_document": False}),
        (Finding.LIST_UNKNOWN, {"lists": ("judgment-defaulter",)}),
        (Finding.LIST_UNCONFIRMED, {"item": {"certainty": "M"}}),
        (Finding.BASIS_MISSING, {"has_basis": False}),
        (Finding.PERIOD_MISSING, {"until": 0}),
        (Finding.PERIOD_LONG, {"until": 20270106}),
        (Finding.SUBJECT_UNKNOWN, {"known": None}),
        (Finding.NAME_MISMATCH, {"name": "别的企业（演示）"}),
    ],
)
def test_the_first_rule_that_holds_decides(expected: Finding, changed: dict[str, Any]) -> None:
    assert found(**changed) is expected


def test_a_penalty_is_never_recognised_as_a_listing() -> None:
    assert found() is not Finding.RECOGNISED
    assert RULES[Finding.NOTED].outcome is Outcome.APPLIED


def row(**changed: Any) -> StatementRow:
    made = StatementRow(
        log=2,
        idx=7,
        statement_id=b"s" * 16,
        kind=int(Kind.PENALTY),
        action=0,
        flags=0,
        about=None,
        opening=OpeningStatus.PRESENT,
        tag=b"u" * 16 + b"r" * 8,
        audience=1,
        list_type="administrative-penalty",
        authority="510500-market",
        decided_on=20260105,
        until=int(Date(20270105)),
        state=State.ACTIVE,
        rule="",
        header_state=State.ACTIVE,
        names=None,
        current=7,
    )
    return made._replace(**changed)


def test_the_origin_is_told_what_became_of_it() -> None:
    assert outcome(row(), Finding.NONE, reaches=False) is None
    noted = outcome(row(), Finding.NOTED, reaches=False)
    assert noted == (ReceiptOutcome.APPLIED, "record.noted")
    unknown = outcome(row(), Finding.LIST_UNKNOWN, reaches=False)
    assert unknown is not None
    assert unknown.reason == "catalog.list-unknown"
    lifted = outcome(row(state=State.REPAIRED, rule="relief.direct"), Finding.NOTED, reaches=False)
    assert lifted == (ReceiptOutcome.LIFTED, "relief.direct")
