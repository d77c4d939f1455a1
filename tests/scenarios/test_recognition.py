"""Scenarios and what regions say of them, at every node of two alliances.

Covers node/publishing/scenarios.py, node/recognition/scenarios.py,
node/recognition/scenario_desk.py, node/texts/catalog_names.py, node/recognition/page.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from federation.conditions import AllOf, Negated, NoListing, OnList, UnknownTest
from federation.dates import add_days
from federation.errors import RefusedError
from federation.ids import Date, LeafHash, StatementId
from federation.payloads import Benefit, Equivalence, Payload, Recognition, Reference, Scenario
from federation.recognition.recognitions import NOTICE_DAYS, Stands
from federation.reconcile.catalog import Catalog
from federation.statements import Kind, RecognitionAction, ScenarioAction
from node.recognition.scenario_desk import ScenarioDesk
from node.web.openapi_scenarios import SCHEMAS
from tests.support import recognising as make
from tests.support.catalogs import catalog_of, equivalence, equivalences_text, trust_text
from tests.support.simulation import SimNode, leaf_hash_of
from tests.support.two_alliances import (
    CHENGDU,
    LUZHOU,
    YIBIN,
    ZIGONG,
    TwoAlliances,
    two_alliances,
)

OPENED, AMENDED, CLOSED = ScenarioAction
ACCEPTED, DECLINED, SUSPENDED, ENDED = RecognitionAction
_NUMBERS = count(1)
RATING = "chongqing-rating"
RATED = trust_text(
    "scales",
    {},
    {
        (RATING, "1"): {"scale": ["AA", "A", "B", "C", "D"]},
        (make.METHOD, make.EDITION): {"scale": list(make.SCALE.grades)},
    },
)
READ = equivalences_text(
    "equivalences",
    [
        equivalence(
            "AA",
            "A",
            method=RATING,
            edition="1",
            own_method=make.METHOD,
            own_edition=make.EDITION,
            valid_from="2020-01-01",
            valid_until="2039-12-31",
        )
    ],
)
"""As which grade 成都 reads one of its own rating."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoAlliances]:
    """Of all tests of this file: what one says is no matter of another's scenario."""
    made = two_alliances(tmp_path_factory.mktemp("nodes"))
    for node in made.federation.nodes.values():
        node.catalog = make.catalog()
    chengdu = made[CHENGDU]
    chengdu.catalog = Catalog((*chengdu.catalog.editions, *catalog_of(RATED, READ).editions))
    for member in (ZIGONG, YIBIN, CHENGDU):
        made.federation.connect(LUZHOU, member)
    yield made
    for node in made.federation.nodes.values():
        node.store.close()


def publish(
    node: SimNode, kind: Kind, action: int, payload: Payload, about: bytes = b""
) -> StatementId:
    submission = node.registry.publish(
        f"{next(_NUMBERS):032x}", [(int(kind), int(action), about, payload)], ""
    )
    node.run(submission.unit)
    node.clock.advance(1)
    return submission.published[0].statement_id


def refused(node: SimNode, kind: Kind, action: int, payload: Payload, about: bytes = b"") -> str:
    with pytest.raises(RefusedError) as caught:
        publish(node, kind, action, payload, about)
    return caught.value.code


def offered(both: TwoAlliances, **changes: Any) -> Scenario:
    """A scenario of 泸州's for both alliances."""
    fields = {"charters": (both.south.id, both.west.id), "valid_from": Date(20200101)}
    return make.scenario(**fields | changes)


def opened(both: TwoAlliances, **changes: Any) -> StatementId:
    made = publish(both[LUZHOU], Kind.SCENARIO, OPENED, offered(both, **changes))
    both.federation.settle()
    return made


def named(both: TwoAlliances, scenario: StatementId) -> Reference:
    luzhou = both[LUZHOU]
    with luzhou.store.read() as session:
        (row,) = session.rows_by_id(None, [scenario])
    return Reference(origin=luzhou.origin, index=row.idx, leaf_hash=leaf_hash_of(luzhou, scenario))


