"""Tags of relieved records: twins, pairs, and tags formed anew, on every database."""

from __future__ import annotations

import json

from federation.ids import Origin, Timestamp
from federation.intake.feed import Decision
from federation.ports.journal import JournalEntry, ToldApart, TwinLifted, TwinSet, pair
from federation.ports.store import FeedRow, FeedRowStatus
from federation.ports.tags import TagReads, Twin
from federation.rows import State, StatementRow
from federation.statements import Kind
from tests.contracts.examples import Database, row

NOW = Timestamp(1_790_000_000)
ONE, OTHER = b"1" * 24, b"2" * 24
SUBJECT, ANOTHER = ONE[:16], OTHER[:16]


def twin(tag: bytes, record: bytes, until: int = 0, index: int = 7) -> JournalEntry:
    return TwinSet(
        at=NOW,
        log=1,
        index=index,
        tag=tag,
        until=until,
        relief=Kind.REPAIR,
        year=2026,
        record=record,
        subject=record + tag,
    ).entry()


def made(tag: bytes, record: bytes, index: int = 7) -> Twin:
    return Twin(tag, record, record + tag, 1, index)


def standing(session: TagReads, *tags: bytes) -> set[Twin]:
    return set(session.twins_of([record + tag for record in (ONE, OTHER) for tag in tags]))


def _counts(one: StatementRow) -> bool:
    """Whether a row is an active listing that has a tag."""
    return one.state == State.ACTIVE and one.kind == Kind.LISTING and one.tag is not None


def lifted(record: bytes) -> JournalEntry:
    return TwinLifted(at=NOW, log=1, index=9, record=record).entry()


def test_a_twin_stands_for_each_of_its_records_until_that_is_lifted(database: Database) -> None:
    with database.store.write() as session:
        assert not session.has_twins()
        session.append_journal([twin(b"a", ONE), twin(b"a", OTHER, index=8), twin(b"b", ONE)])
        session.append_journal([twin(b"a", ONE)])
        assert session.has_twins()
        assert standing(session, b"a", b"c") == {made(b"a", ONE), made(b"a", OTHER, 8)}
        session.append_journal([twin(b"c", ONE), lifted(ONE), twin(b"d", ONE)])
        found = {made(b"a", OTHER, 8), made(b"d", ONE)}
        assert standing(session, b"a", b"b", b"c", b"d") == found
        assert list(session.twins_of([])) == []
        session.append_journal([lifted(ONE), lifted(OTHER)])
        assert not session.has_twins()


def test_a_twin_ends_with_its_last_day(database: Database) -> None:
    def tag(name: bytes, until: int) -> JournalEntry:
        return JournalEntry(at=NOW, kind="suppression", log=1, index=7, tag=name, until=until)

    with database.store.write() as session:
        session.append_journal([tag(b"t", 20261231), tag(b"u", 0), tag(b"v", 20270101)])
        session.append_journal(
            [twin(b"a", ONE, 20261231), twin(b"b", ONE), twin(b"c", ONE, 20270101)]
        )
        found = session.suppressed_until([b"t", b"u", b"x"])
        assert found == {(b"t", 1, 7): 20261231, (b"u", 1, 7): 0}
        assert session.end_suppressions(20270101) == 1
        assert standing(session, b"a", b"b", b"c") == {made(b"b", ONE), made(b"c", ONE)}
        assert not session.has_former_suppressions()


def test_pairs_that_were_told_apart_stay_so(database: Database) -> None:
    with database.store.write() as session:
        session.append_journal([ToldApart(at=NOW, pair=pair(ONE, OTHER), by=["甲", "乙"]).entry()])
        session.append_journal([JournalEntry(at=NOW, kind="suppression", tag=pair(OTHER, ONE))])
    with database.store.read() as snapshot:
        asked = [pair(ONE, OTHER), pair(OTHER, ONE)]
        assert snapshot.told_apart(asked) == {pair(ONE, OTHER)}
        assert snapshot.told_apart([]) == set()
        ((_, entry),) = snapshot.entries("told-apart")
        assert json.loads(entry.body) == {"by": ["乙", "甲"]}


