"""Acts about what another node has said: in force, reaching nothing, and said to be so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.charters.verification import Entitlements, Role
from federation.ids import Date
from federation.payloads import Annotation, Correction
from federation.ports.receipts import Told
from federation.reconcile.receipts import ReceiptOutcome, outcome
from federation.rows import NOT_YOURS, State
from federation.statements import AnnotationAction, Kind
from tests.support import charters as build
from tests.support.liar import HostileLog, Stream, invented, row
from tests.support.simulation import Federation, SimNode, leaf_hash_of

HONEST = "511500"
RIGHTS = Entitlements(
    kinds=build.ALL_KINDS,
    lists=(replace(build.LIST_RIGHTS[0], authorities=("11510300MB0000002B",)),),
)


@pytest.fixture
def victim(federate: Callable[..., Federation]) -> SimNode:
    """A node of an alliance in which 510300 is competent for its own authority only."""
    members = [
        build.make_member("510300", entitlements=RIGHTS),
        *map(build.make_member, ("510500", HONEST)),
        build.make_member("510000", roles=(Role.HUB, Role.WITNESS)),
    ]
    return federate("510500", members=members)["510500"]


@pytest.fixture
def honest(victim: SimNode) -> HostileLog:
    """The log of 511500, with one listing, held by the victim."""
    log = HostileLog(HONEST)
    log.list_(invented(victim, 1))
    assert Stream(victim, HONEST).send(log.batch()) == ""
    return log


def annotation(victim: SimNode) -> Annotation:
    content = invented(victim, 1)
    return Annotation(
        audience=content.audience,
        record=content.key,
        authority=build.COURT,
        document="川异〔2026〕1号",
        decided_on=Date(20261101),
    )


def test_acts_about_anothers_listing_bear_the_code(
    victim: SimNode, stream: Stream, honest: HostileLog
) -> None:
    content, listed = invented(victim, 1), honest.statement_id(0)
    correction = Correction(
        audience=content.audience,
        replaces=leaf_hash_of(victim, listed),
        payload=replace(content, authority="11510300MB0000002B"),
    )
    liar = HostileLog()
    said = [
        liar.say(Kind.CORRECTION, correction, about=listed),
        liar.say(
            Kind.ANNOTATION,
            annotation(victim),
            action=AnnotationAction.MASKING_BEGUN,
            about=listed,
        ),
        liar.relieve(content, listed),
        liar.relieve(content, listed, Kind.WITHDRAWAL),
        liar.say(Kind.REPAIR, b"unreadable", about=listed),
    ]
    mine = replace(content, authority="11510300MB0000002B")
    own = liar.relieve(mine, liar.list_(mine))
    assert stream.send(liar.batch()) == ""
    for one in said:
        found = row(victim, one)
        assert (found.state, found.rule) == (State.IN_FORCE, NOT_YOURS)
        assert outcome(found, 0, reaches=False) == Told(ReceiptOutcome.OPENED, NOT_YOURS)
    assert row(victim, own).rule == ""
    assert row(victim, listed, HONEST).state == State.ACTIVE
    assert victim.exchange.blamed() == {}


def test_it_is_said_when_what_they_name_arrives(victim: SimNode, stream: Stream) -> None:
    """Until then an act waits, and bears no code."""
    honest, liar = HostileLog(HONEST), HostileLog()
    listed = honest.list_(invented(victim, 1))
    relief = liar.relieve(invented(victim, 1), listed)
    assert stream.send(liar.batch()) == ""
    assert row(victim, relief).rule == ""
    assert Stream(victim, HONEST).send(honest.batch()) == ""
    assert (row(victim, relief).state, row(victim, relief).rule) == (State.IN_FORCE, NOT_YOURS)
    victim.restart()
    assert row(victim, relief).rule == NOT_YOURS


def test_an_id_taken_by_another_log_makes_no_act_anothers(
    victim: SimNode, stream: Stream, honest: HostileLog
) -> None:
    """Who copies a listing's id takes no act of its own node away."""
    listed = honest.statement_id(0)
    note = honest.say(
        Kind.ANNOTATION, annotation(victim), action=AnnotationAction.PAUSED, about=listed
    )
    liar = HostileLog()
    liar.say(Kind.LISTING, invented(victim, 9), statement_id=listed)
    assert stream.send(liar.batch()) == ""
    assert Stream(victim, HONEST).send(honest.batch()) == ""
    assert (row(victim, note, HONEST).rule, row(victim, listed, HONEST).state) == (
        "",
        State.PAUSED,
    )


def test_relief_of_a_competent_node_acts_also_so(victim: SimNode, honest: HostileLog) -> None:
    """L2: it names the copy of another node, and ends every copy of the record all the same."""
    content = invented(victim, 1)
    own = victim.list_(content)
    relief = honest.relieve(content, own)
    assert Stream(victim, HONEST).send(honest.batch()) == ""
    found = row(victim, relief, HONEST)
    assert (found.state, found.rule) == (State.IN_FORCE, NOT_YOURS)
    assert victim.state(own) == State.REPAIRED
    assert row(victim, honest.statement_id(0), HONEST).state == State.REPAIRED
    assert outcome(found, 0, reaches=True) == Told(ReceiptOutcome.APPLIED, NOT_YOURS)
