"""A delegation that is closed below what was said under it, and what an id said twice suspends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from federation.charters.chain import advance
from federation.charters.verification import Entitlements, Role
from federation.ids import Date
from federation.payloads import Annotation
from federation.rows import State
from federation.statements import FLAG_SUSPEND_IF_UNKNOWN, AnnotationAction, Kind
from tests.support import charters as build
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
    city.say(replace(again, kind=98, flags=FLAG_SUSPEND_IF_UNKNOWN))
    federation.settle()
    assert rule_of(reader, listed) == (State.ACTIVE, "suspended.unknown-statement")
    for node in federation.nodes.values():
        node.store.close()
