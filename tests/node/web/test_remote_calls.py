"""The application beside a node: calls over the Unix socket, always with the caller's token.

Covers node/web/node_channel.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from google.rpc.code_pb2 import FAILED_PRECONDITION
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import HealthServicer
from huxin.v1 import accounts_pb2, displays_pb2, recognition_pb2
from huxin.v1 import screening_pb2 as pb
from huxin.v1.accounts_pb2_grpc import AccountsServicer, add_AccountsServicer_to_server
from huxin.v1.displays_pb2_grpc import DisplaysServicer, add_DisplaysServicer_to_server
from huxin.v1.recognition_pb2_grpc import (
    RecognitionsServicer,
    add_RecognitionsServicer_to_server,
)
from huxin.v1.screening_pb2_grpc import ScreeningServicer, add_ScreeningServicer_to_server

from federation.errors import RefusedError
from node.directory.presence import NodeFile, NotReadyError, announced
from node.network.errors import DETAILS_KEY, UnavailableError, status_of
from node.web.node_channel import NodeChannel
from node.web.remote_calls import RemoteCalls
from tests.support.fake_calls import BATCH, DISPLAYED, OUTCOME, QUESTION, TOKEN

NUMBER = "511500-20261129-0123456789ab"


class FakeScreening(ScreeningServicer):
    """Notes what it was asked, and by whom."""

    def __init__(self) -> None:
        self.seen: list[tuple[object, ...]] = []
        self.refusal: RefusedError | None = None

    def _note(self, request: object, context: grpc.ServicerContext) -> None:
        said = [value for key, value in context.invocation_metadata() if key == "authorization"]
        self.seen.append((request, *said))
        if self.refusal is not None:
            status = status_of(self.refusal)
            assert status.code == FAILED_PRECONDITION
            context.set_trailing_metadata(((DETAILS_KEY, status.SerializeToString()),))
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, status.message)

    def Check(  # noqa: N802 - the name in the .proto file
        self, request: pb.CheckRequest, context: grpc.ServicerContext
    ) -> pb.CheckResponse:
        self._note(request, context)
        return pb.CheckResponse(json='{"result": "clear"}')

    def CheckRows(  # noqa: N802 - the name in the .proto file
        self, request: pb.CheckRowsRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.CheckRowsResponse]:
        self._note(request, context)
        for piece in ('{"rows":', " 1}"):
            yield pb.CheckRowsResponse(json=piece)

    def ListMatters(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListMattersRequest, context: grpc.ServicerContext
    ) -> pb.ListMattersResponse:
        self._note(request, context)
        return pb.ListMattersResponse(matters_json=['{"code": "m"}'])

    def ListMeasures(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListMeasuresRequest, context: grpc.ServicerContext
    ) -> pb.ListMeasuresResponse:
        self._note(request, context)
        return pb.ListMeasuresResponse(measures_json=['{"code": "b"}'])

    def ReportOutcome(  # noqa: N802 - the name in the .proto file
        self, request: pb.ReportOutcomeRequest, context: grpc.ServicerContext
    ) -> pb.ReportOutcomeResponse:
        self._note(request, context)
        return pb.ReportOutcomeResponse(json='{"state": "reported"}')

    def NoteExposed(  # noqa: N802 - the name in the .proto file
        self, request: pb.NoteExposedRequest, context: grpc.ServicerContext
    ) -> pb.NoteExposedResponse:
        self._note(request, context)
        return pb.NoteExposedResponse()


class FakeRecognitions(RecognitionsServicer):
    """Answers as a node, in two pieces."""

    def __init__(self, seen: list[tuple[object, ...]]) -> None:
        self._seen = seen

    def ListScenarios(  # noqa: N802 - the name in the .proto file
        self, request: recognition_pb2.ListScenariosRequest, context: grpc.ServicerContext
    ) -> Iterator[recognition_pb2.ListScenariosResponse]:
        self._seen.append((request, *tokens_of(context)))
        for piece in ('[{"scenario":', ' "ab"}]'):
            yield recognition_pb2.ListScenariosResponse(json=piece)

    def GetScenario(  # noqa: N802 - the name in the .proto file
        self, request: recognition_pb2.GetScenarioRequest, context: grpc.ServicerContext
    ) -> recognition_pb2.GetScenarioResponse:
        self._seen.append((request, *tokens_of(context)))
        return recognition_pb2.GetScenarioResponse(json='{"scenario": "ab"}')

    def CheckBenefit(  # noqa: N802 - the name in the .proto file
        self, request: recognition_pb2.CheckBenefitRequest, context: grpc.ServicerContext
    ) -> recognition_pb2.CheckBenefitResponse:
        self._seen.append((request, *tokens_of(context)))
        return recognition_pb2.CheckBenefitResponse(json='{"result": "entitled"}')

    def ListBenefits(  # noqa: N802 - the name in the .proto file
        self, request: recognition_pb2.ListBenefitsRequest, context: grpc.ServicerContext
    ) -> Iterator[recognition_pb2.ListBenefitsResponse]:
        self._seen.append((request, *tokens_of(context)))
        for piece in ('{"benefits":', " []}"):
            yield recognition_pb2.ListBenefitsResponse(json=piece)

    def ReportBenefitUse(  # noqa: N802 - the name in the .proto file
        self, request: recognition_pb2.ReportBenefitUseRequest, context: grpc.ServicerContext
    ) -> recognition_pb2.ReportBenefitUseResponse:
        self._seen.append((request, *tokens_of(context)))
        return recognition_pb2.ReportBenefitUseResponse(json='{"published": true}')


def tokens_of(context: grpc.ServicerContext) -> list[str | bytes]:
    return [value for key, value in context.invocation_metadata() if key == "authorization"]


class FakeDisplays(DisplaysServicer):
    """Likewise."""

    def __init__(self, seen: list[tuple[object, ...]]) -> None:
        self.seen = seen

    def SubmitDisplays(  # noqa: N802 - the name in the .proto file
        self, request: displays_pb2.SubmitDisplaysRequest, context: grpc.ServicerContext
    ) -> displays_pb2.SubmitDisplaysResponse:
        self.seen.append((request, *tokens_of(context)))
        return displays_pb2.SubmitDisplaysResponse(json='{"remove": []}')

    def AcknowledgeDisplays(  # noqa: N802 - the name in the .proto file
        self, request: displays_pb2.AcknowledgeDisplaysRequest, context: grpc.ServicerContext
    ) -> displays_pb2.AcknowledgeDisplaysResponse:
        self.seen.append((request, *tokens_of(context)))
        return displays_pb2.AcknowledgeDisplaysResponse(json='{"acknowledged": [1]}')


class FakeAccounts(AccountsServicer):
    """Likewise."""

    def __init__(self, seen: list[tuple[object, ...]]) -> None:
        self.seen = seen

    def BeginProviderSession(  # noqa: N802 - the name in the .proto file
        self, request: accounts_pb2.BeginProviderSessionRequest, context: grpc.ServicerContext
    ) -> accounts_pb2.BeginProviderSessionResponse:
        self.seen.append((request, *tokens_of(context)))
        return accounts_pb2.BeginProviderSessionResponse(json='{"ticket": "t"}')

    def FinishProviderSession(  # noqa: N802 - the name in the .proto file
        self, request: accounts_pb2.FinishProviderSessionRequest, context: grpc.ServicerContext
    ) -> accounts_pb2.FinishProviderSessionResponse:
        self.seen.append((request, *tokens_of(context)))
        return accounts_pb2.FinishProviderSessionResponse(json='{"token": "hx1_"}')


class World:
    """A node's directory, and servers on its socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.screening = FakeScreening()  # type: ignore[abstract]  # what is asked here stands
        self.health = HealthServicer()
        self.node = NodeChannel(folder)
        self.calls = RemoteCalls(self.node)

    def serving(self, name: str) -> Callable[[], None]:
        """Start a server at a socket; returns what ends it."""
        server = grpc.server(ThreadPoolExecutor(2))
        add_ScreeningServicer_to_server(self.screening, server)
        recognitions = FakeRecognitions(self.screening.seen)  # type: ignore[abstract]  # likewise
        add_RecognitionsServicer_to_server(recognitions, server)
        displays = FakeDisplays(self.screening.seen)  # type: ignore[abstract]  # likewise
        add_DisplaysServicer_to_server(displays, server)
        accounts = FakeAccounts(self.screening.seen)  # type: ignore[abstract]  # likewise
        add_AccountsServicer_to_server(accounts, server)
        health_pb2_grpc.add_HealthServicer_to_server(self.health, server)
        path = self.folder / name
        server.add_insecure_port(f"unix:{path}")
        server.start()
        node = NodeFile(pid=1, exchange_port=0, metrics_port=0, socket=str(path), version="1")
        said = announced(self.folder, node)
        said.__enter__()

        def stop() -> None:
            said.__exit__(None, None, None)
            server.stop(0).wait()

        return stop


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    one = World(tmp_path)
    yield one
    one.node.close()


