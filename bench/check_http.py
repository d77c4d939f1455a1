"""Checks over HTTP with a token: questions a second, and milliseconds.

As `check`, over TLS on connections that stay; against Starlette that looks the code up and appends
a row durably, and against Starlette that sends back what it gets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.check import CALLERS, measured
from bench.measuring import Options, Result


def run(options: Options, callers: Sequence[int] = CALLERS) -> Iterator[Result]:
    """Measure; the size is how many listings the node holds."""
    yield from measured(options, callers, http=True)