def test_rows_are_found_by_subject_and_by_rule(database: Database) -> None:
    rows = [
        row(1, 0, tag=ONE, kind=Kind.LISTING),
        row(1, 1, tag=SUBJECT, kind=Kind.REPAIR),
        row(1, 2, tag=OTHER, kind=Kind.LISTING, rule="relief.similar"),
        row(1, 3, tag=None, kind=Kind.LISTING),
        row(1, 4, tag=SUBJECT + b"\xff" * 8, kind=Kind.LISTING),
    ]
    with database.store.write() as session:
        session.add_log(Origin("a.example/1"), ours=True)
        session.insert_rows(rows)
        found = session.rows_by_subject([SUBJECT], [Kind.LISTING])
        assert sorted(found) == [rows[0], rows[4]]
        both = [SUBJECT, ANOTHER, SUBJECT]
        assert len(session.rows_by_subject(both, [Kind.LISTING, Kind.REPAIR])) == 4
        assert session.rows_by_subject([], [Kind.LISTING]) == []
        assert list(session.rows_of_rule("relief.similar")) == rows[2:3]
        active = rows[0]._replace(idx=5, state=State.ACTIVE)
        ended = active._replace(idx=6, state=State.REPAIRED)
        session.insert_rows([active, ended, active._replace(idx=7, kind=Kind.REPAIR)])
        tags = sorted(session.active_subjects([Kind.LISTING]))
        assert tags == sorted(
            tag[:16] for one in (*rows, active) if _counts(one) and (tag := one.tag)
        )


def test_tags_of_rows_are_replaced_wherever_they_stand(database: Database) -> None:
    new = b"3" * 24
    with database.store.write() as session:
        rows = [row(1, 0, tag=ONE), row(1, 1, tag=OTHER), row(2, 0, tag=ONE)]
        session.insert_rows(rows)
        session.retag({ONE: new})
        session.retag({})
        found = session.rows_by_record([ONE, OTHER, new], tuple(Kind))
        assert {(r.log, r.idx, r.record_tag) for r in found} == {
            (1, 0, new),
            (1, 1, OTHER),
            (2, 0, new),
        }


def test_tags_of_subjects_are_replaced_in_those_of_their_records_too(database: Database) -> None:
    tags = [SUBJECT, ONE, SUBJECT + b"\xff" * 8, OTHER, None]
    with database.store.write() as session:
        session.insert_rows([row(1, n, tag=tag) for n, tag in enumerate(tags)])
        session.retag_subjects({SUBJECT: b"3" * 16, b"4" * 16: b"5" * 16})
        session.retag_subjects({})
        assert [r.tag for r in session.rows_between(1, 0, 9)] == [
            b"3" * 16,
            b"3" * 16 + ONE[16:],
            b"3" * 16 + b"\xff" * 8,
            OTHER,
            None,
        ]


def test_where_tags_are_not_formed_yet_is_kept(database: Database) -> None:
    with database.store.write() as session:
        assert session.unformed() == {}
        session.put_unformed(1, 0)
        session.put_unformed(2, 0)
        session.put_unformed(1, 1024)
        assert session.unformed() == {1: 1024, 2: 0}
        session.put_unformed(2, None)
        assert session.unformed() == {1: 1024}


def test_feeds_have_names(database: Database) -> None:
    def said(feed: str, tag: bytes) -> FeedRow:
        return FeedRow(
            feed=feed,
            row_tag=tag,
            record_tag=ONE,
            content_tag=ONE,
            statement_id=ONE,
            until=0,
            status=FeedRowStatus.LIVE,
            rule=Decision.LIST.value,
        )

    with database.store.write() as session:
        assert list(session.feeds()) == []
        session.put_feed_rows([said("b/x", b"1"), said("a/x", b"1"), said("a/x", b"2")])
        assert sorted(session.feeds()) == ["a/x", "b/x"]