def test_every_call_carries_the_callers_token(world: World) -> None:
    stop = world.serving("a.sock")
    assert world.calls.check(TOKEN, QUESTION) == {"result": "clear"}
    assert world.calls.matters(TOKEN) == [{"code": "m"}]
    assert world.calls.measures(TOKEN) == [{"code": "b"}]
    assert world.calls.report_outcome(TOKEN, NUMBER, OUTCOME) == {"state": "reported"}
    assert world.calls.scenarios(TOKEN) == [{"scenario": "ab"}]
    assert world.calls.scenario(TOKEN, "ab") == {"scenario": "ab"}
    benefit = {key: value for key, value in QUESTION.items() if key != "matter"}
    assert world.calls.list_benefits(TOKEN, benefit) == {"benefits": []}
    benefit["scenario"] = "abcd"
    assert world.calls.check_benefit(TOKEN, benefit) == {"result": "entitled"}
    use: dict[str, Any] = {"used_on": 20261120, "person": "李某"}
    assert world.calls.report_use(TOKEN, NUMBER, use) == {"published": True}
    world.calls.exposed(TOKEN, "url")
    stop()
    assert [said for _, *said in world.screening.seen] == [[f"Bearer {TOKEN}"]] * 9 + [[]]
    assert world.screening.seen[7][0] == recognition_pb2.CheckBenefitRequest(**benefit)
    told = recognition_pb2.ReportBenefitUseRequest(check=NUMBER, **use)
    assert world.screening.seen[8][0] == told
    assert world.screening.seen[9] == (pb.NoteExposedRequest(token=TOKEN, place="url"),)
    asked = world.screening.seen[0][0]
    assert asked == pb.CheckRequest(**QUESTION)
    reported = world.screening.seen[3][0]
    assert reported == pb.ReportOutcomeRequest(**{"check": NUMBER} | OUTCOME)


