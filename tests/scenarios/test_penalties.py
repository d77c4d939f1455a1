"""A penalty lives like a listing at every node: noted, corrected, masked, repaired, erased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.payloads import (
    Audience,
    Correction,
    Listing,
    Penalty,
    PenaltyGrade,
    PenaltyProcedure,
    Subject,
    SubjectKind,
    TermQuality,
)
from federation.rows import State
from federation.statements import AnnotationAction, Kind
from node.upkeep.rebuild import rebuild
from tests.support import charters as build
from tests.support.catalogs import catalog_of, edition_text
from tests.support.desks import records_of
from tests.support.invented import code_of, name_of
from tests.support.simulation import Federation, SimNode, leaf_hash_of, listing

Federate = Callable[..., Federation]
CITY, PEER, HUB = "510300", "510500", "510000"
ENTRY = "administrative-penalty-ordinary"


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate(CITY, PEER)
    made.connect(CITY, PEER)
    made.connect(CITY, HUB)
    made.connect(PEER, HUB)
    for node in made.nodes.values():
        node.catalog = catalog_of(edition_text(lists=[ENTRY, build.COURT_LIST]))
    return made


def penalty(audience: Audience, number: int = 1) -> Penalty:
    return Penalty(
        audience=audience,
        subject=Subject(
            scheme="uscc",
            code=code_of(number),
            name=name_of(number),
            kind=SubjectKind.ENTERPRISE,
        ),
        authority=build.COURT,
        authority_name="自贡市虚构机关（演示）",
        document=f"自市监处罚〔2026〕{number}号",
        basis="演示条例第一条",
        categories=("罚款",),
        fine=100_000_00,
        decided_on=Date(20260105),
        publish_until=Date(20270105),
        term=TermQuality.STATED,
        grade=PenaltyGrade.ORDINARY,
        procedure=PenaltyProcedure.ORDINARY,
        source=listing(number, audience=audience).source,
    )


def published(node: SimNode, said: Penalty) -> StatementId:
    return node.say(node.draft(Kind.PENALTY, said))[0].statement_id


def reconciled(federation: Federation) -> None:
    federation.settle()
    for node in federation.nodes.values():
        node.reconcile()


def shown(node: SimNode, statement_id: StatementId) -> tuple[str, str]:
    view = records_of(node).get(statement_id)
    return view.state, view.rule


def equal_log_states(federation: Federation) -> bool:
    city = federation[CITY].origin
    states = set()
    for node in federation.nodes.values():
        with node.store.read() as session:
            head = session.head(city)
            assert head is not None
            states.add(tuple(session.header_states(head.log, head.size)))
    assert {index for index, _ in states.copy().pop()} == {0}
    return len(states) == 1


def test_it_is_noted_where_the_catalog_has_its_grade(federation: Federation) -> None:
    city, peer, hub = (federation[member] for member in (CITY, PEER, HUB))
    hub.catalog = catalog_of(edition_text(lists=[build.COURT_LIST]))
    said = published(city, penalty(city.audience()))
    reconciled(federation)
    assert shown(peer, said) == ("active", "")
    assert shown(hub, said) == ("rejected", "catalog.list-unknown")
    listings, _ = records_of(peer).list("", "", "", 100, "")
    assert not listings


def test_its_life_is_a_listings(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    said = published(city, penalty(city.audience()))
    shorter = replace(penalty(city.audience()), publish_until=Date(20260601))
    city.say(
        city.draft(
            Kind.CORRECTION,
            Correction(
                audience=shorter.audience, replaces=leaf_hash_of(city, said), payload=shorter
            ),
            about=said,
        )
    )
    reconciled(federation)
    assert records_of(peer).get(said).publish_until == 20260601
    assert shown(peer, said)[0] == "expired"
    masked = city.registry.annotate(
        city.tokens(16).hex(),
        statement_id=said,
        action=AnnotationAction.MASKING_BEGUN,
        document="（2026）川03破1号",
        decided_on=Date(20260201),
    )
    city.run(masked.unit)
    reconciled(federation)
    assert peer.state(said) is State.MASKED
    assert equal_log_states(federation)
    city.relieve(Kind.REPAIR, said)
    reconciled(federation)
    for node in federation.nodes.values():
        assert node.state(said) is State.REPAIRED
    assert equal_log_states(federation)
    assert rebuild(peer.store, peer.ledger, peer.reconciliation, check_only=True) == (True, [])


def test_relieved_it_is_not_published_again(federation: Federation) -> None:
    city = federation[CITY]
    said = published(city, penalty(city.audience()))
    city.relieve(Kind.WITHDRAWAL, said)
    submission = city.registry.publish(
        city.tokens(16).hex(), [(Kind.PENALTY, 0, b"", penalty(city.audience()))], source=""
    )
    with pytest.raises(RefusedError, match="RELISTING may list it again"):
        city.run(submission.unit)


def test_a_listing_under_its_list_type_is_refused(federation: Federation) -> None:
    city = federation[CITY]
    false: Listing = listing(1, audience=city.audience(), list_type=ENTRY)
    with pytest.raises(Exception, match="reserved for PENALTY"):
        city.draft(Kind.LISTING, false)
