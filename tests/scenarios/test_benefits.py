"""泸州 offers, 自贡 recognises, 宜宾 declines: who may have a benefit, and how uses are counted.

Covers node/recognition/benefit_desk.py, node/recognition/benefit_reading.py,
node/recognition/benefit_recording.py, node/recognition/benefit_answers.py,
node/recognition/benefit_questions.py, node/recognition/promises.py,
node/recognition/use_desk.py, node/recognition/use_saying.py, node/recognition/use_job.py,
node/records/outcomes.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapters.sql.benefits import benefit_check, use_of
from adapters.sql.checks import check_by_number
from adapters.sql.query_rows import row_by_id
from federation.conditions import (
    AllOf,
    AtLeast,
    CommitmentKept,
    NoListing,
    OnList,
    RegisteredIn,
)
from federation.errors import RefusedError
from federation.ids import Date, LeafHash, StatementId, node_of
from federation.payloads import (
    Audience,
    Commitment,
    Outcome,
    OutcomeResult,
    Recognition,
    Reference,
    Source,
    Subject,
    SubjectKind,
)
from federation.recognition.facts import Weight
from federation.screening.query_log import parse_leaf
from federation.screening.questions import QuestionError
from federation.screening.roles import Action, Asker, Role
from federation.statements import Kind, RecognitionAction, ScenarioAction
from node.records.subject_reading import SubjectReading
from node.web import openapi
from tests.support import charters as build
from tests.support import recognising as make
from tests.support.benefiting import WINDOW, Benefiting, Earned
from tests.support.benefits import held
from tests.support.invented import code_of, name_of
from tests.support.screened import LOCAL, MEASURE, screening_catalog
from tests.support.simulation import Federation, SimNode, leaf_hash_of, listing

LUZHOU, ZIGONG, YIBIN = "510500", "510300", "511500"
ACCEPTED, DECLINED, SUSPENDED, ENDED = RecognitionAction
_REQUESTS = count(1)
NUMBERS = count(1)
"""Of subjects: each test has its own."""
WINDOWS = Asker(
    credential="w1",
    department=WINDOW,
    roles=frozenset({Role.DEPARTMENT}),
    purposes=frozenset({"joint-incentive"}),
)
OTHERS = replace(WINDOWS, credential="w2", department="住建局（演示）")
CONDITION = AllOf(
    of=(
        OnList(list_type=make.TAX),
        AtLeast(method=make.METHOD, edition=make.EDITION, at_least="A"),
        NoListing(list_types=(build.COURT_LIST,), measure=MEASURE),
    )
)
GRADED = held(list_type=make.TAX, method=make.METHOD, edition=make.EDITION)


def publish(
    node: SimNode, kind: Kind, action: int, payload: Any, about: bytes = b""
) -> StatementId:
    submission = node.registry.publish(
        f"{next(_REQUESTS):032x}", [(int(kind), int(action), about, payload)], ""
    )
    node.run(submission.unit)
    node.clock.advance(1)
    return submission.published[0].statement_id


class World:
    """Three cities; one scenario, deposit-free for A-grade tax payers whom nobody listed."""

    def __init__(self, directory: Path) -> None:
        names = (LUZHOU, ZIGONG, YIBIN)
        self.chain = build.make_chain([build.make_member(name) for name in names])
        self.federation = Federation(directory, names, [self.chain])
        for node in self.federation.nodes.values():
            node.catalog = screening_catalog()
        for one, other in ((LUZHOU, ZIGONG), (LUZHOU, YIBIN), (ZIGONG, YIBIN)):
            self.federation.connect(one, other)
        self.earned = Earned()
        self.desks = {
            member: Benefiting(self.federation[member], directory / member, trust=self.earned)
            for member in (LUZHOU, ZIGONG, YIBIN)
        }
        self.scenario = self.opened(title="免押金租房", condition=CONDITION)
        self.said(ZIGONG, ACCEPTED, services=("rental",))
        self.said(YIBIN, DECLINED, reason="本市已有同类优惠")

    def opened(self, **changes: Any) -> StatementId:
        """A scenario of 泸州's."""
        fields = {"charters": (self.chain.id,), "valid_from": Date(20200101)}
        made = publish(
            self.federation[LUZHOU],
            Kind.SCENARIO,
            ScenarioAction.OPENED,
            make.scenario(**fields | changes),
        )
        self.settle()
        return made

    def said(
        self, member: str, action: RecognitionAction, of: StatementId | None = None, **terms: Any
    ) -> None:
        """What a city says of it."""
        fields: dict[str, Any] = {"authority": f"{member}-development", "authority_name": "发改委"}
        fields |= {"decided_on": Date(20260101)}
        made = Recognition(scenario=self.reference(of or self.scenario), **fields | terms)
        publish(self.federation[member], Kind.RECOGNITION, action, made)
        self.settle()

    def reference(self, scenario: StatementId) -> Reference:
        """Where a scenario of 泸州's stands."""
        luzhou = self.federation[LUZHOU]
        with luzhou.store.read() as session:
            (row,) = session.rows_by_id(None, [scenario])
        leaf_hash = leaf_hash_of(luzhou, scenario)
        return Reference(origin=luzhou.origin, index=row.idx, leaf_hash=leaf_hash)

    def earn(self, number: int, **changes: Any) -> None:
        """Let a subject have an A."""
        self.earned.held[code_of(number)] = (replace(GRADED, **changes),)

    def settle(self) -> None:
        """Let everything arrive and be judged."""
        self.federation.settle()
        for node in self.federation.nodes.values():
            node.reconcile()

    def check(
        self, number: int, at: str = ZIGONG, of: StatementId | None = None, **changed: Any
    ) -> dict[str, Any]:
        """Ask about a scenario."""
        return self.desks[at].check(number, of or self.scenario, **changed)

    def close(self) -> None:
        for desk in self.desks.values():
            desk.close()
        for node in self.federation.nodes.values():
            node.store.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("benefits"))
    yield made
    made.close()


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["codes"]]