def test_displays_go_as_they_came_with_the_callers_token(world: World) -> None:
    stop = world.serving("a.sock")
    assert world.calls.submit_displays(TOKEN, DISPLAYED) == {"remove": []}
    assert world.calls.acknowledge_displays(TOKEN, NUMBER, {"rows": [1]}) == {"acknowledged": [1]}
    stop()
    (submitted, *one), (acknowledged, *other) = world.screening.seen
    assert one == other == [f"Bearer {TOKEN}"]
    assert json.loads(cast("Any", submitted).json) == DISPLAYED
    assert cast("Any", acknowledged).number == NUMBER
    assert json.loads(cast("Any", acknowledged).json) == {"rows": [1]}


def test_a_batch_goes_as_it_came_with_the_callers_token(world: World) -> None:
    stop = world.serving("a.sock")
    assert world.calls.check_batch(TOKEN, BATCH) == {"rows": 1}
    stop()
    ((asked, *by),) = world.screening.seen
    assert by == [f"Bearer {TOKEN}"]
    assert json.loads(cast("Any", asked).json) == BATCH


def test_who_signs_in_by_the_identity_provider_has_no_token_yet(world: World) -> None:
    stop = world.serving("a.sock")
    assert world.calls.begin_session() == {"ticket": "t"}
    came = {"ticket": "t", "state": "s", "code": "c", "issuer": "https://sso.example"}
    assert world.calls.finish_session(came) == {"token": "hx1_"}
    assert world.screening.seen == [
        (accounts_pb2.BeginProviderSessionRequest(),),
        (accounts_pb2.FinishProviderSessionRequest(**came),),
    ]
    stop()


