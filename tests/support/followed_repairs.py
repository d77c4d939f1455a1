"""A federation whose repairs are followed: members that lag, and what a desk shows of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from adapters.catalog.working_days import working_days
from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.statements import AnnotationAction, Kind
from node.records.told import Told
from node.relief.audit import RepairAudit
from node.relief.hearing import Hearing
from node.relief.rechecks import Rechecks
from node.relief.repair_desk import RepairDesk
from node.relief.repairs import EVERYTHING, Departments, Repairs, Wanted
from node.system.clock import date_of
from node.texts.catalog_names import name_of_list
from tests.support.catalogs import catalog_of, edition_text
from tests.support.invented import InlineWriter
from tests.support.simulation import Federation, SimNode, listing
from tests.support.telling import receipt_job

CITY, PEER, OTHER, HUB = "510300", "510500", "511500", "510000"
DAY = 86_400
RELAYED = 6
"""Seconds after which a hub has passed on that a log's node signed on (SPEC §9.3)."""


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


def hearing_of(node: SimNode) -> Hearing:
    return Hearing(
        store=node.store,
        writer=InlineWriter(),
        keyring=node.keyring,
        payloads=node.payloads,
        trust=node.trust,
    )


def hear(node: SimNode) -> int:
    return hearing_of(node).run()


def repairs_of(node: SimNode, departments: Departments | None = None) -> Repairs:
    return Repairs(
        own=node.origin,
        store=node.store,
        keyring=node.keyring,
        payloads=node.payloads,
        trust=node.trust,
        catalog=lambda: node.catalog,
        working_days=lambda: working_days(node.directory),
        now=node.trusted.latest.now,
        departments=departments or (lambda _: {}),
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


def desk_of(node: SimNode, departments: Departments | None = None) -> RepairDesk:
    def list_name(code: str) -> str:
        return name_of_list(node.catalog, node.clock.today(), code)

    return RepairDesk(repairs_of(node, departments), audit_of(node), rechecks_of(node), list_name)


def rechecks_of(node: SimNode, *, known: str = "") -> Rechecks:
    """With a seed that is the same each time; `known`: the only person of the node."""

    def check_known(person: str) -> None:
        if known and person != known:
            raise RefusedError("person.unknown", person)

    return Rechecks(
        own=node.origin,
        store=node.store,
        writer=InlineWriter(),
        repairs=repairs_of(node),
        check_known=check_known,
        now=node.clock.now,
        today=lambda: date_of(node.clock.now()),
        seed=bytes,
    )


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

    def later(self, seconds: int = DAY) -> None:
        """Time passes; everybody signs on, and a hub passes it on after some seconds."""
        self.federation.clock.advance(seconds - RELAYED)
        for node in self.all:
            node.publisher.renew_head()
            node.exchange.published()
        self.federation.settle()
        self.federation.clock.advance(RELAYED)
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


def followed(federate: Callable[..., Federation]) -> World:
    """Three cities about a hub, whose editions have deadlines; members for forty days."""
    federation = federate(CITY, PEER, OTHER)
    federation.clock.advance(40 * DAY)
    for member in (CITY, PEER, OTHER):
        federation.connect(member, HUB)
    made = World(federation, *(federation[m] for m in (CITY, PEER, OTHER, HUB)))
    for node in made.all:
        node.catalog = catalog_of(edition_text(), SAME_DAY)
    return made


def by_city(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["region"]: one for one in document["by_member"]}


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
