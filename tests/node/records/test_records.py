"""Pages of records out of the store of a real node (node/records/records.py)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from adapters.sql.sessions import SqlReadSession
from federation.statements import parse_header
from node.demo.members import LUZHOU
from node.records.records import Records
from tests.support.federation_dirs import WiredNode, found, write_list

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