def test_without_a_token_nothing_is_asked(world: World) -> None:
    # On the socket nobody's token is the operator's.
    stop = world.serving("a.sock")
    for call in (
        lambda: world.calls.check("", QUESTION),
        lambda: world.calls.matters(""),
        lambda: world.calls.measures(""),
        lambda: world.calls.scenarios(""),
        lambda: world.calls.scenario("", "ab"),
        lambda: world.calls.report_outcome("", NUMBER, OUTCOME),
        lambda: world.calls.check_batch("", BATCH),
        lambda: world.calls.submit_displays("", DISPLAYED),
        lambda: world.calls.acknowledge_displays("", NUMBER, {"rows": [1]}),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - a fault of the program, without a text
            call()
    stop()
    assert world.screening.seen == []


def test_ht14_an_operation_calls_with_the_callers_token_and_never_without(world: World) -> None:
    stop = world.serving("a.sock")
    asked = pb.ListMattersRequest()
    (found,) = world.node.call(TOKEN, "Screening/ListMatters", asked)
    assert list(found.matters_json) == ['{"code": "m"}']
    parts = world.node.call(
        TOKEN, "Recognitions/ListScenarios", recognition_pb2.ListScenariosRequest()
    )
    assert "".join(one.json for one in parts) == '[{"scenario": "ab"}]'
    with pytest.raises(ValueError):  # noqa: PT011 - a fault of the program, without a text
        world.node.call("", "Screening/ListMatters", asked)
    with pytest.raises(KeyError):
        world.node.call(TOKEN, "Screening/Nothing", asked)
    stop()
    assert [said for _, *said in world.screening.seen] == [[f"Bearer {TOKEN}"]] * 2


def test_what_the_node_refuses_is_raised_with_its_code(world: World) -> None:
    stop = world.serving("a.sock")
    world.screening.refusal = RefusedError("access.budget", "no more today")
    with pytest.raises(RefusedError) as refused:
        world.calls.check(TOKEN, QUESTION)
    stop()
    assert (refused.value.code, str(refused.value)) == ("access.budget", "no more today")


def test_a_node_that_was_started_again_is_found_at_its_new_socket(world: World) -> None:
    with pytest.raises(NotReadyError):
        world.calls.check(TOKEN, QUESTION)
    stop = world.serving("a.sock")
    assert world.calls.check(TOKEN, QUESTION) == {"result": "clear"}
    stop()
    with pytest.raises(NotReadyError):
        world.calls.health()
    stop = world.serving("b.sock")
    assert world.calls.check(TOKEN, QUESTION) == {"result": "clear"}
    stop()


def test_health_is_the_nodes(world: World) -> None:
    stop = world.serving("a.sock")
    world.health.set("", health_pb2.HealthCheckResponse.SERVING)
    world.calls.health()
    world.health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
    with pytest.raises(UnavailableError, match="does not serve"):
        world.calls.health()
    stop()
