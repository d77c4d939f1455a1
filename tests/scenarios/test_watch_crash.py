"""A kill while a watch is opened, read, closed: it is there whole or not at all, and tells again.

Covers the failpoints `watch.…` of node/screening/watch_opening.py, node/screening/watch_reading.py
and node/screening/watch_desk.py.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from node.access.admitting import Access
from node.demo.members import DemoMember
from node.reconcile.catalog_book import CatalogBook
from node.system.clock import SystemClock
from node.system.failpoints import NAMES
from tests.support.catalogs import PERSONS
from tests.support.federation_dirs import LIST_TYPE, WiredNode, exchange_all, found
from tests.support.outcome_crash_child import queries_of
from tests.support.screened import matters_text
from tests.support.watch_crash_child import ROWS, close, opened, read

CITY = DemoMember(region="510500", name="泸州")
PEER = DemoMember(region="511500", name="宜宾")
ROOT = Path(__file__).parents[2]
CASES = [
    *("watch.open:after:1", "watch.open:after:2"),  # it was begun, its subjects are kept
    *(
        f"{name}:{moment}:{3 if name == 'watch.open' else 1}"
        for name in NAMES
        if name.startswith("watch.")
        for moment in ("before", "after")
    ),
]


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directories of all cases, each as its process left it."""
    root = tmp_path_factory.mktemp("crashed")
    found(root, (CITY, PEER))
    city, peer = WiredNode(root / CITY.region), WiredNode(root / PEER.region)
    city.list_("1" * 32, 1)
    exchange_all(city, peer)
    CatalogBook(store=peer.store, now=SystemClock().now).adopt(
        matters_text(lists=(LIST_TYPE,)), PERSONS
    )
    peer.job("reconcile")
    for node in (city, peer):
        node.close()
    (root / PEER.region).rename(root / "node")
    command = [sys.executable, "-m", "tests.support.watch_crash_child", str(root), *CASES]
    subprocess.run(command, cwd=ROOT, check=True, timeout=100)
    return root


def lines(directory: Path, name: str) -> list[str]:
    path = directory / name
    return path.read_text().split() if path.exists() else []


@pytest.mark.parametrize("case", CASES)
def test_what_was_told_stands_and_what_was_not_is_told(crashed: Path, case: str) -> None:
    directory = crashed / case
    watches, told = lines(directory, "opened"), lines(directory, "told")
    assert len(watches) < 2, "it did not die in its first round"
    node = WiredNode(directory)
    access = node.parts.access
    assert isinstance(access, Access)
    listed = {one["watch"]: one["state"] for one in node.parts.watches.list(access.local())}
    assert set(watches) <= set(listed)
    again = opened(node, "w-1")
    assert again["subjects"] == ROWS
    assert not watches or again["watch"] == watches[0]
    if again["state"] == "open":
        page = read(node, again["watch"])
        assert [(one["row"], one["result"]) for one in page["events"]] == [(1, "match")]
        assert read(node, again["watch"], page["position"])["events"] == []
        if told:
            assert read(node, again["watch"], told[0])["events"] == []
        close(node, again["watch"])
    else:
        assert case == "watch.close:after:1"
    node.job("watches-ending")
    node.close()
    store = queries_of(directory)
    with store.read() as reads:
        left = [
            reads.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in ("watch_groups", "watch_answers")
        ]
    store.close()
    assert left == [0, 0]
