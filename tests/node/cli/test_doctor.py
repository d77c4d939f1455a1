"""`huxin doctor` as an operator calls it.

Covers node/cli/rebuild.py, node/upkeep/trial.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from adapters.state.highwater import FileHighWater
from crypto.fork import ForkProof
from crypto.strict import b64
from node.demo.members import DemoMember
from node.directory.config import load_config
from node.directory.presence import NODE_FILE, locked
from node.system.clock import SystemClock
from node.upkeep.drill import HISTORY, remember
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, found, write_list
from tests.support.marks import put_mark, tear_newest

CITY = DemoMember(region="510500", name="泸州", role="city")
LISTED = 700
"""More than two chunks of rows."""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    found(tmp_path, [CITY])
    place = tmp_path / CITY.region
    for what in ("backup", "drill"):
        remember(place, what, SystemClock().now())
    return place


def change(directory: Path, statement: str, **values: object) -> None:
    """Change the database behind the program's back."""
    engine = create_engine(load_config(directory).database_url)
    with engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount
    engine.dispose()


def examined(directory: Path, *options: str) -> dict[str, Any]:
    ran = run("doctor", *options, "--dir", directory, "-o", "json")
    result: dict[str, Any] = ran.json
    told = [one["code"] for group in result["groups"] for one in group["problems"]]
    assert ran.code == int(bool(told))
    assert {one["code"] for one in result["findings"]} <= {*told}
    return result


def codes(directory: Path) -> list[str]:
    return [finding["code"] for finding in examined(directory)["findings"]]


def parts(directory: Path, *options: str) -> list[tuple[str, int]]:
    return [(d["part"], d["first"]) for d in examined(directory, *options)["damages"]]


def test_damage_is_told_and_healed(directory: Path) -> None:
    node = WiredNode(directory)
    listed = node.list_("0" * 32, 1)
    node.job("scrub")
    assert "store.damaged" not in node.problems()
    node.close()
    with locked(directory):
        assert run("doctor", "--heal", "--dir", directory).code == 4
    assert parts(directory) == []

    change(directory, "UPDATE tiles SET data = zeroblob(32) WHERE level = 0")
    assert parts(directory) == [("hashes", 0)]
    healed = run("doctor", "--heal", "--dir", directory, "-o", "json")
    assert (healed.code, healed.json["recover"]) == (0, False)
    assert run("doctor", "--dir", directory).code == 0

    again = WiredNode(directory)
    again.repair("1" * 32, listed.statement_id)
    change(directory, "UPDATE tiles SET data = zeroblob(64) WHERE level = 0")
    again.job("scrub")
    assert "store.damaged" in again.problems()
    again.close()


def test_rows_are_compared_with_the_log(directory: Path) -> None:
    node = WiredNode(directory)
    write_list(directory / "list.csv", CITY.region, range(LISTED))
    node.publish_list(directory / "list.csv")
    node.close()
    assert parts(directory, "--all") == []
    change(directory, "UPDATE statements SET state = 4 WHERE idx IN (3, 4, 600)")
    change(directory, "DELETE FROM statements WHERE idx = 300")
    miscounted = ("rows", 0)  # counts are kept beside the rows, and these were changed behind them
    assert parts(directory) == [("rows", 3), ("rows", 300), ("rows", 600), miscounted]
    assert run("rebuild", "--dir", directory).code == 0
    assert parts(directory, "--all") == []


def test_the_mark_is_compared_with_our_own_log(directory: Path) -> None:
    node = WiredNode(directory)
    node.list_("0" * 32, 1)
    node.close()
    mark = directory / "state" / "high-water"
    whole = mark.read_bytes()
    size, root = FileHighWater(mark, node.origin).load() or (0, b"")
    assert size == 1
    for wrong, code in (
        ((2, root), "high-water.ahead"),
        ((1, bytes(32)), "high-water.other-root"),
    ):
        put_mark(mark, node.origin, wrong)
        assert codes(directory) == [code]
    mark.write_bytes(whole)
    tear_newest(mark, node.origin)
    for content in (mark.read_bytes(), b""):
        mark.write_bytes(content)
        assert codes(directory) == ["high-water.corrupt"]
        assert mark.read_bytes() == content
    mark.write_text(f"{node.origin}\n1\n{b64(root)}\n")  # as it was written before
    assert codes(directory) == []
    mark.write_bytes(whole)
    away = mark.replace(directory / "away")
    assert codes(directory) == ["high-water.missing"]
    away.replace(mark)
    assert codes(directory) == []