def answers(answer: dict[str, Any]) -> dict[str, str]:
    return {one["path"]: one["answer"] for one in answer["conditions"]}


def test_an_a_grade_firm_is_entitled_where_it_is_recognised(world: World) -> None:
    number = next(NUMBERS)
    world.earn(number, until=Date(20270430))
    answer = world.check(number)
    assert (answer["result"], answer["until"], answer["here"]) == (
        "entitled",
        20270430,
        "accepted",
    )
    assert answers(answer) == dict.fromkeys(
        ("kinds", "condition/1", "condition/2", "condition/3"), "yes"
    )
    assert answer["services"] == ["rental"]
    assert answer["complete"]
    (evidence,) = answer["conditions"][1]["evidence"]
    assert (evidence["origin"], evidence["index"]) == ("510500.huxin.example/1", 0)
    assert answer["conditions"][1]["asked"].startswith("列入守信名单")
    assert answer["city"]
    assert answer["number"].startswith("510300-")
    assert answer["promise"]["query_id"]
    assert world.check(number, LUZHOU)["here"] == "own"
    schema = openapi.document()["components"]
    Draft202012Validator({**schema["schemas"]["Benefit"], "components": schema}).validate(answer)


def test_words_for_people_go_with_the_answer(world: World) -> None:
    of = world.opened(title="园区会议室", condition=CONDITION, conditions_text="A级纳税人")
    world.said(ZIGONG, ACCEPTED, of, further=CONDITION, conditions_text="只在经开区办理")
    number = next(NUMBERS)
    world.earn(number)
    answer = world.check(number, of=of)
    assert answer["result"] == "entitled"
    assert (answer["conditions_text"], answer["further_text"]) == ("A级纳税人", "只在经开区办理")
    assert world.check(number, LUZHOU, of)["further_text"] == ""
    (listed,) = [
        one
        for one in world.desks[ZIGONG].listed(number)["benefits"]
        if one["scenario"] == answer["scenario"]
    ]
    assert listed["further_text"] == "只在经开区办理"


