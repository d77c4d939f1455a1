"""Logs, tiles, leaves, openings, journal and the smaller tables, on every database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.errors import ConflictError
from adapters.sql.sessions import SqlReadSession
from crypto.merkle import EMPTY_ROOT, leaf_hashes
from crypto.tiles import TILE_WIDTH, format_entry_tile
from federation.ids import CharterId, Timestamp
from federation.payloads import Audience
from federation.ports.journal import JournalEntry
from federation.ports.store import FeedRow, FeedRowStatus, LogHead
from tests.contracts.examples import ORIGIN, PEER, Database, opening, row

NOW = Timestamp(1_790_000_000)
LEAVES = [bytes([i % 251]) * (70 + i % 9) for i in range(600)]


def put_leaves(database: Database, log: int, leaves: list[bytes]) -> None:
    hashes = leaf_hashes(leaves)
    numbers = range(0, len(leaves), TILE_WIDTH)
    with database.store.write() as session:
        session.put_tiles(
            log, -1, {i // TILE_WIDTH: format_entry_tile(leaves[i : i + 256]) for i in numbers}
        )
        session.put_tiles(log, 0, {i // TILE_WIDTH: b"".join(hashes[i : i + 256]) for i in numbers})


def test_a_new_log_is_empty_and_adding_it_again_changes_nothing(database: Database) -> None:
    with database.store.write() as session:
        head = session.add_log(ORIGIN, ours=True)
        grown = replace(head, size=7, note=b"note")
        session.set_head(grown)
        assert session.add_log(ORIGIN, ours=True) == grown
    assert head == LogHead(
        log=head.log,
        origin=ORIGIN,
        ours=True,
        size=0,
        applied_to=0,
        reconciled_to=0,
        delivered_to=0,
        receipted_to=0,
        note=b"",
        note_size=0,
        witnessed_size=0,
        witnessed_root=EMPTY_ROOT,
        seen=b"",
        forked=False,
    )


def test_heads_are_kept_whole_and_ours_comes_first(database: Database) -> None:
    with database.store.write() as session:
        peer = session.add_log(PEER, ours=False)
        own = session.add_log(ORIGIN, ours=True)
        peer = replace(
            peer,
            size=9,
            applied_to=8,
            reconciled_to=8,
            delivered_to=7,
            note="注\n".encode(),
            note_size=6,
            witnessed_size=2**40,
            witnessed_root=b"w" * 32,
        )
        session.set_head(peer)
    with database.store.read() as snapshot:
        assert list(snapshot.heads()) == [own, peer]
        assert snapshot.head(PEER) == peer
        assert snapshot.head(ORIGIN) == own


def test_a_log_that_is_not_there_has_no_head(database: Database) -> None:
    with database.store.write() as session:
        head = session.add_log(ORIGIN, ours=True)
        assert session.head(PEER) is None
        with pytest.raises(ConflictError, match="number 99"):
            session.set_head(replace(head, log=99))


def test_tiles_come_in_the_order_asked(database: Database) -> None:
    with database.store.write() as session:
        session.put_tiles(1, 0, {0: b"zero", 1: b"one", 2: b"two"})
        session.put_tiles(1, 1, {0: b"above"})
        session.put_tiles(2, 0, {0: b"other"})
        assert list(session.tiles(1, 0, [2, 0, 2])) == [b"two", b"zero", b"two"]
        assert list(session.tiles(1, 1, [0])) == [b"above"]
        assert list(session.tiles(1, 0, [])) == []
        with pytest.raises(KeyError, match="tile 3 of level 0"):
            session.tiles(1, 0, [1, 3])


def test_a_partial_tile_grows_and_never_shrinks(database: Database) -> None:
    with database.store.write() as session:
        session.put_tiles(1, 0, {5: b"a" * 64})
        session.put_tiles(1, 0, {5: b"a" * 96, 6: b"b" * 32})
        session.put_tiles(1, 0, {5: b"x" * 32})
        session.put_tiles(1, 0, {5: b"y" * 96})
        assert list(session.tiles(1, 0, [5, 6])) == [b"a" * 96, b"b" * 32]


@pytest.mark.parametrize(
    ("start", "end"), [(0, 600), (0, 1), (255, 257), (256, 512), (599, 600), (300, 300)]
)
def test_leaves_are_read_verbatim_out_of_entry_tiles(
    database: Database, start: int, end: int
) -> None:
    put_leaves(database, 1, LEAVES)
    with database.store.read() as snapshot:
        assert list(snapshot.leaves(1, start, end)) == LEAVES[start:end]


def test_leaves_beyond_the_log_are_an_error(database: Database) -> None:
    put_leaves(database, 1, LEAVES)
    with database.store.read() as snapshot:
        with pytest.raises(KeyError, match="up to 601"):
            snapshot.leaves(1, 599, 601)
        with pytest.raises(KeyError):
            snapshot.leaves(1, 0, 1000)
        with pytest.raises(KeyError, match="leaf 600"):
            snapshot.leaf_hashes([(1, 600)])
        with pytest.raises(KeyError, match="leaf 600"):
            snapshot.leaves_at([(1, 600)])


def test_leaves_come_in_the_order_asked_and_each_tile_is_read_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = LEAVES[::-1]
    put_leaves(database, 1, LEAVES)
    put_leaves(database, 2, other)
    read: list[tuple[int, int]] = []
    tiles = SqlReadSession.tiles

    def counted(
        self: SqlReadSession, log: int, level: int, numbers: Sequence[int]
    ) -> Sequence[bytes]:
        read.extend((log, number) for number in numbers)
        return tiles(self, log, level, numbers)

    monkeypatch.setattr(SqlReadSession, "tiles", counted)
    places = [(2, 0), (1, 599), (1, 0), (2, 300), (1, 599), (1, 20)]
    with database.store.read() as snapshot:
        found = list(snapshot.leaves_at(places))
        assert list(snapshot.leaves_at([])) == []
    assert found == [other[0], LEAVES[599], LEAVES[0], other[300], LEAVES[599], LEAVES[20]]
    assert sorted(read) == [(1, 0), (1, 2), (2, 0), (2, 1)]


def test_leaf_hashes_come_in_the_order_asked_from_several_logs(database: Database) -> None:
    other = LEAVES[::-1]
    put_leaves(database, 1, LEAVES)
    put_leaves(database, 2, other)
    places = [(2, 0), (1, 599), (1, 0), (2, 300), (1, 599)]
    with database.store.read() as snapshot:
        found = list(snapshot.leaf_hashes(places))
        assert list(snapshot.leaf_hashes([])) == []
    assert found == leaf_hashes([other[0], LEAVES[599], LEAVES[0], other[300], LEAVES[599]])


def test_an_opening_already_held_is_left_as_it_is(database: Database) -> None:
    with database.store.write() as session:
        session.put_openings(1, [opening(3), opening(5), opening(5, sealed=b"twice")])
        session.put_openings(1, [opening(4), opening(5, key=2, sealed=b"later"), opening(9)])
        session.put_openings(1, [])
        assert session.openings_between(1, 4, 9) == [opening(4), opening(5)]
        found = session.openings(1, [9, 3, 7, 3])
        assert sorted(found, key=lambda o: o.index) == [opening(3), opening(9)]
        assert session.openings(2, [3]) == []


def test_erased_openings_are_gone(database: Database) -> None:
    with database.store.write() as session:
        session.put_openings(1, [opening(i) for i in range(2000)])
        session.put_openings(2, [opening(7)])
        session.erase_openings(1, [i for i in range(2000) if i != 1500])
        session.erase_openings(1, [])
        assert session.openings_between(1, 0, 2000) == [opening(1500)]
        assert session.openings_between(2, 0, 2000) == [opening(7)]


def test_openings_under_older_keys_are_found_and_replaced(database: Database) -> None:
    with database.store.write() as session:
        session.put_openings(1, [opening(i, key=1 + i % 2) for i in range(10)])
        session.put_openings(2, [opening(3)])
        assert list(session.sealed_below(2, (-1, -1), 3)) == [(1, 0), (1, 2), (1, 4)]
        assert list(session.sealed_below(2, (1, 4), 9)) == [(1, 6), (1, 8), (2, 3)]
        assert not session.sealed_below(1, (-1, -1), 9)
        session.replace_openings(1, [opening(i, key=2, sealed=b"anew") for i in range(0, 10, 2)])
        session.replace_openings(1, [])
        assert list(session.sealed_below(2, (-1, -1), 9)) == [(2, 3)]
        assert session.openings_between(1, 0, 2) == [
            opening(0, key=2, sealed=b"anew"),
            opening(1, key=2),
        ]
    database.store.truncate()
    with database.store.read() as session:
        assert len(session.openings_between(1, 0, 10)) == 10


def test_the_last_entry_of_a_kind_is_found(database: Database) -> None:
    with database.store.write() as session:
        assert session.last_entry("x") is None
        entries = [JournalEntry(at=NOW, kind=k, body=b) for k, b in (("x", "1"), ("x", "2"))]
        session.append_journal([*entries, JournalEntry(at=NOW, kind="y", body="3")])
        assert session.last_entry("x") == entries[1]


def test_suppressions_end_after_their_last_day(database: Database) -> None:
    def until(tag: bytes, day: int) -> JournalEntry:
        return JournalEntry(at=NOW, kind="suppression", log=1, index=0, tag=tag, until=day)

    with database.store.write() as session:
        session.append_journal([until(b"a", 20261120), until(b"b", 20261121), until(b"c", 0)])
        assert session.end_suppressions(20261121) == 1
        assert set(session.suppressed([b"a", b"b", b"c"])) == {b"b", b"c"}


def test_an_audience_has_one_number(database: Database) -> None:
    one = Audience(charters=(CharterId(b"c" * 32),), purposes=("惩戒", "a,b"))
    other = Audience(charters=(CharterId(b"c" * 32),), purposes=("惩戒", "a", "b"))
    huge = Audience(charters=(), purposes=tuple(f"purpose {i}" for i in range(2000)))
    narrow = replace(one, members=("510300.huxin.example",))
    narrower = replace(one, members=("510300.huxin.example", "a"))
    known = [one, other, huge, narrow, narrower]
    with database.store.write() as session:
        numbers = [session.audience_number(audience) for audience in (*known, one)]
    assert numbers[0] == numbers[-1]
    assert len(set(numbers)) == len(known)
    with database.store.read() as snapshot:
        assert [snapshot.audience(number) for number in numbers[:-1]] == known
        with pytest.raises(KeyError, match="number 99"):
            snapshot.audience(99)


def test_the_journal_is_read_by_sequence_number(database: Database) -> None:
    entries = [
        JournalEntry(at=NOW, kind="decision", body='{"决定": 1}'),
        JournalEntry(
            at=NOW, kind="suppression", log=1, index=7, tag=b"t" * 32, until=20310301, body="{}"
        ),
        JournalEntry(at=NOW, kind="charter"),
    ]
    with database.store.write() as session:
        session.append_journal(entries)
        session.append_journal([])
    with database.store.read() as snapshot:
        found = list(snapshot.journal(0, 10))
        assert [entry for _, entry in found] == entries
        assert list(snapshot.journal(found[0][0], 1)) == found[1:2]
        assert list(snapshot.journal(found[-1][0], 10)) == []


def suppression(tag: bytes, kind: str = "suppression", index: int = 0) -> JournalEntry:
    return JournalEntry(at=NOW, kind=kind, log=1, index=index, tag=tag)


def test_a_suppression_stands_by_each_relief_that_set_it(database: Database) -> None:
    with database.store.write() as session:
        session.append_journal([suppression(b"a", index=5), suppression(b"a", index=3)])
        session.append_journal([suppression(b"a", index=5), suppression(b"b", index=9)])
        session.append_journal([JournalEntry(at=NOW, kind="suppression", tag=b"c")])
        found = session.suppressed([b"a", b"b", b"c"])
        assert found == {b"a": [(1, 3), (1, 5)], b"b": [(1, 9)]}
        session.append_journal([suppression(b"a", "suppression-lifted", index=7)])
        assert session.suppressed([b"a", b"b"]) == {b"b": [(1, 9)]}


def test_the_last_day_of_a_suppression_is_what_its_relief_said_last(database: Database) -> None:
    entry = suppression(b"a")
    with database.store.write() as session:
        session.append_journal([replace(entry, until=20261120)])
        session.append_journal([replace(entry, until=20261122)])
        assert session.end_suppressions(20261121) == 0
        session.append_journal([replace(entry, until=20261120), suppression(b"a", index=1)])
        assert session.end_suppressions(20261121) == 1
        assert session.suppressed([b"a"]) == {b"a": [(1, 1)]}


def test_a_suppression_stands_until_it_is_lifted_and_may_stand_again(database: Database) -> None:
    with database.store.write() as session:
        assert not session.has_suppressions()
        session.append_journal([suppression(b"a"), suppression(b"b"), suppression(b"a")])
        assert session.has_suppressions()
        assert set(session.suppressed([b"a", b"b", b"c"])) == {b"a", b"b"}
        session.append_journal([suppression(b"a", "suppression-lifted")])
        session.append_journal([suppression(b"x", "suppression-lifted")])
        session.append_journal([suppression(b"b", "erasure")])
        assert set(session.suppressed([b"a", b"b"])) == {b"b"}
        session.append_journal(
            [suppression(b"b", "suppression-lifted"), suppression(b"a"), suppression(b"b")]
        )
        assert set(session.suppressed([b"a", b"b"])) == {b"a", b"b"}
        session.append_journal(
            [suppression(b"c"), *(suppression(t, "suppression-lifted") for t in (b"a", b"b", b"c"))]
        )
        assert not session.has_suppressions()
        assert set(session.suppressed([])) == set()


def test_rows_of_feeds_are_replaced_by_what_the_feed_says_last(database: Database) -> None:
    live = FeedRow(
        feed="court/法院",
        row_tag=b"1",
        record_tag=b"2",
        content_tag=b"3",
        statement_id=b"4",
        until=20310301,
        status=FeedRowStatus.LIVE,
    )
    held = live._replace(status=FeedRowStatus.PAUSED, held_tag=b"5", rule="identity.name-mismatch")
    other = live._replace(row_tag=b"9")
    with database.store.write() as session:
        session.put_feed_rows([live, other, live._replace(feed="tax")])
        session.put_feed_rows([live, held])
        session.put_feed_rows([])
    with database.store.read() as snapshot:
        found = snapshot.feed_rows("court/法院", None)
        assert sorted(found, key=lambda r: r.row_tag) == [held, other]
        assert list(snapshot.feed_rows("court/法院", [b"1", b"7"])) == [held]
        assert list(snapshot.feed_rows("none", None)) == []


def test_the_first_answer_to_a_request_stays(database: Database) -> None:
    with database.store.write() as session:
        session.put_request("请求-1", b"answer", NOW)
        session.put_request("请求-1", b"another", NOW)
        assert session.request("请求-1") == b"answer"
        assert session.request("2") is None


def test_a_fork_file_marks_its_log_and_is_kept_once(database: Database) -> None:
    with database.store.write() as session:
        head = session.add_log(PEER, ours=False)
        session.put_fork(PEER, b"first")
        session.put_fork(PEER, b"second")
        session.put_fork(PEER, b"first")
        session.set_head(head)  # read before the fork was found: must not hide it
        session.put_fork(ORIGIN, b"unknown log")
        assert session.forks() == [
            (PEER, b"first"),
            (PEER, b"second"),
            (ORIGIN, b"unknown log"),
        ]
        assert session.head(PEER) == replace(head, forked=True)
        assert session.add_log(ORIGIN, ours=True).forked


def test_redeliveries_wait_by_index_until_cleared(database: Database) -> None:
    with database.store.write() as session:
        for origin in (ORIGIN, PEER):
            head = session.add_log(origin, ours=False)
            session.set_head(replace(head, size=12, applied_to=12, delivered_to=10))
        session.put_redeliveries([(1, 9), (1, 4), (2, 4)])
        session.put_redeliveries([(1, 4), (1, 5), (1, 10), (3, 0)])  # two not delivered yet
        session.put_redeliveries([])
        assert list(session.redeliveries(1, 2)) == [4, 5]
        session.clear_redeliveries(1, [4, 9])
        assert list(session.redeliveries(1, 10)) == [5]
        assert list(session.redeliveries(2, 10)) == [4]


def test_dropping_rows_keeps_all_that_cannot_be_derived(database: Database) -> None:
    audience = Audience(charters=(), purposes=("惩戒",))
    with database.store.write() as session:
        head = replace(session.add_log(ORIGIN, ours=True), size=2, applied_to=2, delivered_to=1)
        session.set_head(head)
        session.put_tiles(head.log, 0, {0: b"h" * 64})
        session.put_openings(head.log, [opening(0)])
        session.append_journal([suppression(b"t")])
        number = session.audience_number(audience)
        session.insert_rows([row(head.log, 0, audience=number)])
        session.drop_rows()
        assert session.rows_between(head.log, 0, 2) == []
        assert session.head(ORIGIN) == replace(head, applied_to=0)
        assert session.openings(head.log, [0]) == [opening(0)]
        assert set(session.suppressed([b"t"])) == {b"t"}
        assert session.audience(session.audience_number(audience)) == audience
