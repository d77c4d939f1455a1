"""`huxin monitor watch|compare` as a third party runs it, and what a kill leaves.

Covers node/cli/monitor.py.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from federation.statements import Kind
from node.cli import monitor
from tests.support.audited import CITY, DAY, World, write_files
from tests.support.commands import run
from tests.support.processes import STEP_SECONDS, eventually

CLEAN, FINDINGS, INCOMPLETE, REFUSED, UNREACHABLE = range(5)


class Served:
    """A folder behind an address, as any server of files shows it."""

    def __init__(self, folder: Path, world: World) -> None:
        self.folder, self.world = folder, world
        self.show()

    def show(self) -> None:
        write_files(self.folder, self.world.files())


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as there
        pass


@pytest.fixture
def served(tmp_path: Path) -> Served:
    world = World()
    world.now = int(time.time()) - 60
    world.listed()
    return Served(tmp_path / "shown", world)


@pytest.fixture
def url(served: Served) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(served.folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def asked(served: Served, state: Path, *sources: object) -> tuple[object, ...]:
    pin = served.world.chain.id.hex()
    return ("monitor", "watch", *sources, "--state", state, "--pin", pin, "--once")


def test_a_monitor_tells_by_exit_code_file_and_figures(
    served: Served, url: str, tmp_path: Path
) -> None:
    state, report = tmp_path / "state", tmp_path / "report.json"
    figures, seen = tmp_path / "figures.prom", tmp_path / "seen.json"
    more = ("--report", report, "--metrics", figures, "--publish", seen)
    first = run(*asked(served, state, url), *more, "-o", "json")
    assert (first.code, first.json["result"]) == (CLEAN, "clean"), first.out + first.err
    assert state.stat().st_mode & 0o777 == 0o600
    assert json.loads(report.read_text()) == first.json
    assert "huxin_monitor_log_size" in figures.read_text()
    assert json.loads(seen.read_text())["format"] == "huxin/seen@v1"
    served.world[CITY].say(Kind.LISTING, served.world.now - DAY, word="thief")
    served.world.vouch()
    served.show()
    found = run(*asked(served, state, url), *more)
    assert found.code == FINDINGS
    assert "time.behind" in found.out
    assert json.loads(report.read_text())["result"] == "findings"
    again = run(*asked(served, state, tmp_path / "nothing"), *more, "-o", "json")
    assert again.code == FINDINGS, "what is wrong with a leaf stays"
    assert {one["code"] for one in again.json["incomplete"]} == {"source.log-missing"}


def test_an_outage_is_incomplete(served: Served, tmp_path: Path) -> None:
    told = run(*asked(served, tmp_path / "state", "http://127.0.0.1:9/"), "-o", "json")
    assert told.code == INCOMPLETE
    assert {one["code"] for one in told.json["incomplete"]} == {
        "source.failed",
        "source.charter-missing",
    }
    assert told.json["findings"] == []


def test_a_state_of_another_pin_and_a_second_monitor_are_refused(
    served: Served, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    assert run(*asked(served, state, served.folder)).code == CLEAN
    other = run("monitor", "watch", "--state", state, "--pin", "00" * 32, "--once")
    assert (other.code, "monitor.pin" in other.err) == (REFUSED, True)
    link = tmp_path / "link"
    link.symlink_to(state)
    assert "monitor.state" in run(*asked(served, link, served.folder)).err
    far = run(*asked(served, state, served.folder), "--listen", "0.0.0.0:9100")
    assert far.code == 2


def test_one_log_at_its_own_prefix_with_the_charter_from_paper(
    served: Served, tmp_path: Path
) -> None:
    name = f"{CITY}.huxin.example"
    pin = served.world.chain.id.hex()
    source = f"{name}/1={served.folder}/logs/{name}__1"
    charter = served.folder / "charters" / pin / "1.json"
    told = run(*asked(served, tmp_path / "state", source), "--charter", charter, "-o", "json")
    assert [one["origin"] for one in told.json["logs"]] == [f"{name}/1"]
    assert {one["code"] for one in told.json["incomplete"]} == {"source.log-missing"}, (
        "of the others"
    )


def test_two_monitors_prove_a_split_view(served: Served, tmp_path: Path) -> None:
    pin = served.world.chain.id.hex()
    one, two = tmp_path / "one", tmp_path / "two"
    assert run(*asked(served, one, served.folder)).code == CLEAN
    log = served.world[CITY]
    log.leaves.clear()
    log.notes.clear()
    log.say(Kind.LISTING, served.world.now, word="another")
    served.world.vouch()
    served.show()
    assert run(*asked(served, two, served.folder)).code == CLEAN, "each alone sees one history"
    told = run("monitor", "compare", one, two, "--pin", pin, "-o", "json")
    assert (told.code, told.json["forks"][0]["origin"]) == (FINDINGS, log.origin)
    assert run(*asked(served, one, served.folder)).code == FINDINGS, "kept"
    nothing = run("monitor", "compare", one, served.folder / "SHA256SUMS", "--pin", pin)
    assert (nothing.code, "monitor.seen" in nothing.err) == (REFUSED, True)


def test_mo7_nothing_is_told_that_was_not_kept(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "report.json"

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(monitor, "save_state", full)
    words = (*asked(served, tmp_path / "state", served.folder), "--report", report)
    assert run(*words).code == UNREACHABLE
    assert not report.exists()
    monkeypatch.undo()
    assert run(*words).code == CLEAN


def test_mo7_a_kill_loses_nothing_that_it_saw(served: Served, tmp_path: Path) -> None:
    """It goes on by itself, sees a leaf that is dated back, keeps that, and is killed."""
    state, report = tmp_path / "state", tmp_path / "report.json"
    words = [str(word) for word in asked(served, state, served.folder)[:-1]]
    words += ["--interval", "1", "--report", str(report)]
    process = subprocess.Popen(
        [sys.executable, "-c", "from node.cli.main import main; main()", *words],
        env=os.environ | {"HUXIN_FAILPOINT": "monitor.save:after:2"},
    )
    try:
        eventually("a round is told", lambda: not report.exists())
        served.world[CITY].say(Kind.LISTING, served.world.now - DAY, word="thief")
        served.world.vouch(0)
        served.show()
        assert process.wait(60) == -signal.SIGKILL
    finally:
        process.kill()
        process.wait()
    assert json.loads(report.read_text())["result"] == "clean", "told before it was killed"
    again = run(*asked(served, state, served.folder), "--report", report, "-o", "json")
    assert [one["code"] for one in again.json["findings"]] == ["time.behind"]
    assert again.code == FINDINGS


def test_it_goes_on_until_it_is_told_to_stop(served: Served, tmp_path: Path) -> None:
    figures = tmp_path / "figures.prom"
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    over = threading.Event()

    def stop() -> None:
        """Once a round is told: before, nobody would take the signal but this process's end."""
        while not figures.exists() and not over.wait(STEP_SECONDS):
            pass
        if not over.is_set():
            os.kill(os.getpid(), signal.SIGTERM)

    stopping = threading.Thread(target=stop)
    stopping.start()
    try:
        told = run(
            *asked(served, tmp_path / "state", served.folder)[:-1],
            *("--interval", 60, "--metrics", figures, "--listen", "127.0.0.1:0"),
        )
    finally:
        over.set()
        stopping.join()
        for number, handler in before.items():
            signal.signal(number, handler)
    assert (told.code, figures.exists()) == (CLEAN, True)
