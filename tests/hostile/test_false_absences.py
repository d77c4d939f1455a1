"""Whoever says that an opening is erased, or not for us, and nobody else says so (SPEC §9.5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from federation.payloads import Correction, Erasure, ErasureGround
from federation.peers.openings import PENDING, DeliveredOpening
from federation.rows import OpeningStatus, State
from federation.statements import Kind
from node.upkeep.rebuild import rebuild
from tests.support import charters as build
from tests.support.liar import HostileLog, Stream, invented, row, rows
from tests.support.simulation import Federation, SimNode, leaf_hash_of

Federate = Callable[..., Federation]
HUB = "510000"
ERASED = DeliveredOpening(OpeningStatus.ERASED)
NOT_FOR_US = DeliveredOpening(OpeningStatus.NOT_FOR_US)


def erase(
    log: HostileLog, about: bytes, ground: ErasureGround = ErasureGround.REPAIRED
) -> tuple[int, bytes]:
    """Say an erasure; its index and id."""
    said = log.say(Kind.ERASURE, Erasure(ground=ground, erased_at=build.NOW), about=about)
    return log.size - 1, said


def with_openings(log: HostileLog, **absent: DeliveredOpening) -> None:
    """Deliver from now on these openings instead (`i3=ERASED`)."""
    for name, opening in absent.items():
        log.openings[int(name[1:])] = opening


def assert_derivable(node: SimNode) -> None:
    """The rows are what the leaves give, whatever was said about them."""
    assert rebuild(node.store, node.ledger, node.reconciliation, check_only=True) == (True, [])


@pytest.mark.parametrize("peer", ["510300", HUB])
@pytest.mark.parametrize("claimed", [0, 1, 2, 4, 99])
def test_e2_erased_is_nobody_s_word(
    victim: SimNode, log: HostileLog, peer: str, claimed: int
) -> None:
    """Not even the origin's own node erases an opening without saying so in its log."""
    with_openings(log, i1=ERASED._replace(erased_by=claimed))
    assert Stream(victim, peer).send(log.batch()) == ""
    assert [r.opening for r in rows(victim)] == [1, 4, 1, 1]
    assert victim.exchange.missing_openings(10) == {log.origin: [1]}
    assert rows(victim)[1].rule == "opening.missing"
    assert victim.exchange.blamed() == {}


@pytest.mark.parametrize("ground", [g for g in ErasureGround if g])
def test_e2_the_origin_s_erasure_is_believed_whatever_came_first(
    victim: SimNode, stream: Stream, ground: ErasureGround
) -> None:
    """By the leaves held alone: cut anywhere, and whatever the deliverer says beside them."""
    log = HostileLog()
    listed = log.list_(invented(victim))
    log.list_(invented(victim, 2))
    erase(log, listed, ground)
    for said in (ERASED, PENDING, NOT_FOR_US):
        with_openings(log, i0=said)
        for cut in (1, 2, 3):
            node = victim
            assert stream.send(log.batch(0, cut, cut)) == ""
            if cut < log.size:
                assert row(node, listed).opening == (
                    OpeningStatus.NOT_FOR_US if said == NOT_FOR_US else OpeningStatus.PENDING
                )
                assert stream.send(log.batch(cut)) == ""
            found = row(node, listed)
            assert found.opening == OpeningStatus.ERASED
            assert (found.state, found.rule) == {
                ErasureGround.REPAIRED: (State.REPAIRED, "erasure.repaired"),
                ErasureGround.WITHDRAWN: (State.WITHDRAWN, "erasure.withdrawn"),
                ErasureGround.EXPIRED: (State.EXPIRED, "erasure.expired"),
                ErasureGround.ORDERED: (State.ACTIVE, "erasure.ordered"),
            }[ground]
            assert node.exchange.missing_openings(10) == {}
            assert found.header_state == State.ACTIVE
            assert_derivable(node)
            with node.store.write() as session:  # begin anew
                head = session.head(log.origin)
                assert head is not None
                session.set_back(head, 0)
            node.restart()
            stream.session = stream._open()


def test_e2_an_erasure_of_another_statement_or_origin_or_beyond_belief_says_nothing(
    victim: SimNode, stream: Stream
) -> None:
    log, other = HostileLog(), HostileLog("511500")
    listed = log.list_(invented(victim, 1))
    log.list_(invented(victim, 2))
    erase(log, log.fresh_id())  # of nothing that stands
    erase(log, log.statement_id(1))  # of another statement
    log.say(Kind.ERASURE, b"\x08\x01\x18\x00", about=listed)  # without a ground
    log.say(Kind.ERASURE, b"\x08\x01\x18\x07", about=listed)  # on a ground that nobody knows
    log.say(Kind.ERASURE, b"", about=listed)
    log.say(Kind.ERASURE, Erasure(ground=ErasureGround.REPAIRED, erased_at=build.NOW))
    erase(other, listed)  # another origin's
    with_openings(log, i0=ERASED._replace(erased_by=3))
    assert stream.send(log.batch()) == ""
    assert Stream(victim, "511500").send(other.batch()) == ""
    found = row(victim, listed)
    assert (found.opening, found.state) == (OpeningStatus.PENDING, State.ACTIVE)
    assert victim.exchange.missing_openings(10) == {log.origin: [0]}
    assert row(victim, log.statement_id(1)).opening == OpeningStatus.PRESENT, "it is held here"
    assert_derivable(victim)


