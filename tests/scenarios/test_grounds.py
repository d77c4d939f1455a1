"""Lists that no law makes: at every door, once adopted before, and what of them goes on: relief."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from federation.errors import RefusedError
from federation.ids import Date, Timestamp
from federation.payloads import Correction, Listing, Payload
from federation.ports.findings import StoredEdition
from federation.reconcile.catalog import Catalog
from federation.reconcile.findings import Finding
from federation.rows import State
from federation.statements import Kind
from node.reconcile.catalog_book import CatalogBook
from node.upkeep.rebuild import rebuild
from tests.scenarios.test_reconcile import finding, reconciled, shown
from tests.support import charters as build
from tests.support import tables
from tests.support.catalogs import PERSONS, catalog_of, edition_text
from tests.support.invented import code_of
from tests.support.payload_kinds import COMMENDATION
from tests.support.simulation import Federation, SimNode, leaf_hash_of, listing

COURT = "judgment-defaulter"
CITY, PEER = "510300", "510500"
INVENTED = edition_text("joint-2024", layer="joint", certainty=None)
ORDER = catalog_of(edition_text(order_from="2023-05-01"))
"""An order of 2023 for all lists: what was decided in 2018 is not judged by it."""
DECIDED = Date(20180105)
HELD = ("held", "catalog.list-not-in-force")


@pytest.fixture
def federation(federate: Callable[..., Federation]) -> Federation:
    made = federate(CITY, PEER)
    made.connect(CITY, PEER)
    return made


def old(node: SimNode, number: int = 1) -> Listing:
    """A listing that was decided in 2018."""
    said = listing(number, audience=node.audience())
    return replace(said, decided_on=DECIDED, listed_on=DECIDED, prior_notice_on=Date(20180101))


def publish(node: SimNode, payload: Payload, kind: int) -> bytes:
    """Publish as the node's gRPC service does; the statement's id."""
    submission = node.registry.publish(node.tokens(16).hex(), [(kind, 0, b"", payload)], "")
    node.run(submission.unit)
    return submission.published[0].statement_id


def test_an_edition_that_invents_a_list_is_not_adopted(federation: Federation) -> None:
    peer = federation[PEER]
    book = CatalogBook(store=peer.store, now=peer.clock.now)
    text = edition_text("joint-2024", layer="joint")
    for try_it in (lambda: book.with_edition(text), lambda: book.adopt(text, PERSONS)):
        with pytest.raises(RefusedError) as caught:
            try_it()
        assert caught.value.code == "catalog.ground-missing"
    with pytest.raises(RefusedError) as caught:
        book.adopt(edition_text(certainty=None), PERSONS)
    assert caught.value.code == "catalog.entry-incomplete"
    assert not book.adopted()
    book.adopt(edition_text("nation"), PERSONS)
    with pytest.raises(RefusedError) as caught:
        book.adopt(edition_text("joint-2024", layer="joint", term_months=60), PERSONS)
    assert caught.value.code == "catalog.widens"
    book.adopt(text, PERSONS)
    assert {one.id for one in book.adopted()} == {"nation", "joint-2024"}


def adopted_before(node: SimNode, text: str) -> CatalogBook:
    """A node whose people adopted an edition when less was asked of it."""
    stored = StoredEdition(
        id="joint-2024", text=text, adopted_at=Timestamp(build.NOW), adopted_by=PERSONS
    )
    with node.store.write() as session:
        session.put_edition(stored)
    return CatalogBook(store=node.store, now=node.clock.now)


def test_a_list_invented_before_is_held_and_relief_of_it_goes_on(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    peer.catalog = adopted_before(peer, INVENTED).catalog()
    listed = [city.list_(listing(n, audience=city.audience())) for n in (1, 2)]
    own = peer.list_(listing(3, audience=peer.audience()))
    reconciled(federation)
    held = ("held", "catalog.ground-missing")
    assert [shown(peer, one) for one in (*listed, own)] == [held, held, held]
    assert shown(city, own) == ("active", "")
    assert peer.catalog.without_ground(Date(20261120))[build.COURT_LIST] == ("joint-2024",)
    whole, differences = rebuild(peer.store, peer.ledger, peer.reconciliation, check_only=True)
    assert (whole, differences) == (True, [])
    city.relieve(Kind.REPAIR, listed[0])
    peer.relieve(Kind.WITHDRAWAL, own)
    reconciled(federation)
    assert shown(peer, listed[0])[0] == "repaired"
    assert shown(peer, own)[0] == shown(city, own)[0] == "withdrawn"


def test_what_was_decided_before_the_order_is_held_wherever_it_comes_from(
    federation: Federation,
) -> None:
    city, peer = federation[CITY], federation[PEER]
    peer.catalog = ORDER
    before = city.list_(old(city))
    after = city.list_(listing(2, audience=city.audience()))
    corrected = city.list_(listing(3, audience=city.audience()))
    correction = Correction(
        audience=city.audience(), replaces=leaf_hash_of(city, corrected), payload=old(city, 3)
    )
    city.say(city.draft(Kind.CORRECTION, correction, about=corrected))
    reconciled(federation)
    assert shown(peer, before) == shown(peer, corrected) == HELD
    assert shown(peer, after) == ("active", "")
    assert finding(peer, before) == Finding.LIST_NOT_IN_FORCE
    city.relieve(Kind.REPAIR, before)
    reconciled(federation)
    assert shown(peer, before)[0] == "repaired"


def test_our_own_door_asks_the_same_and_lets_relief_through(federation: Federation) -> None:
    city = federation[CITY]
    before = publish(city, old(city), Kind.LISTING)
    city.catalog = ORDER
    with pytest.raises(RefusedError, match=r"设立该名单的规定尚未施行.*应为.*; expected") as caught:
        publish(city, old(city, 2), Kind.LISTING)
    assert caught.value.code == "catalog.list-not-in-force"
    assert shown(city, before) == HELD
    city.relieve(Kind.REPAIR, before)
    assert city.state(before) == State.REPAIRED
    city.catalog = catalog_of(edition_text("joint", layer="joint"))
    with pytest.raises(RefusedError) as caught:
        publish(city, listing(2, audience=city.audience()), Kind.LISTING)
    assert caught.value.code == "catalog.ground-missing"
    city.catalog = catalog_of(edition_text(lists=["work-safety"]))
    with pytest.raises(RefusedError) as caught:
        publish(city, listing(2, audience=city.audience()), Kind.LISTING)
    assert caught.value.code == "catalog.list-unknown"
    city.catalog = catalog_of(edition_text(), edition_text("own", layer="city", struck=True))
    publish(city, listing(2, audience=city.audience()), Kind.LISTING)
    city.catalog = Catalog(())
    publish(city, listing(3, audience=city.audience()), Kind.LISTING)


def test_one_list_type_never_serves_both(federation: Federation) -> None:
    city = federation[CITY]
    said = listing(1, audience=city.audience())
    good = replace(
        COMMENDATION,
        audience=said.audience,
        subject=said.subject,
        list_type=said.list_type,
        authority=said.authority,
    )
    with pytest.raises(RefusedError) as caught:
        publish(city, good, Kind.COMMENDATION)
    assert caught.value.code == "catalog.list-both"
    city.catalog = catalog_of(edition_text(lists=["work-safety"]))
    publish(city, good, Kind.COMMENDATION)


@pytest.mark.parametrize(
    ("known", "codes"),
    [
        (edition_text(lists=[COURT]), []),
        (edition_text(lists=[COURT], order_from="2026-03-06"), ["catalog.list-not-in-force"]),
        (edition_text(layer="joint", lists=[COURT]), ["catalog.ground-missing"]),
        (edition_text(lists=["work-safety"]), ["catalog.list-unknown"]),
    ],
    ids=["stands", "decided before", "invented", "unknown"],
)
def test_files_ask_the_same(tmp_path: Path, known: str, codes: list[str]) -> None:
    node = tables.city(tmp_path)["510500"]
    desk = tables.TableDesk(node, tmp_path, known=catalog_of(known))
    row = {
        "被执行人姓名/名称": "泸州示例试件1号商贸有限公司（演示）",
        "统一社会信用代码": code_of(1),
        "执行法院": "泸州市江阳区人民法院",
        "案号": "（2026）川0502执1号",
        "履行情况": "全部未履行",
        "失信决定日期": "2026-03-05",
    }
    result = desk.take(row, list_type=COURT)
    assert [code for _, _, code in desk.faults(result)] == codes
    assert result["published"] == (0 if codes else 1)
    desk.writer.close()
    node.store.close()