def recognised(both: TwoAlliances, of: StatementId, **changes: Any) -> Recognition:
    fields: dict[str, Any] = {
        "scenario": named(both, of),
        "authority": "510300-development",
        "authority_name": "自贡市发展和改革委员会（演示）",
        "decided_on": Date(20260101),
    }
    return Recognition(**fields | changes)


def desk(node: SimNode, name: str = "泸州") -> ScenarioDesk:
    return ScenarioDesk(
        region=str(node.member),
        name=name,
        store=node.store,
        book=node.scenarios,
        trust=node.trust,
        catalog=lambda: node.catalog,
        today=node.trusted.latest.today,
    )


def stands(reader: SimNode, scenario: StatementId, place: str) -> Stands:
    with reader.store.read() as session:
        known = reader.scenarios.read(session).find(scenario)
    assert known is not None
    return reader.scenarios.standing(known, place, reader.trusted.latest.today()).action


def test_what_regions_say_is_the_same_at_every_node(both: TwoAlliances) -> None:
    scenario = opened(both, title="免押金")
    zigong, chengdu = both[ZIGONG], both[CHENGDU]
    reason = {"reason": "本市没有此项业务"}
    publish(zigong, Kind.RECOGNITION, DECLINED, recognised(both, scenario, **reason))
    equivalence = Equivalence(
        method=RATING,
        edition="1",
        grade="AA",
        own_method=make.METHOD,
        own_edition=make.EDITION,
        own_grade="A",
    )
    terms = {"equivalences": (equivalence,), "further": OnList(list_type="aeo")}
    publish(chengdu, Kind.RECOGNITION, ACCEPTED, recognised(both, scenario, **terms))
    both.federation.settle()
    for reader, places in (
        (both[LUZHOU], {LUZHOU: "own", ZIGONG: "declined", CHENGDU: "accepted", YIBIN: "none"}),
        (zigong, {LUZHOU: "own", ZIGONG: "declined", YIBIN: "none"}),
        (chengdu, {LUZHOU: "own", CHENGDU: "accepted"}),
    ):
        for place, standing in places.items():
            assert stands(reader, scenario, place) == standing, (reader.member, place)
    document = desk(chengdu).scenario(scenario.hex())
    (said,) = [one for one in document["regions"] if one["region"] == CHENGDU]
    assert said["equivalences"] == [
        {
            "method": RATING,
            "edition": "1",
            "grade": "AA",
            "own_method": make.METHOD,
            "own_edition": make.EDITION,
            "own_grade": "A",
        }
    ]
    assert said["further"] == {
        "zh": "列入守信名单aeo",
        "en": "on the list of the trustworthy aeo",
    }
    regions = desk(zigong).scenario(scenario.hex()[:9])["regions"]
    (said,) = [one for one in regions if one["code"] == "benefit.declined"]
    assert (said["region"], said["reason"]) == (ZIGONG, "本市没有此项业务")


