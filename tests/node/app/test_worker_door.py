"""What a worker asks beside questions, and what ends one (CW3-CW5).

Covers node/app/worker_door.py, node/app/check_workers.py.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from federation.errors import RefusedError
from federation.screening.roles import Asker
from node.access.presented import Presented
from node.app import check_workers
from node.app.check_workers import CheckWorkers, serve_lane
from node.app.worker_door import Door, NodeDoor, Served
from node.network.transport import TlsIdentity
from node.screening.lane_form import Form
from node.workers.form import FormError
from node.workers.messages import receive, send
from tests.support.screened import FINANCE

SERVED = Served(certificates="", tokens="127.0.0.1:1", passed_on="/x", level="info", failpoint="")


@dataclass
class World:
    counting: set[str] = field(default_factory=lambda: {"k1"})
    identity: TlsIdentity = field(
        default_factory=lambda: TlsIdentity(key_pem=b"key", certificate_pem=b"certificate")
    )
    certificates: tuple[bytes, ...] = (b"one",)

    def door(self) -> Door:
        return Door(
            asker=self.asker,
            counts=lambda one: one in self.counting,
            identity=lambda: self.identity,
            certificates=lambda: self.certificates,
        )

    def asker(self, presented: Presented) -> Asker:
        if presented.token != "hx1_good":
            raise RefusedError("access.unknown", "nobody")
        return FINANCE


@contextmanager
def answered(world: World) -> Iterator[NodeDoor]:
    """A worker's door with the node behind it."""
    ours, theirs = socket.socketpair()
    door = world.door()

    def serve() -> None:
        with suppress(OSError, EOFError):
            while True:
                send(ours, door.answer(Form.of(receive(ours))))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield NodeDoor(theirs, lambda: None)
    theirs.close()
    thread.join(60)
    ours.close()


def test_the_terms_of_tls_are_those_of_now() -> None:
    world = World()
    with answered(world) as door:
        assert door.identity() == world.identity
        assert list(door.certificates) == [b"one"]
        world.certificates = (b"one", b"two")
        assert door.identity() == world.identity
        assert list(door.certificates) == [b"one", b"two"]
        world.identity = TlsIdentity(key_pem=b"next", certificate_pem=b"next")
        assert door.identity() == world.identity


def test_who_calls_is_asked_each_time_and_what_counts_is_of_now() -> None:
    world = World()
    with answered(world) as door:
        assert door.who(Presented(token="hx1_good")) == FINANCE.credential
        with pytest.raises(RefusedError, match="nobody") as refused:
            door.who(Presented(token="hx1_bad"))
        assert refused.value.code == "access.unknown"
        assert door.counting({"k1", "k2"}) == {"k1"}
        world.counting.clear()
        assert door.counting({"k1", "k2"}) == frozenset()


def test_what_is_no_question_at_the_door_is_a_fault() -> None:
    door = World().door()
    for said in ({}, {"do": 1}, {"do": "who"}, {"do": "counting", "credentials": ["a"] * 2000}):
        with pytest.raises(FormError):
            door.answer(Form.of(json.dumps(said).encode()))


def test_a_node_that_is_gone_ends_its_worker() -> None:
    ours, theirs = socket.socketpair()
    lost: list[bool] = []
    ours.close()
    with pytest.raises((OSError, EOFError)):
        NodeDoor(theirs, lambda: lost.append(True)).counting({"k1"})
    assert lost == [True]
    theirs.close()


class Processes:
    """Children that do what a test wants of them instead of a worker's program."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
        self.now = 1000.0
        command = (sys.executable, "-I", "-c", program)
        monkeypatch.setattr(check_workers, "COMMAND", command)
        monkeypatch.setattr(check_workers, "monotonic", lambda: self.now)
        lane: Any = None
        self.workers = CheckWorkers(count=1, door=World().door(), lane=lambda: lane)

    def ended(self) -> int:
        ended: int = self.workers.report()["ended"]
        return ended

    def until_ended(self, count: int) -> None:
        waited = threading.Event()
        for _ in range(5000):
            self.workers.tend(SERVED)
            if self.ended() >= count:
                return
            waited.wait(0.02)
        raise AssertionError(self.workers.report())


def test_who_dies_is_begun_again_after_growing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Processes(monkeypatch, "raise SystemExit(1)")
    begun: list[float] = []
    popen = subprocess.Popen

    def noted(*arguments: Any, **more: Any) -> Any:
        begun.append(world.now)
        return popen(*arguments, **more)

    monkeypatch.setattr(subprocess, "Popen", noted)
    for ended, wait in ((1, 0.5), (2, 1.0), (3, 2.0)):
        world.until_ended(ended)
        before = len(begun)
        world.now += 0.9 * wait
        world.workers.tend(SERVED)
        assert len(begun) == before  # not yet
        world.now += 0.1 * wait
        world.workers.tend(SERVED)
        assert len(begun) == before + 1
    assert world.workers.report()["away"]
    assert world.workers.ready == 0
    world.workers.close()


def test_where_no_process_can_be_begun_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Processes(monkeypatch, "raise SystemExit(1)")

    def none(*_: Any, **__: Any) -> None:
        raise BlockingIOError

    monkeypatch.setattr(subprocess, "Popen", none)
    world.workers.tend(SERVED)
    world.workers.tend(SERVED)
    assert (world.ended(), world.workers.ready) == (1, 0)
    world.now += check_workers.FIRST_WAIT
    world.workers.tend(SERVED)
    assert world.ended() == 2
    world.workers.close()


WAITS = "import socket, sys; s = socket.socket(fileno=int(sys.argv[1])); {}; s.recv(9); s.recv(9)"


@pytest.mark.parametrize("said", ["b'not JSON'", "b'{}'", "b'[1]'"])
def test_of_a_worker_that_says_nonsense_nothing_is_believed(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    program = WAITS.format(f"m = {said}; s.sendall(len(m).to_bytes(4, 'little') + m)")
    world = Processes(monkeypatch, program)
    world.until_ended(1)
    world.workers.close()


def test_a_worker_that_says_nothing_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    said = 'm = b\'{"do": "bound"}\'; s.sendall(len(m).to_bytes(4, "little") + m)'
    world = Processes(monkeypatch, WAITS.format(said))
    waited = threading.Event()
    while not world.workers.ready:
        world.workers.tend(SERVED)
        waited.wait(0.02)
    world.now += check_workers.SILENT_SECONDS + 1
    world.workers.tend(SERVED)
    assert (world.ended(), world.workers.ready) == (1, 0)
    world.workers.close()


def test_a_lane_ends_with_a_message_that_has_not_the_form() -> None:
    ours, theirs = socket.socketpair()
    lane: Any = None
    send(theirs, b"[]")
    with pytest.raises(FormError):
        serve_lane(ours, lane)
    ours.close()
    theirs.close()
