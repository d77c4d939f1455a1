"""Looking back: what a platform was told of a listing that is withdrawn is to be undone.

Covers node/platform/outbox_job.py, node/platform/outbox_rows.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from federation.charters.chain import advance
from federation.charters.trust import Trust
from federation.ids import Date
from federation.payloads import Correction, Listing
from federation.rows import State
from federation.statements import Kind
from node.charters.view import TrustView
from node.platform.outbox_rows import words_of
from node.relief.erasure import Erasures
from node.texts.states import INSTRUCTIONS, TOLD_NUMBERS, UNDO
from tests.support import charters as build
from tests.support.catalogs import catalog_of, edition_text
from tests.support.invented import name_of
from tests.support.outlets import RememberingPlatform
from tests.support.simulation import Federation, SimNode, leaf_hash_of, listing

Federate = Callable[..., Federation]
CITY, PEER = "510300", "510500"


@pytest.fixture
def databases(tmp_path: Path) -> Callable[[str], str]:
    """One database suffices here."""
    return lambda name: f"sqlite:///{tmp_path / name}.db"


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate(CITY, PEER)
    made.connect(CITY, PEER)
    return made


def reconciled(federation: Federation) -> None:
    federation.settle()
    for node in federation.nodes.values():
        node.reconcile()


def erase(node: SimNode) -> None:
    """Erase what is due, as the job does."""
    erasures = Erasures(
        own=node.origin,
        registry=node.registry,
        now=node.clock.now,
        today=node.clock.today,
        failpoints=node.failpoints,
    )
    node.run(erasures.unit())


def correct(node: SimNode, statement_id: bytes, content: Listing) -> None:
    """Correct one of a node's own listings."""
    payload = Correction(
        audience=node.audience(), replaces=leaf_hash_of(node, statement_id), payload=content
    )
    node.say(node.draft(Kind.CORRECTION, payload, about=statement_id))


