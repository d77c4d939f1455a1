"""What new charters cut off is read by them, also where the disk was full at that moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.errors import FullError
from node.peers.charter_changes import CharterChanges
from tests.simulation.parts import WorldNode, full
from tests.support import charters as build
from tests.support.clock import FakeClock

ME = "510500"


@pytest.fixture
def node(tmp_path: Path) -> WorldNode:
    chain = build.make_chain([build.make_member(member) for member in (ME, "510300")])
    return WorldNode(ME, chain, FakeClock(), tmp_path)


def test_a_start_reads_what_the_last_run_did_not(node: WorldNode) -> None:
    assert not node.exchange.reads_by_old_charters


def test_what_a_full_disk_prevented_is_read_later(node: WorldNode) -> None:
    node.disk.fails = full()
    with pytest.raises(FullError):
        node.exchange.charters_changed()
    assert node.exchange.reads_by_old_charters
    node.disk.fails = full()
    node.exchange.published()
    assert node.exchange.reads_by_old_charters
    node.exchange.published()
    assert not node.exchange.reads_by_old_charters


def test_a_start_goes_on_with_a_full_disk(node: WorldNode) -> None:
    rereading = CharterChanges(
        store=node.store, ledger=node.ledger, trust=node.trust, changed=lambda: None
    )
    node.disk.fails = full()
    rereading.catch_up()
    assert rereading.owed
    rereading.catch_up()
    assert not rereading.owed
