"""Figures of HTTP for Prometheus: routes, statuses and codes, never a subject or a caller (HT2).

Labels are the routes of the application and the codes of its answers, so that no caller can invent
series: what has no route counts under an empty one.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

BUCKETS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds from the end of a request's head to its answer."""


class Figures:
    """What is counted of HTTP."""

    def __init__(self, registry: CollectorRegistry, name: str = "huxin_http") -> None:
        """Add the figures of one listener to a registry, under names that begin with its own."""
        self._answers = Counter(
            f"{name}_answers",
            "Answers over HTTP, by route, status and code.",
            ["route", "status", "code"],
            registry=registry,
        )
        self._seconds = Histogram(
            f"{name}_seconds",
            "From the head of a request to its answer.",
            ["route"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._open = Gauge(f"{name}_connections", "Connections that stand.", registry=registry)
        self._cut = Counter(
            f"{name}_cut",
            "Connections cut: slow, no HTTP, no TLS, or to make room.",
            ["why"],
            registry=registry,
        )

    def answered(self, route: str, status: int, code: str, seconds: float) -> None:
        """Count an answer."""
        self._answers.labels(route, str(status), code).inc()
        self._seconds.labels(route).observe(seconds)

    def connections(self, number: int) -> None:
        """Tell how many connections stand."""
        self._open.set(number)

    def cut(self, why: str) -> None:
        """Count a connection that was cut; `why` is one of few words of ours."""
        self._cut.labels(why).inc()