def test_who_declined_says_so_and_nothing_of_the_subject_is_read(world: World) -> None:
    number = next(NUMBERS)
    world.earn(number)
    asked = world.earned.asked
    answer = world.check(number, YIBIN)
    assert (answer["result"], codes(answer)) == ("not", ["benefit.declined"])
    assert answer["reason"] == "本市已有同类优惠"
    assert answer["conditions"] == []
    assert world.earned.asked == asked


def test_what_is_withdrawn_or_in_doubt_changes_the_answer(world: World) -> None:
    number = next(NUMBERS)
    world.earn(number)
    assert world.check(number)["result"] == "entitled"
    world.earn(number, weight=Weight.DOUBT, rule="log.stale")
    doubted = world.check(number)
    assert doubted["result"] == "undecided"
    assert [rule["code"] for rule in doubted["conditions"][1]["rules"]] == ["log.stale"]
    world.earned.held.clear()
    without = world.check(number)
    assert (without["result"], answers(without)["condition/1"]) == ("not", "no")


def test_a_listing_takes_it_away_by_this_regions_measure_alone(world: World) -> None:
    number = next(NUMBERS)
    world.earn(number)
    luzhou = world.federation[LUZHOU]
    luzhou.list_(listing(number, audience=luzhou.audience()))
    world.settle()
    answer = world.check(number)
    assert answers(answer)["condition/3"] == "no"
    assert (answer["result"], answer["until"]) == ("not", 0)
    assert answer["conditions"][3]["evidence"]


def test_a_code_that_names_nobody_and_a_person_are_not_looked_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = world.earned.asked

    def looked_up(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(SubjectReading, "read", looked_up)
    faulty = world.check(1, code="91510500MA00000000")
    assert (faulty["result"], codes(faulty)) == ("undecided", ["identity.code-check-digit"])
    with pytest.raises(QuestionError) as caught:
        world.check(1, code="510502199001011234")
    assert caught.value.code == "question.natural-person"
    assert world.earned.asked == asked


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"place": "510500"}, "question.place"),
        ({"place": "51030"}, "question.place"),
        ({"scenario": "xyz"}, "question.scenario"),
        ({"scenario": "00000000"}, "recognition.no-scenario"),
        ({"purpose": "curiosity"}, "question.purpose"),
        ({"case_no": ""}, "question.case-no"),
    ],
)
def test_a_question_is_read_strictly(world: World, changed: dict[str, str], code: str) -> None:
    raw = world.desks[ZIGONG].asked(1, scenario=world.scenario.hex()) | changed
    with pytest.raises((QuestionError, RefusedError)) as caught:
        world.desks[ZIGONG].desk.check(LOCAL, raw)
    assert getattr(caught.value, "code", "") == code


def test_a_place_within_the_region_is_asked_for(world: World) -> None:
    own = world.opened(title="园区", places=("510502",), condition=None, conditions_text="")
    assert world.check(1, LUZHOU, own, place="510502")["result"] == "entitled"
    assert codes(world.check(1, LUZHOU, own)) == ["benefit.not-here"]


def test_a_question_is_recorded_before_it_is_answered_and_asked_again_has_its_number(
    world: World,
) -> None:
    number, desk = next(NUMBERS), world.desks[ZIGONG]
    world.earn(number)
    answer = world.check(number, asker=WINDOWS, request_id="r-1")
    assert desk.access.asked[-1] == (
        "w1",
        Action.BENEFIT,
        {
            "purpose": "joint-incentive",
            "case": "政务〔2026〕12号",
            "subject_code": code_of(number),
        },
    )
    with desk.screened.store.read() as reads:
        check, of = check_by_number(reads, answer["number"]), benefit_check(reads, answer["number"])
        row = row_by_id(reads, bytes.fromhex(answer["promise"]["query_id"]))
    assert check is not None
    assert of is not None
    assert row is not None
    assert row.sealed is not None
    assert (check.result, check.department, of.scenario) == ("entitled", WINDOW, world.scenario)
    header, _ = parse_leaf(row.leaf)
    assert header.query_id.hex() == answer["promise"]["query_id"]
    world.earned.held.clear()
    again = world.check(number, asker=WINDOWS, request_id="r-1")
    assert (again["number"], again["result"]) == (answer["number"], "not")
    with desk.screened.store.read() as reads:
        kept = check_by_number(reads, answer["number"])
    assert kept is not None
    assert kept.result == "not"
    with pytest.raises(RefusedError) as caught:
        world.check(number + 1, asker=WINDOWS, request_id="r-1")
    assert caught.value.code == "request.reused"


