"""Objections and repair applications handed in away from the origin: forwarded, answered, closed.

泸州 (510500) lists; 自贡 (510300) forwards what was handed in there; 宜宾 and the hub look on.

Covers node/records/requests.py, node/relief/requests.py, node/relief/request_drafts.py,
node/relief/request_job.py, node/relief/request_documents.py, node/relief/ended_requests.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import yaml

from federation.errors import RefusedError
from federation.ids import Date, LeafHash, StatementId, node_of
from federation.payloads import Answer, Request, RequestType
from federation.relief.requests import How, Verdict
from federation.rows import OpeningStatus, State
from federation.statements import Kind
from federation.working_days import WorkingDays
from node.relief.ended_requests import EndedRequests
from node.relief.erasure import Erasures
from node.relief.requests import Decided
from node.status.problems import of_requests
from tests.support.asking import Asking, asking_of
from tests.support.catalogs import catalog_of, edition_text
from tests.support.desks import records_of
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
CITY, ASKER, THIRD, HUB = "510500", "510300", "511500", "510000"
RECEIVED = Date(20260920)
pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
DOCUMENT = {"document": "川信修〔2026〕7号", "decided_on": Date(20261120)}


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate()
    for member in (ASKER, THIRD, HUB):
        made.connect(CITY, member)
    made.connect(ASKER, THIRD)
    made.connect(ASKER, HUB)
    return made


def listed(federation: Federation, number: int = 1) -> StatementId:
    city = federation[CITY]
    said = city.list_(listing(number, audience=city.audience()))
    federation.settle()
    return said


def send(
    federation: Federation,
    about: StatementId,
    kind: RequestType = RequestType.OBJECTION,
    member: str = ASKER,
) -> StatementId:
    node = federation[member]
    shown = asking_of(node).desk.send(
        node.tokens(16).hex(),
        statement_id=about,
        kind=kind,
        received_on=RECEIVED,
        text="认为列入有误，附材料。",
    )
    federation.settle()
    return StatementId(bytes.fromhex(shown["statement_id"]))


def answer(
    federation: Federation, request: StatementId, decided: Decided, member: str = CITY
) -> dict[str, object]:
    node = federation[member]
    shown = asking_of(node).desk.answer(node.tokens(16).hex(), request, decided)
    federation.settle()
    return shown


def job(federation: Federation, member: str = CITY) -> int:
    said = asking_of(federation[member]).job.run()
    federation.settle()
    return said


def state(node: SimNode, request: StatementId) -> str:
    return str(asking_of(node).desk.get(request)["state"])


def notes_of(node: SimNode, about: StatementId) -> tuple[str, ...]:
    return records_of(node).get(about).annotations


def test_an_objection_is_marked_everywhere_and_closed_with_its_refusal(
    federation: Federation,
) -> None:
    about = listed(federation)
    request = send(federation, about)
    assert notes_of(federation[ASKER], about) == ("objection-forwarded",)
    assert notes_of(federation[THIRD], about) == ()
    assert records_of(federation[ASKER]).get(about).state == "active"
    assert job(federation) == 1
    assert job(federation) == 0
    for member in (CITY, ASKER, THIRD):
        assert "objection-opened" in notes_of(federation[member], about)
        assert federation[member].state(about) is State.ACTIVE
    assert state(federation[ASKER], request) == "received"
    shown = answer(
        federation, request, Decided(verdict=Verdict.REFUSED, reason="request.no-ground")
    )
    assert shown["state"] == "declined"
    assert state(federation[ASKER], request) == "declined"
    for member in (CITY, ASKER, THIRD):
        assert notes_of(federation[member], about) == ()


@pytest.mark.parametrize(
    ("how", "ends"),
    [
        (How.REPAIR, State.REPAIRED),
        (How.WITHDRAWAL, State.WITHDRAWN),
        (How.MASKING, State.MASKED),
        (How.PAUSE, State.PAUSED),
    ],
)
def test_what_grants_it_is_the_statement_that_names_it(
    federation: Federation, how: How, ends: State
) -> None:
    about = listed(federation)
    request = send(federation, about, RequestType.REPAIR_APPLICATION)
    job(federation)
    answer(federation, request, Decided(verdict=Verdict.ACCEPTED))
    assert state(federation[ASKER], request) == "accepted"
    shown = answer(federation, request, Decided(verdict=Verdict.GRANTED, how=how, **DOCUMENT))  # type: ignore[arg-type]
    assert shown["state"] == "done"
    for member in (CITY, ASKER, THIRD, HUB):
        assert federation[member].state(about) is ends
    told = asking_of(federation[ASKER]).desk.get(request)
    assert told["state"] == "done"
    result = told["answers"][-1]["result"]
    assert result["document"] == DOCUMENT["document"]
    assert result["kind"] in ("repair", "withdrawal", "annotation")


def test_after_a_crash_between_the_grant_and_its_done_the_job_says_it_once(
    federation: Federation,
) -> None:
    about = listed(federation)
    request = send(federation, about)
    city = federation[CITY]
    asking_of(city, settles=False).desk.answer(
        "0" * 32,
        request,
        Decided(verdict=Verdict.GRANTED, how=How.WITHDRAWAL, **DOCUMENT),  # type: ignore[arg-type]
    )
    assert state(city, request) == "forwarded"
    city.restart()
    federation.reconnect(CITY)
    assert job(federation) == 1
    assert job(federation) == 0
    assert state(federation[ASKER], request) == "done"


def test_a_repair_said_otherwise_closes_it(federation: Federation) -> None:
    about = listed(federation)
    request = send(federation, about, RequestType.REPAIR_APPLICATION)
    job(federation)
    relief = federation[CITY].relieve(Kind.REPAIR, about)
    assert job(federation) == 1
    shown = asking_of(federation[ASKER]).desk.get(request)
    assert shown["state"] == "done"
    assert shown["answers"][-1]["result"]["statement_id"] == relief.hex()


def test_a_statement_said_before_may_be_named(federation: Federation) -> None:
    about = listed(federation)
    request = send(federation, about)
    job(federation)
    city = federation[CITY]
    masking = city.registry.annotate(
        "1" * 32, statement_id=about, action=3, document="（2026）破1号", decided_on=Date(20261120)
    )
    city.run(masking.unit)
    for result in (about, request):
        with pytest.raises(RefusedError) as refused:
            answer(federation, request, Decided(verdict=Verdict.GRANTED, result=result))
        assert refused.value.code == "request.how"
    named = masking.published[0].statement_id
    answer(federation, request, Decided(verdict=Verdict.GRANTED, result=named))
    assert state(federation[ASKER], request) == "done"
    assert notes_of(federation[THIRD], about) == ("masking-begun",)


def test_an_objection_stays_while_another_keeps_it(federation: Federation) -> None:
    about = listed(federation)
    first, second = send(federation, about), send(federation, about, member=THIRD)
    job(federation)
    refused = Decided(verdict=Verdict.REFUSED, reason="request.no-ground")
    answer(federation, first, refused)
    assert "objection-opened" in notes_of(federation[HUB], about)
    answer(federation, second, refused)
    assert "objection-opened" not in notes_of(federation[HUB], about)


def test_an_objection_of_a_department_is_not_ended_with_a_request(federation: Federation) -> None:
    about = listed(federation)
    city = federation[CITY]
    own = city.registry.annotate(
        "2" * 32, statement_id=about, action=1, document="异议1号", decided_on=Date(20261119)
    )
    city.run(own.unit)
    federation.settle()
    request = send(federation, about)
    job(federation)
    answer(federation, request, Decided(verdict=Verdict.REFUSED, reason="request.no-ground"))
    assert notes_of(federation[THIRD], about) == ("objection-opened",)


def test_only_the_asker_and_the_origin_read_it(federation: Federation) -> None:
    about = listed(federation)
    request = send(federation, about)
    job(federation)
    for member in (THIRD, HUB):
        with federation[member].store.read() as session:
            rows = session.list_rows(
                log=None, kinds=[Kind.REQUEST], states=None, after=None, limit=9
            )
        assert {row.opening for row in rows} <= {OpeningStatus.NOT_FOR_US}
        assert len(rows) == 2
        with pytest.raises(RefusedError) as refused:
            asking_of(federation[member]).desk.get(request)
        assert refused.value.code == "request.unknown"


def test_a_third_may_not_answer_and_nothing_is_answered_twice(federation: Federation) -> None:
    about = listed(federation)
    request = send(federation, about)
    refusal = Decided(verdict=Verdict.REFUSED, reason="request.no-ground")
    with pytest.raises(RefusedError) as refused:
        answer(federation, request, refusal, member=ASKER)
    assert refused.value.code == "request.not-ours"
    with pytest.raises(RefusedError) as refused:
        answer(federation, request, Decided(verdict=Verdict.WITHDRAWN))
    assert refused.value.code == "request.not-ours"
    answer(federation, request, refusal)
    for member, verdict in ((CITY, refusal), (ASKER, Decided(verdict=Verdict.WITHDRAWN))):
        with pytest.raises(RefusedError) as refused:
            answer(federation, request, verdict, member=member)
        assert refused.value.code == "request.closed"


GRANT = Decided(verdict=Verdict.GRANTED, how=How.MASKING, **DOCUMENT)  # type: ignore[arg-type]
REFUSAL = Decided(verdict=Verdict.REFUSED, reason="request.no-ground")


@pytest.mark.parametrize("first", ["granted", "relieved"])
@pytest.mark.parametrize("then", [GRANT, REFUSAL])
def test_an_old_page_refuses_and_grants_nothing_that_was_granted_since(
    federation: Federation, first: str, then: Decided
) -> None:
    """Two people have it before them; `done` is said of it by a job, a moment later."""
    city = federation[CITY]
    about = listed(federation)
    request = send(federation, about)
    desk = asking_of(city, settles=False).desk
    if first == "granted":
        desk.answer("a" * 32, request, GRANT)
    else:
        city.relieve(Kind.REPAIR, about)
    size = len(city.states())
    with pytest.raises(RefusedError) as refused:
        desk.answer("b" * 32, request, then)
    assert (refused.value.code, len(city.states())) == ("request.closed", size)
    desk.answer("c" * 32, request, Decided(verdict=Verdict.ACCEPTED))
    job(federation)
    assert state(city, request) == "done"


def test_who_forwarded_it_takes_it_back(federation: Federation) -> None:
    about = listed(federation)
    request = send(federation, about)
    answer(federation, request, Decided(verdict=Verdict.WITHDRAWN), member=ASKER)
    assert state(federation[CITY], request) == "withdrawn"
    assert notes_of(federation[ASKER], about) == ()
    assert job(federation) == 0


def refused_code(federation: Federation, about: StatementId, member: str = ASKER) -> str:
    with pytest.raises(RefusedError) as refused:
        send(federation, about, member=member)
    return refused.value.code


def test_what_may_not_be_forwarded(federation: Federation) -> None:
    about = listed(federation)
    assert refused_code(federation, StatementId(bytes(16))) == "record.unknown"
    assert refused_code(federation, about, CITY) == "request.own"
    send(federation, about)
    assert refused_code(federation, about) == "request.exists"
    federation[CITY].relieve(Kind.REPAIR, about)
    federation.settle()
    assert refused_code(federation, about, THIRD) == "request.ended"
    with pytest.raises(RefusedError) as refused:
        asking_of(federation[ASKER]).desk.send(
            "3" * 32,
            statement_id=about,
            kind=RequestType.OBJECTION,
            received_on=Date(20991231),
            text="",
        )
    assert refused.value.code == "request.received"


@pytest.mark.parametrize(
    "decided",
    [
        Decided(verdict=Verdict.REFUSED),
        Decided(verdict=Verdict.REFUSED, reason="request.limit"),
        Decided(verdict=Verdict.GRANTED),
        Decided(verdict=Verdict.GRANTED, how=How.REPAIR),
        Decided(
            verdict=Verdict.GRANTED,
            how=How.REPAIR,
            document="1",
            decided_on=Date(20261120),
            result=StatementId(bytes(16)),
        ),
    ],
)
def test_a_verdict_says_all_that_it_needs(federation: Federation, decided: Decided) -> None:
    with pytest.raises(RefusedError) as refused:
        answer(federation, StatementId(bytes(16)), decided)
    assert refused.value.code in ("request.reason", "request.how")


def test_of_what_has_ended_meanwhile_it_is_closed_at_once(federation: Federation) -> None:
    about = listed(federation)
    wire = federation.wires[0]
    assert {end.member for end in wire.ends} == {CITY, ASKER}
    federation.cut(wire)
    federation[CITY].relieve(Kind.REPAIR, about)
    request = asking_of(federation[ASKER]).desk.send(
        "4" * 32,
        statement_id=about,
        kind=RequestType.OBJECTION,
        received_on=RECEIVED,
        text="",
    )
    federation.connect(CITY, ASKER)
    federation.settle()
    job(federation)
    assert request["state"] == "forwarded"
    found = StatementId(bytes.fromhex(str(request["statement_id"])))
    assert state(federation[ASKER], found) == "done"
    assert "objection-opened" not in notes_of(federation[THIRD], about)


def test_pages_and_the_same_request_again(federation: Federation) -> None:
    abouts = [listed(federation, number) for number in (1, 2, 3)]
    for about in abouts:
        send(federation, about)
    desk = asking_of(federation[CITY]).desk
    first, token = desk.list(2, "", open_only=True)
    rest, end = desk.list(2, token, open_only=True)
    assert (len(first), len(rest), end) == (2, 1, "")
    assert {one["side"] for one in (*first, *rest)} == {"answer"}
    sent: Asking = asking_of(federation[ASKER])
    once = {"statement_id": abouts[0], "kind": RequestType.REPAIR_APPLICATION}
    again = [
        sent.desk.send("5" * 32, received_on=RECEIVED, text="", **once)["statement_id"]  # type: ignore[arg-type]
        for _ in range(2)
    ]
    assert again[0] == again[1]
    refused = Decided(verdict=Verdict.REFUSED, reason="request.too-early")
    closed = StatementId(bytes.fromhex(first[0]["statement_id"]))
    answer(federation, closed, refused)
    assert len(desk.list(9, "", open_only=True)[0]) == len(desk.list(9, "", open_only=False)[0]) - 1


def test_ht16_an_id_under_which_something_else_was_said_sends_and_answers_nothing(
    federation: Federation,
) -> None:
    """Answered as done it would be done by nobody: an objection above all must not be lost so."""
    first, second = (listed(federation, number) for number in (1, 2))
    sent, desk = asking_of(federation[ASKER]).desk, asking_of(federation[CITY]).desk

    def forward(
        about: StatementId,
        kind: RequestType = RequestType.OBJECTION,
        received_on: Date = RECEIVED,
        text: str = "",
    ) -> StatementId:
        shown = sent.send(
            "5" * 32, statement_id=about, kind=kind, received_on=received_on, text=text
        )
        return StatementId(bytes.fromhex(shown["statement_id"]))

    def decide(request: StatementId, decided: Decided) -> object:
        return desk.answer("6" * 32, request, decided)

    def code(call: Callable[..., object], *args: object) -> str:
        with pytest.raises(RefusedError) as caught:
            call(*args)
        return caught.value.code

    request = forward(first)
    assert forward(first) == request
    assert code(forward, second) == "request.reused"
    assert code(forward, first, RequestType.REPAIR_APPLICATION) == "request.reused"
    earlier = Date(RECEIVED - 1)
    assert code(forward, first, RequestType.OBJECTION, earlier) == "request.reused"
    assert code(forward, first, RequestType.OBJECTION, RECEIVED, "另文") == "request.reused"
    other = send(federation, second)
    accepted, refused = (
        Decided(verdict=Verdict.ACCEPTED),
        Decided(verdict=Verdict.REFUSED, reason="request.no-ground"),
    )
    granted = Decided(verdict=Verdict.GRANTED, how=How.PAUSE, **DOCUMENT)  # type: ignore[arg-type]
    assert decide(request, accepted) == decide(request, accepted)
    for another in ((request, refused), (request, granted), (other, accepted)):
        assert code(decide, *another) == "request.reused"
    assert state(federation[CITY], request) == "accepted"
    assert state(federation[CITY], other) == "received"
    assert desk.answer("7" * 32, request, granted)["state"] == "done"
    assert desk.answer("7" * 32, request, granted)["state"] == "done"
    assert code(desk.answer, "7" * 32, other, granted) == "request.reused"
    elsewhere = replace(granted, document="另一文书")
    assert code(desk.answer, "7" * 32, request, elsewhere) == "request.reused"
    assert desk.answer("8" * 32, other, refused) == desk.answer("8" * 32, other, refused)
    early = replace(refused, reason="request.too-early")
    assert code(desk.answer, "8" * 32, other, early) == "request.reused"


def deadline(name: str, days: int) -> dict[str, object]:
    return {
        name: {
            "days": days,
            "unit": "days",
            "basis": "演示条例",
            "certainty": "C",
            "valid_from": "2015-01-01",
            "source": "演示",
        }
    }


def timed(node: SimNode, **rows: int) -> None:
    """Give a node an edition with these deadlines, in days."""
    text = yaml.safe_load(edition_text("tests-2015"))
    text["deadlines"] = {k: v for n, d in rows.items() for k, v in deadline(n, d).items()}
    node.catalog = catalog_of(yaml.safe_dump(text, allow_unicode=True))


def test_rq7_what_is_late_is_said_at_both_ends(federation: Federation) -> None:
    about = listed(federation)
    request = send(federation, about)
    job(federation)
    for member in (CITY, ASKER):
        assert asking_of(federation[member]).job.report()["late"] == []
        timed(federation[member], accept=3, result=10)
    assert asking_of(federation[CITY]).desk.get(request)["received_on"] == RECEIVED
    for member in (CITY, ASKER):
        report = asking_of(federation[member]).job.report()
        assert report["late"] == [], "rq7: counted from when others vouched for it"
    federation.clock.advance(44 * 86_400)
    assert asking_of(federation[ASKER]).job.report()["late"] == [], "rq9: not heard of since"
    federation[CITY].publisher.renew_head()
    federation[CITY].exchange.published()
    federation.settle()
    federation.clock.advance(6)
    federation.settle()
    for member, side in ((CITY, "answer"), (ASKER, "sent")):
        report = asking_of(federation[member]).job.report()
        assert report["overdue"][side] == 2
        assert {one["stage"] for one in report["late"]} == {"accept", "result"}
        codes = [one["code"] for one in of_requests(report)]
        assert codes == ["request.overdue"] * 2
    answer(federation, request, Decided(verdict=Verdict.REFUSED, reason="request.no-ground"))
    for member in (CITY, ASKER):
        assert asking_of(federation[member]).job.report()["late"] == []


def test_rq3_a_flood_waits_for_a_person(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("federation.requests.OPEN_PER_DAY", 1)
    abouts = [listed(federation, number) for number in (1, 2)]
    requests = [send(federation, about) for about in abouts]
    assert job(federation) == 1
    city = federation[CITY]
    report = asking_of(city).job.report()
    assert list(report["waiting"].values()) == [1]
    assert [one["code"] for one in of_requests(report)] == ["request.limit"]
    assert notes_of(city, abouts[1]) == ()
    answer(federation, requests[1], Decided(verdict=Verdict.RECEIVED))
    assert notes_of(city, abouts[1]) == ("objection-opened",)


def erase(node: SimNode, today: Date) -> None:
    """Erase what is over on a day of trusted time."""
    ended = EndedRequests(
        requests=records_of(node).requests,
        catalog=lambda: node.catalog,
        working_days=lambda: WorkingDays({}),
    )
    erasures = Erasures(
        own=node.origin,
        registry=node.registry,
        now=node.clock.now,
        today=lambda: today,
        failpoints=node.failpoints,
        requests=ended,
    )
    while True:
        with node.store.read() as session:
            if not erasures.due(session):
                return
        node.run(erasures.unit())


def test_rq8_closed_ones_are_erased_after_their_term(federation: Federation) -> None:
    abouts = [listed(federation, number) for number in (1, 2)]
    closed, still_open = [send(federation, about) for about in abouts]
    job(federation)
    answer(federation, closed, Decided(verdict=Verdict.REFUSED, reason="request.no-ground"))
    asker = asking_of(federation[ASKER])
    later = Date(20271231)
    erase(federation[ASKER], later)
    assert asker.desk.get(closed)["state"] == "declined"  # without a row it is kept
    timed(federation[ASKER], **{"keep-request": 30})
    erase(federation[ASKER], Date(0))
    assert asker.desk.get(closed)["state"] == "declined"
    with federation[ASKER].store.write() as session:
        for head in session.heads():
            session.set_head(replace(head, delivered_to=head.size))
    erase(federation[ASKER], later)
    with pytest.raises(RefusedError) as refused:
        asker.desk.get(closed)
    assert refused.value.code == "request.erased"
    assert asker.desk.get(still_open)["state"] == "received"
    with pytest.raises(RefusedError) as refused:
        answer(federation, closed, Decided(verdict=Verdict.WITHDRAWN), member=ASKER)
    assert refused.value.code == "request.erased"


def test_answers_of_others_and_requests_about_nothing(federation: Federation) -> None:
    """A third answers, and a member names leaves and records that are not what they are."""
    about = listed(federation)
    request = send(federation, about)
    third, asker, city = federation[THIRD], federation[ASKER], federation[CITY]
    with asker.store.read() as session:
        (asked,) = records_of(asker).requests.all(session)
    for liar, action in ((third, 5), (third, 6), (asker, 5), (city, 6)):
        members = tuple(node_of(node.origin) for node in (asker, city))
        body = Answer(request=asked.reference)
        said = Request(audience=replace(liar.audience(), members=members), body=body)
        liar.say(liar.draft(Kind.REQUEST, said, action=action))
    federation.settle()
    for node in (asker, city):
        assert state(node, request) == "forwarded"
    named = asked.submission.listing
    wrong = (
        replace(named, index=named.index + 900),
        replace(named, leaf_hash=LeafHash(bytes(32))),
    )
    records = (asked.submission.record, replace(asked.submission.record, document="另一号"))
    lies = [
        *(replace(asked.submission, listing=one) for one in wrong),
        replace(asked.submission, record=records[1]),
    ]
    audience = replace(asker.audience(), members=(node_of(city.origin),))
    for lie in lies:
        asker.say(asker.draft(Kind.REQUEST, Request(audience=audience, body=lie), action=1))
    federation.settle()
    assert job(federation) == 1 + len(lies)
    found = asking_of(city).desk.list(10, "", open_only=False)[0]
    assert sorted(one["state"] for one in found) == ["declined"] * 3 + ["received"]
    declined = [one["answers"][-1]["reason"] for one in found if one["state"] == "declined"]
    assert declined == ["request.not-ours"] * 3