def test_a_listing_that_was_told_and_is_withdrawn_is_to_be_undone(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    first = RememberingPlatform(peer)
    withdrawn = city.list_(listing(1, audience=city.audience()))
    repaired = city.list_(listing(2, audience=city.audience()))
    reconciled(federation)
    first.run()
    assert [row.state for row in first.rows.values()] == ["active", "active"]
    later = RememberingPlatform(peer, "later")
    city.relieve(Kind.WITHDRAWAL, withdrawn)
    city.relieve(Kind.REPAIR, repaired)
    reconciled(federation)
    first.run()
    told = first.rows[city.origin, 0]
    assert (told.state, told.instruction) == (UNDO, "撤销：请撤回已采取的措施")
    assert first.rows[city.origin, 1].state == "repaired"
    assert first.rows[city.origin, 1].instruction == ""
    assert {row.kind for row in first.batches[1]} == {Kind.LISTING}, "relief goes first"
    batches = len(first.batches)
    first.run()
    assert len(first.batches) == batches, "it is told once"
    later.run()
    assert (city.origin, 0) not in later.rows, "that one never had it"
    assert later.rows.keys() == {(city.origin, 2), (city.origin, 3)}
    assert {row.kind for row in later.rows.values()} == {Kind.WITHDRAWAL, Kind.REPAIR}


def test_a_corrected_last_day_is_the_one_that_is_told(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    platform = RememberingPlatform(peer)
    content = listing(1, audience=city.audience())
    sooner = Date(content.publish_until - 10_000)
    correct(city, city.list_(content), replace(content, publish_until=sooner))
    reconciled(federation)
    platform.run()
    told = platform.rows[city.origin, 0]
    assert (told.state, told.publish_until) == ("active", sooner)
    correct(city, city.list_(gone := listing(2, audience=city.audience())), _over(gone, city))
    reconciled(federation)
    platform.run()
    assert platform.rows[city.origin, 2].state == "expired"


def _over(content: Listing, city: SimNode) -> Listing:
    """The same, published until yesterday."""
    return replace(content, publish_until=Date(city.clock.today() - 1))


def test_what_comes_withdrawn_was_never_done(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    platform = RememberingPlatform(peer)
    city.relieve(Kind.WITHDRAWAL, city.list_(listing(1, audience=city.audience())))
    reconciled(federation)
    platform.run()
    assert platform.rows[city.origin, 0].state == "withdrawn"
    with peer.store.write() as session:
        head = session.head(city.origin)
        assert head is not None
        session.put_redeliveries([(head.log, 0)])
    platform.run()
    assert platform.rows[city.origin, 0].state == "withdrawn"


def test_a_platform_that_was_down_learns_of_it_without_content(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    platform = RememberingPlatform(peer)
    told = city.list_(listing(1, audience=city.audience()))
    reconciled(federation)
    platform.run()
    platform.fault = "platform.unreachable"
    tried = city.list_(listing(2, audience=city.audience()))
    reconciled(federation)
    platform.run()
    never = city.list_(content := listing(3, audience=city.audience()))
    correct(city, never, replace(content, reason="更正后的事由（演示）"))
    reconciled(federation)
    for statement_id in (told, tried, never):
        city.relieve(Kind.WITHDRAWAL, statement_id)
    reconciled(federation)
    platform.offer()
    erase(peer)
    platform.fault = ""
    platform.rows.clear()
    platform.run()
    for index, listed in enumerate((told, tried)):  # which it has, or may have
        row = platform.rows[city.origin, index]
        assert (row.state, row.subject_code, row.subject_name, row.document) == (UNDO, "", "", "")
        assert row.statement_id == listed.hex()
    assert (city.origin, 2) not in platform.rows, "of what it never had it is told nothing"
    assert {one.kind for one in platform.rows.values()} == {Kind.LISTING, Kind.WITHDRAWAL}


def test_what_the_catalog_no_longer_takes_is_undone_when_it_is_withdrawn(
    federation: Federation,
) -> None:
    city, peer = federation[CITY], federation[PEER]
    platform = RememberingPlatform(peer)
    told = city.list_(listing(1, audience=city.audience()))
    reconciled(federation)
    platform.run()
    peer.catalog = catalog_of(edition_text(lists=["unheard-of"]))
    peer.restart()
    federation.reconnect(PEER)
    with peer.store.write() as session:
        head = session.head(city.origin)
        assert head is not None
        session.put_due([(head.log, 0)])
    reconciled(federation)
    platform = RememberingPlatform(peer)
    platform.run()
    assert platform.rows[city.origin, 0].state == "rejected"
    city.relieve(Kind.WITHDRAWAL, told)
    reconciled(federation)
    platform.run()
    assert platform.rows[city.origin, 0].state == UNDO


def test_what_a_charter_cuts_off_is_to_be_undone(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    platform = RememberingPlatform(peer)
    for number in (1, 2):
        city.list_(listing(number, audience=city.audience()))
    reconciled(federation)
    platform.run()
    cut = build.make_cut(CITY, 1, root=city.root_at(1))
    (chain,) = peer.chains
    members = [m for m in chain.latest.terms.members if m.id != CITY]
    liar = build.make_member(CITY, segments=(build.make_segment(CITY, cut=cut),))
    terms = build.next_version(chain.latest, members=(liar, *members))
    peer.chains = (advance(chain, build.sign_all(terms)),)
    peer.view = TrustView(Trust(peer.chains, peer.clock.now()), peer.origin)
    peer.exchange.charters_changed()
    platform.run()
    row = platform.rows[city.origin, 1]
    assert (row.state, row.rule, row.subject_name) == (UNDO, "entitlement.segment", "")
    assert row.instruction == INSTRUCTIONS[UNDO]
    assert platform.rows[city.origin, 0].state == "active"


def test_a_corrected_listing_is_told_as_it_now_stands(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    platform = RememberingPlatform(peer)
    wrong = listing(1, audience=city.audience())
    told = city.list_(wrong)
    reconciled(federation)
    platform.run()
    correct(city, told, replace(wrong, reason="更正后的事由（演示）"))
    reconciled(federation)
    platform.run()
    row = platform.rows[city.origin, 0]
    assert (row.kind, row.state, row.reason) == (Kind.LISTING, "active", "更正后的事由（演示）")
    assert row.subject_name == name_of(1)


def test_what_cannot_be_read_is_told_only_to_whom_it_was_told_before(
    federation: Federation,
) -> None:
    city, peer = federation[CITY], federation[PEER]
    platform = RememberingPlatform(peer)
    for number in (1, 2):
        city.list_(listing(number, audience=city.audience()))
    reconciled(federation)
    with peer.store.write() as session:
        (log,) = [head.log for head in session.heads() if head.origin == city.origin]
        held = session.rows_between(log, 0, 2)
        session.replace_rows([row._replace(state=State.HELD, rule="x") for row in held])
    platform.run()
    assert not platform.rows
    with peer.store.write() as session:
        session.put_handed(platform.delivery._outlet, log, {0: TOLD_NUMBERS["active"]})
        session.put_redeliveries([(log, 0), (log, 1)])
    platform.run()
    (row,) = platform.rows.values()
    assert (row.index, row.state, row.rule, row.subject_name) == (0, "held", "x", "")


def test_every_state_that_is_told_has_a_number() -> None:
    assert len(set(TOLD_NUMBERS.values())) == len(TOLD_NUMBERS)
    assert 0 not in TOLD_NUMBERS.values()
    assert words_of([]) == {}
