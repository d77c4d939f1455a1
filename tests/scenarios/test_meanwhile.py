"""What is decided outside the writer is written only where nothing came between.

Covers node/log/meanwhile.py, node/platform/relief_first.py, and what of the jobs that judge,
deliver and notify rests on them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.ids import StatementId
from federation.ports.store import ReadSession
from federation.reconcile.findings import Finding
from federation.rows import State, StatementRow
from federation.statements import Kind
from node.log.meanwhile import Meanwhile
from node.log.redelivery import changed
from node.notices.desk import Wanted
from node.platform.outbox_job import OutboxDelivery
from node.platform.outbox_rows import OutboxRows
from node.reconcile.catalog_book import CatalogBook
from tests.support.between import Between
from tests.support.catalogs import PERSONS, catalog_of, edition_text
from tests.support.desks import desk_of, records_of
from tests.support.noticing import known, noticing_of, of_region
from tests.support.outlets import RememberingPlatform, demands_of
from tests.support.simulation import Federation, SimNode, listing

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
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [statement_id])
        return session.findings([(row.log, row.idx)]).get((row.log, row.idx), Finding.NONE)


def ask_again(node: SimNode, statement_id: bytes) -> None:
    with node.store.write() as session:
        (row,) = session.rows_by_id(None, [statement_id])
        session.put_due([(row.log, row.idx)])


def reconciled(federation: Federation) -> None:
    federation.settle()
    federation[PEER].reconcile()


def judged_while(node: SimNode, comes: Callable[[], object]) -> None:
    """Judge, while something comes between reading and writing."""
    writer = Between(comes)
    node.judging_by(writer).run()
    assert writer.came


def held(federation: Federation) -> StatementId:
    """A listing that is held at the peer until two persons use it."""
    city = federation[CITY]
    listed = city.list_(listing(1, audience=city.audience(), name="别名（演示）"))
    federation.settle()
    return listed


def decided(peer: SimNode, listed: StatementId) -> Callable[[], object]:
    def comes() -> None:
        for person in PERSONS:
            desk_of(peer).decide(listed, "use", person, "已与登记机关核对")

    return comes


def test_a_decision_taken_while_what_is_queued_is_judged_stands(federation: Federation) -> None:
    peer, listed = federation[PEER], held(federation)
    peer.reconcile()
    assert finding(peer, listed) == Finding.NAME_MISMATCH
    ask_again(peer, listed)
    judged_while(peer, decided(peer, listed))
    assert finding(peer, listed) == Finding.DECIDED_USE
    assert records_of(peer).get(listed).state == "active"
    assert peer.reconcile() == 0


def test_a_decision_taken_while_a_log_is_passed_stands(federation: Federation) -> None:
    peer, listed = federation[PEER], held(federation)
    seen: list[int] = []

    def comes() -> None:
        decided(peer, listed)()
        seen.append(finding(peer, listed))

    judged_while(peer, comes)
    assert seen == [Finding.DECIDED_USE]
    assert finding(peer, listed) == Finding.DECIDED_USE
    assert peer.reconcile() == 0


def counted(node: SimNode) -> list[int]:
    """How often listings of a node are judged from now on: an entry for each time."""
    asked: list[int] = []
    found = node.reconciliation._found

    def judged(session: ReadSession, rows: Iterable[StatementRow]) -> Any:
        asked.append(1)
        return found(session, rows)

    node.reconciliation._found = judged  # type: ignore[method-assign]
    return asked


def test_what_was_asked_for_meanwhile_stays_asked_for(federation: Federation) -> None:
    """Whoever asks, and whatever for: the finding that did not know of it settles nothing."""
    peer, listed = federation[PEER], held(federation)
    peer.reconcile()
    ask_again(peer, listed)
    asked = counted(peer)
    judged_while(peer, lambda: ask_again(peer, listed))
    assert len(asked) == 2


def test_what_is_to_be_judged_anew_by_another_library_is(federation: Federation) -> None:
    """The catalog is the same, and the cursor stands at 0 before and after."""
    peer = federation[PEER]
    held(federation)
    asked = counted(peer)

    def comes() -> None:
        with peer.store.write() as session:
            session.reconcile_anew()

    judged_while(peer, comes)
    assert len(asked) == 2


def test_relief_that_comes_while_a_log_is_passed_leaves_nothing_found(
    federation: Federation,
) -> None:
    city, peer, listed = federation[CITY], federation[PEER], held(federation)

    def comes() -> None:
        city.relieve(Kind.REPAIR, listed)
        federation.settle()

    judged_while(peer, comes)
    assert finding(peer, listed) == Finding.NONE
    assert records_of(peer).get(listed).state == "repaired"


def test_an_edition_adopted_while_the_first_batch_is_judged_judges_it(
    federation: Federation,
) -> None:
    """Its cursor stands at 0 before and after: that alone does not tell."""
    city, peer = federation[CITY], federation[PEER]
    book = CatalogBook(store=peer.store, now=peer.clock.now)
    peer.catalog = book.catalog()
    listed = city.list_(listing(1, audience=city.audience()))
    federation.settle()

    def comes() -> None:
        book.adopt(edition_text(), PERSONS)
        peer.catalog = book.catalog()

    judged_while(peer, comes)
    assert finding(peer, listed) == Finding.RECOGNISED
    assert peer.reconcile() == 0


@pytest.mark.parametrize("queued", [False, True])
def test_a_catalog_put_in_force_after_its_transaction_is_heeded(
    federation: Federation, queued: bool
) -> None:
    city, peer = federation[CITY], federation[PEER]
    peer.catalog = catalog_of(edition_text(lists=["unheard-of"]))
    listed = city.list_(listing(1, audience=city.audience()))
    federation.settle()
    if queued:
        peer.reconcile()
        ask_again(peer, listed)

    def comes() -> None:
        peer.catalog = catalog_of()

    judged_while(peer, comes)
    assert finding(peer, listed) == Finding.RECOGNISED


def test_only_what_is_touched_while_somebody_watches_is_noted(federation: Federation) -> None:
    peer, listed = federation[PEER], held(federation)
    with peer.store.read() as session:
        (row,) = session.rows_by_id(None, [listed])
    meanwhile = Meanwhile(peer.store)
    with meanwhile.watch() as first:
        ask_again(peer, listed)
        with meanwhile.watch() as second:
            assert not second
            with peer.store.write() as session:
                session.reconcile_anew()
        ask_again(peer, listed)
    ask_again(peer, listed)
    assert (first.places, first.judged_anew) == ({(row.log, row.idx)}, True)
    assert (second.places, second.judged_anew) == (set(), True)


def relieved(federation: Federation, listed: StatementId) -> None:
    """The relief has come to the peer and is judged there."""
    federation[CITY].relieve(Kind.REPAIR, listed)
    federation.settle()
    federation[PEER].reconcile()


@pytest.mark.parametrize("again", [False, True])
def test_relief_that_comes_before_a_platform_is_told_the_older_word_is_told_after_it(
    federation: Federation, again: bool
) -> None:
    """In its turn, or told again: nobody else would ask for it, as the platform had nothing yet."""
    city, peer = federation[CITY], federation[PEER]
    listed = city.list_(listing(1, audience=city.audience()))
    reconciled(federation)
    platforms: list[RememberingPlatform] = []

    def comes() -> None:
        relieved(federation, listed)
        platforms[0].offer()  # while nothing of it is known to have been told

    writer = Between(comes)  # the first job takes numbers: the rows are made
    platform = RememberingPlatform(peer, writer=writer)
    platforms.append(platform)
    platform.offer()
    if again:
        with peer.store.write() as session:
            (head,) = [one for one in session.heads() if one.origin == city.origin]
            session.set_handed_to(platform.outlet, head.log, head.delivered_to)
            session.put_waiting(platform.outlet, {(head.log, 0): False})
    platform.delivery.run()
    assert writer.came
    platform.run()
    assert [rows[0].state for rows in platform.batches if rows[0].index == 0] == [
        "active",
        "repaired",
    ]


@pytest.mark.parametrize("again", [False, True])
def test_relief_that_comes_while_files_are_written_is_in_the_next_ones(
    federation: Federation, tmp_path: Path, again: bool
) -> None:
    city, peer = federation[CITY], federation[PEER]
    listed = city.list_(listing(1, audience=city.audience()))
    reconciled(federation)
    if again:
        with peer.store.write() as session:
            (head,) = [one for one in session.heads() if one.origin == city.origin]
            files = session.add_outlet("").outlet
            session.set_head(replace(head, delivered_to=head.size))
            session.put_waiting(files, {(head.log, 0): False})

    def state() -> set[str]:
        texts = [path.read_text("utf-8-sig") for path in tmp_path.rglob("*.csv")]
        rows = [row for text in texts for row in csv.DictReader(text.splitlines())]
        return {row["state"] for row in rows if row["statement_id"] == listed.hex()}

    writer = Between(lambda: relieved(federation, listed), number=2)  # the second takes numbers
    job = OutboxDelivery(
        outbox=tmp_path,
        store=peer.store,
        writer=writer,
        rows=OutboxRows(records_of(peer), peer.clock.today),
        demands=demands_of(peer.store),
        failpoints=peer.failpoints,
    )
    job.run()
    assert writer.came
    job.run()
    assert state() == {"repaired"}


def test_nobody_is_told_at_home_that_a_listing_stands_which_was_relieved_meanwhile(
    federation: Federation,
) -> None:
    home, peer = federation[CITY], federation[PEER]
    known(home)
    federation.reconnect(CITY)
    listed = peer.list_(of_region("510304", 1, audience=peer.audience()))
    federation.settle()
    notices = noticing_of(home)
    notices.run(home)
    found, _, position = notices.desk.page(Wanted(), 100, "")
    assert [one["state"] for one in found] == ["active"]
    with home.store.write() as session:
        (row,) = session.rows_by_id(None, [listed])
        session.put_notices_due([(row.log, row.idx)])

    def comes() -> None:
        """As by a relief of another log's copy: nothing new is said about the listing itself."""
        with home.store.write() as session:
            (row,) = session.rows_by_id(None, [listed])
            changed(session, [row._replace(state=State.REPAIRED)])

    writer = Between(comes)
    noticing_of(home, writer=writer).job.run()
    assert writer.came
    notices.run(home)
    found, _, _ = notices.desk.page(Wanted(), 100, position)  # what has changed since
    assert [one["state"] for one in found] == ["repaired"]
