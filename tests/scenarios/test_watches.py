"""宜宾 watches subjects that 泸州 lists and relieves: whatever changes an answer is told, once.

Covers node/screening/watch_desk.py, node/screening/watch_documents.py,
node/screening/watch_index.py, node/screening/watch_judging.py, node/screening/watch_opening.py,
node/screening/watch_positions.py, node/screening/watch_reading.py,
node/screening/watch_subjects.py, node/screening/watch_ending.py, adapters/sql/watches.py,
adapters/sql/touching.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.sql.query_rows import rows_of_subject
from adapters.sql.watches import answers_of, group_rows
from federation.errors import FederationError, RefusedError
from federation.ids import Date
from federation.screening.watches import HELD
from federation.statements import AnnotationAction, Kind
from node.access.query_log import code_value
from node.screening import watch_reading, watch_subjects
from node.upkeep.rebuild import rebuild
from tests.scenarios.test_checks import NUMBERS, World
from tests.support.invented import code_of, name_of
from tests.support.screened import FINANCE, LOCAL, screening_catalog
from tests.support.simulation import STALE_AFTER
from tests.support.watched import UNTIL, Watching


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("watches"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def watching(world: World) -> Watching:
    return Watching(world.screened)


def some(count: int) -> list[int]:
    """Numbers of subjects of a test's own."""
    return [next(NUMBERS) for _ in range(count)]


def told(events: list[dict[str, Any]]) -> list[tuple[int, list[str]]]:
    """Row and codes of events."""
    return [(one["row"], [said["code"] for said in one["changed"]]) for one in events]


def test_who_is_listed_between_check_and_contract_is_told(world: World, watching: Watching) -> None:
    numbers = some(3)
    listed = world.list_(numbers[0])
    opened = watching.open(numbers)
    watch = opened["watch"]
    assert (opened["state"], opened["subjects"], opened["refused"]) == ("open", 3, [])
    page = watching.read(watch, opened["position"])
    assert told(page["events"]) == [(1, ["watch.now-match", "watch.match-began"])]
    (event,) = page["events"]
    assert (event["code"], event["name"]) == (code_of(numbers[0]), name_of(numbers[0]))
    assert event["matches"][0]["statement_id"] == listed.hex()
    assert event["matches"][0]["measures"]
    assert (page["complete"], page["logs"], page["more"], page["pending"]) == (True, [], False, 0)

    empty = watching.read(watch, page["position"])
    assert (empty["events"], empty["position"]) == ([], page["position"])

    world.list_(numbers[2])
    after, position = watching.all(watch, empty["position"])
    assert told(after) == [(3, ["watch.now-match", "watch.match-began"])]
    again, _ = watching.all(watch, empty["position"])
    assert told(again) == told(after)

    world.luzhou.relieve(Kind.REPAIR, listed)
    world.settle()
    after, position = watching.all(watch, position)
    assert told(after) == [(1, ["watch.now-clear", "watch.match-ended"])]
    assert (after[0]["result"], after[0]["matches"]) == ("clear", [])
    from_the_beginning, _ = watching.all(watch)
    assert told(from_the_beginning) == [(3, ["watch.now-match", "watch.match-began"])]


def test_what_changed_and_changed_back_is_no_event(world: World, watching: Watching) -> None:
    (number,) = some(1)
    watch = watching.open([number])["watch"]
    _, position = watching.all(watch)
    listed = world.list_(number)
    assert told(watching.all(watch, position)[0]) == [(1, ["watch.now-match", "watch.match-began"])]
    world.luzhou.relieve(Kind.WITHDRAWAL, listed)
    world.settle()
    assert watching.all(watch, position)[0] == []


def test_an_objection_an_edition_and_a_day_are_events(world: World, watching: Watching) -> None:
    (number,) = some(1)
    listed = world.list_(number)
    watch = watching.open([number])["watch"]
    _, position = watching.all(watch)
    world.annotate(listed, AnnotationAction.OBJECTION_OPENED)
    events, position = watching.all(watch, position)
    assert told(events) == [(1, ["watch.match-changed"])]
    assert events[0]["matches"][0]["no_measure"] == "matter.objection-open"
    kept = world.yibin.catalog
    world.yibin.catalog = screening_catalog(suspends=False)
    events, position = watching.all(watch, position)
    assert told(events) == [(1, ["watch.match-changed"])]
    assert events[0]["matches"][0]["measures"]
    world.yibin.catalog = kept
    events, position = watching.all(watch, position)
    assert told(events) == [(1, ["watch.match-changed"])]


