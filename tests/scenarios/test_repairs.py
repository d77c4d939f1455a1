"""How far repairs have come: a member lags, is outstanding, lifts, is late by moving the clock.

Covers node/relief/repairs.py, node/relief/evidence.py, node/relief/hearing.py,
node/relief/audit.py,
node/relief/overdue.py, node/relief/repair_documents.py, node/relief/repair_desk.py,
node/texts/repairs.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from adapters.catalog.working_days import working_days
from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.payloads import Receipt, ReceiptBatch, RelistingGround
from federation.reconcile.receipts import ReceiptOutcome
from federation.rows import State
from federation.statements import AnnotationAction, Kind
from node.codec import page_tokens
from node.records.told import Told
from node.relief.audit import RepairAudit
from node.relief.hearing import Hearing
from node.relief.overdue import Overdue
from node.relief.repair_desk import RepairDesk
from node.relief.repairs import EVERYTHING, Repairs, Wanted
from node.status.problems import of_reliefs
from node.system.clock import date_of
from node.texts import repairs as texts
from node.upkeep.rebuild import rebuild
from tests.support import charters as build
from tests.support.catalogs import catalog_of, edition_text
from tests.support.invented import InlineWriter
from tests.support.simulation import Federation, SimNode, listing
from tests.support.telling import receipt_job

Federate = Callable[..., Federation]
pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""Nothing here depends on the database."""
CITY, PEER, OTHER, HUB = "510300", "510500", "511500", "510000"
DAY = 86_400


def deadlines(**rows: dict[str, Any]) -> str:
    """An edition with deadlines that were read in the text."""
    stated = {"basis": "某规定", "certainty": "C", "valid_from": "2026-01-01", "source": "测试"}
    document = yaml.safe_load(edition_text("deadlines-2026", lists=[], series="deadlines"))
    named = {name.replace("_", "-"): {**stated, **row} for name, row in rows.items()}
    return yaml.safe_dump(document | {"deadlines": named}, allow_unicode=True)


SAME_DAY = deadlines(
    relief_everywhere={"unit": "same-day"},
    masking={"unit": "same-day"},
    withdraw={"unit": "working-days", "days": 3},
    push_cross_province={"unit": "working-days", "days": 3},
)


def hear(node: SimNode) -> int:
    return Hearing(
        store=node.store,
        writer=InlineWriter(),
        keyring=node.keyring,
        payloads=node.payloads,
        trust=node.trust,
    ).run()


def repairs_of(node: SimNode) -> Repairs:
    return Repairs(
        own=node.origin,
        store=node.store,
        keyring=node.keyring,
        payloads=node.payloads,
        trust=node.trust,
        catalog=lambda: node.catalog,
        working_days=lambda: working_days(node.directory),
        now=node.trusted.latest.now,
    )


def audit_of(node: SimNode, *rows: dict[str, str]) -> RepairAudit:
    class Compared:
        def report(self, limit: int = 0) -> dict[str, Any]:
            return {"rows": list(rows)[:limit]}

    told = Told(keyring=node.keyring, payloads=node.payloads, trust=node.trust)
    return RepairAudit(
        store=node.store,
        repairs=repairs_of(node),
        told=told,
        trust=node.trust,
        platforms=lambda: [("市平台", Compared())] if rows else [],
    )


def desk_of(node: SimNode) -> RepairDesk:
    return RepairDesk(repairs_of(node), audit_of(node))


def shown(node: SimNode, relief: StatementId) -> dict[str, Any]:
    """One repair as `huxin repairs show` has it."""
    hear(node)
    return desk_of(node).get(relief)


def listed(node: SimNode, wanted: Wanted = EVERYTHING, size: int = 50) -> list[str]:
    """Ids of all pages."""
    hear(node)
    desk, found, token = desk_of(node), [], ""
    while True:
        page, token = desk.page(wanted, size, token)
        found += [one["statement_id"] for one in page]
        if not token:
            return found


@dataclass
class World:
    federation: Federation
    city: SimNode
    peer: SimNode
    other: SimNode
    hub: SimNode

    def tell(self, *nodes: SimNode) -> None:
        """Everybody follows; these judge and tell."""
        self.federation.settle()
        for node in nodes:
            node.reconcile()
            receipt_job(node).run()
        self.federation.settle()

    @property
    def all(self) -> tuple[SimNode, ...]:
        return (self.city, self.peer, self.other, self.hub)

    def repair(self, number: int = 1, decided_on: int = 0) -> StatementId:
        city = self.city
        about = city.list_(listing(number, audience=city.audience()))
        self.tell(self.peer, self.other)
        return self.relieve(about, decided_on)

    def relieve(self, about: StatementId, decided_on: int = 0) -> StatementId:
        return self.city.relieve(Kind.REPAIR, about, decided_on=decided_on or self.today)

    @property
    def today(self) -> Date:
        """The day of the clock, which goes on with it."""
        return date_of(self.federation.clock.now())


@pytest.fixture
def world(federate: Federate) -> World:
    federation = federate(CITY, PEER, OTHER)
    for member in (CITY, PEER, OTHER):
        federation.connect(member, HUB)
    made = World(federation, *(federation[m] for m in (CITY, PEER, OTHER, HUB)))
    for node in made.all:
        node.catalog = catalog_of(edition_text(), SAME_DAY)
    return made


