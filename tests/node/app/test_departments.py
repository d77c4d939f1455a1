"""The listeners for departments over real TLS (AC16-AC18), with workers beside (CW4).

Covers node/app/departments.py, node/app/department_addresses.py, node/access/presented.py.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import time
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from huxin.v1 import admin_pb2, exchange_pb2
from huxin.v1 import screening_pb2 as pb
from huxin.v1.admin_pb2_grpc import AdminStub
from huxin.v1.exchange_pb2_grpc import ExchangeStub
from huxin.v1.screening_pb2_grpc import ScreeningStub
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from federation.screening.roles import Action, Asker, Role
from node.app import departments
from node.app.department_addresses import Addresses, Ports
from node.app.departments import MAX_QUESTION, Callers, serving_departments
from node.app.otlp import recording
from node.app.parts import TendedWorkers
from node.app.worker_door import Served as ToServe
from node.network.errors import error_of
from node.network.transport import MAX_CONNECTIONS
from tests.support.admitted import Admitting, admitting
from tests.support.invented import code_of
from tests.support.parts import FakeNode
from tests.support.raw_h2 import (
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    client_context,
    connected,
    frame,
    header,
    message,
)
from tests.support.tls import Holder, holder, issued

SOON = 20


class Desk:
    """Says who asked; as slow as it is told to be."""

    def __init__(self, here: Admitting) -> None:
        self._access = here.access
        self._threads = ThreadPoolExecutor(8)
        self.seconds = 0.0

    def ask(self, asker: Asker, raw: Mapping[str, Any]) -> Future[dict[str, Any]]:
        return self._threads.submit(self._check, asker, raw)

    def _check(self, asker: Asker, raw: Mapping[str, Any]) -> dict[str, Any]:
        time.sleep(self.seconds)
        self._access.admit(
            asker,
            Action.CHECK,
            matter=raw["matter"],
            purpose=raw["purpose"],
            case=raw["case_no"],
            subject_code=raw["code"],
        )
        return {"asker": asker.credential, "filled": "x" * len(raw["name"])}

    def matters(self, asker: Asker) -> list[dict[str, Any]]:
        return [{"asker": asker.credential}]

    def measures(self, asker: Asker) -> list[dict[str, Any]]:
        return self.matters(asker)


@dataclass
class Served:
    here: Admitting
    desk: Desk
    node: FakeNode
    ports: Ports

    @asynccontextmanager
    async def client(
        self, port: int, client: Holder | None = None, token: str = ""
    ) -> AsyncIterator[tuple[Any, list[tuple[str, str]]]]:
        own = (client.identity.key_pem, client.identity.certificate_pem) if client else (None, None)
        credentials = grpc.ssl_channel_credentials(self.node.tls.identity.certificate_pem, *own)
        options = [
            ("grpc.ssl_target_name_override", "a.example"),
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_retries", 0),
        ]
        said = [("authorization", f"Bearer {token}")] if token else []
        address = f"127.0.0.1:{port}"
        async with grpc.aio.secure_channel(address, credentials, options=options) as channel:
            yield ScreeningStub(channel), said

    async def asked(self, port: int, client: Holder | None = None, token: str = "") -> str:
        """Who was answered, or why nobody was."""
        async with self.client(port, client, token) as (stub, said):
            return await ask(stub, said)


QUESTION = pb.CheckRequest(
    matter="procurement", purpose="joint-punishment", case_no="1", code=code_of(1), name="甲"
)


async def ask(stub: Any, said: list[tuple[str, str]], question: pb.CheckRequest = QUESTION) -> str:
    try:
        answer = await stub.Check(question, timeout=SOON, metadata=said)
    except grpc.aio.AioRpcError as failure:
        return error_of(failure).code
    return str(json.loads(answer.json)["asker"])


@asynccontextmanager
async def served(folder: Path, workers: TendedWorkers | None = None) -> AsyncIterator[Served]:
    here = admitting(folder)
    node = FakeNode(folder)
    desk = Desk(here)
    parts = node.parts()
    settings = replace(parts.settings, departments="127.0.0.1:0", department_tokens="127.0.0.1:0")
    try:
        async with serving_departments(
            replace(
                parts,
                settings=settings,
                access=here.access,
                screening=desk,
                check_workers=workers or parts.check_workers,
            )
        ) as ports:
            yield Served(here=here, desk=desk, node=node, ports=ports)
    finally:
        here.close()


async def test_tr2_a_department_s_trace_is_not_gone_on_with(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    theirs = ("traceparent", f"00-{'a' * 32}-{'b' * 16}-01")
    with recording(exporter, "a.example"):
        async with served(tmp_path) as one:
            _, token = one.here.new()
            async with one.client(one.ports.tokens, token=token) as (stub, said):
                assert await ask(stub, [*said, theirs])
    (call,) = [span for span in exporter.get_finished_spans() if span.name == "call"]
    assert call.parent is None
    assert call.context is not None
    assert f"{call.context.trace_id:032x}" != "a" * 32


async def test_who_calls_is_named_by_certificate_or_token(tmp_path: Path) -> None:
    async with served(tmp_path) as one:
        known, ca = holder("tender.example"), issued("ca.example", None)
        by_ca = issued("funds.example", ca)
        first = one.here.new(certificate=known.der)[0].id
        second, token = one.here.new()
        third = one.here.new(certificate=by_ca.der)[0].id
        certificates, tokens = one.ports.certificates, one.ports.tokens
        assert await one.asked(certificates, known) == first
        assert await one.asked(certificates, by_ca) == third
        assert await one.asked(tokens, token=token) == second.id

        # the wrong place, nobody, somebody else's
        assert await one.asked(tokens) == "access.missing"
        assert await one.asked(tokens, known) == "access.missing"
        assert await one.asked(tokens, token=token[:-1] + "!") == "access.unknown"
        assert await one.asked(certificates, known, token) == "access.missing"
        assert await one.asked(certificates, token=token) == "peer.unavailable"
        assert await one.asked(certificates, holder("tender.example")) == "peer.unavailable"
        assert await one.asked(certificates, issued("funds.example", ca)) == "peer.unavailable"
        assert await one.asked(certificates, ca) == "peer.unavailable"
        other = issued("another.example", None)
        one.here.new(certificate=other.der)
        forged = issued("tender.example", other)
        assert await one.asked(certificates, forged) in {"access.unknown", "peer.unavailable"}


async def test_nothing_but_their_calls_is_served(tmp_path: Path) -> None:
    async with served(tmp_path) as one:
        _, token = one.here.new(roles=frozenset({Role.OPERATOR}))  # who may more elsewhere
        said = [("authorization", f"Bearer {token}")]
        credentials = grpc.ssl_channel_credentials(one.node.tls.identity.certificate_pem)
        options = [("grpc.ssl_target_name_override", "a.example")]
        address = f"127.0.0.1:{one.ports.tokens}"
        async with grpc.aio.secure_channel(address, credentials, options=options) as channel:
            calls: list[Any] = [
                AdminStub(channel).GetStatus(admin_pb2.GetStatusRequest(), metadata=said),
                ExchangeStub(channel).GetNode(exchange_pb2.GetNodeRequest(), metadata=said),
                ScreeningStub(channel).NoteExposed(pb.NoteExposedRequest(), metadata=said),
                ScreeningStub(channel).Check(
                    pb.CheckRequest(name="x" * MAX_QUESTION), metadata=said
                ),
            ]
            refused = []
            for call in calls:
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    await call
                refused.append(caught.value.code())
        assert refused == [
            grpc.StatusCode.UNIMPLEMENTED,
            grpc.StatusCode.UNIMPLEMENTED,
            grpc.StatusCode.FAILED_PRECONDITION,
            grpc.StatusCode.RESOURCE_EXHAUSTED,
        ]


async def test_what_ends_a_credential_ends_its_connections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departments, "LOOK_SECONDS", 0.05)
    async with served(tmp_path) as one:
        known, other = holder("tender.example"), holder("funds.example")
        first = one.here.new(certificate=known.der)[0].id
        second = one.here.new(certificate=other.der)[0].id
        port = one.ports.certificates
        async with one.client(port, known) as (stub, said), one.client(port, other) as (good, _):
            assert await ask(stub, said) == first
            assert await ask(good, said) == second
            one.here.access.revoked(one.here.access.local(), first, "李某")
            assert await ask(stub, said) in {"access.revoked", "peer.unavailable"}

            for _ in range(400):
                if await ask(stub, said) == "peer.unavailable":
                    break
                await asyncio.sleep(0.05)
            for _ in range(10):  # and no handshake any more
                assert await ask(stub, said) == "peer.unavailable"
            assert await ask(good, said) == second
            one.here.clock.at += 400 * 86_400
            assert await ask(good, said) in {"access.expired", "peer.unavailable"}


def test_only_connections_of_what_has_ended_are_shut() -> None:
    counting = {"a", "b"}
    ended: list[str] = []

    def end(address: str) -> bool:
        ended.append(address)
        return True

    callers = Callers(counting.__contains__, end)
    for address, credential in (("1", "a"), ("2", "b"), ("3", "a")):
        callers.seen(address, credential)
    callers.look()
    assert ended == []
    counting.discard("a")
    callers.look()
    callers.look()
    assert ended == ["1", "3"]
    for number in range(2 * MAX_CONNECTIONS):
        callers.seen(str(number), "b")
    assert len(callers._by_address) == MAX_CONNECTIONS


async def test_a_call_that_takes_too_long_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departments, "CALL_SECONDS", 0.1)
    async with served(tmp_path) as one:
        _, token = one.here.new()
        one.desk.seconds = 0.5
        assert await one.asked(one.ports.tokens, token=token) == "access.late"
        one.desk.seconds = 0
        assert await one.asked(one.ports.tokens, token=token) != "access.late"


async def test_callers_that_never_read_keep_nobody_waiting(tmp_path: Path) -> None:
    async with served(tmp_path) as one:
        known = holder("tender.example")
        one.here.new(certificate=known.der, budget=10**6)
        mine, token = one.here.new()
        context = client_context(known.identity, tmp_path)
        headers = b"".join(
            header(name, value)
            for name, value in (
                (":method", "POST"),
                (":scheme", "https"),
                (":path", "/huxin.v1.Screening/Check"),
                (":authority", "huxin"),
                ("te", "trailers"),
                ("content-type", "application/grpc"),
            )
        )
        question = pb.CheckRequest()
        question.CopyFrom(QUESTION)
        question.name = "x" * 20_000
        body = message(question.SerializeToString())

        def opened(stack: ExitStack) -> None:
            for _ in range(64):
                line = stack.enter_context(connected(one.ports.certificates, context))
                for stream in (1, 3):
                    line.sendall(
                        frame(HEADERS, stream, headers, END_HEADERS)
                        + frame(DATA, stream, body[:16_000])
                        + frame(DATA, stream, body[16_000:], END_STREAM)
                    )

        with ExitStack() as stack:
            await asyncio.to_thread(opened, stack)
            for _ in range(3):
                assert await one.asked(one.ports.tokens, token=token) == mine.id


class Workers:
    """Workers that answer when a test says so; none is a process."""

    wanted = 1

    def __init__(self) -> None:
        self.ready = 0
        self.closed = False

    def tend(self, served: ToServe) -> None:
        self.told = served

    def close(self) -> None:
        self.closed = True


async def test_the_node_answers_while_no_worker_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departments, "TEND_SECONDS", 0.01)
    monkeypatch.setattr(departments, "GRACE_SECONDS", 0.1)
    workers = Workers()
    async with served(tmp_path, workers) as one:
        mine, token = one.here.new()
        known = holder("tender.example")
        other = one.here.new(certificate=known.der)[0].id
        port = one.ports.tokens
        assert one.ports.certificates != port
        assert workers.told.tokens == f"127.0.0.1:{port}"

        async def answered(expected: str) -> None:
            for _ in range(2000):
                if await one.asked(port, token=token) == expected:
                    return
                await asyncio.sleep(0.01)
            raise AssertionError(expected)

        await answered(mine.id)
        assert await one.asked(one.ports.certificates, known) == other
        workers.ready = 1  # the port is kept for them, and nobody listens there
        await answered("peer.unavailable")
        workers.ready = 0
        await answered(mine.id)

        # What workers pass on is answered on a socket of its own, for who is named there.
        stub, place = ScreeningStub, workers.told.passed_on
        async with grpc.aio.insecure_channel(f"unix:{place}") as channel:
            assert await ask(stub(channel), [("huxin-certificate-bin", known.der)]) == other  # type: ignore[list-item]
            assert await ask(stub(channel), [("authorization", f"Bearer {token}")]) == mine.id
            assert await ask(stub(channel), []) == "access.missing"
            for wrong in (b"", b"x" * 20):
                said: Any = [("huxin-certificate-bin", wrong)]
                assert await ask(stub(channel), said) == "access.unknown"
        assert stat.S_IMODE(os.stat(place).st_mode) == 0o600  # noqa: PTH116
    assert workers.closed


def test_another_programs_port_is_not_shared() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with (
            pytest.raises(OSError, match="another program"),
            Addresses(certificates="", tokens=address).reserved(),
        ):
            pass
