"""Trusted time as a file, so that a restart neither forgets it nor gains room (SPEC §3.6).

One JSON object in `DIR/state/trusted-time`, written beside, made durable, renamed. A damaged file
counts as none: the next votes, bounded by this machine's clock, begin anew; nothing is destroyed
until then.

An attacker who can write this file can make the node destroy what has not expired yet, or keep
what has; it says nothing of any subject.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import structlog

from adapters.errors import AdapterError
from adapters.files.atomic import write_atomically
from federation.ids import Timestamp
from federation.trusted_time import STEPS_MAX, Step, TrustedTime

_log = structlog.get_logger()

_BYTES_MAX = 65_536


class TrustedTimeFile:
    """Keeps one node's trusted time."""

    def __init__(self, path: Path) -> None:
        """Use a file, which need not exist; its directory must."""
        self._path = path

    def load(self) -> TrustedTime:
        """Read what was saved last; nothing known where there is none or it is damaged."""
        try:
            with self._path.open("rb") as file:
                raw = file.read(_BYTES_MAX)
        except FileNotFoundError:
            return TrustedTime()
        except OSError as error:
            message = f"{self._path}: trusted time cannot be read: {error}"
            raise AdapterError(message) from error
        try:
            return _parse(json.loads(raw))
        except (ValueError, TypeError, KeyError):
            _log.warning("trusted time damaged", code="clock.damaged", path=str(self._path))
            return TrustedTime()

    def save(self, time: TrustedTime) -> None:
        """Write it durably.

        Raises:
            AdapterError: it cannot be written; the old one still stands.
        """
        document = {
            "now": time.now,
            "running": time.running,
            "steps": [[step.at, step.seconds] for step in time.steps],
        }
        try:
            write_atomically(self._path, json.dumps(document).encode() + b"\n", mode=0o600)
        except OSError as error:
            message = f"{self._path}: trusted time cannot be written: {error}"
            raise AdapterError(message) from error


def _parse(document: dict[str, Any]) -> TrustedTime:
    now, running, steps = document["now"], document["running"], document["steps"]
    numbers = [running, *(number for step in steps for number in step)]
    if now is not None:
        numbers.append(now)
    if len(steps) > STEPS_MAX or any(type(n) is not int or not 0 <= n < 2**62 for n in numbers):
        message = "expected whole seconds"
        raise ValueError(message)
    return TrustedTime(
        now=None if now is None else Timestamp(now),
        running=running,
        steps=tuple(Step(at=at, seconds=seconds) for at, seconds in steps),
    )
