"""Places of which this city's subjects are told, on every database."""

from __future__ import annotations

from federation.ids import Timestamp
from federation.ports.notices import KeptNotice, NoticeCursor
from federation.rows import State
from tests.contracts.examples import PEER, Database, row

FIRST = KeptNotice(1, 7, 1, State.ACTIVE, 0, 7, Timestamp(5), Timestamp(5), 0, Timestamp(0))


def test_notices_are_read_by_place_and_by_position_and_the_newest_replaces(
    database: Database,
) -> None:
    second = FIRST._replace(idx=8, position=2)
    changed = FIRST._replace(position=3, state=State.REPAIRED, reminded=1, reminded_at=Timestamp(9))
    with database.store.write() as session:
        assert session.notice_position() == 0
        session.put_notices([FIRST, second])
        session.put_notices([])
        session.put_notices([changed])
    with database.store.read() as snapshot:
        assert snapshot.notices([(1, 7), (1, 8), (1, 9), (2, 7)]) == {
            (1, 7): changed,
            (1, 8): second,
        }
        assert snapshot.notices([]) == {}
        assert list(snapshot.notices_after(0, 9)) == [second, changed]
        assert list(snapshot.notices_after(2, 9)) == [changed]
        assert list(snapshot.notices_after(0, 1)) == [second]
        assert snapshot.notice_position() == 3


def test_what_has_run_out_is_found_by_the_leaf_that_counts(database: Database) -> None:
    with database.store.write() as session:
        log = session.add_log(PEER, ours=False).log
        rows = [row(log, 0, until=20261101), row(log, 1, until=0), row(log, 2, until=20261230)]
        session.insert_rows(rows)
        made = [FIRST._replace(log=log, idx=n, position=n + 1, current=n) for n in range(3)]
        session.put_notices(made)
    standing = [State.ACTIVE]
    with database.store.read() as snapshot:
        assert list(snapshot.notices_over(20261102, standing, 9)) == [(log, 0)]
        assert list(snapshot.noticed_between(log, 0, 1)) == [0]
        assert list(snapshot.noticed_between(log, 1, 2)) == [1]
        assert list(snapshot.noticed_between(log + 1, 0, 9)) == []
        assert list(snapshot.notices_over(20261101, standing, 9)) == []
        assert list(snapshot.notices_over(20261102, [State.MASKED], 9)) == []
    with database.store.write() as session:
        session.put_notices([made[0]._replace(position=9, current=2)])
    with database.store.read() as snapshot:
        assert list(snapshot.notices_over(20261102, standing, 9)) == []


def test_cursors_and_what_is_due_go_with_their_log(database: Database) -> None:
    with database.store.write() as session:
        head = session.add_log(PEER, ours=False)
        session.put_notice_cursor(head.log, NoticeCursor(5, "a"))
        session.put_notice_cursor(head.log, NoticeCursor(700, "b"))
        session.put_notices_due([(head.log, 1), (head.log, 600), (9, 1)])
        session.put_notices_due([(head.log, 1)])
        session.put_notices_due([])
        session.put_notices([FIRST._replace(log=head.log, idx=n, position=n) for n in (1, 600)])
    with database.store.read() as snapshot:
        assert snapshot.notice_cursors() == {head.log: NoticeCursor(700, "b")}
        assert list(snapshot.notices_due(2)) == [(head.log, 1), (head.log, 600)]
    with database.store.write() as session:
        session.clear_notices_due([(9, 1)])
        session.set_back(head, 512)
    with database.store.read() as snapshot:
        assert snapshot.notice_cursors() == {head.log: NoticeCursor(512, "b")}
        assert list(snapshot.notices_due(9)) == [(head.log, 1)]
        assert set(snapshot.notices([(head.log, 1), (head.log, 600)])) == {(head.log, 1)}
    with database.store.write() as session:
        session.drop_rows()
        assert session.notice_cursors() == {}
        assert list(session.notices_due(9)) == []
        assert session.notice_position() == 1
