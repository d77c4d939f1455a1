"""Backups brought back: nobody is punished by what they do not know, and nothing is said twice.

Covers adapters/sql/copies.py, node/cli/backups.py, node/directory/restored.py,
node/upkeep/backups.py, node/upkeep/drill.py.
"""

from __future__ import annotations

import csv
import errno
import fcntl
import json
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from adapters.sql.copies import empty_again, is_empty
from federation.ids import StatementId, Timestamp
from node.demo.members import DemoMember
from node.directory import restored as moments
from node.directory.restored import CLOCK_SECONDS, RESTORED_FILE, note_restored, restored_at
from node.system.clock import SystemClock
from node.upkeep import backups
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, exchange_all, found
from tests.support.fresh import fresh_postgres

CITY = DemoMember(region="510500", name="泸州", role="city")
PEER = DemoMember(region="511500", name="宜宾", role="city")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[dict[str, WiredNode]]:
    """Two cities, and one listing of each, at both."""
    found(tmp_path, [CITY, PEER])
    nodes = {member.region: WiredNode(tmp_path / member.region) for member in (CITY, PEER)}
    nodes[CITY.region].list_("0" * 32, 1)
    nodes[PEER.region].list_("1" * 32, 2)
    told(nodes)
    yield nodes
    for node in nodes.values():
        with suppress(Exception):
            node.close()


def told(nodes: dict[str, WiredNode]) -> None:
    """Let both say everything, judge it, and tell it to their platforms."""
    one, other = nodes.values()
    exchange_all(one, other)
    for node in nodes.values():
        for job in ("reconcile", "outbox"):
            node.job(job)


def restored(nodes: dict[str, WiredNode], region: str, backup: Path) -> WiredNode:
    """Stop a node, bring its backup back, start it."""
    nodes[region].close()
    done = run("restore", backup, "--dir", nodes[region].directory, "-o", "json")
    assert done.code == 0, done.err
    nodes[region] = WiredNode(nodes[region].directory)
    return nodes[region]


def backed_up(node: WiredNode, out: Path) -> Path:
    done = run("backup", out, "--dir", node.directory)
    assert done.code == 0, done.err
    return out


def rule_of(node: WiredNode, origin: str) -> tuple[str, str]:
    """State and code of the one listing of a log, as a node shows it."""
    ((view,), _) = node.parts.records.list("", origin, "listing", 10, "")
    return view.state, view.rule


def repair_listed(node: WiredNode) -> None:
    """Repair the one listing of a node."""
    ((view,), _) = node.parts.records.list("", node.origin, "listing", 1, "")
    node.repair("2" * 32, view.statement_id)


