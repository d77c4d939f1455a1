"""Ledgers of campaigns that are kept in memory are what would be read of them now (CA2).

Covers node/campaigns/ledgers.py, node/campaigns/desk.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from federation.ids import Date, StatementId
from federation.payloads import Listing, Relisting, RelistingGround
from federation.ports.campaigns import Campaign, KeptEntry
from federation.ports.store import ReadSession
from federation.ports.touched import Touched
from federation.quality.campaigns import Standing
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind
from node.campaigns import ledgers as module
from node.campaigns.desk import CampaignDesk
from node.campaigns.ledgers import Ledgers
from node.records.local_subjects import LocalSubjects
from node.records.records import Records
from node.records.subject_codes import SubjectCodes
from tests.support.desks import records_of
from tests.support.invented import InlineWriter
from tests.support.simulation import Federation, SimNode, listing, relief_payload

Federate = Callable[..., Federation]
CITY = "510300"
DAY = Date(20261121)
Databases = Callable[[str], str]
SAID = Campaign(0, "甲", "〔2026〕8号", "乙", Date(20261231), DAY)


class World:
    """A city with one campaign, a ledger that is kept, and one that is read each time."""

    def __init__(self, city: SimNode) -> None:
        self.city = city
        self.day = DAY
        self.kept = self.ledgers()
        city.store.listen(self.kept.touched)
        with city.store.write() as session:
            self.campaign = session.add_campaign(SAID)
        self.listed: dict[StatementId, Listing] = {}
        self.reliefs: dict[StatementId, Listing] = {}

    def ledgers(self) -> Ledgers:
        return Ledgers(
            store=self.city.store,
            keyring=self.city.keyring,
            codes=SubjectCodes(library=self.city.library, tagger=self.city.keyring),
            trust=self.city.trust,
            library=lambda: None,
            today=lambda: self.day,
        )

    def enter(self, *ids: bytes) -> None:
        with self.city.store.write() as session:
            session.add_entries(self.campaign, [KeptEntry(one, DAY, "") for one in ids])
        self.kept.entered(self.campaign)

    def list_(self, number: int, document: str, until: int = 20281231) -> StatementId:
        made = listing(number, audience=self.city.audience(), document=document, until=until)
        listed = self.city.list_(made)
        self.listed[listed] = made
        return listed

    def relieve(self, listed: StatementId, kind: Kind = Kind.REPAIR, on: int = 20261120) -> None:
        relief = self.city.relieve(kind, listed, decided_on=on)
        self.reliefs[relief] = self.listed[listed]

    def relist(self, relief: StatementId) -> None:
        payload = Relisting(
            audience=self.city.audience(),
            reliefs=(relief,),
            document="川撤〔2026〕1号",
            decided_on=DAY,
            ground=RelistingGround.ERROR,
            approvals=2,
            payload=self.reliefs[relief],
        )
        self.city.say(self.city.draft(Kind.RELISTING, payload, about=relief))

    def subjects(self, ledgers: Ledgers) -> tuple[Standing, ...]:
        with ledgers.reading(lambda session: session.campaigns()) as (_, found):
            ((_, ledger), *_) = found
            return ledger.subjects

    def states(self) -> list[State | None]:
        return [one.state for subject in self.subjects(self.kept) for one in subject.entries]


@pytest.fixture
def databases(tmp_path: Path) -> Databases:
    """SQLite: the questions are asked of both databases in `tests/contracts`."""
    return lambda name: f"sqlite:///{tmp_path / name}.db"


@pytest.fixture
def world(federate: Federate) -> World:
    return World(federate(CITY)[CITY])


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_is_what_would_be_read(world: World, seed: int) -> None:
    """Whatever is listed, relieved, revoked, entered, runs out, or is read by other charters."""
    draw = random.Random(seed)
    city = world.city
    for number in range(4):
        world.list_(number % 3 + 1, f"文{number}", draw.choice([20281231, 20261122]))
    world.enter(*list(world.listed)[:3])

    def relieve() -> None:
        standing = [one for one in world.listed if city.state(one) is State.ACTIVE]
        if standing:
            kind, on = (
                draw.choice([Kind.REPAIR, Kind.WITHDRAWAL]),
                draw.choice([20261119, 20261120]),
            )
            world.relieve(draw.choice(standing), kind, on)

    def relist() -> None:
        if world.reliefs:
            world.relist(draw.choice(list(world.reliefs)))

    def next_day() -> None:
        world.day = Date(world.day + 1)

    steps = (
        relieve,
        relieve,
        relist,
        lambda: world.list_(draw.randrange(1, 4), f"文{draw.randrange(6)}"),
        lambda: world.enter(*draw.sample(list(world.listed), 2)),
        lambda: world.enter(draw.randbytes(16)),
        next_day,
        city.refresh_charters,
    )
    for _ in range(16):
        draw.choice(steps)()
        assert world.subjects(world.kept) == world.subjects(world.ledgers())


def test_what_comes_while_a_ledger_is_read_is_in_the_next_reading(world: World) -> None:
    first, second = world.list_(1, "甲"), world.list_(2, "乙")
    world.enter(first, second)
    for late in (first, second):  # once while it is read for the first time, once while mended
        before = world.city.state(first)

        def chosen(session: ReadSession, late: StatementId = late) -> list[Campaign]:
            found = list(session.campaigns())  # the snapshot begins
            world.relieve(late)
            return found

        with world.kept.reading(chosen) as (_, ((_, ledger),)):
            assert ledger.subjects[0].entries[0].state is before
            assert ledger.subjects[1].entries[0].state is State.ACTIVE
        assert world.subjects(world.kept) == world.subjects(world.ledgers())
    assert world.states() == [State.REPAIRED, State.REPAIRED]


def test_only_what_was_touched_is_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [world.list_(number, f"文{number}") for number in range(1, 4)]
    world.enter(*ids)
    assert world.states() == [State.ACTIVE] * 3
    asked: list[list[bytes]] = []
    reads = module.listings

    def noted(session: ReadSession, ids: object) -> object:
        asked.append(list(ids))  # type: ignore[call-overload]
        return reads(session, asked[-1])

    monkeypatch.setattr(module, "listings", noted)
    world.states()
    world.list_(1, "另")  # of the same subject, in no ledger
    world.states()
    assert asked == []
    world.relieve(ids[1])
    assert world.states() == [State.ACTIVE, State.REPAIRED, State.ACTIVE]
    assert asked == [[ids[1]]]


def test_what_comes_of_its_record_has_an_entry_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relief of another copy of the record may be the one by whose day it has ended (L2)."""
    listed = world.list_(1, "甲")
    world.enter(listed, world.list_(2, "乙"))
    world.states()
    asked: list[list[bytes]] = []
    reads = module.listings

    def noted(session: ReadSession, ids: object) -> object:
        asked.append(list(ids))  # type: ignore[call-overload]
        return reads(session, asked[-1])

    with world.city.store.read() as session:
        (row,) = session.rows_by_id(None, [listed])
    assert row.record_tag is not None
    monkeypatch.setattr(module, "listings", noted)
    relief = row._replace(kind=Kind.REPAIR, statement_id=b"\x01" * 16, about=b"\x02" * 16)
    touched = Touched()
    touched.rows([relief])
    world.kept.touched(touched)
    world.states()
    assert asked == [[listed]]


