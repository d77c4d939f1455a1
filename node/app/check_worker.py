"""A worker that answers checks: departments' connections end here, and questions are judged here.

    python -I -c … DOOR LANE …    descriptors of inherited sockets

It opens the store and the base library to read them, and no key: what reads, and the key of TLS,
comes over the sockets. What it does not answer itself it passes on to the node. It ends with its
sockets, whatever became of the node, and at SIGTERM once its calls have ended.
"""

from __future__ import annotations

from node.system import tls12_off  # isort: skip - before whatever imports grpc

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from typing import Any, Final

import grpc
from huxin.v1 import screening_pb2 as pb

from node.app.departments import (
    CALL_SECONDS,
    CALLS,
    GRACE_SECONDS,
    LOOK_SECONDS,
    Callers,
    department_options,
)
from node.app.worker_door import NodeDoor, Served
from node.app.worker_state import WorkerJudging, open_to_read
from node.network.errors import answering
from node.network.header_floods import BarredCertificates, HeadersGuard
from node.network.passing import Metadata, Passing
from node.network.transport import Context, Doorman, server_credentials
from node.screening.worker_desk import Call, WorkerDesk
from node.services.askers import presented, to_pass_on
from node.services.doors import guarded
from node.services.screening import answer_of, fields_of
from node.system import logging
from node.system.clock import monotonic
from node.system.failpoints import Failpoints
from node.system.hardening import forbid_core_files
from node.system.interpreter import tune
from node.system.threads import Crossing, in_thread

CHECK: Final = "/huxin.v1.Screening/Check"
THREADS: Final = 4
"""Threads that ask the node who calls."""


def gone() -> None:
    """End at once: the node has, and nobody could be told what would be answered."""
    os._exit(1)


class Answering:
    """The calls of a worker, on its loop."""

    def __init__(
        self, desk: WorkerDesk, door: NodeDoor, callers: Callers, threads: ThreadPoolExecutor
    ) -> None:
        """Wire it."""
        self._desk = desk
        self._door = door
        self._callers = callers
        self._threads = threads
        self._crossing = Crossing()
        check = grpc.unary_unary_rpc_method_handler(
            self.check,
            request_deserializer=pb.CheckRequest.FromString,
            response_serializer=pb.CheckResponse.SerializeToString,
        )
        self._check = guarded(check, lambda _: None, lambda _: nullcontext(), CALL_SECONDS)

    def here(self, method: str) -> grpc.RpcMethodHandler[Any, Any] | None:
        """What answers a call here; who calls is asked with the question (CW5)."""
        return self._check if method == CHECK else None

    async def check(self, request: pb.CheckRequest, context: Context) -> pb.CheckResponse:
        """Ask about one subject."""
        async with answering(context):
            loop, address = asyncio.get_running_loop(), context.peer()

            def seen(credential: str) -> None:
                with suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(self._callers.seen, address, credential)

            call = Call(presented=presented(context), raw=fields_of(request), seen=seen)
            return answer_of(await self._crossing.bring(self._desk.ask(call)))

    async def caller(self, context: Context) -> Metadata:
        """Who makes a call that is passed on."""
        said = presented(context)
        credential = await in_thread(self._threads, self._door.who, said)
        self._callers.seen(context.peer(), credential)
        return to_pass_on(said)

    async def watch(self) -> None:
        """Shut the connections of credentials that have ended, again and again (AC18)."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            known = self._callers.credentials()
            self._callers.keep(await in_thread(self._threads, self._door.counting, known))


def main() -> None:
    """Serve until the node is gone, or says that it is enough."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's, for the node
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    forbid_core_files()
    tune()
    link, *lanes = (socket.socket(fileno=int(number)) for number in sys.argv[1:])
    door = NodeDoor(link, gone)
    served = door.begin()
    logging.set_up(served.level)
    tls12_off.require()
    asyncio.run(_serve(served, door, lanes))


async def _serve(served: Served, door: NodeDoor, lanes: list[socket.socket]) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    desk = WorkerDesk(
        lanes=lanes,
        judging=WorkerJudging(open_to_read).by,
        failpoints=Failpoints(served.failpoint),
        lost=gone,
    )
    callers = Callers(lambda _: True)
    channel = grpc.aio.insecure_channel(f"unix:{served.passed_on}", options=department_options())
    with ThreadPoolExecutor(THREADS, thread_name_prefix="door") as threads:
        answers = Answering(desk, door, callers, threads)
        barred = BarredCertificates(monotonic)
        server = grpc.aio.server(
            options=department_options(shared=True),
            maximum_concurrent_rpcs=CALLS,
            interceptors=(HeadersGuard(Doorman(lambda _: None), barred),),
        )
        passing = Passing(channel, here=answers.here, caller=answers.caller, seconds=CALL_SECONDS)
        server.add_generic_rpc_handlers((passing,))
        for address, mutual in ((served.certificates, True), (served.tokens, False)):
            if address:
                _bind(server, address, door, barred, mutual=mutual)
        await server.start()
        await in_thread(threads, door.bound)
        watching = asyncio.create_task(answers.watch())
        await stopping.wait()
        await server.stop(GRACE_SECONDS)
        watching.cancel()
        await channel.close()
    os._exit(0)  # threads that wait for the node would wait for its end


def _bind(
    server: grpc.aio.Server,
    address: str,
    door: NodeDoor,
    barred: BarredCertificates,
    *,
    mutual: bool,
) -> None:
    certificates: Callable[[], list[bytes]] = lambda: (  # noqa: E731
        barred.let_in(door.certificates) if mutual else []
    )
    server.add_secure_port(address, server_credentials(door.identity, certificates, mutual=mutual))