def told_states(node: WiredNode) -> set[str]:
    """States that the files for the platform tell."""
    states = set()
    for path in (node.directory / "outbox").rglob("*-records.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            states |= {row["state"] for row in csv.DictReader(file)}
    return states


def test_what_a_backup_does_not_know_of_others_punishes_nobody(
    pair: dict[str, WiredNode], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moments, "CLOCK_SECONDS", 0)  # else one would wait for five minutes
    city, peer = pair.values()
    later = city.list_("2" * 32, 3)
    exchange_all(city, peer)
    peer.job("reconcile")
    backup = backed_up(peer, tmp_path / "backup")  # the platform was not told of it yet
    city.repair("3" * 32, later.statement_id)
    told(pair)
    assert told_states(peer) == {"active", "repaired"}
    shutil.rmtree(peer.directory / "outbox")

    peer = restored(pair, PEER.region, backup)
    view = peer.parts.records.get(StatementId(later.statement_id))
    assert (view.state, view.rule) == ("active", "log.stale")
    peer.job("outbox")
    assert told_states(peer) == set(), "what was ended is not told as it was"
    time.sleep(1.1)  # a head of the second in which it was brought back is no news
    city.renew_head()
    told(pair)
    assert peer.parts.records.get(StatementId(later.statement_id)).state == "repaired"
    assert told_states(peer) == {"repaired"}


def test_our_own_log_punishes_nobody_until_it_is_refilled(
    pair: dict[str, WiredNode], tmp_path: Path
) -> None:
    city, _ = pair.values()
    backup = backed_up(city, tmp_path / "backup")
    city.repair(
        "2" * 32, city.parts.records.list("", city.origin, "listing", 1, "")[0][0].statement_id
    )
    told(pair)
    city = restored(pair, CITY.region, backup)
    assert rule_of(city, city.origin) == ("active", "own-log.behind")
    assert "high-water.ahead" in city.problems()


def test_a_backup_has_no_key_and_no_mark_and_is_private(
    pair: dict[str, WiredNode], tmp_path: Path
) -> None:
    city, _ = pair.values()
    secrets = {path.read_bytes() for path in (city.directory / "keys").iterdir() if path.is_file()}
    assert secrets
    for number, path in enumerate((city.directory / "keys").iterdir()):
        (city.directory / "charters" / f"more-{number}.json").symlink_to(path)
    backup = backed_up(city, tmp_path / "backup")
    assert not secrets & {path.read_bytes() for path in backup.rglob("*") if path.is_file()}
    names = {str(path.relative_to(backup)) for path in backup.rglob("*") if path.is_file()}
    assert {"manifest.json", "huxin.db", "queries.db", "huxin.toml", "member.json"} <= names
    charters = {path for path in (city.directory / "charters").rglob("*.json") if path.is_file()}
    kept = {str(path.relative_to(city.directory)) for path in charters if not path.is_symlink()}
    assert kept
    assert kept <= names
    assert not any("key" in name or name.startswith(("state", "offline")) for name in names)
    for path in backup.rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077
    done = run("backup", backup, "--dir", city.directory)
    assert (done.code, "backup.exists" in done.err) == (3, True)


def test_a_drill_passes_and_leaves_nothing(pair: dict[str, WiredNode], tmp_path: Path) -> None:
    city, peer = pair.values()
    backup = backed_up(city, tmp_path / "backup")
    before = sorted(path.name for path in city.directory.iterdir())
    done = run("drill", backup, "--dir", city.directory, "-o", "json")
    assert done.code == 0, done.err
    assert done.json["passed"]
    assert {log["origin"] for log in done.json["logs"]} == {city.origin, peer.origin}
    assert sorted(path.name for path in city.directory.iterdir()) == before
    assert json.loads((city.directory / "backups.json").read_text())["drill"]["passed"]


def test_one_from_before_a_change_of_the_lookup_key_passes(
    pair: dict[str, WiredNode], tmp_path: Path
) -> None:
    """Its tags stand under a key that is destroyed: they are made anew, in the copy."""
    backup = backed_up(pair[CITY.region], tmp_path / "backup")
    pair[CITY.region].parts.lookup_keys.replace(lambda _: None)
    pair[CITY.region].close()
    pair[CITY.region] = WiredNode(tmp_path / CITY.region)
    ring = (tmp_path / CITY.region / "state" / "keyring.json").read_bytes()
    done = run("drill", backup, "--dir", tmp_path / CITY.region, "-o", "json")
    assert (done.code, done.json["passed"]) == (0, True), done.err
    assert (tmp_path / CITY.region / "state" / "keyring.json").read_bytes() == ring


def test_what_a_killed_drill_left_is_swept_and_nothing_else(
    pair: dict[str, WiredNode], tmp_path: Path
) -> None:
    city, _ = pair.values()
    backup = backed_up(city, tmp_path / "backup")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    left = city.directory / ".drill-left"
    left.mkdir()
    (left / "huxin.db").touch()
    (left / "out").symlink_to(elsewhere)
    (city.directory / ".drill-link").symlink_to(elsewhere)
    (city.directory / ".drill-file").touch()
    done = run("drill", backup, "--dir", city.directory)
    assert done.code == 0, done.err
    assert not left.exists()
    assert (elsewhere / "kept").exists()
    assert (city.directory / ".drill-link").is_symlink()
    assert (city.directory / ".drill-file").exists()


def test_one_drill_at_a_time(pair: dict[str, WiredNode], tmp_path: Path) -> None:
    """Else the second would sweep what the first works on."""
    city, _ = pair.values()
    backup = backed_up(city, tmp_path / "backup")
    left = city.directory / ".drill-of-another"
    left.mkdir()
    lock = os.open(city.directory, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    done = run("drill", backup, "--dir", city.directory)
    os.close(lock)
    assert (done.code, "drill.running" in done.err, left.exists()) == (3, True, True)


def test_a_password_stands_in_no_command_line(
    pair: dict[str, WiredNode], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, _ = pair.values()
    backup = backed_up(city, tmp_path / "backup")
    url = "postgresql://huxin:geheim@localhost/scratch"
    words = ("drill", backup, "--dir", city.directory)
    done = run(*words, "--scratch", url)
    assert (done.code, "drill.scratch" in done.err, "geheim" in done.err) == (3, True, False)
    (tmp_path / "url").write_text(url + "\n")
    assert run(*words, "--scratch-file", tmp_path / "url").code == 0
    assert run(*words, "--scratch", "postgresql://localhost/scratch").code == 0
    monkeypatch.setenv("HUXIN_SCRATCH", url)
    assert run(*words).code == 0


@pytest.mark.parametrize("step", range(6))
def test_a_restore_cut_short_loses_nothing_of_what_was_there(tmp_path: Path, step: int) -> None:
    """The database and its write-ahead log stay together, under one name or the other."""
    place, source = tmp_path / "huxin.db", tmp_path / "source.db"
    database(source, ["of the backup"]).close()
    open_one = database(place, ["checkpointed"])
    open_one.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    open_one.execute("INSERT INTO said VALUES ('in the log alone')")
    assert place.with_name("huxin.db-wal").stat().st_size
    names = ("unlink", "hardlink_to", "rename")
    counted = 0

    def cut_short(real: Callable[..., object]) -> Callable[..., object]:
        def call(path: Path, *args: object, **kwargs: object) -> object:
            nonlocal counted
            counted += 1
            if counted > step + 1:  # the first is an old copy's
                raise OSError(errno.EIO, "power lost")
            return real(path, *args, **kwargs)

        return call

    with pytest.MonkeyPatch.context() as patched:
        for name in names:
            patched.setattr(Path, name, cut_short(getattr(Path, name)))
        with pytest.raises(OSError, match="power lost"):
            backups._replace(place, source, Timestamp(1))
    os.close(os.open(place, os.O_RDONLY))
    backups._replace(place, source, Timestamp(2))
    open_one.close()
    kept = [path for path in tmp_path.glob("huxin.db.before-?") if len(rows_of(path)) == 2]
    assert kept, sorted(tmp_path.iterdir())
    assert rows_of(place) == ["of the backup"]


def database(path: Path, said: list[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE said (what TEXT)")
    connection.executemany("INSERT INTO said VALUES (?)", [(one,) for one in said])
    return connection


def rows_of(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        try:
            return [row[0] for row in connection.execute("SELECT what FROM said")]
        except sqlite3.Error:
            return []


HARMS: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut short": (lambda folder: (folder / "manifest.json").unlink(), "backup.damaged"),
    "a file less": (lambda folder: (folder / "huxin.db").unlink(), "backup.damaged"),
    "a file more": (lambda folder: (folder / "more").touch(), "backup.damaged"),
    "a byte": (lambda folder: flip(folder / "huxin.db"), "backup.damaged"),
    "a link": (lambda folder: linked(folder / "member.json"), "backup.damaged"),
    "of another": (lambda folder: said(folder, origin="511000.example/1"), "backup.other-node"),
    "of another kind": (lambda folder: said(folder, database="postgresql"), "other-database"),
}


def test_what_is_no_sound_backup_of_this_node_changes_nothing(
    pair: dict[str, WiredNode], tmp_path: Path
) -> None:
    city, _ = pair.values()
    backup = backed_up(city, tmp_path / "backup")
    city.close()
    before = (city.directory / "huxin.db").read_bytes()
    for number, (harm, code) in enumerate(HARMS.values()):
        harmed = tmp_path / f"harmed-{number}"
        shutil.copytree(backup, harmed)
        harm(harmed)
        done = run("restore", harmed, "--dir", city.directory)
        assert done.code == 3, harmed
        assert code in done.err
        assert (city.directory / "huxin.db").read_bytes() == before
        assert not (city.directory / "state" / RESTORED_FILE).exists()


def test_without_its_key_ring_nothing_is_brought_back(
    pair: dict[str, WiredNode], tmp_path: Path
) -> None:
    city, _ = pair.values()
    backup = backed_up(city, tmp_path / "backup")
    city.close()
    (city.directory / "state" / "keyring.json").unlink()
    done = run("restore", backup, "--dir", city.directory)
    assert (done.code, "restore.no-ring" in done.err) == (3, True)


def test_bk6_on_another_machine_keys_state_and_the_backup_make_the_node_again(
    pair: dict[str, WiredNode], tmp_path: Path
) -> None:
    city = pair[CITY.region]
    city.close()
    old = city.directory
    (old / "mappings").mkdir(exist_ok=True)
    (old / "mappings" / "court.yaml").write_text("list: judgment-defaulter\n", "utf-8")
    backup = backed_up(city, tmp_path / "backup")
    assert (backup / "mappings" / "court.yaml").exists(), "BK1"
    new = tmp_path / "new" / CITY.region
    unmade = run("restore", backup, "--dir", new)
    assert (unmade.code, new.exists()) == (3, False)
    assert "restore.no-directory" in unmade.err
    assert "不要 huxin init" in unmade.err
    (new / "state").mkdir(0o700, parents=True)
    ringless = run("restore", backup, "--dir", new)
    assert (ringless.code, "restore.no-ring" in ringless.err) == (3, True)
    assert not (new / "huxin.toml").exists(), "without its key ring nothing is brought"
    shutil.copytree(old / "state", new / "state", dirs_exist_ok=True)
    for lost in (new / "state").glob("*high-water*"):
        lost.unlink()
    shutil.copytree(old / "keys", new / "keys")
    (new / "member.json").write_text("{}", "utf-8")

    done = run("restore", backup, "--dir", new, "-o", "json")
    assert done.code == 0, done.err
    assert {"huxin.toml", "mappings/court.yaml"} <= set(done.json["brought"])
    assert "member.json" not in done.json["brought"]
    assert (new / "member.json").read_text("utf-8") == "{}", "what is there counts"
    again = pair[CITY.region] = WiredNode(new)
    exchange_all(again, pair[PEER.region])
    assert len(again.parts.records.list("", "", "listing", 10, "")[0]) == 2


def test_bk6_another_nodes_keys_are_not_taken_for_its_own(
    pair: dict[str, WiredNode], tmp_path: Path
) -> None:
    city, peer = pair.values()
    backup = backed_up(city, tmp_path / "backup")
    new = tmp_path / "new"
    for name in ("state", "keys"):
        shutil.copytree(peer.directory / name, new / name)
    refused = run("restore", backup, "--dir", new)
    assert refused.code == 4
    assert "keys." in refused.err
    assert not (new / "huxin.db").exists()


def test_what_is_not_there_is_said_in_words(pair: dict[str, WiredNode], tmp_path: Path) -> None:
    city = pair[CITY.region]
    placeless = run("backup", tmp_path / "away" / "1", "--dir", city.directory)
    assert (placeless.code, "backup.no-place" in placeless.err) == (3, True)
    assert "先挂载介质" in placeless.err
    none = run("drill", tmp_path / "none", "--dir", city.directory)
    assert "没有这个备份文件夹" in none.err
    (tmp_path / "empty").mkdir()
    empty = run("drill", tmp_path / "empty", "--dir", city.directory)
    assert "缺 manifest.json" in empty.err


def test_bk7_without_the_database_no_backup_is_made(
    pair: dict[str, WiredNode], tmp_path: Path
) -> None:
    city = pair[CITY.region]
    city.close()
    database = city.directory / "huxin.db"
    database.rename(tmp_path / "unmounted")
    done = run("backup", tmp_path / "1", "--dir", city.directory)
    assert (done.code, "backup.no-database" in done.err) == (3, True)
    assert str(database) in done.err
    assert not (tmp_path / "1").exists()


def test_a_backup_stands_though_the_nodes_own_disk_is_full(
    pair: dict[str, WiredNode], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = pair[CITY.region]
    (city.directory / "backups.json").unlink(missing_ok=True)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("node.upkeep.drill.write_atomically", full)
    done = run("backup", tmp_path / "1", "--dir", city.directory)
    assert (done.code, "backup.unnoted" in done.err) == (0, True)
    assert "已经完成" in done.err
    assert backups.read_backup(tmp_path / "1").files


def test_a_clock_that_was_wrong_makes_no_old_head_news(tmp_path: Path) -> None:
    start = SystemClock().now()
    assert restored_at(tmp_path, start) == 0
    note_restored(tmp_path, Timestamp(start - 3600), Timestamp(start - 60))  # slow by an hour
    assert restored_at(tmp_path, start) == start - 60 + CLOCK_SECONDS
    note_restored(tmp_path, Timestamp(start + 10**9), Timestamp(start - 60))  # ahead
    assert restored_at(tmp_path, start) == start + CLOCK_SECONDS
    (tmp_path / RESTORED_FILE).write_text("yesterday\n")
    assert restored_at(tmp_path, start) == start + CLOCK_SECONDS


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="pg_dump is not here")
def test_a_postgresql_database_is_dumped_drilled_and_brought_back(
    tmp_path: Path, postgres_url: str
) -> None:
    with fresh_postgres(postgres_url) as url, fresh_postgres(postgres_url) as scratch:
        found(tmp_path, [CITY, PEER], lambda region: url if region == CITY.region else "")
        city = WiredNode(tmp_path / CITY.region)
        city.list_("0" * 32, 1)
        backup = backed_up(city, tmp_path / "backup")
        city.close()
        for words, code in (("restore", "restore.not-empty"), ("drill", "drill.no-scratch")):
            done = run(words, backup, "--dir", city.directory)
            assert (done.code, code in done.err) == (3, True)
        named = tmp_path / "scratch.url"
        named.write_text(scratch)
        named.chmod(0o600)
        where = ("--dir", city.directory, "--scratch-file", named)
        done = run("drill", backup, *where, "-o", "json")
        assert (done.code, done.json["passed"]) == (0, True), done.err
        assert is_empty(scratch)
        empty_again(url)
        assert run("restore", backup, "--dir", city.directory).code == 0
        city = WiredNode(tmp_path / CITY.region)
        assert rule_of(city, city.origin) == ("active", "")
        city.close()


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def linked(path: Path) -> None:
    kept = path.with_name("..kept")
    shutil.move(path, path.parent.parent / kept.name)
    path.symlink_to(path.parent.parent / kept.name)


def said(folder: Path, **changes: str) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_backup_that_is_cut_short_leaves_nothing(
    pair: dict[str, WiredNode], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _data: bytes, mode: int = 0) -> None:
        raise OSError(errno.ENOSPC, f"no space left, {mode}")

    city, _ = pair.values()
    with monkeypatch.context() as patched:
        patched.setattr(backups, "write_atomically", full)
        done = run("backup", tmp_path / "backup", "--dir", city.directory)
    assert (done.code, (tmp_path / "backup").exists()) == (4, False)
    backed_up(city, tmp_path / "backup")