def test_e2_an_erasure_whose_own_opening_is_late_is_believed_then(
    victim: SimNode, stream: Stream
) -> None:
    log = HostileLog()
    listed = log.list_(invented(victim))
    erase(log, listed)
    true = log.openings[1]
    with_openings(log, i0=ERASED._replace(erased_by=2), i1=PENDING)
    assert stream.send(log.batch()) == ""
    assert row(victim, listed).opening == OpeningStatus.PENDING
    assert victim.exchange.missing_openings(10) == {log.origin: [0, 1]}
    assert victim.exchange.take_openings(log.origin, [(1, true)], stream.peer) == 1
    found = row(victim, listed)
    assert (found.opening, found.state) == (OpeningStatus.ERASED, State.REPAIRED)
    assert_derivable(victim)


def test_e1_a_relief_is_not_erased_by_any_word(victim: SimNode, stream: Stream) -> None:
    """Its origin may hide it as little as anybody: it is asked for until it comes."""
    log, content = HostileLog(), invented(victim)
    copied = victim.list_(content)
    listed = log.list_(content)
    relief = log.relieve(content, listed)
    true = log.openings[1]
    erase(log, relief)
    with_openings(log, i1=ERASED._replace(erased_by=3))
    assert stream.send(log.batch()) == ""
    assert row(victim, relief).opening == OpeningStatus.PENDING
    victim.exchange.take_not_for_us(log.origin, [1])
    assert victim.exchange.missing_openings(10) == {log.origin: [1]}
    assert victim.exchange.take_openings(log.origin, [(1, true)], stream.peer) == 1
    assert victim.state(copied) == State.REPAIRED


def test_e2_what_is_held_stays_held_and_is_served_on(victim: SimNode, stream: Stream) -> None:
    """An ERASURE erases nothing here at once; §6.5 says when a reader erases."""
    log = HostileLog()
    listed = log.list_(invented(victim))
    assert stream.send(log.batch()) == ""
    erase(log, listed, ErasureGround.ORDERED)
    assert stream.send(log.batch(1)) == ""
    found = row(victim, listed)
    assert (found.opening, found.state, found.rule) == (
        OpeningStatus.PRESENT,
        State.ACTIVE,
        "erasure.ordered",
    )


def test_e2_a_correction_erased_goes_on_suspending(victim: SimNode, stream: Stream) -> None:
    log, content = HostileLog(), invented(victim)
    listed = log.list_(content)
    assert stream.send(log.batch()) == ""
    correction = log.say(
        Kind.CORRECTION,
        Correction(
            audience=content.audience, replaces=leaf_hash_of(victim, listed), payload=content
        ),
        about=listed,
    )
    erase(log, correction)
    with_openings(log, i1=ERASED._replace(erased_by=3))
    assert stream.send(log.batch(1)) == ""
    assert row(victim, correction).opening == OpeningStatus.ERASED
    assert row(victim, listed).rule == "correction.unopened"
    assert victim.exchange.missing_openings(10) == {}


def test_e2_after_an_upgrade_erasures_are_read_again(victim: SimNode, stream: Stream) -> None:
    """As migration 0007 leaves a database in which the ground of an ERASURE was not read."""
    log = HostileLog()
    listed = log.list_(invented(victim))
    _, said = erase(log, listed)
    with_openings(log, i0=ERASED)
    assert stream.send(log.batch()) == ""
    with victim.store.write() as session:
        session.put_read_by(b"")
        session.replace_rows(
            [
                row(victim, listed)._replace(
                    opening=OpeningStatus.PENDING, state=State.ACTIVE, rule="opening.missing"
                ),
                row(victim, said)._replace(
                    state=State.SET_ASIDE, rule="entitlement.segment", names=None
                ),
            ]
        )
    victim.restart()
    victim.exchange.published()
    found = row(victim, listed)
    assert (found.opening, found.state) == (OpeningStatus.ERASED, State.REPAIRED)


# ---------------------------------------------------------------------------- not for you


