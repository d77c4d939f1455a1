"""The log of the program: JSON lines on standard error, never a payload or a key.

What cannot be written (a full disk, a pipe that nobody reads any more) ends nothing: the line is
lost, whatever it tells of goes on, and the next line that is written says how many were.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import MutableMapping
from typing import Any, Final, TextIO, cast

import structlog

LONGEST: Final = 2048
"""Characters of one value; what a peer says must not fill the disk."""

_UNSHORTENED: Final = ("event", "exception", "level", "logger", "timestamp")


def set_up(level: str = "info") -> None:
    """Set up logging for the process; libraries that use `logging` write the same lines.

    Args:
        level: `debug`, `info`, `warning` or `error`.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Not the structured traceback: that would print local variables.
        structlog.processors.format_exc_info,
        without_content,
    ]
    out = cast("TextIO", Lossy(sys.stderr))
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries speak of every job and request; only what is wrong is of interest.
    root.setLevel(max(number, logging.WARNING))


class Lossy:
    """A stream of lines that loses those which cannot be written."""

    def __init__(self, out: TextIO) -> None:
        """Write to another stream."""
        self._out = out
        self._lock = threading.Lock()
        self._lost = 0

    def write(self, text: str) -> int:
        """Write one or more whole lines, or nothing."""
        with self._lock:
            said = text
            if self._lost:
                lost = {"event": "log lines lost", "level": "warning", "lines": self._lost}
                said = f"\n{json.dumps(lost)}\n{text}"  # a part of the last one may stand there
            try:
                self._out.write(said)
                self._out.flush()
            except (OSError, ValueError):  # the latter of a stream that is closed
                self._lost += text.count("\n")
            else:
                self._lost = 0
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""


def without_content(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace bytes by their length, and shorten long texts: content has no place in a log."""
    for key, value in event.items():
        if isinstance(value, bytes | bytearray | memoryview):
            event[key] = f"<{len(value)} bytes>"
        elif isinstance(value, str) and key not in _UNSHORTENED and len(value) > LONGEST:
            event[key] = value[:LONGEST] + "…"
    return event
