"""A rolling upgrade: nodes of the tagged program `spec-1` become nodes of this one, one by one.

Three real nodes over mutual TLS, made and served by the program of the tag. One after the other is
stopped, keeps what it has, and is served by this program, which migrates its database; the others
go on with the earlier one meanwhile. Before, between and after, each city says something, and each
lifts a listing: all nodes have all of it, whichever program they run, and nobody is accused.

Covers docs/zh/operations/upgrade.md.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from node.demo.members import DemoMember
from tests.support.days import REPAIRED, UNTIL
from tests.support.federation_dirs import LIST_TYPE, write_list
from tests.support.processes import DEADLINE_SECONDS, ROOT, eventually

TAG = "spec-1"
WEST = DemoMember(region="510300", name="自贡", apart=("510500",))
EAST = DemoMember(region="510500", name="泸州", apart=("510300",))
HUB = DemoMember(region="510000", name="四川", role="hub")
ALL = (WEST, EAST, HUB)
ROWS = 5
SETTLE_SECONDS = 240.0
"""Every look at all nodes is six commands, each a process of its own."""
MAIN = "from node.cli.main import main; main()"
FOUND = """
import sys
from pathlib import Path
from node.demo.members import DemoMember
from tests.support.federation_dirs import found
west = DemoMember(region="510300", name="自贡", apart=("510500",))
east = DemoMember(region="510500", name="泸州", apart=("510300",))
found(Path(sys.argv[1]), (west, east, DemoMember(region="510000", name="四川", role="hub")))
"""


class Node:
    """A node's directory and the program that serves it."""

    def __init__(self, folder: Path, member: DemoMember, program: Path) -> None:
        self.member = member
        self.folder = folder
        self.program = program
        self.repaired: list[str] = []
        self.said = 0
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, *words: object) -> Any:
        """Run a command of the program that this node has, and read what it says."""
        done = subprocess.run(
            [sys.executable, "-c", MAIN, *map(str, words), "--dir", str(self.folder), "-o", "json"],
            **_in(self.program),
            capture_output=True,
            check=False,
            timeout=DEADLINE_SECONDS,
        )
        assert done.returncode in (0, 1), done.stderr.decode()
        return json.loads(done.stdout)

    def start(self) -> None:
        with (self.folder / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", MAIN, "serve", "--dir", str(self.folder)],
                **_in(self.program),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.wait()

    def wait(self) -> None:
        process = self._process
        assert process is not None
        until = time.monotonic() + DEADLINE_SECONDS
        while not (self.folder / "node.json").exists():
            assert process.poll() is None, (self.folder / "serve.log").read_text("utf-8")[-3000:]
            assert time.monotonic() < until
            time.sleep(0.1)

    def stop(self) -> int:
        if self._process is None:
            return 0
        self._process.terminate()
        code = self._process.wait(DEADLINE_SECONDS)
        self._process = None
        return code

    def say(self) -> None:
        """Publish a list, and lift the first listing of it."""
        path = self.folder.parent / f"{self.member.region}-{self.said}.csv"
        first = int(self.member.region) % 1000 + self.said
        write_list(path, self.member.region, range(first, first + ROWS))
        until(path, UNTIL.isoformat())
        done = self.run("publish", path, "--list", LIST_TYPE)
        assert done["published"] == ROWS, done
        self.said += ROWS
        one = self.records("--origin", self.member.origin)[-1]["statement_id"]
        self.run("repair", one, "--document", "川修〔2026〕1号", "--date", REPAIRED.isoformat())
        self.repaired.append(one)

    def records(self, *options: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.run("records", "list", *options)
        return found


@pytest.mark.soak
@pytest.mark.process
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "order", [(HUB, WEST, EAST), (WEST, EAST, HUB)], ids=["hub-first", "hub-last"]
)
def test_a_federation_is_upgraded_node_by_node(tmp_path: Path, order: Sequence[DemoMember]) -> None:
    old = earlier(tmp_path / "earlier")
    with served(tmp_path / "nodes", old) as nodes:
        speak_and_agree(nodes)
        for member in order:
            node = nodes[member.region]
            assert node.stop() == 0
            others = {region: one for region, one in nodes.items() if one is not node}
            for one in others.values():  # what is said meanwhile waits for it
                if one.member.role != "hub":
                    one.say()
            node.program = ROOT
            node.start()
            speak_and_agree(nodes)
        for node in nodes.values():
            assert node.stop() == 0
            checked = node.run("rebuild", "--check")
            assert checked == {"equal": True, "differences": []}


def until(path: Path, day: str) -> None:
    """Give each row of a list file its last day: this program takes no row without one."""
    header, *rows = path.read_text("utf-8").splitlines()
    lines = (f"{header},公示截止日期", *(f"{row},{day}" for row in rows))
    path.write_text("\n".join(lines), "utf-8")


def speak_and_agree(nodes: dict[str, Node]) -> None:
    for node in nodes.values():
        if node.member.role != "hub":
            node.say()
    said = {one for node in nodes.values() for one in node.repaired}
    eventually("all have what each has said", lambda: lacking(nodes, said), SETTLE_SECONDS)


def lacking(nodes: dict[str, Node], said: set[str]) -> list[str]:
    """What some node does not have, or has otherwise than whose it is."""
    lacks = []
    logs: dict[str, dict[str, tuple[int, str]]] = {}
    for region, node in nodes.items():
        repaired = {one["statement_id"] for one in node.records("--state", "repaired")}
        lacks += [f"{region} has not {one}" for one in said - repaired]
        shown = node.run("status")["logs"]
        logs[region] = {log["origin"]: (log["size"], log["root"]) for log in shown}
        lacks += [f"{region}: {log['origin']}" for log in shown if log["state"] != "ok"]
    for region, node in nodes.items():
        own = logs[region][node.member.origin]
        others = {one: held.get(node.member.origin) for one, held in logs.items()}
        lacks += [f"{one}: {region} at {held}" for one, held in others.items() if held != own]
    return lacks


def earlier(folder: Path) -> Path:
    """The program of the tag."""
    done = subprocess.run(["git", "archive", TAG], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"this clone does not have the tag {TAG}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@contextmanager
def served(directory: Path, program: Path) -> Iterator[dict[str, Node]]:
    """Make the federation with a program and serve it; all are stopped on the way out."""
    directory.mkdir()
    subprocess.run([sys.executable, "-c", FOUND, str(directory)], **_in(program), check=True)
    nodes = {one.region: Node(directory / one.region, one, program) for one in ALL}
    try:
        for node in nodes.values():
            node.start()
        yield nodes
    finally:
        for node in nodes.values():
            node.stop()


def _in(program: Path) -> dict[str, Any]:
    """Where a program runs, and that it imports nothing of another one."""
    path = os.pathsep.join((str(program), str(program / "protos" / "gen")))
    return {"cwd": program, "env": {**os.environ, "PYTHONPATH": path}}
