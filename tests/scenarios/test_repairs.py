"""How far repairs have come: a member lags, is outstanding, lifts, is late by moving the clock.

Covers node/relief/repairs.py, node/relief/member_words.py, node/relief/hearing.py,
node/relief/overdue.py, node/relief/repair_documents.py, node/log/head_times.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest

from federation.charters.trust import Trust
from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.payloads import RelistingGround
from federation.ports.store import LogHead, ReadSession
from federation.statements import AnnotationAction
from node.codec import page_tokens
from node.relief.hearing import Hearing
from node.relief.overdue import Overdue
from node.relief.repairs import EVERYTHING, Wanted
from node.status.relief_problems import of_reliefs
from node.system.clock import date_of
from node.texts import repairs as texts
from node.texts.fields import day
from node.upkeep.rebuild import rebuild
from tests.support import charters as build
from tests.support.catalogs import catalog_of, edition_text
from tests.support.followed_repairs import (
    DAY,
    OTHER,
    PEER,
    RELAYED,
    SAME_DAY,
    World,
    annotate,
    by_city,
    deadlines,
    desk_of,
    followed,
    hear,
    hearing_of,
    listed,
    repairs_of,
    shown,
)
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""Nothing here depends on the database."""


@pytest.fixture
def world(federate: Federate) -> World:
    return followed(federate)


def test_who_lags_is_outstanding_then_late_then_lifts_and_stays_late(world: World) -> None:
    clock = world.federation.clock
    relief = world.repair()
    said = clock.now()
    world.tell(world.peer)
    for node in (world.city, world.hub, world.peer):
        found = shown(node, relief)
        assert (found["executed"], found["members"], found["late"]) == (1, 2, [])
        peer, other = by_city(found)[PEER], by_city(found)[OTHER]
        assert peer["lifted"] == peer["applied"] == {"by": said}
        assert peer["verdict"] == "in-time"
        assert (other["lifted"], other["applied"], other["verdict"]) == (None, None, "waiting")
        through_hub = node is world.hub  # whose mirror line comes to nobody else
        assert other["received"] == ({"by": said} if through_hub else None)
        assert found["published_by"] == said
        assert found["due"] == world.today
    clock.advance(DAY)
    unheard = shown(world.hub, relief)
    assert unheard["late"] == [], "rp13: nobody has heard of its log since"
    assert by_city(unheard)[OTHER]["verdict"] == "unknown"
    world.later(RELAYED)
    late = shown(world.hub, relief)
    assert late["late"] == late["outstanding"] == [world.hub.trust().city(world.other.origin)]
    assert by_city(late)[OTHER]["verdict"] == "late"
    assert by_city(late)[PEER]["verdict"] == "in-time"
    world.tell(world.other)
    done = shown(world.hub, relief)
    assert done["outstanding"] == []
    assert by_city(done)[OTHER]["lifted"] == {"by": said + DAY + RELAYED}
    assert by_city(done)[OTHER]["verdict"] == "late"


def test_who_is_overdue_is_a_problem_until_it_is_done(world: World) -> None:
    found = {node.member: Overdue(store=node.store, repairs=repairs_of(node)) for node in world.all}

    def told(node: SimNode) -> dict[str, Any]:
        hear(node)
        found[node.member].run()
        return found[node.member].report()

    city = world.city
    listings = [city.list_(listing(n, audience=city.audience())) for n in (1, 2)]
    world.tell(world.peer, world.other)
    relief, _ = [world.relieve(about) for about in listings]
    world.tell(world.peer)
    for node in (world.city, world.hub):
        assert (told(node)["open"], told(node)["overdue"]) == (2, 0)
        assert list(of_reliefs(told(node))) == []
    day = world.today
    world.later()
    who = world.hub.trust().city(world.other.origin)
    for node in (world.city, world.hub):
        late = told(node)
        assert (late["overdue"], late["by_member"]) == (2, {who: 2})
        assert late["oldest"]["decided_on"] == day
        (problem,) = of_reliefs(late)
        assert (problem["code"], who in problem["message"]) == ("relief.late", True)
    assert listed(world.hub, Wanted(late=True, outstanding=True))[0] == relief.hex()
    world.tell(world.other)
    for node in (world.city, world.hub):
        assert told(node) == {"open": 0, "overdue": 0, "by_member": {}, "oldest": None}
    third = world.repair(3, decided_on=20261001)
    world.later(60)
    assert told(world.city)["overdue"] == 0, "rp12: it was said today, by its city, late"
    assert shown(world.city, third)["late"] == [world.city.trust().city(world.city.origin)]
    world.later()
    assert told(world.city)["oldest"] == {"statement_id": third.hex(), "decided_on": 20261001}
    assert told(world.city)["by_member"] == {
        world.city.trust().city(one.origin): 1 for one in (world.peer, world.other)
    }


