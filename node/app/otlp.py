"""Traces by OpenTelemetry's own library; imported only where a collector is configured.

What is recorded, and that nothing else can be, is `node.system.tracing`: TR1 holds before the
library sees a span, and of exceptions it is told nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.metadata import version
from typing import Final

import structlog
from opentelemetry.context import Context, attach, detach
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from node.system.tracing import TRACE_SIZE, Value, outcome_of, set_tracer

_log = structlog.get_logger()

EXPORT_SECONDS: Final = 5.0
"""After which a batch of spans is given up."""
END_SECONDS: Final = 2.0
"""For the last spans, when the process ends."""
PREFIX: Final = "huxin."
"""Before the names of attributes."""
_HEADER: Final = "traceparent"
_given: ContextVar[tuple[int, int] | None] = ContextVar("_given", default=None)
"""Numbers of the trace and the span that begins now, where they are not by chance."""


def exporter_to(endpoint: str) -> SpanExporter:
    """What sends spans to a collector over gRPC; spans that it does not take are lost."""
    # The library would tell of each batch; that it fails, and that it goes on, is said once.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    return ToldOnce(OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_SECONDS))


@contextmanager
def recording(exporter: SpanExporter, node: str) -> Iterator[None]:
    """Record the traces of this process.

    Args:
        exporter: takes spans, on a thread of its own.
        node: the node's name, by which a collector tells nodes apart.
    """
    # Not `Resource.create`: that would add what the machine and its environment say.
    about = {
        "service.name": "huxin",
        "service.version": version("huxin"),
        "service.instance.id": node,
    }
    provider = TracerProvider(
        resource=Resource(about), sampler=ALWAYS_ON, id_generator=Ids(), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    set_tracer(OpenTelemetry(provider))
    try:
        yield
    finally:
        set_tracer(None)
        # The library would wait for a collector that is away for as long as it tries.
        last = threading.Thread(target=provider.force_flush, name="last-spans", daemon=True)
        last.start()
        last.join(END_SECONDS)
        exporter.shutdown()
        provider.shutdown()


class ToldOnce(SpanExporter):
    """An exporter of which it is logged when it begins to fail, and when that ends."""

    def __init__(self, exporter: SpanExporter) -> None:
        """Hand on to another."""
        self._exporter = exporter
        self._failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """See `SpanExporter`."""
        result = self._exporter.export(spans)
        failing = result is not SpanExportResult.SUCCESS
        if failing and not self._failing:
            _log.warning("traces not taken", code="traces.lost")
        elif self._failing and not failing:
            _log.info("traces taken again")
        self._failing = failing
        return result

    def shutdown(self) -> None:
        """See `SpanExporter`."""
        self._exporter.shutdown()


class Ids(RandomIdGenerator):
    """Numbers by chance, but of the first span of a relief's trace (TR3)."""

    def generate_trace_id(self) -> int:
        """The number of a trace that begins."""
        chosen = _given.get()
        return super().generate_trace_id() if chosen is None else chosen[0]

    def generate_span_id(self) -> int:
        """The number of a span that begins."""
        chosen = _given.get()
        return super().generate_span_id() if chosen is None else chosen[1]


class OpenTelemetry:
    """`node.system.tracing.Tracer`."""

    def __init__(self, provider: TracerProvider) -> None:
        """Record with it."""
        self._tracer = provider.get_tracer("huxin")
        self._headers = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, attributes: Mapping[str, Value]) -> Iterator[None]:
        """See `Tracer`."""
        with self._tracer.start_as_current_span(
            name,
            attributes=_named(attributes),
            # Their text and their lines would be content (TR1).
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_attribute(f"{PREFIX}outcome", outcome_of(error))
                span.set_status(StatusCode.ERROR)
                raise

    def point(
        self, name: str, trace: bytes, attributes: Mapping[str, Value], *, first: bool
    ) -> None:
        """See `Tracer`; the first span's number is made of the trace's, so that all know it."""
        numbers = int.from_bytes(trace, "big"), int.from_bytes(trace[: TRACE_SIZE // 2], "big")
        above = Context()
        if not first:
            place = SpanContext(*numbers, is_remote=True, trace_flags=TraceFlags(1))
            above = set_span_in_context(NonRecordingSpan(place), above)
        token = _given.set(numbers if first else None)
        try:
            self._tracer.start_span(name, above, attributes=_named(attributes)).end()
        finally:
            _given.reset(token)

    def carried(self) -> Sequence[tuple[str, str]]:
        """See `Tracer`."""
        headers: dict[str, str] = {}
        self._headers.inject(headers)
        return tuple((name, value) for name, value in headers.items() if name == _HEADER)

    @contextmanager
    def within(self, headers: Mapping[str, str]) -> Iterator[None]:
        """See `Tracer`."""
        carrier = {name: value for name, value in headers.items() if name == _HEADER}
        token = attach(self._headers.extract(carrier, Context()))
        try:
            yield
        finally:
            detach(token)


def _named(attributes: Mapping[str, Value]) -> dict[str, Value]:
    return {f"{PREFIX}{name}": value for name, value in attributes.items()}
