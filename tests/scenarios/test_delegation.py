"""A delegation that is closed below what was said under it, and what an id said twice suspends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation.charters.chain import advance
from federation.charters.verification import Entitlements, Role
from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.names import ANNOTATION_ACTIONS
from federation.payloads import Annotation, RelistingGround
from federation.rows import State
from federation.statements import FLAG_SUSPEND_IF_UNKNOWN, AnnotationAction, Kind, ScenarioAction
from tests.support import charters as build
from tests.support.desks import records_of
from tests.support.payload_kinds import SCENARIO
from tests.support.simulation import Federation, SimNode, listing, relief_payload

CITY, HUB, READER = "510300", "510000", "510500"


def rule_of(node: SimNode, statement_id: bytes) -> tuple[State, str]:
    """State and rule of the first statement with this id."""
    with node.store.read() as session:
        row = session.rows_by_id(None, [statement_id])[0]
    return State(row.state), row.rule


def test_a_relief_beyond_the_end_of_its_delegation_suspends(tmp_path: Path) -> None:
    plain = Entitlements(kinds=build.ALL_KINDS)
    hub = build.make_member(HUB, roles=(Role.HUB,), entitlements=plain)
    open_span = build.make_member(CITY, delegations=[build.make_delegation(HUB)])
    chain = build.make_chain([open_span, build.make_member(READER), hub])
    federation = Federation(tmp_path, (CITY, HUB, READER), [chain])
    federation.connect(CITY, HUB)
    federation.connect(READER, HUB)
    city, delegate, reader = federation[CITY], federation[HUB], federation[READER]
    said = listing(1, audience=city.audience())
    listed = city.list_(said)
    federation.settle()
    relief = relief_payload(said, delegate.audience())
    (placed,) = delegate.say(delegate.draft(Kind.REPAIR, relief, about=listed))
    federation.settle()
    assert rule_of(reader, listed) == (State.REPAIRED, "relief.direct")

    closed = replace(open_span, delegations=(build.make_delegation(HUB, to_index=placed.index),))
    members = tuple(closed if m.id == CITY else m for m in chain.latest.terms.members)
    terms = build.next_version(chain.latest, members=members)
    reader.chains = (advance(chain, build.sign_all(terms)),)
    reader.refresh_charters()
    reader.exchange.charters_changed()
    assert rule_of(reader, listed) == (State.ACTIVE, "suspended.relief-beyond-cut")
    assert rule_of(reader, placed.statement_id) == (State.IN_FORCE, "")
    for node in federation.nodes.values():
        node.store.close()


def test_a_masking_beyond_the_end_of_its_delegation_suspends(tmp_path: Path) -> None:
    """In the subject's favour: what a delegate began to mask is not free to punish by a charter."""
    plain = Entitlements(kinds=build.ALL_KINDS)
    hub = build.make_member(HUB, roles=(Role.HUB,), entitlements=plain)
    lent = build.make_member(CITY, delegations=[build.make_delegation(HUB, 0, 1)])
    federation = Federation(
        tmp_path, (CITY, HUB), [build.make_chain([lent, build.make_member(READER), hub])]
    )
    federation.connect(CITY, HUB)
    city, delegate = federation[CITY], federation[HUB]
    said = [listing(number, audience=city.audience()) for number in (1, 2)]
    masked, other = [city.list_(one) for one in said]
    federation.settle()
    for about, one, action in (
        (masked, said[0], AnnotationAction.MASKING_BEGUN),
        (other, said[1], AnnotationAction.PAUSED),
    ):
        payload = Annotation(
            audience=city.audience(),
            record=one.key,
            authority=build.COURT,
            document="（2026）川05破1号",
            decided_on=Date(20261001),
        )
        delegate.say(delegate.draft(Kind.ANNOTATION, payload, action=action, about=about))
    federation.settle()
    for node in federation.nodes.values():
        assert rule_of(node, masked) == (State.MASKED, "")
        assert rule_of(node, other) == (State.ACTIVE, "suspended.relief-beyond-cut")
        node.store.close()


def test_an_unknown_statement_suspends_also_under_an_id_said_before(tmp_path: Path) -> None:
    chain = build.make_chain([build.make_member(CITY), build.make_member(READER)])
    federation = Federation(tmp_path, (CITY, READER), [chain])
    federation.connect(CITY, READER)
    city, reader = federation[CITY], federation[READER]
    said = listing(1, audience=city.audience())
    listed = city.list_(said)
    again = city.draft(Kind.LISTING, said, about=listed, statement_id=listed)
    city.say(again._replace(kind=98, flags=FLAG_SUSPEND_IF_UNKNOWN))
    federation.settle()
    assert rule_of(reader, listed) == (State.ACTIVE, "suspended.unknown-statement")
    for node in federation.nodes.values():
        node.store.close()


DECIDED = Date(20261001)


