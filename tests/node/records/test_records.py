"""Pages of records out of the store of a real node.

Covers node/records/records.py, node/records/seeking.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from adapters.sql.sessions import SqlReadSession
from federation.statements import parse_header
from node.codec import page_tokens
from node.demo.members import LUZHOU
from node.records import records as records_module
from node.records import seeking
from node.records.records import Records
from node.records.wanted import EVERYTHING, Wanted
from tests.support.federation_dirs import WiredNode, found, name_of, write_list

ROWS = 12


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredNode]:
    directory = tmp_path_factory.mktemp("records")
    found(directory, (LUZHOU,))
    opened = WiredNode(directory / LUZHOU.region)
    write_list(directory / "list.csv", LUZHOU.region, range(ROWS))
    opened.publish_list(directory / "list.csv")
    yield opened
    opened.close()


def records(node: WiredNode) -> Records:
    assert isinstance(node.parts.records, Records)
    return node.parts.records


def test_pages_hold_every_record_once_in_the_order_of_the_log(node: WiredNode) -> None:
    indices, token, pages = [], "", 0
    while token or not pages:
        views, token = records(node).list("", "", "", 5, token)
        indices += [view.index for view in views]
        pages += 1
    assert indices == list(range(ROWS))


def test_a_page_reads_each_tile_once_and_says_when_each_was_issued(
    node: WiredNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[int, int, int]] = []
    tiles = SqlReadSession.tiles

    def counted(
        self: SqlReadSession, log: int, level: int, numbers: Sequence[int]
    ) -> Sequence[bytes]:
        read.extend((log, level, number) for number in numbers)
        return tiles(self, log, level, numbers)

    monkeypatch.setattr(SqlReadSession, "tiles", counted)
    views, _ = records(node).list("", "", "", 100, "")
    assert len(views) == ROWS
    assert len(read) == len(set(read))
    with node.store.read() as session:
        leaves = session.leaves(1, 0, ROWS)
    assert [view.issued_at for view in views] == [parse_header(leaf).issued_at for leaf in leaves]


def found_by(node: WiredNode, state: str, wanted: Wanted) -> tuple[list[int], int]:
    """Indices of the records, and on how many pages they came."""
    indices, token, pages = [], "", 0
    while token or not pages:
        views, token = records(node).list(state, "", "", 5, token, wanted)
        indices += [view.index for view in views]
        pages += 1
    return indices, pages


def test_what_is_rare_is_looked_for_in_parts_and_found(
    node: WiredNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeking, "LOOKED", 4)
    (last,), _ = records(node).list("", "", "", 1, page_tokens.write((1, ROWS - 2)))
    node.repair("2" * 32, last.statement_id)
    assert found_by(node, "repaired", EVERYTHING) == ([ROWS - 1], 4)
    assert found_by(node, "active", Wanted(list_type="nowhere")) == ([], 1), (
        "of no such list there is any"
    )
    assert found_by(node, "active", EVERYTHING) == (list(range(ROWS - 1)), 4)


def test_of_what_no_log_has_nothing_is_looked_for(
    node: WiredNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqlReadSession, "seek_rows", lambda *_: pytest.fail("looked"))
    for state in ("withdrawn", "masked", "paused", "superseded"):
        assert records(node).list(state, "", "", 5, "") == ([], "")


def test_a_name_is_looked_for_in_parts_and_found_whole(
    node: WiredNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records_module, "OPENED", 4)
    monkeypatch.setattr(records_module, "AT_ONCE", 2)
    assert found_by(node, "", Wanted(name=name_of(9))) == ([9], 3)
    assert found_by(node, "", Wanted(name=name_of(9)[:-1])) == ([], 3)
