"""What was erased is named on no page, in no document and no list that is read of it (SPEC §6.5).

A listing's content goes with its relief, the relief's own once the longest period of publication is
over; until then the relief names whom others have still to lift. Each reader is tried the other way
round as well: before, what it may show is found in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from federation.ids import Date, StatementId
from federation.statements import Kind
from node.codec.as_json import record_to_json
from node.reconcile.case_queue import Sought
from node.relief.repairs import EVERYTHING
from tests.scenarios.test_endings import AFTER, TODAY, _erasures_of
from tests.support import canaries
from tests.support import desks as shown_by
from tests.support.asking import asking_of
from tests.support.followed_repairs import audit_of, desk_of, hear, rechecks_of
from tests.support.simulation import Federation, SimNode, listing

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

CITY, PEER = "510300", "510500"


@pytest.fixture
def federation(federate: Callable[..., Federation]) -> Federation:
    made = federate(CITY, PEER)
    made.connect(CITY, PEER)
    return made


def listed(node: SimNode) -> StatementId:
    plain = listing(1, audience=node.audience())
    subject = replace(plain.subject, code=canaries.CODE, name=canaries.name("列入"))
    said = replace(plain, subject=subject, document=f"{canaries.MARK}1号")
    return node.list_(replace(said, reason=canaries.reason("列入")))


def readers(
    node: SimNode, about: StatementId, relief: StatementId | None
) -> Iterator[tuple[str, object]]:
    """Every list and document that is read of a record and its relief, by its name."""
    hear(node)
    repairs, records, cases = desk_of(node), shown_by.records_of(node), shown_by.desk_of(node)
    yield "repairs list", repairs.page(EVERYTHING, 50, "")
    yield "repairs audit", audit_of(node).run()
    yield "rechecks", rechecks_of(node).list_()
    for kind in ("listing", "repair", "withdrawal"):
        views, _ = records.list("", "", kind, 50, "")
        yield f"records list {kind}", [record_to_json(view) for view in views]
    yield "records show", record_to_json(records.get(about))
    yield "cases list", cases.queue.list(Sought(), 50, "")
    yield "requests list", asking_of(node).desk.list(50, "", open_only=False)
    if relief is not None:
        yield "repairs show", repairs.get(relief)
        yield "relief show", record_to_json(records.get(relief))


def named(node: SimNode, about: StatementId, relief: StatementId | None = None) -> set[str]:
    """Which of them name the subject, or have anything that was said of it."""
    return {
        name
        for name, read in readers(node, about, relief)
        if canaries.in_bytes(json.dumps(read, ensure_ascii=False, default=repr).encode())
    }


def erase(node: SimNode, today: Date) -> None:
    """Erase all that is due on a day, where the platform has been told of everything."""
    erasures = _erasures_of(node, today)
    with node.store.write() as session:
        for head in session.heads():
            if not head.ours:
                session.set_head(replace(head, delivered_to=head.size))
    for _ in range(10):
        with node.store.read() as session:
            if not erasures.due(session):
                return
        node.run(erasures.unit())


def openings(node: SimNode) -> set[int]:
    """Kinds of the statements whose content is still held."""
    with node.store.read() as session:
        return {
            row.kind
            for head in session.heads()
            for one in session.openings_between(head.log, 0, head.size)
            for row in session.rows_at([(head.log, one.index)])
        }


@pytest.mark.parametrize("kind", [Kind.REPAIR, Kind.WITHDRAWAL])
def test_once_the_relief_is_erased_nobody_is_named(federation: Federation, kind: Kind) -> None:
    city, peer = federation[CITY], federation[PEER]
    about = listed(city)
    federation.settle()
    for node in (city, peer):
        node.reconcile()
        assert named(node, about) >= {"records show", "records list listing"}
    relief = city.relieve(kind, about, decided_on=20260620)
    rechecks_of(city).draw("2026-Q2", "张某")
    federation.settle()
    of_relief = {"repairs list", "repairs show", "relief show", f"records list {kind.name.lower()}"}
    for node in (city, peer):
        node.reconcile()
        assert named(node, about, relief) >= {*of_relief, "records show"}
        erase(node, TODAY)
    federation.settle()
    for node in (city, peer):
        assert Kind.LISTING not in openings(node), node.origin
        # The relief names whom others have still to lift, and is rechecked.
        drawn = {"rechecks"} if node is city and kind == Kind.REPAIR else set()
        assert named(node, about, relief) == of_relief | drawn
        erase(node, AFTER)
    federation.settle()
    for node in (city, peer):
        assert openings(node) <= {Kind.ERASURE, Kind.RECEIPT}
        assert named(node, about, relief) == set()
