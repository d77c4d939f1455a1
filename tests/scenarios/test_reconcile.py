"""Listings of other cities meet this city's catalog, base library, copies and decisions.

Covers node/reconcile/catalog_book.py, node/reconcile/job.py, node/reconcile/judging.py,
node/records/merged_copies.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.keys import KeyType, Signer
from federation.charters.chain import advance
from federation.charters.verification import Role
from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.payloads import Correction, Exit, ExitKind
from federation.persons import (
    Sort,
    Word,
    confirmation_body,
    edition_body,
    join_word,
    sign_word,
)
from federation.reconcile.findings import Finding
from federation.reconcile.identity import BaseSubject
from federation.statements import Kind
from node.persons.roster import Persons
from node.reconcile.case_queue import Sought
from node.reconcile.catalog_book import CatalogBook
from node.upkeep.rebuild import rebuild
from tests.support import charters as build
from tests.support.catalogs import PERSONS, FixedLibrary, catalog_of, edition_text
from tests.support.desks import desk_of, records_of
from tests.support.invented import code_of, name_of
from tests.support.outlets import RememberingPlatform
from tests.support.simulation import Federation, SimNode, leaf_hash_of, listing

Federate = Callable[..., Federation]
CITY, PEER, HUB = "510300", "510500", "510000"


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate(CITY, PEER)
    made.connect(CITY, PEER)
    made.connect(CITY, HUB)
    made.connect(PEER, HUB)
    return made


def finding(node: SimNode, statement_id: bytes) -> int:
    """What a node found out about a listing."""
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [statement_id])
        return session.findings([(row.log, row.idx)]).get((row.log, row.idx), Finding.NONE)


def reconciled(federation: Federation) -> None:
    federation.settle()
    for node in federation.nodes.values():
        node.reconcile()


def shown(node: SimNode, statement_id: bytes) -> tuple[str, str]:
    view = records_of(node).get(StatementId(statement_id))
    return view.state, view.rule


def test_each_city_judges_by_its_own_catalog_and_library(federation: Federation) -> None:
    city, peer, hub = (federation[m] for m in (CITY, PEER, HUB))
    peer.library = FixedLibrary(BaseSubject(code_of(1), "别的名称（演示）"))
    hub.catalog = catalog_of(edition_text(lists=["unheard-of"]))
    for node in (peer, hub):
        node.restart()
    for member in (PEER, HUB):
        federation.reconnect(member)
    listed = city.list_(listing(1, audience=city.audience()))
    reconciled(federation)
    assert shown(city, listed) == ("active", "")
    assert shown(peer, listed) == ("held", "identity.name-mismatch")
    assert shown(hub, listed) == ("rejected", "catalog.list-unknown")
    assert finding(city, listed) == Finding.NONE


def test_until_it_is_judged_a_listing_is_not_used(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    listed = city.list_(listing(1, audience=city.audience()))
    federation.settle()
    assert shown(peer, listed) == ("active", "reconcile.pending")
    assert peer.reconcile()
    assert shown(peer, listed) == ("active", "")
    assert peer.reconcile() == 0


def test_relief_never_waits_and_ends_what_was_held(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    listed = city.list_(listing(1, audience=city.audience(), name="别名（演示）"))
    reconciled(federation)
    assert shown(peer, listed) == ("held", "identity.name-mismatch")
    city.relieve(Kind.REPAIR, listed)
    federation.settle()
    assert shown(peer, listed)[0] == "repaired"
    peer.reconcile()
    assert finding(peer, listed) == Finding.NONE


def test_x1_a_standing_listing_tells_by_which_typed_exits_repair_may_be_asked_for(
    federation: Federation,
) -> None:
    city, peer = federation[CITY], federation[PEER]
    exits = (Exit(kind=ExitKind.LISTED_FOR, months=12),)
    content = replace(listing(1, audience=city.audience()), exits=exits, exit_path="满一年")
    listed = city.list_(content)
    words = city.list_(replace(listing(2, audience=city.audience()), exit_path="满一年"))
    reconciled(federation)
    told = ("列入满 12 个月，2027-01-10 起可申请修复",)
    for node in (city, peer):
        assert records_of(node).get(listed).repair_possible == told
        assert records_of(node).get(words).repair_possible == ()
    assert desk_of(peer).get(listed)["repair_possible"] == list(told)
    city.relieve(Kind.REPAIR, listed)
    federation.settle()
    assert records_of(peer).get(listed).repair_possible == ()


def test_a_correction_is_judged_anew(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    wrong = listing(1, audience=city.audience(), name="笔误（演示）")
    listed = city.list_(wrong)
    reconciled(federation)
    assert finding(peer, listed) == Finding.NAME_MISMATCH
    right = replace(wrong, subject=replace(wrong.subject, name=name_of(1)))
    payload = Correction(
        audience=city.audience(), replaces=leaf_hash_of(city, listed), payload=right
    )
    city.say(city.draft(Kind.CORRECTION, payload, about=listed))
    reconciled(federation)
    assert finding(peer, listed) == Finding.RECOGNISED
    assert shown(peer, listed) == ("active", "")


def test_two_persons_use_what_was_held_and_one_rejects_it(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    listed = city.list_(listing(1, audience=city.audience(), name="别名（演示）"))
    reconciled(federation)
    desk = desk_of(peer)
    (case,), token = desk.queue.list(Sought(), 10, "")
    assert (case["statement_id"], case["rule"], token) == (
        listed.hex(),
        "identity.name-mismatch",
        "",
    )
    said = desk.decide(listed, "use", "张某", "已与登记机关核对")
    assert (said["second_person_needed"], said["waits_for_second_person"]) == (True, ["张某"])
    assert case["waits_for_second_person"] == []
    assert desk.queue.list(Sought(), 10, "")[0] == [case | {"waits_for_second_person": ["张某"]}]
    peer.reconcile()
    assert shown(peer, listed)[0] == "held"
    with pytest.raises(RefusedError) as caught:
        desk.decide(listed, "use", "张某", "再次")
    assert caught.value.code == "case.same-person"
    said = desk.decide(listed, "use", "李某", "已复核")
    assert (said["second_person_needed"], said["waits_for_second_person"]) == (False, [])
    assert shown(peer, listed) == ("active", "")  # at once: whoever looks next sees it settled
    assert desk.queue.list(Sought(), 10, "") == ([], "")
    peer.reconcile()
    assert shown(peer, listed) == ("active", "")
    desk.decide(listed, "reopen", "李某", "有新情况")
    desk.decide(listed, "reject", "李某", "不是同一主体")
    peer.reconcile()
    assert shown(peer, listed) == ("rejected", "decision.reject")
    whole = desk.get(listed)
    assert desk.hands(listed) == {name: whole[name] for name in ("letter", "handled")}
    assert [one["name"] for one in whole["handled"]] == ["李某"]
    history = whole["history"]
    assert [(one["person"], one["verdict"]) for one in history] == [
        ("张某", "use"),
        ("李某", "use"),
        ("李某", "reopen"),
        ("李某", "reject"),
    ]


def test_what_a_person_may_not_decide(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    peer.catalog = catalog_of(edition_text(certainty="M"))
    good = listing(1, audience=city.audience())
    listed = city.list_(good)
    reconciled(federation)
    desk = desk_of(peer)
    for verdict, reason, code in (
        ("use", "目录未核实", "case.catalog-only"),
        ("perhaps", "不清楚", "case.verdict"),
        ("reject", f"{good.subject.name} 不对", "case.reason"),
        ("reject", f"{good.subject.code} 不对", "case.reason"),
    ):
        with pytest.raises(RefusedError) as caught:
            desk.decide(listed, verdict, "张某", reason)
        assert caught.value.code == code
    peer.catalog = catalog_of()
    with pytest.raises(RefusedError) as caught:
        desk.decide(listed, "reject", "张某", "无理由")
    assert caught.value.code == "case.closed"
    own = peer.list_(listing(2, audience=peer.audience()))
    with pytest.raises(RefusedError) as caught:
        desk.get(own)
    assert caught.value.code == "case.unknown"


def test_a_case_shows_what_each_side_says(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    listed = city.list_(listing(1, audience=city.audience(), name=name_of(7)))
    reconciled(federation)
    case = desk_of(peer).get(listed)
    assert case["origin_says"]["subject"]["name"] == name_of(7)
    assert case["library_says"]["name"] == name_of(1)
    assert [one["code"] for one in case["suggestions"]] == [code_of(7)]
    assert case["decidable"]
    assert case["history"] == []
    assert case["list_name"] != case["list_type"], "the catalog's name"


def test_a_copy_by_the_hub_is_merged_into_the_citys(federation: Federation) -> None:
    city, peer, hub = (federation[m] for m in (CITY, PEER, HUB))
    copied = hub.list_(listing(1, audience=hub.audience()))
    reconciled(federation)
    assert finding(peer, copied) == Finding.RECOGNISED
    listed = city.list_(listing(1, audience=city.audience()))
    reconciled(federation)
    assert (finding(peer, listed), finding(peer, copied)) == (Finding.RECOGNISED, Finding.COPY)
    assert finding(city, copied) == Finding.COPY
    assert finding(hub, listed) == Finding.COPY


def test_what_one_department_leaves_out_another_completes(federation: Federation) -> None:
    city, peer, hub = (federation[m] for m in (CITY, PEER, HUB))
    first = replace(listing(1, audience=city.audience()), basis="", authority_name="甲院（演示）")
    second = replace(
        listing(1, audience=hub.audience()),
        prior_notice_on=Date(0),
        reason="乙说（演示）",
        authority_name="乙院（演示）",
    )
    told = RememberingPlatform(peer)
    listed = city.list_(first)
    reconciled(federation)
    told.run()
    assert shown(peer, listed) == ("held", "basis.missing")
    copied = hub.list_(second)
    reconciled(federation)
    assert (finding(peer, listed), finding(peer, copied)) == (Finding.COMPLETED, Finding.COPY)
    assert shown(peer, listed) == ("active", "")
    view = records_of(peer).get(listed)
    assert {one.field: one.value_json for one in view.completed} == {
        "basis": '"民事诉讼法"',
        "reason": '"乙说（演示）"',
    }
    assert {one.statement_id for one in view.completed} == {copied}
    told.run()
    row = told.rows[city.origin, 0]
    assert (row.state, row.basis, row.reason) == ("active", "民事诉讼法", "乙说（演示）")
    assert (row.authority_name, row.rule) == ("甲院（演示）", "")
    assert row.completed == f"basis={hub.origin}#0;reason={hub.origin}#0"
    corrected = Correction(
        audience=hub.audience(),
        replaces=leaf_hash_of(hub, copied),
        payload=replace(second, reason="更正（演示）"),
    )
    hub.say(hub.draft(Kind.CORRECTION, corrected, about=copied))
    reconciled(federation)
    told.run()
    assert told.rows[city.origin, 0].reason == "更正（演示）"
    hub.relieve(Kind.WITHDRAWAL, copied)
    reconciled(federation)
    assert shown(peer, listed)[0] == "withdrawn"


def test_copies_that_contradict_each_other_are_a_case(federation: Federation) -> None:
    city, peer, hub = (federation[m] for m in (CITY, PEER, HUB))
    copied = hub.list_(listing(1, audience=hub.audience(), until=20271231))
    listed = city.list_(listing(1, audience=city.audience()))
    reconciled(federation)
    assert {finding(peer, one) for one in (copied, listed)} == {Finding.CONFLICT}
    copies = desk_of(peer).get(listed)["copies"]
    assert [one["publish_until"] for one in copies] == [20271231]
    for person in PERSONS:
        desk_of(peer).decide(listed, "use", person, "以市级为准")
    peer.reconcile()
    assert (finding(peer, listed), finding(peer, copied)) == (
        Finding.DECIDED_USE,
        Finding.CONFLICT,
    )
    with peer.store.write() as session:
        session.reconcile_anew()
    peer.reconcile()
    assert finding(peer, copied) == Finding.CONFLICT
    desk_of(peer).decide(listed, "reopen", PERSONS[0], "有新情况")
    peer.reconcile()
    assert finding(peer, listed) == Finding.CONFLICT


def test_a_copy_counts_when_the_one_before_it_is_corrected_away(federation: Federation) -> None:
    city, peer, hub = (federation[m] for m in (CITY, PEER, HUB))
    content = listing(1, audience=city.audience())
    listed = city.list_(content)
    copied = hub.list_(listing(1, audience=hub.audience()))
    reconciled(federation)
    assert finding(peer, copied) == Finding.COPY
    wrong = replace(content, subject=replace(content.subject, name="笔误（演示）"))
    payload = Correction(
        audience=city.audience(), replaces=leaf_hash_of(city, listed), payload=wrong
    )
    city.say(city.draft(Kind.CORRECTION, payload, about=listed))
    reconciled(federation)
    assert (finding(peer, listed), finding(peer, copied)) == (
        Finding.NAME_MISMATCH,
        Finding.RECOGNISED,
    )


def test_an_edition_takes_effect_on_what_is_held(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    book = CatalogBook(store=peer.store, now=peer.clock.now)
    listed = city.list_(listing(1, audience=city.audience()))
    peer.catalog = book.catalog()
    reconciled(federation)
    assert finding(peer, listed) == Finding.LIST_UNKNOWN
    with pytest.raises(RefusedError) as caught:
        book.adopt(edition_text(), ["张某", " 张某 "])
    assert caught.value.code == "catalog.persons"
    book.adopt(edition_text(certainty="P"), PERSONS)
    peer.catalog = book.catalog()
    peer.reconcile()
    assert finding(peer, listed) == Finding.LIST_UNCONFIRMED
    book.confirm([one.item for one in book.unconfirmed()], "张某")
    peer.catalog = CatalogBook(store=peer.store, now=peer.clock.now).catalog()
    peer.reconcile()
    assert finding(peer, listed) == Finding.RECOGNISED


def test_v5_who_confirmed_an_entry_has_not_confirmed_what_it_says_later(
    federation: Federation,
) -> None:
    """The word names the entry and not its text: handed in again it would be about another one."""
    peer = federation[PEER]
    signers = {
        name: Signer(name=name, type=KeyType.NOTE, seed=bytes([at]) * 32)
        for at, name in enumerate(PERSONS, 1)
    }
    persons = Persons(
        origin=peer.origin,
        configured={name: str(one.verifier) for name, one in signers.items()},
        now=peer.clock.now,
    )
    book = CatalogBook(store=peer.store, now=peer.clock.now, persons=persons)

    def signed(sort: Sort, body: str, *by: str) -> str:
        peer.clock.advance(1)
        word = Word(origin=peer.origin, sort=sort, at=peer.clock.now(), body=body)
        note = sign_word(word, signers[by[0]])
        return join_word(note, signers[by[1]]) if by[1:] else note

    def adopt(**said: str) -> list[str]:
        text = edition_text(certainty="P", **said)
        note = signed(Sort.EDITION, edition_body("tests-2015", text), *PERSONS)
        book.adopt(text, PERSONS, note)
        return [one.item for one in book.unconfirmed()]

    items, person = adopt(), PERSONS[0]
    word = signed(Sort.CONFIRMATION, confirmation_body(items), person)
    book.confirm(items, person, word)
    assert book.unconfirmed() == []
    assert adopt(basis="另一演示条例") == items
    with pytest.raises(RefusedError) as caught:
        book.confirm(items, person, word)
    assert caught.value.code == "person.time"
    assert [one.item for one in book.unconfirmed()] == items
    book.confirm(items, person, signed(Sort.CONFIRMATION, confirmation_body(items), person))
    assert book.unconfirmed() == []


def test_v10_an_edition_is_adopted_beside_those_that_it_was_tried_beside(
    federation: Federation,
) -> None:
    peer = federation[PEER]
    book = CatalogBook(store=peer.store, now=peer.clock.now)
    tried = book.in_force()
    book.adopt(edition_text(), PERSONS, shown=tried)
    with pytest.raises(RefusedError) as caught:
        book.adopt(edition_text(certainty="P"), PERSONS, shown=tried)
    assert caught.value.code == "seen.changed"
    (kept,) = book.adopted()
    assert "、".join(kept.adopted_by) in str(caught.value)
    assert kept.text == edition_text()
    book.adopt(edition_text(certainty="P"), PERSONS, shown=book.in_force())


def test_another_charter_may_change_the_order_of_authority(federation: Federation) -> None:
    city, peer, hub = (federation[m] for m in (CITY, PEER, HUB))
    listed = city.list_(listing(1, audience=city.audience()))
    copied = hub.list_(listing(1, audience=hub.audience()))
    reconciled(federation)
    assert (finding(peer, listed), finding(peer, copied)) == (Finding.RECOGNISED, Finding.COPY)
    (chain,) = peer.chains
    roles = {CITY: (Role.HUB,), HUB: (Role.CITY,)}
    members = [
        replace(member, roles=roles.get(member.id, member.roles))
        for member in chain.latest.terms.members
    ]
    terms = build.next_version(chain.latest, members=tuple(members))
    peer.chains = (advance(chain, build.sign_all(terms)),)
    peer.refresh_charters()
    peer.exchange.charters_changed()
    peer.reconcile()
    assert (finding(peer, listed), finding(peer, copied)) == (Finding.COPY, Finding.RECOGNISED)


def test_a_list_of_another_code_is_proposed_under_ours(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    book = CatalogBook(store=peer.store, now=peer.clock.now)
    book.adopt(edition_text("ours", lists=["market-severe-violation"]), PERSONS)
    peer.catalog = book.catalog()
    listed = city.list_(listing(1, audience=city.audience()))
    reconciled(federation)
    assert finding(peer, listed) == Finding.LIST_UNKNOWN
    with pytest.raises(RefusedError) as caught:
        desk_of(peer).propose(listed, "", "张某")
    assert caught.value.code == "case.no-proposal"
    text = desk_of(peer).propose(listed, "market-severe-violation", "张某")
    with pytest.raises(RefusedError) as caught:
        book.adopt(text, ["张某"])
    assert caught.value.code == "catalog.persons"
    assert book.adopt(text, ["李某"]).id == "ours-r02"
    assert book.adopted()[-1].adopted_by == ("张某", "李某")
    peer.catalog = book.catalog()
    peer.reconcile()
    assert finding(peer, listed) == Finding.RECOGNISED


def test_a_rebuild_finds_the_same(federation: Federation) -> None:
    city, peer, hub = (federation[m] for m in (CITY, PEER, HUB))
    ids = [city.list_(listing(n, audience=city.audience())) for n in range(1, 6)]
    odd = city.list_(listing(6, audience=city.audience(), name="别名（演示）"))
    hub.list_(listing(1, audience=hub.audience()))
    city.relieve(Kind.REPAIR, ids[1])
    reconciled(federation)
    desk_of(peer).decide(odd, "reject", "张某", "已核对")
    peer.reconcile()
    before = peer.findings()
    assert len(before) == 6
    assert rebuild(peer.store, peer.ledger, peer.reconciliation, check_only=True) == (True, [])
    assert rebuild(peer.store, peer.ledger, peer.reconciliation, check_only=False) == (True, [])
    assert peer.findings() == before
    assert peer.reconcile() == 0