@pytest.fixture
def lent(tmp_path: Path) -> Iterator[Federation]:
    """The hub is the city's delegate and speaks in a log of its own."""
    hub = build.make_member(HUB, roles=(Role.HUB,))
    city = build.make_member(CITY, delegations=[build.make_delegation(HUB)])
    chain = build.make_chain([city, build.make_member(READER), hub])
    federation = Federation(tmp_path, (CITY, HUB, READER), [chain])
    federation.connect(CITY, HUB)
    federation.connect(READER, HUB)
    yield federation
    for node in federation.nodes.values():
        node.store.close()


def annotate(node: SimNode, number: int, about: StatementId, action: AnnotationAction) -> None:
    """Say something of a listing, as the registry lets."""
    node.run(
        node.registry.annotate(
            f"{number:032x}",
            statement_id=about,
            action=action,
            document="（2026）川05破1号",
            decided_on=DECIDED,
        ).unit
    )


def shown(node: SimNode, about: StatementId) -> tuple[str, ...]:
    """What a node says is open of a listing."""
    with node.store.read() as session:
        (view,) = records_of(node).views(session, session.rows_by_id(None, [about]))
    return view.annotations


def test_what_a_delegate_began_is_shown_and_ended_by_it_and_by_the_city(lent: Federation) -> None:
    city, delegate = lent[CITY], lent[HUB]
    listed = city.list_(listing(1, audience=city.audience()))
    lent.settle()
    for number, (begins, ends, ender) in enumerate(
        (
            (AnnotationAction.MASKING_BEGUN, AnnotationAction.MASKING_ENDED, delegate),
            (AnnotationAction.OBJECTION_OPENED, AnnotationAction.OBJECTION_CLOSED, city),
        )
    ):
        annotate(delegate, 2 * number, listed, begins)
        lent.settle()
        said = (ANNOTATION_ACTIONS.name(begins),)
        assert [shown(node, listed) for node in lent.nodes.values()] == [said] * 3
        annotate(ender, 2 * number + 1, listed, ends)
        lent.settle()
        assert [shown(node, listed) for node in lent.nodes.values()] == [()] * 3
        assert {rule_of(node, listed) for node in lent.nodes.values()} == {(State.ACTIVE, "")}
    with pytest.raises(RefusedError) as told:
        annotate(city, 9, listed, AnnotationAction.MASKING_ENDED)
    assert told.value.code == "annotation.nothing-open"


def test_what_is_said_without_a_delegation_is_not_shown(lent: Federation) -> None:
    """A member that is no delegate cannot mask, and its word is no objection either."""
    city, reader = lent[CITY], lent[READER]
    said = listing(1, audience=city.audience())
    listed = city.list_(said)
    lent.settle()
    payload = Annotation(
        audience=city.audience(),
        record=said.key,
        authority=build.COURT,
        document="（2026）川05破1号",
        decided_on=DECIDED,
    )
    action = AnnotationAction.OBJECTION_OPENED
    reader.say(reader.draft(Kind.ANNOTATION, payload, action=action, about=listed))
    lent.settle()
    assert [shown(node, listed) for node in lent.nodes.values()] == [()] * 3


def test_a_delegate_revokes_all_reliefs_of_its_own(lent: Federation) -> None:
    """Its reliefs stand in its own log, not in that of the listing."""
    city, delegate = lent[CITY], lent[HUB]
    said = listing(1, audience=city.audience())
    listed = city.list_(said)
    lent.settle()
    reliefs = []
    for number, kind in enumerate((Kind.REPAIR, Kind.WITHDRAWAL)):
        submission = delegate.registry.relieve(
            f"{number:032x}",
            kind=kind,
            statement_id=listed,
            document="川05信修1号",
            decided_on=DECIDED,
        )
        delegate.run(submission.unit)
        reliefs.append(submission.published[0].statement_id)
        lent.settle()
    assert rule_of(city, listed) == (State.WITHDRAWN, "relief.direct")
    again = delegate.registry.relist(
        f"{7:032x}",
        relief=reliefs[0],
        document="川05撤1号",
        decided_on=DECIDED,
        ground=RelistingGround.FRAUD,
        by=("王演示", "李演示"),
        note="",
    )
    delegate.run(again.unit)
    lent.settle()
    assert {rule_of(node, listed)[0] for node in lent.nodes.values()} == {State.ACTIVE}


def test_a_scenario_that_a_delegate_amended_is_superseded(lent: Federation) -> None:
    city, delegate = lent[CITY], lent[HUB]
    first = city.draft(Kind.SCENARIO, SCENARIO, action=ScenarioAction.OPENED)
    city.say(first)
    lent.settle()
    changed = replace(SCENARIO, title="另（演示）")
    later = delegate.draft(
        Kind.SCENARIO, changed, action=ScenarioAction.AMENDED, about=first.statement_id
    )
    delegate.say(later)
    lent.settle()
    for node in lent.nodes.values():
        for state, draft in (("superseded", first), ("in-force", later)):
            views, _ = records_of(node).list(state, "", "scenario", 10, "")
            assert [view.statement_id for view in views] == [draft.statement_id]
