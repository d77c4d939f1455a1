"""Figures for Prometheus: logs and peers, never subjects.

Labels are names out of the charters (origins, member ids) and stable codes, so that no peer can
invent series and nothing personal can become one.
"""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from federation.ids import MemberId
from federation.peers.frames import Frame
from federation.peers.replication import DeliveredBatch

_log = structlog.get_logger()

LATENCY_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds from a request to its signed checkpoint."""


class Metrics:
    """The node's figures, in a registry of its own."""

    def __init__(
        self,
        *,
        status: Callable[[], Mapping[str, Any]],
        blamed: Callable[[], Mapping[tuple[MemberId, str], int]],
        live: Callable[[], Iterable[MemberId]],
    ) -> None:
        """Wire the figures.

        Args:
            status: the status document; asked at each scrape.
            blamed: how often each peer delivered something false, by reason code.
            live: peers to whom a stream stands that we dialled.
        """
        self.registry = CollectorRegistry(auto_describe=False)
        self._batches = self._counter("huxin_received_batches", "Batches received of a peer.")
        self._leaves = self._counter("huxin_received_leaves", "Leaves received of a peer.")
        self._bytes = self._counter(
            "huxin_received_bytes", "Bytes of leaves and openings received of a peer."
        )
        self._latency = Histogram(
            "huxin_publish_seconds",
            "From a request to publish to the signed checkpoint.",
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.registry.register(_Logs(status, blamed, live))

    def _counter(self, name: str, text: str) -> Counter:
        return Counter(name, text, ["peer"], registry=self.registry)

    def received(self, peer: MemberId, frame: Frame) -> None:
        """Count a frame of a peer."""
        if isinstance(frame, DeliveredBatch):
            self._batches.labels(peer).inc()
            self._leaves.labels(peer).inc(len(frame.leaves))
            size = sum(map(len, frame.leaves)) + sum(len(o.payload) for o in frame.openings)
            self._bytes.labels(peer).inc(size)

    def published(self, seconds: float) -> None:
        """Count a request to publish that was answered."""
        self._latency.observe(seconds)

    def serve(self, host: str, port: int) -> MetricsServer:
        """Serve `/metrics` over HTTP in a thread; to a loopback or management address only."""
        return MetricsServer(self.registry, host, port)


class MetricsServer:
    """A running `/metrics`."""

    def __init__(self, registry: CollectorRegistry, host: str, port: int) -> None:
        """Bind and start.

        Raises:
            OSError: the address cannot be bound.
        """
        try:
            self._server, self._thread = start_http_server(port, host, registry)
        except OSError as error:
            message = f"{host}:{port} (listen.metrics) cannot be listened on: {error.strerror}"
            raise OSError(error.errno, message) from error
        self.port = int(self._server.server_port)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Logs(Collector):
    """Reads the status document at each scrape."""

    def __init__(
        self,
        status: Callable[[], Mapping[str, Any]],
        blamed: Callable[[], Mapping[tuple[MemberId, str], int]],
        live: Callable[[], Iterable[MemberId]],
    ) -> None:
        self._status = status
        self._blamed = blamed
        self._live = live

    def collect(self) -> Iterable[Metric]:
        """Give gauges per log, and counts per peer."""
        size = GaugeMetricFamily("huxin_log_size", "Leaves held of a log.", labels=["origin"])
        verified = GaugeMetricFamily(
            "huxin_log_verified_to", "Leaves proved of a log.", labels=["origin"]
        )
        age = GaugeMetricFamily(
            "huxin_head_age_seconds", "Age of a log's newest head.", labels=["origin"]
        )
        aside = GaugeMetricFamily(
            "huxin_set_aside", "Statements set aside or held.", labels=["origin", "reason"]
        )
        waits = GaugeMetricFamily(
            "huxin_log_waits_for_room",
            "Whether leaves of a log are not taken for want of disk.",
            labels=["origin"],
        )
        damaged = GaugeMetricFamily(
            "huxin_store_damaged", "Places of a log found damaged.", labels=["origin", "part"]
        )
        proved = GaugeMetricFamily(
            "huxin_scrub_ended_seconds", "When all that is stored was read and proved last (UTC)."
        )
        up = GaugeMetricFamily("huxin_store_up", "Whether the store can be read.")
        free = GaugeMetricFamily("huxin_disk_free_bytes", "Bytes free for the node's directory.")
        reserve = GaugeMetricFamily(
            "huxin_disk_reserve_bytes", "Bytes of them that are kept for relief."
        )
        untold = GaugeMetricFamily(
            "huxin_platform_waiting",
            "Statements that a platform was not told yet.",
            labels=["name"],
        )
        unrelieved = GaugeMetricFamily(
            "huxin_platform_relief_waiting", "How many of them lift something.", labels=["name"]
        )
        undone = GaugeMetricFamily(
            "huxin_platform_unacknowledged",
            "Ends of listings that a platform was told and has not acknowledged.",
            labels=["name"],
        )
        requests = GaugeMetricFamily(
            "huxin_requests_open", "Requests that somebody has to act on.", labels=["side"]
        )
        overdue = GaugeMetricFamily(
            "huxin_requests_overdue", "How much of them is late.", labels=["side"]
        )
        reliefs = GaugeMetricFamily(
            "huxin_reliefs_overdue",
            "Reliefs that a member has not executed although the last day is over.",
            labels=["member"],
        )
        outcomes: tuple[Metric, ...] = ()
        try:
            status = self._status()
            outcomes = (
                *_outcomes(status["outcomes"]),
                _kept(status["kept"]),
                _displays(status["displays"]),
                _problems(status["problems"]),
            )
            for side in ("answer", "sent"):
                requests.add_metric([side], status["requests"]["open"][side])
                overdue.add_metric([side], status["requests"]["overdue"][side])
            _each(reliefs, status["reliefs"]["by_member"])
            owed = {one["name"]: one["unacknowledged"] for one in status["acknowledging"]}
            _each(undone, owed)
            for platform in status["platforms"]:
                untold.add_metric([platform["name"]], platform["waiting"])
                unrelieved.add_metric([platform["name"]], platform["relief"])
            logs, disk = status["logs"], status["disk"]
            free.add_metric([], disk["free_bytes"])
            reserve.add_metric([], disk["reserve_bytes"])
            for (origin, part), count in _counted(status["scrub"]["damaged"]).items():
                damaged.add_metric([origin, part], count)
            proved.add_metric([], status["scrub"]["ended_at"] or 0)
            up.add_metric([], 1)
        except Exception as error:  # noqa: BLE001 - a scrape tells that the store is down
            _log.error("status failed", code="metrics.status", exc_info=error)
            logs = []
            up.add_metric([], 0)
        for log in logs:
            origin = log["origin"]
            size.add_metric([origin], log["size"])
            verified.add_metric([origin], log["verified_to"])
            if log["head_age_s"] is not None:
                age.add_metric([origin], log["head_age_s"])
            waits.add_metric([origin], log["waits_for_room"])
            for reason, count in log["set_aside"].items():
                aside.add_metric([origin, reason], count)
        blamed = CounterMetricFamily(
            "huxin_blamed", "What a peer delivered and does not prove.", labels=["peer", "code"]
        )
        for (peer, code), count in self._blamed().items():
            blamed.add_metric([peer, code], count)
        live = GaugeMetricFamily(
            "huxin_peer_dialled", "Whether a stream stands that we dialled.", labels=["peer"]
        )
        for peer in self._live():
            live.add_metric([peer], 1)
        return (
            *(size, verified, age, aside, waits, damaged, proved, free, reserve, up, blamed, live),
            *(untold, unrelieved, requests, overdue, reliefs, undone, *outcomes),
        )


def _kept(kept: Mapping[str, Any]) -> Metric:
    without = GaugeMetricFamily(
        "huxin_kept_without_term", "Statements kept for which no term is known.", labels=["sort"]
    )
    _each(without, {sort: one["without_term"] for sort, one in kept.items()})
    return without


def _displays(displays: Mapping[str, Any]) -> Metric:
    late = GaugeMetricFamily(
        "huxin_displays_overdue",
        "Items that a third party has not taken down although its last day is over.",
        labels=["party"],
    )
    _each(late, displays["by_party"])
    return late


def _problems(problems: Iterable[Mapping[str, str]]) -> Metric:
    named = GaugeMetricFamily(
        "huxin_problems", "Problems that status names, by code.", labels=["code"]
    )
    _each(named, Counts(one["code"] for one in problems))
    return named


def _outcomes(outcomes: Mapping[str, Any]) -> tuple[Metric, ...]:
    waiting = GaugeMetricFamily(
        "huxin_outcomes_open",
        "Matches of which a department has to say what it did, or to undo it.",
        labels=["state"],
    )
    for state in ("pending", "reopened"):
        waiting.add_metric([state], outcomes[state])
    late = GaugeMetricFamily("huxin_outcomes_overdue", "How much of them is late.")
    late.add_metric([], outcomes["overdue"])
    return waiting, late


def _each(family: GaugeMetricFamily, numbers: Mapping[str, int]) -> None:
    """Give a gauge its numbers by label."""
    for label, number in numbers.items():
        family.add_metric([label], number)


def _counted(damaged: Iterable[Mapping[str, str]]) -> Counts[tuple[str, str]]:
    return Counts((one["origin"], one["part"]) for one in damaged)