def test_an_amendment_is_asked_about_again_and_an_end_is_announced(both: TwoAlliances) -> None:
    luzhou, zigong = both[LUZHOU], both[ZIGONG]
    scenario = opened(both, title="绿色通道")
    publish(zigong, Kind.RECOGNITION, ACCEPTED, recognised(both, scenario))
    both.federation.settle()
    assert stands(zigong, scenario, ZIGONG) is Stands.ACCEPTED
    benefits = (Benefit(text="免押金"), Benefit(text="免租金"))
    more = offered(both, title="绿色通道", benefits=benefits)
    amended = publish(luzhou, Kind.SCENARIO, AMENDED, more, scenario)
    both.federation.settle()
    assert stands(zigong, scenario, ZIGONG) is Stands.ASK_AGAIN
    assert stands(zigong, amended, LUZHOU) is Stands.OWN
    assert refused(zigong, Kind.RECOGNITION, ACCEPTED, recognised(both, scenario)) == (
        "recognition.superseded"
    )
    publish(zigong, Kind.RECOGNITION, ACCEPTED, recognised(both, amended))
    both.federation.settle()
    assert stands(luzhou, scenario, ZIGONG) is Stands.ACCEPTED
    end = {"reason": "另有安排", "effective_on": Date(0)}
    assert refused(zigong, Kind.RECOGNITION, ENDED, recognised(both, amended, **end)) == (
        "recognition.notice"
    )
    first = add_days(zigong.trusted.latest.today(), NOTICE_DAYS)
    end["effective_on"] = first
    publish(zigong, Kind.RECOGNITION, ENDED, recognised(both, amended, **end))
    both.federation.settle()
    (said,) = [
        one for one in desk(luzhou).scenario(amended.hex())["regions"] if one["region"] == ZIGONG
    ]
    assert (said["standing"], said["until"]) == ("accepted", add_days(first, -1))
    publish(luzhou, Kind.SCENARIO, CLOSED, more, amended)
    both.federation.settle()
    assert stands(zigong, scenario, ZIGONG) is Stands.NONE
    assert refused(zigong, Kind.RECOGNITION, ACCEPTED, recognised(both, amended)) == (
        "recognition.closed"
    )
    assert [one["action"] for one in desk(zigong).history(scenario.hex())] == [
        "opened",
        "accepted",
        "amended",
        "accepted",
        "ended",
        "closed",
    ]


def test_of_a_text_that_is_newer_than_the_reader_nobody_is_entitled(both: TwoAlliances) -> None:
    """An amendment whose conditions ask for a newer program: the text before it counts no more."""
    luzhou, zigong = both[LUZHOU], both[ZIGONG]
    scenario = opened(both, title="按季后付")
    publish(zigong, Kind.RECOGNITION, ACCEPTED, recognised(both, scenario))
    draft = luzhou.draft(
        Kind.SCENARIO, offered(both, title="按季后付"), action=AMENDED, about=scenario
    )
    assert draft.payload.startswith(b"\x08\x01")  # min_reader
    luzhou.say(draft._replace(payload=b"\x08\x02" + draft.payload[2:]))
    both.federation.settle()
    for place in (ZIGONG, LUZHOU):
        assert stands(zigong, scenario, place) is Stands.ASK_AGAIN
    unread = desk(zigong).scenarios({"state": "unread"})
    (said,) = [one for one in unread if one["scenario"] == scenario.hex()]
    assert said["here"]["code"] == "benefit.unread"


def test_only_ones_own_newest_scenario_is_amended(both: TwoAlliances) -> None:
    luzhou, zigong = both[LUZHOU], both[ZIGONG]
    scenario = opened(both, title="容缺受理")
    text = offered(both, title="容缺受理")
    assert refused(zigong, Kind.SCENARIO, CLOSED, text, scenario) == "scenario.not-ours"
    assert refused(luzhou, Kind.SCENARIO, CLOSED, text, bytes(15) + b"x") == "scenario.not-ours"
    amended = publish(luzhou, Kind.SCENARIO, AMENDED, text, scenario)
    assert refused(luzhou, Kind.SCENARIO, AMENDED, text, scenario) == "scenario.superseded"
    closed = publish(luzhou, Kind.SCENARIO, CLOSED, text, amended)
    for about in (scenario, amended, closed):
        assert refused(luzhou, Kind.SCENARIO, AMENDED, text, about) == "scenario.superseded"


