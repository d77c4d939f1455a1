"""Traces to a collector: off and not imported by default; one that is away costs little.

Covers node/app/collector.py, node/app/otlp.py.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from federation.errors import RefusedError
from node.app import otlp
from node.app.collector import traced
from node.app.otlp import ToldOnce, recording
from node.directory.config import Config, ConfigError, parse_config
from node.system.tracing import carried, span, within
from tests.support import canaries

NODE = Path(__file__).parents[3] / "node"
SETTINGS = """
[node]
region = "510500"
name = "泸州"
origin = "510500.huxin.example/1"

[observe]
otlp = "{otlp}"
"""
NOBODY = 1
"""A port on which nobody listens."""
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


def config(collector: str = "") -> Config:
    return parse_config(SETTINGS.format(otlp=collector), Path())


@dataclass
class Collector(grpc.GenericRpcHandler):
    """Takes spans over gRPC."""

    got: list[ExportTraceServiceRequest] = field(default_factory=list)

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        assert details.method == EXPORT
        return grpc.unary_unary_rpc_method_handler(
            self.take,
            request_deserializer=ExportTraceServiceRequest.FromString,
            response_serializer=ExportTraceServiceResponse.SerializeToString,
        )

    def take(self, request: ExportTraceServiceRequest, _: object) -> ExportTraceServiceResponse:
        self.got.append(request)
        return ExportTraceServiceResponse()

    @contextmanager
    def listening(self, port: int = 0) -> Iterator[int]:
        server = grpc.server(ThreadPoolExecutor(1), handlers=[self])
        bound = server.add_insecure_port(f"127.0.0.1:{port}")
        server.start()
        try:
            yield bound
        finally:
            server.stop(None).wait()


def test_a_collector_is_given_spans_with_the_node_s_name() -> None:
    collector = Collector()
    with (
        collector.listening() as port,
        traced(config(f"http://127.0.0.1:{port}")),
        pytest.raises(RefusedError),
        span("call", call="Registry/Relieve"),
    ):
        raise RefusedError("access.denied", canaries.reason("错"))
    (said,) = [one for request in collector.got for one in request.resource_spans]
    about = {one.key: one.value.string_value for one in said.resource.attributes}
    assert (about["service.name"], about["service.instance.id"]) == (
        "huxin",
        "510500.huxin.example",
    )
    (one,) = said.scope_spans[0].spans
    assert (one.name, one.status.code, one.status.message) == ("call", 2, "")
    assert {a.key: a.value.string_value for a in one.attributes} == {
        "huxin.call": "Registry/Relieve",
        "huxin.outcome": "access.denied",
    }
    assert not canaries.in_bytes(collector.got[0].SerializeToString())
    assert carried() == (), "off again"


class Away(SpanExporter):
    """A collector that is away until somebody says otherwise."""

    there = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        del spans
        return SpanExportResult.SUCCESS if self.there else SpanExportResult.FAILURE


def test_a_collector_that_is_away_is_told_of_once() -> None:
    away = Away()
    told = ToldOnce(away)
    with capture_logs() as logs:
        for there in (False, False, True, True, False):
            away.there = there
            told.export([])
    assert [one.get("code", one["event"]) for one in logs] == [
        "traces.lost",
        "traces taken again",
        "traces.lost",
    ]


def test_a_collector_that_is_away_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp, "END_SECONDS", 0.1)
    with traced(config(f"http://127.0.0.1:{NOBODY}")), span("check", questions=1):
        pass
    assert carried() == ()


def test_without_the_package_the_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "node.app.otlp", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with (
        pytest.raises(ConfigError, match=r"huxin\[otel\]"),
        traced(config("https://o.example:4317")),
    ):
        pass
    with traced(config()):  # off: nobody asks for it
        pass


def test_the_package_is_imported_where_a_collector_is_configured_and_nowhere_else() -> None:
    """`node.app.otlp` alone knows it, and is imported by nobody before it is needed."""
    for path in sorted(NODE.rglob("*.py")):
        text = path.read_text("utf-8")
        knows = re.search(r"^\s*(from|import) opentelemetry\b", text, re.MULTILINE)
        assert (knows is not None) == (path.name == "otlp.py"), path
        assert not re.search(r"^(from node\.app\.otlp|import node\.app\.otlp)", text, re.MULTILINE)


@pytest.mark.parametrize(
    "address",
    [
        "http://collector.example:4317",
        "https://collector.example",
        "127.0.0.1:4317",
        "https://a@b:1",
    ],
)
def test_a_collector_elsewhere_is_spoken_to_over_tls_alone(address: str) -> None:
    with pytest.raises(ConfigError, match=r"observe\.otlp: expected https://HOST:PORT"):
        config(address)


def test_tr2_what_came_with_a_call_is_gone_on_with_and_nothing_else_is_carried() -> None:
    exporter = InMemorySpanExporter()
    with recording(exporter, "a"):
        with span("http", route="/v1/status"):
            ((name, value),) = carried()
        assert name == "traceparent"
        with within({name: value, "tracestate": "x=1", "baggage": "y=2"}), span("call"):
            assert [one for one, _ in carried()] == ["traceparent"]
        with within({}), span("call"):
            pass
        with within({name: canaries.CODE}), span("call"):
            pass
    above, below, *apart = exporter.get_finished_spans()
    assert above.context is not None
    assert below.context is not None
    assert below.context.trace_id == above.context.trace_id
    assert below.context.trace_state == {}
    assert all(one.parent is None for one in apart)