def test_who_may_not_ask_learns_nothing(world: World) -> None:
    desk = world.desks[ZIGONG]
    desk.access.refusal = RefusedError("access.purpose", "凭据不含此用途")
    try:
        with pytest.raises(RefusedError) as caught:
            world.check(1)
        assert caught.value.code == "access.purpose"
        with pytest.raises(RefusedError):
            desk.listed(1)
    finally:
        desk.access.refusal = None


def test_all_that_are_honoured_here_are_listed(world: World) -> None:
    number = next(NUMBERS)
    world.earn(number)
    answer = world.desks[ZIGONG].listed(number)
    (one,) = [b for b in answer["benefits"] if b["scenario"] == world.scenario.hex()]
    assert (one["result"], one["title"], one["codes"]) == ("entitled", "免押金租房", [])
    assert world.desks[YIBIN].listed(number)["benefits"] == []
    world.earned.held.clear()
    benefits = world.desks[ZIGONG].listed(number)["benefits"]
    (one,) = [b for b in benefits if b["scenario"] == world.scenario.hex()]
    assert (one["result"], [c["code"] for c in one["codes"]]) == ("not", ["benefit.not-met"])
    schema = openapi.document()["components"]
    Draft202012Validator({**schema["schemas"]["Benefits"], "components": schema}).validate(answer)


def test_a_use_is_counted_in_both_cities(world: World) -> None:
    number, desk = next(NUMBERS), world.desks[ZIGONG]
    world.earn(number)
    before = {city: world.desks[city].counted() for city in (ZIGONG, LUZHOU, YIBIN)}
    answer = world.check(number, asker=WINDOWS)
    used = desk.used(answer["number"], WINDOWS)
    assert (used["published"], used["later"]) == (True, "")
    assert desk.used(answer["number"], WINDOWS) == used
    world.settle()
    (here,) = desk.counted()
    assert (here["uses"], here["title"], here["department"]) == (1, "免押金租房", WINDOW)
    assert world.desks[LUZHOU].counted() == desk.counted()
    assert world.desks[YIBIN].counted() == before[YIBIN] == []
    schema = openapi.document()["components"]
    Draft202012Validator({**schema["schemas"]["Used"], "components": schema}).validate(used)


def test_a_use_of_anothers_scenario_by_another_counts_nowhere(world: World) -> None:
    yibin, zigong = world.federation[YIBIN], world.desks[ZIGONG]
    before = zigong.counted()
    reference = world.reference(world.scenario)
    for named in (reference, replace(reference, leaf_hash=LeafHash(bytes(32)))):
        told = Outcome(
            audience=Audience(charters=(), purposes=(), members=(node_of(zigong.node.origin),)),
            case_id=bytes([7]) * 16,
            result=OutcomeResult.BENEFIT_USED,
            scenario=named,
            department="某局（演示）",
            decided_on=Date(20261101),
        )
        publish(yibin, Kind.OUTCOME, 0, told)
    world.settle()
    assert zigong.counted() == before


def test_what_is_no_use_is_refused(world: World) -> None:
    number, desk = next(NUMBERS), world.desks[ZIGONG]
    world.earn(number)
    answer = world.check(number, asker=WINDOWS)["number"]
    unused = world.check(number, asker=WINDOWS)["number"]
    denied = world.check(next(NUMBERS), asker=WINDOWS)["number"]
    day = desk.node.clock.today()
    listed = desk.listed(number, WINDOWS)["number"]
    desk.used(answer, WINDOWS, request_id="u-1")
    for code, number_, asker, changed in (
        ("benefit.not-entitled", denied, WINDOWS, {}),
        ("benefit.date", unused, WINDOWS, {"used_on": 20200101}),
        ("benefit.date", unused, WINDOWS, {"used_on": "x"}),
        ("benefit.used-twice", answer, WINDOWS, {"used_on": day + 1}),
        ("benefit.form", answer, WINDOWS, {"person": " "}),
        ("benefit.form", answer, WINDOWS, {"person": "李" * 65}),
        ("benefit.unknown", answer, OTHERS, {}),
        ("benefit.unknown", listed, WINDOWS, {}),
        ("benefit.unknown", "x", WINDOWS, {}),
        ("request.reused", answer, WINDOWS, {"request_id": "u-1", "used_on": day + 1}),
    ):
        with pytest.raises(RefusedError) as caught:
            desk.used(number_, asker, **changed)
        assert caught.value.code == code, changed
    assert desk.used(answer)["published"]


