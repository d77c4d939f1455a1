"""A node whose checks are answered by a process beside it: over TLS, killed, revoked, ended.

Covers node/app/check_worker.py, node/app/check_workers.py, node/app/wire_check_workers.py,
node/app/worker_door.py, node/network/passing.py.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from huxin.v1 import access_pb2, admin_pb2
from huxin.v1 import screening_pb2 as pb
from huxin.v1.access_pb2_grpc import AccessStub
from huxin.v1.admin_pb2_grpc import AdminStub
from huxin.v1.screening_pb2_grpc import ScreeningStub

from adapters.sql.query_store import open_query_store
from node.demo.members import DemoMember
from node.directory.config import FILE_NAME, load_config
from node.directory.keys import load_keys
from node.directory.presence import NodeFile, read_node_file
from node.reconcile.catalog_book import CatalogBook
from node.system.clock import SystemClock
from node.system.failpoints import NAMES
from tests.support.catalogs import PERSONS
from tests.support.federation_dirs import LIST_TYPE, WiredNode, code_of, found, name_of
from tests.support.processes import eventually, serving
from tests.support.screened import MATTER, matters_text

CITY = DemoMember(region="510500", name="泸州")
CHILD = "node.demo.child"
SOON = 30
CASES = [f"{n}:{when}" for n in NAMES if n.startswith("worker.") for when in ("before", "after")]

pytestmark = [pytest.mark.process, pytest.mark.timeout(400)]


class Asking:
    """A department with a token."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.node: NodeFile = read_node_file(directory)
        self.socket = grpc.insecure_channel(f"unix:{self.node.socket}")
        config = load_config(directory)
        keys = load_keys(config.keys_directory, config.origin)
        self._certificate = keys.tls_certificate
        self.credential, self.token = "", ""
        eventually("the worker answers", lambda: self.workers()["ready"] != 1)
        port = self.node.department_tokens_port
        eventually("it alone listens", lambda: listeners(port) != 1)

    def permit(self) -> None:
        """Make the department's credential."""
        made = AccessStub(self.socket).NewCredential(
            access_pb2.NewCredentialRequest(
                department="财政局（演示）",
                roles=["department"],
                matters=[MATTER],
                purposes=["joint-punishment"],
                budget=1000,
                expires_on=20991231,
                by="李某",
            )
        )
        self.credential, self.token = json.loads(made.json)["id"], made.token

    def workers(self) -> dict[str, Any]:
        """What the status says of them."""
        said = json.loads(AdminStub(self.socket).GetStatus(admin_pb2.GetStatusRequest()).json)
        workers: dict[str, Any] = said["access"]["workers"]
        return workers

    @contextmanager
    def over_tls(
        self, told: Callable[[grpc.ChannelConnectivity], None] | None = None
    ) -> Iterator[ScreeningStub]:
        """A connection; `told` is told how it stands."""
        credentials = grpc.ssl_channel_credentials(self._certificate)
        name = str(load_config(self.directory).origin).partition("/")[0]
        options = [("grpc.ssl_target_name_override", name), ("grpc.enable_retries", 0)]
        address = f"127.0.0.1:{self.node.department_tokens_port}"
        with grpc.secure_channel(address, credentials, options) as channel:
            if told is None:
                yield ScreeningStub(channel)
                return
            channel.subscribe(told)
            try:
                yield ScreeningStub(channel)
            finally:
                channel.unsubscribe(told)

    def check(self, stub: ScreeningStub, number: int, request: str) -> dict[str, Any]:
        question = pb.CheckRequest(
            request_id=request,
            matter=MATTER,
            case_no=request,
            purpose="joint-punishment",
            code=code_of(number),
            name=name_of(number),
        )
        said = stub.Check(question, timeout=SOON, metadata=self.said)
        answer: dict[str, Any] = json.loads(said.json)
        return answer

    @property
    def said(self) -> tuple[tuple[str, str | bytes], ...]:
        return (("authorization", f"Bearer {self.token}"),)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """泸州's directory; it lists subject 1, and has one worker."""
    found(tmp_path, (CITY,))
    city = WiredNode(tmp_path / CITY.region)
    city.list_("1" * 32, 1)
    CatalogBook(store=city.store, now=SystemClock().now).adopt(
        matters_text(lists=(LIST_TYPE,)), PERSONS
    )
    city.close()
    path = tmp_path / CITY.region / FILE_NAME
    text = path.read_text("utf-8").replace('listen_tokens = ""', 'listen_tokens = "127.0.0.1:0"')
    path.write_text(re.sub(r"(?m)^workers = 0$", "workers = 1", text), "utf-8")
    return tmp_path


