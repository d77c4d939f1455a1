"""泸州 is in two alliances: one log for both, and to each only what is meant for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation.charters.verification import Entitlements
from federation.errors import RefusedError
from federation.ids import Date, MemberId, StatementId
from federation.payloads import RelistingGround
from federation.peers.frames import CharterFrame
from federation.reconcile.catalog import Catalog
from federation.rows import OpeningStatus, State
from federation.statements import AnnotationAction, Kind
from node.platform.outbox_job import OutboxDelivery
from node.platform.outbox_rows import OutboxRows
from tests.scenarios.test_packets import carry
from tests.support import charters as build
from tests.support.catalogs import PERSONS, REGULATION, catalog_of, edition_text
from tests.support.invented import InlineWriter, name_of
from tests.support.liar import records_of
from tests.support.outlets import demands_of
from tests.support.simulation import listing
from tests.support.two_alliances import (
    CHENGDU,
    HUB,
    LUZHOU,
    TONGNAN,
    YIBIN,
    ZIGONG,
    TwoAlliances,
    two_alliances,
)


@pytest.fixture
def both(tmp_path: Path) -> Iterator[TwoAlliances]:
    made = two_alliances(tmp_path)
    yield made
    close(made)


def close(made: TwoAlliances) -> None:
    for node in made.federation.nodes.values():
        node.store.close()


def say_three(both: TwoAlliances) -> list[StatementId]:
    """泸州 lists to 川南 (0), to 成渝 (1), and to both (2)."""
    luzhou = both[LUZHOU]
    audiences = (both.to(both.south), both.to(both.west), both.to(both.south, both.west))
    return [
        luzhou.list_(listing(number, audience=audience))
        for number, audience in enumerate(audiences, 1)
    ]


def by_stream(both: TwoAlliances) -> None:
    for member in (ZIGONG, CHENGDU, TONGNAN):
        both.federation.connect(LUZHOU, member)
    both.federation.settle()


def by_hub(both: TwoAlliances) -> None:
    """Only the hub, which has all of it, reaches 泸州."""
    for member in (LUZHOU, ZIGONG, CHENGDU, TONGNAN):
        both.federation.connect(HUB, member)
    both.federation.settle()
    assert both.opened(HUB) == [0, 1, 2]


def by_packet(both: TwoAlliances) -> None:
    for member in (ZIGONG, CHENGDU, TONGNAN):
        carry(both.federation, LUZHOU, member)


@pytest.mark.parametrize("bring", [by_stream, by_hub, by_packet])
def test_one_log_for_both_and_to_each_what_is_meant_for_it(
    both: TwoAlliances, bring: Callable[[TwoAlliances], None]
) -> None:
    both[ZIGONG].list_(listing(9, audience=both[ZIGONG].audience()))
    say_three(both)
    bring(both)
    luzhou = both[LUZHOU]
    for member in (ZIGONG, CHENGDU, TONGNAN):
        assert both[member].sizes()[luzhou.origin] == 3
    assert both.opened(ZIGONG) == [0, 2]
    assert both.opened(CHENGDU) == both.opened(TONGNAN) == [1, 2]
    assert both[ZIGONG].origin not in both[CHENGDU].sizes()
    assert both[CHENGDU].origin not in both[ZIGONG].sizes()


@pytest.mark.parametrize("asked", [LUZHOU, HUB])
def test_who_asks_for_an_opening_is_told_no_more(both: TwoAlliances, asked: str) -> None:
    say_three(both)
    by_hub(both)
    zigong, chengdu, peer = both[ZIGONG], both[CHENGDU], both[asked]
    # A hub's "not for you" is not believed until the origin's own node was asked (E3).
    assert chengdu.exchange.missing_openings(10) == {both[LUZHOU].origin: [0]}
    given = peer.exchange.openings_for(chengdu.member, both[LUZHOU].origin, [0, 1, 2])
    assert [one.status for one in given] == [
        OpeningStatus.NOT_FOR_US,
        OpeningStatus.PRESENT,
        OpeningStatus.PRESENT,
    ]
    assert given[0].payload == b""
    with pytest.raises(RefusedError) as caught:
        peer.exchange.openings_for(chengdu.member, zigong.origin, [0])
    assert caught.value.code == "log.unknown"
    heads, _ = peer.exchange.heads_for(chengdu.member)
    assert not [note for note in heads if note.startswith(zigong.origin.encode())]


def test_the_platform_is_told_only_what_is_meant_for_its_city(
    both: TwoAlliances, tmp_path: Path
) -> None:
    say_three(both)
    by_stream(both)
    told: dict[str, str] = {}
    for member in (ZIGONG, CHENGDU):
        node, outbox = both[member], tmp_path / f"outbox-{member}"
        outbox.mkdir()
        node.reconcile()
        OutboxDelivery(
            outbox=outbox,
            store=node.store,
            writer=InlineWriter(),
            rows=OutboxRows(records_of(node), node.clock.today),
            demands=demands_of(node.store),
            failpoints=node.failpoints,
        ).run()
        told[member] = "".join(path.read_text("utf-8") for path in outbox.rglob("*.csv"))
    named = {
        member: [number for number in (1, 2, 3) if name_of(number) in text]
        for member, text in told.items()
    }
    assert named == {ZIGONG: [1, 3], CHENGDU: [2, 3]}


# ------------------------------------------------------------ what is said about a listing later


def test_what_is_said_of_a_listing_later_goes_to_whom_it_was_said(both: TwoAlliances) -> None:
    luzhou = both[LUZHOU]
    listed = luzhou.list_(listing(1, audience=both.to(both.south)))
    noted = luzhou.registry.annotate(
        luzhou.tokens(16).hex(),
        statement_id=listed,
        action=AnnotationAction.OBJECTION_OPENED,
        document="川异〔2026〕1号",
        decided_on=Date(20261101),
        text="异议",
    )
    luzhou.run(noted.unit)
    relief = luzhou.relieve(Kind.REPAIR, listed)
    again = luzhou.registry.relist(
        luzhou.tokens(16).hex(),
        relief=relief,
        document="川恢〔2026〕1号",
        decided_on=Date(20261121),
        ground=RelistingGround.FRAUD,
        by=PERSONS,
        note="",
    )
    luzhou.run(again.unit)
    by_stream(both)
    assert both.opened(ZIGONG) == [0, 1, 2, 3]
    assert both.opened(CHENGDU) == [2]
    assert both[ZIGONG].state(listed) == State.ACTIVE


# ---------------------------------------------------------------- relief


def test_relief_ends_the_copies_in_the_other_alliance(both: TwoAlliances) -> None:
    """泸州 listed to 川南 alone; 成都 had the record from elsewhere. Relief is told to both."""
    luzhou, chengdu = both[LUZHOU], both[CHENGDU]
    content = listing(1, audience=both.to(both.south))
    listed = luzhou.list_(content)
    copied = chengdu.list_(replace(content, audience=chengdu.audience()))
    by_stream(both)
    assert chengdu.state(copied) == State.ACTIVE
    luzhou.relieve(Kind.REPAIR, listed)
    both.federation.settle()
    assert chengdu.state(copied) == State.REPAIRED
    assert both[ZIGONG].state(listed) == State.REPAIRED


def test_relief_reaches_no_further_than_a_charter_says(tmp_path: Path) -> None:
    """In 成渝's charter 泸州 speaks for no authority: copies of others stand there."""
    kinds_only = Entitlements(kinds=build.ALL_KINDS, lists=())
    both = two_alliances(tmp_path, of_luzhou_in_the_west=kinds_only)
    luzhou, zigong, chengdu = both[LUZHOU], both[ZIGONG], both[CHENGDU]
    content = listing(1, audience=both.to(both.south))
    listed = luzhou.list_(content)
    copies = {
        node: node.list_(replace(content, audience=node.audience())) for node in (zigong, chengdu)
    }
    by_stream(both)
    luzhou.relieve(Kind.REPAIR, listed)
    both.federation.settle()
    assert zigong.state(copies[zigong]) == State.REPAIRED
    assert chengdu.state(copies[chengdu]) == State.ACTIVE
    close(both)


