"""Workers as real processes: they answer, die, are replaced, and are shut in.

Covers node/workers/messages.py.
"""

from __future__ import annotations

import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import pytest

from adapters.state.lent_keys import LentKeys, Sealing
from federation.life.reading import StatementReading
from federation.statements import Kind
from node.system.entropy import token
from node.workers import pool
from node.workers.form import Answer, Question
from node.workers.messages import receive, send
from node.workers.pool import SMALLEST, LethalError, Workers, worker_count
from node.workers.process import IDLE_SECONDS
from tests.support.processes import eventually
from tests.support.proved_leaves import ORIGIN, PAYLOADS, of_every_kind, opened, question

DYING = Path(__file__).parents[2] / "support" / "dying_worker.py"
KEYS = LentKeys(number=3, opening=token(32), lookup=token(32))
READING = StatementReading(
    origin=ORIGIN,
    payloads=PAYLOADS,
    tagger=Sealing(KEYS, token=token),
    rights=SimpleNamespace(listing_rules=lambda _: SimpleNamespace(fault=lambda *_: "")),
)
EVERY = question(list(of_every_kind()))
LISTED = next(opening.payload for _, opening in of_every_kind())


class Made:
    """A pool whose keys can be changed, and what it answers."""

    def __init__(self, count: int = 1) -> None:
        self.keys = KEYS
        self.workers = Workers(count=count, keys=lambda: self.keys)

    def read(self, asked: Question = EVERY) -> Answer | None:
        return self.workers.read(asked, READING.entitled)

    def started(self) -> int:
        """Wait until a worker has started; its process."""
        worker = self.workers._take(after_death=True)
        assert worker is not None
        self.workers._busy.discard(worker)
        self.workers._idle.append(worker)
        return worker.process.pid


@pytest.fixture
def made() -> Iterator[Made]:
    one = Made()
    yield one
    one.workers.close()


def dying(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stage: str, times: int) -> None:
    """Let so many workers die at a stage."""
    left = tmp_path / "left"
    left.write_bytes(bytes(times))
    monkeypatch.setattr(pool, "COMMAND", (sys.executable, "-I", str(DYING), stage, str(left)))


def is_right(answer: Answer | None) -> bool:
    """Whether all was read, under the keys that were lent."""
    assert answer is not None
    assert answer.examined == READING.examine(EVERY.first, EVERY.leaves, answer.openings)
    assert {one.key for one in answer.sealed} == {KEYS.number}
    return True


def test_a_worker_reads_every_kind_though_it_can_open_nothing(made: Made) -> None:
    pid = made.started()
    assert is_right(made.read())
    assert made.workers._idle[0].process.pid == pid, "no leaf has cost a worker"
    for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        assert resource.prlimit(pid, limit) == (0, 0)
    assert resource.prlimit(pid, resource.RLIMIT_AS)[1] < 2**30


