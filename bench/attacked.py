"""What an honest peer notices while another member floods the node: milliseconds, p50 and p99.

From a wish to publish at the node to the leaf at the honest peer, over mutual TLS, one after the
other: the same number before the flood and while it goes on. The attacker's work is done by this
machine's processors too, which in earnest it would not be. Beside it the node's peak memory.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from statistics import quantiles

from bench.measuring import Options, Result, Run
from tests.support import raw_h2 as raw
from tests.support.flooded import Flooded, flooded, honest_stream
from tests.support.flooded_child import LIAR
from tests.support.floods import FLOODS, attack, shown
from tests.support.liar import HostileLog
from tests.support.served_child import identity

SIZE = 200
RUNS = 3
WARM = 20
CHECKPOINTS = 1_000_000
"""More than can be shown while it is measured."""

Wave = Callable[[Flooded, Path], Awaitable[object]]


def run(options: Options) -> Iterator[Result]:
    """Measure each flood; the size is how often the honest peer is served in each phase."""
    size = options.size or SIZE
    for name, wave in WAVES.items():
        measured = [asyncio.run(_measure(wave, size)) for _ in range(options.runs or RUNS)]
        for number, percent in enumerate(("p50", "p99")):
            yield Result(
                bench=f"under {name}, {percent}",
                database="sqlite",
                unit="ms",
                baseline="without it",
                runs=tuple(lags[number] for lags, _ in measured),
                size=size,
            )
        yield Result(
            bench=f"under {name}, peak memory",
            database="sqlite",
            unit="MiB",
            baseline="the bound of 512",
            runs=tuple(Run(value=peak, baseline=512.0) for _, peak in measured),
            size=size,
        )


async def _measure(wave: Wave, size: int) -> tuple[list[Run], float]:
    """Lags by percentile under one flood against those before it, and the peak in MiB."""
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        async with flooded(directory) as server, honest_stream(server) as honest:
            for _ in range(WARM + size):
                await server.serves(honest)
            quiet, server.delays = server.delays[WARM:], []
            under_way = asyncio.create_task(_again(partial(wave, server, directory)))
            for _ in range(size):
                await server.serves(honest)
            under_way.cancel()
            with suppress(asyncio.CancelledError):
                await under_way
        lags = [
            Run(value=_percentile(server.delays, percent), baseline=_percentile(quiet, percent))
            for percent in (50, 99)
        ]
        return lags, server.peak / 2**20


async def _again(wave: Callable[[], Awaitable[object]]) -> None:
    """Flood without a break, over a new connection whenever one is cut."""
    while True:
        await wave()


async def _flood(name: str, server: Flooded, directory: Path) -> None:
    context = raw.client_context(identity(LIAR), directory)
    with suppress(*raw.GONE):
        await asyncio.to_thread(attack, server.port, FLOODS[name], context)


async def _checkpoints(server: Flooded, directory: Path) -> None:
    del directory
    await shown(server, HostileLog(), range(1, CHECKPOINTS))


WAVES: dict[str, Wave] = {
    **{name: partial(_flood, name) for name in FLOODS},
    "checkpoints without end": _checkpoints,
}


def _percentile(values: list[float], percent: int) -> float:
    return quantiles([1000 * value for value in values], n=100)[percent - 1]