def outcomes_in(node: SimNode) -> int:
    """How many OUTCOMEs stand in its own log."""
    with node.store.read() as session:
        head = session.head(node.origin)
        assert head is not None
        rows = session.rows_between(head.log, 0, head.size)
    return sum(row.kind == Kind.OUTCOME for row in rows)


def test_what_cannot_be_said_now_is_said_later_and_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, desk = next(NUMBERS), world.desks[ZIGONG]
    world.earn(number)
    answer = world.check(number, asker=WINDOWS)["number"]
    saying = desk.uses._saying

    def refusing(*_: object) -> None:
        raise RefusedError("log.recovering", "not now")

    with monkeypatch.context() as patched:
        patched.setattr(saying, "_publish", refusing)
        used = desk.used(answer, WINDOWS)
        assert (used["published"], used["later"]) == (False, "log.recovering")
        assert desk.job.run() == 0
        assert desk.job.report() == {"waiting": 1, "code": "log.recovering"}
    # It was published, and the process died before that was noted: it is found, not said again.
    with monkeypatch.context() as patched:
        patched.setattr("node.recognition.use_saying.set_uses_published", lambda *_: None)
        with desk.screened.store.read() as reads:
            use = use_of(reads, answer)
        assert use is not None
        saying._publish([use])
    before, said = desk.counted(), outcomes_in(desk.node)
    assert desk.job.run() == 1
    assert desk.job.report() == {"waiting": 0, "code": ""}
    assert desk.counted() == before
    assert outcomes_in(desk.node) == said


def test_a_commitment_is_read_as_it_was_said_last(world: World) -> None:
    number, luzhou = next(NUMBERS), world.federation[LUZHOU]
    condition = AllOf(of=(CommitmentKept(commitment_type="on-time"), RegisteredIn(region="51")))
    scenario = world.opened(title="容缺受理", condition=condition, scales=())

    def commit(**changes: Any) -> None:
        commitment = Commitment(
            audience=luzhou.audience(),
            subject=Subject(
                scheme="uscc",
                code=code_of(number),
                name=name_of(number),
                kind=SubjectKind.ENTERPRISE,
            ),
            commitment_type="on-time",
            text="补齐材料",
            made_on=Date(20260101),
            self_declared=False,
            source=Source(department="d", batch="1", row=1, key="1"),
        )
        publish(luzhou, Kind.COMMITMENT, 0, replace(commitment, **changes))
        world.settle()

    def decided() -> str:
        return str(world.check(number, LUZHOU, scenario)["result"])

    assert decided() == "not"
    commit(due_on=Date(20260201))
    assert decided() == "not"
    commit(due_on=Date(20260201), performed=True, performed_on=Date(20260131))
    assert decided() == "entitled"
    commit(due_on=Date(20260201), made_on=Date(20260102))
    assert decided() == "not"


def test_it_is_not_had_any_more_from_the_day_of_its_end(world: World) -> None:
    number = next(NUMBERS)
    world.earn(number)
    scenario = world.opened(title="绿色通道", condition=OnList(list_type=make.TAX), scales=())
    assert codes(world.check(number, of=scenario)) == ["benefit.not-recognised"]
    world.said(ZIGONG, ACCEPTED, scenario)
    assert world.check(number, of=scenario)["result"] == "entitled"
    world.said(ZIGONG, SUSPENDED, scenario, reason="系统升级")
    answer = world.check(number, of=scenario)
    assert (codes(answer), answer["reason"]) == (["benefit.suspended"], "系统升级")
