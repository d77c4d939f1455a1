"""What a record shows of what came after it: members' receipts, and the relief that ended it.

Covers node/records/endings.py, node/records/meanings.py, node/records/told.py,
node/records/wanted.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.payloads import Reference
from federation.reconcile.receipts import ReceiptOutcome
from federation.statements import Kind, RecognitionAction, ScenarioAction
from node.codec.as_json import record_to_json
from node.codec.records import record_from_proto, record_to_proto
from node.records.wanted import Wanted
from tests.scenarios.test_receipts import told
from tests.support import charters as build
from tests.support.desks import records_of
from tests.support.payload_kinds import RECOGNITION, SCENARIO
from tests.support.simulation import Federation, SimNode, leaf_hash_of, listing

Federate = Callable[..., Federation]
CITY, PEER, HUB = "510300", "510500", "510000"


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate(CITY, PEER)
    made.connect(CITY, PEER)
    made.connect(CITY, HUB)
    made.connect(PEER, HUB)
    return made


def test_a_relief_tells_what_each_member_made_of_it_and_when(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    listed = city.list_(listing(1, audience=city.audience()))
    told(federation)
    relief = city.relieve(Kind.REPAIR, listed)
    federation.settle()
    (silent,) = records_of(city).get(relief).told_by
    assert (silent.origin, silent.outcome, silent.at) == (peer.origin, 0, 0)
    federation.clock.advance(60)
    told(federation)
    (answer,) = records_of(city).get(relief).told_by
    assert (answer.origin, answer.outcome) == (peer.origin, ReceiptOutcome.APPLIED)
    assert answer.city == city.view.city(peer.origin) != ""
    assert 0 < answer.at <= federation.clock.now()
    (lifted,) = records_of(city).get(listed).told_by
    assert lifted.outcome == ReceiptOutcome.LIFTED
    assert records_of(peer).get(relief).told_by == ()  # what others told us of theirs is not ours


def test_a_listing_tells_what_ended_it(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    listed, standing = (city.list_(listing(n, audience=city.audience())) for n in (1, 2))
    relief = city.relieve(Kind.WITHDRAWAL, listed)
    federation.settle()
    for node in (city, peer):
        assert records_of(node).get(standing).ended_by is None
        ended = records_of(node).get(listed).ended_by
        assert ended is not None
        assert (ended.statement_id, ended.kind, ended.origin) == (
            relief,
            Kind.WITHDRAWAL,
            city.origin,
        )
        assert ended.document != ""
        assert ended.city == node.view.city(city.origin)
        assert ended.issued_at > 0


def test_a_record_survives_the_wire_with_what_came_after_it(federation: Federation) -> None:
    city = federation[CITY]
    listed = city.list_(listing(1, audience=city.audience()))
    relief = city.relieve(Kind.REPAIR, listed)
    told(federation)
    for statement in (listed, relief):
        view = records_of(city).get(statement)
        assert record_from_proto(record_to_proto(view)) == view
    document = record_to_json(records_of(city).get(listed))
    assert document["ended_by"]["statement_id"] == relief.hex()
    assert document["told_by"][0]["outcome"] == "lifted"


# ------------------------------------------------------------------------------ which are asked for


def found(node: SimNode, code: str = "", name: str = "", list_type: str = "") -> list[str]:
    wanted = Wanted(code=code, name=name, list_type=list_type)
    views, token = records_of(node).list("", "", "", 1, "", wanted)
    while token:
        more, token = records_of(node).list("", "", "", 1, token, wanted)
        views = [*views, *more]
    return [view.subject.name for view in views if view.subject is not None]


def test_records_are_found_by_code_name_and_list(federation: Federation) -> None:
    city = federation[CITY]
    one, two = listing(1, audience=city.audience()), listing(2, audience=city.audience())
    for each in (one, two):
        city.list_(each)
    code, name = one.subject.code, one.subject.name
    assert found(city, code=code) == [name]
    assert found(city, code=f" {code.lower()} ") == [name]
    assert found(city, code=code[8:17]) == [name]  # the organisation code within
    assert found(city, code=two.subject.code, name=name) == []
    assert found(city, name=name) == [name]
    assert found(city, name=name.replace("（", "(").replace("）", ")")) == [name]
    assert found(city, name=name[:-1]) == []
    assert found(city, name="\ue000") == []
    assert found(city, list_type=build.COURT_LIST) == [name, two.subject.name]
    assert found(city, list_type="another-list") == []


def test_by_code_the_table_is_not_read(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = federation[CITY]
    one = listing(1, audience=city.audience())
    city.list_(one)
    records = records_of(city)
    with city.store.read() as session:
        monkeypatch.setattr(type(session), "list_rows", lambda *_, **__: 1 / 0)
    assert len(records.list("", "", "", 10, "", Wanted(code=one.subject.code))[0]) == 1


def test_sj1_a_record_is_found_by_the_other_codes_of_its_subject(federation: Federation) -> None:
    city = federation[CITY]
    one = listing(1, audience=city.audience())
    city.list_(one)
    records = records_of(city)
    asked = Wanted(code="another")
    assert records.list("", "", "", 10, "", asked)[0] == []
    linked = replace(asked, others=(("uscc", one.subject.code),))
    assert len(records.list("", "", "", 10, "", linked)[0]) == 1


def test_what_may_not_be_opened_is_found_by_nothing(federation: Federation) -> None:
    city, hub = federation[CITY], federation[HUB]
    one = listing(1, audience=replace(city.audience(), purposes=("approval",)))
    city.list_(one)
    federation.settle()
    views, _ = records_of(hub).list("", "", "", 10, "")
    opened = [view for view in views if view.subject is not None]
    assert len(records_of(hub).list("", "", "", 10, "", Wanted(code=one.subject.code))[0]) == len(
        opened
    )


# ------------------------------------------------------------------------------------- open acts


def test_scenarios_and_recognitions_say_what_they_mean(federation: Federation) -> None:
    city, peer = federation[CITY], federation[PEER]
    scenario = replace(
        SCENARIO,
        title="景区门票优惠",
        provider_name="文旅局（演示）",
        charters=city.audience().charters,
        places=(),
    )
    (placed,) = city.say(city.draft(Kind.SCENARIO, scenario, action=ScenarioAction.OPENED))
    federation.settle()
    reference = Reference(
        origin=city.origin, index=placed.index, leaf_hash=leaf_hash_of(city, placed.statement_id)
    )
    recognition = replace(RECOGNITION, scenario=reference, charters=city.audience().charters)
    peer.say(peer.draft(Kind.RECOGNITION, recognition, action=RecognitionAction.ACCEPTED))
    federation.settle()
    (shown,), _ = records_of(peer).list("", "", "scenario", 10, "")
    assert shown.meaning == "开放场景：景区门票优惠（文旅局（演示））"
    (shown,), _ = records_of(city).list("", "", "recognition", 10, "")
    assert shown.meaning == "认可场景：景区门票优惠（文旅局（演示））"
