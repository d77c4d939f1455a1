"""A department found a match to be of another subject: the record is held until it is decided.

Covers the finding `identity.other-subject` (OC1) of federation/reconcile/cases.py and
node/reconcile/judging.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from federation.errors import RefusedError
from federation.ids import StatementId, Timestamp
from federation.ports.journal import Decision
from federation.reconcile.cases import FOUND_OTHER, of_another
from federation.reconcile.findings import Finding
from node.reconcile.case_queue import Sought
from tests.support.desks import desk_of, records_of
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
CITY, PEER, HUB = "510500", "511500", "510000"
pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate()
    made.connect(CITY, PEER)
    made.connect(CITY, HUB)
    made.connect(PEER, HUB)
    return made


def found_other(node: SimNode, about: StatementId) -> None:
    """A department's word, as the desk of outcomes writes it."""
    with node.store.write() as session:
        (row,) = session.rows_by_id(None, [about])
        place = (row.log, row.idx)
        session.put_decision(replace(decision(FOUND_OTHER, place=place), at=node.clock.now()))
        session.put_due([place])
    node.reconcile()


def decision(verdict: str, person: str = "", place: tuple[int, int] = (1, 1)) -> Decision:
    return Decision(
        at=Timestamp(1),
        log=place[0],
        index=place[1],
        finding=Finding.OTHER_SUBJECT,
        verdict=verdict,
        person=person,
        reason="",
    )


def shown(node: SimNode, about: StatementId) -> tuple[str, str]:
    view = records_of(node).get(about)
    return view.state, view.rule


def settle(federation: Federation, members: Sequence[str] = (CITY, PEER, HUB)) -> None:
    federation.settle()
    for member in members:
        federation[member].reconcile()


def test_what_was_decided_before_it_counts_no_more(databases: object) -> None:
    del databases
    used = [decision("use", "甲"), decision("use", "乙")]
    assert of_another(used) is None
    assert of_another([*used, decision(FOUND_OTHER)]) is Finding.OTHER_SUBJECT
    assert of_another([decision(FOUND_OTHER), *used]) is Finding.DECIDED_USE
    assert of_another([decision(FOUND_OTHER), decision("reject", "甲")]) is Finding.DECIDED_REJECT


def test_the_record_is_held_here_alone_and_two_persons_may_use_it(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    about = city.list_(listing(1, audience=city.audience()))
    settle(federation)
    assert shown(peer, about) == ("active", "")
    found_other(peer, about)
    assert shown(peer, about) == ("held", "identity.other-subject")
    assert shown(city, about) == ("active", "")
    desk = desk_of(peer)
    ((case,), _) = desk.queue.list(Sought(rule="identity.other-subject"), 10, "")
    assert case["decidable"]
    assert desk.get(about)["question"] == "identity.other-subject"
    desk.decide(about, "use", "张某", "代码名称一致")
    desk.decide(about, "use", "李某", "已复核")
    peer.reconcile()
    assert shown(peer, about) == ("active", "")
    found_other(peer, about)
    assert shown(peer, about) == ("held", "identity.other-subject")
    desk.decide(about, "reject", "李某", "不是同一主体")
    peer.reconcile()
    assert shown(peer, about) == ("rejected", "decision.reject")


def test_a_copy_that_comes_by_another_log_does_not_bring_it_back(federation: Federation) -> None:
    city, peer, hub = federation[CITY], federation[PEER], federation[HUB]
    about = city.list_(listing(1, audience=city.audience()))
    settle(federation)
    found_other(peer, about)
    copied = hub.list_(listing(1, audience=hub.audience()))
    settle(federation)
    assert shown(peer, about)[0] == "held"
    assert shown(peer, copied) == ("held", "identity.other-subject")
    desk_of(peer).decide(copied, "reject", "李某", "不是同一主体")
    peer.reconcile()
    assert {shown(peer, one)[0] for one in (about, copied)} == {"rejected"}


def test_one_of_our_own_is_held_for_our_own_departments_too(federation: Federation) -> None:
    city = federation[CITY]
    about = city.list_(listing(1, audience=city.audience()))
    with pytest.raises(RefusedError) as caught:
        desk_of(city).get(about)
    assert caught.value.code == "case.unknown"
    found_other(city, about)
    assert shown(city, about) == ("held", "identity.other-subject")
    ((case,), _) = desk_of(city).queue.list(Sought(rule="identity.other-subject"), 10, "")
    assert case["statement_id"] == about.hex()
    desk_of(city).decide(about, "use", "张某", "代码名称一致")
    desk_of(city).decide(about, "use", "李某", "已复核")
    city.reconcile()
    assert shown(city, about) == ("active", "")