def test_a_tag_of_one_alliance_keeps_nothing_away_in_the_other(both: TwoAlliances) -> None:
    """自贡 is not in 成渝: its relief ends what 川南 names, and leaves 成都's listing alone."""
    luzhou, zigong, chengdu = both[LUZHOU], both[ZIGONG], both[CHENGDU]
    content = listing(1, audience=zigong.audience())
    zigong.relieve(Kind.REPAIR, zigong.list_(content))
    by_stream(both)
    with luzhou.store.read() as session:
        assert session.suppressed(list(luzhou.keyring.suppression(content.key.pack())))
    later = chengdu.list_(replace(content, audience=chengdu.audience()))
    both.federation.settle()
    assert luzhou.state(later) == chengdu.state(later) == State.ACTIVE
    own = luzhou.list_(replace(content, audience=luzhou.audience()))
    both.federation.settle()
    assert luzhou.state(own) == both[ZIGONG].state(own) == State.REPAIRED
    with both[YIBIN].store.read() as session:
        assert not session.has_suppressions()


def test_a_twin_of_one_alliance_holds_nothing_in_the_other(both: TwoAlliances) -> None:
    luzhou, zigong, chengdu = both[LUZHOU], both[ZIGONG], both[CHENGDU]
    zigong.relieve(Kind.REPAIR, zigong.list_(listing(1, audience=zigong.audience())))
    by_stream(both)
    spelt = listing(1, audience=chengdu.audience(), document="（2026）川05执01号")
    later = chengdu.list_(spelt)
    own = luzhou.list_(replace(spelt, audience=luzhou.audience()))
    both.federation.settle()
    with luzhou.store.read() as session:
        rows = session.rows_by_id(None, [later, own])
    assert {row.statement_id: row.rule for row in rows} == {later: "", own: "relief.similar"}