def test_what_the_registry_refuses_whoever_asks(both: TwoAlliances) -> None:
    """The bad inputs: each by its code, on the way in that files, calls and other wings share."""
    luzhou, chengdu = both[LUZHOU], both[CHENGDU]
    on = OnList(list_type=make.TAX)
    bad: dict[str, dict[str, Any]] = {
        "scenario.contradiction": {"condition": AllOf(of=(on, Negated(condition=on)))},
        "scenario.person": {"conditions_text": "提供法定代表人身份证"},
        "scenario.score": {"conditions_text": "信用评分不低于80分"},
        "scenario.list-punished": {"condition": OnList(list_type=make.LISTED)},
        "scenario.measure": {"condition": NoListing(list_types=(make.LISTED,), measure="invented")},
        "scenario.test-unknown": {"condition": UnknownTest()},
        "scenario.grade": {"scales": ()},
        "scenario.period": {"valid_until": Date(20200102)},
        "field.personal-id": {"basis": "110101199003070011"},
    }
    for code, changes in bad.items():
        assert refused(luzhou, Kind.SCENARIO, OPENED, offered(both, **changes)) == code
    own = opened(both, title="自有")
    assert refused(luzhou, Kind.RECOGNITION, ACCEPTED, recognised(both, own)) == "recognition.own"
    south = opened(both, title="川南", charters=(both.south.id,))
    assert refused(chengdu, Kind.RECOGNITION, ACCEPTED, recognised(both, south)) == (
        "recognition.alliance"
    )
    read_so = Equivalence(
        method=RATING,
        edition="1",
        grade="AA",
        own_method=make.METHOD,
        own_edition=make.EDITION,
        own_grade="A",
    )
    not_adopted = recognised(both, own, equivalences=(read_so,))
    assert refused(both[ZIGONG], Kind.RECOGNITION, ACCEPTED, not_adopted) == (
        "recognition.equivalence-unknown"
    )
    none = replace(named(both, own), leaf_hash=LeafHash(bytes(32)))
    strange = recognised(both, own, scenario=none)
    assert refused(both[ZIGONG], Kind.RECOGNITION, ACCEPTED, strange) == "recognition.no-scenario"


def test_what_people_see(both: TwoAlliances, tmp_path: Path) -> None:
    scenario = opened(both, title="先离场后付费<b>", places=("5105",))
    zigong = both[ZIGONG]
    publish(zigong, Kind.RECOGNITION, ACCEPTED, recognised(both, scenario, services=("停车场",)))
    both.federation.settle()
    shown = desk(zigong, "自贡")
    (short,) = [one for one in shown.scenarios({"place": ZIGONG}) if one["title"].startswith("先")]
    assert (short["scenario"], short["state"]) == (scenario.hex(), "in-force")
    assert short["accepted_in"] == [ZIGONG, LUZHOU]
    assert shown.scenarios({"place": YIBIN}) == []
    part = opened(both, title="江阳区停车", places=("510502",))
    for place, had in (("510502", True), (LUZHOU, True), ("510503", False), (ZIGONG, False)):
        found = {one["scenario"] for one in shown.scenarios({"place": place})}
        assert (part.hex() in found) is had, place
    assert shown.scenarios({"state": "not-yet"}) == []
    assert scenario.hex() in {one["scenario"] for one in shown.scenarios({"region": LUZHOU})}
    with pytest.raises(RefusedError, match="in-force"):
        shown.scenarios({"state": "open"})
    for name, document in (
        ("Scenarios", {"scenarios": shown.scenarios({})}),
        ("Scenario", shown.scenario(scenario.hex())),
    ):
        Draft202012Validator(SCHEMAS[name]).validate(document)
    (row,) = [one for one in shown.matrix()["scenarios"] if one["scenario"] == scenario.hex()]
    assert row["regions"] == {ZIGONG: "accepted", LUZHOU: "own", YIBIN: "none"}
    with pytest.raises(RefusedError) as caught:
        shown.scenario("")
    assert caught.value.code == "recognition.no-scenario"
    for english in (True, False):
        page = shown.page(english=english, objections="市民中心<i>")
        assert "先离场后付费&lt;b&gt;" in page
        assert "停车场" in page
        assert "市民中心&lt;i&gt;" in page
        assert "限制优惠" in page
        (tmp_path / "page.html").write_text(page, "utf-8")
