"""Replacing the lookup key: what is held is found as before, and nothing by the old key.

Covers node/upkeep/retagging.py, node/upkeep/lookup_switch.py, adapters/sql/retagging.py,
adapters/state/lookup_keys.py.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from adapters.errors import KeyRingError
from adapters.state.lookup_keys import NEXT
from federation.comparison import Spelt
from federation.ids import Date, StatementId
from federation.ports.journal import Erased, FileTaken, ToldApart, TwinSet, pair
from federation.record_key import pack_subject
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind
from node.demo.members import LUZHOU, ZIGONG
from node.records.attestations import name_tag
from node.relief.erasure import Erasures
from node.system.failpoints import NAMES, Failpoints
from node.upkeep.lookup_switch import LookupSwitch
from node.upkeep.rebuild import rebuild
from node.upkeep.retagging import LookupKeys
from tests.scenarios.test_intake import Desk, cells
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, exchange_all, found
from tests.support.invented import code_of
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
SQLITE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
STEPS = [name for name in NAMES if name.startswith("retag.")]


@pytest.fixture
def city(federate: Federate) -> SimNode:
    return federate("510300")["510300"]


def keys_of(node: SimNode, failpoints: Failpoints | None = None) -> LookupKeys:
    return LookupKeys(
        store=node.store,
        keyring=node.keyring,
        payloads=node.payloads,
        on_writer=lambda job: job(),
        failpoints=failpoints or Failpoints(""),
    )


def start(node: SimNode, failpoints: Failpoints | None = None) -> None:
    """Start the node again; a key that is ready takes effect."""
    node.restart()
    LookupSwitch(
        store=node.store,
        keyring=node.keyring,
        payloads=node.payloads,
        ledger=node.ledger,
        failpoints=failpoints or Failpoints(""),
    ).run()


def replaced(node: SimNode) -> None:
    number = node.keyring.lookup_number
    assert keys_of(node).replace(lambda _: None) == number + 1
    assert node.keyring.lookup_number == number, "only a start lets it take effect"
    start(node)
    assert node.keyring.lookup_number == number + 1
    assert node.keyring.lookup_next is None


def rows_of(node: SimNode) -> list[StatementRow]:
    with node.store.read() as session:
        return [
            row._replace(audience=0)
            for head in session.heads()
            for row in session.rows_between(head.log, 0, head.size)
        ]


def without_tags(rows: list[StatementRow]) -> list[StatementRow]:
    return [row._replace(tag=None) for row in rows]


def classes(rows: list[StatementRow]) -> list[tuple[int, int]]:
    """Which rows have the same record, and which the same subject."""
    records = [row.record_tag for row in rows]
    subjects = [row.subject_tag for row in rows]
    return [
        (records.index(r) if r else -1, subjects.index(s) if s else -1)
        for r, s in zip(records, subjects, strict=True)
    ]


def erase(node: SimNode, today: Date = Date(20261121)) -> None:
    erasures = Erasures(
        own=node.origin,
        registry=node.registry,
        now=node.clock.now,
        today=lambda: today,
        failpoints=node.failpoints,
    )
    for _ in range(9):
        with node.store.read() as session:
            if not erasures.due(session):
                return
        node.run(erasures.unit())


def history(node: SimNode) -> list[StatementId]:
    """Listings that stand, a repaired one that is erased, and one that expired and is erased."""
    listed = [node.list_(listing(n, audience=node.audience())) for n in range(1, 4)]
    listed.append(node.list_(listing(1, audience=node.audience(), document="（2026）川05执9号")))
    expired = listing(7, audience=node.audience(), until=20261101)
    listed += [node.list_(expired), node.list_(expired)]
    node.relieve(Kind.REPAIR, listed[1])
    erase(node)
    return listed


def test_lk1_everything_is_found_under_the_new_key_as_it_was_under_the_old(city: SimNode) -> None:
    listed = history(city)
    before = rows_of(city)
    old = [row.tag for row in before if row.tag]
    former = city.keyring.lookup(pack_subject("uscc", code_of(1)))
    replaced(city)
    after = rows_of(city)
    assert without_tags(after) == without_tags(before)
    assert classes(after) == classes(before)
    assert not {row.tag for row in after if row.tag} & set(old)
    subject = city.keyring.lookup(pack_subject("uscc", code_of(1)))
    assert subject != former
    with city.store.read() as session:
        assert session.count_next_tags() == 0
        assert session.tagged_under() == (2, False)
        assert len(session.rows_by_subject([subject], (Kind.LISTING,))) == 2
        assert not session.rows_by_subject([former], tuple(Kind))
        (relieved,) = session.rows_by_id(None, [listed[1]])
    content = listing(2, audience=city.audience())
    assert relieved.opening == OpeningStatus.ERASED
    assert relieved.record_tag == Spelt.of(content.key).tag(city.keyring.lookup)
    rebuild(city.store, city.ledger, city.reconciliation, check_only=False)
    assert rows_of(city) == after, "the journal says the same"
    replaced(city)
    assert classes(rows_of(city)) == classes(before)


@SQLITE
def test_lk2_what_has_no_source_is_found_by_no_guess_and_stays_what_it_was_equal_to(
    city: SimNode,
) -> None:
    listed = history(city)
    ring = json.loads((city.directory / "state" / "keyring.json").read_text())
    secret = ring["lookup"]["key"].encode()
    replaced(city)
    lookup = city.keyring.lookup
    content = listing(7, audience=city.audience(), until=20261101)
    with city.store.read() as session:
        one, other = (session.rows_by_id(None, [listed[place]])[0] for place in (4, 5))
    assert one.opening == OpeningStatus.ERASED
    assert one.record_tag == other.record_tag
    assert one.record_tag != Spelt.of(content.key).tag(lookup)
    assert one.subject_tag != lookup(pack_subject("uscc", code_of(7)))
    state = city.directory / "state"
    assert NEXT not in json.loads((state / "keyring.json").read_text())
    assert not [path for path in state.iterdir() if secret in path.read_bytes()]
    # The subject has a name again once a listing of it is held: that of the record stays blind.
    city.list_(listing(7, audience=city.audience(), document="（2026）川05执77号"))
    replaced(city)
    with city.store.read() as session:
        (again,) = session.rows_by_id(None, [listed[4]])
    assert again.subject_tag != city.keyring.lookup(pack_subject("uscc", code_of(7)))


def test_lk3_relief_that_comes_while_tags_are_made_reaches_what_it_reached(
    federate: Federate,
) -> None:
    """A unit is made, then statements come; then the rest, and the switch."""
    federation = federate("510300", "510500")
    city, peer = federation["510300"], federation["510500"]
    federation.connect("510300", "510500")
    content = listing(1, audience=city.audience())
    listed = city.list_(content)
    expired = city.list_(listing(5, audience=city.audience(), until=20261101))
    erase(city)
    copy = peer.list_(replace(content, audience=peer.audience()))
    federation.settle()
    keys = keys_of(city)
    keys.replace(lambda _: None)
    # Behind the pass: a relief of the record, and the source of what was blinded meanwhile.
    city.relieve(Kind.REPAIR, listed)
    second = city.list_(listing(5, audience=city.audience(), until=20261101))
    federation.settle()
    start(city)
    assert city.keyring.lookup_number == 2
    with city.store.read() as session:
        one, other = (session.rows_by_id(None, [i])[0] for i in (expired, second))
        states = {
            bytes(row.statement_id): State(row.state)
            for row in session.rows_by_id(None, [listed, copy])
        }
    assert one.record_tag == other.record_tag
    assert states[listed] is State.REPAIRED
    late = city.list_(content)
    with city.store.read() as session:
        (row,) = session.rows_by_id(None, [late])
    assert (State(row.state), row.rule) == (State.REPAIRED, "relief.follows-record")


@SQLITE
def test_lk6_a_file_that_comes_again_publishes_nothing(city: SimNode, tmp_path: Path) -> None:
    desk = Desk(city, tmp_path / "desk")
    desk.take(cells(1), cells(2), cells(3))
    desk.take(cells(1), cells(2), cells(3, **{"被执行人姓名/名称": "改名企业（演示）"}))
    (relieved,) = [row for row in rows_of(city) if row.kind == Kind.LISTING][:1]
    city.relieve(Kind.REPAIR, relieved.statement_id)
    erase(city)
    replaced(city)
    desk = Desk(city, tmp_path / "desk")
    again = desk.take(
        cells(1), cells(2), cells(3, **{"被执行人姓名/名称": "改名企业（演示）"}), name="b.csv"
    )
    assert again["decisions"] == {"relieved-before": 1, "unchanged": 2}
    # F33: a row that is not known any more, of a subject that was relieved, waits for persons.
    other = desk.take(cells(1, 案号="（2026）川05执901号"), name="c.csv")
    assert other["decisions"] == {"held-relieved-row": 1}
    new = desk.take(cells(4, 案号="（2026）川05执904号"), name="d.csv")
    assert new["decisions"] == {"listed": 1}


@SQLITE
def test_lk4_what_the_journal_says_of_records_goes_with_them(city: SimNode) -> None:
    listed = history(city)
    now = city.clock.now()
    with city.store.read() as session:
        (relieved,), (stands,) = (session.rows_by_id(None, [listed[n]]) for n in (1, 2))
    said = pair(relieved.record_tag or b"", stands.record_tag or b"")
    file = FileTaken(
        at=now,
        source="s",
        list_type="t",
        file="ab" * 16,
        rows=(),
        refused=0,
        exists=0,
        relief=False,
    )
    with city.store.write() as session:
        session.append_journal([ToldApart(at=now, pair=said, by=("甲",)).entry(), file.entry()])
    replaced(city)
    with city.store.read() as session:
        (relieved,), (stands,) = (session.rows_by_id(None, [listed[n]]) for n in (1, 2))
        new = pair(relieved.record_tag or b"", stands.record_tag or b"")
        assert session.told_apart([said, new]) == {new}
        (taken,) = [FileTaken.of(e) for _, e in session.entries(FileTaken.KIND)]
        assert taken == replace(file, file=taken.file)
        assert taken.file != file.file
        twins = [TwinSet.of(e) for _, e in session.entries(TwinSet.KIND)]
        assert {twin.record for twin in twins} == {relieved.record_tag}
        assert {twin.subject for twin in twins} == {relieved.subject_tag}
        held = session.twins_of([relieved.subject_tag or b""])
        assert [twin.record for twin in held] == [relieved.record_tag]
        kept = {e.index: Erased.of(e).kept for _, e in session.entries(Erased.KIND)}
        for row in session.rows_at([(1, index or 0) for index in kept]):
            assert kept[row.idx] is not None
            assert kept[row.idx].tag == row.tag  # type: ignore[union-attr]


def cells_of(node: SimNode) -> list[object]:
    """Every cell of every table."""
    engine = create_engine(node.url)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        found = [
            cell
            for name in names
            for row in connection.execute(text(f'SELECT * FROM "{name}"'))
            for cell in row
        ]
    engine.dispose()
    return found


@SQLITE
def test_lk4_no_value_of_the_old_key_is_left_anywhere(city: SimNode, tmp_path: Path) -> None:
    desk = Desk(city, tmp_path / "desk")
    desk.take(cells(11), cells(12), cells(13))
    history(city)
    rows = rows_of(city)
    fed = [row for row in rows if row.kind == Kind.LISTING][:2]
    city.relieve(Kind.WITHDRAWAL, fed[0].statement_id)
    city.relieve(Kind.REPAIR, fed[1].statement_id)
    erase(city)
    place = (rows[2].log, rows[2].idx)
    name = cells(13)["被执行人姓名/名称"]
    with city.store.write() as session:
        session.put_attested_names(
            {place: name_tag(city.keyring, name), (rows[0].log, 0): b"x" * 16}
        )
    old = {row.tag for row in rows_of(city) if row.tag}
    old |= {part for tag in old for part in (tag[:16], tag[16:]) if part}
    with city.store.read() as session:
        for row in session.feed_rows(session.feeds()[0], None):
            old |= {row.row_tag, row.record_tag, row.content_tag}
        old |= {tag for _, tag in session.names_held()}
    written = cells_of(city)
    assert all(any(_has(cell, tag) for cell in written) for tag in old)
    replaced(city)
    left = [tag.hex() for tag in sorted(old) for cell in cells_of(city) if _has(cell, tag)]
    assert left == []
    with city.store.read() as session:
        assert session.names_held() == [(place, name_tag(city.keyring, name))]
        assert {row.status for row in session.feed_rows(session.feeds()[0], None)} == {
            "live",
            "forgotten",
        }


def _has(cell: object, tag: bytes) -> bool:
    return tag in cell if isinstance(cell, bytes) else tag.hex() in str(cell)


def interrupted(node: SimNode, step: str) -> bool:
    """Do all of it in a child that is killed at a step; whether it was."""
    node.store.close()
    pid = os.fork()
    if not pid:
        with suppress(BaseException):
            node.start()
            failpoints = Failpoints(step)
            keys_of(node, failpoints).replace(lambda _: None)
            start(node, failpoints)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    node.start()
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


@SQLITE
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_goes_on(city: SimNode, step: str, moment: str) -> None:
    history(city)
    before = rows_of(city)
    assert interrupted(city, f"{step}:{moment}")
    start(city)  # with whatever key the database is under
    assert without_tags(rows_of(city)) == without_tags(before)
    if city.keyring.lookup_number == 1:
        keys_of(city).run()
        if city.keyring.lookup_next is None:
            keys_of(city).replace(lambda _: None)
        start(city)
    after = rows_of(city)
    assert city.keyring.lookup_number == 2
    assert without_tags(after) == without_tags(before)
    assert classes(after) == classes(before)
    rebuild(city.store, city.ledger, city.reconciliation, check_only=False)
    assert rows_of(city) == after


@SQLITE
def test_lk2_what_stands_and_cannot_be_read_is_missing_and_is_not_blinded(city: SimNode) -> None:
    """Else no relief of its record would find it."""
    listed = [city.list_(listing(n, audience=city.audience())) for n in (1, 2)]
    engine = create_engine(city.url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE openings SET sealed = x'00' WHERE idx = 0"))
    engine.dispose()
    replaced(city)
    with city.store.read() as session:
        damaged, sound = (session.rows_by_id(None, [one])[0] for one in listed)
    assert (damaged.opening, damaged.rule, damaged.tag) == (
        OpeningStatus.PENDING,
        "opening.missing",
        None,
    )
    assert sound.subject_tag == city.keyring.lookup(pack_subject("uscc", code_of(2)))


@SQLITE
def test_lk7_a_database_from_before_gets_the_tags_of_the_ring(
    city: SimNode, tmp_path: Path
) -> None:
    """Its own key is destroyed; sources are held, or tags are blinded."""
    history(city)
    before = rows_of(city)
    backup = tmp_path / "backup.db"
    _copy(city, backup)
    replaced(city)
    after = rows_of(city)
    city.store.close()
    for path in Path(city.url.removeprefix("sqlite:///")).parent.glob("*510300*.db*"):
        path.unlink()
    shutil.copy(backup, city.url.removeprefix("sqlite:///"))
    city.start()
    start(city)
    restored = rows_of(city)
    assert without_tags(restored) == without_tags(before)
    assert classes(restored) == classes(before)
    held = [row.idx for row in restored if row.opening == OpeningStatus.PRESENT and row.tag]
    assert held
    assert all(restored[idx].tag == after[idx].tag for idx in held)


@SQLITE
def test_lk7_a_ring_from_before_is_refused(city: SimNode, tmp_path: Path) -> None:
    history(city)
    ring = city.directory / "state" / "keyring.json"
    shutil.copy(ring, tmp_path / "ring")
    replaced(city)
    shutil.copy(tmp_path / "ring", ring)
    with pytest.raises(KeyRingError, match="older than the database"):
        start(city)


@SQLITE
def test_what_was_made_under_a_key_that_is_lost_counts_for_nothing(
    city: SimNode, tmp_path: Path
) -> None:
    history(city)
    ring = city.directory / "state" / "keyring.json"
    shutil.copy(ring, tmp_path / "ring")
    keys_of(city).replace(lambda _: None)
    shutil.copy(tmp_path / "ring", ring)  # out of an escrow from before
    start(city)
    assert city.keyring.lookup_number == 1
    replaced(city)
    subject = city.keyring.lookup(pack_subject("uscc", code_of(1)))
    with city.store.read() as session:
        assert len(session.rows_by_subject([subject], (Kind.LISTING,))) == 2


@SQLITE
def test_lk3_a_start_before_all_is_ready_changes_nothing(city: SimNode) -> None:
    history(city)
    before = rows_of(city)
    city.keyring.begin_lookup_key()
    start(city)
    assert city.keyring.lookup_number == 1
    assert rows_of(city) == before
    report = keys_of(city).report()
    assert report == {"lookup_key": 1, "lookup_next": 2, "tags_made": 0, "tags_ready": False}
    keys_of(city).run()
    made = sum(1 for row in before if row.tag)
    report = keys_of(city).report()
    assert report == {"lookup_key": 1, "lookup_next": 2, "tags_made": made, "tags_ready": True}


def _copy(node: SimNode, to: Path) -> None:
    engine = create_engine(node.url)
    with engine.connect() as connection:
        connection.execute(text(f"VACUUM INTO '{to}'"))
    engine.dispose()


def test_the_command_makes_it_ready_and_a_start_takes_it(tmp_path: Path) -> None:
    """Two wired nodes: one replaces its key, and goes on with the other."""
    found(tmp_path, (ZIGONG, LUZHOU), lambda _region: "")
    city, node = WiredNode(tmp_path / ZIGONG.region), WiredNode(tmp_path / LUZHOU.region)
    listed = city.list_(f"{1:032x}", 1)
    exchange_all(city, node)
    lookup_keys = node.parts.lookup_keys
    assert lookup_keys.replace(lambda _: None) == 2
    assert "keys.lookup-ready" in node.problems()
    node.close()
    node = WiredNode(tmp_path / LUZHOU.region)
    ring = node.parts.status()["key_ring"]
    assert (ring["lookup_key"], ring["lookup_next"], ring["tags_ready"]) == (2, None, False)
    assert "keys.lookup-ready" not in node.problems()
    city.repair(f"{2:032x}", listed.statement_id)
    exchange_all(city, node)
    assert node.parts.records.get(listed.statement_id).state == "repaired"
    node.close()
    directory = tmp_path / LUZHOU.region
    asked = run("keys", "lookup", "--dir", directory, "-o", "json")
    assert (asked.code, json.loads(asked.out)["lookup_key"]) == (0, 3)
    shown = run("records", "list", "--dir", directory, "-o", "json")  # a start, which takes it
    assert [one["state"] for one in json.loads(shown.out)] == ["repaired"]
    city.close()