# ---------------------------------------------------------------- leaving one alliance


def test_removal_from_one_alliance_stops_only_there(both: TwoAlliances) -> None:
    luzhou = both[LUZHOU]
    before = luzhou.list_(listing(1, audience=luzhou.audience()))
    by_stream(both)
    both.federation.connect(ZIGONG, YIBIN)
    both.remove_from_south(LUZHOU)
    after = luzhou.list_(listing(2, audience=both.to(both.south, both.west)))
    both.federation.settle()

    def rule(member: str, statement_id: bytes) -> str:
        with both[member].store.read() as session:
            (row,) = session.rows_by_id(None, [statement_id])
        return row.rule

    assert both[CHENGDU].state(before) == both[CHENGDU].state(after) == State.ACTIVE
    assert rule(CHENGDU, after) == ""
    assert both[ZIGONG].state(after) == State.SET_ASIDE
    assert rule(ZIGONG, after) == "entitlement.segment"
    both[ZIGONG].list_(listing(3, audience=both[ZIGONG].audience()))
    both.federation.settle()
    assert both.opened(LUZHOU, ZIGONG) == []
    assert both.opened(YIBIN, ZIGONG) == [0]


def test_on_a_stream_that_stands_nothing_more_is_sent_of_an_alliance_that_was_left(
    both: TwoAlliances,
) -> None:
    """The other alliance keeps the stream."""
    zigong, luzhou, chengdu = both[ZIGONG], both[LUZHOU], both[CHENGDU]
    for member in (ZIGONG, CHENGDU):
        both.federation.connect(HUB, member)
    wire = both.federation.connect(HUB, LUZHOU)
    for node in (zigong, chengdu):
        node.list_(listing(1, audience=node.audience()))
    both.federation.settle()
    assert luzhou.sizes()[zigong.origin] == luzhou.sizes()[chengdu.origin] == 1
    both.remove_from_south(LUZHOU)
    for node in (zigong, chengdu):
        node.list_(listing(2, audience=node.audience()))
    both.federation.settle()
    assert both[HUB].sizes()[zigong.origin] == 2
    assert (luzhou.sizes()[zigong.origin], luzhou.sizes()[chengdu.origin]) == (1, 2)
    of_luzhou = wire.sessions[wire.ends.index(luzhou)]
    assert zigong.origin not in of_luzhou.subscribed, "it was told"


