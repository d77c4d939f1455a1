"""What was erased does not come back: suppression tags (SPEC §6.5) and RELISTING rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.charters.chain import advance
from federation.charters.draft import next_terms, without_member
from federation.charters.verification import Cut
from federation.errors import RefusedError
from federation.ids import Date, MemberId, StatementId, Timestamp
from federation.life.suppression import SUPPRESSED
from federation.payloads import Relisting, RelistingGround
from federation.peers.openings import PENDING
from federation.ports.journal import JournalEntry
from federation.rows import State, StatementRow
from federation.statements import AnnotationAction, Kind
from node.upkeep.rebuild import rebuild
from tests.support import charters as build
from tests.support.liar import HostileLog, Stream, row
from tests.support.simulation import Federation, SimNode, listing, relief_payload

Federate = Callable[..., Federation]
HUB = "510000"


def row_of(node: SimNode, statement_id: bytes) -> StatementRow:
    """The row of a statement."""
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [statement_id])
    return row


def suppress(node: SimNode, number: int) -> None:
    """Leave only the tag of a record, as after the erasure of all that was said of it."""
    key = listing(number, audience=node.audience()).key.pack()
    with node.store.write() as session:
        own = next(head for head in session.heads() if head.ours)
        session.append_journal(
            [
                JournalEntry(
                    at=node.clock.now(),
                    kind="suppression",
                    log=own.log,
                    index=own.size,
                    tag=node.keyring.suppression(key)[0],
                    until=20281231,
                )
            ]
        )


def relisting(node: SimNode, number: int, *reliefs: bytes) -> Relisting:
    """A RELISTING of a record, by two persons."""
    return Relisting(
        audience=node.audience(),
        reliefs=tuple(StatementId(relief) for relief in reliefs),
        document="川撤〔2026〕1号",
        decided_on=Date(20261121),
        ground=RelistingGround.FRAUD,
        approvals=2,
        payload=listing(number, audience=node.audience()),
    )


@pytest.fixture
def city(federate: Federate) -> SimNode:
    return federate("510300")["510300"]


def test_a_statement_that_a_tag_matches_applies_nothing(city: SimNode) -> None:
    suppress(city, 1)
    listed = city.list_(listing(1, audience=city.audience()))
    other = city.list_(listing(2, audience=city.audience()))
    assert (row_of(city, listed).state, row_of(city, listed).rule) == (State.REPAIRED, SUPPRESSED)
    assert row_of(city, other).state == State.ACTIVE


def test_nothing_said_later_revives_what_a_tag_ended(city: SimNode) -> None:
    suppress(city, 1)
    content = listing(1, audience=city.audience())
    listed = city.list_(content)
    submission = city.registry.annotate(
        city.tokens(16).hex(),
        statement_id=listed,
        action=AnnotationAction.OBJECTION_OPENED,
        document="",
        decided_on=Date(20261121),
    )
    city.run(submission.unit)
    assert (row_of(city, listed).state, row_of(city, listed).rule) == (State.REPAIRED, SUPPRESSED)


def test_nothing_is_known_of_a_record_that_is_neither_listed_nor_relieved(city: SimNode) -> None:
    said = {number: listing(number, audience=city.audience()) for number in (1, 2, 3, 4)}
    city.list_(said[1])
    city.relieve(Kind.REPAIR, city.list_(said[2]))
    suppress(city, 3)
    facts = {number: city.payloads.written(one).facts for number, one in said.items()}
    with city.store.read() as session:
        standing = city.registry.standing(session, list(facts.values()))
    assert [n for n, one in facts.items() if standing.knows_nothing(one.key)] == [4]
    standing.add(facts[4].key)
    assert not standing.knows_nothing(facts[4].key)


def test_a_relisting_lifts_the_tag_of_its_own_relief_only(city: SimNode) -> None:
    listed = city.list_(listing(1, audience=city.audience()))
    first = city.relieve(Kind.REPAIR, listed)
    second = city.relieve(Kind.WITHDRAWAL, listed)
    city.say(city.draft(Kind.RELISTING, relisting(city, 1, first), about=first))
    assert row_of(city, listed).state == State.WITHDRAWN
    late = city.list_(listing(1, audience=city.audience()))
    assert row_of(city, late).state == State.WITHDRAWN
    city.say(city.draft(Kind.RELISTING, relisting(city, 1, second), about=second))
    assert row_of(city, listed).state == State.ACTIVE
    with city.store.read() as session:
        key = listing(1, audience=city.audience()).key.pack()
        assert not session.suppressed(list(city.keyring.suppression(key)))


def test_a_relisting_that_is_not_about_its_first_relief_is_set_aside(city: SimNode) -> None:
    listed = city.list_(listing(1, audience=city.audience()))
    relief = city.relieve(Kind.REPAIR, listed)
    said = city.draft(Kind.RELISTING, relisting(city, 1, bytes(16), relief), about=relief)
    city.say(said)
    assert row_of(city, said.statement_id).rule == "relisting.about"
    assert row_of(city, listed).state == State.REPAIRED


def test_a_registry_relisting_names_every_relief(city: SimNode) -> None:
    listed = city.list_(listing(1, audience=city.audience()))
    relief = city.relieve(Kind.REPAIR, listed)
    city.relieve(Kind.WITHDRAWAL, listed)
    submission = city.registry.relist(
        city.tokens(16).hex(),
        relief=relief,
        document="川撤〔2026〕1号",
        decided_on=Date(20261121),
        ground=RelistingGround.FRAUD,
        by=("甲", "乙"),
        note="",
    )
    city.run(submission.unit)
    assert row_of(city, listed).state == State.ACTIVE


def test_nobody_relists_without_the_right_to_list(
    city: SimNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    relief = city.relieve(Kind.REPAIR, city.list_(listing(1, audience=city.audience())))
    asked: list[int] = []

    def fault(_index: int, kind: int, _listing: object) -> str:
        asked.append(kind)
        return "entitlement.list-type"

    monkeypatch.setattr(city.registry, "rights_fault", fault)
    submission = city.registry.relist(
        city.tokens(16).hex(),
        relief=relief,
        document="川撤〔2026〕1号",
        decided_on=Date(20261121),
        ground=RelistingGround.FRAUD,
        by=("甲", "乙"),
        note="",
    )
    with pytest.raises(RefusedError) as caught:
        city.run(submission.unit)
    assert (caught.value.code, asked) == ("entitlement.list-type", [Kind.RELISTING])


def test_a_relief_that_a_later_charter_cuts_off_suspends_and_its_tag_says_no_more(
    federate: Federate,
) -> None:
    federation = federate("510300", "510500")
    city, peer = federation["510300"], federation["510500"]
    federation.connect("510300", "510500")
    listed = city.list_(listing(1, audience=city.audience()))
    federation.settle()
    served = city.exchange.served()[city.origin]
    cut = Cut(size=served.size, root=city.root_at(served.size), note=served.note)
    city.relieve(Kind.REPAIR, listed)
    federation.settle()
    assert peer.state(listed) is State.REPAIRED
    (chain,) = peer.chains
    now = peer.clock.now()
    terms = next_terms(chain.latest, issued_at=now, not_after=Timestamp(now + 86_400))
    voters = chain.latest.terms.voters.values()
    removed = without_member(terms, MemberId(city.member), cut)
    peer.chains = (advance(chain, build.sign_all(removed, voters)),)
    peer.refresh_charters()
    peer.exchange.charters_changed()
    suspended = (State.ACTIVE, "suspended.relief-beyond-cut")
    assert (row_of(peer, listed).state, row_of(peer, listed).rule) == suspended
    assert rebuild(peer.store, peer.ledger, peer.reconciliation, check_only=False) == (True, [])
    assert (row_of(peer, listed).state, row_of(peer, listed).rule) == suspended


def test_a_relief_that_is_opened_after_its_relisting_leaves_no_tag(city: SimNode) -> None:
    log = HostileLog(HUB)
    content = listing(1, audience=city.audience())
    relief = log.relieve(content, log.list_(content))
    log.say(Kind.RELISTING, relisting(city, 1, relief), about=relief)
    stream = Stream(city, HUB)
    batch = log.batch()
    openings = (PENDING, PENDING, batch.openings[2])
    assert stream.send(replace(batch, openings=openings)) == ""
    assert stream.send(log.late(1), log.late(0)) == ""
    with city.store.read() as session:
        assert not session.has_suppressions()
    assert row(city, log.statement_id(0), HUB).state == State.ACTIVE


def test_a_tag_lasts_as_long_as_the_listings_that_it_ended(city: SimNode) -> None:
    """A relief that states an early end, as one that slipped does, revives nothing after it."""
    said = listing(1, audience=city.audience(), until=20281231)
    listed = city.list_(said)
    early = replace(relief_payload(said, city.audience()), publish_until=Date(20261130))
    city.say(city.draft(Kind.REPAIR, early, about=listed))
    tag = city.keyring.suppression(said.key.pack())[0]
    with city.store.read() as session:
        assert list(session.suppressed_until([tag]).values()) == [20281231]
