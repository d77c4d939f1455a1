"""A node's directory while a process works on it, and commands where none does.

Covers node/app/local.py, node/app/serving_here.py, node/directory/presence.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import grpc
import pytest
from huxin.v1 import admin_pb2 as pb
from huxin.v1.admin_pb2_grpc import AdminStub

from node.app.local import connect
from node.app.parts import Parts
from node.directory.presence import NodeFile, NotReadyError, RunningError, announced, locked
from tests.support.parts import FakeNode

HOLDER = """
import sys
from pathlib import Path
from node.directory.presence import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path


def nobody(_: Path) -> Parts:
    pytest.fail("a server runs, so nothing is to be built")


def test_two_processes_never_hold_one_directory(directory: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        with pytest.raises(RunningError, match=str(other.pid)) as caught, locked(directory):
            pass
        assert caught.value.code == "node.running"
        other.kill()
        other.wait(30)
    with locked(directory):  # the lock ended with the process
        pass


def test_a_directory_that_a_command_is_about_to_leave_is_waited_for(directory: Path) -> None:
    with ThreadPoolExecutor(1) as other, ExitStack() as command:
        command.enter_context(locked(directory))

        def serve() -> bool:
            with locked(directory, patience=60):
                return True

        serving = other.submit(serve)
        with pytest.raises(TimeoutError):
            serving.result(0.3)
        command.close()
        assert serving.result(30)


def test_a_server_that_serves_is_not_waited_for(directory: Path) -> None:
    node = NodeFile(pid=1, exchange_port=1, metrics_port=0, socket="/nowhere", version="0")
    with (
        locked(directory),
        announced(directory, node),
        pytest.raises(RunningError),
        locked(directory, patience=3600),
    ):
        pass


def test_what_a_killed_process_left_is_not_believed(directory: Path) -> None:
    node = NodeFile(pid=1, exchange_port=1, metrics_port=0, socket="/nowhere", version="0")
    with announced(directory, node), locked(directory):
        assert not (directory / "node.json").exists()


def test_a_directory_in_use_without_a_server_is_not_ready(directory: Path) -> None:
    with locked(directory), pytest.raises(NotReadyError), connect(directory, nobody):
        pass


def test_without_a_server_the_services_run_in_this_process(directory: Path) -> None:
    node = FakeNode(directory)
    with connect(directory, lambda _: node.parts()) as channel:
        answer = AdminStub(channel).ReloadCharters(pb.ReloadChartersRequest(), timeout=60)
        assert list(answer.charters) == ["川南 1"]
        with pytest.raises(RunningError), locked(directory):
            pass
    assert node.closed
    with locked(directory):
        pass


def test_with_a_server_its_socket_is_used(directory: Path) -> None:
    node = FakeNode(directory)
    with connect(directory, lambda _: node.parts()):
        # What serves in this process stands for the server here.
        running = NodeFile(
            pid=os.getpid(),
            exchange_port=0,
            metrics_port=0,
            socket=str(directory / "node.sock"),
            version="0",
        )
        with announced(directory, running), connect(directory, nobody) as channel:
            AdminStub(channel).GetStatus(pb.GetStatusRequest(), timeout=60)


def test_a_build_that_fails_leaves_nothing_locked(directory: Path) -> None:
    def broken(_: Path) -> Parts:
        raise OSError("no database")

    with pytest.raises(OSError, match="no database"), connect(directory, broken):
        pass
    with locked(directory):
        pass


def test_an_error_of_a_command_still_ends_the_services(directory: Path) -> None:
    node = FakeNode(directory)
    with (
        pytest.raises(grpc.RpcError),
        connect(directory, lambda _: node.parts()) as channel,
    ):
        AdminStub(channel).GetProof(pb.GetProofRequest(statement_id=b"short"), timeout=60)
    assert node.closed


def test_what_is_no_node_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="huxin init"), connect(tmp_path, nobody):
        pass
    assert list(tmp_path.iterdir()) == []