def test_a_charter_version_is_told_to_its_members_and_to_whom_it_removes(
    both: TwoAlliances, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is in the other alliance alone learns neither that this one stands nor who is in it."""
    hub = both[HUB]
    members = (ZIGONG, LUZHOU, YIBIN, CHENGDU, TONGNAN)
    streams = {member: hub.exchange.open_session(MemberId(member)) for member in members}
    for session in streams.values():
        hub.exchange.plan(session)

    def adopt(_envelope: bytes) -> bool:
        both.remove_from_south(YIBIN)
        return True

    monkeypatch.setattr(hub.exchange, "_adopt", adopt)
    hub.exchange.handle(streams[ZIGONG], CharterFrame(envelope=both.south.latest.envelope))
    told = {
        member
        for member, session in streams.items()
        if any(isinstance(frame, CharterFrame) for frame in hub.exchange.plan(session))
    }
    assert told == {ZIGONG, LUZHOU, YIBIN}


# ---------------------------------------------------------------- catalogs

JOINT = edition_text("sichuan-chongqing", layer="joint", lists=[build.COURT_LIST])
SICHUAN = edition_text("sichuan", lists=[build.COURT_LIST], layer="province", regulation=REGULATION)
CHONGQING = edition_text(
    "chongqing", lists=["major-tax-violation"], layer="province", regulation=REGULATION
)
NATIONAL = edition_text("national", lists=["unpaid-migrant-wages"])
READ = edition_text(
    "chongqing-2", lists=[build.COURT_LIST], layer="province", regulation=REGULATION
)
UNREAD = edition_text(
    "chongqing-2", lists=[build.COURT_LIST], certainty="P", layer="province", regulation=REGULATION
)


CONFIRMED = [f"chongqing-2/{build.COURT_LIST}"]


@pytest.mark.parametrize(
    ("in_tongnan", "judgment"),
    [
        (catalog_of(NATIONAL, CHONGQING), ("rejected", "catalog.list-unknown")),
        (catalog_of(NATIONAL, CHONGQING, JOINT), ("held", "catalog.ground-missing")),
        (catalog_of(NATIONAL, CHONGQING, READ, JOINT), ("active", "")),
        (catalog_of(NATIONAL, CHONGQING, UNREAD), ("held", "catalog.list-unconfirmed")),
        (catalog_of(NATIONAL, CHONGQING, UNREAD, confirmed=CONFIRMED), ("active", "")),
    ],
    ids=["unknown", "joint supplement alone", "narrowed by it", "not confirmed", "confirmed"],
)
def test_one_listing_by_the_catalogs_of_two_provinces(
    both: TwoAlliances, in_tongnan: Catalog, judgment: tuple[str, str]
) -> None:
    both[ZIGONG].catalog = catalog_of(NATIONAL, SICHUAN)
    both[CHENGDU].catalog = catalog_of(NATIONAL, SICHUAN, JOINT)
    both[TONGNAN].catalog = in_tongnan
    listed = both[LUZHOU].list_(listing(1, audience=both[LUZHOU].audience()))
    by_stream(both)
    found: dict[str, tuple[str, str]] = {}
    for member in (ZIGONG, CHENGDU, TONGNAN):
        node = both[member]
        node.reconcile()
        view = records_of(node).get(StatementId(listed))
        found[member] = (view.state, view.rule)
    assert found == {ZIGONG: ("active", ""), CHENGDU: ("active", ""), TONGNAN: judgment}