def test_a_listing_that_is_not_held_yet_is_looked_for(world: World) -> None:
    missing = world.city.tokens(16)
    world.enter(missing)
    assert world.states() == [None]
    made = listing(1, audience=world.city.audience())
    world.city.say(world.city.draft(Kind.LISTING, made, statement_id=missing))
    assert world.states() == [State.ACTIVE]


def test_it_has_ended_on_the_day_of_the_relief_that_still_stands(world: World) -> None:
    listed = world.list_(1, "甲")
    world.enter(listed)
    world.relieve(listed)
    (first,) = world.reliefs
    made = relief_payload(world.listed[listed], world.city.audience())
    again = replace(made, decided_on=Date(20261101))
    world.city.say(world.city.draft(Kind.REPAIR, again, about=listed))
    assert world.subjects(world.kept)[0].entries[0].ended_on == 20261120
    world.relist(first)
    assert world.subjects(world.kept)[0].entries[0].ended_on == 20261101


def test_of_too_many_those_asked_for_last_stay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_MAX", 1)
    with world.city.store.write() as session:
        other = session.add_campaign(SAID)
        session.add_entries(other, [KeptEntry(world.city.tokens(16), DAY, "")])
    world.enter(world.list_(1, "甲"))
    for _ in range(2):
        assert world.states() == [State.ACTIVE]


def test_a_page_of_subjects_names_each_by_the_first_listing_that_can_be_opened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [world.list_(number, f"文{n}") for n, number in enumerate((1, 1, 1, 2, 3, 3, 4))]
    world.enter(*ids, world.city.tokens(16))
    world.relieve(ids[3])
    with world.city.store.write() as session:
        rows = {row.statement_id: row for row in session.rows_by_id(None, ids)}
        for gone in (0, 1, 3, 4, 5):
            row = rows[ids[gone]]
            session.erase_openings(row.log, [row.idx])
            session.replace_rows([row._replace(opening=OpeningStatus.ERASED)])
    desk, records = desk_of(world), records_of(world.city)
    whole, _ = desk.subjects(world.campaign, 0, "")
    names = [one["subject"]["name"] for one in whole]
    expected = [world.listed[ids[number]].subject.name for number in (2, 3, 6)]
    assert names == [*expected[:2], "", expected[2], ""], "the second by its relief, the third not"
    shown = [[entry["statement_id"] for entry in one["entries"]] for one in whole]
    grouped: tuple[list[StatementId], ...] = (ids[:3], ids[3:4], ids[4:6], ids[6:], [])
    assert shown == [[one.hex() for one in some] for some in grouped]
    opened: list[int] = []
    payloads = Records.payloads

    def noted(reads: Records, session: ReadSession, rows: Iterable[StatementRow]) -> object:
        asked = list(rows)
        opened.append(len(asked))
        return payloads(reads, session, asked)

    monkeypatch.setattr(Records, "payloads", noted)
    brief, _ = desk.subjects(world.campaign, 0, "", brief=True)
    assert brief == [{k: v for k, v in one.items() if k != "entries"} for one in whole]
    assert opened[0] == 4, "of each the first alone"
    with world.city.store.read() as snapshot:
        (view,) = records.views(snapshot, [rows[ids[6]]])
    assert view.subject is not None
    assert brief[3]["subject"] == {"code": view.subject.code, "name": view.subject.name}


def desk_of(world: World) -> CampaignDesk:
    city = world.city
    return CampaignDesk(
        store=city.store,
        writer=InlineWriter(),
        codes=SubjectCodes(library=city.library, tagger=city.keyring),
        records=records_of(city, lambda: world.day),
        ledgers=world.kept,
        local=LocalSubjects(
            region=CITY,
            library=city.library,
            catalog=lambda: city.catalog,
            today=lambda: world.day,
        ),
        catalog=lambda: city.catalog,
        now=city.clock.now,
        today=lambda: world.day,
    )
