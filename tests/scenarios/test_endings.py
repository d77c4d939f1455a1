"""Openings whose ground ends otherwise than by a relief of their listing; tags and their keys.

Covers node/relief/ended_grounds.py, node/relief/erasure.py, node/relief/erasure_job.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from federation.ids import Date, StatementId
from federation.payloads import (
    Annotation,
    Erasure,
    ErasureGround,
    Relisting,
    RelistingGround,
)
from federation.ports.journal import TagSet
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import AnnotationAction, Kind
from node.relief.erasure import Erasures
from node.relief.suppression_keys import SuppressionKeys
from node.upkeep.rebuild import rebuild
from tests.support.simulation import Federation, SimNode, listing, relief_payload

Federate = Callable[..., Federation]
Databases = Callable[[str], str]
TODAY = Date(20261121)
AFTER = Date(20290101)


@pytest.fixture
def databases(tmp_path: Path) -> Databases:
    """SQLite: the questions are asked of both databases in `tests/contracts`."""
    return lambda name: f"sqlite:///{tmp_path / name}.db"


@pytest.fixture
def city(federate: Federate) -> SimNode:
    return federate("510300")["510300"]


def erase(node: SimNode, today: Date = TODAY) -> list[tuple[Kind, int]]:
    """Erase all that is due on a day; returns kind and index of what was."""
    before = {row.idx for row in rows(node) if row.opening == OpeningStatus.PRESENT}
    erasures = _erasures_of(node, today)
    for _ in range(10):
        with node.store.read() as session:
            if not erasures.due(session):
                break
        node.run(erasures.unit())
    else:
        pytest.fail("there is no end to what is due")
    equal, differences = rebuild(node.store, node.ledger, node.reconciliation, check_only=True)
    assert equal, differences
    with node.store.read() as session:
        held = {one.index for one in session.openings_between(1, 0, 1000)}
    return [(Kind(row.kind), row.idx) for row in rows(node) if row.idx in before - held]


def rows(node: SimNode) -> list[StatementRow]:
    with node.store.read() as session:
        head = session.head(node.origin)
        assert head is not None
        return list(session.rows_between(head.log, 0, head.size))


def test_reliefs_go_when_the_longest_period_of_the_record_is_over(city: SimNode) -> None:
    longer = listing(1, audience=city.audience(), until=20291231)
    listed = city.list_(listing(1, audience=city.audience(), until=20271231))
    city.list_(longer)
    city.list_(listing(2, audience=city.audience(), until=0))
    city.relieve(Kind.REPAIR, listed)
    assert erase(city) == [(Kind.LISTING, 0), (Kind.LISTING, 1)]
    assert erase(city, Date(20280101)) == [], "a copy of the record is published for longer"
    assert erase(city, Date(20300101)) == [(Kind.REPAIR, 3)]
    said = [row for row in rows(city) if row.kind == Kind.ERASURE]
    assert [row.about for row in said][-1] == rows(city)[3].statement_id


def test_a_relisting_goes_when_its_record_has_ended_again(city: SimNode) -> None:
    listed = city.list_(listing(1, audience=city.audience()))
    relief = city.relieve(Kind.REPAIR, listed)
    city.say(city.draft(Kind.RELISTING, _relisting(city, relief), about=relief))
    assert erase(city) == []
    again = city.relieve(Kind.WITHDRAWAL, listed)
    assert erase(city) == [(Kind.LISTING, 0), (Kind.RELISTING, 2)]
    assert erase(city, AFTER) == [(Kind.REPAIR, 1), (Kind.WITHDRAWAL, 3)]
    assert city.state(again) == State.IN_FORCE
    assert city.state(listed) == State.WITHDRAWN


def test_what_is_said_of_a_listing_after_its_erasure_goes_too(city: SimNode) -> None:
    content = listing(1, audience=city.audience())
    listed = city.list_(content)
    city.relieve(Kind.REPAIR, listed)
    assert erase(city) == [(Kind.LISTING, 0)]
    late = Annotation(
        audience=city.audience(),
        record=content.key,
        authority=content.authority,
        document="川异〔2026〕1号",
        decided_on=Date(20261121),
        text="异议（演示）",
    )
    action = AnnotationAction.OBJECTION_OPENED
    city.say(city.draft(Kind.ANNOTATION, late, action=action, about=listed))
    assert erase(city) == [(Kind.ANNOTATION, 3)]


def test_what_was_set_aside_goes_when_its_record_is_relieved(city: SimNode) -> None:
    elsewhere = listing(1, audience=city.audience(), authority="999999-court")
    first = city.list_(elsewhere)
    kept = city.list_(listing(2, audience=city.audience(), authority="999999-court"))
    repeated = city.list_(listing(3, audience=city.audience()))
    city.say(city.draft(Kind.LISTING, listing(3, audience=city.audience()), statement_id=repeated))
    assert [city.state(one) for one in (first, kept)] == [State.SET_ASIDE] * 2
    assert erase(city) == []
    city.relieve(Kind.REPAIR, repeated)
    assert erase(city) == [(Kind.LISTING, 2), (Kind.LISTING, 3)]
    relief = city.draft(Kind.REPAIR, relief_payload(elsewhere, city.audience()), about=first)
    city.say(relief)
    assert erase(city) == [(Kind.LISTING, 0)]
    assert erase(city, AFTER)[:1] == [(Kind.LISTING, 1)], "its last day has passed"


def test_tags_end_and_a_year_s_key_with_its_last_one(city: SimNode) -> None:
    early = city.list_(listing(1, audience=city.audience(), until=20271231))
    late = city.list_(listing(2, audience=city.audience(), until=20291231))
    city.relieve(Kind.REPAIR, early)
    keys = [listing(n, audience=city.audience()).key.pack() for n in (1, 2)]
    assert _years_on(city, Date(20270101)) == [2027, 2026]
    city.relieve(Kind.REPAIR, late)
    assert _standing(city, keys) == [True, True]
    assert _years_on(city, Date(20280101)) == [2028, 2027], "the only tag of 2026 has ended"
    assert _standing(city, keys) == [False, True]
    assert _years_on(city, Date(20290101)) == [2029, 2027]
    assert _years_on(city, Date(20300101)) == [2030]
    assert _standing(city, keys) == [False, False]
    city.restart()
    assert list(city.keyring.suppression_years) == [2030]


def test_the_journal_says_under_which_key_a_tag_was_made(city: SimNode) -> None:
    city.relieve(Kind.REPAIR, city.list_(listing(1, audience=city.audience())))
    with city.store.read() as session:
        entry = session.last_entry(TagSet.KIND)
    assert entry is not None
    assert TagSet.of(entry).year == city.keyring.suppression_years[0]


def test_a_tag_of_before_keys_had_years_keeps_every_key(city: SimNode) -> None:
    """Its entry names no year: it may stand under any key, and the relief must not be lost."""
    city.relieve(Kind.REPAIR, city.list_(listing(1, audience=city.audience())))
    with city.store.write() as session:
        entry = session.last_entry(TagSet.KIND)
        assert entry is not None
        session.append_journal([replace(TagSet.of(entry), year=None).entry()])
    assert _years_on(city, Date(20270101)) == [2027, 2026]
    assert _years_on(city, Date(20280101)) == [2028, 2027, 2026]
    assert _standing(city, [listing(1, audience=city.audience()).key.pack()]) == [True]


def _years_on(node: SimNode, today: Date) -> list[int]:
    SuppressionKeys(
        store=node.store, keyring=node.keyring, ledger=node.ledger, today=lambda: today
    ).run()
    return list(node.keyring.suppression_years)


def _standing(node: SimNode, keys: list[bytes]) -> list[bool]:
    with node.store.read() as session:
        return [bool(session.suppressed(list(node.keyring.suppression(key)))) for key in keys]


def _relisting(node: SimNode, relief: StatementId) -> Relisting:
    return Relisting(
        audience=node.audience(),
        reliefs=(relief,),
        document="川撤〔2026〕1号",
        decided_on=Date(20261121),
        ground=RelistingGround.FRAUD,
        approvals=2,
        payload=listing(1, audience=node.audience()),
    )


def test_what_the_origin_erased_by_an_order_is_erased_by_its_readers_too(
    federate: Federate,
) -> None:
    """Not at once, and not before the platform was told; never a relief, never of our own log."""
    federation = federate("510300", "510500")
    city, peer = federation["510300"], federation["510500"]
    federation.connect("510300", "510500")
    ordered = city.list_(listing(1, audience=city.audience()))
    relief = city.relieve(Kind.REPAIR, city.list_(listing(2, audience=city.audience())))
    for about in (ordered, relief):
        erasure = Erasure(ground=ErasureGround.ORDERED, erased_at=federation.clock.now())
        city.say(city.draft(Kind.ERASURE, erasure, about=about))
    federation.settle()
    assert rule_of(peer, ordered) == (State.ACTIVE, "erasure.ordered")
    jobs = [_erasures_of(node) for node in (peer, city)]
    with peer.store.read() as session:
        assert not jobs[0].due(session), "the platform was not told"
    with peer.store.write() as session:
        (head,) = (head for head in session.heads() if not head.ours)
        session.set_head(replace(head, delivered_to=head.size))
    for job, node in zip((_erasures_of(peer), jobs[1]), (peer, city), strict=True):
        for _ in range(10):
            with node.store.read() as session:
                if not job.due(session):
                    break
            node.run(job.unit())
    assert rule_of(peer, ordered) == (State.ACTIVE, "erasure.ordered")
    with peer.store.read() as session:
        openings = {row.idx: row.opening for row in session.rows_between(head.log, 0, head.size)}
    assert openings == {0: 3, 1: 3, 2: 1, 3: 1, 4: 1}
    assert [row.opening for row in rows(city)][:3] == [1, 3, 1], "only what a relief ended"
    equal, differences = rebuild(peer.store, peer.ledger, peer.reconciliation, check_only=True)
    assert equal, differences


def rule_of(node: SimNode, statement_id: bytes) -> tuple[State, str]:
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [statement_id])
    return State(row.state), row.rule


def _erasures_of(node: SimNode, today: Date = TODAY) -> Erasures:
    return Erasures(
        own=node.origin,
        registry=node.registry,
        now=node.clock.now,
        today=lambda: today,
        failpoints=node.failpoints,
    )


def test_ek8_what_may_be_counted_of_the_erased_stays_through_a_rebuild(city: SimNode) -> None:
    """List type, authority, days and state: nobody is found by them."""
    for number, until in ((1, 20281231), (2, 20281231), (3, 20261101), (4, 20281231)):
        city.list_(listing(number, audience=city.audience(), until=until))
    listed = rows(city)
    city.relieve(Kind.REPAIR, listed[0].statement_id)
    city.relieve(Kind.WITHDRAWAL, listed[1].statement_id)
    erase(city)

    def counted() -> list[tuple[object, ...]]:
        return [
            (row.kind, row.state, row.list_type, row.authority, row.decided_on, row.until)
            for row in rows(city)
            if row.opening == OpeningStatus.ERASED
        ]

    before = counted()
    assert [state for _, state, *_ in before] == [State.REPAIRED, State.WITHDRAWN, State.EXPIRED]
    of = [(one.list_type, one.authority, one.decided_on, one.until) for one in listed[:3]]
    assert [one[2:] for one in before] == of
    assert all(all(one) for one in of)
    with city.store.write() as session:
        session.drop_rows()
    rebuild(city.store, city.ledger, city.reconciliation, check_only=False)
    assert counted() == before
