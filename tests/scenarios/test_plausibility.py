"""What cannot be right (M1 to M5) is not used and not published, whichever door it comes in by.

Covers node/publishing/plausibility.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.payloads import Listing, SubjectKind, TermQuality, Tier
from federation.statements import Kind
from federation.uscc import make_uscc
from node.reconcile.case_queue import Sought
from tests.scenarios.test_intake import Desk, cells
from tests.support.catalogs import catalog_of, edition_text
from tests.support.desks import desk_of, records_of
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
CITY, PEER = "510300", "510500"
BODY = make_uscc("11510500", "YY000001")


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate(CITY, PEER)
    made.connect(CITY, PEER)
    made.settle()
    return made


def tomorrow(node: SimNode, days: int) -> Date:
    return Date(node.clock.today() + days)


WRONG: dict[str, Callable[[Listing, SimNode], Listing]] = {
    "date.future": lambda one, node: replace(
        one, decided_on=tomorrow(node, 2), listed_on=tomorrow(node, 2)
    ),
    "notice.after-decision": lambda one, _: replace(one, prior_notice_on=Date(20260106)),
    "basis.blank": lambda one, _: replace(one, basis="\u3000——\u200b"),
    "tier.not-of-list": lambda one, _: replace(one, tier=Tier.WATCH),
    "identity.kind-differs": lambda one, _: replace(
        one, subject=replace(one.subject, code=BODY, kind=SubjectKind.ENTERPRISE)
    ),
}


def shown(node: SimNode, statement_id: bytes) -> tuple[str, str]:
    view = records_of(node).get(StatementId(statement_id))
    return view.state, view.rule


def reconciled(federation: Federation) -> None:
    federation.settle()
    for node in federation.nodes.values():
        node.reconcile()


@pytest.mark.parametrize("code", WRONG)
def test_what_another_node_lists_is_held_for_persons(federation: Federation, code: str) -> None:
    """Another vendor's node asks no such rule: its leaf is there and proved."""
    city, peer = federation[CITY], federation[PEER]
    listed = city.list_(WRONG[code](listing(1, audience=city.audience()), city))
    reconciled(federation)
    assert shown(peer, listed) == ("held", code)
    desk = desk_of(peer)
    (case,), _ = desk.queue.list(Sought(rule=code), 10, "")
    assert (case["statement_id"], case["decidable"]) == (listed.hex(), True)
    doubt = desk.get(listed)["doubt"]
    assert doubt["rule"] == code
    assert all(doubt[name] for name in ("found", "expected", "do"))
    for person in ("张某", "李某"):
        desk.decide(listed, "use", person, "已向认定单位核实")
    peer.reconcile()
    assert shown(peer, listed) == ("active", "")
    city.relieve(Kind.REPAIR, listed)
    federation.settle()
    assert shown(peer, listed)[0] == "repaired"


@pytest.mark.parametrize("code", WRONG)
def test_relief_is_asked_none_of_it(federation: Federation, code: str) -> None:
    city, peer = federation[CITY], federation[PEER]
    listed = city.list_(WRONG[code](listing(1, audience=city.audience()), city))
    reconciled(federation)
    city.relieve(Kind.WITHDRAWAL, listed)
    federation.settle()
    assert shown(city, listed)[0] == shown(peer, listed)[0] == "withdrawn"


OWN = WRONG | {"date.order": lambda one, _: replace(one, listed_on=Date(20260104))}
"""Those that are rejected elsewhere, with those that are held."""


@pytest.mark.parametrize("code", OWN)
def test_a_draft_is_refused(federation: Federation, code: str) -> None:
    city = federation[CITY]
    wrong = OWN[code](listing(1, audience=city.audience()), city)
    with pytest.raises(RefusedError) as caught:
        published(city, wrong)
    assert caught.value.code == code
    assert "应为" in str(caught.value)
    assert city.states() == {}


def published(node: SimNode, content: Listing) -> StatementId:
    drafts = [(Kind.LISTING, 0, b"", content)]
    submission = node.registry.publish(node.tokens(16).hex(), drafts, "")
    node.run(submission.unit)
    return submission.published[0].statement_id


def test_m1_on_its_day_a_listing_of_the_future_is_judged_anew(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, peer = federation[CITY], federation[PEER]
    wrong = WRONG["date.future"](listing(1, audience=city.audience()), city)
    listed = city.list_(replace(wrong, prior_notice_on=Date(20261101)))
    reconciled(federation)
    assert shown(peer, listed) == ("held", "date.future")
    monkeypatch.setattr(peer.clock, "today", lambda: Date(20261122))
    assert peer.reconcile()
    assert shown(peer, listed) == ("active", "")


def test_a_draft_without_an_end_takes_the_term_of_a_confirmed_entry(federation: Federation) -> None:
    city = federation[CITY]
    endless = listing(1, audience=city.audience(), until=0)
    city.catalog = catalog_of(edition_text(term_months=24, certainty="M"))
    with pytest.raises(RefusedError) as caught:
        published(city, endless)
    assert caught.value.code == "period.missing"
    city.catalog = catalog_of(edition_text(term_months=24, longest_months=36))
    view = records_of(city).get(published(city, endless))
    assert view.publish_until == 20280105
    city.catalog = catalog_of(edition_text(term_months=3, longest_months=36))
    with pytest.raises(RefusedError) as caught:
        published(city, listing(2, audience=city.audience(), until=0))
    assert caught.value.code == "date.over"


def test_a_draft_says_where_its_end_comes_from(federation: Federation) -> None:
    city = federation[CITY]
    city.catalog = catalog_of(edition_text(term_months=24, longest_months=36))
    found = city.statements
    endless = published(city, listing(1, audience=city.audience(), until=0))
    with city.store.read() as session:
        payload = found.listing(session, endless).payload
    assert isinstance(payload, Listing)
    assert payload.term is TermQuality.BY_CATALOG


# ---------------------------------------------------------------------------- files and tables


@pytest.fixture
def desk(federation: Federation, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(federation[PEER], tmp_path / "desk")
    yield made
    made.writer.close()


FILES: dict[str, dict[str, Any]] = {
    "date.future": {"失信决定日期": "2026-12-31"},
    "notice.after-decision": {"告知日期": "2026-06-22"},
}
TOLD = {
    "date.future": (
        "失信决定日期,date.future,2026-12-31,日期 ≤ 20261121 / a day ≤ 20261121,日期在将来"
    ),
    "notice.after-decision": (
        "告知日期,notice.after-decision,20260622,日期 ≤ 20260621 / a day ≤ 20260621,告知晚于决定"
    ),
}
"""Column, code, what stood there, what was expected, and that in words."""


@pytest.mark.parametrize("code", FILES)
def test_a_row_is_refused_with_what_was_expected(desk: Desk, code: str) -> None:
    result = desk.take(cells(1, **FILES[code]), cells(2))
    assert (result["faults"], result["published"]) == ({code: 1}, 1)
    told = Path(result["errors_file"]).read_text("utf-8-sig")
    assert TOLD[code] in told


def test_m4_a_layout_of_another_tier_publishes_nothing(desk: Desk) -> None:
    desk.node.catalog = desk.catalog = catalog_of(edition_text(tier="watch"))
    for result in (desk.take(cells(1), dry_run=True), desk.take(cells(1))):
        assert (result["faults"], result["published"]) == ({"tier.not-of-list": 1}, 0)
    (answer,) = desk.intake.rows.take("b", "court", "list", "", {1: cells(2)}).values()
    assert answer is not None
    assert (answer.outcome, answer.code) == ("refused", "tier.not-of-list")
    assert "重点关注" in answer.message
