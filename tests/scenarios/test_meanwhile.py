"""What is judged outside the writer is written only where nothing came between.

Covers node/log/meanwhile.py, and what of node/reconcile/job.py rests on it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import pytest

from federation.ids import StatementId
from federation.reconcile.findings import Finding
from federation.statements import Kind
from node.log.meanwhile import Meanwhile
from node.reconcile.catalog_book import CatalogBook
from tests.support.catalogs import PERSONS, catalog_of, edition_text
from tests.support.desks import desk_of, records_of
from tests.support.invented import InlineWriter
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
T = TypeVar("T")
CITY, PEER, HUB = "510300", "510500", "510000"


class Between(InlineWriter):
    """A writer on which something of another comes before the first job that it is given."""

    def __init__(self, comes: Callable[[], object]) -> None:
        self._comes: Callable[[], object] | None = comes

    def submit(self, job: Callable[[], T]) -> Future[T]:
        comes, self._comes = self._comes, None
        if comes is not None:
            comes()
        return super().submit(job)

    @property
    def came(self) -> bool:
        return self._comes is None


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


def test_what_was_asked_for_meanwhile_stays_asked_for(federation: Federation) -> None:
    """Whoever asks, and whatever for: the finding that did not know of it settles nothing."""
    peer, listed = federation[PEER], held(federation)
    peer.reconcile()
    ask_again(peer, listed)
    asked: list[int] = []

    def comes() -> None:
        ask_again(peer, listed)
        findings = peer.reconciliation.findings

        def counted(session: object, rows: object) -> dict[tuple[int, int], int]:
            asked.append(1)
            return findings(session, rows)  # type: ignore[arg-type]

        peer.reconciliation.findings = counted  # type: ignore[method-assign]

    judged_while(peer, comes)
    assert len(asked) == 1  # judged once more, in the same run


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