def test_what_is_asked_for_is_listed_in_pages_of_any_size(world: World) -> None:
    one = world.repair(1)
    world.tell(world.peer, world.other)
    two = world.repair(2)
    world.tell(world.peer)
    three = world.repair(3, decided_on=20261001)
    world.later(3600)
    ids = [one.hex(), two.hex(), three.hex()]
    for size in (1, 2, 50):
        assert listed(world.city, size=size) == ids
        assert listed(world.city, Wanted(outstanding=True), size) == ids[2:]
        assert listed(world.city, Wanted(late=True), size) == ids[2:]
    world.tell(world.peer)
    assert listed(world.city, Wanted(outstanding=True)) == ids[2:]
    assert listed(world.city, Wanted(outstanding=True, member=PEER)) == []
    assert listed(world.city, Wanted(outstanding=True, member=OTHER)) == ids[2:]
    assert listed(world.city, Wanted(member="999999")) == []
    assert listed(world.city, Wanted(since=Date(20261002))) == ids[:2]
    assert listed(world.city, Wanted(list_type=build.COURT_LIST)) == ids
    assert listed(world.city, Wanted(list_type="major-tax-violation")) == []


def test_rp16_what_departments_owe_keeps_a_relief_on_the_list_of_what_is_not_done(
    world: World,
) -> None:
    relief = world.repair()
    world.tell(world.peer, world.other)
    assert listed(world.city, Wanted(outstanding=True)) == []

    def owed(listings: Collection[tuple[str, int]]) -> dict[tuple[str, int], list[dict[str, Any]]]:
        assert listings
        one = {"check": "n", "department": "局", "matter_name": "m", "state": "reopened"}
        return {place: [one | {"due_on": 20270101, "overdue": True}] for place in listings}

    desk = desk_of(world.city, owed)
    found, _ = desk.page(Wanted(outstanding=True), 50, "")
    assert [one["statement_id"] for one in found] == [relief.hex()]
    assert (found[0]["departments"], found[0]["departments_late"]) == (1, 1)
    assert desk.page(Wanted(outstanding=True, member=PEER), 50, "")[0] == []
    assert [one["statement_id"] for one in desk.page(Wanted(late=True), 50, "")[0]] == [
        relief.hex()
    ]
    assert desk.page(Wanted(late=True, member=PEER), 50, "")[0] == []
    assert listed(world.city, Wanted(late=True)) == []


def test_a_masking_is_executed_by_applying_it_and_a_pause_has_no_deadline(world: World) -> None:
    city = world.city
    about = city.list_(listing(1, audience=city.audience()))
    world.tell(world.peer, world.other)
    today = world.today
    found = []
    for action in (AnnotationAction.MASKING_BEGUN, AnnotationAction.PAUSED):
        said = annotate(world, action, about)
        world.tell(world.peer)
        found.append(shown(city, said))
    masking, pause = found
    assert (masking["kind"], masking["due"]) == ("masking", today)
    assert by_city(masking)[PEER]["executed"] is not None
    assert by_city(masking)[OTHER]["verdict"] == "waiting"
    assert (pause["due"], pause["due_unknown"]) == (None, "no-obligation")
    world.federation.clock.advance(9 * DAY)
    assert shown(city, StatementId(bytes.fromhex(pause["statement_id"])))["late"] == []


