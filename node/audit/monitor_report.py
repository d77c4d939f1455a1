"""What a monitor tells: a report as JSON, and figures for Prometheus."""

from __future__ import annotations

from typing import Any, Final

from prometheus_client import CollectorRegistry, Gauge

from crypto.strict import b64
from federation.audit.found import Found, Weight
from federation.audit.watching import Watched
from node.audit.document import CLEAN, FINDINGS, INCOMPLETE, NOT_SEEN, moment
from node.audit.monitoring import Round

FORMAT: Final = "huxin/monitor-report@v1"
NOT_LOOKED_AT: Final = (*NOT_SEEN, "alliance.together")
"""What a monitor never sees: closed openings, and what only all logs together show (AD6-AD10)."""


def result_of(told: Round) -> str:
    """In one word, as of an audit."""
    state = told.state
    weights = {one.weight for one in told.conditions}
    if state.alerts or state.forks or Weight.FINDING in weights:
        return FINDINGS
    return INCOMPLETE if weights else CLEAN


def report_document(told: Round) -> dict[str, Any]:
    """Write the report; findings, what is incomplete, and what nobody looked at, apart."""
    state = told.state
    findings = [
        {
            "code": one.code,
            "message": one.message,
            "origin": one.origin,
            "index": one.index,
            "since": moment(one.at),
        }
        for one in state.alerts
    ]
    findings += [
        {
            "code": "log.forked",
            "message": "its key signed two histories; the proof is under forks",
            "origin": one.origin,
            "index": None,
            "since": moment(one.at),
        }
        for one in state.forks
    ]
    findings += [_sentence(one) for one in told.conditions if one.weight is Weight.FINDING]
    return {
        "format": FORMAT,
        "made_at": moment(told.now),
        "result": result_of(told),
        "pins": [pin.hex() for pin in state.pins],
        "logs": [_log(one) for one in state.logs.values()],
        "findings": findings,
        "findings_beyond": state.more,
        "forks": [{"origin": one.origin, "file": one.file.decode()} for one in state.forks],
        "incomplete": [
            _sentence(one) for one in told.conditions if one.weight is Weight.INCOMPLETE
        ],
        "not_looked_at": list(NOT_LOOKED_AT),
    }


class MonitorFigures:
    """Figures of the newest round; labels are origins of the charters and codes of ours."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Add them to a registry."""
        self._rounds = Gauge(
            "huxin_monitor_round_seconds", "When the last round ended (UTC).", registry=registry
        )
        self._findings = Gauge(
            "huxin_monitor_findings", "What is wrong, by code.", ["code"], registry=registry
        )
        self._incomplete = Gauge(
            "huxin_monitor_incomplete",
            "What cannot be said at the moment, by code.",
            ["code"],
            registry=registry,
        )
        self._size = Gauge(
            "huxin_monitor_log_size", "Leaves seen of a log.", ["origin"], registry=registry
        )
        self._vouched = Gauge(
            "huxin_monitor_vouched_seconds",
            "Newest time at which anybody vouched for a log (UTC).",
            ["origin"],
            registry=registry,
        )

    def told(self, told: Round) -> None:
        """Take the figures of a round."""
        document = report_document(told)
        for gauge, part in ((self._findings, "findings"), (self._incomplete, "incomplete")):
            gauge.clear()
            for one in document[part]:
                gauge.labels(one["code"]).inc()
        for log in told.state.logs.values():
            self._size.labels(log.origin).set(log.size)
            self._vouched.labels(log.origin).set(log.vouched)
        self._rounds.set(told.now)


def _log(one: Watched) -> dict[str, Any]:
    return {
        "origin": one.origin,
        "size": one.size,
        "root": b64(one.frontier.root()) if one.size else None,
        "vouched_until": moment(one.vouched or None),
        "openings_missing": one.missing,
    }


def _sentence(one: Found) -> dict[str, Any]:
    return {
        "code": one.code,
        "message": one.message,
        "origin": one.origin or None,
        "index": one.index,
        "source": one.path or None,
    }