def below(pid: int) -> list[int]:
    """The processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(one) for task in tasks for one in task.read_text().split()]


def listeners(port: int) -> int:
    """How many sockets listen at a port."""
    lines = (
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    )
    return sum(one[1].endswith(f":{port:04X}") and one[3] == "0A" for one in lines)


def rows(directory: Path) -> list[str]:
    """Numbers of the checks that are kept."""
    store = open_query_store(f"sqlite:///{directory / CITY.region / 'queries.db'}")
    with store.read() as reads:
        kept = reads.connection.exec_driver_sql("SELECT number FROM checks ORDER BY number")
        numbers = [row[0] for row in kept]
    store.close()
    return numbers


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


# gRPC's own thread, which tells how a connection stands, may find it closed as it looks.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_answers_is_killed_and_answers_again(directory: Path) -> None:
    with serving(directory, (CITY,), CHILD):
        asking = Asking(directory / CITY.region)
        asking.permit()
        (worker,) = below(asking.node.pid)
        with asking.over_tls() as stub:
            first = asking.check(stub, 1, "r-1")
            assert (first["result"], first["matches"][0]["measures"][0]["class"]) == (
                "match",
                "prompt",
            )
            assert asking.check(stub, 2, "r-2")["result"] == "clear"
            # What it does not answer itself it passes on, and refusals come back as they are.
            listed = stub.ListMatters(pb.ListMattersRequest(), timeout=SOON, metadata=asking.said)
            assert MATTER in listed.matters_json[0]
            with pytest.raises(grpc.RpcError) as nobody:
                stub.ListMatters(pb.ListMattersRequest(), timeout=SOON)
            assert nobody.value.code() is grpc.StatusCode.FAILED_PRECONDITION
            with pytest.raises(grpc.RpcError) as not_here:
                stub.NoteExposed(pb.NoteExposedRequest(), timeout=SOON, metadata=asking.said)
            assert "不在此处" in (not_here.value.details() or "")
        os.kill(worker, signal.SIGKILL)

        def differs() -> object:  # by the node itself, or the next worker
            try:
                with asking.over_tls() as stub:
                    return asking.check(stub, 1, "r-1")["number"] != first["number"]
            except grpc.RpcError as error:
                return error

        eventually("the same question has the same number", differs)
        eventually("another worker is there", lambda: asking.workers()["ready"] != 1)
        assert asking.workers()["ended"] == 1
        assert len(rows(directory)) == 2
        (worker,) = below(asking.node.pid)
        states: list[grpc.ChannelConnectivity] = []
        with asking.over_tls(states.append) as stub:
            assert asking.check(stub, 1, "r-1")["number"] == first["number"]
            before = len(states)
            AccessStub(asking.socket).RevokeCredential(
                access_pb2.RevokeCredentialRequest(credential=asking.credential, by="李某")
            )
            ended = grpc.ChannelConnectivity.IDLE
            eventually("its connection is shut", lambda: ended not in states[before:])
            with pytest.raises(grpc.RpcError) as revoked:
                asking.check(stub, 1, "r-3")
            assert "吊销" in (revoked.value.details() or "")
        asking.socket.close()
    eventually("it has ended with its node", lambda: not gone(worker))


@pytest.mark.soak
@pytest.mark.parametrize("case", CASES)
def test_a_worker_that_dies_at_a_step_loses_and_doubles_nothing(
    directory: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUXIN_FAILPOINT", case)
    with serving(directory, (CITY,), CHILD):
        asking = Asking(directory / CITY.region)
        asking.permit()
        with asking.over_tls() as stub, pytest.raises(grpc.RpcError):
            asking.check(stub, 1, "r-1")
        eventually("it is dead", lambda: asking.workers()["ended"] < 1)
        asking.socket.close()
    before = rows(directory)
    assert len(before) == (case.startswith("worker.answer"))
    monkeypatch.delenv("HUXIN_FAILPOINT")
    token = asking.token
    with serving(directory, (CITY,), CHILD):
        asking = Asking(directory / CITY.region)
        asking.token = token
        with asking.over_tls() as stub:
            answer = asking.check(stub, 1, "r-1")
        asking.socket.close()
    assert rows(directory) == (before or [answer["number"]])