@pytest.mark.parametrize(
    ("edition", "decided_on", "why"),
    [
        (SAME_DAY, 20260921, ""),
        (deadlines(masking={"unit": "same-day"}), 20260921, "no-row"),
        (
            deadlines(relief_everywhere={"unit": "same-day", "certainty": "P"}),
            20260921,
            "no-row",
        ),
        (
            deadlines(relief_everywhere={"unit": "working-days", "days": 90}),
            20260921,
            "year-not-covered",
        ),
    ],
)
def test_where_the_deadline_is_not_known_nobody_is_late(
    world: World, edition: str, decided_on: int, why: str
) -> None:
    relief = world.repair(decided_on=decided_on)
    world.city.catalog = catalog_of(edition_text(), edition)
    world.federation.settle()
    said_on = world.today
    world.later(30 * DAY)
    found = shown(world.city, relief)
    assert found["due_unknown"] == why
    assert found["executed"] == 0
    assert {one["verdict"] for one in found["by_member"]} == {"unknown" if why else "late"}
    assert texts.line(found, english=False)["due"] == (
        texts.UNKNOWN[why][0] if why else day(said_on)
    )


def test_without_a_checkpoint_kept_the_time_is_not_proved(world: World) -> None:
    relief = world.repair()
    world.tell(world.peer)
    hear(world.hub)
    repairs = repairs_of(world.hub)
    with world.hub.store.read() as session:
        (row,) = session.rows_by_id(None, [relief])
        (untimed,) = repairs.followed(session, [row], timed=False)
    peer = next(one for one in untimed.progress.members if one.region == PEER)
    assert peer.executed is not None
    assert peer.executed.by is None
    shown_to_people = texts.member(
        {**by_city(shown(world.hub, relief))[PEER], "lifted": {"by": None}}, english=False
    )
    assert shown_to_people["lifted"] == "时间未证明"


def test_what_was_heard_outlives_restart_and_rebuild_and_comes_once(world: World) -> None:
    relief = world.repair()
    world.tell(world.peer, world.other)
    before = shown(world.hub, relief)
    assert before["executed"] == 2
    assert hear(world.hub) == 0
    world.hub.restart()
    assert shown(world.hub, relief) == before
    rebuild(world.hub.store, world.hub.ledger, world.hub.reconciliation, check_only=False)
    world.hub.restart()
    assert desk_of(world.hub).get(relief)["executed"] == 0
    assert shown(world.hub, relief) == before


def test_what_was_revoked_or_has_ended_is_nobodys_to_execute(world: World) -> None:
    city = world.city
    relief = world.repair()
    asked = city.registry.relist(
        city.tokens(16).hex(),
        relief=relief,
        document="川恢〔2026〕1号",
        decided_on=world.today,
        ground=RelistingGround.ERROR,
        by=("甲", "乙"),
        note="",
    )
    about = city.list_(listing(2, audience=city.audience()))
    begun = annotate(world, AnnotationAction.MASKING_BEGUN, about)
    kept = annotate(world, AnnotationAction.PAUSED, about)
    assert listed(city) == [relief.hex(), begun.hex(), kept.hex()]
    city.run(asked.unit)
    annotate(world, AnnotationAction.MASKING_ENDED, about)
    world.federation.clock.advance(2 * DAY)
    assert listed(city) == [kept.hex()]
    assert [shown(city, one)["over"] for one in (relief, begun, kept)] == [True, True, False]


def test_rp12_nobody_is_late_with_what_nobody_vouched_for(world: World) -> None:
    city, overdue = world.city, Overdue(store=world.city.store, repairs=repairs_of(world.city))
    about = city.list_(listing(1, audience=city.audience()))
    world.tell(world.peer, world.other)
    today = world.today
    relief = world.relieve(about)  # and its node is cut off
    world.federation.clock.advance(3 * DAY)
    found = shown(city, relief)
    assert (found["due"], found["due_unknown"], found["late"]) == (None, "not-proved", [])
    assert (found["spoken"], found["published_by"]) == ("unknown", None)
    overdue.run()
    assert overdue.report()["overdue"] == 0
    assert {one["code"] for one in desk_of(city).audit()} == {"repair.not-known"}
    world.later(60)
    found = shown(world.hub, relief)
    assert found["decided_on"] == today < found["due"] == world.today
    assert [one["verdict"] for one in found["by_member"]] == ["waiting", "waiting"]
    assert (found["spoken"], found["late"]) == ("unknown", []), "rp14: it says it was in time"
    world.later()
    overdue.run()
    assert overdue.report()["overdue"] == 1