def test_e3_not_for_you_is_the_origin_s_to_say(victim: SimNode, log: HostileLog) -> None:
    with_openings(log, i1=NOT_FOR_US)
    assert Stream(victim, HUB).send(log.batch(0, 2, 2)) == ""
    assert [r.opening for r in rows(victim)] == [1, 4]
    with_openings(log, i2=NOT_FOR_US)
    assert Stream(victim).send(log.batch(2)) == ""
    assert [r.opening for r in rows(victim)] == [1, 4, 2, 1]
    assert victim.exchange.missing_openings(10) == {log.origin: [1]}


def test_e3_once_believed_it_is_remembered_and_a_late_opening_is_still_taken(
    victim: SimNode, log: HostileLog
) -> None:
    true = log.openings[1]
    with_openings(log, i1=NOT_FOR_US)
    stream = Stream(victim, HUB)
    assert stream.send(log.batch()) == ""
    victim.exchange.take_not_for_us(log.origin, [1, 0, 3, 77])
    assert [r.opening for r in rows(victim)] == [1, 2, 1, 1]
    victim.restart()
    assert victim.exchange.missing_openings(10) == {}
    assert_derivable(victim)
    assert victim.exchange.take_openings(log.origin, [(1, true)], stream.peer) == 1
    assert (rows(victim)[1].opening, rows(victim)[1].rule) == (1, "")


def test_e3_prepared_for_one_peer_is_not_taken_of_another(victim: SimNode, log: HostileLog) -> None:
    """What was checked beforehand on the hub's stream carries the hub's word, not the origin's."""
    with_openings(log, i0=NOT_FOR_US)
    hub, own = Stream(victim, HUB), Stream(victim)
    from_hub = victim.exchange.prepare(hub.session, log.batch())
    victim.exchange.prepare(own.session, log.batch())
    victim.exchange.handle(hub.session, from_hub)
    assert rows(victim)[0].opening == OpeningStatus.PENDING


# ---------------------------------------------------------------------------- who serves what


def test_a_late_joiner_shows_the_ground(federate: Federate) -> None:
    """Listed, ended and erased before it came; the opening of the listing comes from nobody."""
    federation = federate("510300", "511500")
    city, late = federation["510300"], federation["511500"]
    listed = city.list_(invented(city))
    expired = city.list_(invented(city, 2))
    city.relieve(Kind.REPAIR, listed)
    for said, ground in (
        (listed, ErasureGround.REPAIRED),
        (expired, ErasureGround.EXPIRED),
    ):
        erasure = Erasure(ground=ground, erased_at=federation.clock.now())
        city.say(city.draft(Kind.ERASURE, erasure, about=said))
        with city.store.write() as session:
            (found,) = session.rows_by_id(None, [said])
            session.erase_openings(found.log, [found.idx])
            session.replace_rows([found._replace(opening=OpeningStatus.ERASED)])
    federation.connect("511500", "510300")
    federation.settle()
    assert late.state(listed) == State.REPAIRED
    assert (late.state(expired), row(late, expired, "510300").rule) == (
        State.EXPIRED,
        "erasure.expired",
    )
    served = late.exchange.openings_for(city.member, city.origin, [0, 1, 2])
    assert served[0] == ERASED._replace(erased_by=4)
    assert served[1] == ERASED._replace(erased_by=5)
    assert served[2].status == OpeningStatus.PRESENT
    assert late.exchange.missing_openings(10) == {}
    assert_derivable(late)


def test_who_erased_before_the_origin_said_so_is_asked_and_hinders_nothing(
    federate: Federate,
) -> None:
    """A hub erased after the relief; who comes late asks on, and learns the end all the same."""
    federation = federate("510300", "510000", "511500")
    city, hub, late = federation["510300"], federation["510000"], federation["511500"]
    listed = city.list_(invented(city))
    kept = city.list_(invented(city, 2))
    federation.connect("510300", "510000")
    city.relieve(Kind.REPAIR, listed)
    federation.settle()
    with hub.store.write() as session:
        for one in (listed, kept):  # the second falsely: it stands
            (found,) = session.rows_by_id(None, [one])
            session.erase_openings(found.log, [found.idx])
            session.replace_rows([found._replace(opening=OpeningStatus.ERASED)])
    assert hub.exchange.openings_for(late.member, city.origin, [0, 1]) == [ERASED, ERASED]
    federation.connect("510000", "511500")
    federation.settle()
    assert late.state(listed) == State.REPAIRED, "by the header of the repair"
    assert (late.state(kept), row(late, kept, "510300").rule) == (State.ACTIVE, "opening.missing")
    assert late.exchange.missing_openings(10) == {city.origin: [0, 1]}
    answers = city.exchange.openings_for(late.member, city.origin, [0, 1])
    late.exchange.take_openings(city.origin, list(zip([0, 1], answers, strict=True)), city.member)
    assert row(late, kept, "510300").rule == ""
