"""A wired node runs, serves and ends in order.

Covers node/app/parts.py, node/app/runtime.py, node/app/servers.py.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import threading
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from huxin.v1 import admin_pb2 as pb
from huxin.v1.admin_pb2_grpc import AdminStub

from adapters.errors import FullError
from node.app.runtime import Runtime
from node.app.servers import EXCHANGE
from node.directory.config import HttpSection, LogsSection
from node.directory.presence import NodeFile, read_node_file
from node.status.job_runs import REPEAT_SECONDS, JobRuns
from node.system.schedule import Job
from tests.support.clock import FakeClock
from tests.support.fake_calls import QUESTION, TOKEN
from tests.support.parts import FakeNode
from tests.support.waiting import DEADLINE_SECONDS, until


@asynccontextmanager
async def running(node: FakeNode) -> AsyncIterator[tuple[Runtime, NodeFile]]:
    ready: asyncio.Future[NodeFile] = asyncio.get_running_loop().create_future()
    runtime = Runtime(node.parts())
    task = asyncio.create_task(runtime.run(ready.set_result))
    async with asyncio.timeout(DEADLINE_SECONDS):
        await asyncio.wait((ready, task), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        try:
            yield runtime, ready.result()
        finally:
            runtime.stop()
            await task


@asynccontextmanager
async def operator(node: NodeFile) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(f"unix:{node.socket}") as channel:
        yield channel


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def fake(tmp_path: Path) -> FakeNode:
    return FakeNode(tmp_path, listen="127.0.0.1:0", metrics="127.0.0.1:0")


async def test_a_node_says_where_it_is_while_it_runs(fake: FakeNode) -> None:
    path = fake.directory / "node.json"
    async with running(fake) as (_, node):
        assert read_node_file(fake.directory) == node
        written = await asyncio.to_thread(path.read_text)
        assert node.pid == os.getpid()
        assert node.version == "0.1.0"
        assert node.exchange_port > 0
        assert mode(path) == 0o600
        assert mode(Path(node.socket)) == 0o600
        assert set(json.loads(written)) == {
            "pid",
            "departments_port",
            "department_tokens_port",
            "exchange_port",
            "http_port",
            "logs_port",
            "metrics_port",
            "socket",
            "version",
        }
    assert fake.closed
    assert await asyncio.to_thread(lambda: [p.name for p in fake.directory.iterdir()]) == ["state"]


async def test_the_operator_is_served_on_the_socket(fake: FakeNode) -> None:
    async with running(fake) as (_, node), operator(node) as channel:
        answer = await AdminStub(channel).GetStatus(pb.GetStatusRequest(), timeout=60)
        assert json.loads(answer.json)["node"] == {"name": "泸州"}
        health = health_pb2_grpc.HealthStub(channel)
        for name in ("", EXCHANGE):
            checked = await health.Check(health_pb2.HealthCheckRequest(service=name), timeout=60)
            assert checked.status == health_pb2.HealthCheckResponse.SERVING


async def test_the_operators_services_are_not_served_to_peers(fake: FakeNode) -> None:
    async with running(fake) as (_, node):
        # The node trusts itself as a root where it has no peers, so the handshake succeeds.
        credentials = grpc.ssl_channel_credentials(
            fake.tls.identity.certificate_pem,
            fake.tls.identity.key_pem,
            fake.tls.identity.certificate_pem,
        )
        options = [("grpc.ssl_target_name_override", "a.example")]
        async with grpc.aio.secure_channel(
            f"127.0.0.1:{node.exchange_port}", credentials, options=options
        ) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await AdminStub(channel).GetStatus(pb.GetStatusRequest(), timeout=60)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    directory = tmp_path / ("deep" * 30)
    directory.mkdir()
    async with running(FakeNode(directory)) as (_, node):
        socket = Path(node.socket)
        assert mode(socket.parent) == 0o700
    assert not await asyncio.to_thread(socket.parent.exists)


async def test_a_path_with_chinese_characters_is_served(tmp_path: Path) -> None:
    directory = tmp_path / "互信"
    directory.mkdir()
    async with running(FakeNode(directory)) as (_, node), operator(node) as channel:
        await AdminStub(channel).GetStatus(pb.GetStatusRequest(), timeout=60)


async def test_departments_are_answered_over_http_and_counted(tmp_path: Path) -> None:
    one = HttpSection(listen="127.0.0.1:0")
    fake = FakeNode(tmp_path, metrics="127.0.0.1:0", http=one)
    fake.calls.before = lambda: threads.append(threading.current_thread().name)
    threads: list[str] = []
    async with running(fake) as (_, node):
        asked = urllib.request.Request(
            f"http://127.0.0.1:{node.http_port}/v1/checks",
            json.dumps(QUESTION).encode(),
            {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        )
        with await asyncio.to_thread(urllib.request.urlopen, asked, timeout=60) as answer:
            assert json.load(answer)["result"] == "clear"
        url = f"http://127.0.0.1:{node.metrics_port}/metrics"
        with await asyncio.to_thread(urllib.request.urlopen, url, timeout=60) as answer:
            text = answer.read().decode()
    assert 'huxin_http_answers_total{code="",route="/v1/checks",status="200"} 1.0' in text
    assert threads[0].startswith("http-call"), "never on the exchange's loop"
    assert not [thread for thread in threading.enumerate() if thread.name == "http"]


async def test_logs_are_shown_to_strangers_and_counted(tmp_path: Path) -> None:
    one = LogsSection(listen="127.0.0.1:0", plain=True)
    fake = FakeNode(tmp_path, metrics="127.0.0.1:0", logs=one)
    fake.shown.files = {"logs/a.example__1/checkpoint": b"a.example/1"}
    async with running(fake) as (_, node):
        url = f"http://127.0.0.1:{node.logs_port}/logs/a.example__1/checkpoint"
        with await asyncio.to_thread(urllib.request.urlopen, url, timeout=60) as answer:
            assert answer.read() == b"a.example/1"
        url = f"http://127.0.0.1:{node.metrics_port}/metrics"
        with await asyncio.to_thread(urllib.request.urlopen, url, timeout=60) as answer:
            text = answer.read().decode()
    assert (
        'huxin_logs_answers_total{code="",route="/logs/{log}/checkpoint",status="200"} 1.0' in text
    )


async def test_figures_name_logs_and_peers(fake: FakeNode) -> None:
    async with running(fake) as (_, node):
        url = f"http://127.0.0.1:{node.metrics_port}/metrics"
        with await asyncio.to_thread(urllib.request.urlopen, url, timeout=60) as answer:
            text = answer.read().decode()
    assert 'huxin_log_size{origin="a.example/1"} 5.0' in text
    assert 'huxin_set_aside{origin="a.example/1",reason="kind.unknown"} 2.0' in text
    assert 'huxin_head_age_seconds{origin="a.example/1"} 3.0' in text
    assert 'huxin_blamed_total{code="batch.unproved",peer="b"} 2.0' in text
    assert "huxin_disk_free_bytes 2.0" in text
    assert "huxin_store_up 1.0" in text


async def test_jobs_run_and_a_failing_one_runs_again(tmp_path: Path) -> None:
    runs: list[str] = []

    def fails() -> None:
        runs.append("fails")
        raise ValueError(runs)

    async def works() -> None:
        runs.append("works")

    jobs = (Job(name="a", seconds=0.05, run=fails), Job(name="b", seconds=0.05, run=works))
    node = FakeNode(tmp_path, jobs=jobs)
    async with running(node):
        await until(lambda: runs.count("fails") >= 2 and runs.count("works") >= 2)
        await until(lambda: node.renewed and node.exchange.shown)  # at once, not after a minute


async def test_a_job_that_fails_on_and_on_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FakeClock()
    errors: list[Exception] = [
        FullError("full"),
        FullError("full"),
        OSError(28, "No space left on device"),
        OSError(28, "No space left on device"),
        ValueError("a fault"),
    ]

    def fails() -> None:
        if errors:
            raise errors.pop(0)

    runs = JobRuns(lambda: float(clock.now()))
    said = []
    for _ in range(7):
        await runs.run(Job(name="a", seconds=1, run=fails))
        said.append(capsys.readouterr().out.count("job"))
    assert [bool(count) for count in said] == [True, False, True, False, True, True, False]
    errors += [FullError("full"), FullError("full")]
    for _ in range(2):
        await runs.run(Job(name="a", seconds=1, run=fails))
        clock.advance(int(REPEAT_SECONDS))
    assert capsys.readouterr().out.count("store.failed") == 2


async def test_signals_reload_and_stop(fake: FakeNode) -> None:
    async with running(fake):
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: fake.reloaded == 2)
        os.kill(os.getpid(), signal.SIGTERM)
        await until(lambda: fake.closed)


async def test_an_address_in_use_is_said_plainly(tmp_path: Path) -> None:
    first = FakeNode(tmp_path, listen="127.0.0.1:0")
    async with running(first) as (_, node):
        other = tmp_path / "other"
        other.mkdir()
        second = FakeNode(other, listen=f"127.0.0.1:{node.exchange_port}")
        with pytest.raises(OSError, match="cannot be listened on"):
            async with running(second):
                pass
        assert second.closed