def test_a_fork_file_must_prove_its_fork(directory: Path) -> None:
    node = WiredNode(directory)
    node.list_("0" * 32, 1)
    note = node.note()
    node.close()
    proof = ForkProof(smaller=note, larger=note, prefix=None, path=()).to_bytes()
    put = "INSERT INTO forks (origin, file) VALUES (:origin, :file)"
    change(directory, put, origin=node.origin, file=proof)
    assert codes(directory) == ["fork.damaged"]
    change(directory, "UPDATE forks SET origin = 'other/1'")
    assert codes(directory) == ["fork.damaged"]


@pytest.mark.parametrize("name", ["huxin.db", "offline/charter.key", "state/high-water"])
def test_what_others_could_read_is_named(name: str, directory: Path) -> None:
    WiredNode(directory).close()
    assert codes(directory) == []
    (directory / name).chmod(0o640)
    findings = examined(directory)["findings"]
    assert {finding["code"] for finding in findings} == {"keys.mode"}
    assert any(f"{name}:" in finding["message"] for finding in findings)


def test_it_tells_in_groups_what_to_do(directory: Path) -> None:
    (directory / HISTORY).unlink()
    (directory / "huxin.db").chmod(0o640)
    groups = {group["name"]: group for group in examined(directory)["groups"]}
    assert [one["code"] for one in groups["backups"]["problems"]] == ["backup.none", "drill.none"]
    assert {one["code"] for one in groups["keys"]["problems"]} == {"keys.mode"}
    assert all(one["fix"] for group in groups.values() for one in group["problems"])
    assert not groups["peers"]["looked"]
    shown = run("doctor", "--dir", directory).out.splitlines()
    assert shown[0] == "【密钥与权限】"
    assert "【备份与演练】" in shown
    assert shown[-2].startswith("正常：配置、")
    assert shown[-1].startswith("节点未运行，未查：时间、成员与日志、")
    said = run("doctor", "--lang", "en", "--dir", directory).out
    assert said.startswith("【keys and modes】")


def test_a_running_node_is_asked(directory: Path) -> None:
    with locked(directory):
        (directory / NODE_FILE).write_text("{}")
        groups = {group["name"]: group for group in examined(directory)["groups"]}
        shown = run("doctor", "--dir", directory).out.splitlines()[-1]
    assert not groups["peers"]["looked"], "somebody works there, and did not say how the peers are"
    assert groups["node"]["looked"]
    assert [one["code"] for one in groups["node"]["problems"]] == ["node.not-ready"]
    assert shown == "节点未答复，未查：时间、成员与日志、修复与转办、惩戒反馈、平台"


BROKEN = {
    "a line of the configuration": ("huxin.toml", "config.invalid", "configuration", "配置"),
    "the key ring": ("state/keyring.json", "keys.ring", "keys", "密钥与权限"),
    "the log key": ("keys/log.key", "keys.", "keys", "密钥与权限"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_keeps_the_directory_from_being_read_stands_in_its_group(
    directory: Path, what: str
) -> None:
    name, code, group, title = BROKEN[what]
    (directory / name).write_text("no such thing\n")
    ran = run("doctor", "--dir", directory, "-o", "json")
    assert ran.code == 1, ran.err
    found_in = {one["name"]: one for one in ran.json["groups"]}
    (row,) = found_in[group]["problems"]
    assert row["code"].startswith(code)
    assert row["fix"]
    assert [one["name"] for one in ran.json["groups"] if one["looked"]] == [group]
    shown = run("doctor", "--dir", directory)
    assert shown.code == 1
    assert shown.out.startswith(f"【{title}】")
    assert shown.out.splitlines()[-1].startswith("目录读不出，未查：")
