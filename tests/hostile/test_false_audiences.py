"""Openings that were meant for others: another alliance, or another member of one's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from huxin.v1 import payload_pb2 as pb

from federation.ids import CharterId, LeafHash, MemberId
from federation.payloads import Audience, Correction, Listing
from federation.rows import OpeningStatus, State
from federation.statements import Kind
from tests.support import charters as build
from tests.support.liar import PAYLOADS, HostileLog, Stream, invented, row, rows, stored_payload
from tests.support.simulation import Federation, SimNode

HUB = "510000"
CODE = "opening.not-for-us"


def elsewhere(node: SimNode) -> Audience:
    """An alliance of which the node knows nothing."""
    return replace(node.audience(), charters=(CharterId(b"elsewhere".ljust(32, b"-")),))


def for_another_member(node: SimNode) -> Audience:
    """The node's own alliance, but only one of its other members."""
    return replace(node.audience(), members=("511500.huxin.example",))


@pytest.fixture(params=[elsewhere, for_another_member])
def others(request: pytest.FixtureRequest, victim: SimNode) -> Audience:
    """An audience of which the victim is not part."""
    made: Audience = request.param(victim)
    return made


@pytest.fixture
def mixed(victim: SimNode, others: Audience) -> HostileLog:
    """Two listings for the victim, and between them one for others."""
    log = HostileLog()
    for number in (1, 2, 3):
        content = invented(victim, number)
        log.list_(content if number != 2 else replace(content, audience=others))
    return log


@pytest.mark.parametrize("liar", ["510300", HUB])
def test_it_is_not_kept_and_the_rest_of_the_batch_is(
    victim: SimNode, mixed: HostileLog, liar: str
) -> None:
    stream = Stream(victim, liar)
    assert stream.send(mixed.batch()) == ""
    assert victim.exchange.blamed() == {(liar, CODE): 1}
    found = rows(victim)
    assert [(one.opening, one.rule) for one in found] == [
        (OpeningStatus.PRESENT, ""),
        (OpeningStatus.NOT_FOR_US, "opening.missing"),
        (OpeningStatus.PRESENT, ""),
    ]
    assert found[1].subject_tag is None
    assert stored_payload(victim, found[1].statement_id) is None
    assert victim.exchange.missing_openings(10) == {}


def test_it_is_not_kept_when_it_comes_late_or_as_an_answer(
    victim: SimNode, stream: Stream, mixed: HostileLog
) -> None:
    assert stream.send(mixed.batch(), mixed.late(1)) == ""
    late = [(1, mixed.openings[1])]
    assert victim.exchange.take_openings(mixed.origin, late, stream.peer) == 0
    assert victim.exchange.blamed() == {("510300", CODE): 3}
    assert stored_payload(victim, rows(victim)[1].statement_id) is None


@pytest.mark.parametrize("kind", [Kind.REPAIR, Kind.WITHDRAWAL])
def test_what_relieves_a_subject_is_kept_whoever_it_was_meant_for(
    victim: SimNode, stream: Stream, kind: Kind, others: Audience
) -> None:
    log, content = HostileLog(), invented(victim)
    copied = victim.list_(content)
    listed = log.list_(content)
    log.relieve(replace(content, audience=others), listed, kind)
    assert stream.send(log.batch()) == ""
    assert victim.exchange.blamed() == {}
    assert victim.state(copied) == row(victim, listed).state != State.ACTIVE


def test_who_may_receive_nothing_keeps_nothing_and_blames_nobody(
    federate: Callable[..., Federation],
) -> None:
    """The sender's charter may be a version behind ours: it is no lie."""
    cities = [build.make_member(region) for region in ("510300", "511500")]
    blind = build.make_member("510500", receives=())
    victim = federate("510500", members=[*cities, blind])["510500"]
    log = HostileLog()
    log.list_(invented(victim))
    assert Stream(victim).send(log.batch()) == ""
    assert rows(victim)[0].opening == OpeningStatus.NOT_FOR_US
    assert victim.exchange.blamed() == {}


def test_a_name_that_the_reader_does_not_know_may_be_its_new_one(
    victim: SimNode, stream: Stream
) -> None:
    """The sender's charter may be a version ahead of ours: not kept, and no lie."""
    log = HostileLog()
    named = replace(victim.audience(), members=("511500.huxin.example", "new.huxin.example"))
    log.list_(replace(invented(victim), audience=named))
    assert stream.send(log.batch()) == ""
    assert rows(victim)[0].opening == OpeningStatus.NOT_FOR_US
    assert victim.exchange.blamed() == {}


def _unknown_action(log: HostileLog, content: Listing) -> None:
    log.say(Kind.LISTING, content, action=9)


def _about_nothing(log: HostileLog, content: Listing) -> None:
    replaced = LeafHash(bytes(32))
    log.say(
        Kind.CORRECTION,
        Correction(audience=content.audience, replaces=replaced, payload=content),
    )


def _invalid(log: HostileLog, content: Listing) -> None:
    wrong = pb.Listing.FromString(PAYLOADS.encode(content))
    wrong.listed_on = 20260230
    log.say(Kind.LISTING, wrong.SerializeToString())


def _of_a_later_reader(log: HostileLog, content: Listing) -> None:
    later = pb.Listing.FromString(PAYLOADS.encode(content))
    later.min_reader = 9
    log.say(Kind.LISTING, later.SerializeToString())


ASIDE = [_unknown_action, _about_nothing, _invalid, _of_a_later_reader]


@pytest.mark.parametrize("say", ASIDE)
def test_what_is_set_aside_is_not_kept_either(
    victim: SimNode, stream: Stream, others: Audience, say: Callable[[HostileLog, Listing], None]
) -> None:
    log = HostileLog()
    say(log, replace(invented(victim), audience=others))
    assert stream.send(log.batch()) == ""
    assert victim.exchange.blamed() == {("510300", CODE): 1}
    assert rows(victim)[0].opening == OpeningStatus.NOT_FOR_US
    assert stored_payload(victim, log.statement_id(0)) is None


@pytest.mark.parametrize("say", ASIDE)
def test_what_is_set_aside_goes_on_to_those_whom_it_is_for(
    victim: SimNode, stream: Stream, say: Callable[[HostileLog, Listing], None]
) -> None:
    """A newer reader may make sense of it."""
    log, named = HostileLog(), ("510500.huxin.example", "511500.huxin.example")
    content = invented(victim)
    say(log, replace(content, audience=replace(content.audience, members=named)))
    assert stream.send(log.batch()) == ""
    assert rows(victim)[0].state in (State.SET_ASIDE, State.HELD)
    answers = {
        reader: victim.exchange.openings_for(MemberId(reader), log.origin, [0])[0].status
        for reader in ("511500", HUB)
    }
    assert answers == {"511500": OpeningStatus.PRESENT, HUB: OpeningStatus.NOT_FOR_US}
