"""What departments did with matches: reported, told to the origin, reopened by relief, counted.

泸州 (510500) lists; departments of 宜宾 (511500) asked; 自贡 and the hub look on.

Covers node/screening/outcome_desk.py, node/screening/outcome_saying.py,
node/screening/outcome_states.py, node/screening/outcome_job.py,
node/screening/outcome_origin.py, node/screening/outcome_documents.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from adapters.sql.outcomes import MatchRow, put_match
from federation.dates import add_months
from federation.errors import RefusedError, StatementError
from federation.ids import Date, Origin, StatementId, node_of
from federation.payloads import Outcome, OutcomeResult, Reference
from federation.reconcile.findings import Finding
from federation.statements import Kind
from node.codec import page_tokens
from node.status.problems import of_outcomes
from node.system.clock import date_of
from tests.scenarios.test_quality import desk_of as quality_of
from tests.support import charters as build
from tests.support.catalogs import catalog_of, edition_text, matter_text
from tests.support.desks import desk_of, records_of
from tests.support.followed_repairs import desk_of as desk_of_repairs
from tests.support.followed_repairs import repairs_of
from tests.support.outcoming import (
    CODE,
    DENY,
    NAME,
    OPERATOR,
    WARN,
    Outcoming,
    Reports,
    outcoming_of,
)
from tests.support.simulation import Federation, SimNode, leaf_hash_of, listing
from tests.support.telling import receipt_job, said_of

CITY, ASKER, THIRD = "510500", "511500", "510300"
DAY = 86_400
US = Reports()


class World:
    """The federation, and what two of its cities have for outcomes."""

    def __init__(self, federation: Federation) -> None:
        self.federation = federation
        self.listings = 0
        self.city = outcoming_of(federation[CITY])
        self.asker = outcoming_of(federation[ASKER])
        self.third = outcoming_of(federation[THIRD])

    def listed(self, number: int = 0, member: str = CITY) -> StatementId:
        self.listings += 1
        number = number or self.listings
        node = self.federation[member]
        said = node.list_(listing(number, audience=node.audience()))
        self.settle()
        return said

    def settle(self) -> None:
        self.federation.settle()
        for node in self.federation.nodes.values():
            node.reconcile()

    def report(
        self, match: MatchRow, result: str, measure: str = "deny-tender", **more: Any
    ) -> dict[str, Any]:
        shown = self.asker.desk.report(US, raw(self.asker.node, match, result, measure, **more))
        self.settle()
        return shown


def raw(node: SimNode, match: MatchRow, result: str, measure: str, **more: Any) -> dict[str, Any]:
    return {
        "check": match.number,
        "origin": match.origin,
        "index": match.idx,
        "measure": measure,
        "result": result,
        "reason": "",
        "decided_on": int(date_of(node.clock.now())),
        "person": "经办人王演示",
        **more,
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    members = [build.make_member(name) for name in (ASKER, CITY, THIRD)]
    made = Federation(
        tmp_path_factory.mktemp("outcomes"), (ASKER, CITY, THIRD), [build.make_chain(members)]
    )
    for member in (ASKER, THIRD):
        made.connect(CITY, member)
    made.connect(ASKER, THIRD)
    found = World(made)
    yield found
    for one in (found.city, found.asker, found.third):
        one.query_writer.close()
        one.queries.close()
    for node in made.nodes.values():
        node.store.close()


def told_of(one: Outcoming, match: MatchRow) -> list[dict[str, Any]]:
    record = f"{match.origin}#{match.idx}"
    return [told for told in one.desk.list(OPERATOR) if told["record"] == record]


def received(one: Outcoming, match: MatchRow) -> list[dict[str, Any]]:
    return [told for told in told_of(one, match) if told["side"] == "received"]


def pending(world: World, *matches: MatchRow) -> list[dict[str, Any]]:
    numbers = {match.number for match in matches}
    return [one for one in world.asker.desk.pending(US)[0] if one["check"] in numbers]


def code_of(world: World, given: dict[str, Any], who: Reports = US) -> str:
    with pytest.raises(RefusedError) as caught:
        world.asker.desk.report(who, given)
    return caught.value.code


def test_the_origin_alone_learns_what_was_done_and_nobody_who_did_it(world: World) -> None:
    match = world.asker.checked(world.listed(), DENY, WARN)
    assert [one["check"] for one in pending(world, match)] == [match.number]
    shown = world.report(match, "applied")
    assert (shown["state"], shown["published"], shown["later"]) == ("reported", True, "")
    (told,) = received(world.city, match)
    assert (told["result"], told["measure"], told["matter"]) == (
        "applied",
        "deny-tender",
        "procurement",
    )
    assert (told["department"], told["basis"]) == (US.department, DENY["basis"])
    assert told["list_type"]
    assert "王演示" not in str(world.city.desk.list(OPERATOR))
    assert world.third.desk.list(OPERATOR) == []
    assert {one["side"] for one in world.asker.desk.list(OPERATOR)} == {"reported"}
    assert pending(world, match) == []
    (whole,) = world.asker.desk.get(US, match.number)["matches"]
    assert whole["persons"] == ["经办人王演示"]
    assert whole["listing"]["subject_name"]
    assert world.asker.desk.get(US, match.number)["case_no"] == "案1"


def test_withdrawn_is_reopened_undone_and_seen_at_the_origin(world: World) -> None:
    about = world.listed()
    match = world.asker.checked(about, DENY)
    unsaid = world.asker.checked(about, DENY, case="案2")
    world.report(match, "applied")
    assert world.asker.job.run() == 0
    relief = world.federation[CITY].relieve(Kind.WITHDRAWAL, about)
    world.settle()
    assert world.asker.job.run() == 2
    for one in (match, unsaid):
        assert world.asker.now(one).state == "reopened"
    known = world.asker.job.report()
    assert (known["reopened"], len(known["to_undo"]), known["overdue"]) == (2, 2, 0)
    assert {one["state"] for one in pending(world, match, unsaid)} == {"reopened"}
    shown = world.asker.desk.get(US, match.number)
    assert (shown["code"], shown["name"]) == (CODE, NAME)
    (whole,) = shown["matches"]
    assert whole["listing"]["ended_by"]["statement_id"] == relief.hex()
    assert (whole["listing"]["state"], whole["listing"]["ended_by"]["kind"]) == (
        "withdrawn",
        "withdrawal",
    )
    world.federation.clock.advance(30 * DAY)
    late = world.asker.job.report()
    assert late["overdue"] == late["reopened_overdue"] == 2
    problems = {one["code"]: one["message"] for one in of_outcomes(late)}
    assert set(problems) == {"outcomes.reopened", "outcomes.overdue"}
    assert US.department in problems["outcomes.reopened"]
    assert world.report(match, "undone")["state"] == "undone"
    world.report(unsaid, "not-applied", "", reason="outcome.relieved")
    assert world.asker.now(unsaid).state == "closed"
    assert pending(world, match, unsaid) == []
    assert world.asker.job.run() == 0
    told = received(world.city, match)
    words = [(one["result"], one["reason"], one["in_force"]) for one in told]
    assert sorted(words) == [
        ("applied", "", False),
        ("not-applied", "outcome.relieved", True),
        ("undone", "outcome.relieved", True),
    ]


def test_rp16_a_relief_is_done_here_once_no_department_has_anything_left_to_say(
    world: World,
) -> None:
    about, other = world.listed(), world.listed()
    match = world.asker.checked(about, DENY)
    elsewhere = world.asker.checked(other, DENY)
    world.report(match, "applied")
    relief = world.federation[CITY].relieve(Kind.REPAIR, about)
    world.settle()
    node = world.asker.node
    repairs = desk_of_repairs(node, world.asker.documents.open_of)
    (unseen,) = repairs.get(relief)["by_department"]
    assert (unseen["state"], unseen["overdue"]) == ("reported", False), "no job has looked yet"
    world.asker.job.run()
    told = repairs.get(relief)
    (owed,) = told["by_department"]
    assert (owed["department"], owed["check"], owed["state"]) == (
        US.department,
        match.number,
        "reopened",
    )
    assert owed["due_on"] > int(date_of(node.clock.now()))
    assert (told["departments"], told["departments_late"]) == (1, 0)
    assert NAME not in str(told["by_department"])
    assert not repairs_of(node, world.asker.documents.open_of).get(relief).done
    assert desk_of_repairs(node).get(relief)["departments"] == 0
    assert elsewhere.number not in str(told)
    world.report(match, "undone")
    assert repairs.get(relief)["by_department"] == []


def test_oc6_a_relief_reopens_by_the_day_of_its_decision_however_late_it_comes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, city = world.asker.node, world.federation[CITY]
    matter = matter_text("short-2026", "short", {}, undo_months=1)
    monkeypatch.setattr(node, "catalog", catalog_of(edition_text(), matter))
    listings = [world.listed(), world.listed()]
    matches = [world.asker.checked(about, DENY, matter="short") for about in listings]
    for match in matches:
        world.report(match, "applied")
    answered = date_of(node.clock.now())
    over = add_months(answered, 1)
    city.relieve(Kind.REPAIR, listings[0], decided_on=over)
    world.federation.clock.advance(40 * DAY)
    today = date_of(node.clock.now())
    assert over < today
    city.relieve(Kind.REPAIR, listings[1], decided_on=today)
    world.settle()
    world.asker.job.run()
    assert [world.asker.now(match).state for match in matches] == ["reopened", "closed"]


def test_what_is_looked_at_again_and_what_was_not_done_is_closed(world: World) -> None:
    about = world.listed()
    done = world.asker.checked(about, DENY)
    idle = world.asker.checked(about, DENY, case="案2")
    world.report(done, "applied")
    world.report(idle, "proceeded", reason="outcome.public-need")
    world.federation[CITY].relieve(Kind.REPAIR, about)
    world.settle()
    assert world.asker.job.run() == 2
    assert world.asker.now(idle).state == "closed"
    assert world.report(done, "re-examined")["state"] == "closed"
    assert {one["reason"] for one in received(world.city, done) if one["in_force"]} == {
        "outcome.re-examined",
        "outcome.public-need",
    }


def test_two_routes_are_one_case_and_one_report(world: World) -> None:
    about = world.listed()
    first = world.asker.checked(about, DENY, matter="routes")
    second = world.asker.checked(about, DENY, matter="routes")
    copied = world.listed(world.listings, THIRD)
    third = world.asker.checked(copied, DENY, matter="routes")
    late = world.asker.checked(about, DENY, matter="routes")
    world.report(first, "applied")
    assert world.asker.now(second).state == "reported"
    assert (
        world.report(second, "applied")["statements"]
        == world.report(first, "applied")["statements"]
    )
    with world.asker.queries.write() as writes:
        put_match(writes, late)  # as one that is asked after the report
    assert world.asker.now(late).state == "pending"
    assert world.asker.job.run() == 1
    assert world.asker.now(late).state == "reported"
    assert len(received(world.city, first)) == 1
    world.report(third, "applied")
    assert len(received(world.third, third)) == 1
    figures = world.asker.desk.figures(Date(20260101), Date(20261231))
    (row,) = [row for row in figures["rows"] if row["matter"] == "routes"]
    assert (row["cases"], row["applied"], row["undone"], row["qualified"]) == (1, 1, 0, None)
    (case,) = [case for case in figures["cases"] if case["matter"] == "routes"]
    assert (case["result"], case["qualified"]) == ("applied", None)
    figures = world.city.desk.figures(Date(20260101), Date(20261231))
    (row,) = [row for row in figures["rows"] if row["matter"] == "routes"]
    assert (row["cases"], row["region"]) == (1, received(world.city, first)[0]["region"])
    assert world.city.desk.figures(Date(20270101), Date(20271231))["rows"] == []


def _told_of_outcomes(world: World) -> tuple[int, int, list[str]]:
    """What the source sees of its listings (G16): cases, wrong matches, and of which records."""
    city = world.federation[CITY]
    found = quality_of(city, city.directory).quality(Date(19490101), Date(29991231), records=True)
    rows = found["rows"]
    return (
        sum(row["outcomes"] for row in rows),
        sum(row["wrong_matches"] for row in rows),
        [one for row in rows for one in row["records"].get("wrong_matches", [])],
    )


def test_of_another_subject_is_held_here_and_told_to_the_origin(world: World) -> None:
    before = _told_of_outcomes(world)
    about = world.listed()
    match = world.asker.checked(about, DENY, WARN)
    world.report(match, "prompted", "warn")
    shown = world.report(match, "wrong-subject", "")
    assert shown["state"] == "wrong"
    assert world.report(match, "wrong-subject", "")["statements"] == shown["statements"]
    node = world.federation[ASKER]
    assert records_of(node).get(about).state == "held"
    assert node.findings()[Origin(match.origin), match.idx] == Finding.OTHER_SUBJECT
    assert records_of(world.federation[CITY]).get(about).state == "active"
    receipt_job(node).run()
    said = said_of(node, Origin(match.origin))
    assert (match.idx, "held", "identity.other-subject") in said
    newest = next(one for one in received(world.city, match) if one["in_force"])
    assert (newest["result"], newest["reason"]) == ("undone", "outcome.other-subject")
    cases, wrong, records = _told_of_outcomes(world)
    assert (cases - before[0], wrong - before[1]) == (1, 1)
    assert set(records) - set(before[2]) == {about.hex()}
    desk = desk_of(node)
    desk.decide(about, "use", "张某", "代码名称一致")
    desk.decide(about, "use", "李某", "已复核")
    node.reconcile()
    assert records_of(node).get(about).state == "active"
    world.asker.job.run()
    assert records_of(node).get(about).state == "active"


def test_bare_matches_and_our_own_listings_can_be_wrong_too(world: World) -> None:
    own = world.listed(member=ASKER)
    match = world.asker.checked(own)
    assert pending(world, match) == []
    assert world.report(match, "wrong-subject", "")["state"] == "wrong"
    assert records_of(world.federation[ASKER]).get(own).state == "held"
    assert [one["side"] for one in told_of(world.asker, match)] == ["reported"]
    assert told_of(world.city, match) == []


def test_what_is_no_report(world: World) -> None:
    match = world.asker.checked(world.listed(), DENY)
    node = world.federation[ASKER]
    good = raw(node, match, "applied", "deny-tender")
    stranger = Reports(department="另一部门（演示）", credential="c2")
    assert code_of(world, good, stranger) == "outcome.unknown"
    assert code_of(world, good, Reports(department="", credential="c3")) == "outcome.unknown"
    for change, code in (
        ({"check": "511500-20261101-000000000009"}, "outcome.unknown"),
        ({"index": 77}, "outcome.unknown"),
        ({"index": "7"}, "outcome.form"),
        ({"check": "x" * 10_000}, "outcome.form"),
        ({"measure": ["a"]}, "outcome.form"),
        ({"measure": "other"}, "outcome.measure"),
        ({"result": "maybe"}, "outcome.result"),
        ({"result": "proceeded"}, "outcome.reason"),
        ({"decided_on": "2026-11-20"}, "outcome.date"),
        ({"decided_on": 20260101}, "outcome.date"),
        ({"person": " "}, "outcome.person"),
    ):
        assert code_of(world, good | change) == code, change
    with pytest.raises(RefusedError) as caught:
        world.asker.desk.get(stranger, match.number)
    assert caught.value.code == "outcome.unknown"
    world.report(match, "applied", request_id="r-1")
    assert world.report(match, "applied", request_id="r-1")["state"] == "reported"
    other = good | {"result": "proceeded", "reason": "outcome.error"}
    assert code_of(world, other) == "outcome.twice"
    assert code_of(world, other | {"request_id": "r-1"}) == "request.reused"
    shown = world.report(match, "proceeded", reason="outcome.error", corrects=True)
    assert shown["state"] == "reported"
    told = received(world.city, match)
    assert {(one["result"], one["in_force"]) for one in told} == {
        ("proceeded", True),
        ("applied", False),
    }


def test_a_report_that_cannot_be_said_now_is_said_later_once(world: World) -> None:
    match = world.asker.checked(world.listed(), DENY)
    node = world.federation[ASKER]
    run = node.run
    failing = world.asker.saying

    def refused(_: object) -> Any:
        raise RefusedError("own-log.unanswered", "nobody has said yet")

    failing._writer._run = refused  # type: ignore[attr-defined]
    shown = world.asker.desk.report(US, raw(node, match, "applied", "deny-tender"))
    assert (shown["state"], shown["published"], shown["later"]) == (
        "reported",
        False,
        "own-log.unanswered",
    )
    world.asker.job.run()
    assert world.asker.job.report()["unsaid"] == "own-log.unanswered"
    codes = {one["code"] for one in of_outcomes(world.asker.job.report())}
    assert "outcomes.unsaid" in codes
    failing._writer._run = run  # type: ignore[attr-defined]
    assert world.asker.job.run() == 1
    assert world.asker.job.run() == 0
    assert world.asker.job.report()["unsaid"] == ""
    world.settle()
    assert len(received(world.city, match)) == 1


def test_what_cannot_be_said_keeps_nothing_else_waiting(world: World) -> None:
    lost = world.asker.checked(world.listed(), DENY)
    with world.asker.queries.write() as writes:
        gone = {"number": lost.number, "origin": "gone.example/1"}
        query = "UPDATE check_matches SET origin = :origin WHERE number = :number"
        writes.connection.execute(text(query), gone)
    lost = replace(lost, origin="gone.example/1")
    shown = world.report(lost, "applied")
    assert (shown["published"], shown["later"]) == (False, "record.unknown")
    match = world.asker.checked(world.listed(), DENY)
    shown = world.report(match, "applied")
    assert (shown["published"], shown["later"]) == (True, "")
    world.asker.job.run()
    assert world.asker.job.report()["unsaid"] == "record.unknown"
    with world.asker.queries.write() as writes:
        writes.connection.execute(text("DELETE FROM outcomes WHERE published = 0"))
    world.asker.job.run()
    assert world.asker.job.report()["unsaid"] == ""


def test_oc11_what_another_says_of_what_is_not_ours_counts_nowhere(world: World) -> None:
    about, own = world.listed(member=THIRD), world.listed()
    match, ours = world.asker.checked(about, DENY), world.asker.checked(own, DENY)
    node = world.federation[ASKER]
    leaf = leaf_hash_of(node, about)
    for listing_of, hash_ in ((match, leaf), (ours, leaf)):
        payload = Outcome(
            audience=replace(node.audience(), members=(node_of(world.city.node.origin),)),
            case_id=bytes(16),
            result=OutcomeResult.APPLIED,
            listing=Reference(
                origin=Origin(listing_of.origin), index=listing_of.idx, leaf_hash=hash_
            ),
            department="某部门（演示）",
            matter="procurement",
            measure="deny-tender",
            measure_basis="某法",
            decided_on=Date(20260921),
        )
        node.say(node.draft(Kind.OUTCOME, payload))
    world.settle()
    assert told_of(world.city, match) == []
    assert told_of(world.city, ours) == []


def test_what_did_not_change_is_not_gone_through_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    while world.asker.job.run():
        pass
    gone_through: list[object] = []
    monkeypatch.setattr(world.asker.job, "_changes", lambda *given: gone_through.append(given))
    assert world.asker.job.run() == 0
    assert gone_through == []


def test_after_a_crash_behind_the_publishing_nothing_is_said_twice(world: World) -> None:
    matches = [world.asker.checked(world.listed(), DENY) for _ in range(2)]
    for match in matches:
        world.report(match, "applied")
    size = world.federation[ASKER].sizes()
    with world.asker.queries.write() as writes:
        writes.connection.execute(text("UPDATE outcomes SET published = 0"))
    assert world.asker.job.run() > 1
    assert world.federation[ASKER].sizes() == size
    assert [len(received(world.city, match)) for match in matches] == [1, 1]


def test_what_waits_comes_whole_or_a_page_at_a_time(world: World) -> None:
    about = world.listed()
    for number, day in enumerate((20261127, 0, 20261001)):
        world.asker.checked(about, DENY, case=f"页{number}", due_on=day)
    whole, end = world.asker.desk.pending(US)
    assert end == ""
    assert len(whole) > 2
    paged: list[dict[str, Any]] = []
    token = ""
    while True:
        page, token = world.asker.desk.pending(US, 2, token)
        paged += page
        if not token:
            break
        assert len(page) == 2
    assert paged == whole
    late = [one["overdue"] for one in whole]
    assert late == sorted(late, reverse=True)
    assert world.asker.desk.pending(Reports(department="别的"), 2)[0] == []
    wrong: tuple[list[str | int], ...] = (
        ["reported", 1, "a", "b", 1],
        ["pending", 1, "a", "b"],
        ["pending", 1, "", "", 2**70],
    )
    for said in wrong:
        with pytest.raises(StatementError) as caught:
            world.asker.desk.pending(US, 2, page_tokens.written(said))
        assert caught.value.code == "page-token.invalid"