def test_nothing_of_the_node_is_handed_to_a_worker_but_its_socket(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUXIN_PLATFORM_PASSWORDS", '{"city": "secret"}')
    place = Path(f"/proc/{made.started()}")
    assert place.joinpath("environ").read_bytes() == b""
    said = place.joinpath("cmdline").read_bytes()
    assert not [key for key in (KEYS.opening, KEYS.lookup) if key in said or key.hex() in str(said)]
    opens = {int(one.name): one.readlink() for one in place.joinpath("fd").iterdir()}
    assert {number: str(to).partition(":")[0] for number, to in opens.items()} == {
        0: "socket",
        1: "/dev/null",
        2: "/dev/null",
    }


def test_few_leaves_are_read_here_and_none_where_there_is_no_worker(made: Made) -> None:
    made.started()
    few = [opened(number, Kind.LISTING, LISTED) for number in range(SMALLEST)]
    assert made.read(question(few[1:])) is None
    assert made.read(question(few)) is not None
    none = Made(0)
    assert none.read() is None
    none.workers.close()


def test_the_first_batch_does_not_wait_for_a_worker(made: Made) -> None:
    assert made.read() is None
    made.started()
    assert is_right(made.read())


@pytest.mark.parametrize("stage", ["question", "half", "memory"])
def test_a_batch_of_which_a_worker_dies_is_read_by_another(
    made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stage: str
) -> None:
    dying(monkeypatch, tmp_path, stage, 1)
    first = made.started()
    assert is_right(made.read())
    assert made.started() != first


def test_a_batch_of_which_two_die_is_lethal_and_the_next_is_not(
    made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying(monkeypatch, tmp_path, "question", 2)
    made.started()
    with pytest.raises(LethalError):
        made.read()
    made.started()
    assert is_right(made.read())


def test_a_worker_that_says_nothing_is_ended(
    made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying(monkeypatch, tmp_path, "silent", 1)
    made.started()
    process = made.workers._idle[0].process
    seconds = iter([0.1])
    monkeypatch.setattr(pool, "receive", lambda link, most: receive(link, next(seconds, most)))
    assert is_right(made.read())
    assert process.returncode == -signal.SIGKILL


def test_of_a_worker_that_answers_something_else_nothing_is_believed(
    made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying(monkeypatch, tmp_path, "other", 1)
    first = made.started()
    assert made.read() is None, "it is read here"
    assert made.started() != first
    assert is_right(made.read())


def test_a_worker_that_is_asked_nothing_ends_and_costs_nobody_anything(
    made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying(monkeypatch, tmp_path, "idle", 1)
    made.started()
    process = made.workers._idle[0].process
    eventually("it has ended", lambda: process.poll() is None)
    assert made.read() is None, "it is read here, as the first was"
    made.started()
    assert is_right(made.read())


def test_a_worker_that_may_be_ending_by_itself_is_not_asked(made: Made) -> None:
    """Its end would look like a death of the batch, of which two are lethal."""
    made.started()
    process = made.workers._idle[0].process
    assert is_right(made.read())
    assert process.returncode is None, "it was free a moment ago"
    assert IDLE_SECONDS > pool.LONGEST_IDLE
    made.workers._idle[0].since -= pool.LONGEST_IDLE
    assert made.read() is None, "it is read here, as the first was"
    assert process.returncode == -signal.SIGKILL


def test_the_time_of_one_answer_is_not_that_of_the_next_question() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.settimeout(30)
        send(other, b"said")
        assert receive(one, 0.5) == b"said"
        with pytest.raises(TimeoutError):
            receive(one, 0.01)
        assert one.gettimeout() == 30


def test_an_error_of_ours_is_met_again_here_and_costs_no_worker(
    made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying(monkeypatch, tmp_path, "error", 1)
    first = made.started()
    assert made.read() is None
    assert made.started() == first


def test_where_no_worker_starts_all_is_read_here(
    made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying(monkeypatch, tmp_path, "start", 99)
    for _ in range(pool.FAILURES):
        made.workers._take(after_death=True)
    assert made.workers._failures == pool.FAILURES
    assert made.read() is None
    assert not made.workers._all()
    monkeypatch.setattr(pool, "COMMAND", ("/no/such/program",))
    other = Made()
    assert other.read() is None
    other.workers.close()


def test_a_rotation_replaces_the_workers(made: Made) -> None:
    first = made.started()
    process = made.workers._idle[0].process
    made.keys = replace(KEYS, number=4, opening=token(32))
    made.workers.renew()
    assert process.returncode is not None, "what it knew is gone"
    assert made.started() != first
    answer = made.read()
    assert answer is not None
    assert {one.key for one in answer.sealed} == {4}


def test_keys_that_change_while_a_worker_reads_end_it_then(made: Made) -> None:
    made.started()

    def entitled(*_: object) -> tuple[str, int]:
        made.keys = replace(KEYS, number=4)
        made.workers.renew()
        return "", 1

    answer = made.workers.read(EVERY, entitled)  # type: ignore[arg-type]
    assert answer is not None, "the ledger sees that its key is not the newest"
    assert answer.key == KEYS.number
    assert not made.workers._idle


def test_closing_ends_workers_and_whoever_waits_for_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying(monkeypatch, tmp_path, "silent", 1)
    made = Made()
    made.started()
    process = made.workers._idle[0].process
    answers: list[Answer | None] = []
    waiting = threading.Thread(target=lambda: answers.append(made.read()))
    waiting.start()
    eventually("a worker is asked", lambda: not made.workers._busy)
    made.workers.close()
    waiting.join()
    assert answers == [None]
    assert process.returncode is not None
    assert made.read() is None


def test_a_worker_does_not_outlive_a_node_that_was_killed() -> None:
    text = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from tests.node.workers.test_pool import Made\n"
        "print(Made().started(), flush=True); time.sleep(60)\n"
    )
    root = str(Path(__file__).parents[3])
    with subprocess.Popen(
        [sys.executable, "-c", text, root], stdout=subprocess.PIPE, text=True, cwd=root
    ) as node:
        assert node.stdout is not None
        pid = int(node.stdout.readline())
        node.kill()
    eventually("it has ended", lambda: _lives(pid))


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("stated", "processors", "count"),
    [("auto", 1, 0), ("auto", 2, 0), ("auto", 3, 1), ("auto", 64, 2), (0, 8, 0), (5, 1, 5)],
)
def test_how_many(stated: int | Literal["auto"], processors: int, count: int) -> None:
    assert worker_count(stated, processors) == count
