"""What an honest peer notices while another member floods the node: milliseconds, p50 and p99.

From a wish to publish at the node to the leaf at the honest peer, over mutual TLS, one after the
other: the same number before the flood and while it goes on. The attacker is a process of its own,
whose work is done by this machine's processors too, which in earnest it would not be. Beside it the
node's peak memory.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import quantiles

from bench.measuring import Options, Result, Run
from tests.support.flooded import ROOT, flooded, honest_stream
from tests.support.flooding_child import NAMES

SIZE = 200
RUNS = 3
WARM = 20


def run(options: Options) -> Iterator[Result]:
    """Measure each flood; the size is how often the honest peer is served in each phase."""
    size = options.size or SIZE
    for name in NAMES:
        measured = [asyncio.run(_measure(name, size)) for _ in range(options.runs or RUNS)]
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


async def _measure(flood: str, size: int) -> tuple[list[Run], float]:
    """Lags by percentile under one flood against those before it, and the peak in MiB."""
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        async with flooded(directory) as server, honest_stream(server) as honest:
            for _ in range(WARM + size):
                await server.serves(honest)
            quiet, server.delays = server.delays[WARM:], []
            async with _attacker(server.port, directory, flood):
                for _ in range(size):
                    await server.serves(honest)
        lags = [
            Run(value=_percentile(server.delays, percent), baseline=_percentile(quiet, percent))
            for percent in (50, 99)
        ]
        return lags, server.peak / 2**20


@asynccontextmanager
async def _attacker(port: int, directory: Path, flood: str) -> AsyncIterator[None]:
    """Flood from another process, from when it is connected."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.support.flooding_child", str(port), str(directory), flood),
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    try:
        assert child.stdout is not None
        assert await child.stdout.readline()
        yield
    finally:
        child.kill()
        await child.wait()


def _percentile(values: list[float], percent: int) -> float:
    return quantiles([1000 * value for value in values], n=100)[percent - 1]