def test_a_log_that_falls_silent_and_a_last_day_are_events_without_a_statement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    watching = Watching(world.screened)
    listed, ends = some(2)
    world.list_(listed)
    world.list_(ends, publish_until=Date(20261121))
    watch = watching.open([listed, ends])["watch"]
    events, position = watching.all(watch)
    assert [one["row"] for one in events] == [1, 2]
    monkeypatch.setattr(world.federation.clock, "today", lambda: Date(20261122))
    events, position = watching.all(watch, position)
    assert told(events) == [(2, ["watch.now-clear", "watch.match-ended"])]
    world.federation.clock.advance(STALE_AFTER + 1)  # and nobody has signed since
    page = watching.read(watch, position)
    assert told(page["events"]) == [(1, ["watch.now-clear", "watch.match-ended"])]
    assert page["logs"][0]["code"] == "watch.now-incomplete"
    assert page["complete"] is False
    position = page["position"]
    for node in world.federation.nodes.values():
        node.publisher.renew_head()
        node.exchange.published()
    world.settle()
    page = watching.read(watch, position)
    assert told(page["events"]) == [(1, ["watch.now-match", "watch.match-began"])]
    assert page["logs"][0]["code"] == "watch.now-complete"
    world.close()


def test_positions_outlive_a_restart_and_a_rebuild(world: World, watching: Watching) -> None:
    numbers = some(2)
    watch = watching.open(numbers)["watch"]
    _, position = watching.all(watch)
    world.list_(numbers[1])
    watching.restart()
    yibin = world.yibin
    assert rebuild(yibin.store, yibin.ledger, yibin.reconciliation, check_only=False) == (True, [])
    events, after = watching.all(watch, position)
    assert told(events) == [(2, ["watch.now-match", "watch.match-began"])]
    assert watching.all(watch, after)[0] == []
    assert told(watching.all(watch, position)[0]) == told(events)


def test_pages_that_follow_each_other_tell_everybody_once(world: World, watching: Watching) -> None:
    numbers = some(5)
    for number in numbers:
        world.list_(number)
    watch = watching.open(numbers)["watch"]
    first = watching.read(watch, size=2)
    assert ([one["row"] for one in first["events"]], first["more"]) == ([1, 2], True)
    events, position = watching.all(watch, first["position"], size=2)
    assert [one["row"] for one in events] == [3, 4, 5]
    assert watching.all(watch, position)[0] == []


def test_wa9_a_reading_takes_bounded_time_and_the_next_goes_on(
    world: World, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_subjects, "GROUP_SUBJECTS", 1)
    monkeypatch.setattr(watch_reading, "GROUPS", 1)
    numbers = some(4)
    world.list_(numbers[3])
    watch = watching.open(numbers)["watch"]
    watching.elapsed = 40.0
    pages = [watching.read(watch)]
    assert (pages[0]["events"], pages[0]["pending"]) == ([], 3)
    while pages[-1]["pending"]:
        pages.append(watching.read(watch, pages[-1]["position"]))
    watching.elapsed = 0.0
    assert [one["pending"] for one in pages] == [3, 2, 1, 0]
    assert [told(one["events"]) for one in pages][3] == [
        (4, ["watch.now-match", "watch.match-began"])
    ]


def test_wa10_a_watch_is_its_askers_alone(watching: Watching) -> None:
    watch = watching.open(some(1), FINANCE)["watch"]

    def refusal(number: str) -> str:
        with pytest.raises(RefusedError) as refused:
            watching.read(number)
        return refused.value.code

    assert refusal(watch) == refusal("511500-20261121-000000000000") == "watch.unknown"
    with pytest.raises(RefusedError) as refused:
        watching.desk.close(LOCAL, watch)
    assert refused.value.code == "watch.unknown"
    assert watch not in {one["watch"] for one in watching.desk.list(LOCAL)}
    assert watch in {one["watch"] for one in watching.desk.list(FINANCE)}
    watching.read(watch, asker=FINANCE)


