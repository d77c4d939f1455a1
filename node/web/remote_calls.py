"""A node's services on its Unix socket, as the HTTP application calls them (`huxin http`).

Each call is made with the caller's token (`node.web.node_channel`); only that a token was exposed
is told as the operator, and health is anybody's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from huxin.v1 import recognition_pb2
from huxin.v1 import screening_pb2 as pb
from huxin.v1.accounts_pb2 import (
    BeginProviderSessionRequest,
    CloseSessionRequest,
    FinishProviderSessionRequest,
    OpenSessionRequest,
)
from huxin.v1.accounts_pb2_grpc import AccountsStub
from huxin.v1.displays_pb2 import AcknowledgeDisplaysRequest, SubmitDisplaysRequest
from huxin.v1.displays_pb2_grpc import DisplaysStub
from huxin.v1.recognition_pb2 import GetScenarioRequest, ListScenariosRequest
from huxin.v1.recognition_pb2_grpc import RecognitionsStub
from huxin.v1.screening_pb2_grpc import ScreeningStub

from node.network.errors import UnavailableError
from node.web.node_channel import SECONDS, NodeChannel

T = TypeVar("T")


class RemoteCalls:
    """`node.web.calls.Calls` over the socket of a node."""

    def __init__(self, channel: NodeChannel) -> None:
        """Wire it; whoever made the channel closes it."""
        self._channel = channel

    def check(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask about one subject."""
        request = pb.CheckRequest(**question)
        answered = self._called(
            lambda channel, **more: ScreeningStub(channel).Check(request, **more), token
        )
        return cast("Mapping[str, Any]", json.loads(answered.json))

    def check_batch(self, token: str, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask about many."""
        request = pb.CheckRowsRequest(json=json.dumps(batch, ensure_ascii=True))
        text = self._called(
            lambda channel, **more: "".join(
                one.json for one in ScreeningStub(channel).CheckRows(request, **more)
            ),
            token,
        )
        return cast("Mapping[str, Any]", json.loads(text))

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

    def open_session(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Open a session; who signs in has no token yet."""
        request = OpenSessionRequest(**said)
        answered = self._channel.reached(
            lambda channel, **more: AccountsStub(channel).OpenSession(request, **more),
            timeout=SECONDS,
        )
        return cast("Mapping[str, Any]", json.loads(answered.json))

    def begin_session(self) -> Mapping[str, Any]:
        """Begin a session by the identity provider; likewise."""
        request = BeginProviderSessionRequest()
        answered = self._channel.reached(
            lambda channel, **more: AccountsStub(channel).BeginProviderSession(request, **more),
            timeout=SECONDS,
        )
        return cast("Mapping[str, Any]", json.loads(answered.json))

    def finish_session(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Open the session of who came back from there; likewise."""
        request = FinishProviderSessionRequest(**said)
        answered = self._channel.reached(
            lambda channel, **more: AccountsStub(channel).FinishProviderSession(request, **more),
            timeout=SECONDS,
        )
        return cast("Mapping[str, Any]", json.loads(answered.json))

    def close_session(self, token: str) -> None:
        """End the session of a token."""
        self._called(
            lambda channel, **more: AccountsStub(channel).CloseSession(
                CloseSessionRequest(), **more
            ),
            token,
        )

    def exposed(self, token: str, place: str) -> None:
        """Tell the operator that a token was exposed."""
        request = pb.NoteExposedRequest(token=token, place=place)
        self._channel.reached(
            lambda channel, **more: ScreeningStub(channel).NoteExposed(request, **more),
            timeout=SECONDS,
        )

    def health(self) -> None:
        """Return where the node answers."""
        request = health_pb2.HealthCheckRequest()
        found = self._channel.reached(
            lambda channel, **more: health_pb2_grpc.HealthStub(channel).Check(request, **more),
            timeout=SECONDS,
        )
        if found.status != health_pb2.HealthCheckResponse.SERVING:
            raise UnavailableError("node.stopping", "the node does not serve at the moment")

    def _called(self, call: Callable[..., T], token: str) -> T:
        return self._channel.called(call, token)