def test_rp14_a_node_that_was_away_calls_nobody_late(world: World) -> None:
    relief = world.repair()
    world.tell(world.peer, world.other)
    wires = world.federation.wires
    away = [wire for wire in wires if world.city in wire.ends]
    about = world.city.list_(listing(2, audience=world.city.audience()))
    world.tell(world.peer, world.other)
    second = world.relieve(about)
    world.federation.settle()
    world.federation.wires = [wire for wire in wires if wire not in away]
    world.tell(world.peer, world.other)
    world.federation.clock.advance(30 * DAY)
    world.federation.wires = wires
    world.later(60)
    for one in (relief, second):
        found = shown(world.city, one)
        assert found["late"] == []
        assert found["outstanding"] == []


def test_of_a_listing_what_ended_it_is_shown(world: World) -> None:
    about = world.city.list_(listing(1, audience=world.city.audience()))
    desk = desk_of(world.city)
    pause = annotate(world, AnnotationAction.PAUSED, about)
    assert desk.get(about)["statement_id"] == pause.hex()
    relief = world.relieve(about)
    later = annotate(world, AnnotationAction.MASKING_BEGUN, about)
    assert desk.get(about)["statement_id"] == relief.hex(), "what ends it goes before"
    assert desk.get(later)["statement_id"] == later.hex()


def test_only_reliefs_are_shown(world: World) -> None:
    about = world.city.list_(listing(1, audience=world.city.audience()))
    desk = desk_of(world.city)
    for asked, code in ((about, "relief.unknown"), (StatementId(bytes(16)), "record.unknown")):
        with pytest.raises(RefusedError) as refused:
            desk.get(asked)
        assert refused.value.code == code
    assert page_tokens.read(desk.page(EVERYTHING, 1, "")[1]) is None


def test_rp11_who_became_a_member_later_owes_it_and_is_not_late(world: World) -> None:
    city = world.city
    since = {
        city.trust().trust.member_since(ref) for ref in city.trust().trust.members(city.origin)
    }
    before = Date(20260918)
    assert before < date_of(min(since))
    relief = world.repair(decided_on=before)
    world.later(60)
    found = shown(city, relief)
    assert (len(found["outstanding"]), found["late"], found["spoken"]) == (2, [], "unknown")
    world.later()
    assert len(shown(city, relief)["late"]) == 2
    joined = world.federation.clock.now()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trust, "member_since", lambda _trust, _ref: joined)
        found = shown(city, relief)
    assert found["late"] == []
    assert {one["verdict"] for one in found["by_member"]} == {"unknown"}


def test_a_log_that_was_heard_is_not_asked_again_until_it_changes(world: World) -> None:
    node = world.hub
    relief = world.repair()
    world.tell(world.peer)
    hearing = hearing_of(node)
    assert hearing.run() > 0
    asked: list[int] = []
    next_of = Hearing._next

    def counted(session: ReadSession, head: LogHead, start: int) -> Any:
        asked.append(head.log)
        return next_of(session, head, start)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Hearing, "_next", staticmethod(counted))
        assert (hearing.run(), hearing.run()) == (0, 0)
        once = len(asked)
        assert once <= len(world.all)
        world.tell(world.other)
        assert hearing.run() > 0
        rebuild(node.store, node.ledger, node.reconciliation, check_only=False)
        assert hearing.run() > 0
        assert hearing.run() == 0
        asked.clear()
        assert (hearing.run(), asked) == (0, [])
    found = desk_of(node).get(relief)
    assert found["executed"] == 2
    assert found["list_name"] not in ("", found["list_type"]), "the catalog's name"