def test_wa10_nothing_is_told_once_it_was_refused_closed_or_is_over(
    world: World, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, over = (watching.open(some(1), until=20261122)["watch"] for _ in range(2))
    watching.access.refusal = RefusedError("access.revoked", "no")
    with pytest.raises(RefusedError) as refused:
        watching.read(closed)
    assert refused.value.code == "access.revoked"
    watching.access.refusal = None
    assert watching.desk.close(LOCAL, closed)["state"] == "closed"
    with pytest.raises(RefusedError) as refused:
        watching.read(closed)
    assert refused.value.code == "watch.closed"
    monkeypatch.setattr(world.federation.clock, "today", lambda: Date(20261123))
    with pytest.raises(RefusedError) as refused:
        watching.read(over)
    assert refused.value.code == "watch.over"


def test_wa12_the_same_opening_again_is_the_same_watch(watching: Watching) -> None:
    numbers = some(2)
    first = watching.open(numbers, request_id="w-1")
    again = watching.open(numbers, request_id="w-1")
    assert (again["watch"], again["subjects"]) == (first["watch"], 2)
    for changed in ({"case_no": "别的"}, {"until": 20270302}, {"purpose": "audit"}):
        with pytest.raises(RefusedError) as refused:
            watching.open(numbers, request_id="w-1", **changed)
        assert refused.value.code == "request.reused"
    with pytest.raises(RefusedError) as refused:
        watching.open(numbers[:1], request_id="w-1")
    assert refused.value.code == "request.reused"
    assert watching.open(numbers, FINANCE, request_id="w-1")["watch"] != first["watch"]


def test_wa12_what_was_not_opened_whole_is_no_watch(world: World, watching: Watching) -> None:
    def broken() -> Iterator[object]:
        yield {"code": code_of(1), "name": name_of(1)}
        raise RefusedError("access.budget", "no more")

    with pytest.raises(RefusedError):
        watching.open_rows(broken(), request_id="w-2")
    with pytest.raises(FederationError) as refused:
        watching.open_rows([{"code": code_of(1)}], request_id="w-2")
    assert refused.value.code == "watch.subjects"
    with world.screened.store.read() as reads:
        kept = [
            reads.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in (
                "watches WHERE ready = 0",
                "watch_groups WHERE number NOT IN (SELECT number FROM watches)",
            )
        ]
    assert kept == [0, 0]


def test_the_query_log_has_who_was_watched_and_who_was_told_of(
    world: World, watching: Watching
) -> None:
    numbers = some(2)
    world.list_(numbers[0])
    watch = watching.open(numbers)["watch"]
    watching.all(watch)
    log, keys = world.screened.log, world.screened.keys
    entries = []
    with world.screened.store.read() as reads:
        for number in numbers:
            tags = [keys.tag(code_value(code_of(number)))]
            found = [log.entry(row) for row in rows_of_subject(reads, tags, 10)]
            entries.append([(one.number, one.result) for one in found if one is not None])
    assert entries == [[(watch, "1"), (watch, "watched")], [(watch, "watched")]]


def test_no_name_and_no_code_stands_in_the_clear(world: World, watching: Watching) -> None:
    (number,) = some(1)
    world.list_(number)
    watch = watching.open([number], case_no="机密案号")["watch"]
    watching.all(watch)
    with world.screened.store.read() as reads:
        shown = "".join(
            repr(row)
            for table in ("watches", "watch_groups", "watch_answers")
            for row in reads.connection.exec_driver_sql(f"SELECT * FROM {table}")
        )
    for word in (code_of(number), name_of(number), "机密案号", "match", world.luzhou.origin):
        assert word not in shown
        assert repr(word.encode())[2:-1] not in shown


def held_of(world: World, watch: str) -> tuple[int, int]:
    with world.screened.store.read() as reads:
        return (len(group_rows(reads, watch)), len(list(answers_of(reads, watch))))


def test_wa13_what_has_ended_is_erased(world: World, watching: Watching) -> None:
    (number,) = some(1)
    world.list_(number)
    closed, goes_on, over = (
        watching.open([number], until=until)["watch"] for until in (UNTIL, UNTIL, 20261122)
    )
    department = watching.open([number], FINANCE)["watch"]
    for watch in (closed, goes_on, over):
        watching.all(watch)
        assert held_of(world, watch) == (1, 1)
    watching.desk.close(LOCAL, closed)
    watching.ending.run()
    assert [held_of(world, one) for one in (closed, goes_on, over)] == [(0, 0), (1, 1), (1, 1)]
    watching.expires_on = 20261122
    watching.ending.run()
    assert held_of(world, department) == (1, 0), "it counts on the day of trusted time"
    watching.counting = False
    watching.ending.run()
    assert held_of(world, department) == (0, 0)
    with pytest.raises(RefusedError) as refused:
        watching.read(department, asker=FINANCE)
    assert refused.value.code == "watch.closed"
    kept = world.federation.clock.seconds
    world.federation.clock.seconds += 70 * 86_400
    watching.ending.run()
    world.federation.clock.seconds = kept
    assert [held_of(world, one) for one in (goes_on, over)] == [(1, 1), (0, 0)]
    document = next(one for one in watching.desk.list(LOCAL) if one["watch"] == closed)
    assert (document["state"], document["case_no"]) == ("closed", "")


def test_wa11_each_row_is_admitted_and_each_subject_counted(watching: Watching) -> None:
    rows = [{"code": code_of(number), "name": name_of(number)} for number in some(2)]
    before = watching.access.counted
    watching.open_rows([*rows, rows[0]], FINANCE)
    assert watching.access.cases[-1] == (FINANCE.credential, 3, 3)
    assert watching.access.counted == before + 2


def test_wa5_so_many_answers_are_remembered(world: World, watching: Watching) -> None:
    (number,) = some(1)
    world.annotate(world.list_(number), AnnotationAction.OBJECTION_OPENED)
    watch = watching.open([number])["watch"]
    kept = world.yibin.catalog
    _, first = watching.all(watch)
    position = first
    for turn in range(HELD + 2):
        world.yibin.catalog = screening_catalog(suspends=turn % 2 == 1)
        events, position = watching.all(watch, position)
        assert told(events) == [(1, ["watch.match-changed"])]
    world.yibin.catalog = kept
    assert held_of(world, watch) == (1, HELD)
    assert told(watching.all(watch, first)[0]) == [(1, ["watch.told-again"])]
    watching.restart()
    assert told(watching.all(watch, first)[0]) == [(1, ["watch.told-again"])]
    assert watching.all(watch, position)[0] == []
