"""A full disk met by what a node does besides publishing and following: nothing is left half."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import make_url

from adapters.catalog.library import import_library
from adapters.errors import AdapterError
from adapters.state.keyring import KeyRing
from federation.errors import RefusedError
from node.directory.creation import KEY_RING_FILE
from node.log.recovery import Recovering
from node.reconcile.catalog_desk import CatalogDesk
from node.system.entropy import token
from tests.support.catalogs import PERSONS, edition_text
from tests.support.commands import run
from tests.support.exchange_tables import make_tables, told
from tests.support.federation_dirs import WiredNode, code_of, exchange_all, name_of, write_list
from tests.support.small_disk import FULL, PEER, fill, founded

LISTED = 1500
PLATFORM = """
[platform.city]
url = "https://127.0.0.1:1/huxin"
"""


def desk(node: WiredNode) -> CatalogDesk:
    assert isinstance(node.parts.catalogs, CatalogDesk)
    return node.parts.catalogs


def listed(node: WiredNode, path: Path, region: str, rows: range) -> None:
    write_list(path, region, rows)
    node.publish_list(path)


def opened(node: WiredNode) -> int:
    """Openings that the ring on the disk opens, of all that are stored."""
    ring = KeyRing.load(node.directory / "state" / KEY_RING_FILE, token=token)
    count = 0
    with node.store.read() as session:
        for head in session.heads():
            stored = session.openings_between(head.log, 0, head.size)
            count += len(ring.open_openings(head.origin, stored))
    return count


def test_a_rotation_that_meets_a_full_disk_goes_on(tmp_path: Path) -> None:
    with founded(tmp_path, 0) as (node, _):
        listed(node, tmp_path / "list.csv", FULL.region, range(LISTED))
        node.store.truncate()
        failed = 0
        for left in (0, 2**12, 2**14, 2**16, 2**18, 2**20):
            filler = fill(node.directory.parent, left)
            try:
                node.rotate()
            except AdapterError:
                failed += 1
            assert opened(node) == LISTED
            filler.unlink()
        assert failed
        node.job("rotation")
        assert node.parts.status()["key_ring"]["rotating"] is False
        assert opened(node) == LISTED
        assert list((node.directory / "state").glob(".*")) == []
        assert run("rebuild", "--check", "--dir", node.directory).code == 0
        assert "openings.lost" not in node.problems()


def test_what_the_platform_is_told_waits_for_room(tmp_path: Path) -> None:
    with founded(tmp_path, 0, PLATFORM) as (node, peer):
        listed(peer, tmp_path / "list.csv", PEER.region, range(LISTED))
        exchange_all(node, peer)
        failed = 0
        for left in (0, 2**16, 2**18, 2**19):
            filler = fill(node.directory.parent, left)
            for job in ("reconcile", "outbox"):
                try:
                    node.job(job)
                except (AdapterError, OSError):
                    failed += 1
            filler.unlink()
        assert failed
        node.job("reconcile")
        node.job("outbox")
        folder = node.directory / "outbox" / peer.origin.replace("/", "__")
        rows = [
            int(row["index"])
            for path in sorted(folder.glob("*.csv"))
            for row in csv.DictReader(StringIO(path.read_text("utf-8-sig")))
        ]
        assert sorted(set(rows)) == list(range(LISTED))
        for path in folder.glob("*.csv"):
            assert path.with_name(f"{path.name}.done").exists()
        assert list(folder.glob(".*")) == []
        assert node.logs()[peer.origin]["delivered_to"] == LISTED


def test_a_batch_that_the_platform_has_is_noted_when_there_is_room(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("platform")
    settings = f'[platform.city]\nurl = "sqlite:///{elsewhere}/city.db"\n'
    with founded(tmp_path, 0, settings) as (node, peer):
        url = make_url(f"sqlite:///{elsewhere / 'city.db'}")
        make_tables(url)
        peer.list_("0" * 32, 1)
        exchange_all(node, peer)
        node.job("reconcile")
        node.job("outbox")
        filler = fill(node.directory.parent, 0)
        with pytest.raises(AdapterError):
            node.job("platform.city")
        (waits,) = node.parts.status()["platforms"]
        assert waits["waiting"] == 1
        filler.unlink()
        node.job("platform.city")
        (waits,) = node.parts.status()["platforms"]
        assert waits["waiting"] == 0
        assert len(told(url)) == 1


def test_an_edition_counts_once_it_is_kept(tmp_path: Path) -> None:
    with founded(tmp_path, 0) as (node, peer):
        listed(peer, tmp_path / "list.csv", PEER.region, range(LISTED))
        exchange_all(node, peer)
        node.job("reconcile")
        before = desk(node).show("", 0)
        text = edition_text("tests-2016", valid_from="2016-01-01") + "# 演示\n" * 20_000
        node.store.truncate()
        filler = fill(node.directory.parent, 0)
        with pytest.raises(AdapterError):
            desk(node).take(text, PERSONS, lambda _: None)
        assert desk(node).show("", 0) == before
        assert "store.failed" in node.problems()
        filler.unlink()
        assert desk(node).take(text, PERSONS, lambda _: None)["adopted"]
        assert desk(node).show("", 0) != before


def test_a_library_in_place_is_judged_by(tmp_path: Path) -> None:
    with founded(tmp_path, 0) as (node, peer):
        listed(peer, tmp_path / "list.csv", PEER.region, range(LISTED))
        exchange_all(node, peer)
        node.job("reconcile")
        assert node.logs()[peer.origin]["findings"] == {"record.recognised": LISTED}
        subjects = tmp_path / "subjects.csv"
        lines = [f"{code_of(number)},{name_of(number)}" for number in range(LISTED // 2)]
        subjects.write_text("\n".join(["code,name", *lines]) + "\n", "utf-8")
        library = node.directory / "library.db"
        was = library.read_bytes()
        filler = fill(node.directory.parent, 2**14)
        with pytest.raises(RefusedError, match=r"room for it: .*full") as refused:
            desk(node).take_library(subjects, lambda _: None)
        assert refused.value.code == "library.file"
        assert library.read_bytes() == was
        assert list(node.directory.glob(".library*")) == []
        filler.unlink()

        # What a crash, or a disk that is full at that moment, leaves between file and database.
        import_library(subjects, library, lambda _: None, anyway=True)
        node.job("reconcile")
        assert node.logs()[peer.origin]["findings"]["record.recognised"] == LISTED // 2


def test_a_recovery_says_that_the_disk_is_full_and_goes_on(tmp_path: Path) -> None:
    with founded(tmp_path, 0) as (node, peer):
        listed(node, tmp_path / "list.csv", FULL.region, range(LISTED))
        exchange_all(node, peer)
        node.close()
        for path in node.directory.glob("huxin.db*"):
            path.unlink()
        again = WiredNode(node.directory)
        assert "high-water.ahead" in again.problems()
        recovering = again.parts.recovering
        assert isinstance(recovering, Recovering)
        filler = fill(node.directory.parent, 2**18)

        def bring() -> None:
            try:
                exchange_all(again, peer)
            except AdapterError:
                return

        recovering._changed = bring
        with pytest.raises(RefusedError, match="could not keep what came last") as refused:
            recovering.recover(0, lambda _: None)
        assert refused.value.code == "recover.incomplete"
        with pytest.raises(RefusedError):
            again.list_("f" * 32, 3999)
        filler.unlink()
        assert recovering.recover(0, lambda _: None).size == LISTED
        again.confirm_time()
        again.list_("e" * 32, 3999)
        assert again.problems() == ["catalog.none"], "since something was published again"
        again.close()