def by_city(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["region"]: one for one in document["by_member"]}


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
    late = shown(world.hub, relief)
    assert late["late"] == late["outstanding"] == [world.hub.trust().city(world.other.origin)]
    assert by_city(late)[OTHER]["verdict"] == "late"
    assert by_city(late)[PEER]["verdict"] == "in-time"
    world.tell(world.other)
    done = shown(world.hub, relief)
    assert done["outstanding"] == []
    assert by_city(done)[OTHER]["lifted"] == {"by": said + DAY}
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
    world.federation.clock.advance(DAY)
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
    third = world.repair(3, decided_on=20260901)
    assert told(world.city)["oldest"] == {"statement_id": third.hex(), "decided_on": 20260901}
    assert told(world.city)["by_member"] == {
        world.city.trust().city(one.origin): 1 for one in (world.peer, world.other)
    }


def test_what_is_asked_for_is_listed_in_pages_of_any_size(world: World) -> None:
    one = world.repair(1)
    world.tell(world.peer, world.other)
    two = world.repair(2)
    world.tell(world.peer)
    three = world.repair(3, decided_on=20260801)
    world.federation.clock.advance(3600)
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
    assert listed(world.city, Wanted(since=Date(20260802))) == ids[:2]
    assert listed(world.city, Wanted(list_type=build.COURT_LIST)) == ids
    assert listed(world.city, Wanted(list_type="major-tax-violation")) == []


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
    world.federation.clock.advance(30 * DAY)
    found = shown(world.city, relief)
    assert found["due_unknown"] == why
    assert found["executed"] == 0
    assert {one["verdict"] for one in found["by_member"]} == {"unknown" if why else "late"}
    assert texts.line(found, english=False)["due"] == (
        texts.UNKNOWN[why][0] if why else "2026-09-21"
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


def annotate(world: World, action: AnnotationAction, about: StatementId) -> StatementId:
    asked = world.city.registry.annotate(
        world.city.tokens(16).hex(),
        statement_id=about,
        action=action,
        document="川停〔2026〕1号",
        decided_on=world.today,
    )
    world.city.run(asked.unit)
    return asked.published[0].statement_id


def test_only_reliefs_are_shown(world: World) -> None:
    about = world.city.list_(listing(1, audience=world.city.audience()))
    desk = desk_of(world.city)
    for asked, code in ((about, "relief.unknown"), (StatementId(bytes(16)), "record.unknown")):
        with pytest.raises(RefusedError) as refused:
            desk.get(asked)
        assert refused.value.code == code
    assert page_tokens.read(desk.page(EVERYTHING, 1, "")[1]) is None


def test_the_audit_names_who_has_not_lifted_and_who_applied_again(world: World) -> None:
    city, peer = world.city, world.peer
    relief = world.repair()
    world.tell(peer)
    for node in (city, world.hub):
        assert desk_of(node).audit() == []
    world.federation.clock.advance(DAY)
    hear(city)
    (missed,) = desk_of(city).audit()
    assert missed["code"] == "repair.not-lifted"
    assert missed["where"] == city.trust().city(world.other.origin)
    assert missed["statement_id"] == shown(city, relief)["about"]
    world.tell(world.other)
    hear(city)
    assert desk_of(city).audit() == []
    again = ReceiptBatch(outcome=ReceiptOutcome.APPLIED, reason="", indices=(0,))
    peer.say(peer.draft(Kind.RECEIPT, Receipt(origin=city.origin, batches=(again,))))
    world.federation.settle()
    hear(city)
    (punished,) = desk_of(city).audit()
    assert (punished["code"], punished["where"]) == (
        "repair.applied-again",
        city.trust().city(peer.origin),
    )


def test_the_audit_names_copies_that_stand_and_what_platforms_show(world: World) -> None:
    city, other = world.city, world.other
    world.repair()
    world.tell(world.peer, other)
    hear(city)
    with city.store.write() as session:
        (row,) = [one for one in session.rows_at([(log, 0) for log in range(9)]) if one.kind == 1]
        copy = session.head(other.origin)
        assert copy is not None
        size = copy.size
        session.insert_rows(
            [row._replace(log=copy.log, idx=size, state=State.ACTIVE, statement_id=b"c" * 16)]
        )
    assert [one["code"] for one in desk_of(city).audit()] == ["repair.copy-stands"]
    place = {"origin": city.origin, "statement_id": "00"}
    shown_rows = [
        {**place, "told": told, "found": found}
        for told, found in (
            ("repaired", "active"),
            ("withdrawn-undo", "paused"),
            ("repaired", "withdrawn"),
            ("repaired", ""),
            ("active", "repaired"),
            ("active", "masked"),
        )
    ]
    found = [one for one in audit_of(city, *shown_rows).run() if one["where"] == "市平台"]
    assert [one["code"] for one in found] == [
        "repair.platform-shows",
        "repair.platform-shows",
        "repair.platform-lifted",
    ]
    assert {texts.audited(one, english=False)["means"][:2] for one in found} == {"漏修", "错修"}


def test_rates_are_of_our_own_reliefs_of_the_period(world: World) -> None:
    world.repair(1)
    world.tell(world.peer)
    day = world.today
    world.federation.clock.advance(DAY)
    world.tell(world.other)
    world.repair(2)
    hear(world.city)
    desk = desk_of(world.city)
    first = desk.rates(day, day)
    assert (first["reliefs"], first["executed"], first["same_day"]) == (1, 2, 1)
    assert (first["in_time"], first["late"], first["timely"]) == (1, 1, 0.5)
    assert first["same_day_share"] == 0.5
    both = desk.rates(Date(20260101), Date(20261231))
    assert (both["reliefs"], both["waiting"], both["timely"]) == (2, 2, 0.5)
    assert texts.rates(both)["timely"] == "50.00%"
    assert texts.rates(desk.rates(Date(20250101), Date(20250102)))["timely"] == ""
    assert desk_of(world.hub).rates(Date(20260101), Date(20261231))["reliefs"] == 0
