"""A node's services on its Unix socket, as the HTTP application calls them (`huxin http`).

Whoever may open the socket is the operator where no token is given, so what departments ask is
never asked without theirs: such a call is a fault of this program and ends before it is made. Only
that a token was exposed is told as the operator.

The socket's place is read anew for each call, since a node that was started again may have another;
while none runs, callers are told to come again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from huxin.v1 import recognition_pb2
from huxin.v1 import screening_pb2 as pb
from huxin.v1.displays_pb2 import AcknowledgeDisplaysRequest, SubmitDisplaysRequest
from huxin.v1.displays_pb2_grpc import DisplaysStub
from huxin.v1.recognition_pb2 import GetScenarioRequest, ListScenariosRequest
from huxin.v1.recognition_pb2_grpc import RecognitionsStub
from huxin.v1.screening_pb2_grpc import ScreeningStub

from node.directory.presence import read_node_file
from node.network.errors import UnavailableError, error_of
from node.network.transport import MAX_MESSAGE, Options

T = TypeVar("T")

SECONDS: Final = 30.0
"""For one call."""
_CHANNEL: Final[Options] = [("grpc.max_receive_message_length", 4 * MAX_MESSAGE)]


class RemoteCalls:
    """`node.web.calls.Calls` over the socket of a node."""

    def __init__(self, directory: Path) -> None:
        """Name the node's directory; nothing is connected yet."""
        self._directory = directory
        self._lock = threading.Lock()
        self._socket = ""
        self._channel: grpc.Channel | None = None

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            if self._channel is not None:
                self._channel.close()
                self._channel = None

    def check(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask about one subject."""
        request = pb.CheckRequest(**question)
        answered = self._called(
            lambda channel, **more: ScreeningStub(channel).Check(request, **more), token
        )
        return cast("Mapping[str, Any]", json.loads(answered.json))

    def report_outcome(
        self, token: str, number: str, report: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Report what was done about a match."""
        request = pb.ReportOutcomeRequest(check=number, **report)
        answered = self._called(
            lambda channel, **more: ScreeningStub(channel).ReportOutcome(request, **more), token
        )
        return cast("Mapping[str, Any]", json.loads(answered.json))

    def check_benefit(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask whether a subject may have one benefit."""
        request = recognition_pb2.CheckBenefitRequest(**question)
        answered = self._called(
            lambda channel, **more: RecognitionsStub(channel).CheckBenefit(request, **more), token
        )
        return cast("Mapping[str, Any]", json.loads(answered.json))

    def list_benefits(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask which benefits a subject may have."""
        request = recognition_pb2.ListBenefitsRequest(**question)
        text = self._called(
            lambda channel, **more: "".join(
                one.json for one in RecognitionsStub(channel).ListBenefits(request, **more)
            ),
            token,
        )
        return cast("Mapping[str, Any]", json.loads(text))

    def report_use(self, token: str, number: str, report: Mapping[str, Any]) -> Mapping[str, Any]:
        """Report that the benefit of an answer was used."""
        request = recognition_pb2.ReportBenefitUseRequest(check=number, **report)
        answered = self._called(
            lambda channel, **more: RecognitionsStub(channel).ReportBenefitUse(request, **more),
            token,
        )
        return cast("Mapping[str, Any]", json.loads(answered.json))

    def submit_displays(self, token: str, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask which rows of a display must go."""
        request = SubmitDisplaysRequest(json=json.dumps(batch, ensure_ascii=True))
        answered = self._called(
            lambda channel, **more: DisplaysStub(channel).SubmitDisplays(request, **more), token
        )
        return cast("Mapping[str, Any]", json.loads(answered.json))

    def acknowledge_displays(
        self, token: str, number: str, said: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Say which rows were taken down."""
        request = AcknowledgeDisplaysRequest(number=number, json=json.dumps(said))
        answered = self._called(
            lambda channel, **more: DisplaysStub(channel).AcknowledgeDisplays(request, **more),
            token,
        )
        return cast("Mapping[str, Any]", json.loads(answered.json))

    def matters(self, token: str) -> Sequence[Mapping[str, Any]]:
        """List the matters."""
        answered = self._called(
            lambda channel, **more: ScreeningStub(channel).ListMatters(
                pb.ListMattersRequest(), **more
            ),
            token,
        )
        return list(map(json.loads, answered.matters_json))

    def measures(self, token: str) -> Sequence[Mapping[str, Any]]:
        """List the measures."""
        answered = self._called(
            lambda channel, **more: ScreeningStub(channel).ListMeasures(
                pb.ListMeasuresRequest(), **more
            ),
            token,
        )
        return list(map(json.loads, answered.measures_json))

    def scenarios(self, token: str) -> Sequence[Mapping[str, Any]]:
        """List the scenarios in force."""

        def called(channel: grpc.Channel, **more: Any) -> str:  # noqa: ANN401 - of gRPC
            found = RecognitionsStub(channel).ListScenarios(ListScenariosRequest(), **more)
            return "".join(piece.json for piece in found)

        return cast("Sequence[Mapping[str, Any]]", json.loads(self._called(called, token)))

    def scenario(self, token: str, scenario: str) -> Mapping[str, Any]:
        """One scenario in full."""
        request = GetScenarioRequest(scenario=scenario)
        answered = self._called(
            lambda channel, **more: RecognitionsStub(channel).GetScenario(request, **more), token
        )
        return cast("Mapping[str, Any]", json.loads(answered.json))

    def exposed(self, token: str, place: str) -> None:
        """Tell the operator that a token was exposed."""
        request = pb.NoteExposedRequest(token=token, place=place)
        with _translated():
            ScreeningStub(self._connected()).NoteExposed(request, timeout=SECONDS)

    def health(self) -> None:
        """Return where the node answers."""
        channel = self._connected()
        with _translated():
            found = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=SECONDS
            )
        if found.status != health_pb2.HealthCheckResponse.SERVING:
            raise UnavailableError("node.stopping", "the node does not serve at the moment")

    def _called(self, call: Callable[..., T], token: str) -> T:
        if not token:
            raise ValueError
        metadata = (("authorization", f"Bearer {token}"),)
        with _translated():
            return call(self._connected(), metadata=metadata, timeout=SECONDS)

    def _connected(self) -> grpc.Channel:
        """Return the channel to the node as it runs now.

        Raises:
            NotReadyError: none runs.
        """
        socket = read_node_file(self._directory).socket
        with self._lock:
            if self._channel is None or socket != self._socket:
                if self._channel is not None:
                    self._channel.close()
                self._channel = grpc.insecure_channel(f"unix:{socket}", options=_CHANNEL)
                self._socket = socket
            return self._channel


@contextmanager
def _translated() -> Iterator[None]:
    """Raise what the other side raised."""
    try:
        yield
    except grpc.RpcError as failure:
        # A synchronous failure has the same questions answered as an asynchronous one.
        raise error_of(cast("grpc.aio.AioRpcError", failure)) from failure
